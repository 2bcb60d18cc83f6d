//! Documents say what the program does: the limits in `docs/METHODOLOGY.md` are those of the configuration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::fs;
use std::path::Path;

use cmo_metrics::config::DEFAULT_TOML;

const START: &str = "<!-- limits -->\n";
const END: &str = "<!-- /limits -->";

/// `a.b.c = value` for each setting, in the order of the file.
fn flatten(prefix: &str, value: &toml::Value, lines: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&name, value, lines);
            }
        }
        value => lines.push(format!("| `{prefix}` | `{value}` |")),
    }
}

fn limits() -> String {
    let mut lines = Vec::new();
    flatten("", &DEFAULT_TOML.parse::<toml::Table>().map(toml::Value::Table).unwrap(), &mut lines);
    format!("| setting | default |\n|---|---|\n{}\n", lines.join("\n"))
}

#[test]
fn the_methodology_lists_the_limits_that_are_used() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/METHODOLOGY.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{START}{}{END}{after}", limits())).unwrap();
        return;
    }
    assert_eq!(listed, limits(), "run `UPDATE_DOCS=1 cargo test --test docs` and look at what changed");
}

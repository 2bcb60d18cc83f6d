//! Documents say what the program does: the limits in `docs/METHODOLOGY.md` are those of the configuration, and its
//! worked examples are computed by the program; the columns in `docs/RUN_FILE.md` are those of the contract's table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::fs;
use std::path::{Path, PathBuf};

mod examples;
mod load;
mod metrics;
mod run;

use cmo_metrics::config::DEFAULT_TOML;
use cmo_metrics::run::{COLUMNS, describe_columns};

const METHODOLOGY: &str = "METHODOLOGY.md";
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

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// What stands between `start` and `end`; with `UPDATE_DOCS`, `wanted` is put there first.
fn compare_block(name: &str, start: &str, end: &str, wanted: &str) {
    let path = document(name);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start} is missing"));
    let (found, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{start}{wanted}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, wanted,
        "{name} wants\n{wanted}\nrun `UPDATE_DOCS=1 cargo test --test docs` and look at what changed"
    );
}

/// One test for all: with `UPDATE_DOCS` they write the same file.
#[test]
fn the_methodology_lists_the_limits_that_are_used_and_its_examples_are_computed() {
    compare_block(METHODOLOGY, START, END, &limits());
    let listed = fs::read_to_string(document(METHODOLOGY)).unwrap();
    assert_eq!(
        listed.matches("<!-- example ").count(),
        examples::EXAMPLES.len(),
        "each example has its block"
    );
    for (name, compute) in examples::EXAMPLES {
        compare_block(
            METHODOLOGY,
            &format!("<!-- example {name} -->\n"),
            "<!-- /example -->",
            &format!("{}\n", compute()),
        );
    }
}

#[test]
fn the_catalogue_of_metrics_is_that_of_the_program() {
    compare_block("METRICS.md", "<!-- metrics -->\n", "<!-- /metrics -->", &metrics::table());
    compare_block("TABLES.md", "<!-- runs -->\n", "<!-- /runs -->", &metrics::columns_of_runs());
}

#[test]
fn the_run_file_lists_the_columns_of_the_contract() {
    compare_block("RUN_FILE.md", "<!-- columns -->\n", "<!-- /columns -->", &describe_columns(COLUMNS));
}

//! The house rules of `docs/ARCHITECTURE.md`, kept true: who may import whom, and which library appears where.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::fs;
use std::path::{Path, PathBuf};

use imports::{cycles, describe, imports, used_rooms};

#[path = "architecture/imports.rs"]
mod imports;

/// Each room of the house with the rooms that it may use: only those to its left in the diagram.
const MAY_USE: &[(&str, &[&str])] = &[
    ("staging", &[]),
    ("exit_code", &[]),
    ("memory", &[]),
    ("nearest", &[]),
    ("units", &[]),
    ("stats", &[]),
    ("contract", &[]),
    ("summary", &["contract", "units"]),
    ("metrics", &["summary", "contract", "units", "nearest"]),
    ("config", &["metrics", "summary", "contract", "units", "nearest"]),
    ("run", &["contract", "config", "staging", "nearest", "memory"]),
    ("record", &["run", "config", "nearest"]),
    ("simulate", &["run", "stats"]),
    ("measure", &["run", "contract", "stats", "summary", "metrics", "config", "units"]),
    ("baseline", &["metrics", "summary", "config", "run", "contract", "staging", "units", "nearest"]),
    ("judge", &["baseline", "metrics", "summary", "contract", "stats", "config", "units", "exit_code"]),
    ("advise", &["judge", "metrics", "summary", "contract", "config", "units"]),
    ("analysis", &["advise", "judge", "baseline", "summary", "config", "exit_code"]),
    ("history", &["baseline", "summary", "config", "run", "staging", "stats", "units"]),
    (
        "comparison",
        &["analysis", "judge", "baseline", "metrics", "summary", "config", "units", "stats", "exit_code"],
    ),
    (
        "report",
        &[
            "analysis",
            "comparison",
            "history",
            "staging",
            "advise",
            "judge",
            "baseline",
            "metrics",
            "summary",
            "config",
            "units",
            "stats",
            "run",
            "exit_code",
        ],
    ),
    (
        "library",
        &[
            "report",
            "comparison",
            "analysis",
            "judge",
            "measure",
            "summary",
            "run",
            "config",
            "exit_code",
            "memory",
        ],
    ),
    ("cli", &["comparison", "report", "judge", "simulate", "run"]),
    ("commands", ANYTHING),
    ("main", ANYTHING),
    ("lib", &[]),
];

/// Commands are where stages meet.
const ANYTHING: &[&str] = &["*"];

/// Libraries and macros with the places where they may appear; a place is a path below `src` or a part of it.
const APPEARS_ONLY_IN: &[(&str, &[&str])] = &[
    ("polars_core", &["run/", "measure/", "library/"]),
    ("arrow_", &["run/", "history/table.rs", "report/tables", "library/"]),
    ("parquet::", &["run/", "history/table.rs", "report/tables"]),
    // Judging stays pure: what walks over series does so side by side, and what comes of it keeps its order.
    (
        "rayon::",
        &[
            "run/",
            "measure/",
            "judge/trend/mod.rs",
            "analysis.rs",
            "simulate/",
            "library/lanes.rs",
            "commands/",
            "main.rs",
        ],
    ),
    ("clap::", &["cli/", "main.rs"]),
    // The painters of pages.
    ("plotters::", &["report/svg/canvas.rs"]),
    ("askama::", &["report/html"]),
    ("quick_xml::", &["report/junit.rs"]),
    ("println!", &["commands/", "report/terminal", "main.rs"]),
    ("print!", &["commands/", "report/terminal", "main.rs"]),
    ("std::io::stdout", &["commands/", "report/terminal", "main.rs"]),
    // No clock inside: time is passed in by the commands; only a recorder has to ask, and who tells a file that is being
    // written from one that is broken.
    ("SystemTime::now", &["library/suspects.rs", "record/"]),
    ("Timestamp::now", &["commands/", "record/"]),
];

/// A file longer than this (tests beside the code counted) wants another room.
const MOST_LINES: usize = 400;

struct Source {
    /// Below `src`, with `/`.
    path: String,
    /// Without comments and without `#[cfg(test)]` modules.
    code: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 20, "the sources were found");
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            Source { path, code: code_of(&text), text }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The text up to the first inline test module, without line comments.
fn code_of(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests") || path.ends_with("_tests.rs") || path.contains("fixture")
}

/// The top-level module that a file belongs to: `run/read.rs` → `run`, `summary.rs` → `summary`.
fn room(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

#[test]
fn modules_use_only_what_lies_to_their_left() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(&source.path)) {
        let room = room(&source.path);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("{}: the room `{room}` is not in the plan", source.path));
            continue;
        };
        for used in used_rooms(&source.text) {
            let is_known = MAY_USE.iter().any(|(name, _)| *name == used);
            if is_known && used != room && !allowed.contains(&used.as_str()) && *allowed != ANYTHING {
                faults.push(format!("{} uses `{used}`, `{room}` may use {allowed:?}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let sources = sources();
    let files: Vec<(&str, &str)> = sources
        .iter()
        .filter(|source| !is_test_file(&source.path))
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let imports = imports(&files);
    let cycles: Vec<String> = cycles(&imports).iter().map(|cycle| describe(cycle, &imports)).collect();
    assert!(cycles.is_empty(), "{} cycles of imports:\n{}", cycles.len(), cycles.join("\n\n"));
}

#[test]
fn libraries_appear_only_where_they_belong() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(&source.path)) {
        for (name, indices) in APPEARS_ONLY_IN {
            let is_there = source.code.match_indices(name).any(|(at, _)| {
                let before = source.code[..at].chars().next_back();
                !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
            });
            if is_there && !indices.iter().any(|index| source.path.starts_with(index)) {
                faults.push(format!("{} has `{name}`, which belongs in {indices:?}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_says_in_its_first_line_what_it_is_and_stays_small() {
    let mut faults = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            faults.push(format!("{} does not start with a `//!` sentence", source.path));
        }
        let lines = source.text.lines().count();
        if lines > MOST_LINES && !is_test_file(&source.path) && source.path != "summary.rs" {
            faults.push(format!("{} has {lines} lines, more than {MOST_LINES}", source.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_belongs_to_the_room_that_its_path_begins_with() {
    assert_eq!(room("run/decode/ids.rs"), "run");
    assert_eq!(code_of("a // b\n#[cfg(test)]\nmod tests {\nc"), "a ");
}

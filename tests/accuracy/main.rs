//! The statistics against certified and published answers, which lie in a folder beside the project.
//!
//! `cargo test --test accuracy -- --nocapture` prints the digits reached. `CMO_STAT_DIR` names another folder; where
//! there is none, each test says that it is skipped, and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, and prints what it reached"
)]

mod change_points;
mod nist;
mod reference;
mod requests;
mod scalability;
mod trend;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder with the answers, or `None` with a message that `test` is skipped.
fn answers(test: &str) -> Option<PathBuf> {
    let named = env::var_os("CMO_STAT_DIR").map(PathBuf::from);
    let is_named = named.is_some();
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/stat"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(!is_named, "CMO_STAT_DIR names {}, which is not a folder", folder.display());
    println!("skipped: {test}: no answers at {}", folder.display());
    None
}

fn json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The rows of a table below its header, without quotes or escapes, as text.
fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(|field| field.trim().to_owned()).collect()).collect()
}

/// A number, also one that JSON can't hold and that is written as text.
fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Values that were compared with answers, and where they differ.
#[derive(Default)]
struct Comparison {
    compared: usize,
    faults: Vec<String>,
}

impl Comparison {
    /// `actual` has to lie within `tolerance`·|expected|.
    fn expect(&mut self, name: &str, actual: Option<f64>, expected: f64, tolerance: f64) {
        self.compared += 1;
        let is_near = actual.is_some_and(|actual| (actual - expected).abs() <= tolerance * expected.abs());
        if !is_near {
            self.faults.push(format!("{name}: {actual:?} is not {expected:e} within {tolerance:e}"));
        }
    }

    fn expect_all(&mut self, name: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
        assert_eq!(actual.len(), expected.len(), "{name}");
        for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
            self.expect(&format!("{name}[{index}]"), Some(*actual), *expected, tolerance);
        }
    }

    /// Stops at faults, or unless as many values as known were compared.
    fn finish(self, compared: usize) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        assert_eq!(self.compared, compared, "compared values");
    }
}

#[test]
fn a_comparison_finds_what_differs() {
    let mut comparison = Comparison::default();
    comparison.expect("near", Some(1.0 + 1e-12), 1.0, 1e-10);
    assert!(comparison.faults.is_empty());
    comparison.expect("far", Some(1.0 + 1e-9), 1.0, 1e-10);
    comparison.expect("undefined", None, 1.0, 1e-10);
    comparison.expect("not a number", Some(f64::NAN), 1.0, 1e-10);
    assert_eq!((comparison.compared, comparison.faults.len()), (4, 3));
}

//! What is shipped is what the program makes: the baseline in `baselines/` and the sample in `reports/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Bench, assert_holds};

const SAMPLE: &str = "reports/sample/healthy";
/// What git keeps of the sample …
const KEPT: [&str; 10] = [
    ".cmo-metrics-report",
    "components.parquet",
    "error_causes.parquet",
    "errors.parquet",
    "percentiles.parquet",
    "report.json",
    "report.md",
    "runs.parquet",
    "verdicts.parquet",
    "windows.parquet",
];
/// … and what is too large for it.
const LEFT_OUT: [&str; 5] =
    ["report.html", "samples.parquet", "timeseries.csv", "timeseries.parquet", "timeseries_100ms.parquet"];

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A folder in which the shipped runs are where the project has them.
fn bench() -> Bench {
    let bench = Bench::new();
    std::os::unix::fs::symlink(shipped("data"), bench.path("data")).unwrap();
    bench
}

/// Runs the command of a recipe in the justfile, which `document` must name, too.
fn run_recipe(bench: &Bench, name: &str, document: &str) {
    let justfile = fs::read_to_string(shipped("justfile")).unwrap();
    let (_, recipe) = justfile.split_once(&format!("\n{name}:\n")).unwrap();
    let command = recipe.lines().next().unwrap().trim();
    assert_holds(&fs::read_to_string(shipped(document)).unwrap(), &[&format!("\n{command}\n")]);
    let said = bench.shell(&command.replace("cargo run --release --", "cmo-metrics"));
    assert_eq!(said.code, 0, "{said:?}");
}

/// The runs in a baseline's file.
fn runs_of(baseline: &Value) -> BTreeSet<String> {
    let runs = baseline["runs"].as_array().unwrap().iter();
    runs.map(|run| run["run_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_baseline_is_what_its_command_makes_but_for_the_time() {
    let bench = bench();
    run_recipe(&bench, "baseline", "baselines/README.md");
    let mut made = bench.json("baselines/testbed.json");
    let mut kept: Value =
        serde_json::from_slice(&fs::read(shipped("baselines/testbed.json")).unwrap()).unwrap();
    for file in [&mut made, &mut kept] {
        // The checksum is over these, too; that it holds, reading the file tells.
        ["saved_at", "tool", "checksum"].iter().for_each(|key| file[key] = Value::Null);
    }
    assert!(
        made == kept,
        "baselines/testbed.json is not what `just baseline` makes: run it and look at the diff"
    );
}

#[test]
fn the_baseline_holds_the_shipped_runs_that_may_be_a_measure_and_no_others() {
    let bench = bench();
    let said = bench.call(&["baseline", "save", "data", "--name", "all"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(
        &said.err,
        &["load_150 is left out: its grade is F", "load_200 is left out: its grade is F"],
    );
    let kept = fs::read(shipped("baselines/testbed.json")).unwrap();
    assert_eq!(runs_of(&bench.json("baselines/all.json")), runs_of(&serde_json::from_slice(&kept).unwrap()));
}

#[test]
fn the_baseline_is_read_and_its_gate_passes_or_says_that_no_run_of_such_load_is_in_it() {
    let bench = bench();
    std::os::unix::fs::symlink(shipped("baselines"), bench.path("baselines")).unwrap();
    let said = bench.call(&["baseline", "list"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let said = bench.call(&["analyze", "load_10", "--baseline", "testbed"]);
    assert_eq!(said.code, 0, "{said:?}");
    let words: Vec<&str> = said.out.split_whitespace().collect();
    assert_holds(
        &words.join(" "),
        &[
            " old: gate passed, No regression shown; not excluded in",
            "; the run is in the baseline itself",
            "exit 0: the gate passed",
        ],
    );
    let said = bench.call(&["analyze", "load_150", "--baseline", "testbed"]);
    assert_eq!(said.code, 3, "{said:?}");
    let words = [" old: not compared\n", "COULD NOT JUDGE: not comparable with the baseline: users"];
    assert_holds(&said.out, &words);
}

#[test]
fn the_sample_report_is_what_its_command_makes_byte_for_byte() {
    let bench = bench();
    run_recipe(&bench, "sample", "reports/README.md");
    let made = fs::read_dir(bench.path(SAMPLE)).unwrap();
    let made: BTreeSet<String> = made.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(made, KEPT.iter().chain(&LEFT_OUT).map(|&name| name.to_owned()).collect());
    for name in KEPT {
        let (made, kept) = (bench.path(SAMPLE).join(name), shipped(SAMPLE).join(name));
        if std::env::var_os("UPDATE_SAMPLE").is_some() {
            fs::create_dir_all(shipped(SAMPLE)).unwrap();
            fs::copy(made, kept).unwrap();
            continue;
        }
        assert!(
            fs::read(made).unwrap() == fs::read(&kept).unwrap_or_default(),
            "{SAMPLE}/{name} differs: run `UPDATE_SAMPLE=1 cargo test --test shipped` and look at the diff"
        );
    }
}

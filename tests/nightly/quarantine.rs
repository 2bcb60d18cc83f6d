//! Broken runs among whole ones: each is listed with path, kind and remedy, the whole ones are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::breakages::{BREAKAGES, Maker};
use crate::support::files::{requests, to_batch};
use crate::support::{Bench, Said, assert_holds};

const WHOLE: usize = 20;

/// A folder `data` with whole and broken runs; the files at fault with their kind.
fn bench() -> (Bench, BTreeMap<String, &'static str>) {
    let bench = Bench::new();
    for run in 0..WHOLE {
        bench.write_columns(&format!("data/whole_{run:02}.parquet"), requests(300));
    }
    bench.simulate("healthy", "ours", 10);
    let ours = bench.read("data/ours.parquet");
    let foreign = bench.read("data/whole_00.parquet");
    std::fs::remove_file(bench.path("data/ours.parquet")).unwrap();
    let mut faults = BTreeMap::new();
    for breakage in BREAKAGES {
        let maker = Maker { bench: &bench, stem: breakage.stem, ours: &ours, foreign: &foreign };
        let paths: Vec<PathBuf> = (breakage.make)(&maker);
        faults.extend(paths.iter().map(|path| (path.display().to_string(), breakage.kind)));
    }
    (bench, faults)
}

#[track_caller]
fn assert_calm(said: &Said) {
    assert!(!said.err.contains("panicked") && !said.out.contains("panicked"), "{said:?}");
    assert!(!said.err.contains('\u{1b}') && !said.out.contains('\u{1b}'), "a name steers the terminal");
}

#[test]
fn each_broken_run_is_listed_with_path_kind_and_remedy_and_all_whole_ones_are_judged() {
    let (bench, faults) = bench();
    assert!(BREAKAGES.len() >= 40 && faults.len() > BREAKAGES.len(), "{}", BREAKAGES.len());
    let begin = Instant::now();
    let said = bench.call(&["analyze", "--format", "json", "--jobs", "2"]);
    assert!(begin.elapsed() < Duration::from_secs(60), "it hung on something");
    assert_eq!(said.code, 3);
    assert_calm(&said);
    let json = said.json();
    let judged: BTreeSet<&str> =
        json["runs"].as_array().unwrap().iter().map(|run| run["run"]["id"].as_str().unwrap()).collect();
    let whole: Vec<String> = (0..WHOLE).map(|run| format!("whole_{run:02}")).collect();
    assert_eq!(judged, whole.iter().map(String::as_str).collect());
    let listed = json["failures"].as_array().unwrap();
    let found: BTreeMap<String, &str> = listed
        .iter()
        .map(|failure| (failure["path"].as_str().unwrap().to_owned(), failure["kind"].as_str().unwrap()))
        .collect();
    let expected: BTreeMap<String, &str> = faults.clone().into_iter().collect();
    let one_sided = |a: &BTreeMap<String, &str>, b: &BTreeMap<String, &str>| {
        let only: Vec<String> = a
            .iter()
            .filter(|(path, kind)| b.get(*path) != Some(kind))
            .map(|found| format!("{found:?}"))
            .collect();
        only.join("\n")
    };
    let differences = (one_sided(&found, &expected), one_sided(&expected, &found));
    assert!(found == expected, "found:\n{}\nexpected:\n{}", differences.0, differences.1);
    assert_eq!(listed.len(), faults.len(), "none is listed twice");
    for failure in listed {
        let [message, remedy] = ["message", "remedy"].map(|key| failure[key].as_str().unwrap());
        assert!(!message.is_empty() && !remedy.is_empty() && failure["exit_code"] == 3, "{failure}");
    }
    assert_eq!(said.err.lines().filter(|line| line.starts_with("error: ")).count(), faults.len());
    let reports = std::fs::read_dir(bench.path("reports")).unwrap().count();
    assert_eq!(reports, WHOLE, "a report for each whole run and nothing else");
}

#[test]
fn the_gate_names_every_broken_run_and_is_never_passed() {
    let (bench, faults) = bench();
    let whole = "data/whole_00.parquet";
    assert_eq!(
        bench.call(&["baseline", "save", whole, "--allow-untrusted", "--name", "main", "--quiet"]).code,
        0
    );
    for format in ["text", "json", "markdown"] {
        let said = bench.call(&["compare", "data", "--baseline", "main", "--format", format]);
        assert_eq!(said.code, 3, "{format}: {}", said.err);
        assert_calm(&said);
        for (path, kind) in faults.iter().filter(|(path, _)| !path.contains(char::is_control)) {
            // What is wrong only with the judging of a run is told under its id.
            let name = if *kind == "targets" { "targets: " } else { path };
            assert_holds(&said.err, &[name]);
        }
    }
}

#[test]
fn check_says_the_same_of_them_and_of_the_whole_ones_that_they_are_well() {
    let (bench, faults) = bench();
    let said = bench.call(&["check", "data"]);
    assert_eq!(said.code, 3);
    assert_calm(&said);
    let count = |word: &str| said.out.lines().filter(|line| line.starts_with(word)).count();
    // That the targets of a run are none of ours is found when it is judged.
    assert_eq!((count("ok "), count("FAULT ")), (WHOLE + 1, faults.len() - 1));
}

#[test]
fn a_broken_copy_does_not_stand_in_the_way_of_the_whole_run_of_its_name() {
    let bench = Bench::new();
    bench.write_columns("data/load.parquet", requests(300));
    bench.write_run("data/load_copy.parquet", &to_batch(requests(300)), Some(r#"{"run_id": "load"}"#));
    bench.write("data/load.parquet", "half of a copy");
    let said = bench.call(&["analyze", "--format", "json"]);
    assert_eq!(said.code, 3);
    let json = said.json();
    assert_eq!(json["runs"][0]["run"]["id"], "load");
    assert_eq!(json["failures"].as_array().unwrap().len(), 1);
    assert_eq!(json["failures"][0]["kind"], "not_parquet");
}

#[test]
fn a_folder_that_cannot_be_listed_takes_no_other_run_with_it() {
    let bench = Bench::new();
    bench.write_columns("data/whole.parquet", requests(300));
    std::os::unix::fs::symlink("/proc/self/task/nothing", bench.path("data/gone.parquet")).unwrap();
    let said = bench.call(&["analyze", "data", "data/*", "nowhere", "no_*", "[", "--format", "json"]);
    assert_eq!(said.code, 3);
    let json = said.json();
    assert_eq!(json["runs"].as_array().unwrap().len(), 1);
    let kinds: Vec<&str> = json["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["bad_pattern", "vanished", "no_match", "no_such_run"]);
}

#[test]
fn every_kind_is_explained_in_the_contract() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let contract = std::fs::read_to_string(root.join("docs/RUN_FILE.md")).unwrap();
    let code = std::fs::read_to_string(root.join("src/run/error.rs")).unwrap();
    let body = code.split("fn kind(&self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let words: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 15, "{words:?}");
    for word in words.into_iter().chain(BREAKAGES.iter().map(|breakage| breakage.kind)) {
        assert_holds(&contract, &[&format!("`{word}`")]);
    }
}

//! The folder that `compare` writes, and the flags that choose what is compared, as a user types them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::{Bench, Said, assert_holds};

const FILES: [&str; 17] = [
    ".cmo-metrics-report",
    "comparison.html",
    "comparison.json",
    "comparison.md",
    "comparison.parquet",
    "components.parquet",
    "error_causes.parquet",
    "errors.parquet",
    "percentiles.parquet",
    "runs.parquet",
    "samples.parquet",
    "scalability.parquet",
    "scalability_fits.parquet",
    "timeseries.parquet",
    "timeseries_100ms.parquet",
    "verdicts.parquet",
    "windows.parquet",
];

fn simulate(bench: &Bench, name: &str, users: u32, seed: u32, more: &[&str]) {
    simulate_for(bench, name, users, seed, 40, more);
}

fn simulate_for(bench: &Bench, name: &str, users: u32, seed: u32, duration_s: u32, more: &[&str]) {
    let (out, users, seed) = (format!("data/{name}.parquet"), users.to_string(), seed.to_string());
    let (rate, duration_s) = (users.clone(), duration_s.to_string());
    let call = [
        "simulate",
        "healthy",
        "--users",
        &users,
        "--rate",
        &rate,
        "--duration",
        &duration_s,
        "--seed",
        &seed,
        "--out",
        &out,
        "-q",
    ];
    let said = bench.call(&[&call[..], more].concat());
    assert_eq!(said.code, 0, "{said:?}");
}

/// Four runs: two at 20 users, one at 40, one at 60.
fn bench() -> Bench {
    let bench = Bench::new();
    for (name, users, seed) in [("a_20", 20, 1), ("b_20", 20, 2), ("c_40", 40, 3), ("d_60", 60, 4)] {
        simulate(&bench, name, users, seed, &[]);
    }
    bench
}

fn folder(bench: &Bench, name: &str) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(bench.path(name)).unwrap();
    let read = |file: std::fs::DirEntry| {
        (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
    };
    files.map(|file| read(file.unwrap())).collect()
}

fn compare(bench: &Bench, more: &[&str], threads: &str) -> Said {
    let environment = [("SOURCE_DATE_EPOCH", "1767225600"), ("RAYON_NUM_THREADS", threads)];
    bench.call_with(&[&["compare"], more].concat(), &environment)
}

#[test]
fn the_folder_holds_all_files_and_the_same_bytes_whatever_the_threads_and_the_order() {
    let bench = bench();
    bench.write("data/broken.parquet", "PAR1 no run at all PAR1");
    // Of a file that was just written its age is told, which is another each time.
    let broken = std::fs::File::options().write(true).open(bench.path("data/broken.parquet")).unwrap();
    broken.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let said = compare(&bench, &["--out", "one"], "1");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.out.contains("files: one\n"), "{said:?}");
    let one = folder(&bench, "one");
    assert_eq!(one.keys().map(String::as_str).collect::<Vec<_>>(), FILES);
    let names = ["data/d_60.parquet", "data/broken.parquet", "b_20", "data/a_20.parquet", "c_40"];
    let two = compare(&bench, &[&names[..], &["--out", "two"]].concat(), "2");
    assert_eq!(two.code, 3, "{two:?}");
    let two = folder(&bench, "two");
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{name} differs");
    }
    let json = bench.json("one/comparison.json");
    assert_eq!(json["performance_ranking"].as_array().unwrap().len(), 4);
    assert_eq!(json["quarantined"][0]["path"], "data/broken.parquet");
    assert_eq!(json["regression_analysis"], serde_json::Value::Null);
    assert_eq!(json["scalability"][0]["levels"].as_array().unwrap().len(), 3);
    let degradation = &json["degradation"][0]["against_least_load"];
    assert_eq!(degradation["reference_runs"], serde_json::json!(["a_20", "b_20"]));
    assert_eq!(json["totals"]["judged"], 4);
    // What is printed is what is written.
    let printed = compare(&bench, &["--out", "two", "--format", "json"], "2");
    assert_eq!(printed.out.as_bytes(), one["comparison.json"]);
    let printed = compare(&bench, &["--out", "two", "--format", "markdown"], "2");
    assert_eq!(printed.out.as_bytes(), one["comparison.md"]);
}

#[test]
fn runs_are_compared_with_one_of_them_but_not_that_one_with_itself() {
    let bench = Bench::new();
    for (name, users, seed) in [("a_80", 80, 1), ("b_80", 80, 2), ("c_40", 40, 3)] {
        simulate_for(&bench, name, users, seed, 80, &[]);
    }
    simulate_for(&bench, "slow_80", 80, 5, 80, &["--service-factor", "2"]);
    let said = compare(&bench, &["data", "--against", "data/a_80.parquet"], "2");
    assert_eq!(said.code, 99, "{said:?}");
    assert_holds(&said.out, &["GATE FAILED: slow_80", "against run a_80", "reference", "not compared"]);
    let json = bench.json("reports/comparison/comparison.json");
    let regressions = &json["regression_analysis"];
    assert_eq!(regressions["reference"]["run_id"], "a_80");
    assert_eq!(regressions["runs"]["a_80"], serde_json::Value::Null);
    assert_eq!(
        json["undefined"]["/regression_analysis/runs/a_80"],
        "it is the run that the others are compared with"
    );
    assert_eq!(regressions["not_comparable"], serde_json::json!(["c_40"]));
    assert!(regressions["expected_false_alarms"].as_f64().unwrap() > 0.0);

    // One of another folder, of the same id: it is another run.
    std::fs::create_dir(bench.path("before")).unwrap();
    std::fs::rename(bench.path("data/slow_80.parquet"), bench.path("before/a_80.parquet")).unwrap();
    let said = compare(&bench, &["a_80", "--against", "before/a_80.parquet", "--exit-zero"], "2");
    assert_eq!(said.code, 0, "{said:?}");
    let json = bench.json("reports/comparison/comparison.json");
    assert!(json["regression_analysis"]["runs"]["a_80"].is_object(), "{json:#}");

    let missing = compare(&bench, &["a_80", "--against", "none"], "2");
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.out.starts_with("COULD NOT JUDGE: "), "{missing:?}");
    assert_holds(&missing.err, &["--against none"]);
    let several = compare(&bench, &["a_80", "--against", "data"], "2");
    assert_eq!(several.code, 2, "{several:?}");
}

#[test]
fn the_best_run_becomes_a_baseline_when_it_is_judged_clean() {
    let bench = bench();
    let said = compare(&bench, &["data/a_20.parquet", "b_20", "--save-best-as", "best"], "2");
    assert_eq!(said.code, 0, "{said:?}");
    let best = bench.json("reports/comparison/comparison.json")["best_runs"][0]["run_id"].clone();
    assert_eq!(bench.json("baselines/best.json")["runs"][0]["run_id"], best);
    let taken = compare(&bench, &["a_20", "--save-best-as", "best"], "2");
    assert_eq!(taken.code, 2, "{taken:?}");
    let replaced = compare(&bench, &["c_40", "--save-best-as", "best", "--replace"], "2");
    assert_eq!(replaced.code, 0, "{replaced:?}");
    assert_eq!(bench.json("baselines/best.json")["runs"][0]["run_id"], "c_40");

    bench.write("cmo-metrics.toml", "[targets]\np95_response_time_ms = { below = 0.001, gate = true }\n");
    let failed = compare(&bench, &["a_20", "--save-best-as", "other"], "2");
    assert_eq!(failed.code, 99, "{failed:?}");
    assert_holds(&failed.err, &["was not saved", "target p95_response_time_ms is missed"]);
    assert!(!bench.path("baselines/other.json").exists());
}

#[test]
fn a_best_run_that_deserves_no_trust_is_named_and_left_out_unless_it_is_allowed() {
    let bench = bench();
    // Of 40 s: a_20 and b_20 have some 800 requests, c_40 1,600, d_60 2,400.
    bench.write("cmo-metrics.toml", "[grade]\nmin_requests = 1200\n");
    let save = |more: &[&str]| {
        let words = ["data", "--group-by", "users", "--save-best-as", "ladder"];
        compare(&bench, &[&words[..], more].concat(), "2")
    };
    let saved = || bench.json("baselines/ladder.json")["runs"].as_array().unwrap().len();
    let said = save(&[]);
    assert_eq!(said.code, 3, "{said:?}");
    let words =
        ["is left out: its grade rests on fewer than 1200 requests", "--allow-untrusted", "Saved baseline"];
    assert_holds(&said.err, &words);
    assert_eq!(saved(), 2);
    let said = save(&["--replace", "--allow-untrusted"]);
    assert_eq!((said.code, saved()), (0, 3), "{said:?}");
    assert_holds(
        &said.err,
        &["It replaces that of c_40, d_60, saved at", "is saved although its grade rests on fewer than"],
    );
}

#[test]
fn groups_are_ranked_and_judged_apart() {
    let bench = bench();
    let said = compare(&bench, &["data", "--group-by", "users", "--save-best-as", "ladder"], "2");
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.out, &["3 groups by users", "20 users, closed", "60 users, closed"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    let json = bench.json("reports/comparison/comparison.json");
    let ranks: Vec<(&str, u64)> = json["performance_ranking"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["group"].as_str().unwrap(), entry["rank"].as_u64().unwrap()))
        .collect();
    assert_eq!(ranks.iter().filter(|(_, rank)| *rank == 1).count(), 3, "{ranks:?}");
    assert_eq!(json["scalability"].as_array().unwrap().len(), 3);
    // The best of each group: a ladder of load levels.
    assert_eq!(bench.json("baselines/ladder.json")["runs"].as_array().unwrap().len(), 3);
    let tags = compare(&bench, &["data", "--group-by", "tag:build"], "2");
    assert_holds(&tags.out, &["no tag build, closed"]);
}

#[test]
fn one_run_none_and_only_broken_ones_leave_a_folder_that_says_so() {
    let bench = Bench::new();
    simulate(&bench, "only", 20, 1, &[]);
    let one = compare(&bench, &["only"], "2");
    assert_eq!(one.code, 0, "{one:?}");
    assert_holds(&one.out, &["Comparison of 1 run", "1 run: 1 judged"]);
    std::fs::remove_file(bench.path("data/only.parquet")).unwrap();
    bench.write("data/broken.parquet", "PAR1 no run at all PAR1");
    let broken = compare(&bench, &["data"], "2");
    assert_eq!(broken.code, 3, "{broken:?}");
    let json = bench.json("reports/comparison/comparison.json");
    assert_eq!(json["performance_ranking"], serde_json::json!([]));
    assert_eq!(json["quarantined"].as_array().unwrap().len(), 1);
    let none = compare(&bench, &["nothing"], "2");
    assert_eq!(none.code, 3, "{none:?}");
}

#[test]
fn a_folder_of_others_is_left_alone_and_nothing_is_judged_for_it() {
    let bench = bench();
    bench.write("mine/notes.txt", "mine");
    let said = compare(&bench, &["a_20", "--out", "mine"], "2");
    assert_eq!(said.code, 1, "{said:?}");
    assert_holds(&said.err, &["not a report of ours"]);
    let data = compare(&bench, &["data", "--out", "data"], "2");
    assert_eq!(data.code, 2, "{data:?}");
    assert!(bench.path("data/a_20.parquet").is_file());
}

#[test]
fn the_schema_is_printed() {
    let said = Bench::new().call(&["schema", "comparison"]);
    assert_eq!(said.json()["title"], "comparison.json of cmo-metrics compare");
}

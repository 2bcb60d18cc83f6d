//! `cmo-metrics baseline` as a user types it: what is saved, what is kept, what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::files::{requests, to_batch, with_duration};
use support::{Bench, Said, assert_holds};

/// A run of so many users; `slow_row` makes its numbers its own.
fn write_run(bench: &Bench, name: &str, users: u32, slow_row: usize, more: Value) {
    let mut metadata = json!({
        "run_id": name, "users": users, "scenario": "steady", "load_model": "closed", "complete": true,
        "started_at": "2026-01-01T00:00:00Z", "git_commit": "09bd985a00000000",
        "environment": {"cpus": 2, "memory_mb": 16000, "os": "linux"}
    });
    for (key, value) in more.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    let columns = with_duration(300, &[slow_row], 900.0 + slow_row as f64);
    bench.write_run(&format!("data/{name}.parquet"), &to_batch(columns), Some(&metadata.to_string()));
}

/// `a` with 25 users, `b` and `c` with 50.
fn ladder() -> Bench {
    let bench = Bench::new();
    for (name, users, slow_row) in [("a", 25, 1), ("b", 50, 2), ("c", 50, 3)] {
        write_run(&bench, name, users, slow_row, json!({}));
    }
    bench
}

fn ids(bench: &Bench, path: &str) -> Vec<String> {
    let file = bench.json(path);
    file["runs"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap().to_owned()).collect()
}

fn files(bench: &Bench, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(bench.path(folder)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_refused(said: &Said, code: i32, fragments: &[&str]) {
    assert_eq!((said.code, said.out.as_str()), (code, ""), "{said:?}");
    assert_holds(&said.err, fragments);
}

#[test]
fn a_ladder_of_runs_is_saved_told_by_group_listed_and_shown() {
    let bench = ladder();
    let said = bench.call(&["baseline", "save", "data", "--name", "nightly"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    assert_holds(
        &said.err,
        &[
            "Saved baseline `nightly` as baselines/nightly.json",
            "  closed, scenario steady\n",
            "  25 users     1  a\n",
            "  50 users     2  b, c\n",
            "warning: not known to be steady, what is compared with them deserves less trust: a, b, c",
        ],
    );
    assert_eq!(ids(&bench, "baselines/nightly.json"), ["a", "b", "c"]);
    assert_eq!(files(&bench, "baselines"), ["nightly.json"]);

    let said = bench.call(&["baseline", "list"]);
    assert_eq!(said.code, 0);
    assert_holds(&said.out, &["name     saved", "  nightly  20", "     3       2  09bd985a"]);
    let said = bench.call(&["baseline", "list", "--format", "json"]);
    assert_eq!(said.json()[0]["groups"][1]["runs"][1]["run_id"], "c");

    let said = bench.call(&["baseline", "show", "nightly"]);
    assert_eq!(said.code, 0);
    let shown =
        ["nightly\n", "25 users, closed, scenario steady", "cpus 2, memory 16,000 MB", "request/ok_p95_ms"];
    assert_holds(&said.out, &shown);
    let said = bench.call(&["baseline", "show", "nightly", "--format", "json"]);
    assert_eq!(said.out.as_bytes(), bench.read("baselines/nightly.json"), "what the file holds");
}

#[test]
fn the_runs_may_be_gone() {
    let bench = ladder();
    bench.call(&["baseline", "save", "a", "--name", "n"]);
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    assert_holds(&bench.call(&["baseline", "show", "n"]).out, &["25 users"]);
}

#[test]
fn the_same_runs_at_the_same_time_give_the_same_bytes() {
    let bench = ladder();
    for (folder, order) in [("one", ["a", "b", "c"]), ("two", ["c", "a", "b"])] {
        let mut words = vec!["baseline", "save", "--name", "n", "--baselines", folder];
        words.extend(order);
        assert_eq!(bench.call_with(&words, &[("SOURCE_DATE_EPOCH", "1700000000")]).code, 0);
    }
    assert_eq!(bench.read("one/n.json"), bench.read("two/n.json"));
    assert_eq!(bench.json("one/n.json")["saved_at"], "2023-11-14T22:13:20Z");
}

#[test]
fn a_taken_name_asks_for_replace_which_keeps_the_old_one_as_history() {
    let bench = ladder();
    let save = |run: &str, more: &[&str]| {
        let words = [&["baseline", "save", run, "--name", "n"], more].concat();
        bench.call_with(&words, &[("SOURCE_DATE_EPOCH", "1700000000")])
    };
    assert_eq!(save("a", &["--replace"]).code, 0, "replacing nothing is no error");
    assert_refused(&save("b", &[]), 2, &["baselines/n.json: a baseline of this name exists", "--replace"]);
    assert_eq!(ids(&bench, "baselines/n.json"), ["a"]);
    let said = save("b", &["--replace"]);
    let replaced = "It replaces that of a, saved at 2023-11-14T22:13:20Z; the one before is kept as \
                    baselines/history/n/20231114T221320Z.json";
    assert_holds(&said.err, &[replaced]);
    assert_eq!(save("c", &["--replace"]).code, 0);
    assert_eq!(ids(&bench, "baselines/n.json"), ["c"]);
    assert_eq!(ids(&bench, "baselines/history/n/20231114T221320Z.json"), ["a"]);
    assert_eq!(ids(&bench, "baselines/history/n/20231114T221320Z-1.json"), ["b"]);

    let said = bench.call(&["baseline", "remove", "n"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_holds(
        &said.err,
        &["Removed baseline `n`; it is kept as baselines/history/n/20231114T221320Z-2.json"],
    );
    assert_eq!(ids(&bench, "baselines/history/n/20231114T221320Z-2.json"), ["c"]);
    assert_refused(&bench.call(&["baseline", "show", "n"]), 3, &["there is no baseline `n` in baselines"]);
    assert_eq!(bench.call(&["baseline", "list"]).out, "");
}

#[test]
fn what_is_not_there_is_named_with_the_nearest_that_is() {
    let bench = ladder();
    bench.call(&["baseline", "save", "a", "--name", "production"]);
    for command in ["show", "remove"] {
        let said = bench.call(&["baseline", command, "prodcution"]);
        assert_refused(&said, 3, &["there is no baseline `prodcution`", "did you mean `production`?"]);
    }
    let said = bench.call(&["baseline", "show", "n", "--baselines", "elsewhere"]);
    assert_refused(&said, 3, &["there is no baseline `n` in elsewhere", "baseline save RUN"]);
    let said = bench.call(&["baseline", "list", "--baselines", "elsewhere"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_holds(&said.err, &["No baselines in elsewhere"]);
}

#[test]
fn a_name_that_leaves_the_folder_is_refused_before_anything_is_read() {
    let bench = ladder();
    let long = "x".repeat(129);
    for name in ["../x", "a/b", "", ".", "..", "history", "a b", "x\u{1b}[2J", &long] {
        let said = bench.call(&["baseline", "save", "no-such-run", "--name", name]);
        assert_refused(&said, 2, &["is no name for a baseline", "choose another name"]);
        assert!(!said.err.contains('\u{1b}'), "{said:?}");
        for command in ["show", "remove"] {
            assert_refused(&bench.call(&["baseline", command, name]), 2, &["is no name for a baseline"]);
        }
    }
    assert_eq!(files(&bench, "."), ["data"]);
}

#[test]
fn one_run_that_cannot_be_used_and_nothing_is_saved_and_all_faults_are_named() {
    let bench = ladder();
    bench.write("data/broken.parquet", "text");
    write_run(&bench, "half", 50, 4, json!({"complete": false}));
    write_run(&bench, "other", 50, 5, json!({"run_id": "a"}));
    write_run(&bench, "copy", 50, 2, json!({}));
    let save = |runs: &[&str]| bench.call(&[&["baseline", "save", "--name", "n"], runs].concat());
    let said = save(&["b", "missing", "data/broken.parquet", "half"]);
    let faults = [
        "missing: no such file or folder",
        "data/broken.parquet: not a Parquet file",
        "half: its recording is incomplete",
        "--allow-incomplete",
        "Nothing was saved.",
    ];
    assert_refused(&said, 3, &faults);
    assert_refused(&save(&["data/a.parquet", "data/other.parquet"]), 3, &["its run id `a` is also that of"]);
    assert_refused(&save(&["b", "copy"]), 3, &["copy: it holds the same as `b`", "leave one of them out"]);
    assert_eq!(files(&bench, "baselines"), [""; 0]);
    assert_eq!(save(&["b", "half", "--allow-incomplete"]).code, 0);
}

/// A run of so many requests, all of which take so long.
fn write_requests(bench: &Bench, name: &str, rows: usize, duration_ms: f64) {
    let all: Vec<usize> = (0..rows).collect();
    let metadata = json!({ "run_id": name, "users": 50, "scenario": "steady", "load_model": "closed" });
    let batch = to_batch(with_duration(rows, &all, duration_ms));
    bench.write_run(&format!("data/{name}.parquet"), &batch, Some(&metadata.to_string()));
}

#[test]
fn what_deserves_no_trust_is_named_and_left_out_unless_it_is_allowed() {
    let bench = ladder();
    write_requests(&bench, "few", 199, 50.0);
    write_requests(&bench, "slow", 300, 5_000.0);
    let save = |runs: &[&str]| bench.call(&[&["baseline", "save", "--name", "n"], runs].concat());
    let left_out = [
        "few is left out: its grade rests on fewer than 200 requests",
        "slow is left out: its grade is F",
        "--allow-untrusted",
    ];
    let said = save(&["few", "slow"]);
    assert_refused(&said, 3, &[&left_out[..], &["Nothing was saved."]].concat());
    assert_eq!(files(&bench, "baselines"), [""; 0]);

    let said = save(&["data"]);
    assert_refused(&said, 3, &[&left_out[..], &["Saved baseline `n` as baselines/n.json"]].concat());
    assert_eq!(ids(&bench, "baselines/n.json"), ["a", "b", "c"]);

    let said = save(&["few", "slow", "--replace"]);
    assert_refused(&said, 3, &["Nothing was saved."]);
    assert_eq!(ids(&bench, "baselines/n.json"), ["a", "b", "c"], "nothing takes its place");

    let said = save(&["few", "slow", "b", "--replace", "--allow-untrusted"]);
    assert_eq!(said.code, 0, "{said:?}");
    let although =
        ["warning: few is saved although its grade rests", "slow is saved although its grade is F"];
    assert_holds(&said.err, &although);
    assert_eq!(ids(&bench, "baselines/n.json"), ["b", "few", "slow"]);
}

#[test]
fn a_run_without_requests_is_no_baseline() {
    let bench = Bench::new();
    let columns = support::files::with(requests(300), "component", support::files::texts(&["lightrag"; 300]));
    bench.write_columns("data/none.parquet", columns);
    let said = bench.call(&["baseline", "save", "none", "--name", "n"]);
    assert_refused(&said, 3, &["none is left out: it has no grade: ", "Nothing was saved."]);
}

#[test]
fn a_run_without_numbers_is_refused() {
    let bench = Bench::new();
    let columns = vec![
        ("ts", requests(3)[0].1.clone()),
        ("component", support::files::texts(&["phase", "phase", "phase"])),
    ];
    bench.write_columns("data/empty.parquet", columns);
    let said = bench.call(&["baseline", "save", "empty", "--name", "n"]);
    assert_refused(&said, 3, &["empty: it holds no number that could be compared"]);
}

#[test]
fn runs_of_a_group_that_differ_in_machine_are_warned_of() {
    let bench = ladder();
    write_run(&bench, "d", 50, 6, json!({"environment": {"cpus": 4, "memory_mb": 16100, "os": "linux"}}));
    let said = bench.call(&["baseline", "save", "data", "--name", "n"]);
    assert_eq!(said.code, 0);
    let warning =
        "warning: 50 users, closed, scenario steady: its runs differ in environment: cpus 4 vs 2 (d)";
    assert_holds(&said.err, &[warning]);
}

type Break = fn(&str) -> String;

/// What is done to the file, and what is said of it.
const BROKEN: [(&str, Break, &str); 8] = [
    ("cut off", |text| text[..text.len() / 2].to_owned(), "not JSON, or cut off"),
    ("empty", |_| String::new(), "not JSON, or cut off"),
    ("edited", |text| text.replace("\"users\": 25", "\"users\": 26"), "it was changed after it was saved"),
    (
        "newer",
        |text| text.replace("\"schema_version\": 2", "\"schema_version\": 9"),
        "written by a newer cmo-metrics",
    ),
    ("nonsense", |text| text.replace("\"window_s\": ", "\"window_s\": -"), "cannot have been measured"),
    (
        "older",
        |text| text.replace("\"schema_version\": 2", "\"schema_version\": 1"),
        "saved by an older cmo-metrics, whose numbers mean something else",
    ),
    ("another", |_| "{\"schema_version\": 2, \"grade\": \"A\"}".to_owned(), "not a baseline"),
    ("renamed", |text| text.replace("\"name\": \"n\"", "\"name\": \"m\""), "changed after it was saved"),
];

#[test]
fn a_broken_file_is_told_listed_and_can_be_replaced() {
    let bench = ladder();
    bench.call(&["baseline", "save", "b", "--name", "good"]);
    for (what, break_it, message) in BROKEN {
        assert_eq!(bench.call(&["baseline", "save", "a", "--name", "n", "--replace"]).code, 0);
        let text = String::from_utf8(bench.read("baselines/n.json")).unwrap();
        let broken = break_it(&text);
        assert_ne!(broken, text, "{what}");
        bench.write("baselines/n.json", &broken);
        assert_refused(&bench.call(&["baseline", "show", "n"]), 3, &["baselines/n.json: ", message]);
        let said = bench.call(&["baseline", "show", "n", "--format", "json"]);
        assert_refused(&said, 3, &[message]);
        let said = bench.call(&["baseline", "list"]);
        assert_eq!(said.code, 3, "{what}");
        assert_holds(&said.out, &["  good  20", "  n     cannot be used"]);
        assert_holds(&said.err, &["baselines/n.json: ", message]);
        let said = bench.call(&["baseline", "list", "--format", "json"]);
        assert_holds(said.json()[1]["fault"].as_str().unwrap(), &[message]);
        assert!(!said.json()[1]["remedy"].as_str().unwrap().is_empty());
    }
    assert_eq!(bench.call(&["baseline", "remove", "n"]).code, 0, "what cannot be used can be removed");
}

#[test]
fn a_file_under_another_name_is_no_baseline_of_that_name() {
    let bench = ladder();
    bench.call(&["baseline", "save", "a", "--name", "n"]);
    std::fs::copy(bench.path("baselines/n.json"), bench.path("baselines/m.json")).unwrap();
    std::fs::copy(bench.path("baselines/n.json"), bench.path("baselines/my n.json")).unwrap();
    let said = bench.call(&["baseline", "show", "m"]);
    assert_refused(
        &said,
        3,
        &["baselines/m.json: the baseline inside is named `n`", "name the file `n.json` again"],
    );
    let said = bench.call(&["baseline", "list"]);
    assert_eq!(said.code, 3);
    assert_holds(&said.out, &["  m     cannot be used", "  my n  cannot be used", "  n     20"]);
    assert_holds(&said.err, &["`my n` is no name for a baseline"]);
}

#[test]
fn quiet_says_only_errors() {
    let bench = ladder();
    write_run(&bench, "d", 50, 6, json!({"environment": {"cpus": 4}}));
    for words in [
        &["baseline", "save", "data", "--name", "n", "--quiet"][..],
        &["baseline", "remove", "n", "--quiet"],
        &["baseline", "list", "--quiet"],
    ] {
        let said = bench.call(words);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "{words:?}");
    }
    assert_refused(&bench.call(&["baseline", "show", "n", "--quiet"]), 3, &["there is no baseline `n`"]);
}

/// Starts one process for each run at once and returns their exit codes.
fn save_at_once(bench: &Bench, runs: &[&str], more: &[&str]) -> Vec<i32> {
    let start = |run: &&str| -> std::process::Child {
        let words = [&["baseline", "save", run, "--name", "n", "--quiet"], more].concat();
        let mut command: Command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), &words);
        command.stderr(std::process::Stdio::null()).spawn().unwrap()
    };
    let jobs: Vec<_> = runs.iter().map(start).collect();
    jobs.into_iter().map(|mut job| job.wait().unwrap().code().unwrap()).collect()
}

#[test]
fn of_jobs_that_save_at_once_one_wins_whole() {
    let bench = ladder();
    for _ in 0..10 {
        let mut codes = save_at_once(&bench, &["a", "b", "c"], &[]);
        let winner = ["a", "b", "c"][codes.iter().position(|&code| code == 0).unwrap()];
        assert_eq!(ids(&bench, "baselines/n.json"), [winner]);
        assert_eq!(bench.call(&["baseline", "show", "n"]).code, 0);
        codes.sort_unstable();
        assert_eq!(codes, [0, 2, 2]);
        assert_eq!(files(&bench, "baselines"), ["n.json"]);
        std::fs::remove_dir_all(bench.path("baselines")).unwrap();
    }
}

#[test]
fn of_jobs_that_replace_at_once_none_is_lost() {
    let bench = ladder();
    for _ in 0..10 {
        assert_eq!(save_at_once(&bench, &["a", "b", "c"], &["--replace"]), [0, 0, 0]);
        let mut found = ids(&bench, "baselines/n.json");
        for name in files(&bench, "baselines/history/n") {
            found.extend(ids(&bench, &format!("baselines/history/n/{name}")));
        }
        found.sort();
        assert_eq!(found, ["a", "b", "c"]);
        assert_eq!(files(&bench, "baselines"), ["history", "n.json"]);
        std::fs::remove_dir_all(bench.path("baselines")).unwrap();
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_of_its_own() {
    let bench = ladder();
    bench.write("baselines", "a file");
    let said = bench.call(&["baseline", "save", "a", "--name", "n"]);
    assert_refused(&said, 1, &["baselines", "cannot be written"]);
}

#[test]
fn what_is_typed_wrong_is_a_usage_error() {
    let bench = ladder();
    for words in [
        &["baseline"][..],
        &["baseline", "save", "--name", "n"],
        &["baseline", "save", "a"],
        &["baseline", "save", "a", "--name", "n", "--from", "20", "--to", "10"],
        &["baseline", "show"],
        &["baseline", "list", "--format", "yaml"],
    ] {
        let said = bench.call(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    }
    assert_eq!(files(&bench, "."), ["data"]);
}

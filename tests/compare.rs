//! The gate against a baseline, as a user types it: `analyze --baseline` and `compare`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_cast::cast;
use arrow_schema::DataType;
use support::files::{requests, take, to_batch};
use support::{Bench, Said, assert_holds};

/// A folder with runs of one build as `data/base_1 … base_3` and `data/same`, saved as baseline `main`.
fn bench() -> Bench {
    let bench = Bench::new();
    for (name, seed) in [("base_1", "1"), ("base_2", "2"), ("base_3", "3"), ("same", "4")] {
        simulate(&bench, name, &["--seed", seed]);
    }
    let runs = ["data/base_1.parquet", "data/base_2.parquet", "data/base_3.parquet"];
    let said = bench.call(&[&["baseline", "save", "--name", "main"], &runs[..]].concat());
    assert_eq!(said.code, 0, "{said:?}");
    // A baseline holds all that a comparison needs.
    runs.iter().for_each(|run| std::fs::remove_file(bench.path(run)).unwrap());
    bench
}

fn simulate(bench: &Bench, name: &str, more: &[&str]) {
    simulate_users(bench, name, "100", more);
}

fn simulate_users(bench: &Bench, name: &str, users: &str, more: &[&str]) {
    let out = format!("data/{name}.parquet");
    let call =
        ["simulate", "healthy", "--users", users, "--rate", "80", "--duration", "80", "--out", &out, "-q"];
    let said = bench.call(&[&call[..], more].concat());
    assert_eq!(said.code, 0, "{said:?}");
}

/// The gate of these short runs asks for what they can tell.
const SHORT: &str = "[regression.metrics]\n\
    \"request/ok_per_s\" = { gate = false }\n";

#[track_caller]
fn assert_first_line(said: &Said, code: i32, beginning: &str) {
    assert!(said.code == code && said.out.starts_with(beginning), "{code}, {beginning:?}:\n{said:?}");
}

#[test]
fn runs_of_one_build_pass_a_slower_one_fails_and_another_load_is_not_compared() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    simulate(&bench, "slow", &["--seed", "5", "--service-factor", "1.6"]);
    simulate_users(&bench, "few", "50", &["--seed", "6"]);

    let same = bench.call(&["compare", "same", "--baseline", "main", "--fail-on", "high"]);
    assert_first_line(&same, 0, "PASSED: runs judged: 1, all of them pass");

    let slow = bench.call(&["analyze", "slow", "--baseline", "main"]);
    assert_first_line(&slow, 99, "GATE FAILED: request/ok_p95_ms regressed by +");
    assert_holds(&slow.out, &["Compared with baseline main", "metrics compared", "false alarms expected"]);
    let report = bench.json("reports/slow/report.json");
    assert_eq!(report["exit_reason"]["code"], 99);
    let reason = report["exit_reason"]["reasons"][0].as_str().unwrap();
    assert!(reason.starts_with("gate: request/ok_p95_ms regressed by +"), "{reason}");
    assert!(!report["recommendations"].as_array().unwrap().is_empty());

    let few = bench.call(&["analyze", "few", "--baseline", "main"]);
    assert_first_line(
        &few,
        3,
        "COULD NOT JUDGE: not comparable with the baseline: users: 100 in the baseline,",
    );
    let allowed = bench.call(&[
        "analyze",
        "few",
        "--baseline",
        "main",
        "--allow-different",
        "users",
        "--fail-on",
        "critical",
    ]);
    assert!(!allowed.out.contains("not comparable"), "{allowed:?}");

    let all = bench.call(&["compare", "--baseline", "main", "--fail-on", "high"]);
    assert_first_line(&all, 99, "GATE FAILED: slow: gate: request/ok_p95_ms");
    assert_holds(&all.out, &["few: not comparable", "same"]);
    assert!(all.out.lines().all(|line| line.chars().count() <= 80), "{}", all.out);
    let json = bench.call(&["compare", "--baseline", "main", "--format", "json"]).json();
    assert_eq!(json["exit_reason"]["code"], 99);
    assert_eq!(json["exit_reason"]["reasons"][0]["run"], "slow");
    assert_eq!(json["performance_ranking"].as_array().unwrap().len(), 3);
    assert_eq!(json["regression_analysis"]["regressed"], serde_json::json!(["slow"]));
    assert_eq!(json["regression_analysis"]["not_comparable"], serde_json::json!(["few"]));
    assert_eq!(bench.call(&["compare", "--baseline", "main", "--exit-zero"]).code, 0);
}

/// A copy of a run in which no call starts after `until_s`; what was sampled goes on.
fn hang(bench: &Bench, from: &str, to: &str, until_s: f64) {
    rewrite(bench, from, to, |after_s, component| after_s <= until_s || component == "process");
}

/// A copy of a run with the rows that `keep` takes: s after the first, component.
fn rewrite(bench: &Bench, from: &str, to: &str, keep: impl Fn(f64, &str) -> bool) {
    let (batch, metadata) = bench.read_run(&format!("data/{from}.parquet"));
    let column = |name: &str, kind: &DataType| cast(batch.column_by_name(name).unwrap(), kind).unwrap();
    let (instants, components) = (column("ts", &DataType::Int64), column("component", &DataType::Utf8));
    let (instants, components) = (instants.as_primitive::<Int64Type>(), components.as_string::<i32>());
    let start = instants.values().iter().min().unwrap();
    let is_kept = |row: &usize| keep((instants.value(*row) - start) as f64 / 1e6, components.value(*row));
    let rows: Vec<usize> = (0..batch.num_rows()).filter(is_kept).collect();
    bench.write_run(&format!("data/{to}.parquet"), &take(&batch, &rows), Some(&metadata.to_string()));
}

#[test]
fn a_service_that_hangs_fails_the_gate() {
    let bench = bench();
    bench.write(
        "cmo-metrics.toml",
        "[regression.metrics]\n\"resources/memory_growth_mb\" = { gate = false }\n",
    );
    hang(&bench, "same", "hung", 53.0);
    let said = bench.call(&["analyze", "hung", "--baseline", "main"]);
    assert_first_line(&said, 99, "GATE FAILED: request/ok_per_s regressed by -");
    assert_holds(&said.out, &["fell to 0 for a while"]);
}

#[test]
fn a_pass_says_what_it_means_and_what_must_be_excluded_can_be_asked_for() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    let passed = bench.call(&["analyze", "same", "--baseline", "main"]);
    assert_first_line(&passed, 0, "GATE PASSED: no regression found: ");
    assert_holds(&passed.out.replace("\n  ", " "), &["(at most ", "four times in five"]);
    let strict = ["analyze", "same", "--baseline", "main", "--must-exclude", "low"];
    assert_eq!(bench.call(&[&strict[..], &["--fail-on", "low"]].concat()).code, 3);
}

#[test]
fn repeats_are_judged_together_and_a_run_in_its_own_baseline_is_named() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    simulate(&bench, "again", &["--seed", "7"]);
    let said = bench.call(&["compare", "--baseline", "main", "--out", "compared"]);
    assert_first_line(&said, 0, "PASSED: runs judged: 2, all of them pass; again");
    assert_holds(&said.out.replace("\n  ", " "), &["; again, same together: no regression found: "]);
    let runs = bench.json("compared/comparison.json")["regression_analysis"]["runs"].take();
    let both = serde_json::json!(["again", "same"]);
    assert_eq!((&runs["again"]["judged_together"], &runs["same"]["judged_together"]), (&both, &both));
    let because = runs["same"]["gate"]["checks"][0]["because"].as_str().unwrap();
    assert!(because.contains("2 runs together"), "{because}");

    assert_eq!(bench.call(&["baseline", "save", "same", "--name", "own", "--allow-untrusted"]).code, 0);
    let own = bench.call(&["compare", "same", "--baseline", "own"]);
    let first = own.out.split("\n\n").next().unwrap().replace("\n  ", " ");
    assert!(own.code == 0 && first.ends_with("in the baseline itself: same"), "{own:?}");
}

#[test]
fn a_clean_night_shows_its_changes_in_a_comment_that_a_bot_finds_again() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    let said =
        bench.call(&["compare", "same", "--baseline", "main", "--out", "night", "--format", "markdown"]);
    assert_first_line(&said, 0, "**PASSED: ");
    assert!(said.out.ends_with("\n<!-- cmo-metrics comparison -->\n"), "{said:?}");
    let (told, folded) = said.out.split_once("<details><summary>Ranking</summary>\n").unwrap();
    assert_holds(told, &["## 100 users", "| request/ok_p95_ms", " | 3+1 | "]);
    assert_holds(folded, &["| 1 | same |", "<details><summary>Capacity</summary>", "</details>"]);
}

#[test]
fn what_is_slower_at_every_level_is_told_once() {
    let bench = Bench::new();
    for users in ["20", "40"] {
        simulate_users(&bench, &format!("base_{users}"), users, &["--seed", users]);
        let slow = ["--seed", "3", "--service-factor", "2"];
        simulate_users(&bench, &format!("slow_{users}"), users, &slow);
    }
    assert_eq!(
        bench.call(&["baseline", "save", "base_20", "base_40", "--name", "main", "--allow-untrusted"]).code,
        0
    );
    let said = bench.call(&["compare", "slow_20", "slow_40", "--baseline", "main"]);
    let section =
        said.out.split("At every level\n").nth(1).and_then(|text| text.split("\n\n").next()).unwrap();
    assert_eq!(section.matches("lightrag/").count(), 1, "{section}");
    assert!(section.lines().all(|line| line.contains(" at all 2 levels")), "{section}");
    assert!(section.lines().last().unwrap().starts_with("  request/"), "{section}");
}

#[test]
fn the_run_to_compare_with_may_be_one_of_those_that_are_compared() {
    let bench = Bench::new();
    for (name, seed) in [("before", "1"), ("after", "2")] {
        let out = format!("elsewhere/{name}.parquet");
        let call =
            ["simulate", "healthy", "--users", "50", "--duration", "60", "--seed", seed, "--out", &out, "-q"];
        assert_eq!(bench.call(&call).code, 0);
    }
    let said = bench.call(&["compare", "elsewhere", "--against", "before"]);
    assert_holds(&said.out, &["against run before", "after against before"]);
}

#[test]
fn a_pass_names_what_vanished_and_which_targets_are_missed() {
    let bench = bench();
    bench.write("cmo-metrics.toml", &format!("[targets.success_rate]\nabove = 0.9999\n{SHORT}"));
    rewrite(&bench, "same", "less", |_, component| !component.starts_with("cache"));
    let said = bench.call(&["compare", "less", "--baseline", "main"]);
    let first = said.out.split("\n\n").next().unwrap().replace("\n  ", " ");
    assert!(said.code == 0 && first.contains("vanished since the baseline: cache"), "{said:?}");
    assert!(first.contains("1 misses targets (same: success_rate"), "{first}");
    assert_holds(&said.out, &["\n  Vanished: cache"]);
}

#[test]
fn a_recording_that_stops_long_before_its_declared_end_is_not_judged() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    rewrite(&bench, "same", "cut", |after_s, _| after_s <= 60.0);
    let said = bench.call(&["compare", "cut", "--baseline", "main"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.out.replace("\n  ", " "), &["nothing was recorded for "]);
}

#[test]
fn what_many_runs_share_is_said_once() {
    let bench = bench();
    for (name, users) in [("few", "50"), ("fewer", "40")] {
        simulate_users(&bench, name, users, &["--seed", "6"]);
    }
    let said = bench.call(&["compare", "few", "fewer", "same", "--baseline", "main"]);
    assert_first_line(&said, 3, "COULD NOT JUDGE: 2 of 3 runs: the baseline has no run with 40, 50 users:");
}

#[test]
fn open_loop_runs_at_different_rates_are_levels_of_the_offered_rate() {
    let bench = Bench::new();
    for rate in ["10", "20", "40"] {
        let out = format!("data/rate_{rate}.parquet");
        let call = ["simulate", "open-loop", "--rate", rate, "--duration", "40", "--out", &out, "-q"];
        assert_eq!(bench.call(&call).code, 0);
    }
    let said = bench.call(&["compare", "--out", "compared"]);
    assert_holds(&said.out, &["target /s", "offered /s", "the highest that was tested"]);
    let found = &bench.json("compared/comparison.json")["scalability"][0];
    assert_eq!(found["axis"], "offered_per_s");
    let loads: Vec<f64> =
        found["levels"].as_array().unwrap().iter().map(|level| level["load"].as_f64().unwrap()).collect();
    assert_eq!(loads, [10.0, 20.0, 40.0]);
    assert!(!said.out.contains("different target rates"), "{}", said.out);
}

#[test]
fn a_run_against_itself_has_no_regression() {
    let bench = Bench::new();
    simulate(&bench, "run", &[]);
    assert_eq!(bench.call(&["baseline", "save", "run", "--name", "itself"]).code, 0);
    let said = bench.call(&["analyze", "run", "--baseline", "itself", "--format", "json"]);
    let comparison = &said.json()["runs"][0]["regression_analysis"]["comparison"];
    let words: Vec<&str> = comparison["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["word"].as_str())
        .collect();
    assert!(
        words.len() > 30 && words.iter().all(|word| ["unchanged", "inconclusive"].contains(word)),
        "{words:?}"
    );
    // What is inconclusive may hide one.
    let open = comparison["assessment"]["not_excluded"].as_array().unwrap().len();
    let inconclusive = words.iter().filter(|word| **word == "inconclusive").count();
    assert_eq!((open, open > 0), (inconclusive, true));
    assert_eq!(comparison["assessment"]["word"], "No regression shown");
}

#[test]
fn what_cannot_be_compared_is_3_and_the_other_runs_are_judged() {
    let bench = Bench::new();
    simulate(&bench, "run", &[]);
    let missing = bench.call(&["analyze", "run", "--baseline", "main"]);
    assert_first_line(&missing, 3, "COULD NOT JUDGE: there is no baseline `main` in baselines");
    assert_eq!(bench.json("reports/run/report.json")["exit_reason"]["code"], 3);

    assert_eq!(bench.call(&["baseline", "save", "run", "--name", "main"]).code, 0);
    bench.write("data/broken.parquet", "PAR1 no run at all PAR1");
    let said = bench.call(&["compare", "--baseline", "main", "--fail-on", "critical"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.out, &["Quarantined", "broken.parquet", "1 quarantined"]);
    assert_holds(&said.err, &["broken.parquet"]);
    assert_holds(&said.out, &["run"]);

    let text = String::from_utf8(bench.read("baselines/main.json")).unwrap();
    bench.write("baselines/main.json", &text.replacen("\"samples\": ", "\"samples\": 1", 1));
    let edited = bench.call(&["analyze", "run", "--baseline", "main"]);
    assert_first_line(&edited, 3, "COULD NOT JUDGE: baselines/main.json: it was changed after it was saved");
}

#[test]
fn only_what_is_gated_can_pass() {
    let bench = Bench::new();
    let own = r#"{"targets": {"p95_response_time_ms": 0.001, "request/p50_ms": {"below": 0.001}}}"#;
    for (name, metadata) in [("quick", None), ("slow", Some(own))] {
        bench.write_run(&format!("data/{name}.parquet"), &to_batch(requests(300)), metadata);
    }
    let missed = "No gate: 2 runs, 1 misses targets (slow: p95_response_time_ms,";
    assert_first_line(&bench.call(&["compare", "data"]), 0, missed);
    assert_first_line(&bench.call(&["compare", "quick"]), 0, "No gate: 1 run, none misses a target");
    bench.write("cmo-metrics.toml", "[targets]\nsuccess_rate = { above = 0.5, gate = true }\n");
    assert_first_line(&bench.call(&["compare", "quick"]), 0, "PASSED: runs judged: 1, all of them pass");
}

#[test]
fn wrong_words_are_2() {
    let bench = Bench::new();
    for words in [
        &["analyze", "run", "--fail-on", "high"][..],
        &["compare", "run", "--fail-on", "high"],
        &["compare", "run", "--allow-different", "users"],
        &["compare", "run", "--baseline", "main", "--against", "run"],
        &["compare", "run", "--group-by", "colour"],
        &["compare", "run", "--group-by", "tag:"],
        &["compare", "run", "--replace"],
        &["compare", "run", "--save-best-as", "../main"],
        &["analyze", "run", "--allow-different", "users"],
        &["analyze", "run", "--baseline", "../main"],
        &["compare", "data", "--baseline", "main", "--fail-on", "fatal"],
        &["compare", "data", "--baseline", "main", "--allow-different", "colour"],
    ] {
        assert_eq!(bench.call(words).code, 2, "{words:?}");
    }
}

/// The element inside each case of a JUnit file, by its name.
fn tests_of(text: &str) -> std::collections::BTreeMap<String, String> {
    let document = roxmltree::Document::parse(text).unwrap();
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let inside =
        |case: roxmltree::Node<'_, '_>| case.first_element_child().unwrap().tag_name().name().to_owned();
    cases.map(|case| (case.attribute("name").unwrap().to_owned(), inside(case))).collect()
}

#[test]
fn the_tests_of_ci_are_the_verdicts_of_the_comparison() {
    let bench = bench();
    bench.write(
        "cmo-metrics.toml",
        &format!("{SHORT}\"request/ok_p95_ms\" = {{ medium = 0.20 }}\n[targets]\np95_response_time_ms = {{ below = 1.0, gate = true }}\n"),
    );
    simulate(&bench, "slow", &["--seed", "5", "--service-factor", "1.6"]);
    simulate_users(&bench, "few", "50", &["--seed", "6"]);
    bench.write("data/broken.parquet", "text");
    let call = ["compare", "--baseline", "main", "--export-junit", "ci/junit.xml", "--format", "github"];
    let said = bench.call(&call);
    assert_eq!(said.code, 99, "{said:?}");
    let tests = tests_of(&String::from_utf8(bench.read("ci/junit.xml")).unwrap());
    let json = bench.json("reports/comparison/comparison.json");
    for run in ["same", "slow"] {
        let checks = json["regression_analysis"]["runs"][run]["gate"]["checks"].as_array().unwrap().clone();
        assert!(checks.len() >= 4, "{checks:?}");
        for check in checks {
            let wanted = match check["code"].as_i64() {
                Some(0) => "system-out",
                Some(99) => "failure",
                _ => "skipped",
            };
            let name = format!("{} ({run})", check["metric"].as_str().unwrap());
            assert_eq!(tests[&name], wanted, "{name}");
        }
    }
    for run in ["same", "slow", "few"] {
        let test = &json["test_comparison"][run];
        for target in test["targets_missed"].as_array().unwrap() {
            let (target, is_gate) = (target.as_str().unwrap(), target == "p95_response_time_ms");
            let name =
                if run == "few" { format!("target {target}") } else { format!("target {target} ({run})") };
            assert_eq!(tests[&name], if is_gate { "failure" } else { "skipped" }, "{name}");
        }
        assert!(!test["targets_missed"].as_array().unwrap().is_empty());
    }
    assert_eq!(tests["can be compared"], "skipped", "few has a level of its own");
    assert_eq!(tests["data/broken.parquet"], "error");

    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines.len() <= 10 && lines.iter().all(|line| line.starts_with("::")), "{}", said.out);
    assert_holds(
        &said.out,
        &["::error file=cmo-metrics.toml,line=3,title=", "::error file=cmo-metrics.toml,line=5,title="],
    );
    let gravity =
        |line: &&str| ["::error ", "::warning ", "::notice "].iter().position(|word| line.starts_with(word));
    assert!(lines.iter().map(gravity).is_sorted(), "{}", said.out);
    assert_holds(&said.out, &["::warning title=cmo-metrics::data/broken.parquet: not a Parquet file"]);

    let inside =
        ["compare", "same", "--baseline", "main", "--out", "many", "--export-junit", "many/junit.xml", "-q"];
    for _ in 0..2 {
        assert_eq!(bench.call(&inside).code, 99);
        assert!(bench.path("many/junit.xml").exists(), "it may lie in the folder of the comparison");
    }

    let alone = bench.call(&[
        "analyze",
        "same",
        "--baseline",
        "main",
        "--export-junit",
        "one.xml",
        "--format",
        "github",
    ]);
    assert_eq!(alone.code, 99);
    let tests = tests_of(&String::from_utf8(bench.read("one.xml")).unwrap());
    assert_eq!(
        (tests["request/ok_p95_ms"].as_str(), tests["target p95_response_time_ms"].as_str()),
        ("system-out", "failure")
    );
    assert!(alone.out.starts_with("::error file=cmo-metrics.toml,line=5,"), "{}", alone.out);
}

#[test]
fn tests_for_ci_that_cannot_be_written_are_said_and_the_verdict_stands() {
    let bench = bench();
    bench.write("cmo-metrics.toml", SHORT);
    std::fs::create_dir(bench.path("junit.xml")).unwrap();
    let call = ["compare", "same", "--baseline", "main", "--fail-on", "high", "--export-junit", "junit.xml"];
    let said = bench.call(&call);
    assert_eq!(said.code, 1, "{said:?}");
    assert_first_line(&said, 1, "PASSED");
    assert_holds(&said.err, &["--export-junit junit.xml could not be written: something that is no file"]);
    let quiet = bench.call(&[
        "compare",
        "same",
        "--baseline",
        "main",
        "--fail-on",
        "high",
        "--format",
        "github",
        "-q",
    ]);
    assert_eq!(quiet.code, 0, "{quiet:?}");
    assert!(quiet.out.starts_with("::notice title=cmo-metrics::PASSED: "), "{quiet:?}");
}

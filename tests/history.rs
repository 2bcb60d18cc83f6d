//! The nights behind the gate as a user types them: kept by `compare`, shown, acknowledged, never lost and never doubled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::process::Stdio;
use std::time::Duration;

use arrow_array::cast::AsArray;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use support::{Bench, Said, assert_holds};

/// The run of a day of November 2026, whose response times are so many times the usual ones.
fn write_night(bench: &Bench, name: &str, day: usize, factor: f64) {
    write_repeat(bench, name, day, factor, &json!({}));
}

fn write_repeat(bench: &Bench, name: &str, day: usize, factor: f64, more: &Value) {
    bench.write_night(&format!("data/{name}"), day, factor, more);
}

/// A folder with the baseline `main`, of the first of November.
fn bench() -> Bench {
    let bench = Bench::new();
    write_night(&bench, "base", 1, 1.0);
    let said = bench.call(&["baseline", "save", "base", "--name", "main", "--allow-untrusted"]);
    assert_eq!(said.code, 0, "{said:?}");
    bench
}

fn compare(bench: &Bench, more: &[&str]) -> Said {
    bench.call(&[&["compare"], more, &["--baseline", "main"]].concat())
}

/// Nights of the given days, each judged by a job of its own that replaces the run file of the one before.
fn judge_nights(bench: &Bench, days: std::ops::RangeInclusive<usize>, factor: impl Fn(usize) -> f64) {
    for day in days {
        std::fs::remove_dir_all(bench.path("data")).unwrap();
        let name = format!("night_{day}");
        write_night(bench, &name, day, factor(day));
        let said = compare(bench, &["data"]);
        assert_holds(&said.err, &["History: 1 run added in baselines/nights"]);
    }
}

fn files(bench: &Bench) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(bench.path("baselines/nights")) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The runs of all nights of the first level.
fn kept(bench: &Bench) -> Vec<String> {
    let said = bench.call(&[
        "history",
        "show",
        "--format",
        "json",
        "--metric",
        "request/ok_p95_ms",
        "--last",
        "999",
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    let nights = said.json()["levels"][0]["metrics"][0]["nights"].clone();
    let runs = nights.as_array().unwrap().iter().flat_map(|night| night["runs"].as_array().unwrap().clone());
    runs.map(|run| run.as_str().unwrap().to_owned()).collect()
}

#[test]
fn compare_keeps_what_it_judged_once_and_the_files_may_go() {
    let bench = bench();
    write_night(&bench, "a", 2, 1.0);
    let first = compare(&bench, &["data/a.parquet"]);
    assert_holds(&first.err, &["History: 1 run added in baselines/nights"]);
    let again = compare(&bench, &["data/a.parquet"]);
    assert_holds(&again.err, &["History: 0 runs added, 1 known in baselines/nights"]);
    assert_eq!((again.code, &again.out), (first.code, &first.out));
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    std::fs::remove_dir_all(bench.path("reports")).unwrap();
    assert_eq!(kept(&bench), ["a"]);
    let said = bench.call(&["history", "show", "--metric", "request/ok_p95_ms"]);
    assert_holds(
        &said.out,
        &["History of 1 night", "2026-11-02", "00000002", "50 users, closed, scenario steady"],
    );
}

#[test]
fn the_rows_are_there_for_whoever_queries_them() {
    let bench = bench();
    write_night(&bench, "a", 2, 1.0);
    compare(&bench, &["data/a.parquet"]);
    let file = std::fs::File::open(bench.path("baselines/nights").join(&files(&bench)[0])).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let rows: Vec<_> = batches.map(Result::unwrap).collect();
    let names: Vec<&str> = rows[0].schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
    for name in [
        "run_id",
        "run_digest",
        "started_at",
        "git_commit",
        "tags",
        "level",
        "users",
        "component",
        "metric",
        "value",
        "n",
        "variance",
        "memory",
        "batches",
        "verdict",
        "fail_on",
        "must_exclude",
        "gate_code",
        "definitions",
        "tool",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert!(rows[0].num_rows() > 5);
}

#[test]
fn nothing_is_kept_where_it_is_not_wanted_or_of_runs_against_a_run() {
    let bench = bench();
    write_night(&bench, "a", 2, 1.0);
    compare(&bench, &["data/a.parquet", "--no-history"]);
    bench.call(&["compare", "data", "--against", "base"]);
    bench.call(&["compare", "data"]);
    bench.call(&["analyze", "data/a.parquet", "--baseline", "main"]);
    bench.write("cmo-metrics.toml", "[history]\nenabled = false\n");
    let said = compare(&bench, &["data/a.parquet"]);
    assert!(!said.err.contains("History"), "{said:?}");
    assert_eq!(files(&bench), [""; 0]);
    let said = bench.call(&["history", "show"]);
    assert_eq!(said.code, 0);
    assert_holds(&said.out, &["No nights are kept yet"]);
}

#[test]
fn a_jump_is_said_with_its_night_and_commit_until_it_is_acknowledged() {
    let bench = bench();
    judge_nights(&bench, 2..=19, |day| if day < 13 { 1.0 } else { 1.22 });
    let said = bench.call(&["history", "show"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(
        &said.out,
        &[
            "request/ok_p95_ms at 50 users: +2",
            "since 2026-11-13, commit 0000000d",
            "0000000c..0000000d",
            "│",
        ],
    );
    let markdown = bench.call(&["history", "show", "--format", "markdown", "--users", "50"]);
    assert_holds(&markdown.out, &["**request/ok_p95_ms at 50 users: +2", "| **── change** |"]);

    let ack = |more: &[&str]| {
        let call = ["history", "ack", "request/ok_p95_ms", "--reason", "larger model"];
        bench.call_with(&[&call, more].concat(), &[("SOURCE_DATE_EPOCH", "1795132800")])
    };
    let refused = ack(&["--night", "2026-11-05"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_holds(&refused.err, &["did not change for good on 2026-11-05", "it changed on 2026-11-13"]);
    assert_eq!(ack(&["--night", "2026-11-13", "--users", "7"]).code, 2);
    let said = ack(&["--night", "2026-11-13", "--users", "50"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.err, &["Acknowledged until 2027-02-18"]);
    let show = |epoch: &str| bench.call_with(&["history", "show"], &[("SOURCE_DATE_EPOCH", epoch)]).out;
    let muted = show("1795132800");
    assert!(muted.starts_with("Nothing changed for the worse that is not acknowledged"), "{muted}");
    assert_holds(&muted, &["larger model"]);
    assert!(show("1830000000").starts_with("request/ok_p95_ms at 50 users"), "its time is over");
}

#[test]
fn the_mean_of_three_nights_proves_what_one_cannot_and_a_mended_night_passes() {
    let bench = Bench::new();
    (1..=5).for_each(|day| write_night(&bench, &format!("base_{day}"), day, 1.0));
    bench.call(&["baseline", "save", "data", "--name", "main", "--allow-untrusted"]);
    // Runs of this service differ a lot, and it has no LightRAG.
    let settings = "[regression]\nrun_noise = 0.06\n[regression.metrics]\n\"lightrag/success_rate\" = { gate = false }\n\
                    \"resources/memory_growth_mb\" = { gate = false }\n";
    bench.write("cmo-metrics.toml", settings);
    write_night(&bench, "n8", 8, 1.162);
    let night = |name: &str, more: &[&str]| {
        let path = format!("data/{name}.parquet");
        compare(&bench, &[&[path.as_str()], more].concat())
    };
    let alone = night("n8", &["--no-history"]);
    assert_eq!(alone.code, 3, "{alone:?}");
    assert_holds(&alone.out, &["both count together"]);
    for (name, day) in [("n6", 6), ("n7", 7)] {
        write_night(&bench, name, day, 1.162);
        assert_eq!(night(name, &[]).code, 3, "one night, and two");
        std::fs::remove_file(bench.path(&format!("data/{name}.parquet"))).unwrap();
    }
    let third = night("n8", &[]);
    assert_eq!(third.code, 99, "{third:?}");
    assert_holds(&third.out, &["3 runs together"]);
    assert_eq!(night("n8", &[]).code, 99, "a repeated job says the same");
    assert_eq!(night("n8", &["--no-history"]).code, 3);
    write_night(&bench, "n9", 9, 1.0);
    let mended = night("n9", &[]);
    assert_eq!(mended.code, 0, "a mended fault does not stay red: {mended:?}");
}

#[test]
fn repeats_of_a_day_and_commit_are_one_night() {
    let bench = bench();
    write_night(&bench, "a", 2, 1.0);
    write_repeat(&bench, "b", 2, 1.01, &json!({"started_at": "2026-11-02T02:00:00Z"}));
    write_repeat(&bench, "c", 2, 1.02, &json!({"git_commit": "another"}));
    std::fs::remove_file(bench.path("data/base.parquet")).unwrap();
    compare(&bench, &["data"]);
    let said = bench.call(&["history", "show", "--format", "json"]);
    let nights = said.json()["levels"][0]["metrics"][0]["nights"].clone();
    assert_eq!(nights.as_array().unwrap().len(), 2, "{nights}");
    assert_eq!(nights[0]["runs"].as_array().unwrap().len(), 2, "{nights}");
}

#[test]
fn a_folder_that_cannot_be_written_is_a_warning_and_the_verdict_stands() {
    let bench = bench();
    write_night(&bench, "a", 2, 1.0);
    let code = compare(&bench, &["data/a.parquet", "--no-history"]).code;
    bench.write("baselines/nights", "in the way");
    let said = compare(&bench, &["data/a.parquet"]);
    assert_eq!(said.code, code, "{said:?}");
    assert_holds(&said.err, &["warning:", "nothing was kept in the history"]);
}

#[test]
fn jobs_at_once_lose_and_double_nothing() {
    const JOBS: usize = 4;
    let bench = bench();
    write_night(&bench, "shared", 2, 1.0);
    (0..JOBS).for_each(|job| write_night(&bench, &format!("own_{job}"), 3 + job, 1.0));
    let start = |job: usize| {
        let (own, out) = (format!("data/own_{job}.parquet"), format!("out_{job}"));
        let call = ["compare", "data/shared.parquet", &own, "--baseline", "main", "--out", &out, "-q"];
        let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), &call);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let jobs: Vec<_> = (0..JOBS).map(start).collect();
    for mut job in jobs {
        job.wait().unwrap();
    }
    assert_eq!(kept(&bench), ["shared", "own_0", "own_1", "own_2", "own_3"]);
    assert_eq!(files(&bench).len(), JOBS, "each job added what was new, as one file");
}

#[test]
fn a_job_that_is_killed_leaves_a_set_that_is_read_and_the_next_one_clears_up() {
    let bench = bench();
    let mut done = 0;
    for round in 0..8u64 {
        write_night(&bench, &format!("n_{round}"), 2 + round as usize, 1.0);
        let run = format!("data/n_{round}.parquet");
        let call = ["compare", &run, "--baseline", "main", "-q"];
        let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), &call);
        let mut job = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(40 * (round + 1)));
        let _ = job.kill();
        job.wait().unwrap();
        let said = bench.call(&["history", "show"]);
        assert_eq!(said.code, 0, "{said:?}");
        done = files(&bench).iter().filter(|name| name.ends_with(".parquet")).count();
    }
    compare(&bench, &["data"]);
    let mut names = kept(&bench);
    names.sort();
    names.dedup();
    assert_eq!((names.len(), kept(&bench).len()), (9, 9), "{done} were kept by jobs that were killed");
    assert!(files(&bench).iter().all(|name| name.ends_with(".parquet")), "{:?}", files(&bench));
}

/// Every row of every file: run, digest, component and metric.
fn rows(bench: &Bench) -> Vec<String> {
    let mut rows = Vec::new();
    for name in files(bench) {
        let batch = support::files::read_table(&bench.path("baselines/nights").join(name));
        let columns = ["run_id", "run_digest", "component", "metric"].map(|name| {
            let column = batch.column_by_name(name).unwrap();
            arrow_cast::cast(column, &arrow_schema::DataType::Utf8).unwrap()
        });
        rows.extend((0..batch.num_rows()).map(|row| {
            columns.each_ref().map(|column| column.as_string::<i32>().value(row).to_owned()).join(" ")
        }));
    }
    rows
}

#[test]
fn of_two_jobs_at_once_of_which_one_is_killed_no_row_is_lost_or_doubled() {
    let bench = bench();
    let start = |run: &str, out: &str| {
        let call = ["compare", "data/shared.parquet", run, "--baseline", "main", "--out", out, "-q"];
        let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), &call);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    write_night(&bench, "shared", 2, 1.0);
    write_night(&bench, "first", 3, 1.0);
    let begin = std::time::Instant::now();
    start("data/first.parquet", "first").wait().unwrap();
    let length = begin.elapsed();
    for round in 0..10usize {
        let (killed, other) = (format!("killed_{round}"), format!("other_{round}"));
        write_night(&bench, &killed, 4 + round, 1.0);
        write_night(&bench, &other, 4 + round, 1.0);
        let mut victim = start(&format!("data/{killed}.parquet"), "killed");
        let mut survivor = start(&format!("data/{other}.parquet"), "other");
        // From the middle of the measuring to after the end: two jobs share the machine.
        std::thread::sleep(length.mul_f64(0.6 + 0.2 * round as f64));
        let _ = victim.kill();
        victim.wait().unwrap();
        assert!(survivor.wait().unwrap().code().is_some());
        assert!(kept(&bench).contains(&other), "what was judged to the end is kept");
        // The job is repeated.
        assert!(start(&format!("data/{killed}.parquet"), "killed").wait().unwrap().code().is_some());
    }
    let all = rows(&bench);
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all.len(), "no row stands twice in the files");
    // Each run is whole: all have the same metrics.
    let of = |run: &str| once.iter().filter(|row| row.starts_with(&format!("{run} "))).count();
    let runs = kept(&bench);
    assert_eq!(runs.len(), 2 + 2 * 10);
    assert!(runs.iter().all(|run| of(run) == of("shared") && of(run) > 5), "{runs:?}");
}

#[test]
fn a_changed_definition_cuts_the_series_and_is_no_change() {
    let bench = bench();
    judge_nights(&bench, 2..=8, |_| 1.0);
    bench.write("cmo-metrics.toml", "[measure]\nmin_samples_for_quantile = 5\n");
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    for day in 9..=15 {
        let name = format!("night_{day}");
        write_night(&bench, &name, day, 1.5);
        let said = compare(&bench, &[&format!("data/{name}.parquet")]);
        assert_holds(&said.err, &["History: 1 run added"]);
        assert!(!said.out.contains("runs together"), "nights of before are not counted in: {said:?}");
    }
    let said = bench.call(&["history", "show"]);
    assert_holds(&said.out, &["since 2026-11-09 the numbers mean something else", "┊"]);
    assert!(said.out.starts_with("Nothing changed for the worse"), "{}", said.out);
    assert_holds(&said.out, &["Changes that last: 0 for the worse, 0 acknowledged, 0 for the better"]);
}

#[test]
fn below_a_nights_verdict_stands_what_changed_over_the_nights() {
    let bench = bench();
    judge_nights(&bench, 2..=12, |day| if day < 9 { 1.0 } else { 1.22 });
    let before = compare(&bench, &["data", "--no-history"]);
    assert!(!before.out.contains("Changed over the nights"), "{}", before.out);
    let said = compare(&bench, &["data"]);
    assert_holds(
        &said.out,
        &[
            "Changed over the nights",
            "request/ok_p95_ms at 50 users  ",
            "│",
            "since 2026-11-09, commit 00000009",
        ],
    );
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    let page = String::from_utf8(bench.read("reports/comparison/history.html")).unwrap();
    let words =
        ["<h2 id=\"changes-h\">What changed for good</h2>", "since 2026-11-09, commit 00000009", "<svg role"];
    assert_holds(&page, &words);
    let shown = bench.call(&["history", "show", "--last", "5", "--html", "pages.html"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let page = String::from_utf8(bench.read("pages.html")).unwrap();
    assert_holds(&page, &["<!doctype html>", "5 nights in numbers", "request/ok_p95_ms at 50 users"]);
    let refused = bench.call(&["history", "show", "--html", "data"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let comment = String::from_utf8(bench.read("reports/comparison/comparison.md")).unwrap();
    assert_holds(
        &comment,
        &["## Changed over the nights", "since 2026-11-09, commit 00000009, not acknowledged"],
    );
}

#[test]
fn nights_that_are_damaged_are_warned_of_and_the_others_are_shown() {
    let bench = bench();
    judge_nights(&bench, 2..=3, |_| 1.0);
    bench.write("baselines/nights/broken.parquet", "PAR1 nothing PAR1");
    let said = bench.call(&["history", "show"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.err, &["broken.parquet: holds no nights"]);
    assert_holds(&said.out, &["History of 2 nights"]);
}

#[test]
fn a_baseline_takes_a_night_more_without_its_old_runs_and_says_its_age() {
    let bench = bench();
    let old = [("SOURCE_DATE_EPOCH", "1793491200")];
    bench.call_with(&["baseline", "save", "base", "--name", "old", "--allow-untrusted"], &old);
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    write_night(&bench, "second", 2, 1.01);
    let add = |name: &str| {
        let call = ["baseline", "add", "second", "--name", name, "--allow-untrusted"];
        bench.call_with(&call, &[("SOURCE_DATE_EPOCH", "1793577600")])
    };
    let said = add("old");
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(
        &said.err,
        &["Saved baseline `old`", "base, second", "the one before is kept as baselines/history/old/"],
    );
    let again = add("old");
    assert_eq!(again.code, 2, "{again:?}");
    assert_holds(&again.err, &["baseline `old` holds second"]);
    assert_eq!(add("none").code, 3);

    let later = [("SOURCE_DATE_EPOCH", "1797465600")];
    let list = bench.call_with(&["baseline", "list", "--format", "json"], &later);
    let listed = list.json();
    let of_old = listed.as_array().unwrap().iter().find(|entry| entry["name"] == "old").unwrap();
    assert_eq!(of_old["age_days"], 45);
    assert_holds(&list.err, &["baseline `old` is 45 days old"]);
    let said = bench.call_with(&["compare", "data", "--baseline", "old"], &later);
    assert_holds(&said.err, &["baseline `old` is 45 days old"]);
    assert_holds(&said.out, &["against baseline old, 45 days old"]);
    let alone = |now: &str| {
        let call = ["analyze", "data", "--baseline", "old"];
        let said = bench.call_with(&call, &[("SOURCE_DATE_EPOCH", now)]);
        (said.out.split_whitespace().collect::<Vec<_>>().join(" "), said.err)
    };
    let (out, err) = alone("1797465600");
    assert_holds(&out, &["Against baseline old, 45 days old: "]);
    assert_holds(&err, &["baseline `old` is 45 days old"]);
    let (out, err) = alone("1793664000");
    assert_holds(&out, &["Against baseline old, 1 day old: "]);
    assert!(!err.contains("days old"), "{err}");
    assert_eq!(bench.json("reports/second/report.json")["regression_analysis"]["baseline"]["age_days"], 1);
    let young =
        bench.call_with(&["compare", "data", "--baseline", "old"], &[("SOURCE_DATE_EPOCH", "1793600000")]);
    assert!(!young.err.contains("days old"), "{young:?}");
}

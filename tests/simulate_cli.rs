//! `cmo-metrics simulate` as a user types it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

fn simulate(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("cmo-metrics").unwrap();
    command.current_dir(folder).arg("simulate").args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_scenario_becomes_a_run_in_the_data_folder_and_stdout_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let output = simulate(folder.path(), &["leak", "--users", "5", "--duration", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).starts_with("data/leak_users_5_seed_1.parquet: "), "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(folder.path().join("data/leak_users_5_seed_1.parquet").is_file());
}

#[test]
fn the_same_words_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for out in ["a/run.parquet", "b/run.parquet"] {
        simulate(folder.path(), &["step", "--duration", "5", "--seed", "7", "--out", out]);
    }
    let [a, b] = ["a", "b"].map(|out| fs::read(folder.path().join(out).join("run.parquet")).unwrap());
    assert!(a == b && a.len() > 1000);
}

#[test]
fn a_run_that_exists_is_kept_and_the_way_out_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.parquet"), "mine").unwrap();
    let output = simulate(folder.path(), &["healthy", "--duration", "5", "--out", "mine.parquet"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("mine.parquet exists") && said(&output).contains("--force"));
    assert_eq!(fs::read_to_string(folder.path().join("mine.parquet")).unwrap(), "mine");
}

#[test]
fn an_unknown_scenario_is_a_usage_error_that_lists_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let output = simulate(folder.path(), &["helthy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("healthy") && said(&output).contains("breaker-flapping"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_corpus_is_a_folder_of_runs() {
    let folder = tempfile::tempdir().unwrap();
    let output = simulate(folder.path(), &["--corpus", "c", "--runs", "2", "--events", "10000", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).is_empty(), "{}", said(&output));
    assert_eq!(fs::read_dir(folder.path().join("c")).unwrap().count(), 2);
}

#[test]
fn anyone_can_try_the_gate_with_a_faulty_run_against_its_healthy_twins() {
    let folder = tempfile::tempdir().unwrap();
    let common = ["--users", "50", "--rate", "20", "--duration", "90"];
    let healthy: Vec<String> = (1..=3)
        .map(|seed| {
            let (seed, out) = (seed.to_string(), format!("healthy_{seed}.parquet"));
            let words = [&["healthy", "--seed", &seed, "--out", &out][..], &common].concat();
            assert_eq!(simulate(folder.path(), &words).status.code(), Some(0));
            out
        })
        .collect();
    let faulty = ["step", "--effect", "3", "--fault-at", "0", "--seed", "9", "--out", "faulty.parquet"];
    simulate(folder.path(), &[&faulty[..], &common].concat());
    let run = |words: &[&str]| {
        let mut command = Command::cargo_bin("cmo-metrics").unwrap();
        command.current_dir(folder.path()).args(words).output().unwrap()
    };
    let runs: Vec<&str> = healthy.iter().map(String::as_str).collect();
    let saved = run(&[&["baseline", "save", "--name", "twins"], &runs[..]].concat());
    assert_eq!(saved.status.code(), Some(0), "{}", said(&saved));
    let judged = run(&["analyze", "faulty.parquet", "--baseline", "twins"]);
    assert_eq!(judged.status.code(), Some(99), "{}", said(&judged));
}

//! Disks that are full or read-only, and folders for reports that cannot be meant.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::files::requests;
use crate::support::{Bench, assert_holds};

/// A small disk in memory, mounted as `name` in the bench until this is dropped.
struct Disk(PathBuf);

impl Disk {
    /// None, with a message, where this user may not mount one.
    fn mount(bench: &Bench, name: &str, size: &str) -> Option<Self> {
        let folder = bench.path(name);
        fs::create_dir_all(&folder).unwrap();
        let options = format!("size={size}");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: no small disk can be mounted here");
        None
    }

    fn remount_read_only(&self) -> bool {
        let mount = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status();
        mount.is_ok_and(|status| status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn names(bench: &Bench, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(bench.path(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const GATE: &str = "[targets]\np95_response_time_ms = { below = 0.001, gate = true }\n";

#[test]
fn on_a_full_disk_the_verdict_is_told_the_old_report_stays_and_the_error_says_what_is_needed() {
    let bench = Bench::new();
    let Some(_disk) = Disk::mount(&bench, "disk", "1m") else { return };
    bench.write_columns("run.parquet", requests(300));
    let call = ["analyze", "run.parquet", "--out", "disk/reports"];
    assert_eq!(bench.call(&call).code, 0);
    let report = bench.read("disk/reports/run/report.json");
    // As much as there is room for.
    let _ = fs::write(bench.path("disk/ballast"), vec![1; 2_000_000]);

    let full = bench.call_with(&call, &[("SOURCE_DATE_EPOCH", "1")]);
    assert_eq!(full.code, 1, "{full:?}");
    assert_holds(
        &full.err,
        &["error: run: its report could not be written: no space left for disk/reports/run: it needs "],
    );
    assert_holds(&full.err, &[" MB or more", "0.0 MB are free", "--out"]);
    assert_holds(&full.out, &["run"]);
    assert!(!full.out.contains("report: ") && !full.out.contains("reports: "), "{full:?}");
    assert_holds(&full.out, &["\nexit 1: error: run: its report could not be written: "]);
    assert!(bench.read("disk/reports/run/report.json") == report, "the old report is intact");
    assert_eq!(names(&bench, "disk/reports"), ["run"], "no staged file is left");

    bench.write("cmo-metrics.toml", GATE);
    let failed = bench.call(&call);
    assert_eq!(failed.code, 99, "what was judged counts: {failed:?}");
    assert_holds(&failed.err, &["no space left for disk/reports/run"]);
    let json = bench.call(&[&call[..], &["--format", "json"]].concat()).json();
    assert_eq!(
        (&json["exit_reason"]["code"], &json["failures"][0]["kind"]),
        (&99.into(), &"report_not_written".into())
    );
    assert_eq!(json["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn on_a_full_disk_a_comparison_tells_its_verdict_and_keeps_the_old_one() {
    let bench = Bench::new();
    let Some(_disk) = Disk::mount(&bench, "disk", "1m") else { return };
    bench.write_columns("run.parquet", requests(300));
    let call = ["compare", "run.parquet", "--out", "disk/nightly"];
    let first = bench.call(&call).code;
    assert!([0, 3].contains(&first), "{first}");
    let comparison = bench.read("disk/nightly/comparison.json");
    let _ = fs::write(bench.path("disk/ballast"), vec![1; 2_000_000]);
    bench.write("cmo-metrics.toml", GATE);
    let full = bench.call_with(&call, &[("SOURCE_DATE_EPOCH", "1")]);
    assert_eq!(full.code, 99, "{full:?}");
    assert_holds(&full.out, &["GATE FAILED"]);
    assert_holds(&full.err, &["disk/nightly"]);
    assert!(full.err.to_lowercase().contains("no space left"), "{full:?}");
    assert!(bench.read("disk/nightly/comparison.json") == comparison, "the old one is intact");
    assert_eq!(names(&bench, "disk"), ["ballast", "nightly"], "no staged file is left");
}

#[test]
fn on_a_disk_that_is_full_for_a_baseline_the_old_one_stays() {
    let bench = Bench::new();
    let Some(_disk) = Disk::mount(&bench, "disk", "1m") else { return };
    bench.write_columns("run.parquet", requests(300));
    let save = [
        "baseline",
        "save",
        "run.parquet",
        "--allow-untrusted",
        "--name",
        "main",
        "--replace",
        "--baselines",
        "disk/baselines",
    ];
    assert_eq!(bench.call(&save).code, 0);
    let baseline = bench.read("disk/baselines/main.json");
    let _ = fs::write(bench.path("disk/ballast"), vec![1; 2_000_000]);
    let full = bench.call(&save);
    assert_eq!(full.code, 1, "{full:?}");
    assert_holds(&full.err, &["disk/baselines", "No space left"]);
    assert!(bench.read("disk/baselines/main.json") == baseline);
    assert!(names(&bench, "disk/baselines").iter().all(|name| !name.starts_with('.')));
}

#[test]
fn a_read_only_folder_is_named_once_for_all_runs() {
    let bench = Bench::new();
    let Some(disk) = Disk::mount(&bench, "disk", "1m") else { return };
    if !disk.remount_read_only() {
        eprintln!("skipped: the disk cannot be made read-only here");
        return;
    }
    for run in 0..8 {
        bench.write_columns(&format!("data/run_{run}.parquet"), requests(300));
    }
    let said = bench.call(&["analyze", "data", "--out", "disk/reports"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_holds(
        &said.err,
        &["disk/reports may not be written (Read-only file system", "and 5 more reports"],
    );
    assert_holds(&said.out, &["run_0", "run_7"]);
}

#[test]
fn what_cannot_be_printed_is_told_and_never_ends_with_0() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    assert_eq!(
        bench
            .call(&["baseline", "save", "run.parquet", "--allow-untrusted", "--name", "main", "--quiet"])
            .code,
        0
    );
    for format in ["text", "json", "markdown"] {
        let compare = "cmo-metrics compare run.parquet --baseline main --exit-zero --format";
        let said = bench.shell(&format!("{compare} {format} > /dev/full"));
        assert_eq!(said.code, 1, "{said:?}");
        assert_holds(&said.err, &["error: cannot print the comparison: No space left on device"]);
    }
    bench.write("cmo-metrics.toml", GATE);
    let said = bench.shell("cmo-metrics analyze run.parquet > /dev/full");
    assert_eq!(said.code, 99, "the gate failed all the same: {said:?}");
    assert_holds(&said.err, &["error: cannot print the summary: No space left on device"]);
}

#[test]
fn reports_are_not_put_among_the_runs_nor_in_the_place_of_a_file() {
    let bench = Bench::new();
    bench.write_columns("data/run.parquet", requests(300));
    bench.write_columns("parts/part-0.parquet", requests(300));
    for (run, out) in
        [("data", "data"), ("run", "./data/"), ("data/run.parquet", "parts/../data"), ("parts", "parts")]
    {
        let said = bench.call(&["analyze", run, "--out", out]);
        assert_eq!(said.code, 2, "{said:?}");
        assert_holds(&said.err, &["error: --out ", " is the folder of the run ", "choose another folder"]);
    }
    assert_eq!((names(&bench, "data").len(), names(&bench, "parts").len()), (1, 1));
    for out in ["data/run.parquet", "data/run.parquet/deeper"] {
        let said = bench.call(&["analyze", "data", "--out", out]);
        assert_eq!(said.code, 1, "{said:?}");
        assert_holds(&said.err, &["data/run.parquet", "is not a folder"]);
    }
    assert_eq!(bench.call(&["analyze", "data", "--out", "data/reports"]).code, 0);
    // Reports that lie in the folder are no runs.
    assert_eq!(bench.call(&["analyze", "data", "--out", "data/reports"]).code, 0);
}

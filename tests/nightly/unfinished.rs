//! A run that is still being written is told from a broken one.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::files::requests;
use crate::support::{Bench, assert_holds};

/// Kind and message of the only failure of `analyze arguments…`.
#[track_caller]
fn only_failure(bench: &Bench, arguments: &[&str]) -> (String, String) {
    let said = bench.call(&[&["analyze", "--format", "json"], arguments].concat());
    assert_eq!(said.code, 3, "{said:?}");
    let json = said.json();
    let failures = json["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{failures:#?}");
    let text = |key: &str| failures[0][key].as_str().unwrap().to_owned();
    (text("kind"), text("message"))
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_file_that_another_program_has_open_for_writing_is_still_being_recorded() {
    let bench = Bench::new();
    bench.write_columns("data/whole.parquet", requests(300));
    let whole = bench.read("data/whole.parquet");
    let path = bench.path("data/half.parquet");
    let mut writer = File::create(&path).unwrap();
    for written in [&whole[..0], &whole[..50], &whole[50..whole.len() / 2]] {
        writer.write_all(written).unwrap();
        let (kind, message) = only_failure(&bench, &["data"]);
        assert_eq!(kind, "still_recording", "{message}");
        assert_holds(&message, &["data/half.parquet: still being written by ", "(process "]);
        assert_holds(
            &bench.call(&["check", "data"]).out,
            &["FAULT  data/half.parquet: still being written by "],
        );
    }
    drop(writer);
    let (kind, message) = only_failure(&bench, &["data"]);
    assert_eq!(kind, "truncated");
    assert_holds(&message, &["data/half.parquet: cut off", "written moments ago"]);
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
    assert!(!only_failure(&bench, &["data"]).1.contains("moments ago"));
    fs::write(&path, &whole).unwrap();
    assert_eq!(bench.call(&["analyze", "data"]).code, 0);
}

/// Our recorder at work on `data/load.parquet`, until its input ends: nothing outlives the test.
fn recorder(bench: &Bench) -> Child {
    let words = ["record", "--out", "data/load.parquet", "--force", "--", "cat"];
    let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), &words);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the recorder has begun", || !journals(bench).is_empty());
    child
}

fn journals(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.path("data")).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".load.parquet.") && name.ends_with(".tmp")).collect()
}

#[test]
fn a_recording_under_way_is_named_and_one_whose_recorder_was_killed_too() {
    let bench = Bench::new();
    bench.write_columns("data/whole.parquet", requests(300));
    let mut child = recorder(&bench);
    for argument in ["data", "load", "data/load.parquet"] {
        let (kind, message) = only_failure(&bench, &[argument]);
        assert_eq!(kind, "still_recording", "{argument}: {message}");
        assert_holds(&message, &["data/load.parquet: still being recorded"]);
    }
    assert_holds(&bench.call(&["check", "data"]).out, &["FAULT  data/load.parquet: still being recorded"]);

    child.kill().unwrap();
    child.wait().unwrap();
    for argument in ["data", "load"] {
        let (kind, message) = only_failure(&bench, &[argument]);
        assert_eq!(kind, "recording_cut_short", "{argument}: {message}");
        assert_holds(&message, &["data/.load.parquet.", "its recorder is gone"]);
    }
    // Recorded again, what the killed one left is of no interest.
    bench.write_columns("data/load.parquet", requests(300));
    assert_eq!(bench.call(&["analyze", "data"]).code, 0);
}

#[test]
fn a_whole_run_that_is_being_recorded_anew_is_judged_as_it_is() {
    let bench = Bench::new();
    bench.write_columns("data/load.parquet", requests(300));
    let mut child = recorder(&bench);
    let said = bench.call(&["analyze", "data"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

/// Calls `analyze data` while `disturb` is done again and again; the kinds of what kept the run from being judged.
fn kinds_under(bench: &Bench, disturb: impl Fn() + Sync) -> Vec<String> {
    const CALLS: usize = 12;
    let is_over = AtomicBool::new(false);
    let mut kinds = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                disturb();
            }
        });
        for _ in 0..CALLS {
            let said = bench.call(&["analyze", "data", "--format", "json"]);
            if ![0, 3].contains(&said.code) {
                is_over.store(true, Ordering::Relaxed);
                panic!("{said:?}");
            }
            let json = said.json();
            let found = json["failures"].as_array().unwrap();
            kinds.extend(found.iter().map(|failure| failure["kind"].as_str().unwrap().to_owned()));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    kinds
}

#[test]
fn a_file_that_comes_and_goes_while_it_is_read_is_at_worst_one_failure() {
    let bench = Bench::new();
    bench.write_columns("data/steady.parquet", requests(300));
    bench.write_columns("data/unsteady.parquet", requests(20_000));
    let (here, there) = (bench.path("data/unsteady.parquet"), bench.path("data/elsewhere"));
    let kinds = kinds_under(&bench, || {
        fs::rename(&here, &there).unwrap();
        std::thread::sleep(Duration::from_millis(2));
        fs::rename(&there, &here).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    });
    let known = ["vanished", "changed"];
    assert!(kinds.iter().all(|kind| known.contains(&kind.as_str())), "{kinds:?}");
}

#[test]
fn a_file_that_grows_while_it_is_read_is_never_half_believed() {
    let bench = Bench::new();
    bench.write_columns("data/growing.parquet", requests(20_000));
    let whole = bench.read("data/growing.parquet");
    let path = bench.path("data/growing.parquet");
    let kinds = kinds_under(&bench, || {
        let mut file = File::create(&path).unwrap();
        for piece in whole.chunks(whole.len() / 20) {
            file.write_all(piece).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(file);
        std::thread::sleep(Duration::from_millis(20));
    });
    let known = ["still_recording", "truncated", "empty", "changed", "not_parquet", "damaged", "undecodable"];
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| known.contains(&kind.as_str())), "{kinds:?}");
}

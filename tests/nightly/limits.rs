//! Many runs with few open files, little memory, and as many threads as were asked for.

use std::fs;
use std::process::Stdio;

use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use crate::support::files::{requests, to_batch};
use crate::support::{Bench, assert_holds};

#[test]
fn many_runs_need_few_open_files() {
    const RUNS: usize = 60;
    let bench = Bench::new();
    for run in 0..RUNS {
        bench.write_columns(&format!("data/run_{run}.parquet"), requests(100));
    }
    let said = bench.shell("ulimit -n 32; cmo-metrics analyze --jobs 4 --quiet --format json");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(said.json()["runs"].as_array().unwrap().len(), RUNS);
    // Parts of a run neither.
    fs::create_dir(bench.path("whole")).unwrap();
    for run in 0..RUNS {
        let [from, to] = [format!("data/run_{run}.parquet"), format!("whole/part-{run}.parquet")];
        fs::rename(bench.path(&from), bench.path(&to)).unwrap();
    }
    let said = bench.shell("ulimit -n 32; cmo-metrics check whole --jobs 4");
    assert_holds(&said.out, &["whole: "]);
    assert!(!said.out.contains("open files"), "{said:?}");
}

/// The largest memory of a call, MB.
fn peak_mb(bench: &Bench, words: &[&str]) -> f64 {
    let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0.0f64;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak_kb = peak_kb.max(found.unwrap_or(0.0));
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert_eq!(ended.code(), Some(0), "{words:?}");
    peak_kb / 1000.0
}

#[test]
fn footers_of_many_runs_are_not_held_at_once() {
    const RUNS: usize = 30;
    let bench = Bench::new();
    // A row group for each row: a footer far larger than what it tells of.
    let batch = to_batch(requests(1_000));
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    fs::create_dir(bench.path("data")).unwrap();
    for run in 0..RUNS {
        fs::write(bench.path(&format!("data/run_{run:02}.parquet")), &bytes).unwrap();
    }
    let words = |runs| ["analyze", runs, "--jobs", "2"];
    let [few, many] = ["data/run_0*.parquet", "data"].map(|runs| peak_mb(&bench, &words(runs)));
    let footer_mb = bytes.len() as f64 / 1e6;
    // What is kept of a run is a part of its footer's size.
    let growth_mb = (many - few) / (RUNS - 10) as f64;
    eprintln!("files of {footer_mb:.2} MB, peaks {few:.1} and {many:.1} MB: {growth_mb:.3} MB a run");
    assert!(growth_mb < footer_mb, "{growth_mb} MB a run");
}

#[test]
fn a_run_that_does_not_fit_into_the_memory_is_quarantined_and_the_others_are_judged() {
    let bench = Bench::new();
    bench.write_columns("data/small.parquet", requests(2));
    bench.write_columns("data/large.parquet", requests(100_000));
    // A row is said to need so much that two of them fit anywhere and a hundred thousand nowhere.
    fs::write(bench.path("cmo-metrics.toml"), "[run]\nmemory_bytes_per_row = 100_000_000\n").unwrap();
    let said = bench.shell("cmo-metrics compare data --quiet --format json");
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.err, &["large: its 100000 rows need about 10000.0 GB of memory", "split it by time"]);
    let found = said.json();
    assert_eq!(found["quarantined"][0]["kind"], "too_large");
    assert_eq!(found["performance_ranking"][0]["run_id"], "small");
    fs::write(bench.path("cmo-metrics.toml"), "[run]\nmemory_bytes_per_row = 0\n").unwrap();
    assert_eq!(bench.shell("cmo-metrics compare data --quiet").code, 0);
}

#[test]
fn the_number_of_jobs_changes_nothing_but_the_time_and_nonsense_is_refused() {
    let bench = Bench::new();
    for run in 0..5 {
        bench.write_columns(&format!("data/run_{run}.parquet"), requests(1_000));
    }
    bench.write("data/broken.parquet", "text");
    let call = |jobs: &str| {
        let words = ["analyze", "--format", "json", "--jobs", jobs, "--out", jobs];
        bench.call_with(&words, &[("SOURCE_DATE_EPOCH", "1")])
    };
    let one = call("1");
    assert_eq!(one.code, 3, "{one:?}");
    for jobs in ["2", "7"] {
        let more = call(jobs);
        assert!((more.code, &more.out, &more.err) == (one.code, &one.out, &one.err), "{jobs}");
        let report = |jobs: &str| bench.read(&format!("{jobs}/run_3/report.json"));
        assert!(report(jobs) == report("1"));
    }
    for nonsense in ["0", "-1", "two", "1.5", "100000", ""] {
        let said = bench.call(&["analyze", &format!("--jobs={nonsense}")]);
        assert_eq!(said.code, 2, "{nonsense}: {said:?}");
        assert_holds(&said.err, &["--jobs <N>"]);
    }
}

#[test]
fn short_work_and_quiet_work_show_no_progress() {
    let bench = Bench::new();
    for run in 0..5 {
        bench.write_columns(&format!("data/run_{run}.parquet"), requests(100));
    }
    for quiet in [&[][..], &["--quiet"]] {
        let said = bench.call(&[&["analyze"], quiet].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""));
    }
}

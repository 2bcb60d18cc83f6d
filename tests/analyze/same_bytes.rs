//! Same events, same bytes: whatever the order of the rows, the number of files, or the number of threads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::Value;

use crate::support::Bench;
use crate::support::files::take;

/// File name → bytes.
type Report = BTreeMap<String, Vec<u8>>;

/// Files that a report has at least; others are compared, too.
const REPORT_FILES: [&str; 12] = [
    "components.parquet",
    "error_causes.parquet",
    "errors.parquet",
    "percentiles.parquet",
    "report.json",
    "runs.parquet",
    "samples.parquet",
    "timeseries.csv",
    "timeseries.parquet",
    "timeseries_100ms.parquet",
    "verdicts.parquet",
    "windows.parquet",
];

/// Analyses `run` with a fixed clock, and hands back the folder of its report.
fn analyze(bench: &Bench, run: &str, out: &str, threads: &str) -> Report {
    let environment = [("SOURCE_DATE_EPOCH", "1767225600"), ("RAYON_NUM_THREADS", threads)];
    let call = [
        "analyze",
        run,
        "--out",
        out,
        "--quiet",
        "--baseline",
        "before",
        "--exit-zero",
        "--allow-different",
        "scenario",
    ];
    let said = bench.call_with(&call, &environment);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let files = std::fs::read_dir(bench.path(out).join("run")).unwrap();
    REPORT_FILES.iter().for_each(|file| assert!(bench.path(out).join("run").join(file).is_file(), "{file}"));
    let read = |file: std::fs::DirEntry| {
        (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
    };
    files.map(|file| read(file.unwrap())).collect()
}

/// A run of some thousand events with everything in it, as `data/run.parquet`.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "run", 60);
    bench.simulate("healthy", "before", 60);
    let said = bench.call(&["baseline", "save", "before", "--name", "before", "--quiet"]);
    assert_eq!(said.code, 0, "{said:?}");
    bench
}

/// The rows in another order: every 7th, then every 7th from the second one, …
fn shuffle(batch: &RecordBatch) -> RecordBatch {
    const STEP: usize = 7;
    let rows = batch.num_rows();
    let mut indices: Vec<usize> = (0..STEP).flat_map(|first| (first..rows).step_by(STEP)).collect();
    indices.reverse();
    take(batch, &indices)
}

/// All tables and series are the same bytes; report.json differs at exactly these pointers.
#[track_caller]
fn assert_same(original: &Report, other: &Report, different: &[&str]) {
    assert_eq!(original.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for name in original.keys().filter(|name| name.ends_with(".parquet") || name.ends_with(".csv")) {
        assert!(original[name] == other[name], "{name} differs");
    }
    let mut found = BTreeSet::new();
    let json = |report: &Report| serde_json::from_slice::<Value>(&report["report.json"]).unwrap();
    collect_differences(&json(original), &json(other), String::new(), &mut found);
    assert_eq!(found, different.iter().map(|&path| path.to_owned()).collect());
}

fn collect_differences(a: &Value, b: &Value, path: String, found: &mut BTreeSet<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                collect_differences(value, &b[key], format!("{path}/{key}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, value) in a.iter().enumerate() {
                collect_differences(value, &b[index], format!("{path}/{index}"), found);
            }
        }
        _ if a == b => {}
        _ => {
            found.insert(path);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_byte_of_any_file() {
    let bench = bench();
    let (batch, metadata) = bench.read_run("data/run.parquet");
    bench.write_run("groups/run.parquet", &batch, Some(&metadata.to_string()));
    let one = analyze(&bench, "groups/run.parquet", "one", "1");
    for attempt in 0..3 {
        let two = analyze(&bench, "groups/run.parquet", &format!("two-{attempt}"), "2");
        assert!(one == two);
    }
}

#[test]
fn the_order_of_the_rows_changes_only_what_is_said_about_the_file() {
    let bench = bench();
    let (batch, metadata) = bench.read_run("data/run.parquet");
    bench.write_run("shuffled/run.parquet", &shuffle(&batch), Some(&metadata.to_string()));
    let original = analyze(&bench, "data/run.parquet", "a", "2");
    let shuffled = analyze(&bench, "shuffled/run.parquet", "b", "2");
    // Written by others, so without a checksum; and in this order the sampler's clock runs backwards.
    let different = ["/data_quality/integrity", "/data_quality/sampler/clock_steps"];
    assert_same(&original, &shuffled, &different);
}

#[test]
fn a_recorded_run_does_not_depend_on_its_order_either() {
    let bench = bench();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/load_10.parquet");
    let (batch, mut metadata) = bench.read_run(recorded.to_str().unwrap());
    metadata["run_id"] = "run".into();
    bench.write_run("a/run.parquet", &batch, Some(&metadata.to_string()));
    bench.write_run("b/run.parquet", &shuffle(&batch), Some(&metadata.to_string()));
    let original = analyze(&bench, "a/run.parquet", "reports-a", "2");
    let shuffled = analyze(&bench, "b/run.parquet", "reports-b", "2");
    assert_same(&original, &shuffled, &["/data_quality/sampler/clock_steps"]);
}

#[test]
fn parts_with_metadata_in_each_are_the_run_in_one_file() {
    let bench = bench();
    let (batch, metadata) = bench.read_run("data/run.parquet");
    write_parts(&bench, "parts/run", &batch, Some(&metadata.to_string()));
    let original = analyze(&bench, "data/run.parquet", "a", "2");
    let parts = analyze(&bench, "parts/run", "b", "2");
    assert_same(&original, &parts, &["/data_quality/integrity"]);
}

#[test]
fn parts_with_metadata_beside_them_are_the_run_in_one_file() {
    let bench = bench();
    let (batch, metadata) = bench.read_run("data/run.parquet");
    write_parts(&bench, "parts/run", &batch, None);
    bench.write("parts/run/_run.json", &metadata.to_string());
    let original = analyze(&bench, "data/run.parquet", "a", "2");
    let parts = analyze(&bench, "parts/run", "b", "1");
    assert_same(&original, &parts, &["/data_quality/integrity", "/run/metadata_origin"]);
}

/// Three parts of unequal length, the rows in their order.
fn write_parts(bench: &Bench, folder: &str, batch: &RecordBatch, metadata: Option<&str>) {
    let rows = batch.num_rows();
    let cuts = [0, rows / 5, rows / 2, rows];
    for (part, cut) in cuts.windows(2).enumerate() {
        let name = format!("{folder}/part-{part}.parquet");
        bench.write_run(&name, &batch.slice(cut[0], cut[1] - cut[0]), metadata);
    }
}

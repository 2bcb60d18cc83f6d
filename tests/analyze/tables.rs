//! The tables against the rows of the run that they were made from, counted one by one.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use crate::support::Bench;
use crate::support::files::{read_table, requests, texts, with};

const TABLES: [(&str, i64); 2] =
    [("reports/run/timeseries.parquet", 1_000_000), ("reports/run/timeseries_100ms.parquet", 100_000)];

fn words(rows: &RecordBatch, column: &str) -> Vec<String> {
    let plain = cast(rows.column_by_name(column).unwrap(), &DataType::Utf8).unwrap();
    plain.as_string::<i32>().iter().map(|word| word.unwrap_or_default().to_owned()).collect()
}

fn integers(rows: &RecordBatch, column: &str) -> Vec<i64> {
    rows.column_by_name(column).unwrap().as_primitive::<Int64Type>().values().to_vec()
}

/// µs since 1970.
fn instants(rows: &RecordBatch, column: &str) -> Vec<i64> {
    let us = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let plain = cast(rows.column_by_name(column).unwrap(), &us).unwrap();
    plain.as_primitive::<TimestampMicrosecondType>().values().to_vec()
}

/// Calls of a tick: all that finished, ok, failed, hits, misses.
type Counts = [i64; 5];

/// The calls of each component that ended in each tick of `width_us`, from the rows of the run.
fn recounted(run: &RecordBatch, width_us: i64) -> BTreeMap<(String, i64), Counts> {
    let (component, operation, outcome) =
        (words(run, "component"), words(run, "operation"), words(run, "outcome"));
    let durations = run.column_by_name("duration_ms").unwrap();
    let durations = durations.as_primitive::<arrow_array::types::Float64Type>();
    let mut ticks = BTreeMap::new();
    for (row, start_us) in instants(run, "ts").into_iter().enumerate() {
        let (component, operation, outcome) = (&*component[row], &*operation[row], &*outcome[row]);
        let is_tier = component.starts_with("cache_l");
        let is_marker = component == "circuit_breaker" && (operation == "state" || operation.contains("->"));
        let is_upkeep =
            is_tier && matches!(operation, "put" | "evict" | "promote_from_l2" | "promote_from_l3");
        if is_marker || ["process", "phase"].contains(&component) || (outcome.is_empty() && !is_upkeep) {
            continue;
        }
        let ms = if durations.is_null(row) { 0.0 } else { durations.value(row) };
        let tick = (start_us + (ms * 1000.0).floor() as i64).div_euclid(width_us);
        let is_ok = ["ok", "hit"].contains(&outcome);
        let is_failed = !is_ok && !["", "miss", "blocked"].contains(&outcome);
        let is_lookup = is_tier && operation == "get";
        let call = [true, is_ok, is_failed, is_lookup && outcome == "hit", is_lookup && outcome == "miss"];
        let counts: &mut Counts = ticks.entry((component.to_owned(), tick)).or_default();
        counts.iter_mut().zip(call).for_each(|(count, is)| *count += i64::from(is));
    }
    ticks
}

#[track_caller]
fn assert_recounted(bench: &Bench, run: &RecordBatch) {
    for (table, width_us) in TABLES {
        let rows = read_table(&bench.path(table));
        let counts = ["count", "ok", "failed", "hits", "misses"].map(|column| integers(&rows, column));
        let keys = words(&rows, "component").into_iter().zip(instants(&rows, "ts"));
        let mut found = BTreeMap::new();
        for (row, (component, start_us)) in keys.enumerate() {
            let key = (component, start_us.div_euclid(width_us));
            let before = found.insert(key, counts.each_ref().map(|counts| counts[row]));
            assert_eq!(before, None, "one row for each component and tick");
        }
        assert_eq!(found, recounted(run, width_us), "{table}");
    }
}

#[test]
fn each_row_of_the_series_holds_what_ended_in_its_tick_and_a_plain_sum_each_call_once() {
    for (scenario, window) in [
        ("healthy", &["--from", "20", "--to", "70.5"][..]),
        ("breaker-flapping", &["--from", "0", "--to", "80"]),
        ("error-burst", &["--warmup", "10.05"]),
        ("healthy", &[]),
    ] {
        let bench = Bench::new();
        bench.simulate(scenario, "run", 90);
        let said = bench.call(&[&["analyze", "run", "--exit-zero"], window].concat());
        assert_eq!(said.code, 0, "{said:?}");
        let (run, _) = bench.read_run("data/run.parquet");
        assert_recounted(&bench, &run);
        let all = recounted(&run, i64::MAX);
        let hits: i64 = all.values().map(|counts| counts[3]).sum();
        assert!(hits > 0, "{scenario}: without hits nothing is shown");
    }
}

#[test]
fn the_judged_ticks_lie_in_the_judged_window_and_are_all_that_do() {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 90);
    assert_eq!(bench.call(&["analyze", "run", "--from", "20s", "--to", "1m10s", "--quiet"]).code, 0);
    let windows = read_table(&bench.path("reports/run/windows.parquet"));
    assert_eq!(words(&windows, "window"), ["whole", "chosen"]);
    let (from_us, to_us) = (instants(&windows, "start")[1], instants(&windows, "end")[1]);
    assert_eq!(to_us - from_us, 50_000_000);
    for (table, width_us) in TABLES {
        let rows = read_table(&bench.path(table));
        let judged = rows.column_by_name("judged").unwrap().as_boolean();
        let lies_in = |start_us: i64| start_us >= from_us && start_us + width_us <= to_us;
        let wanted: Vec<Option<bool>> =
            instants(&rows, "ts").into_iter().map(|at| Some(lies_in(at))).collect();
        assert_eq!(judged.iter().collect::<Vec<_>>(), wanted, "{table}");
        assert!(wanted.contains(&Some(true)) && wanted.contains(&Some(false)));
    }
}

#[test]
fn where_more_fail_than_succeed_the_difference_is_negative() {
    let bench = Bench::new();
    let outcomes: Vec<&str> = (0..2_000).map(|row| if row % 4 == 0 { "ok" } else { "timeout" }).collect();
    bench.write_columns("run.parquet", with(requests(2_000), "outcome", texts(&outcomes)));
    bench.call(&["analyze", "run.parquet", "--quiet"]);
    for (table, of_all) in [("runs", -1_000), ("timeseries", -1_000)] {
        let rows = read_table(&bench.path(&format!("reports/run/{table}.parquet")));
        let [ok, failed] =
            ["ok", "failed"].map(|column| rows.column_by_name(column).unwrap().as_primitive::<Int64Type>());
        let less: Vec<i64> =
            ok.values().iter().zip(failed.values()).map(|(ok, failed)| ok - failed).collect();
        assert!(less.iter().any(|&difference| difference < 0), "{table}: {less:?}");
        assert_eq!(less.iter().sum::<i64>(), of_all, "{table}");
    }
}

//! The tables that may be long: each tick once, in row groups, and of many runs put together.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// A second or tick of the run by its number, with this many calls.
fn tick(resolution_ms: u32, number: i64, count: u32) -> CallTick {
    let mean_ms = Some(number as f64).into();
    CallTick { count, mean_ms, ..fixture::call_tick(resolution_ms, number) }
}

/// A run of 20 s with these ticks of 100 ms and their calls, by component, judged from `from_s` to `to_s`.
fn run_in_part(run_id: &str, ticks: &[BTreeMap<i64, u32>], (from_s, to_s): (f64, f64)) -> Analysis {
    let mut summary = fixture::run_summary();
    summary.identity.run_id = run_id.into();
    let calls = |resolution_ms: u32, ticks_each: i64| {
        let of_component = move |(component, ticks): (usize, &BTreeMap<i64, u32>)| {
            let mut sums: BTreeMap<i64, u32> = BTreeMap::new();
            ticks.iter().for_each(|(number, count)| *sums.entry(number / ticks_each).or_default() += count);
            let ticks = sums.into_iter().map(|(number, count)| tick(resolution_ms, number, count));
            fixture::call_ticks(resolution_ms, component, ticks.collect())
        };
        ticks.iter().enumerate().map(of_component).filter(|calls| !calls.is_empty())
    };
    summary.series.calls = calls(100, 1).chain(calls(1000, 10)).collect();
    let mut part = Analysis::of_part(summary, &Config::defaults()).unwrap();
    let window = &mut part.summary.window;
    let at_us = |at_s: f64| fixture::START_US + (at_s * 1e6) as i64;
    (window.start_us, window.end_us) = (at_us(from_s), at_us(to_s));
    part
}

/// Two components with a call in each tick, judged from 2 s to 18 s.
fn evenly(run_id: &str) -> Analysis {
    let ticks: BTreeMap<i64, u32> = (0..200).map(|number| (number, 1)).collect();
    run_in_part(run_id, &[ticks.clone(), ticks], (2.0, 18.0))
}

proptest! {
    #[test]
    fn each_tick_of_a_component_is_one_row_and_a_plain_sum_counts_each_call_once(
        ticks in prop::collection::vec(prop::collection::btree_map(0i64..200, 1u32..1_000, 0..60), 2),
        from_s in 0.0..20.0f64,
        to_s in 0.0..20.0f64,
    ) {
        let part = run_in_part("fixture", &ticks, (from_s, to_s));
        let sum = |ticks: &BTreeMap<i64, u32>| ticks.values().map(|&count| i64::from(count)).sum();
        let calls: Vec<i64> = ticks.iter().map(sum).collect();
        check_series(&part, "timeseries.parquet", 1000, &calls);
        check_series(&part, "timeseries_100ms.parquet", 100, &calls);
    }
}

/// `calls` are those of each component.
fn check_series(part: &Analysis, name: &str, width_ms: i64, calls: &[i64]) {
    let (table, window) = (table(name), &part.summary.window);
    let rows = table.rows(&[part]).unwrap();
    assert!(integers(&rows, "resolution_ms").iter().all(|&resolution_ms| resolution_ms == width_ms));
    let components = texts(&rows, "component");
    let keys: Vec<_> = components.iter().zip(integers(&rows, "tick")).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    // Those of a component go forward in time, so that they can be drawn as they stand.
    assert!(keys.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].1 < pair[1].1));
    let lies_in = |start_us: i64| start_us >= window.start_us && start_us + width_ms * 1000 <= window.end_us;
    let wanted: Vec<_> = integers(&rows, "ts").into_iter().map(|start_us| Some(lies_in(start_us))).collect();
    assert_eq!(flags(&rows, "judged"), wanted);
    let counts = integers(&rows, "count");
    for (component, &calls) in part.whole.components.iter().zip(calls) {
        let mine =
            components.iter().zip(&counts).filter(|(name, _)| name.as_ref() == Some(&component.component));
        assert_eq!(mine.map(|(_, count)| count).sum::<i64>(), calls);
    }
    let back = arrow_select::concat::concat_batches(&rows.schema(), &read(rendered(&table, part))).unwrap();
    assert_eq!(back, rows);
}

#[test]
fn counts_are_signed_so_that_differences_may_be_negative() {
    let mut summary = fixture::run_summary();
    let tick = CallTick { ok: 1, failed: 3, ..fixture::call_tick(1000, 0) };
    summary.series.calls = vec![fixture::call_ticks(1000, 0, vec![tick])];
    summary.requests.totals.ok = Measured::Value(10);
    summary.requests.totals.failed = Measured::Value(402);
    let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    for (name, difference) in [("timeseries.parquet", -2), ("runs.parquet", -392)] {
        let rows = table(name).rows(&[&analysis]).unwrap();
        let [ok, failed] =
            ["ok", "failed"].map(|column| rows.column_by_name(column).unwrap().as_primitive::<Int64Type>());
        assert_eq!(ok.value(0) - failed.value(0), difference, "{name}");
    }
    for table in TABLES {
        let rows = table.rows(&[]).unwrap();
        assert!(rows.schema().fields().iter().all(|field| !field.data_type().is_unsigned_integer()));
    }
}

#[test]
fn long_tables_are_written_in_row_groups_and_hold_every_row() {
    const ROWS: usize = 2 * parquet_bytes::ROWS_PER_GROUP + 5;
    let mut summary = fixture::run_summary();
    let ticks = |resolution_ms, component, ticks| {
        let ticks = (0..ticks).map(|number| fixture::call_tick(resolution_ms, number));
        fixture::call_ticks(resolution_ms, component, ticks.collect())
    };
    // Two components share the last row group.
    let of_resolution =
        |resolution_ms| [ticks(resolution_ms, 0, ROWS as i64 - 9), ticks(resolution_ms, 1, 9)];
    summary.series.calls = [100, 1000].into_iter().flat_map(of_resolution).collect();
    let sample = |at_us: usize| SamplePoint { at_us: at_us as i64, value: at_us as f64, metric: 0 };
    summary.series.samples = SamplePoints::new((0..ROWS).map(sample).collect(), 0);
    let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    for table in ["timeseries.parquet", "timeseries_100ms.parquet", "samples.parquet"].map(table) {
        let bytes = rendered(&table, &analysis);
        let reader = ParquetRecordBatchReaderBuilder::try_new(parquet_bytes(bytes.clone())).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        let full = parquet_bytes::ROWS_PER_GROUP as i64;
        assert_eq!(groups, [full, full, 5], "{}", table.file_name);
        let wanted = table.rows(&[&analysis]).unwrap();
        let back = arrow_select::concat::concat_batches(&wanted.schema(), &read(bytes)).unwrap();
        assert_eq!(back, wanted, "{}", table.file_name);
    }
}

#[test]
fn tables_of_many_runs_hold_the_rows_of_each_in_order_whatever_came_first() {
    let runs = [evenly("a"), analysis()];
    let third = evenly("z");
    let folder = |order: [&Analysis; 3]| {
        let folder = tempfile::tempdir().unwrap();
        let staged = StagedTables::begin(folder.path(), &provenance()).unwrap();
        for analysis in order {
            TABLES.iter().for_each(|table| staged.add(table, analysis).unwrap());
        }
        staged.finish(&["a", "fixture", "z"]).unwrap();
        folder
    };
    let (one, other) = (folder([&runs[0], &runs[1], &third]), folder([&third, &runs[1], &runs[0]]));
    assert_eq!(std::fs::read_dir(one.path()).unwrap().count(), TABLES.len(), "nothing else is left");
    for table in TABLES {
        let bytes = std::fs::read(one.path().join(table.file_name)).unwrap();
        assert_eq!(bytes, std::fs::read(other.path().join(table.file_name)).unwrap(), "{}", table.file_name);
        let wanted = table.rows(&[&runs[0], &runs[1], &third]).unwrap();
        let back = arrow_select::concat::concat_batches(&wanted.schema(), &read(bytes)).unwrap();
        assert_eq!(back, wanted, "{}", table.file_name);
    }
}

//! The tables against their document and their own rows.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, UInt64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::config::Config;
use crate::summary::{CallTick, CallTicks, SamplePoint, SamplePoints, fixture};

fn analysis() -> Analysis {
    Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap()
}

fn provenance() -> Provenance {
    Provenance {
        generated_at: "2025-03-02T00:00:00Z".into(),
        tool: "cmo-metrics 0.1.0".into(),
        config_file: None,
    }
}

fn table(file_name: &str) -> Table {
    TABLES.into_iter().find(|table| table.file_name == file_name).unwrap()
}

fn rows(file_name: &str) -> RecordBatch {
    table(file_name).rows(&[&analysis()]).unwrap()
}

fn texts(rows: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let plain = cast(rows.column_by_name(column).unwrap(), &DataType::Utf8).unwrap();
    plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

fn numbers(rows: &RecordBatch, column: &str) -> Vec<Option<f64>> {
    rows.column_by_name(column).unwrap().as_primitive::<Float64Type>().iter().collect()
}

fn names(rows: &RecordBatch) -> Vec<String> {
    rows.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// The word of `docs/TABLES.md` for a type.
fn type_word(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => "text",
        DataType::Float64 => "float64",
        DataType::UInt64 => "uint64",
        DataType::UInt32 => "uint32",
        DataType::Boolean => "bool",
        DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
            "timestamp"
        }
        other => panic!("{other} is no type of the tables"),
    }
}

/// Table name → its (column, type) pairs, read from the document's Markdown tables.
fn documented() -> BTreeMap<String, Vec<(String, String)>> {
    let document = include_str!("../../../docs/TABLES.md");
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut current = None;
    for line in document.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            current = Some(heading.trim_matches('`').to_owned()).filter(|name| name.ends_with(".parquet"));
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let (Some(name), ["", column, kind, ..]) = (&current, cells.as_slice())
            && let Some(column) = column.strip_prefix('`').and_then(|column| column.strip_suffix('`'))
        {
            tables.entry(name.clone()).or_default().push((column.to_owned(), (*kind).to_owned()));
        }
    }
    tables
}

#[test]
fn the_document_lists_exactly_the_columns_of_each_table_with_their_types() {
    let documented = documented();
    let empty = crate::comparison::Compared {
        runs: Vec::new(),
        quarantined: Vec::new(),
        reference: crate::comparison::Reference::Nothing,
        group_by: crate::comparison::GroupKey::Scenario,
    };
    let nothing = Comparison::of(empty, &Config::defaults());
    let of_runs = TABLES.map(|table| (table.file_name, table.rows(&[]).unwrap()));
    let of_comparisons = COMPARISON_TABLES.map(|table| (table.file_name, table.rows(&nothing).unwrap()));
    assert_eq!(documented.len(), of_runs.len() + of_comparisons.len());
    for (file_name, rows) in of_runs.into_iter().chain(of_comparisons) {
        let schema = rows.schema();
        let real: Vec<(String, String)> = schema
            .fields()
            .iter()
            .map(|field| (field.name().clone(), type_word(field.data_type()).to_owned()))
            .collect();
        assert_eq!(documented[file_name], real, "{file_name}");
    }
}

#[test]
fn the_columns_that_others_rely_on_come_first_in_their_order() {
    for (file_name, wanted) in [
        (
            "runs.parquet",
            "run_id test_name users start end duration_s requests ok failed success_rate throughput_per_s p50_ms p95_ms p99_ms grade",
        ),
        (
            "percentiles.parquet",
            "run_id window component operation outcome_class category quantile value_ms ci_low_ms ci_high_ms n low_sample",
        ),
        (
            "timeseries.parquet",
            "run_id resolution_ms ts tick component count ok failed mean_ms p50_ms p95_ms max_ms in_flight window",
        ),
        ("samples.parquet", "run_id ts tick metric value"),
        ("components.parquet", "run_id component operation metric value unit"),
        ("errors.parquet", "run_id component category count share first_ts last_ts example"),
        ("verdicts.parquet", "run_id window kind subject other metric verdict severity value"),
    ] {
        let names = names(&rows(file_name)).join(" ");
        assert!(names.starts_with(wanted), "{file_name}: {names}");
    }
    assert_eq!(crate::report::csv::HEADER.replace(',', " "), names(&rows("timeseries.parquet")).join(" "));
}

#[test]
fn a_parquet_file_reads_back_as_it_was_with_provenance_and_the_same_bytes() {
    for table in TABLES {
        let bytes = rendered(&table, &analysis());
        assert_eq!(bytes, rendered(&table, &analysis()), "{}", table.file_name);
        let reader = ParquetRecordBatchReaderBuilder::try_new(parquet_bytes(bytes)).unwrap();
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
        let of = |key: &str| metadata.iter().find(|entry| entry.key == key).unwrap().value.clone().unwrap();
        assert_eq!(of("cmo.schema_version"), "1");
        assert_eq!(format!("{}.parquet", of("cmo.table")), table.file_name);
        assert!(of("cmo.provenance").contains("2025-03-02T00:00:00Z"));
        let back: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
        assert_eq!(back, [table.rows(&[&analysis()]).unwrap()], "{}", table.file_name);
    }
}

fn parquet_bytes(bytes: Vec<u8>) -> impl parquet::file::reader::ChunkReader + 'static {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    file
}

#[test]
fn without_runs_the_tables_are_empty_and_keep_their_columns() {
    for table in TABLES {
        let empty = table.rows(&[]).unwrap();
        assert_eq!(empty.num_rows(), 0);
        assert_eq!(empty.schema(), table.rows(&[&analysis()]).unwrap().schema());
    }
}

#[test]
fn several_runs_stand_one_after_the_other() {
    let mut second = analysis();
    second.summary.identity.run_id = "other".into();
    let rows = table("runs.parquet").rows(&[&analysis(), &second]).unwrap();
    assert_eq!(texts(&rows, "run_id"), [Some("fixture".into()), Some("other".into())]);
    assert_eq!(texts(&rows, "grade"), [Some("A".to_owned()), Some("A".to_owned())]);
}

#[test]
fn percentiles_and_ticks_stand_once_for_each_window_and_a_run_once() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let windows = |file_name: &str| {
        let rows = table(file_name).rows(&[&part]).unwrap();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        texts(&rows, "window").into_iter().for_each(|name| *counts.entry(name.unwrap()).or_default() += 1);
        counts
    };
    let whole = rows("percentiles.parquet").num_rows();
    assert_eq!(
        windows("percentiles.parquet"),
        BTreeMap::from([("steady".into(), whole), ("whole".into(), whole)])
    );
    assert_eq!(windows("timeseries.parquet"), BTreeMap::from([("steady".into(), 1), ("whole".into(), 5)]));
    assert_eq!(windows("runs.parquet"), BTreeMap::from([("steady".into(), 1)]));
    // Samples are those of the whole run: cutting the window must not lose any.
    assert_eq!(table("samples.parquet").rows(&[&part]).unwrap().num_rows(), 1);
    assert_eq!(
        crate::report::csv::render(&[&part]).lines().filter(|line| line.ends_with(",steady")).count(),
        1
    );
}

#[test]
fn percentiles_stand_by_class_and_by_category_with_their_sample() {
    let rows = rows("percentiles.parquet");
    let (class, category, component) =
        (texts(&rows, "outcome_class"), texts(&rows, "category"), texts(&rows, "component"));
    let (quantile, value) = (numbers(&rows, "quantile"), numbers(&rows, "value_ms"));
    let n = rows.column_by_name("n").unwrap().as_primitive::<UInt64Type>();
    let low = rows.column_by_name("low_sample").unwrap().as_boolean();
    let find = |wanted_class: &str, wanted_category: Option<&str>, q: f64| {
        let is_row = |row: &usize| {
            class[*row].as_deref() == Some(wanted_class)
                && category[*row].as_deref() == wanted_category
                && component[*row].as_deref() == Some("request")
                && quantile[*row] == Some(q)
        };
        let row = (0..rows.num_rows()).find(is_row).unwrap();
        (value[row], n.value(row), low.value(row))
    };
    assert_eq!(find("ok", None, 0.5), (Some(599.0), 400, false));
    assert_eq!(find("failed", Some("timeout"), 0.95), (Some(5000.0), 8, true));
    assert_eq!(find("all", None, 0.999).1, 412);
    assert!(numbers(&rows, "ci_low_ms").iter().all(Option::is_none));
    // vector_db never failed: no rows rather than rows of nulls.
    let failed_vector_db = |row: usize| {
        component[row].as_deref() == Some("vector_db") && class[row].as_deref() == Some("failed")
    };
    assert!(!(0..rows.num_rows()).any(failed_vector_db));
}

#[test]
fn components_hold_their_numbers_in_long_form() {
    let rows = rows("components.parquet");
    let (component, operation, metric, unit) =
        (texts(&rows, "component"), texts(&rows, "operation"), texts(&rows, "metric"), texts(&rows, "unit"));
    let value = numbers(&rows, "value");
    for (wanted, wanted_value, wanted_unit) in [
        (("request", None, "failed"), Some(12.0), "count"),
        (("request", None, "outcome:timeout"), Some(8.0), "count"),
        (("vector_db", Some("search"), "p95_ms"), Some(20.0), "ms"),
        (("vector_db", None, "total_cost_usd"), None, "usd"),
        (("cache_l1", None, "hit_rate"), Some(0.82), "ratio"),
        (("cache", None, "lookup_hit_rate"), Some(0.91), "ratio"),
        (("lightrag", Some("hybrid"), "mode_share"), Some(0.7), "ratio"),
        (("circuit_breaker", None, "opened"), Some(1.0), "count"),
        (("fallback_system", Some("perplexity"), "level_quality_change"), Some(-0.2), "ratio"),
        (("unattributed", None, "time_share"), Some(0.375), "ratio"),
    ] {
        let matches: Vec<usize> = (0..rows.num_rows())
            .filter(|&row| {
                (
                    component[row].as_deref().unwrap(),
                    operation[row].as_deref(),
                    metric[row].as_deref().unwrap(),
                ) == wanted
            })
            .collect();
        assert_eq!(matches.len(), 1, "{wanted:?}");
        assert_eq!(
            (value[matches[0]], unit[matches[0]].as_deref()),
            (wanted_value, Some(wanted_unit)),
            "{wanted:?}"
        );
    }
    let mut keys: Vec<_> =
        (0..rows.num_rows()).map(|row| (&component[row], &operation[row], &metric[row])).collect();
    keys.sort();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all, "each number stands once");
}

fn ticks(resolution_ms: u32, component: usize, number: i64) -> CallTicks {
    let tick = |at| CallTick { mean_ms: Some(at as f64).into(), ..fixture::call_tick(resolution_ms, at) };
    fixture::call_ticks(resolution_ms, component, (0..number).map(tick).collect())
}

/// A run of 20 s with a tick every 100 ms, judged from 2 s to 18 s.
fn run_in_part(run_id: &str) -> Analysis {
    let mut summary = fixture::run_summary();
    summary.identity.run_id = run_id.into();
    let resolutions = [(100, 200), (1000, 20)];
    summary.series.calls = resolutions
        .into_iter()
        .flat_map(|(resolution_ms, number)| {
            (0..2).map(move |component| ticks(resolution_ms, component, number))
        })
        .collect();
    let mut part = Analysis::of_part(summary, &Config::defaults()).unwrap();
    let judged = &mut part.summary;
    judged.window.end_us = fixture::START_US + 18_000_000;
    let (start_us, end_us) = (judged.window.start_us, judged.window.end_us);
    let split = part.whole.series.calls.iter().map(|calls| calls.split(start_us, end_us));
    judged.series.calls = split.map(|[_, within, _]| within).collect();
    part
}

fn as_text(column: &arrow::array::ArrayRef) -> arrow::array::ArrayRef {
    let plain = match column.data_type() {
        DataType::Timestamp(..) => cast(column, &DataType::Int64).unwrap(),
        _ => column.clone(),
    };
    cast(&plain, &DataType::Utf8).unwrap()
}

/// Every row as text, sorted.
fn sorted_rows(batches: &[RecordBatch]) -> Vec<String> {
    let mut lines = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch.columns().iter().map(|column| as_text(column)).collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<&str> =
                columns.iter().map(|column| column.as_string::<i32>().value(row)).collect();
            lines.push(cells.join(" "));
        }
    }
    lines.sort();
    lines
}

/// The table of one run as a file.
fn rendered(table: &Table, analysis: &Analysis) -> Vec<u8> {
    let mut bytes = Vec::new();
    table.write(analysis, &provenance(), &mut bytes).unwrap();
    bytes
}

fn read(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(parquet_bytes(bytes)).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_two_windows_share_is_stored_once_and_read_twice() {
    let part = run_in_part("fixture");
    let table = table("timeseries.parquet");
    let bytes = rendered(&table, &part);
    let all = table.rows(&[&part]).unwrap();
    assert_eq!(all.num_rows(), 2 * (200 + 20) + 2 * (160 + 16));
    assert_eq!(sorted_rows(&read(bytes.clone())), sorted_rows(&[all]));
    // Each series goes forward in time, so that it can be drawn as it stands.
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for batch in read(bytes.clone()) {
        let ts =
            batch.column_by_name("ts").unwrap().as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
        let key =
            ["window", "component", "resolution_ms"].map(|name| as_text(batch.column_by_name(name).unwrap()));
        for row in 0..batch.num_rows() {
            let key: Vec<&str> = key.iter().map(|column| column.as_string::<i32>().value(row)).collect();
            let before = last.insert(key.join(" "), ts.value(row));
            assert!(before.is_none_or(|before| before < ts.value(row)), "{key:?}");
        }
    }
    let whole = Analysis::of_whole(part.whole.clone(), &Config::defaults()).unwrap();
    let once = rendered(&table, &whole).len();
    assert!(bytes.len() < once + once / 2 + 4_000, "{} and {once} bytes", bytes.len());
    // A judged window whose ticks are not those of the whole is written as it is.
    let mut other = part;
    let calls = &mut other.summary.series.calls[0];
    let mut ticks: Vec<_> = calls.ticks().collect();
    ticks[7].count += 1;
    *calls = fixture::call_ticks(100, 0, ticks);
    let bytes = rendered(&table, &other);
    assert_eq!(sorted_rows(&read(bytes)), sorted_rows(&[table.rows(&[&other]).unwrap()]));
}

#[test]
fn long_tables_are_written_in_row_groups_and_hold_every_row() {
    const ROWS: usize = 2 * parquet_bytes::ROWS_PER_GROUP + 5;
    let mut summary = fixture::run_summary();
    let ticks = (0..ROWS as i64 - 5).map(|number| fixture::call_tick(100, number)).collect();
    // Two components share the last row group.
    summary.series.calls = vec![
        fixture::call_ticks(100, 0, ticks),
        fixture::call_ticks(100, 1, (0..5).map(|number| fixture::call_tick(100, number)).collect()),
    ];
    let sample = |at_us: usize| SamplePoint { at_us: at_us as i64, value: at_us as f64, metric: 0 };
    summary.series.samples = SamplePoints::new((0..ROWS).map(sample).collect(), 0);
    let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    for table in ["timeseries.parquet", "samples.parquet"].map(table) {
        let bytes = rendered(&table, &analysis);
        let reader = ParquetRecordBatchReaderBuilder::try_new(parquet_bytes(bytes.clone())).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        let full = parquet_bytes::ROWS_PER_GROUP as i64;
        assert_eq!(groups, [full, full, 5], "{}", table.file_name);
        let wanted = table.rows(&[&analysis]).unwrap();
        let back = arrow::compute::concat_batches(&wanted.schema(), &read(bytes)).unwrap();
        assert_eq!(back, wanted, "{}", table.file_name);
    }
}

#[test]
fn tables_of_many_runs_hold_the_rows_of_each_in_order_whatever_came_first() {
    let runs = [run_in_part("a"), Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap()];
    let third = run_in_part("z");
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
        if table.file_name == "timeseries.parquet" {
            assert_eq!(sorted_rows(&read(bytes)), sorted_rows(&[wanted]));
        } else {
            let back = arrow::compute::concat_batches(&wanted.schema(), &read(bytes)).unwrap();
            assert_eq!(back, wanted, "{}", table.file_name);
        }
    }
}

#[test]
fn tables_of_no_run_are_there_and_empty() {
    let folder = tempfile::tempdir().unwrap();
    StagedTables::begin(folder.path(), &provenance()).unwrap().finish(&[]).unwrap();
    for table in TABLES {
        let file = std::fs::File::open(folder.path().join(table.file_name)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let columns = |schema: &arrow::datatypes::Schema| -> Vec<(String, DataType)> {
            schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
        };
        assert_eq!(columns(reader.schema()), columns(&table.rows(&[]).unwrap().schema()));
        assert_eq!(reader.build().unwrap().count(), 0);
    }
}

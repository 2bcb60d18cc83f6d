//! The tables against their document and their own rows.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::config::Config;
use crate::summary::{CallTick, Measured, SamplePoint, SamplePoints, fixture};

mod series;

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
        DataType::Int64 => "int64",
        DataType::Int32 => "int32",
        DataType::Boolean => "bool",
        DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
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
            "run_id test_name users start end duration_s requests ok failed grade grade_score low_sample system_health success_rate throughput_per_s ok_per_s",
        ),
        (
            "percentiles.parquet",
            "run_id window component operation outcome_class category quantile value_ms ci_low_ms ci_high_ms n low_sample judged",
        ),
        (
            "timeseries.parquet",
            "run_id resolution_ms ts tick component count ok failed hits misses mean_ms p50_ms p95_ms max_ms in_flight judged",
        ),
        ("windows.parquet", "run_id window judged start end duration_s is_trusted reason"),
        ("samples.parquet", "run_id ts tick metric value"),
        ("components.parquet", "run_id component operation metric value unit"),
        ("errors.parquet", "run_id component category count share first_ts last_ts example"),
        ("verdicts.parquet", "run_id window kind subject other metric verdict severity value"),
    ] {
        let names = names(&rows(file_name)).join(" ");
        assert!(names.starts_with(wanted), "{file_name}: {names}");
    }
    for table in ["timeseries.parquet", "timeseries_100ms.parquet"] {
        assert_eq!(crate::report::csv::HEADER.replace(',', " "), names(&rows(table)).join(" "));
    }
}

#[test]
fn a_parquet_file_reads_back_as_it_was_with_provenance_and_the_same_bytes() {
    for table in TABLES {
        let bytes = rendered(&table, &analysis());
        assert_eq!(bytes, rendered(&table, &analysis()), "{}", table.file_name);
        let reader = ParquetRecordBatchReaderBuilder::try_new(parquet_bytes(bytes)).unwrap();
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
        let of = |key: &str| metadata.iter().find(|entry| entry.key == key).unwrap().value.clone().unwrap();
        assert_eq!(of("cmo.schema_version"), "2");
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

fn flags(rows: &RecordBatch, column: &str) -> Vec<Option<bool>> {
    rows.column_by_name(column).unwrap().as_boolean().iter().collect()
}

fn integers(rows: &RecordBatch, column: &str) -> Vec<i64> {
    let wide = cast(rows.column_by_name(column).unwrap(), &DataType::Int64).unwrap();
    wide.as_primitive::<Int64Type>().values().to_vec()
}

#[test]
fn a_run_has_its_windows_and_the_judged_one_says_why() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let windows = table("windows.parquet").rows(&[&analysis(), &part]).unwrap();
    assert_eq!(texts(&windows, "window").iter().flatten().collect::<Vec<_>>(), ["whole", "whole", "steady"]);
    assert_eq!(flags(&windows, "judged"), [true, false, true].map(Some));
    assert_eq!(flags(&windows, "is_trusted"), [Some(true), None, Some(false)]);
    assert_eq!(numbers(&windows, "duration_s"), [Some(20.0), Some(20.0), Some(18.0)]);
    let words = texts(&windows, "steadiness");
    assert_eq!(words, [Some("steady".to_owned()), None, Some("cannot_tell".to_owned())]);
    let reasons = texts(&windows, "reason");
    assert_eq!(reasons[..2], [Some("the whole run of 20 s: steady".to_owned()), None]);
    assert!(reasons[2].as_ref().unwrap().starts_with("from 2 s to 20 s: "), "{reasons:?}");
}

#[test]
fn percentiles_stand_once_for_each_window_and_say_which_is_judged() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let of_part = table("percentiles.parquet").rows(&[&part]).unwrap();
    let of_whole = rows("percentiles.parquet");
    let judged = |rows: &RecordBatch| -> BTreeMap<(String, bool), usize> {
        let mut counts = BTreeMap::new();
        for (window, judged) in texts(rows, "window").into_iter().zip(flags(rows, "judged")) {
            *counts.entry((window.unwrap(), judged.unwrap())).or_default() += 1;
        }
        counts
    };
    let n = of_whole.num_rows();
    assert_eq!(judged(&of_whole), BTreeMap::from([(("whole".into(), true), n)]));
    assert_eq!(
        judged(&of_part),
        BTreeMap::from([(("whole".into(), false), n), (("steady".into(), true), n)])
    );
}

#[test]
fn the_series_are_of_the_whole_run_and_say_which_ticks_are_judged() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let judged = |analysis: &Analysis, name: &str| flags(&table(name).rows(&[analysis]).unwrap(), "judged");
    // The first two seconds of the part's run are not judged.
    assert_eq!(judged(&part, "timeseries.parquet"), [Some(false); 2]);
    assert_eq!(judged(&part, "timeseries_100ms.parquet"), [Some(false); 3]);
    assert_eq!(judged(&analysis(), "timeseries.parquet"), [Some(true); 2]);
    assert_eq!(judged(&analysis(), "timeseries_100ms.parquet"), [Some(true); 3]);
    // Samples are those of the whole run: cutting the window must not lose any.
    assert_eq!(table("samples.parquet").rows(&[&part]).unwrap().num_rows(), 1);
}

#[test]
fn percentiles_stand_by_class_and_by_category_with_their_sample() {
    let rows = rows("percentiles.parquet");
    let (class, category, component) =
        (texts(&rows, "outcome_class"), texts(&rows, "category"), texts(&rows, "component"));
    let (quantile, value) = (numbers(&rows, "quantile"), numbers(&rows, "value_ms"));
    let n = rows.column_by_name("n").unwrap().as_primitive::<Int64Type>();
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
    assert_eq!(find("finished", None, 0.999).1, 412);
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
fn tables_of_no_run_are_there_and_empty() {
    let folder = tempfile::tempdir().unwrap();
    StagedTables::begin(folder.path(), &provenance()).unwrap().finish(&[]).unwrap();
    for table in TABLES {
        let file = std::fs::File::open(folder.path().join(table.file_name)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let columns = |schema: &arrow_schema::Schema| -> Vec<(String, DataType)> {
            schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
        };
        assert_eq!(columns(reader.schema()), columns(&table.rows(&[]).unwrap().schema()));
        assert_eq!(reader.build().unwrap().count(), 0);
    }
}

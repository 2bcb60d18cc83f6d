//! A column is added by one entry: what follows from the table follows from one with an entry more.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;
use serde::de::MapAccess;

use crate::config::Config;
use crate::record::line::fields::{Raw, RawColumns, RawLine, define_raw_event, raw, start_us, value};
use crate::record::line::value::{Instant, Real, Whole};
use crate::run::columns::{
    Column, Encoding, Kind, Table, define_columns, describe_columns, names_and_kinds, run_table, value_type,
};
use crate::run::event::define_event;
use crate::run::write::stores::{Sparse, Store, Stores, Texts, define_stores, given, store};
use crate::run::write::words::{Code, Words};
use crate::run::{self, Row, RunFile, RunMetadata, RunWriter, locate};

const TS: i64 = 1_767_225_600_000_000;

macro_rules! extended_table {
    ($($then:tt)*) => {
        run_table! { $($then)*
            /// how freely the model was to answer, 0..2
            temperature: Number { least: 0.0, most: 2.0, encoding: Encoding::Plain };
        }
    };
}

extended_table! { [define_columns] [] }
extended_table! { [define_event] [] }
extended_table! { [names_and_kinds] [define_stores] }
extended_table! { [names_and_kinds] [define_raw_event] }

fn event_of(line: &str) -> Result<Event, String> {
    let raw: RawLine<RawEvent> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    assert_eq!(raw.unknown_keys, [""; 0]);
    raw.event.into_event(Some(TS))
}

#[test]
fn a_new_column_is_taken_from_a_line_written_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let mut writer = RunWriter::<RunStores>::start(&path).unwrap();
    writer.push(&event_of(r#"{"component":"lightrag","temperature":0.7}"#).unwrap()).unwrap();
    let component = writer.code("lightrag");
    writer.row(TS + 1, component).unwrap().temperature(0.9).attempt(1);
    writer.row(TS + 2, component).unwrap();
    writer.finish(&RunMetadata::default()).unwrap();

    let source = locate(&[path.display().to_string()], folder.path()).remove(0).unwrap();
    let limits = Config::defaults().run;
    let file = RunFile::open_by(COLUMNS, &source, &limits).unwrap();
    let keep = |kept: &mut Vec<Option<f64>>, batch: &run::Batch| {
        kept.extend(batch.frame.column("temperature").unwrap().f64().unwrap().iter());
    };
    let (values, report) = file.fold(|_| Vec::new(), keep, |one, other| one.append(other)).unwrap();
    assert_eq!(values, [Some(0.7), Some(0.9), None]);
    assert_eq!((report.missing_columns.len(), report.extra_columns.len()), (0, 0));
    // By the table without it, it is a column that is not used.
    let file = RunFile::open(&source, &limits).unwrap();
    let ((), report) = file.fold(|_| (), |(), _| (), |(), &mut ()| ()).unwrap();
    assert_eq!(report.extra_columns, ["temperature"]);
}

#[test]
fn a_new_column_is_checked_by_what_its_entry_says() {
    let fault = |value: &str| {
        event_of(&format!(r#"{{"component":"lightrag","temperature":{value}}}"#)).expect_err(value)
    };
    assert_eq!(fault("2.5"), "`temperature` is 2.5, above 2");
    assert_eq!(fault("-1"), "`temperature` is -1, below 0");
    assert!(
        fault(r#""hot""#)
            .starts_with("`temperature`: invalid type: string \"hot\", expected a finite number")
    );
}

#[test]
fn a_new_column_stands_in_the_documents() {
    let described = describe_columns(COLUMNS);
    assert_eq!(
        described.strip_prefix(&describe_columns(run::COLUMNS)),
        Some("| `temperature` | number (float64) | how freely the model was to answer, 0..2 |\n")
    );
}

//! Reads a run file back into events, for tests: through the parquet crate alone, sharing no code with `run`'s reader.

use std::fs::File;
use std::path::Path;

use crate::run::columns::{Typed, kinds, run_columns};
use crate::run::{Event, RunMetadata};
use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{Float64Type, Int32Type, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub(crate) fn read_events(path: &Path) -> Vec<Event> {
    let file = File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.flat_map(|batch| batch_events(&batch.unwrap())).collect()
}

pub(crate) fn read_metadata(path: &Path) -> RunMetadata {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let pairs = builder.metadata().file_metadata().key_value_metadata().unwrap();
    let json = pairs.iter().find(|pair| pair.key == "cmo.run").unwrap().value.clone().unwrap();
    serde_json::from_str(&json).unwrap()
}

macro_rules! define_batch_events {
    (
        required { $($must:ident: $must_kind:ident),* }
        optional { $($name:ident: $kind:ident),* }
    ) => {
        fn batch_events(batch: &RecordBatch) -> Vec<Event> {
            let column = |name: &str| batch.column_by_name(name).unwrap().clone();
            $(let $must = kinds::$must_kind::values(&column(stringify!($must)));)*
            $(let $name = kinds::$kind::values(&column(stringify!($name)));)*
            let event = |row: usize| Event {
                $($must: $must[row].clone().unwrap(),)*
                $($name: $name[row].clone(),)*
            };
            (0..batch.num_rows()).map(event).collect()
        }
    };
}

run_columns!(define_batch_events);

trait ReadBack: Typed {
    fn values(array: &ArrayRef) -> Vec<Option<Self::Value>>;
}

macro_rules! read_numbers {
    ($($kind:ident as $arrow:ident;)*) => { $(
        impl ReadBack for kinds::$kind {
            fn values(array: &ArrayRef) -> Vec<Option<Self::Value>> {
                array.as_primitive::<$arrow>().iter().collect()
            }
        }
    )* };
}

read_numbers! {
    Time as TimestampMicrosecondType;
    Measure as Float64Type;
    Number as Float64Type;
    Id as UInt64Type;
    Hash as UInt64Type;
    SmallId as UInt32Type;
    Count as UInt32Type;
    SmallCount as UInt8Type;
}

impl ReadBack for kinds::Word {
    fn values(array: &ArrayRef) -> Vec<Option<String>> {
        let array = array.as_dictionary::<Int32Type>();
        let words = array.values().as_string::<i32>();
        array.keys().iter().map(|code| code.map(|code| words.value(code as usize).to_owned())).collect()
    }
}

impl ReadBack for kinds::Text {
    fn values(array: &ArrayRef) -> Vec<Option<String>> {
        array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }
}

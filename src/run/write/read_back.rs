//! Reads a run file back into events, for tests: through the parquet crate alone, sharing no code with `run`'s reader.

use std::fs::File;
use std::path::Path;

use crate::run::columns::{run_columns, value_type};
use crate::run::{Event, RunMetadata};
use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
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
    ({ $($must:ident: $must_kind:ident)* } $($name:ident: $kind:ident)*) => {
        fn batch_events(batch: &RecordBatch) -> Vec<Event> {
            let column = |name: &str| batch.column_by_name(name).unwrap().clone();
            $(let $must = <value_type!($must_kind)>::values(&column(stringify!($must)));)*
            $(let $name = <value_type!($kind)>::values(&column(stringify!($name)));)*
            let event = |row: usize| Event {
                $($must: $must[row].clone().unwrap(),)*
                $($name: $name[row].clone(),)*
            };
            (0..batch.num_rows()).map(event).collect()
        }
    };
}

run_columns!(define_batch_events);

trait ReadBack: Sized {
    fn values(array: &ArrayRef) -> Vec<Option<Self>>;
}

macro_rules! read_numbers {
    ($($native:ident as $arrow:ident,)*) => { $(
        impl ReadBack for $native {
            fn values(array: &ArrayRef) -> Vec<Option<$native>> {
                array.as_primitive::<$arrow>().iter().collect()
            }
        }
    )* };
}

read_numbers! {
    i64 as TimestampMicrosecondType, f64 as Float64Type, u64 as UInt64Type, u32 as UInt32Type, u8 as UInt8Type,
}

impl ReadBack for String {
    fn values(array: &ArrayRef) -> Vec<Option<String>> {
        let texts = cast(array, &DataType::Utf8).unwrap();
        texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }
}

//! Real warm-up series with labels, read from a Parquet file: `steady_from` and the list `duration_ms`.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::loads::{Load, Request};

/// Seconds between the starts of two iterations, so that each is a request of an open loop.
const APART_S: f64 = 0.1;

/// Each series as a load; none is steady from a time on where the label says that it never gets so.
pub fn read(path: &Path) -> Vec<Load> {
    let file = File::open(path).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut loads = Vec::new();
    for batch in batches.map(Result::unwrap) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let (names, steady) = (column("run_id"), column("steady_from").as_primitive::<Int32Type>());
        let names = arrow_cast::cast(names, &arrow_schema::DataType::Utf8).unwrap();
        for row in 0..batch.num_rows() {
            let durations = column("duration_ms").as_list::<i32>().value(row);
            let durations = arrow_cast::cast(&durations, &arrow_schema::DataType::Float64).unwrap();
            let durations = durations.as_primitive::<Float64Type>().values().iter();
            let request =
                |(index, &ms): (usize, &f64)| Request { at_s: index as f64 * APART_S, ms, is_ok: true };
            let name = names.as_string::<i32>().value(row).to_owned();
            let steady_s = usize::try_from(steady.value(row)).ok().map(|index| index as f64 * APART_S);
            loads.push(Load { steady_s, ..Load::new(name, durations.enumerate().map(request).collect()) });
        }
    }
    loads
}

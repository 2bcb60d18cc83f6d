//! Reads a run file back into events, for tests: through the parquet crate alone, sharing no code with `run`'s reader.

use std::fs::File;
use std::path::Path;

use crate::run::{Event, RunMetadata};
use arrow::array::{Array, ArrayRef, AsArray};
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

fn batch_events(batch: &RecordBatch) -> Vec<Event> {
    let column = |name: &str| batch.column_by_name(name).unwrap().clone();
    let text = |name: &str| text_column(&column(name));
    let float =
        |name: &str| -> Vec<Option<f64>> { column(name).as_primitive::<Float64Type>().iter().collect() };
    let time = |name: &str| -> Vec<Option<i64>> {
        column(name).as_primitive::<TimestampMicrosecondType>().iter().collect()
    };
    let u64s =
        |name: &str| -> Vec<Option<u64>> { column(name).as_primitive::<UInt64Type>().iter().collect() };
    let u32s =
        |name: &str| -> Vec<Option<u32>> { column(name).as_primitive::<UInt32Type>().iter().collect() };
    let attempt: Vec<Option<u8>> = column("attempt").as_primitive::<UInt8Type>().iter().collect();
    let detail = column("detail");
    let detail = detail.as_string::<i32>();
    let (ts, scheduled_ts) = (time("ts"), time("scheduled_ts"));
    let (component, operation, outcome) = (text("component"), text("operation"), text("outcome"));
    let (instance, answered_by) = (text("instance"), text("answered_by"));
    let (duration_ms, value, queue_ms) = (float("duration_ms"), float("value"), float("queue_ms"));
    let (ttft_ms, cost_usd, quality) = (float("ttft_ms"), float("cost_usd"), float("quality"));
    let (request_id, key) = (u64s("request_id"), u64s("key"));
    let (user_id, tokens_in, tokens_out) = (u32s("user_id"), u32s("tokens_in"), u32s("tokens_out"));
    (0..batch.num_rows())
        .map(|row| Event {
            ts: ts[row].unwrap(),
            component: component[row].clone().unwrap(),
            operation: operation[row].clone(),
            outcome: outcome[row].clone(),
            duration_ms: duration_ms[row],
            value: value[row],
            instance: instance[row].clone(),
            request_id: request_id[row],
            user_id: user_id[row],
            answered_by: answered_by[row].clone(),
            attempt: attempt[row],
            scheduled_ts: scheduled_ts[row],
            queue_ms: queue_ms[row],
            tokens_in: tokens_in[row],
            tokens_out: tokens_out[row],
            ttft_ms: ttft_ms[row],
            cost_usd: cost_usd[row],
            quality: quality[row],
            key: key[row],
            detail: detail.is_valid(row).then(|| detail.value(row).to_owned()),
        })
        .collect()
}

fn text_column(array: &ArrayRef) -> Vec<Option<String>> {
    let array = array.as_dictionary::<Int32Type>();
    let words = array.values().as_string::<i32>();
    array.keys().iter().map(|code| code.map(|code| words.value(code as usize).to_owned())).collect()
}

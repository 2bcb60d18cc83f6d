//! Does the clock of a recording run backwards? Asked of `process` rows, in file order, stream by stream.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{Array, PrimitiveArray};

use super::batch::Lexicon;
use super::columns::{COMPONENT, INSTANCE, OPERATION, TS};
use super::decode::Rows;

/// Rows of this component come from samplers, which write in order; events need not be in order.
const PROCESS: &str = "process";

/// Metric and instance, as codes of the run's lexicon.
type Stream = (Option<u32>, Option<u32>);

/// Times of the `process` rows of consecutive row groups. Several samplers may write into one file, each in its
/// own order, so each metric of each instance has a clock of its own.
#[derive(Debug, Default, Clone)]
pub struct Clock {
    streams: HashMap<Stream, StreamClock>,
}

#[derive(Debug, Clone, Copy)]
struct StreamClock {
    first_us: i64,
    last_us: i64,
    /// How often time ran backwards within.
    steps: u64,
}

impl Clock {
    /// How often time ran backwards: a step of the clock shows in every stream that was sampled over it, so the
    /// one with the most counts.
    pub fn steps(&self) -> u64 {
        self.streams.values().map(|stream| stream.steps).max().unwrap_or(0)
    }

    /// Goes on with rows that come behind those seen so far. Rows at fault do not count; whether a row has an
    /// equal one does not matter.
    pub fn follow(&mut self, rows: &Rows, lexicon: &Lexicon) {
        let Some(process) = lexicon.find(PROCESS) else { return };
        let (Some(ts), Some(components)) = (rows.column(TS), rows.column(COMPONENT)) else { return };
        let (ts, components) = (ts.as_primitive::<Int64Type>(), components.as_primitive::<UInt32Type>());
        let words = |index| rows.column(index).map(|words| words.as_primitive::<UInt32Type>());
        let (operations, instances) = (words(OPERATION), words(INSTANCE));
        for (row, (&at_us, &component)) in ts.values().iter().zip(components.values()).enumerate() {
            if component == process && !rows.marks.is_marked(row) {
                let stream = (code(operations, row), code(instances, row));
                self.go_on(stream, StreamClock { first_us: at_us, last_us: at_us, steps: 0 });
            }
        }
    }

    /// Goes on with the clock of the row group behind this one.
    pub fn append(&mut self, next: Clock) {
        next.streams.into_iter().for_each(|(stream, clock)| self.go_on(stream, clock));
    }

    fn go_on(&mut self, stream: Stream, next: StreamClock) {
        self.streams
            .entry(stream)
            .and_modify(|clock| {
                clock.steps += next.steps + u64::from(next.first_us < clock.last_us);
                clock.last_us = next.last_us;
            })
            .or_insert(next);
    }
}

fn code(words: Option<&PrimitiveArray<UInt32Type>>, row: usize) -> Option<u32> {
    words.filter(|words| words.is_valid(row)).map(|words| words.value(row))
}

//! One row being filled in: a setter per column of the contract.

use super::columns::{Code, Columns};
use crate::run::Event;

/// A row that was just started; what is not set is null. Each column is set at most once.
pub struct Row<'a> {
    columns: &'a mut Columns,
    row: usize,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $column:ident: $kind:ty),* $(,)?) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $column(self, value: $kind) -> Self {
                self.columns.$column.set(self.row, value);
                self
            }
        )*
    };
}

impl<'a> Row<'a> {
    #[inline]
    pub fn start(columns: &'a mut Columns, ts: i64, component: Code) -> Row<'a> {
        let row = columns.start_row(ts, component);
        Row { columns, row }
    }

    setters! {
        operation: Code,
        outcome: Code,
        /// ms.
        duration_ms: f64,
        value: f64,
        instance: Code,
        request_id: u64,
        user_id: u32,
        answered_by: Code,
        attempt: u8,
        /// µs since 1970.
        scheduled_ts: i64,
        /// ms.
        queue_ms: f64,
        tokens_in: u32,
        tokens_out: u32,
        /// ms.
        ttft_ms: f64,
        /// USD.
        cost_usd: f64,
        /// 0..1.
        quality: f64,
        key: u64,
    }

    /// A short text: an error message, a reason.
    pub fn detail(self, text: &str) -> Self {
        self.columns.detail.push((self.row, text.to_owned()));
        self
    }

    /// Sets everything that `event` has; `codes` are those of operation, outcome, instance and answered_by.
    pub fn fill(self, event: &Event, codes: [Option<Code>; 4]) {
        let Row { columns, row } = self;
        let [operation, outcome, instance, answered_by] = codes;
        macro_rules! set {
            ($($column:ident = $value:expr),* $(,)?) => {
                $(if let Some(value) = $value { columns.$column.set(row, value); })*
            };
        }
        set! {
            operation = operation,
            outcome = outcome,
            duration_ms = event.duration_ms,
            value = event.value,
            instance = instance,
            request_id = event.request_id,
            user_id = event.user_id,
            answered_by = answered_by,
            attempt = event.attempt,
            scheduled_ts = event.scheduled_ts,
            queue_ms = event.queue_ms,
            tokens_in = event.tokens_in,
            tokens_out = event.tokens_out,
            ttft_ms = event.ttft_ms,
            cost_usd = event.cost_usd,
            quality = event.quality,
            key = event.key,
        }
        if let Some(text) = &event.detail {
            columns.detail.push((row, text.clone()));
        }
    }
}

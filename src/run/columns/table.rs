//! The table of columns, handed to the macros that make what follows from it.
//!
//! A column is added here and nowhere else. An entry is what the column means, its name, its kind, and
//! where it differs from most, more fields of its [`super::Column`]. The first two columns are those that each row has.

/// Hands the table, and the entries `$more` behind it, to the macro `$then`, after what is `$handed` on to it.
macro_rules! run_table {
    ([$($then:tt)*] [$($handed:tt)*] $($more:tt)*) => {
        $($then)*! {
            $($handed)*
            required {
                /// start of the call; for a sample, the instant it was taken
                ts: Time { encoding: Encoding::Differences, is_skipped_by_page: true, also: &["timestamp", "time", "start", "start_time", "started_at"] };
                /// `request` (one user operation, end to end), `lightrag`, `perplexity`, `cache_l1`, `cache_l2`,
                /// `cache_l3`, `cache_fallback`, `circuit_breaker`, `process`, `phase`, or any other name, which gets
                /// the generic analysis
                component: Word { is_skipped_by_page: true, also: &["service", "layer", "subsystem"] };
            }
            optional {
                /// what was done: see below
                operation: Word { also: &["op", "method", "endpoint", "action", "url"] };
                /// `ok`; for caches `hit`, `miss`; for the breaker `blocked`; otherwise the error category
                /// (`timeout`, `api_error`, …)
                outcome: Word { also: &["status", "result", "success", "status_code", "response_code"] };
                /// how long the call took
                duration_ms: Measure { unit: Some("ms"), least: 0.0, encoding: Encoding::Plain, also: &["latency", "latency_ms", "elapsed", "elapsed_ms", "duration", "response_time", "response_time_ms", "time_ms", "took_ms", "rt_ms"] };
                /// the value of a sample
                value: Measure { also: &["metric_value"] };
                /// which process, breaker, host or replica
                instance: Word { also: &["host", "hostname", "pod", "replica", "node"] };
                /// ties component calls to their request
                request_id: Id { encoding: Encoding::Differences, also: &["trace_id", "correlation_id"] };
                /// virtual user
                user_id: SmallId { also: &["user", "vu", "session_id"] };
                /// on a request: the component that gave the answer
                answered_by: Word;
                /// 1 for the first try
                attempt: SmallCount { also: &["retry", "retries", "try"] };
                /// when an open-loop generator meant to send
                scheduled_ts: Time { encoding: Encoding::Differences, also: &["scheduled_at", "intended_ts", "intended_start"] };
                /// part of the duration spent waiting
                queue_ms: Number { unit: Some("ms"), least: 0.0, encoding: Encoding::Plain, also: &["wait_ms", "queue_time_ms", "queued_ms"] };
                /// tokens that a model call was given
                tokens_in: Count { also: &["prompt_tokens", "input_tokens"] };
                /// tokens that a model call answered with
                tokens_out: Count { also: &["completion_tokens", "output_tokens"] };
                /// time to first token
                ttft_ms: Number { unit: Some("ms"), least: 0.0, encoding: Encoding::Plain, also: &["time_to_first_token_ms", "first_token_ms"] };
                /// cost of the call; on a blocked call, the cost that was not spent
                cost_usd: Number { unit: Some("USD"), least: 0.0, also: &["cost", "price"] };
                /// quality of the answer, 0..1
                quality: Number { least: 0.0, most: 1.0, also: &["score"] };
                /// hash or number of the cache key
                key: Id { also: &["cache_key"] };
                /// a short text: error message, reason
                detail: Text { also: &["error_message", "message", "reason"] };
                $($more)*
            }
        }
    };
}

/// Hands names and kinds of the columns, and of the entries `$more` behind them, to the macro `$then`.
macro_rules! run_columns {
    ($then:ident $($more:tt)*) => {
        $crate::run::columns::run_table! { [$crate::run::columns::names_and_kinds] [$then] $($more)* }
    };
}

macro_rules! names_and_kinds {
    ($then:ident
        required { $($(#[$must_doc:meta])+ $must:ident: $must_kind:ident $({ $($must_told:tt)* })?;)* }
        optional { $($(#[$doc:meta])+ $name:ident: $kind:ident $({ $($told:tt)* })?;)* }
    ) => {
        $then! { { $($must: $must_kind)* } $($name: $kind)* }
    };
}

/// Makes `COLUMNS`, the table as values, and `At`, the index of each column in it.
macro_rules! define_columns {
    (
        required { $($(#[doc = $must_doc:literal])+ $must:ident: $must_kind:ident $({ $($must_told:tt)* })?;)* }
        optional { $($(#[doc = $doc:literal])+ $name:ident: $kind:ident $({ $($told:tt)* })?;)* }
    ) => {
        /// Index of each column in [`COLUMNS`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(non_camel_case_types, reason = "named as the columns are")]
        pub enum At {
            $($must,)*
            $($name,)*
        }

        /// All columns, in the contract's order.
        pub const COLUMNS: Table = &[
            $(Column {
                required: true,
                meaning: concat!($($must_doc),+),
                $($($must_told)*,)?
                ..Column::new(At::$must as usize, stringify!($must), Kind::$must_kind)
            },)*
            $(Column {
                meaning: concat!($($doc),+),
                $($($told)*,)?
                ..Column::new(At::$name as usize, stringify!($name), Kind::$kind)
            },)*
        ];
    };
}

pub(crate) use {define_columns, names_and_kinds, run_columns, run_table};

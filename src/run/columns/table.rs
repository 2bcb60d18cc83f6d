//! The table of columns, handed to the macros that make what follows from it.
//!
//! A column is added here and nowhere else. An entry is what the column means, its name, its kind, and what
//! [`super::Column`] is told of it beyond that. The first two columns are those that each row has.

/// Hands the table, and the entries `$more` behind it, to the macro `$then`, after what is `$handed` on to it.
macro_rules! run_table {
    ([$($then:tt)*] [$($handed:tt)*] $($more:tt)*) => {
        $($then)*! {
            $($handed)*
            required {
                /// start of the call; for a sample, the instant it was taken
                ts: Time .nearly_sorted() .skipped_by_page();
                /// `request` (one user operation, end to end), `lightrag`, `perplexity`, `cache_l1`, `cache_l2`,
                /// `cache_l3`, `cache_fallback`, `circuit_breaker`, `process`, `phase`, or any other name, which gets
                /// the generic analysis
                component: Word .skipped_by_page();
            }
            optional {
                /// what was done: see below
                operation: Word;
                /// `ok`; for caches `hit`, `miss`; for the breaker `blocked`; otherwise the error category
                /// (`timeout`, `api_error`, …)
                outcome: Word;
                /// how long the call took
                duration_ms: Measure .in_unit("ms") .at_least(0.0) .hardly_repeated();
                /// the value of a sample
                value: Measure;
                /// which process, breaker, host or replica
                instance: Word;
                /// ties component calls to their request
                request_id: Id .nearly_sorted();
                /// virtual user
                user_id: SmallId;
                /// on a request: the component that gave the answer
                answered_by: Word;
                /// 1 for the first try
                attempt: SmallCount;
                /// when an open-loop generator meant to send
                scheduled_ts: Time .nearly_sorted();
                /// part of the duration spent waiting
                queue_ms: Number .in_unit("ms") .at_least(0.0) .hardly_repeated();
                /// tokens that a model call was given
                tokens_in: Count;
                /// tokens that a model call answered with
                tokens_out: Count;
                /// time to first token
                ttft_ms: Number .in_unit("ms") .at_least(0.0) .hardly_repeated();
                /// cost of the call; on a blocked call, the cost that was not spent
                cost_usd: Number .in_unit("USD") .at_least(0.0);
                /// quality of the answer, 0..1
                quality: Number .at_least(0.0) .at_most(1.0);
                /// hash or number of the cache key
                key: Hash;
                /// a short text: error message, reason
                detail: Text;
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
        required { $($(#[$must_doc:meta])+ $must:ident: $must_kind:ident $(.$must_told:ident $must_how:tt)*;)* }
        optional { $($(#[$doc:meta])+ $name:ident: $kind:ident $(.$told:ident $how:tt)*;)* }
    ) => {
        $then! { required { $($must: $must_kind),* } optional { $($name: $kind),* } }
    };
}

/// Makes `COLUMNS`, the table as values, and `At`, the index of each column in it.
macro_rules! define_columns {
    (
        required { $($(#[doc = $must_doc:literal])+ $must:ident: $must_kind:ident $(.$must_told:ident $must_how:tt)*;)* }
        optional { $($(#[doc = $doc:literal])+ $name:ident: $kind:ident $(.$told:ident $how:tt)*;)* }
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
            $(
                Column::new(At::$must as usize, stringify!($must), <kinds::$must_kind as Typed>::KIND)
                    .required()
                    .meaning(concat!($($must_doc),+))
                    $(.$must_told $must_how)*,
            )*
            $(
                Column::new(At::$name as usize, stringify!($name), <kinds::$kind as Typed>::KIND)
                    .meaning(concat!($($doc),+))
                    $(.$told $how)*,
            )*
        ];
    };
}

pub(crate) use {define_columns, names_and_kinds, run_columns, run_table};

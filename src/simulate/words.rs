//! The words of a simulated run, and rows written with them.

use crate::run::columns::{run_columns, value_type};
use crate::run::{Code, Row, RunWriter, WriteError};

macro_rules! words {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// A component, operation, outcome or instance.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word { $($name),* }

        const TEXTS: &[&str] = &[$($text),*];
    };
}

words! {
    Request = "request",
    Lightrag = "lightrag",
    Perplexity = "perplexity",
    CacheL1 = "cache_l1",
    CacheL2 = "cache_l2",
    CacheL3 = "cache_l3",
    CacheFallback = "cache_fallback",
    CircuitBreaker = "circuit_breaker",
    Process = "process",
    Phase = "phase",
    Query = "query",
    Hybrid = "hybrid",
    Naive = "naive",
    Local = "local",
    Global = "global",
    Get = "get",
    Put = "put",
    Evict = "evict",
    PromoteFromL2 = "promote_from_l2",
    PromoteFromL3 = "promote_from_l3",
    Pressure = "pressure",
    Call = "call",
    State = "state",
    ClosedToOpen = "closed->open",
    OpenToHalfOpen = "open->half_open",
    HalfOpenToClosed = "half_open->closed",
    HalfOpenToOpen = "half_open->open",
    CpuPercent = "cpu_percent",
    MemoryRssMb = "memory_rss_mb",
    ActiveUsers = "active_users",
    QueuedRequests = "queued_requests",
    Service = "service",
    Loadgen = "loadgen",
    Ok = "ok",
    Hit = "hit",
    Miss = "miss",
    Blocked = "blocked",
    Timeout = "timeout",
    ApiError = "api_error",
    ParsingError = "parsing_error",
    CostLimit = "cost_limit",
}

impl Word {
    pub fn text(self) -> &'static str {
        TEXTS[self as usize]
    }
}

/// How a value stands in an [`Entry`].
#[rustfmt::skip]
macro_rules! entry_type {
    (Word) => { Word };
    (Text) => { &'static str };
    ($kind:ident) => { value_type!($kind) };
}

/// A value of an entry as a row is given it.
#[rustfmt::skip]
macro_rules! given {
    (Word, $value:expr, $spelling:ident) => { $spelling.codes[$value as usize] };
    (Time, $value:expr, $spelling:ident) => { $spelling.start_us + $value };
    ($kind:ident, $value:expr, $spelling:ident) => { $value };
}

macro_rules! define_entry {
    ({ $($must:ident: $must_kind:ident)* } $($name:ident: $kind:ident)*) => {
        /// A row in the making. Times in µs since the start of the run.
        #[derive(Debug, Clone, Copy)]
        pub struct Entry {
            $(pub $must: entry_type!($must_kind),)*
            $(pub $name: Option<entry_type!($kind)>,)*
        }

        impl Entry {
            pub fn new(ts: i64, component: Word, operation: Word) -> Entry {
                let nothing = Entry { ts, component, $($name: None,)* };
                Entry { operation: Some(operation), ..nothing }
            }

            /// Sets in `row` what it has beyond time and component.
            fn fill(&self, mut row: Row<'_>, spelling: &Spelling) {
                $(if let Some(value) = self.$name {
                    row = row.$name(given!($kind, value, spelling));
                })*
                let _ = row;
            }
        }
    };
}

run_columns!(define_entry);

/// What entries are written with: the codes of the words, and the start of the run, µs since 1970.
pub struct Spelling {
    codes: Vec<Code>,
    start_us: i64,
}

/// Writes entries as rows of a run.
pub struct Scribe {
    writer: RunWriter,
    spelling: Spelling,
}

impl Scribe {
    pub fn new(mut writer: RunWriter, start_us: i64) -> Scribe {
        let codes = TEXTS.iter().map(|text| writer.code(text)).collect();
        Scribe { writer, spelling: Spelling { codes, start_us } }
    }

    pub fn rows(&self) -> u64 {
        self.writer.rows()
    }

    pub fn into_writer(self) -> RunWriter {
        self.writer
    }

    /// A marker of a phase, under any name.
    pub fn phase(&mut self, ts: i64, name: &str) -> Result<(), WriteError> {
        let operation = self.writer.code(name);
        let Scribe { writer, spelling } = self;
        let component = given!(Word, Word::Phase, spelling);
        writer.row(given!(Time, ts, spelling), component)?.operation(operation);
        Ok(())
    }

    pub fn write(&mut self, entry: &Entry) -> Result<(), WriteError> {
        let Scribe { writer, spelling } = self;
        let row = writer.row(given!(Time, entry.ts, spelling), given!(Word, entry.component, spelling))?;
        entry.fill(row, spelling);
        Ok(())
    }
}

/// µs to ms.
pub fn ms(us: i64) -> f64 {
    us as f64 / 1000.0
}

/// ms to whole µs.
pub fn us(ms: f64) -> i64 {
    (ms * 1000.0).round() as i64
}

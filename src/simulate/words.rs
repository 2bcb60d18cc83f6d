//! The words of a simulated run, and rows written with them.

use crate::run::{Code, RunWriter, WriteError};

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

/// A row in the making. Times and durations in µs; times since the start of the run.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub ts_us: i64,
    pub component: Word,
    pub operation: Option<Word>,
    pub outcome: Option<Word>,
    pub duration_us: Option<i64>,
    pub value: Option<f64>,
    pub instance: Option<Word>,
    pub request_id: Option<u64>,
    pub user_id: Option<u32>,
    pub answered_by: Option<Word>,
    pub attempt: Option<u8>,
    pub scheduled_us: Option<i64>,
    pub queue_us: Option<i64>,
    pub tokens: Option<(u32, u32)>,
    pub ttft_us: Option<i64>,
    pub cost_usd: Option<f64>,
    pub quality: Option<f64>,
    pub key: Option<u64>,
    pub detail: Option<&'static str>,
}

impl Entry {
    pub fn new(ts_us: i64, component: Word, operation: Word) -> Entry {
        Entry {
            ts_us,
            component,
            operation: Some(operation),
            outcome: None,
            duration_us: None,
            value: None,
            instance: None,
            request_id: None,
            user_id: None,
            answered_by: None,
            attempt: None,
            scheduled_us: None,
            queue_us: None,
            tokens: None,
            ttft_us: None,
            cost_usd: None,
            quality: None,
            key: None,
            detail: None,
        }
    }
}

/// Writes entries as rows of a run that starts at `start_us`.
pub struct Scribe {
    writer: RunWriter,
    codes: Vec<Code>,
    start_us: i64,
}

impl Scribe {
    pub fn new(mut writer: RunWriter, start_us: i64) -> Scribe {
        let codes = TEXTS.iter().map(|text| writer.code(text)).collect();
        Scribe { writer, codes, start_us }
    }

    pub fn rows(&self) -> u64 {
        self.writer.rows()
    }

    pub fn into_writer(self) -> RunWriter {
        self.writer
    }

    /// A marker of a phase, under any name.
    pub fn phase(&mut self, ts_us: i64, name: &str) -> Result<(), WriteError> {
        let operation = self.writer.code(name);
        let component = self.codes[Word::Phase as usize];
        self.writer.row(self.start_us + ts_us, component)?.operation(operation);
        Ok(())
    }

    pub fn write(&mut self, entry: &Entry) -> Result<(), WriteError> {
        let Scribe { writer, codes, start_us } = self;
        let code = |word: Word| codes[word as usize];
        let mut row = writer.row(*start_us + entry.ts_us, code(entry.component))?;
        macro_rules! set {
            ($($column:ident = $value:expr),* $(,)?) => {
                $(if let Some(value) = $value { row = row.$column(value); })*
            };
        }
        set! {
            operation = entry.operation.map(code),
            outcome = entry.outcome.map(code),
            duration_ms = entry.duration_us.map(ms),
            value = entry.value,
            instance = entry.instance.map(code),
            request_id = entry.request_id,
            user_id = entry.user_id,
            answered_by = entry.answered_by.map(code),
            attempt = entry.attempt,
            scheduled_ts = entry.scheduled_us.map(|us| *start_us + us),
            queue_ms = entry.queue_us.map(ms),
            tokens_in = entry.tokens.map(|(tokens_in, _)| tokens_in),
            tokens_out = entry.tokens.map(|(_, tokens_out)| tokens_out),
            ttft_ms = entry.ttft_us.map(ms),
            cost_usd = entry.cost_usd,
            quality = entry.quality,
            key = entry.key,
            detail = entry.detail,
        }
        let _ = row;
        Ok(())
    }
}

fn ms(us: i64) -> f64 {
    us as f64 / 1000.0
}

/// ms to whole µs.
pub fn us(ms: f64) -> i64 {
    (ms * 1000.0).round() as i64
}

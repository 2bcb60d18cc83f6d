//! The requests of a run one by one, as far as a page draws them.

use super::MaybeMs;

/// Requests that ended, in columns, in the order of their starts. What is told of bins of any width, or of any group of
/// requests, is told from these: percentiles of percentiles would be wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EndedRequests {
    pub kinds: Vec<RequestKind>,
    /// µs since 1970; of one that was never answered, when it was sent: there users saw it fail.
    pub end_us: Vec<i64>,
    pub duration_ms: Vec<MaybeMs>,
    /// Indices in `kinds`.
    pub kind: Vec<u32>,
}

/// How a request ended, and who answered it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestKind {
    pub outcome: Option<String>,
    pub answered_by: Option<String>,
    pub is_ok: bool,
    pub is_failed: bool,
}

impl EndedRequests {
    pub fn len(&self) -> usize {
        self.kind.len()
    }

    pub fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    /// (end, µs since 1970; duration, ms; kind) of each.
    pub fn all(&self) -> impl Iterator<Item = (i64, Option<f64>, &RequestKind)> {
        let columns = self.end_us.iter().zip(&self.duration_ms).zip(&self.kind);
        columns.map(|((&end_us, ms), &kind)| (end_us, ms.get(), &self.kinds[kind as usize]))
    }
}

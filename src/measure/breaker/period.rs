//! The stretch of time over which a breaker is measured.

use crate::measure::span::WindowSpan;

/// All of the run, or the part [from, until) of it; µs since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// `i64::MIN` for all of the run.
    pub from_us: i64,
    pub until_us: i64,
    is_part: bool,
}

impl Period {
    /// `last_us` is the end of the run's last event.
    pub fn of(span: Option<&WindowSpan>, last_us: i64) -> Self {
        match span {
            Some(span) => Self { from_us: span.start_us, until_us: span.end_us, is_part: true },
            None => Self { from_us: i64::MIN, until_us: last_us, is_part: false },
        }
    }

    /// Does what begins at `at_us` belong to it?
    pub fn holds(self, at_us: i64) -> bool {
        !self.is_part || (self.from_us..self.until_us).contains(&at_us)
    }

    /// Has the part ended before `at_us`?
    pub fn is_before(self, at_us: i64) -> bool {
        self.is_part && self.until_us <= at_us
    }
}

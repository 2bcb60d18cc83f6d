//! A part of a run on the clock, and the window that it makes.

use crate::summary::{Measured, Window, WindowName};

const US_PER_S: f64 = 1e6;

/// A part of a run on the clock. Every row belongs to the part in which it starts: `ts` in [start, end).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSpan {
    /// Steady or chosen.
    pub name: WindowName,
    /// µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
}

/// Why such a part has no rates.
pub const SAMPLED: &str = "the events are a sample of the totals that are declared for the whole run";

impl WindowSpan {
    /// Does what starts at `at_us` belong to it?
    pub fn holds(&self, at_us: i64) -> bool {
        (self.start_us..self.end_us).contains(&at_us)
    }

    /// The window as given. Where the events are but a sample of the run, its length gives no rates.
    pub fn window(&self, is_sampled: bool) -> Window {
        let length_s = self.end_us.saturating_sub(self.start_us) as f64 / US_PER_S;
        Window {
            name: self.name,
            start_us: self.start_us,
            end_us: self.end_us,
            duration_s: if is_sampled {
                Measured::undefined(SAMPLED)
            } else {
                Measured::or((length_s > 0.0).then_some(length_s), "the window has no length")
            },
            duration_is_declared: false,
        }
    }
}

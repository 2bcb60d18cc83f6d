//! An interval of real numbers.

use serde::{Deserialize, Serialize};

/// Closed: from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

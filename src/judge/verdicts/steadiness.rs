//! Which part of a run is judged, and whether the run was steady in it.

use serde::{Deserialize, Serialize};

use crate::summary::{Measured, WindowName};
use crate::units::Unit;

/// The window that is judged, why that one, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Steadiness {
    /// Which window is judged.
    pub window: WindowName,
    pub start_us: i64,
    pub end_us: i64,
    /// One sentence for people: "from 12 s to 300 s: warm-up of 12 s cut by response times; steady".
    pub because: String,
    /// Cut off before the window, s.
    pub warm_up_s: f64,
    /// Cut off behind it, s.
    pub ramp_down_s: f64,
    #[serde(rename = "steadiness")]
    pub word: SteadyWord,
    /// What was compared among the quarters of the window; nothing where there are no requests.
    pub checks: Vec<SteadyCheck>,
    /// Undefined where completions keep up with arrivals.
    pub overload: Measured<Overload>,
    /// Whether the window was shown to be steady.
    pub is_trusted: bool,
}

/// Was it steady?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SteadyWord {
    /// Its quarters agree in all that is compared.
    Steady,
    /// They differ, or the service was overloaded.
    NotSteady,
    /// Too little, or too noisy, to tell the one from the other.
    CannotTell,
}

impl SteadyWord {
    pub fn word(self) -> &'static str {
        match self {
            SteadyWord::Steady => "steady",
            SteadyWord::NotSteady => "not_steady",
            SteadyWord::CannotTell => "cannot_tell",
        }
    }
}

/// One number of the quarters of the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SteadyCheck {
    /// `mean_response_time`, `p95_response_time`, `ok_per_s` or `failure_rate`.
    pub metric: String,
    pub unit: Unit,
    pub word: SteadyWord,
    /// The number in each quarter; empty where one of them has none.
    pub quarters: Vec<f64>,
    /// (largest − smallest) / mean of the quarters; of the failure rate, largest − smallest.
    pub difference: Measured<f64>,
    /// What it may be.
    pub limit: f64,
    /// What noise alone exceeds in no more than `window.steady.alpha` of all steady runs, of the same mean.
    pub noise: Measured<f64>,
    /// Half of the 95 % interval of the number of the window, of the same mean.
    pub half_width: Measured<f64>,
    /// Why this word, where it is not `steady`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Arrivals that are not completed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overload {
    /// Of the arrivals, by how many completions stay behind.
    pub excess: f64,
    /// Mean number in flight of the last quarter.
    pub in_flight: f64,
}

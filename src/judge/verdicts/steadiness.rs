//! Which part of a run is judged, and whether the run was steady in it.

use serde::Serialize;

use crate::summary::{Measured, WindowName};
use crate::units::Unit;

/// The window that is judged, why that one, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Steadiness {
    /// Which window is judged.
    pub window: WindowName,
    pub start_us: i64,
    pub end_us: i64,
    /// One sentence for people: "from 12 s to 300 s: warm-up by MSER-5 on throughput".
    pub because: String,
    /// Cut off before the window, s.
    pub warm_up_s: f64,
    /// Cut off behind it, s.
    pub ramp_down_s: f64,
    /// Whether the quarters of the window and of its last half agree: false where they differ by more than is allowed
    /// and more than noise explains; undefined where noise explains what is more than allowed.
    pub is_steady: Measured<bool>,
    /// Per series (`throughput`, `p50_response_time`) and stretch, what the check saw.
    pub quarters: Vec<Quarters>,
    /// False when verdicts rest on a run that never got steady, or on one too short to tell.
    pub is_trusted: bool,
}

/// The means of the quarters of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quarters {
    pub series: String,
    pub unit: Unit,
    /// Of which stretch: `the_window` or `its_last_half`.
    pub stretch: String,
    pub means: Vec<f64>,
    /// (largest − smallest) / mean of the four.
    pub difference: Measured<f64>,
    /// The largest difference that noise explains, of the same mean: autocorrelation and the number of comparisons
    /// counted in.
    pub noise: Measured<f64>,
}

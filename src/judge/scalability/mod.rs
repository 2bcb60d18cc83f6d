//! How a build scales: what runs at different numbers of users say together.

mod point;

pub use point::LoadPoint;

use super::verdicts::{LinearScaling, MemoryScaling, Scalability, TargetOutcome};
use crate::config::Config;
use crate::summary::Measured;

/// Judges runs of one build at different loads.
///
/// The caller groups the runs: all points are of one scenario, load model, target rate and environment, and measured with the
/// same settings. Runs at the same number of users are repetitions. Order does not matter.
pub fn judge_scalability(points: &[LoadPoint], config: &Config) -> Scalability {
    let _ = config;
    let nothing = || "not judged yet".to_owned();
    Scalability {
        points: points.to_vec(),
        left_out: Vec::new(),
        levels: Vec::new(),
        littles_law: Vec::new(),
        correlation: Measured::undefined(nothing()),
        models: Measured::undefined(nothing()),
        throughput_noise: Measured::undefined(nothing()),
        knee: Measured::undefined(nothing()),
        peak: Measured::undefined(nothing()),
        capacity: Measured::undefined(nothing()),
        optimal_users: Measured::undefined(nothing()),
        linear_scaling: LinearScaling {
            outcome: TargetOutcome::CannotTell,
            up_to_users: 100,
            tolerance: 0.1,
            from_users: None,
            levels: Vec::new(),
            because: nothing(),
        },
        memory_scaling: MemoryScaling {
            outcome: TargetOutcome::CannotTell,
            limit_mb_per_100_users: None,
            slope_mb_per_100_users: Measured::undefined(nothing()),
            interval: Measured::undefined(nothing()),
            runs: Vec::new(),
            because: nothing(),
        },
        next_level: Measured::undefined(nothing()),
        capacity_sentence: nothing(),
        scaling_sentence: nothing(),
    }
}

//! How a build scales over runs of different load, and what it carries.

use serde::Serialize;

use super::{Load, LoadAxis, TargetOutcome};
use crate::judge::LoadPoint;
use crate::stats::interval::Interval;
use crate::summary::Measured;

/// What runs of one scenario, load model and environment at different loads say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scalability {
    /// What the levels are of; every `load` below is in its unit.
    pub axis: LoadAxis,
    /// The runs by load and id, as they came in.
    pub points: Vec<LoadPoint>,
    /// Runs that take no part, and why.
    pub left_out: Vec<RunLeftOut>,
    /// One per load, ascending.
    pub levels: Vec<LoadLevel>,
    /// One per point, in their order.
    pub littles_law: Vec<LittlesLaw>,
    pub correlation: Measured<LoadCorrelation>,
    pub models: Measured<ScalingModels>,
    /// Relative standard deviation of throughput among the runs of one level, all levels pooled.
    pub throughput_noise: Measured<f64>,
    pub knee: Measured<Knee>,
    pub peak: Measured<Peak>,
    /// Where completions stop to follow the offered rate; of levels of rates only.
    pub saturation: Measured<Saturation>,
    pub capacity: Measured<Capacity>,
    pub optimal_users: Measured<OptimalUsers>,
    /// The seed's "linear up to 100 users".
    pub linear_scaling: LinearScaling,
    /// The seed's "< 50 MB per 100 users".
    pub memory_scaling: MemoryScaling,
    pub next_level: Measured<NextLevel>,
    /// "At P95 < 2,000 ms and success > 95 % this build carries 63 users (58–69)."
    pub capacity_sentence: String,
    /// What throughput does as concurrency grows, in one sentence.
    pub scaling_sentence: String,
}

/// A run that a verdict over many runs could not use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunLeftOut {
    pub run_id: String,
    pub reason: String,
}

/// All runs at one load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadLevel {
    pub load: Load,
    /// Sorted.
    pub run_ids: Vec<String>,
    /// Mean over the runs that have it; P95 the geometric mean.
    pub in_flight: Measured<f64>,
    /// Requests that were sent, and that were finished, per second.
    pub offered_per_s: Measured<f64>,
    pub finished_per_s: Measured<f64>,
    /// Open loop: more were sent than were finished, beyond chance.
    pub is_overloaded: Measured<bool>,
    pub ok_per_s: Measured<f64>,
    /// Standard deviation of one run of this level per mean throughput; undefined for a single run.
    pub throughput_spread: Measured<f64>,
    pub mean_ms: Measured<f64>,
    pub p95_ms: Measured<f64>,
    /// Where the level's P95 and success lie, from the spread inside the runs and among them.
    pub p95_interval_ms: Measured<Interval>,
    pub success_rate: Measured<f64>,
    pub success_interval: Measured<Interval>,
    pub memory_growth_mb: Measured<f64>,
    /// Does it keep the targets of the capacity?
    pub holds: Measured<bool>,
    /// Measured less fitted throughput of the chosen model at the level, 1/s and per fitted.
    pub residual_per_s: Measured<f64>,
    pub relative_residual: Measured<f64>,
}

/// Are as many users at work as were configured? users ≈ λ(W + Z).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LittlesLaw {
    pub run_id: String,
    pub users: Measured<u32>,
    /// λ(W + Z) with the think time Z that was measured, or else configured.
    pub expected_users: Measured<f64>,
    /// expected / configured − 1.
    pub difference: Measured<f64>,
    /// The think time that was taken, ms, and where it is from: `gaps between a user's requests` or `run metadata`.
    pub think_time_ms: Measured<f64>,
    pub think_time_from: Measured<String>,
    /// λ(W + Z) / users − 1 with the configured think time, where the measured one was taken above: a load generator that
    /// is late stretches the gaps.
    pub difference_as_configured: Measured<f64>,
    /// True: the load generator, not the service, was the limit.
    pub generator_was_the_limit: Measured<bool>,
    pub because: String,
}

/// Users against throughput, one point per run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadCorrelation {
    pub n: u64,
    pub pearson: f64,
    pub pearson_interval: Measured<Interval>,
    pub spearman: Measured<f64>,
    pub spearman_interval: Measured<Interval>,
    /// The seed's word for Pearson's coefficient: `Excellent`, `Good`, `Fair`, `Poor`.
    pub rating: String,
    /// The words at the ends of its interval, worst first.
    pub rating_from: Measured<String>,
    pub rating_to: Measured<String>,
}

/// Which law throughput follows over measured concurrency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalingModels {
    /// `usl`, `amdahl` or `linear`; undefined where none fits well enough to be called a law.
    pub chosen: Measured<String>,
    /// The law that describes the runs best, well or not.
    pub best: String,
    pub because: String,
    pub points: u64,
    pub levels: u64,
    /// Simplest first: linear, Amdahl, USL.
    pub fits: Vec<ScalingFit>,
}

impl ScalingModels {
    /// The fit of the law that was chosen.
    pub fn chosen_fit(&self) -> Option<&ScalingFit> {
        let chosen = self.chosen.value()?;
        self.fits.iter().find(|fit| fit.model == *chosen)
    }
}

/// X(N) = γN / (1 + α(N − 1) + βN(N − 1)), fitted by least squares on throughput.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalingFit {
    /// `linear` (α = β = 0), `amdahl` (β = 0) or `usl`.
    pub model: String,
    /// Throughput of one request in flight, 1/s.
    pub gamma_per_s: f64,
    pub gamma_interval: Measured<Interval>,
    /// Contention; undefined where the model has none.
    pub alpha: Measured<f64>,
    pub alpha_interval: Measured<Interval>,
    /// Cost of coherence; undefined where the model has none.
    pub beta: Measured<f64>,
    pub beta_interval: Measured<Interval>,
    pub aicc: Measured<f64>,
    /// AICc above that of the best model.
    pub aicc_above_best: Measured<f64>,
    /// Root of the residual sum of squares per degree of freedom, 1/s.
    pub residual_error_per_s: Measured<f64>,
    /// 1 − residual / total sum of squares about the mean.
    pub r_squared: Measured<f64>,
    /// One per run, by concurrency.
    pub residuals: Vec<ScalingResidual>,
}

/// What one run's throughput is beside the law.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalingResidual {
    pub run_id: String,
    pub in_flight: f64,
    pub ok_per_s: f64,
    pub fitted_per_s: f64,
    pub residual_per_s: f64,
}

/// Where throughput stops to follow concurrency: the concurrency at which linear growth would reach the ceiling.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Knee {
    /// Requests in flight.
    pub in_flight: f64,
    pub interval: Measured<Interval>,
    /// The highest throughput of the law, 1/s.
    pub ceiling_per_s: f64,
    /// The load that brings about this concurrency, between the levels beside it.
    pub load: Measured<f64>,
}

/// Where throughput is highest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peak {
    /// Requests in flight, √((1 − α)/β).
    pub in_flight: f64,
    pub interval: Measured<Interval>,
    pub ok_per_s: f64,
    pub ok_per_s_interval: Measured<Interval>,
    pub load: Measured<f64>,
}

/// The rate at which completions stop to follow what is offered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saturation {
    /// The highest rate that was still completed; null where the lowest was not.
    pub last_that_follows: Option<Load>,
    pub first_overloaded: Load,
    /// Completions per second of the overloaded levels: what the service does.
    pub ceiling_per_s: f64,
    pub interval: Measured<Interval>,
    /// Every overloaded level.
    pub overloaded: Vec<Load>,
}

/// How much load the build carries at its targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// A P95 below this, ms; null where there is no such target.
    pub p95_below_ms: Option<f64>,
    /// A success rate above this, 0..1.
    pub success_above: Option<f64>,
    pub bound: CapacityBound,
    /// Whole users, or a rate; of `at_least` and `fewer_than` the level, not an estimate.
    pub load: Load,
    /// Where the capacity lies, from the levels' noise and from what lies between them: of `between` strictly about it.
    /// Undefined where it cannot be told how far down or up it may lie.
    pub low: Measured<Load>,
    pub high: Measured<Load>,
    /// The last level that holds before one fails, and the first that fails.
    pub last_that_holds: Option<Load>,
    pub first_that_fails: Option<Load>,
    /// What fails first: `p95`, `success`, `overload`.
    pub limited_by: Vec<String>,
    /// False where a level beyond the first failing one holds again.
    pub is_monotone: bool,
    /// What the reader should know besides.
    pub caveats: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CapacityBound {
    /// Between two tested levels.
    Between,
    /// Every tested level holds.
    AtLeast,
    /// No tested level holds.
    FewerThan,
}

/// The seed's optimal user count: the largest level with enough success and a mean short enough.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OptimalUsers {
    pub users: u32,
    pub success_at_least: f64,
    pub mean_at_most_ms: f64,
    /// It is the largest level that was tested.
    pub is_largest_tested: bool,
}

/// Does throughput grow with the users up to the target?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinearScaling {
    pub outcome: TargetOutcome,
    pub up_to_users: u32,
    /// A level may fall short of the linear prediction by this share.
    pub tolerance: f64,
    /// The smallest level, from which the others are predicted.
    pub from_users: Option<u32>,
    pub levels: Vec<LinearLevel>,
    pub because: String,
}

/// One level beside the linear prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinearLevel {
    pub users: u32,
    pub ok_per_s: f64,
    pub predicted_per_s: f64,
    /// 1 − measured / predicted.
    pub shortfall: f64,
    pub interval: Measured<Interval>,
    pub outcome: TargetOutcome,
}

/// Does memory grow with the users by less than the target?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemoryScaling {
    pub outcome: TargetOutcome,
    /// MB per 100 users; null where there is no such target.
    pub limit_mb_per_100_users: Option<f64>,
    /// Slope of memory growth over users, MB per 100 users.
    pub slope_mb_per_100_users: Measured<f64>,
    pub interval: Measured<Interval>,
    pub runs: Vec<RunMemory>,
    pub because: String,
}

/// The memory growth of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunMemory {
    pub run_id: String,
    pub users: u32,
    pub growth_mb: f64,
    pub growth_mb_per_100_users: f64,
    pub outcome: TargetOutcome,
}

/// The load level that would tell most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextLevel {
    pub load: Load,
    pub kind: NextLevelKind,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextLevelKind {
    /// A level whose noise decides the capacity, once more.
    Repeat,
    /// Between the last level that holds and the first that fails.
    Bisect,
    /// In a gap beside the knee.
    FillGap,
    /// Beyond the largest level.
    Extend,
    /// Below the smallest level.
    Lower,
}

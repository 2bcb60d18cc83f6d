//! The change of one metric: estimate, standard errors and degrees of freedom, in the direction of harm.

use super::limits::Scale;
use super::pairing::{Pair, Side};
use crate::config::RegressionSettings;
use crate::stats::autocorrelation::autocorrelation;
use crate::stats::distributions::{normal_quantile, student_t_quantile, student_t_upper_tail};
use crate::stats::moments::{mean, variance};
use crate::stats::proportion::newcombe_interval;
use crate::stats::welch::combined_degrees_of_freedom;
use crate::summary::{Measured, Spread};
use crate::units;

/// How far a run is from its baseline on the inner scale; positive harm is worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    pub harm: f64,
    /// Towards better and towards worse: score intervals of shares are not symmetric.
    pub error_below: f64,
    pub error_above: f64,
    pub degrees_of_freedom: f64,
    /// The part of the variance that more data of these runs would not lessen.
    pub noise_variance: f64,
    /// From a prediction interval of many runs: then the null hypothesis is "a run of the baseline's kind".
    pub is_prediction: bool,
    /// Mean position of the baseline on the inner scale.
    pub baseline_position: f64,
    pub baseline_effective: Option<f64>,
    pub current_effective: Option<f64>,
}

/// Are there enough baseline runs to measure what differs from run to run?
pub fn is_prediction(runs: usize, settings: &RegressionSettings) -> bool {
    runs >= settings.min_runs_for_prediction
}

impl Delta {
    /// The change of a metric; undefined, with the reason, where it has no value or no known uncertainty.
    pub fn of(pair: &Pair, scale: Scale, settings: &RegressionSettings) -> Measured<Delta> {
        pair.current.as_ref().and_then(|current| {
            pair.baseline.as_ref().and_then(|baseline| {
                let positions = Positions::of(current, baseline, scale);
                positions.and_then(|positions| {
                    if is_prediction(baseline.len(), settings) {
                        predicted(&positions, current, baseline, scale, settings)
                    } else {
                        assumed(&positions, current, baseline, scale, settings)
                    }
                })
            })
        })
    }

    /// The interval of the harm at the confidence of the settings.
    pub fn interval(&self, settings: &RegressionSettings) -> Option<(f64, f64)> {
        let t = self.quantile(0.5 + settings.confidence / 2.0)?;
        Some((self.harm - t * self.error_below, self.harm + t * self.error_above))
    }

    pub fn quantile(&self, probability: f64) -> Option<f64> {
        student_t_quantile(probability, self.degrees_of_freedom)
    }

    /// One-sided p of "worse by more than `margin`"; of a prediction, p of "worse at all", for a change beyond it.
    pub fn p_worse(&self, margin: f64) -> Option<f64> {
        self.p_beyond(self.harm, self.error_below, margin)
    }

    /// The same for the better side.
    pub fn p_better(&self, margin: f64) -> Option<f64> {
        self.p_beyond(-self.harm, self.error_above, margin)
    }

    fn p_beyond(&self, distance: f64, error: f64, margin: f64) -> Option<f64> {
        let beyond = if self.is_prediction { distance } else { distance - margin };
        if distance <= margin {
            return Some(1.0);
        }
        if error == 0.0 {
            return Some(0.0);
        }
        // On the near side of the margin p is above one half, whatever it is exactly.
        student_t_upper_tail(beyond / error, self.degrees_of_freedom)
    }

    /// The smallest harm that would be found with the configured power, were it the only one among `tests` metrics that
    /// are judged together: the correction for many asks more of it than its own interval does.
    pub fn smallest_detectable(
        &self,
        margin: f64,
        tests: usize,
        settings: &RegressionSettings,
    ) -> Option<f64> {
        let alpha = (1.0 - settings.confidence) / 2.0 / tests.max(1) as f64;
        let needed = self.quantile(1.0 - alpha)? * self.error_below;
        let for_power = self.quantile(settings.power)?.max(0.0) * self.error_below;
        Some(if self.is_prediction { needed.max(margin) + for_power } else { margin + needed + for_power })
    }
}

/// Where the two sides lie on the inner scale.
struct Positions {
    current: f64,
    baseline: Vec<f64>,
    /// In the direction of harm.
    harm: f64,
}

impl Positions {
    fn of(current: &Side, baseline: &[Side], scale: Scale) -> Measured<Positions> {
        const NO_RATIO: &str = "a value of 0 or below has no ratio";
        let Some(position) = scale.position(current.value) else { return Measured::undefined(NO_RATIO) };
        let positions: Option<Vec<f64>> = baseline.iter().map(|side| scale.position(side.value)).collect();
        let centre = positions.as_ref().and_then(|positions| mean(positions));
        match (positions, centre) {
            (Some(baseline), Some(centre)) => Measured::Value(Positions {
                current: position,
                harm: scale.harm(position - centre),
                baseline,
            }),
            _ => Measured::undefined(NO_RATIO),
        }
    }

    fn centre(&self) -> f64 {
        // Never empty: a pair without a baseline has no positions.
        mean(&self.baseline).unwrap_or(self.current)
    }
}

/// The uncertainty of one run's value on the inner scale: variance and degrees of freedom.
#[derive(Debug, Clone, Copy)]
struct Within {
    variance: f64,
    degrees_of_freedom: f64,
    effective: f64,
}

impl Within {
    fn of(side: &Side, scale: Scale) -> Measured<Within> {
        side.spread.as_ref().and_then(|spread| match spread {
            Spread::Batches { values } => Self::of_batches(values, scale),
            &Spread::Share { effective, .. } => {
                let raw = side.value * (1.0 - side.value) / effective;
                Self::on_scale(raw, f64::INFINITY, effective, side.value, scale)
            }
            &Spread::Estimate { standard_error, degrees_of_freedom } => {
                let raw = standard_error * standard_error;
                Self::on_scale(raw, degrees_of_freedom, degrees_of_freedom + 1.0, side.value, scale)
            }
        })
    }

    fn of_batches(values: &[f64], scale: Scale) -> Measured<Within> {
        let positions: Option<Vec<f64>> = values.iter().map(|&value| scale.position(value)).collect();
        let batches = values.len() as f64;
        let within = positions.and_then(|positions| {
            let memory = memory(&positions);
            let effective = batches * (1.0 - memory) / (1.0 + memory);
            let degrees_of_freedom = (effective - 1.0).max(FEWEST_DEGREES).min(batches - 1.0);
            Some(Within { variance: variance(&positions)? / effective, degrees_of_freedom, effective })
        });
        Measured::or(within, "a batch at 0 or below has no ratio")
    }

    /// A variance in the metric's own unit, carried over to the inner scale (delta method).
    fn on_scale(
        raw: f64,
        degrees_of_freedom: f64,
        effective: f64,
        value: f64,
        scale: Scale,
    ) -> Measured<Within> {
        let variance = if scale.change == units::Scale::Relative { raw / (value * value) } else { raw };
        let within = Within { variance, degrees_of_freedom, effective };
        Measured::or(variance.is_finite().then_some(within), "a value of 0 has no ratio")
    }
}

/// However much batches depend on one another, this many degrees of freedom are left to them.
const FEWEST_DEGREES: f64 = 2.0;
/// Beyond this the batches are too few to tell their memory from a trend.
const MOST_MEMORY: f64 = 0.8;

/// How much of one batch is left in the next, 0 where there is none: the autocorrelation at lag 1, freed from its
/// bias towards less in short series (Marriott and Pope 1954: r is (1 + 3φ)/k too small). Batches shorter than the
/// memory of a queue say less than as many independent ones.
fn memory(positions: &[f64]) -> f64 {
    let batches = positions.len() as f64;
    let lag_1 = autocorrelation(positions, 1).and_then(|values| values.get(1).copied());
    match lag_1.filter(|_| batches > 3.0) {
        Some(lag_1) => ((batches * lag_1 + 1.0) / (batches - 3.0)).clamp(0.0, MOST_MEMORY),
        None => 0.0,
    }
}

/// The variance of the difference within the runs, each run's share with its degrees of freedom.
struct WithinAll {
    parts: Vec<(f64, f64)>,
    current_effective: f64,
    baseline_effective: f64,
}

impl WithinAll {
    fn of(current: &Side, baseline: &[Side], scale: Scale) -> Measured<WithinAll> {
        let runs = baseline.len() as f64;
        Within::of(current, scale).and_then(|mine| {
            let mut parts = vec![(mine.variance, mine.degrees_of_freedom)];
            let mut baseline_effective = 0.0;
            for side in baseline {
                match Within::of(side, scale) {
                    Measured::Value(theirs) => {
                        parts.push((theirs.variance / (runs * runs), theirs.degrees_of_freedom));
                        baseline_effective += theirs.effective;
                    }
                    Measured::Undefined(undefined) => return Measured::Undefined(undefined),
                }
            }
            Measured::Value(WithinAll { parts, current_effective: mine.effective, baseline_effective })
        })
    }

    fn variance(&self) -> f64 {
        self.parts.iter().map(|(variance, _)| variance).sum()
    }
}

/// Few baseline runs: Welch on the batches of each run, with an assumed difference from run to run.
fn assumed(
    positions: &Positions,
    current: &Side,
    baseline: &[Side],
    scale: Scale,
    settings: &RegressionSettings,
) -> Measured<Delta> {
    let noise = match scale.change {
        units::Scale::Relative => settings.run_noise,
        units::Scale::Points => settings.run_noise_points,
        units::Scale::Amount => settings.run_noise_amount,
    };
    let runs = baseline.len() as f64;
    WithinAll::of(current, baseline, scale).and_then(|within| {
        // Two to four runs measure badly what differs from run to run: they correct what is assumed, which counts as
        // much as the configured number of further runs, where they differ by more.
        let weight = settings.run_noise_weight;
        let pooled = noise_seen(&positions.baseline, &within)
            .map(|seen| (weight * noise * noise + (runs - 1.0) * seen) / (weight + runs - 1.0))
            .filter(|pooled| *pooled > noise * noise);
        let (noise_variance, noise_degrees) = match pooled {
            Some(pooled) => (pooled, weight + runs - 1.0),
            None => (noise * noise, f64::INFINITY),
        };
        let noise_variance = noise_variance * (1.0 + 1.0 / runs);
        let (mut parts, (error_below, error_above)) = match score_errors(current, baseline, scale, settings) {
            Some((below, above)) => {
                let noise = noise_variance.sqrt();
                let score = vec![(below.min(above).powi(2), f64::INFINITY)];
                (score, (below.hypot(noise), above.hypot(noise)))
            }
            None => {
                let error = (within.variance() + noise_variance).sqrt();
                (within.parts.clone(), (error, error))
            }
        };
        parts.push((noise_variance, noise_degrees));
        Measured::Value(Delta {
            harm: positions.harm,
            error_below,
            error_above,
            degrees_of_freedom: combined_degrees_of_freedom(&parts).unwrap_or(f64::INFINITY),
            noise_variance,
            is_prediction: false,
            baseline_position: positions.centre(),
            baseline_effective: Some(within.baseline_effective),
            current_effective: Some(within.current_effective),
        })
    })
}

/// Variance between the baseline's runs beyond what they tell of themselves; `None` for a single run.
fn noise_seen(positions: &[f64], within: &WithinAll) -> Option<f64> {
    let runs = positions.len() as f64;
    // The parts of the baseline are divided by the square of their number already.
    let mean_within = within.parts[1..].iter().map(|(variance, _)| variance).sum::<f64>() * runs;
    Some(variance(positions)? - mean_within)
}

/// Errors of a difference of shares in points towards better and worse, from Newcombe's score interval of the effective
/// numbers: they stay honest where all calls succeeded. `None` for what is no such difference.
fn score_errors(
    current: &Side,
    baseline: &[Side],
    scale: Scale,
    settings: &RegressionSettings,
) -> Option<(f64, f64)> {
    if scale.change != units::Scale::Points {
        return None;
    }
    let share = |side: &Side| match side.spread.value() {
        Some(&Spread::Share { effective, .. }) => Some((side.value * effective, effective)),
        _ => None,
    };
    let mine = share(current)?;
    let theirs = baseline.iter().map(share).try_fold((0.0, 0.0), |sum: (f64, f64), side| {
        let (hits, of) = side?;
        Some((sum.0 + hits, sum.1 + of))
    })?;
    let z = normal_quantile(0.5 + settings.confidence / 2.0)?;
    let interval = newcombe_interval(mine, theirs, settings.confidence)?;
    let estimate = mine.0 / mine.1 - theirs.0 / theirs.1;
    let (down, up) = ((estimate - interval.low) / z, (interval.high - estimate) / z);
    Some(if scale.harm(1.0) > 0.0 { (down, up) } else { (up, down) })
}

/// Enough baseline runs: the prediction interval of one more run of the same kind. What the runs tell of themselves
/// is the least that they can differ by, where it is known.
fn predicted(
    positions: &Positions,
    current: &Side,
    baseline: &[Side],
    scale: Scale,
    settings: &RegressionSettings,
) -> Measured<Delta> {
    let runs = positions.baseline.len() as f64;
    let Some(between) = variance(&positions.baseline) else {
        return Measured::undefined("one baseline run has no spread");
    };
    let between = between * (1.0 + 1.0 / runs);
    let within = WithinAll::of(current, baseline, scale);
    let score = score_errors(current, baseline, scale, settings);
    let within_variance = within.value().map_or(0.0, WithinAll::variance);
    let (below, above) = score.unwrap_or((within_variance.sqrt(), within_variance.sqrt()));
    let is_floor = between.sqrt() < below.min(above);
    let degrees_of_freedom = match (is_floor, within.value()) {
        (true, Some(within)) => combined_degrees_of_freedom(&within.parts).unwrap_or(f64::INFINITY),
        _ => runs - 1.0,
    };
    Measured::Value(Delta {
        harm: positions.harm,
        error_below: between.sqrt().max(below),
        error_above: between.sqrt().max(above),
        degrees_of_freedom,
        noise_variance: between,
        is_prediction: true,
        baseline_position: positions.centre(),
        baseline_effective: Some(runs),
        current_effective: within.value().map(|within| within.current_effective),
    })
}

//! Was the window steady? Its quarters, and those of its last half, must agree, as far as their noise lets one see.

use super::seconds::{Seconds, Values};
use crate::config::WindowSettings;
use crate::judge::Quarters;
use crate::stats::autocorrelation::effective_sample_size;
use crate::stats::distributions::student_t_quantile;
use crate::stats::moments::mean;
use crate::summary::{Measured, RunTimeline};
use crate::units::Unit;

pub const NO_REQUESTS: &str = "the run has no requests";
/// Quarters of a stretch with fewer values hold one each: nothing tells their noise.
const FEWEST_VALUES: usize = 8;
/// Pairs of four means.
const PAIRS: f64 = 6.0;

/// What the check of a window saw.
pub struct Check {
    pub quarters: Vec<Quarters>,
    /// Why nothing can be told at all.
    obstacle: Option<String>,
}

/// Why so few seconds tell nothing.
pub fn too_short(seconds: usize, settings: &WindowSettings) -> String {
    format!("too short to tell whether it is steady: {seconds} whole seconds of {}", settings.min_seconds)
}

impl Check {
    /// Compares the whole seconds within [start, end).
    pub fn of(whole: &RunTimeline, start_us: i64, end_us: i64, settings: &WindowSettings) -> Self {
        let Some(seconds) = Seconds::of(whole, start_us, end_us) else {
            return Self { quarters: Vec::new(), obstacle: Some(NO_REQUESTS.to_owned()) };
        };
        let is_short = (seconds.len() as u64) < settings.min_seconds;
        Self {
            quarters: seconds.series().iter().flat_map(|series| compare(series, settings)).collect(),
            obstacle: is_short.then(|| too_short(seconds.len(), settings)),
        }
    }

    /// False where a difference is both above the allowed one and more than noise explains; true where all are
    /// within the allowed one; what lies between cannot be told.
    pub fn is_steady(&self, settings: &WindowSettings) -> Measured<bool> {
        if let Some(obstacle) = &self.obstacle {
            return Measured::undefined(obstacle.clone());
        }
        if self.worst(settings).is_some() {
            return Measured::Value(false);
        }
        if let Some(reason) = self.quarters.iter().find_map(|quarters| quarters.difference.reason()) {
            return Measured::undefined(reason.to_owned());
        }
        let widest = self.quarters.iter().max_by(|a, b| difference(a).total_cmp(&difference(b)));
        match widest.filter(|widest| difference(widest) > settings.max_quarter_difference) {
            None => Measured::Value(true),
            Some(widest) => Measured::undefined(format!("{}, which noise explains", told(widest))),
        }
    }

    /// Was everything compared that should be?
    pub fn is_complete(&self) -> bool {
        self.obstacle.is_none() && self.quarters.iter().all(|quarters| quarters.difference.value().is_some())
    }

    /// Why the window cannot be trusted.
    pub fn doubt(&self, is_steady: &Measured<bool>, settings: &WindowSettings) -> Option<String> {
        match is_steady {
            Measured::Value(true) => None,
            Measured::Value(false) => {
                self.worst(settings).map(|worst| format!("not steady: {}", told(worst)))
            }
            Measured::Undefined(undefined) => (!self.is_complete()).then(|| undefined.reason().to_owned()),
        }
    }

    /// The largest of the differences that are too large.
    fn worst(&self, settings: &WindowSettings) -> Option<&Quarters> {
        let is_too_large = |quarters: &&Quarters| {
            difference(quarters) > settings.max_quarter_difference
                && quarters.noise.number().is_some_and(|noise| difference(quarters) > noise)
        };
        self.quarters.iter().filter(is_too_large).max_by(|a, b| difference(a).total_cmp(&difference(b)))
    }
}

/// 0 where it is undefined.
fn difference(quarters: &Quarters) -> f64 {
    quarters.difference.number().unwrap_or(0.0)
}

/// `throughput differs by 12.00 % among the quarters of the window (noise: 4.00 %)`.
fn told(quarters: &Quarters) -> String {
    let noise = quarters.noise.number().map(|noise| format!(" (noise: {})", Unit::Ratio.print(noise)));
    format!(
        "{} differs by {} among the quarters of {}{}",
        Values::label(&quarters.series),
        Unit::Ratio.print(difference(quarters)),
        quarters.stretch.replace('_', " "),
        noise.unwrap_or_default()
    )
}

/// The quarters of all of the values and of their last half.
fn compare(series: &Values, settings: &WindowSettings) -> [Quarters; 2] {
    let values = series.numbers();
    let noise = Noise::of(&values);
    let last_half = &values[values.len() / 2..];
    [("the_window", values.as_slice()), ("its_last_half", last_half)].map(|(stretch, values)| {
        let means: Vec<f64> = quarters_of(values).iter().filter_map(|quarter| mean(quarter)).collect();
        let middle = mean(&means).unwrap_or(0.0);
        let range = means.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - means.iter().copied().fold(f64::INFINITY, f64::min);
        let has_enough = noise.is_some() && means.len() == QUARTERS;
        let of_middle = |amount: f64| {
            if has_enough {
                Measured::ratio(amount, middle, "no request ended in the window")
            } else {
                Measured::undefined(format!("{} in fewer than {FEWEST_VALUES} seconds", series.name))
            }
        };
        let noise = noise.as_ref().and_then(|noise| noise.of_difference(values.len(), settings));
        Quarters {
            series: series.name.to_owned(),
            unit: series.unit,
            stretch: stretch.to_owned(),
            difference: of_middle(range),
            noise: noise.map_or(Measured::undefined("the noise cannot be told"), of_middle),
            means,
        }
    })
}

const QUARTERS: usize = 4;

/// Four contiguous stretches whose sizes differ by at most 1.
fn quarters_of(values: &[f64]) -> [&[f64]; QUARTERS] {
    let bound = |quarter: usize| values.len() * quarter / QUARTERS;
    [0, 1, 2, 3].map(|quarter| &values[bound(quarter)..bound(quarter + 1)])
}

/// How much a series varies within its quarters, where no level shifts.
struct Noise {
    variance: f64,
    /// Values that are worth one independent one.
    per_independent: f64,
    degrees_of_freedom: f64,
}

impl Noise {
    /// From the deviations from the means of the quarters; `None` with too few values.
    fn of(values: &[f64]) -> Option<Self> {
        if values.len() < FEWEST_VALUES {
            return None;
        }
        let mut deviations = Vec::with_capacity(values.len());
        for quarter in quarters_of(values) {
            let level = mean(quarter)?;
            deviations.extend(quarter.iter().map(|value| value - level));
        }
        let n = values.len() as f64;
        let squares: f64 = deviations.iter().map(|deviation| deviation * deviation).sum();
        // A series that does not vary has no noise, however many of its values count.
        let effective = effective_sample_size(&deviations).unwrap_or(n);
        Some(Self {
            variance: squares / (n - QUARTERS as f64),
            per_independent: n / effective,
            degrees_of_freedom: (effective - QUARTERS as f64).max(1.0),
        })
    }

    /// The difference of two quarters of `n` values that noise exceeds with the configured probability in any pair of
    /// the check: t·√(2·s²·τ/(n/4)), by Bonferroni over the pairs of both series and both stretches.
    fn of_difference(&self, n: usize, settings: &WindowSettings) -> Option<f64> {
        let comparisons = PAIRS * 4.0;
        let t = student_t_quantile(1.0 - settings.alpha / comparisons / 2.0, self.degrees_of_freedom)?;
        let per_quarter = n as f64 / QUARTERS as f64;
        Some(t * (2.0 * self.variance * self.per_independent / per_quarter).sqrt())
    }
}

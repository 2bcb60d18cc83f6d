//! One series → its verdict: slope, whether it is more than noise, whether it matters, and the word for it.

use super::series::MetricSeries;
use crate::config::TrendSettings;
use crate::judge::verdicts::{TrendEvidence, TrendWord};
use crate::metrics::Better;
use crate::stats::interval::Interval;
use crate::stats::moments::{mean, variance};
use crate::stats::trend_slope::trend_slope;
use crate::summary::Measured;
use crate::units;

const S_PER_MIN: f64 = 60.0;
/// Points that constant and line take, and one that is left over.
const FREEDOM_OF_LINE: usize = 3;

/// The word for a series and what it rests on.
pub fn judge(
    series: &MetricSeries,
    better: Better,
    settings: &TrendSettings,
) -> Measured<(TrendWord, TrendEvidence)> {
    let points = series.y.len();
    if points < settings.min_points {
        return Measured::undefined(format!("points: {points}, at least {} needed", settings.min_points));
    }
    let found = evidence(series, settings);
    Measured::or(found, "the series has no slope")
        .map(|evidence| (word(&evidence, better, settings), evidence))
}

fn evidence(series: &MetricSeries, settings: &TrendSettings) -> Option<TrendEvidence> {
    let MetricSeries { x_s, y, bin_s, .. } = series;
    let first_s = x_s.first()?;
    let length_s = x_s.last()? - first_s + bin_s;
    // The middle of each bin, 0..1: the slope is the change over the series.
    let t: Vec<f64> = x_s.iter().map(|x_s| (x_s - first_s + bin_s / 2.0) / length_s).collect();
    let scale = Scale::of(series);
    let waves = settings.waves.min(y.len().saturating_sub(FREEDOM_OF_LINE));
    let slope = trend_slope(&t, &scale.inner(y), &series.weights, waves)?;
    let interval = slope.interval(1.0 - settings.alpha)?;
    let per_min = |change: f64| scale.unit() * change * S_PER_MIN / length_s;
    Some(TrendEvidence {
        points: y.len() as u64,
        bin_s: *bin_s,
        slope_per_min: per_min(slope.slope),
        slope_interval_per_min: Measured::Value(interval.map(per_min)),
        change: scale.change(slope.slope),
        change_interval: scale.changes(interval),
        change_scale: if series.is_rate { units::Scale::Points } else { units::Scale::Relative },
        margin: if series.is_rate { settings.margin_points } else { settings.margin },
        p: slope.two_sided_p()?,
        coefficient_of_variation: variation(y, 0.0),
        variation_beyond_counting: variation(y, series.sampling_variance),
    })
}

/// What a slope is measured on, and how it reads as a change over the series.
#[derive(Debug, Clone, Copy)]
enum Scale {
    /// Logarithms, where all values are above 0; with the geometric mean, which slopes refer to.
    Log { level: f64 },
    /// Shares, in points.
    Points,
    /// Amounts that may be 0 or below; with their mean, which changes refer to where it is above 0.
    Amount { level: Option<f64> },
}

impl Scale {
    fn of(series: &MetricSeries) -> Self {
        let y = &series.y;
        if series.is_rate {
            return Scale::Points;
        }
        let logarithms: Vec<f64> = y.iter().map(|value| value.ln()).collect();
        let level = mean(&logarithms).map(f64::exp).filter(|_| y.iter().all(|value| *value > 0.0));
        level.map_or_else(
            || Scale::Amount { level: mean(y).filter(|level| *level > 0.0) },
            |level| Scale::Log { level },
        )
    }

    fn inner(self, y: &[f64]) -> Vec<f64> {
        match self {
            Scale::Log { .. } => y.iter().map(|value| value.ln()).collect(),
            Scale::Points | Scale::Amount { .. } => y.to_vec(),
        }
    }

    /// What one unit of the inner scale is of the metric, at the middle of the series.
    fn unit(self) -> f64 {
        match self {
            Scale::Log { level } => level,
            Scale::Points | Scale::Amount { .. } => 1.0,
        }
    }

    /// From first to last: relative, or in points.
    fn change(self, inner: f64) -> Measured<f64> {
        let change = match self {
            Scale::Log { .. } => Some(inner.exp_m1()),
            Scale::Points => Some(inner),
            // A series that stays where it is has not changed, whatever it is related to.
            Scale::Amount { level: None } => (inner == 0.0).then_some(0.0),
            Scale::Amount { level: Some(level) } => Some(inner / level),
        };
        Measured::or(
            change.filter(|change| change.is_finite()),
            "a mean of 0 or below has no relative change",
        )
    }

    fn changes(self, inner: Interval) -> Measured<Interval> {
        let (low, high) = (self.change(inner.low), self.change(inner.high));
        low.and_then(|low| high.map(|high| Interval::new(low, high)))
    }
}

/// Standard deviation per mean of the values, less what the sampling of each explains of it.
fn variation(y: &[f64], sampling_variance: f64) -> Measured<f64> {
    let centre = mean(y).map(f64::abs).filter(|centre| *centre > 0.0);
    let spread = variance(y).map(|variance| (variance - sampling_variance).max(0.0).sqrt());
    Measured::or(centre.zip(spread).map(|(centre, spread)| spread / centre), "a mean of 0")
}

fn word(evidence: &TrendEvidence, better: Better, settings: &TrendSettings) -> TrendWord {
    let is_significant = evidence.p < settings.alpha;
    let matters = evidence.change.number().is_some_and(|change| change.abs() >= evidence.margin);
    let is_volatile =
        evidence.variation_beyond_counting.number().is_some_and(|cv| cv > settings.volatile_above_cv);
    let is_within = evidence
        .change_interval
        .value()
        .is_some_and(|change| -evidence.margin <= change.low && change.high <= evidence.margin);
    if is_significant && matters {
        direction(evidence.slope_per_min > 0.0, better)
    } else if is_volatile && !is_significant {
        TrendWord::Volatile
    } else if is_within {
        TrendWord::Stable
    } else {
        TrendWord::Inconclusive
    }
}

fn direction(rises: bool, better: Better) -> TrendWord {
    match (rises, better) {
        (true, Better::Higher) | (false, Better::Lower) => TrendWord::Improving,
        (true, Better::Lower) | (false, Better::Higher) => TrendWord::Degrading,
        (true, Better::Neither) => TrendWord::Rising,
        (false, Better::Neither) => TrendWord::Falling,
    }
}

//! One series → its verdict: slope, whether it is more than noise, whether it matters, and the word for it.

use super::series::MetricSeries;
use crate::config::TrendSettings;
use crate::judge::verdicts::{TrendEvidence, TrendWord};
use crate::metrics::Better;
use crate::stats::batch_means::batch_means;
use crate::stats::distributions::student_t_upper_tail;
use crate::stats::interval::Interval;
use crate::stats::least_squares::line;
use crate::stats::mann_kendall::mann_kendall_dependent;
use crate::stats::moments::coefficient_of_variation;
use crate::stats::quantile::type7_select;
use crate::stats::theil_sen::{TheilSen, theil_sen_with_interval};
use crate::summary::Measured;
use crate::units;

const S_PER_MIN: f64 = 60.0;
/// Batches whose means must show the slope as well: values far enough apart to depend little on one another.
const BATCHES: usize = 8;

/// The word for a series and what it rests on.
pub fn judge(
    series: &MetricSeries,
    better: Better,
    settings: &TrendSettings,
) -> Measured<(TrendWord, TrendEvidence)> {
    let points = series.y.len();
    if points < settings.min_points.max(BATCHES) {
        return Measured::undefined(format!("points: {points}, at least {} needed", settings.min_points));
    }
    let found = evidence(series, settings);
    Measured::or(found, "the series has no slope")
        .map(|evidence| (word(&evidence, better, settings), evidence))
}

fn evidence(series: &MetricSeries, settings: &TrendSettings) -> Option<TrendEvidence> {
    let (x_s, y) = (&series.x_s, &series.y);
    let test = mann_kendall_dependent(y)?;
    let confidence = 1.0 - settings.alpha;
    let variance = Some(test.variance).filter(|variance| *variance > 0.0);
    let (TheilSen { slope, .. }, interval) = theil_sen_with_interval(x_s, y, confidence, variance)?;
    let straight = line(x_s, y);
    let length_s = x_s.last()? - x_s.first()? + series.bin_s;
    let scale = Scale::of(series, length_s);
    Some(TrendEvidence {
        points: y.len() as u64,
        bin_s: series.bin_s,
        slope_per_min: slope * S_PER_MIN,
        slope_interval_per_min: Measured::Value(interval.map(|slope| slope * S_PER_MIN)),
        change: scale.change(slope),
        change_interval: scale.interval(interval),
        change_scale: if series.is_rate { units::Scale::Points } else { units::Scale::Relative },
        margin: if series.is_rate { settings.margin_points } else { settings.margin },
        p: test.two_sided_p.max(p_of_batches(y).unwrap_or(1.0)),
        ols_slope_per_min: straight.as_ref().map_or(0.0, |line| line.slope) * S_PER_MIN,
        r_squared: Measured::or(straight.and_then(|line| line.r_squared), "the series does not vary"),
        coefficient_of_variation: Measured::or(coefficient_of_variation(y), "a mean of 0"),
    })
}

/// Slope per second → change over the series.
struct Scale {
    length_s: f64,
    /// The median that a relative change refers to; 1 for points.
    base: Option<f64>,
}

impl Scale {
    fn of(series: &MetricSeries, length_s: f64) -> Self {
        let median = type7_select(&mut series.y.clone(), &[0.5]).map(|found| found[0]);
        let base = if series.is_rate { Some(1.0) } else { median.filter(|median| *median > 0.0) };
        Self { length_s, base }
    }

    fn change(&self, slope: f64) -> Measured<f64> {
        let change = self.base.map(|base| slope * self.length_s / base);
        // A series that stays at 0 has not changed, whatever it is related to.
        Measured::or(change.or((slope == 0.0).then_some(0.0)), NO_RATIO)
    }

    fn interval(&self, slopes: Interval) -> Measured<Interval> {
        match (self.change(slopes.low), self.change(slopes.high)) {
            (Measured::Value(low), Measured::Value(high)) => Measured::Value(Interval::new(low, high)),
            _ => Measured::undefined(NO_RATIO),
        }
    }
}

const NO_RATIO: &str = "a median of 0 or below has no relative change";

/// Two-sided p of the slope through the means of eight batches: a second opinion, since the correction for dependence
/// is itself estimated and leaves too little in short series.
fn p_of_batches(y: &[f64]) -> Option<f64> {
    let means = batch_means(y, BATCHES)?;
    let x: Vec<f64> = (0..BATCHES).map(|batch| batch as f64).collect();
    let line = line(&x, &means)?;
    match line.slope_standard_error? {
        0.0 if line.slope != 0.0 => Some(0.0),
        0.0 => None,
        error => Some(2.0 * student_t_upper_tail((line.slope / error).abs(), BATCHES as f64 - 2.0)?),
    }
}

fn word(evidence: &TrendEvidence, better: Better, settings: &TrendSettings) -> TrendWord {
    let is_significant = evidence.p < settings.alpha;
    let matters = evidence.change.number().is_some_and(|change| change.abs() >= evidence.margin);
    let is_volatile =
        evidence.coefficient_of_variation.number().is_some_and(|cv| cv > settings.volatile_above_cv);
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

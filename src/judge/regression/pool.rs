//! What the runs of both sides tell of themselves: the variance of one run's value, pooled over all of them.

use super::collapse::Collapse;
use super::limits::Scale;
use super::pairing::Side;
use crate::config::{MetricRule, RegressionSettings};
use crate::stats::autocorrelation::autocorrelation;
use crate::stats::moments::{mean, variance};
use crate::stats::proportion::agresti_caffo_variance;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units;

/// The insides of all runs together.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Of the value of one run, v; `None` where no run tells.
    pub variance: Option<f64>,
    /// Independent samples that the two sides are worth.
    pub judged_effective: Option<f64>,
    pub baseline_effective: Option<f64>,
    /// A judged run whose own variance must not excuse it.
    pub collapse: Option<Collapse>,
}

/// What one run tells of itself, on the inner scale: s², of the batches where there are any, else of the value; φ; and b, the
/// number of batches or of independent samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insides {
    pub variance: f64,
    pub memory: Option<f64>,
    pub size: f64,
}

impl Insides {
    /// Of a metric of a run; none where it does not tell.
    pub fn of(metric: &ComparableMetric, rule: &MetricRule) -> Option<Self> {
        let side = Side::of(metric, None, None);
        let inside = Inside::of(side.value()?, Scale::of(rule));
        Some(match *inside.value()? {
            Inside::Batches { variance, batches, memory } => {
                Self { variance, memory: Some(memory), size: batches }
            }
            Inside::Value { variance, effective } => Self { variance, memory: None, size: effective },
        })
    }
}

/// What one run tells of itself, on the inner scale.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    /// Of its batches: s², their number b, and φ.
    Batches { variance: f64, batches: f64, memory: f64 },
    /// Of its value, with the number of independent samples behind it.
    Value { variance: f64, effective: f64 },
}

/// Beyond this the batches are too few to tell their memory from a trend.
const MOST_MEMORY: f64 = 0.8;

impl Pool {
    /// Undefined, with the reason, where a judged run does not tell of itself and others do, or the other way round: then
    /// nobody knows how far the two may be apart.
    pub fn of(
        judged: &[Side],
        baseline: &[Side],
        scale: Scale,
        settings: &RegressionSettings,
    ) -> Measured<Pool> {
        let theirs: Vec<Measured<Inside>> = baseline.iter().map(|side| Inside::of(side, scale)).collect();
        let known: Vec<Inside> = theirs.iter().filter_map(|inside| inside.value().copied()).collect();
        let mut kept = Vec::new();
        let mut collapse = None;
        let mut unknown = None;
        for side in judged {
            let inside = Inside::of(side, scale);
            if let Some(found) = collapse_of(side, &inside, baseline, &known, scale, settings) {
                collapse = collapse.into_iter().chain([found]).reduce(Collapse::graver);
                continue;
            }
            match inside {
                Measured::Value(inside) => kept.push(inside),
                Measured::Undefined(undefined) => unknown = Some(undefined),
            }
        }
        let is_one_sided = known.is_empty() && !kept.is_empty() || unknown.is_some() && !known.is_empty();
        if is_one_sided {
            let theirs = theirs.iter().find_map(|inside| inside.reason().map(str::to_owned));
            let mine = unknown.map(|undefined| undefined.reason().to_owned());
            return Measured::undefined(mine.or(theirs).unwrap_or_default());
        }
        let all: Vec<Inside> = known.iter().chain(&kept).copied().collect();
        let memory = pooled_memory(&all);
        let effective = |of: &[Inside]| {
            (!of.is_empty()).then(|| of.iter().map(|inside| inside.effective(memory)).sum::<f64>())
        };
        Measured::Value(Pool {
            variance: mean(&all.iter().map(|inside| inside.of_value(memory)).collect::<Vec<f64>>()),
            judged_effective: effective(&kept),
            baseline_effective: effective(&known),
            collapse,
        })
    }
}

/// Must this run be left out of what all runs tell of themselves?
fn collapse_of(
    side: &Side,
    inside: &Measured<Inside>,
    baseline: &[Side],
    known: &[Inside],
    scale: Scale,
    settings: &RegressionSettings,
) -> Option<Collapse> {
    if let Some(found) = Collapse::of(side, baseline, scale, settings) {
        return Some(found);
    }
    let of_batches = |inside: &Inside| match inside {
        Inside::Batches { variance, .. } => Some(*variance),
        Inside::Value { .. } => None,
    };
    let usual = mean(&known.iter().filter_map(of_batches).collect::<Vec<f64>>())?;
    let mine = inside.value().and_then(of_batches)?;
    (mine > settings.varies_more_from * usual).then_some(Collapse::VariesMore)
}

/// φ of all runs: their batches are of one kind. Single values are rough, also negative, and only their mean is bounded.
fn pooled_memory(all: &[Inside]) -> f64 {
    let of_batches = all.iter().filter_map(|inside| match inside {
        Inside::Batches { memory, .. } => Some(*memory),
        Inside::Value { .. } => None,
    });
    mean(&of_batches.collect::<Vec<f64>>()).map_or(0.0, |memory| memory.clamp(0.0, MOST_MEMORY))
}

impl Inside {
    fn of(side: &Side, scale: Scale) -> Measured<Inside> {
        side.spread.as_ref().and_then(|spread| match spread {
            Spread::Batches { values } => Self::of_batches(values, scale),
            &Spread::Share { effective, .. } => {
                let variance = agresti_caffo_variance(side.value * effective, effective);
                Self::of_variance(variance, effective, side.value, scale)
            }
            &Spread::Estimate { standard_error, degrees_of_freedom } => {
                let variance = Some(standard_error * standard_error);
                Self::of_variance(variance, degrees_of_freedom + 1.0, side.value, scale)
            }
        })
    }

    fn of_batches(values: &[f64], scale: Scale) -> Measured<Inside> {
        let positions: Option<Vec<f64>> = values.iter().map(|&value| scale.position(value)).collect();
        let inside = positions.and_then(|positions| {
            let (batches, memory) = (positions.len() as f64, memory(&positions));
            Some(Inside::Batches { variance: variance(&positions)?, batches, memory })
        });
        Measured::or(inside, "a batch at 0 or below has no ratio")
    }

    /// A variance in the metric's own unit, carried over to the inner scale (delta method).
    fn of_variance(raw: Option<f64>, effective: f64, value: f64, scale: Scale) -> Measured<Inside> {
        let on_scale =
            |raw: f64| if scale.change == units::Scale::Relative { raw / (value * value) } else { raw };
        let variance = raw.map(on_scale).filter(|variance| variance.is_finite());
        let inside = variance.map(|variance| Inside::Value { variance, effective });
        Measured::or(inside, "a value of 0 has no ratio")
    }

    /// The variance of the run's value, where batches have the memory φ.
    fn of_value(&self, memory: f64) -> f64 {
        match *self {
            Inside::Batches { variance, .. } => variance / self.effective(memory),
            Inside::Value { variance, .. } => variance,
        }
    }

    /// Batches shorter than the memory of a queue say less than as many independent ones.
    fn effective(&self, memory: f64) -> f64 {
        match *self {
            Inside::Batches { batches, .. } => batches * (1.0 - memory) / (1.0 + memory),
            Inside::Value { effective, .. } => effective,
        }
    }
}

/// How much of one batch is left in the next: the autocorrelation at lag 1, freed from its bias towards less in short
/// series (Marriott and Pope 1954: r is (1 + 3φ)/b too small).
fn memory(positions: &[f64]) -> f64 {
    let batches = positions.len() as f64;
    let lag_1 = autocorrelation(positions, 1).and_then(|values| values.get(1).copied());
    lag_1.filter(|_| batches > 3.0).map_or(0.0, |lag_1| (batches * lag_1 + 1.0) / (batches - 3.0))
}

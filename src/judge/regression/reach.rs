//! What a baseline can tell, before anything is compared with it: by the statistic of the gate, for a run like its own.

use super::ComparisonOptions;
use super::delta::noise;
use super::limits::Scale;
use super::moderated::Moderated;
use super::pairing::{Pair, Side, pair_metrics};
use super::pool::Pool;
use super::positions::Positions;
use crate::baseline::RunRecord;
use crate::config::{MetricRule, RegressionSettings};
use crate::stats::distributions::student_t_quantile;
use crate::summary::Measured;
use crate::units::{self, ChangeUnit, Unit, some_of};

/// Numbers of repeats that are worth a try.
const WORTH_A_TRY: [usize; 4] = [1, 2, 4, 9];
/// Metrics in one sentence; the others are counted.
const MOST_NAMED: usize = 3;

/// What weakens a comparison with these runs of one group, one sentence each.
pub fn weaknesses(runs: &[&RunRecord], settings: &RegressionSettings) -> Vec<String> {
    let pairs = pair_metrics(&[], runs);
    let (mut wide, mut open, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for pair in &pairs {
        let rule = settings.rule(&pair.key()).map(|(_, rule)| rule).filter(|rule| rule.gate);
        let (Some(rule), Some(sides)) = (rule, pair.baseline.value()) else { continue };
        match Reach::of(sides, Scale::of(rule), settings) {
            Measured::Value(reach) => {
                wide.extend(reach.differs_widely(settings).then(|| range(pair, sides)));
                open.extend(reach.open(pair, rule, settings));
            }
            Measured::Undefined(undefined) => {
                unknown.push(format!("{} ({})", pair.key(), undefined.reason()))
            }
        }
    }
    let wide = (!wide.is_empty()).then(|| {
        format!(
            "its runs differ by more than runs of one kind do: {}; a comparison excludes less",
            some_of(&wide, MOST_NAMED)
        )
    });
    let unknown = (!unknown.is_empty()).then(|| {
        format!("cannot be compared with it: {}; record longer runs", some_of(&unknown, MOST_NAMED))
    });
    wide.into_iter().chain(unknown).chain(cannot_exclude(&open)).collect()
}

/// How much runs like those of the baseline differ.
struct Reach {
    spread: Moderated,
    /// What their insides leave, and what is expected beyond it.
    within: Option<f64>,
    noise: f64,
    positions: Vec<f64>,
    scale: Scale,
}

/// What cannot be excluded, and how many repeats would help.
struct Open {
    what: String,
    repeats: Option<usize>,
}

impl Reach {
    fn of(runs: &[Side], scale: Scale, settings: &RegressionSettings) -> Measured<Self> {
        let pool = Pool::of(runs, runs, scale, settings);
        Positions::of(runs, runs, scale).and_then(|positions| {
            pool.and_then(|pool| {
                let (within, noise, positions) = (pool.variance, noise(scale, settings), positions.baseline);
                let spread = Moderated::of(within, noise, &positions, settings);
                let reason = runs.iter().find_map(|side| side.spread.reason());
                let reason = reason.unwrap_or("nothing tells how much it varies").to_owned();
                Measured::or(spread, reason).map(|spread| Self { spread, within, noise, positions, scale })
            })
        })
    }

    fn differs_widely(&self, settings: &RegressionSettings) -> bool {
        let within = self.within.unwrap_or(f64::INFINITY);
        Moderated::is_exceeded(within, self.noise, &self.positions, settings.alpha, settings)
    }

    /// The harm that a run that is no worse might have, with so many more runs in the baseline.
    fn at_most(&self, more: usize, settings: &RegressionSettings) -> Option<f64> {
        let freedom = self.spread.degrees_of_freedom + more as f64;
        let t = student_t_quantile(0.5 + settings.confidence / 2.0, freedom)?;
        Some(t * self.spread.error(1.0, (self.positions.len() + more) as f64))
    }

    /// The harm that must be excluded, if it cannot be.
    fn open(&self, pair: &Pair, rule: &MetricRule, settings: &RegressionSettings) -> Option<Open> {
        let least = |severity| self.scale.least_harm(severity, rule);
        let limit = least(settings.must_exclude)?.max(least(ComparisonOptions::default().fail_on)?);
        let is_open = |more: usize| self.at_most(more, settings).is_none_or(|most| most >= limit);
        let unit = ChangeUnit::of(rule.change, pair.unit);
        is_open(0).then(|| Open {
            what: format!("{} of {}", unit.print(self.scale.change(limit)), pair.key()),
            repeats: WORTH_A_TRY.into_iter().find(|&more| !is_open(more)),
        })
    }
}

fn cannot_exclude(open: &[Open]) -> Option<String> {
    let what: Vec<&str> = open.iter().map(|open| open.what.as_str()).collect();
    let repeats: Option<Vec<usize>> = open.iter().map(|open| open.repeats).collect();
    let remedy = match repeats.and_then(|repeats| repeats.into_iter().max()) {
        Some(repeats) => format!("record longer runs or add {}", units::counted(repeats as u64, "repeat")),
        None => "record longer runs".to_owned(),
    };
    (!what.is_empty()).then(|| {
        format!(
            "a comparison with one run like these cannot exclude {}: {remedy}",
            some_of(&what, MOST_NAMED)
        )
    })
}

/// `request/ok_p95_ms from 812 ms to 1,900 ms`.
fn range(pair: &Pair, sides: &[Side]) -> String {
    let values = || sides.iter().map(|side| side.value);
    let unit: Unit = pair.unit;
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    format!("{} from {} to {}", pair.key(), unit.print(least), unit.print(most))
}

//! From a change with its uncertainty to a word, many metrics at once.

use super::collapse::Collapse;
use super::delta::Delta;
use super::limits::Scale;
use super::pairing::{Pair, Side};
use crate::config::{MetricRule, RegressionSettings};
use crate::judge::verdicts::{ChangeWord, MetricChange, Severity};
use crate::stats::interval::Interval;
use crate::stats::multiple::benjamini_hochberg;
use crate::summary::Measured;
use crate::units::Unit;

/// A metric on its way to a verdict.
#[derive(Debug, Clone)]
pub struct Judged {
    pub pair: Pair,
    pub rule: Option<MetricRule>,
    pub delta: Measured<Delta>,
    pub word: Measured<ChangeWord>,
    /// Of "worse at all"; beside the gate adjusted over all metrics there.
    p_worse: Option<f64>,
    note: Option<String>,
}

/// A metric that can be judged: rule, scale and change.
pub type Judgeable<'a> = (&'a MetricRule, Scale, &'a Delta);

impl Judged {
    pub fn new(pair: Pair, rule: Option<MetricRule>, delta: Measured<Delta>) -> Self {
        let word = match (pair.baseline.value(), pair.current.value(), &delta) {
            (Some(_), None, _) => Measured::Value(ChangeWord::Vanished),
            (None, Some(_), _) => Measured::Value(ChangeWord::Appeared),
            (_, _, Measured::Undefined(undefined)) => Measured::Undefined(undefined.clone()),
            _ => Measured::undefined("not decided"),
        };
        let note = delta.value().and_then(|delta| delta.collapse).map(|found| found.note().to_owned());
        Self { pair, rule, delta, word, p_worse: None, note }
    }

    pub fn judgeable(&self) -> Option<Judgeable<'_>> {
        let rule = self.rule.as_ref()?;
        Some((rule, Scale::of(rule), self.delta.value()?))
    }

    pub fn is_in_gate(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.gate)
    }

    pub fn is(&self, word: ChangeWord) -> bool {
        self.word.value() == Some(&word)
    }

    /// The severity of a regression. Of a run that fell to 0 it is the gravest that there is: its mean tells how late it
    /// fell, not how bad that is.
    pub fn severity(&self) -> Option<Severity> {
        let (rule, scale, delta) = self.judgeable()?;
        let harm = if self.fell_to_zero() { f64::INFINITY } else { delta.harm };
        self.is(ChangeWord::Regressed).then(|| scale.severity(harm, rule))
    }

    fn fell_to_zero(&self) -> bool {
        self.delta.value().is_some_and(|delta| delta.collapse == Some(Collapse::ToZero))
    }

    /// Would chance call it regressed in no more than this share of the cases?
    pub fn is_proven(&self, alpha: f64) -> bool {
        self.is(ChangeWord::Regressed) && (self.fell_to_zero() || self.p_worse.is_some_and(|p| p <= alpha))
    }

    /// Does the interval exclude that it is worse by more than the margin? None where it was not compared.
    pub fn is_no_worse(&self, settings: &RegressionSettings) -> Option<bool> {
        let (rule, scale, delta) = self.judgeable()?;
        let high = delta.interval(settings).map(|(_, high)| high);
        Some(high.is_some_and(|high| high <= scale.margin(rule)))
    }

    /// Do the runs that are judged together differ in this metric of the gate as repeats do not?
    pub fn is_mixed(&self, settings: &RegressionSettings) -> bool {
        self.is_in_gate() && self.delta.value().is_some_and(|delta| delta.is_mixed(settings))
    }

    fn is_time(&self) -> bool {
        self.pair.unit == Unit::Milliseconds
    }

    /// What it is about within its component: times and throughput are one fact.
    pub fn fact(&self) -> &str {
        match self.pair.unit {
            Unit::Milliseconds | Unit::PerSecond => "speed",
            _ => &self.pair.metric,
        }
    }
}

/// Decides the words. Each metric of the gate is judged for itself, all others together (Benjamini–Hochberg); better and worse
/// are asked apart, so that swapping run and baseline swaps the answers.
pub fn decide(judged: &mut [Judged], settings: &RegressionSettings) {
    for in_gate in [true, false] {
        let family: Vec<usize> = (0..judged.len())
            .filter(|&at| judged[at].is_in_gate() == in_gate && judged[at].judgeable().is_some())
            .collect();
        let p = |side: fn(&Delta) -> Option<f64>| -> Vec<f64> {
            let of = |&at: &usize| side(judged[at].delta.value()?);
            let alone: Vec<f64> = family.iter().map(|at| of(at).unwrap_or(1.0)).collect();
            if in_gate { alone } else { benjamini_hochberg(&alone) }
        };
        let (worse, better) = (p(Delta::p_worse), p(Delta::p_better));
        for ((&at, p_worse), p_better) in family.iter().zip(worse).zip(better) {
            judged[at].p_worse = Some(p_worse);
            let word = word(&judged[at], p_worse, p_better, settings);
            judged[at].word = Measured::Value(word);
        }
    }
    distrust_fast_failures(judged);
}

fn word(judged: &Judged, p_worse: f64, p_better: f64, settings: &RegressionSettings) -> ChangeWord {
    let Some((rule, scale, delta)) = judged.judgeable() else { return ChangeWord::Inconclusive };
    let margin = scale.margin(rule);
    let interval = delta.interval(settings);
    let is_within = interval.is_some_and(|(low, high)| -margin <= low && high <= margin);
    // Worse for certain, perhaps by no more than the margin. An estimate alone is noise as often as not.
    let is_worse = interval.is_some_and(|(low, _)| low >= 0.0);
    if delta.harm > margin && (judged.fell_to_zero() || p_worse <= settings.alpha) {
        ChangeWord::Regressed
    } else if -delta.harm > margin && p_better <= settings.alpha {
        ChangeWord::Improved
    } else if is_within {
        ChangeWord::Unchanged
    } else if delta.harm > margin && is_worse {
        ChangeWord::Suspected
    } else {
        ChangeWord::Inconclusive
    }
}

/// Failing fast is not faster: the times of a component whose success regressed have not improved.
fn distrust_fast_failures(judged: &mut [Judged]) {
    let failing: Vec<String> = judged
        .iter()
        .filter(|metric| metric.pair.metric == "success_rate" && metric.is(ChangeWord::Regressed))
        .map(|metric| metric.pair.component.clone())
        .collect();
    for metric in judged.iter_mut() {
        let is_failing = failing.contains(&metric.pair.component);
        if is_failing && metric.is_time() && metric.is(ChangeWord::Improved) {
            metric.word = Measured::Value(ChangeWord::Inconclusive);
            metric.note = Some("shorter, but fewer calls succeed: failing fast is not faster".to_owned());
        }
    }
}

fn count(sides: &Measured<Vec<Side>>) -> u64 {
    sides.value().map_or(0, Vec::len) as u64
}

impl Judged {
    /// Runs of the baseline that have it.
    pub fn baseline_runs(&self) -> u64 {
        count(&self.pair.baseline)
    }

    /// Judged runs that have it.
    pub fn runs(&self) -> u64 {
        count(&self.pair.current)
    }

    /// The verdict with all its numbers; of the gate's metrics against what fails it.
    pub fn change(&self, fail_on: Severity, settings: &RegressionSettings) -> MetricChange {
        let judgeable = self.judgeable();
        let reason = self.delta.reason().unwrap_or("not compared").to_owned();
        let number =
            |of: &dyn Fn(Judgeable<'_>) -> Option<f64>| Measured::or(judgeable.and_then(of), reason.clone());
        let interval = judgeable.and_then(|(_, scale, delta)| {
            let (low, high) = delta.interval(settings)?;
            Some(Interval::new(scale.change(low), scale.change(high)))
        });
        let detectable = |(_, scale, _): Judgeable<'_>| {
            self.smallest_detectable(fail_on, settings).map(|harm| scale.change(harm))
        };
        MetricChange {
            component: self.pair.component.clone(),
            metric: self.pair.metric.clone(),
            unit: self.pair.unit,
            baseline: self.baseline_value(),
            current: self.current_value(),
            baseline_runs: self.baseline_runs(),
            runs: self.runs(),
            scale: self.rule.as_ref().map(|rule| rule.change),
            worse: self.rule.as_ref().map(|rule| rule.worse),
            change: number(&|(_, scale, delta)| Some(scale.change(delta.harm))),
            interval: Measured::or(interval, reason.clone()),
            margin: self.rule.as_ref().map_or(0.0, |rule| rule.margin),
            word: self.word.clone(),
            severity: self.severity(),
            p: Measured::or(self.p_worse, reason.clone()),
            baseline_effective_samples: number(&|(_, _, delta)| delta.baseline_effective),
            current_effective_samples: number(&|(_, _, delta)| delta.judged_effective),
            smallest_detectable_change: number(&detectable),
            gate: self.is_in_gate(),
            note: self.note(),
        }
    }

    /// The smallest harm that would have been called regressed; of the gate's metrics the smallest that would have failed it.
    pub fn smallest_detectable(&self, fail_on: Severity, settings: &RegressionSettings) -> Option<f64> {
        let (rule, scale, delta) = self.judgeable()?;
        let fails = scale.least_harm(fail_on, rule).filter(|_| rule.gate);
        delta.smallest_detectable(fails.unwrap_or(scale.margin(rule)), settings)
    }

    /// `, from 812 ms to 1,009 ms`, where both sides are known.
    pub fn before_and_after(&self) -> String {
        let unit = self.pair.unit;
        let both = self.baseline_value().number().zip(self.current_value().number());
        both.map(|(before, now)| format!(", from {} to {}", unit.print(before), unit.print(now)))
            .unwrap_or_default()
    }

    /// Mean over the baseline's runs: geometric for relative changes.
    fn baseline_value(&self) -> Measured<f64> {
        self.mean_value(&self.pair.baseline, |delta| delta.baseline_position)
    }

    /// The same over the runs that are judged together; of one run its value as it is.
    fn current_value(&self) -> Measured<f64> {
        match self.pair.current.value().map(Vec::as_slice) {
            Some([one]) => Measured::Value(one.value),
            _ => self.mean_value(&self.pair.current, |delta| delta.judged_position),
        }
    }

    fn mean_value(&self, sides: &Measured<Vec<Side>>, position: fn(&Delta) -> f64) -> Measured<f64> {
        match self.judgeable() {
            Some((_, scale, delta)) => Measured::Value(scale.value(position(delta))),
            None => sides.as_ref().and_then(|sides| {
                let sum: f64 = sides.iter().map(|side| side.value).sum();
                Measured::ratio(sum, sides.len() as f64, "no run")
            }),
        }
    }

    /// What a reader must know of this verdict.
    pub fn note(&self) -> Option<String> {
        let known = self.pair.baseline.value().map_or(0, Vec::len);
        let partly = (known > 0 && known < self.pair.baseline_runs)
            .then(|| format!("in {known} of the baseline's {} runs", self.pair.baseline_runs));
        match (self.note.clone(), partly) {
            (Some(note), Some(partly)) => Some(format!("{note}; {partly}")),
            (note, partly) => note.or(partly),
        }
    }
}

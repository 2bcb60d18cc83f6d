//! The gate: fails on what is proven and large, passes where a grave regression is excluded, and cannot judge between them.

use super::passed::what_it_means;
use super::remedy;
use super::words::{Judgeable, Judged};
use crate::config::{MetricRule, RegressionSettings, fits};
use crate::exit_code::ExitCode;
use crate::judge::verdicts::{
    ChangeWord, CheckEvidence, CheckKind, Comparability, Gate, GateCheck, Severity,
};
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::ChangeUnit;

/// What a regression must reach to fail the gate, and what must be excluded to pass it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub fail_on: Severity,
    pub must_exclude: Severity,
}

/// The gate of a comparison that was not possible.
pub fn not_comparable(comparability: &Comparability, limits: Limits) -> Gate {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
    let differences: Vec<String> = comparability
        .obstacles()
        .map(|field| {
            let remedy = field.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
            format!(
                "{}: {} in the baseline, {} here{remedy}",
                field.field,
                side(&field.baseline),
                side(&field.current)
            )
        })
        .collect();
    let reason = if differences.is_empty() {
        "not comparable: the baseline has no runs".to_owned()
    } else {
        format!("not comparable with the baseline: {}", differences.join("; "))
    };
    let Limits { fail_on, must_exclude } = limits;
    let code = ExitCode::CouldNotJudge;
    Gate { code, fail_on, must_exclude, checks: Vec::new(), reasons: vec![reason], passed: None }
}

/// Judges the metrics of the gate, those included that neither side has.
pub fn judge_gate(judged: &[Judged], limits: Limits, settings: &RegressionSettings) -> Gate {
    let of_gate: Vec<&Judged> = judged.iter().filter(|metric| metric.is_in_gate()).collect();
    let alpha = settings.alpha / by_chance(&of_gate, limits.fail_on, settings).max(1) as f64;
    let asked = Asked { limits, alpha, settings };
    let mut checks: Vec<GateCheck> = of_gate.iter().map(|metric| asked.check(metric)).collect();
    checks.extend(missing(judged, settings));
    // Gravest first: by the code, then by the kind, then by how near they come to what must be excluded.
    checks.sort_by(|a, b| {
        let order = |check: &GateCheck| (std::cmp::Reverse(check.code), check.kind);
        order(a).cmp(&order(b)).then_with(|| b.nearness.total_cmp(&a.nearness))
    });
    let mut gate = Gate::of(checks, limits.fail_on, limits.must_exclude);
    gate.passed = what_it_means(&gate, judged, limits.fail_on, settings);
    gate
}

/// Metrics that could reach the limit that fails by chance: only they share the chance of a false alarm.
///
/// R. E. Tarone, "A Modified Bonferroni Method for Discrete Data", Biometrics 46 (1990): a test that cannot reject takes
/// nothing from the others.
fn by_chance(of_gate: &[&Judged], fail_on: Severity, settings: &RegressionSettings) -> usize {
    let could = |metric: &&&Judged| {
        metric.judgeable().is_some_and(|(rule, scale, delta)| {
            let chance = scale.least_harm(fail_on, rule).and_then(|limit| delta.p_beyond(limit));
            chance.is_some_and(|chance| chance > settings.alpha / NEGLIGIBLE)
        })
    };
    of_gate.iter().filter(could).count()
}

/// A metric that reaches its limit in less than half of the chance that each is given adds less than that to the false alarms;
/// were it to share, the P95 of a single pair of runs would be judged at α/3, and half of its regressions be lost.
const NEGLIGIBLE: f64 = 2.0;

/// Metrics that the gate names and that neither side has: nothing was judged, so nothing passed.
fn missing<'a>(
    judged: &'a [Judged],
    settings: &'a RegressionSettings,
) -> impl Iterator<Item = GateCheck> + 'a {
    let is_there = |pattern: &str| judged.iter().any(|metric| fits(pattern, &metric.pair.key()));
    settings.metrics.iter().filter(move |(key, rule)| rule.gate && !is_there(key)).map(|(key, _)| GateCheck {
        limit: Measured::undefined("neither the run nor the baseline has it"),
        remedy: Some(format!(
            "where that is as it should be: [regression.metrics] \"{key}\" = {{ gate = false }}"
        )),
        ..not_judged(key.clone(), "neither the run nor the baseline has it")
    })
}

fn not_judged(metric: String, why: &str) -> GateCheck {
    GateCheck {
        metric,
        code: ExitCode::CouldNotJudge,
        kind: CheckKind::NotJudged,
        limit: Measured::undefined("it could not be compared"),
        because: format!("could not be judged: {why}"),
        remedy: None,
        nearness: 0.0,
        evidence: None,
    }
}

fn why_not(metric: &Judged) -> String {
    let reason = metric.delta.reason().unwrap_or("not compared");
    match metric.word.value() {
        Some(ChangeWord::Vanished) => format!("the baseline has it, this run does not ({reason})"),
        Some(ChangeWord::Appeared) => format!("this run has it, the baseline does not ({reason})"),
        _ => reason.to_owned(),
    }
}

/// What is asked of each metric.
struct Asked<'a> {
    limits: Limits,
    /// The chance of a false alarm that each metric is given.
    alpha: f64,
    settings: &'a RegressionSettings,
}

/// What a metric is told to have done, and what asks for it.
type Decision = (ExitCode, CheckKind, String, Option<String>);

impl Asked<'_> {
    fn check(&self, metric: &Judged) -> GateCheck {
        let key = metric.pair.key();
        let Some(judgeable) = metric.judgeable() else { return not_judged(key, &why_not(metric)) };
        let (rule, scale, delta) = judgeable;
        let Some((low, high)) = delta.interval(self.settings) else {
            return not_judged(key, "it has no interval");
        };
        let evidence = Some(CheckEvidence {
            unit: ChangeUnit::of(rule.change, metric.pair.unit),
            change: scale.change(delta.harm),
            interval: Interval::new(scale.change(low), scale.change(high)),
            baseline_runs: metric.baseline_runs(),
            runs: metric.runs(),
        });
        let Some(fails) = scale.least_harm(self.limits.fail_on, rule) else {
            return GateCheck {
                metric: key,
                code: ExitCode::Clean,
                kind: CheckKind::Passed,
                limit: Measured::undefined("the settings have no limit of this severity"),
                because: "has no limit of this severity in the settings".to_owned(),
                remedy: None,
                nearness: 0.0,
                evidence,
            };
        };
        let hides = self.must_exclude(scale.least_harm(self.limits.must_exclude, rule), fails);
        let (code, kind, because, remedy) = self.decide(metric, judgeable, high, fails, hides);
        let limit = Measured::Value(scale.change(fails));
        GateCheck { metric: key, code, kind, limit, because, remedy, nearness: high / hides, evidence }
    }

    /// The harm that must be excluded: nothing that would not fail, were it proven.
    fn must_exclude(&self, limit: Option<f64>, fails: f64) -> f64 {
        limit.map_or(f64::INFINITY, |limit| limit.max(fails))
    }

    fn decide(
        &self,
        metric: &Judged,
        (rule, scale, delta): Judgeable<'_>,
        high: f64,
        fails: f64,
        hides: f64,
    ) -> Decision {
        let say = Say::of(metric, rule);
        let print = |harm: f64| say.unit.print(scale.change(harm));
        let changed = print(delta.harm);
        let is_grave = metric.severity().is_some_and(|severity| severity >= self.limits.fail_on);
        let is_large = (delta.harm > fails || is_grave)
            && delta.harm_of_last_day.is_none_or(|last| last > scale.margin(rule));
        let (before_and_after, beside) = (metric.before_and_after(), say.beside);
        if is_large && metric.is_proven(self.alpha) {
            let severity = metric.severity().unwrap_or(Severity::Low).word();
            let because = format!("regressed by {changed} ({severity}){before_and_after}{beside}");
            return (ExitCode::GateFailed, CheckKind::Regressed, because, None);
        }
        if is_large && (metric.is(ChangeWord::Regressed) || metric.is(ChangeWord::Suspected)) {
            let because = format!(
                "is suspected to have regressed by {changed} (at most {}){before_and_after}{beside}",
                print(high)
            );
            return (ExitCode::CouldNotJudge, CheckKind::Suspected, because, Some(remedy::REPEAT.to_owned()));
        }
        if high < hides {
            let because = format!("changed by {changed}, at most {}{beside}", print(high));
            return (ExitCode::Clean, CheckKind::Passed, because, None);
        }
        let because = format!(
            "could not be judged: {changed} (at most {}), so {} could hide{beside}",
            print(high),
            print(hides)
        );
        let remedy = remedy::to_exclude(delta, hides, self.settings);
        (ExitCode::CouldNotJudge, CheckKind::CouldHide, because, Some(remedy))
    }
}

/// How the change of a metric is told.
struct Say {
    unit: ChangeUnit,
    /// What is said beside the numbers.
    beside: String,
}

impl Say {
    fn of(metric: &Judged, rule: &MetricRule) -> Self {
        let together = metric.delta.value().map_or(1, |delta| delta.judged_runs);
        let together = (together > 1).then(|| format!(", {together} runs together"));
        let note = metric.note().map(|note| format!("; {note}"));
        let beside = [together, note].into_iter().flatten().collect();
        Self { unit: ChangeUnit::of(rule.change, metric.pair.unit), beside }
    }
}

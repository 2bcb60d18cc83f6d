//! The gate: passes only when a regression that would fail it can be excluded for each of its metrics.

use super::words::{Judgeable, Judged};
use crate::config::{RegressionSettings, Worse, fits};
use crate::exit_code::ExitCode;
use crate::judge::verdicts::{ChangeWord, Comparability, Gate, GateCheck, Severity};
use crate::summary::Measured;
use crate::units::ChangeUnit;

/// The gate of a comparison that was not possible.
pub fn not_comparable(comparability: &Comparability, fail_on: Severity) -> Gate {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
    let differences: Vec<String> = comparability
        .obstacles()
        .map(|field| {
            format!(
                "{}: {} in the baseline, {} here",
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
    Gate { code: ExitCode::CouldNotJudge, fail_on, checks: Vec::new(), reasons: vec![reason] }
}

/// Judges the metrics of the gate, those included that neither side has.
pub fn judge_gate(judged: &[Judged], fail_on: Severity, settings: &RegressionSettings) -> Gate {
    let mut checks: Vec<GateCheck> = judged
        .iter()
        .filter(|metric| metric.is_in_gate())
        .map(|metric| check(metric, fail_on, settings))
        .collect();
    checks.extend(missing(judged, settings));
    // Gravest first.
    checks.sort_by_key(|check| std::cmp::Reverse(check.code));
    let reasons = checks.iter().filter_map(GateCheck::reason).collect();
    let code = checks.iter().map(|check| check.code).max().unwrap_or(ExitCode::Clean);
    Gate { code, fail_on, checks, reasons }
}

/// Metrics that the gate names and that neither side has: nothing was judged, so nothing passed.
fn missing<'a>(
    judged: &'a [Judged],
    settings: &'a RegressionSettings,
) -> impl Iterator<Item = GateCheck> + 'a {
    let is_there = |pattern: &str| judged.iter().any(|metric| fits(pattern, &metric.pair.key()));
    settings.metrics.iter().filter(move |(key, rule)| rule.gate && !is_there(key)).map(|(key, _)| GateCheck {
        metric: key.clone(),
        code: ExitCode::CouldNotJudge,
        limit: Measured::undefined("neither the run nor the baseline has it"),
        because: "could not be judged: neither the run nor the baseline has it".to_owned(),
        remedy: Some(format!(
            "where that is as it should be: [regression.metrics] \"{key}\" = {{ gate = false }}"
        )),
    })
}

fn check(metric: &Judged, fail_on: Severity, settings: &RegressionSettings) -> GateCheck {
    let key = metric.pair.key();
    let Some(judgeable) = metric.judgeable() else {
        return GateCheck {
            metric: key,
            code: ExitCode::CouldNotJudge,
            limit: Measured::undefined("it could not be compared"),
            because: format!("could not be judged: {}", why_not(metric)),
            remedy: None,
        };
    };
    let (rule, scale, _) = judgeable;
    let Some(limit) = scale.least_harm(fail_on, rule) else {
        return GateCheck {
            metric: key,
            code: ExitCode::Clean,
            limit: Measured::undefined("the settings have no limit of this severity"),
            because: "has no limit of this severity in the settings".to_owned(),
            remedy: None,
        };
    };
    let (code, because, remedy) = decide(metric, judgeable, limit, fail_on, settings);
    GateCheck { metric: key, code, limit: Measured::Value(scale.change(limit)), because, remedy }
}

fn why_not(metric: &Judged) -> String {
    let reason = metric.delta.reason().unwrap_or("not compared");
    match metric.word.value() {
        Some(ChangeWord::Vanished) => format!("the baseline has it, this run does not ({reason})"),
        Some(ChangeWord::Appeared) => format!("this run has it, the baseline does not ({reason})"),
        _ => reason.to_owned(),
    }
}

fn decide(
    metric: &Judged,
    (rule, scale, delta): Judgeable<'_>,
    limit: f64,
    fail_on: Severity,
    settings: &RegressionSettings,
) -> (ExitCode, String, Option<String>) {
    let unit = ChangeUnit::of(rule.change, metric.pair.unit);
    let print = |harm: f64| unit.print(scale.change(harm));
    if let Some(severity) = metric.severity().filter(|severity| *severity >= fail_on) {
        let because =
            format!("regressed by {} ({}){}", print(delta.harm), severity.word(), metric.before_and_after());
        return (ExitCode::GateFailed, because, None);
    }
    let Some((low, high)) = delta.interval(settings) else {
        return (ExitCode::CouldNotJudge, "has no interval".to_owned(), None);
    };
    if high < limit {
        let because = format!("changed by {}, at worst {}", print(delta.harm), print(high));
        return (ExitCode::Clean, because, None);
    }
    // From the lower to the higher change, whichever of them is worse.
    let (lower, upper) = if rule.worse == Worse::Higher { (low, high) } else { (high, low) };
    let because = format!(
        "could not be judged: {} {} does not exclude {}",
        print(delta.harm),
        unit.print_interval(scale.change(lower), scale.change(upper)),
        print(limit)
    );
    (ExitCode::CouldNotJudge, because, Some(remedy(delta, limit, high)))
}

/// How much more data would exclude the limit, were the estimate to stay.
fn remedy(delta: &super::Delta, limit: f64, high: f64) -> String {
    let more_runs = "compare with a baseline of more runs";
    let t = (high - delta.harm) / delta.error_above;
    let wanted = (limit - delta.harm) / t;
    if delta.harm >= limit || !wanted.is_finite() {
        return "the estimate itself lies beyond the limit: repeat the run".to_owned();
    }
    let within = delta.error_above * delta.error_above - delta.noise_variance;
    let allowed = wanted * wanted - delta.noise_variance;
    if delta.is_prediction || allowed <= 0.0 {
        return format!("runs of one build differ too much among themselves: {more_runs}");
    }
    match within / allowed {
        factor if factor < 100.0 => format!("about {factor:.1} times as long a run and baseline would tell"),
        _ => format!("far longer runs would tell, or {more_runs}"),
    }
}

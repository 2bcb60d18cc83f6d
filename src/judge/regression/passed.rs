//! What it means that a gate passed: what was found, what could have been, and what would have been.

use super::words::Judged;
use crate::config::RegressionSettings;
use crate::exit_code::ExitCode;
use crate::judge::verdicts::{ChangeWord, Gate, Passed, Severity};
use crate::units::{ChangeUnit, Unit, some_of};

/// Metrics in one sentence; the others are counted.
const MOST_NAMED: usize = 3;

/// Of the metric that came nearest to not passing; `None` where the gate did not pass or asked for nothing.
pub fn what_it_means(
    gate: &Gate,
    judged: &[Judged],
    fail_on: Severity,
    settings: &RegressionSettings,
) -> Option<Passed> {
    if gate.code != ExitCode::Clean {
        return None;
    }
    let nearest = gate.checks.iter().max_by(|a, b| a.nearness.total_cmp(&b.nearness))?;
    let metric = judged.iter().find(|metric| metric.pair.key() == nearest.metric)?;
    let (rule, scale, delta) = metric.judgeable()?;
    let (_, high) = delta.interval(settings)?;
    let unit = ChangeUnit::of(rule.change, metric.pair.unit);
    let print = |harm: f64| unit.print(scale.change(harm));
    let shown = metric.smallest_detectable(fail_on, settings)?;
    let sentence = format!(
        "{}: {} {} (at most {}); runs like these show {} {}",
        found(judged, fail_on),
        name(metric),
        print(delta.harm),
        print(high),
        print(shown),
        how_often(settings.power)
    );
    Some(Passed { sentence, beside: beside(gate, judged, fail_on), nearness: nearest.nearness })
}

/// What happened to metrics of the gate, and which of them have no limit by which they could have failed.
fn beside(gate: &Gate, judged: &[Judged], fail_on: Severity) -> Vec<String> {
    let of_gate = judged.iter().filter(|metric| metric.is_in_gate());
    let mut beside: Vec<String> = of_gate.flat_map(|metric| metric.incidents.clone()).collect();
    let without = gate.checks.iter().filter(|check| check.limit.value().is_none());
    let without: Vec<&str> = without.map(|check| check.metric.as_str()).collect();
    if !without.is_empty() {
        let named = some_of(&without, MOST_NAMED);
        beside.push(format!(
            "without a limit of {} severity, so that they cannot fail: {named}",
            fail_on.word()
        ));
    }
    beside
}

/// What regressed all the same, too little or beside the gate.
fn found(judged: &[Judged], fail_on: Severity) -> String {
    let regressed: Vec<String> = judged
        .iter()
        .filter(|metric| metric.is(ChangeWord::Regressed))
        .map(|metric| metric.pair.key())
        .collect();
    if regressed.is_empty() {
        "no regression found".to_owned()
    } else {
        let named = some_of(&regressed, MOST_NAMED);
        format!("regressed below {} severity or outside the gate: {named}", fail_on.word())
    }
}

/// `P95` of the requests, the key of all others.
fn name(metric: &Judged) -> String {
    let quantile = metric.pair.metric.strip_prefix("ok_p").and_then(|rest| rest.strip_suffix("_ms"));
    match quantile {
        Some(quantile) if metric.pair.component == "request" => format!("P{quantile}"),
        _ => metric.pair.key(),
    }
}

fn how_often(power: f64) -> String {
    if power == 0.8 {
        "four times in five".to_owned()
    } else {
        format!("in {} of cases", Unit::Ratio.print(power))
    }
}

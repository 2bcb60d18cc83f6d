//! Which parts of the system a run has: what is not there is left out.

use crate::analysis::Analysis;
use crate::judge::{ComponentHealth, TargetOutcome, TargetVerdict};
use crate::metrics::{BREAKER, CACHE, FALLBACK, LIGHTRAG, MetricKey, RESOURCES};
use crate::units::some_of;

/// Targets of one reason that are named; the others are in the report.
const NAMED: usize = 6;

/// Has the run nothing of this component?
fn is_absent(component: &str, analysis: &Analysis) -> bool {
    let summary = &analysis.summary;
    match component {
        LIGHTRAG => summary.lightrag.value().is_none(),
        CACHE => summary.cache.value().is_none(),
        BREAKER => summary.breaker.value().is_none(),
        FALLBACK => summary.fallback.value().is_none(),
        RESOURCES => summary.resources.memory.value().is_none() && summary.resources.cpu.value().is_none(),
        other => !summary.components.iter().any(|found| found.component == other),
    }
}

/// Is it about a part that the run does not have? What the gate asks for is shown all the same.
pub fn is_of_absent_part(target: &TargetVerdict, analysis: &Analysis) -> bool {
    let component = MetricKey::parse(&target.metric).map(|key| key.component);
    target.outcome == TargetOutcome::CannotTell
        && !target.gate
        && component.is_ok_and(|component| is_absent(&component, analysis))
}

/// Health of a part that the run has.
pub fn is_there(health: &ComponentHealth, analysis: &Analysis) -> bool {
    health.health.value().is_some() || !is_absent(&health.component, analysis)
}

/// `Unknown: l1_hit_rate, l2_hit_rate (no cache rows in this run), …`: all of them in one line.
pub fn unknown(targets: &[&TargetVerdict]) -> Option<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for target in targets {
        let reason = target.actual.reason().unwrap_or("no value");
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(&target.name),
            None => reasons.push((reason, vec![&target.name])),
        }
    }
    let unknown: Vec<String> =
        reasons.iter().map(|(reason, names)| format!("{} ({reason})", some_of(names, NAMED))).collect();
    (!unknown.is_empty()).then(|| format!("Unknown: {}", unknown.join(", ")))
}

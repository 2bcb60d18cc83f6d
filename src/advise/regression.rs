//! What got worse against the baseline: one finding for each component, by its worst metric.

use std::collections::BTreeMap;

use super::Facts;
use super::finding::{Cause, Finding};
use super::words::{label, list};
use crate::config::{Config, Worse};
use crate::judge::{ChangeWord, MetricChange, Regression, Severity};
use crate::units::{Scale, Unit, coefficient};

/// The worst regression of each component.
pub fn regressed(facts: &Facts<'_>, _config: &Config) -> Vec<Finding> {
    let Some(regression) = facts.regression else { return Vec::new() };
    let Some(comparison) = regression.comparison.value() else { return Vec::new() };
    let mut by_component: BTreeMap<&str, Vec<&MetricChange>> = BTreeMap::new();
    for change in comparison.changes.iter().filter(|change| is_regressed(change)) {
        by_component.entry(&change.component).or_default().push(change);
    }
    let components: Vec<&str> = by_component.keys().copied().collect();
    by_component
        .iter()
        .filter_map(|(component, changes)| finding(component, changes, &components, regression, facts))
        .collect()
}

fn is_regressed(change: &MetricChange) -> bool {
    change.word.value() == Some(&ChangeWord::Regressed)
}

/// Size of a change in margins.
fn margins(change: &MetricChange) -> f64 {
    let size = change.change.number().map_or(0.0, f64::abs);
    if change.margin > 0.0 { size / change.margin } else { size }
}

fn finding(
    component: &str,
    changes: &[&MetricChange],
    components: &[&str],
    regression: &Regression,
    facts: &Facts<'_>,
) -> Option<Finding> {
    let worst = changes
        .iter()
        .copied()
        .filter(|change| change.current.number().is_some() && told(change).is_some())
        .max_by(|a, b| a.severity.cmp(&b.severity).then_with(|| margins(a).total_cmp(&margins(b))))?;
    let unit = worst.unit;
    let headline = format!(
        "{} got worse than baseline {}: {}.",
        label(component),
        regression.baseline.name,
        told(worst)?,
    );
    let brief = format!("{}: {}", label(component), told(worst)?);
    let others =
        changes.iter().filter(|change| change.metric != worst.metric).filter_map(|change| told(change));
    let mut finding = Finding::new(component, cause(worst), (worst.current.number()?, unit), headline)
        .in_brief(brief)
        .because(interval(worst))
        .because(others.map(|other| format!("It also regressed in {other}.")))
        .because(moved_with(component, components, facts))
        .act(format!(
            "Compare the commits and settings between the two ({}); look first at what changed in {}.",
            provenance(regression, facts),
            label(component),
        ));
    finding.target = worst.baseline.number();
    finding.severity = worst.severity.unwrap_or(Severity::Low);
    finding.miss = (margins(worst) - 1.0).max(0.0);
    Some(joined(finding, component))
}

/// Is it the mean that got worse? Of what broke down late it is what it came to, which the note says.
fn is_of_the_mean(change: &MetricChange) -> bool {
    let size = change.change.number().unwrap_or(f64::NAN);
    let harm = if change.worse == Some(Worse::Lower) { -size } else { size };
    harm >= change.margin
}

/// "p95_ms rose from 500 ms to 900 ms (+80.00 %)"; `None` where a number is missing.
fn told(change: &MetricChange) -> Option<String> {
    let unit = change.unit;
    if let Some(note) = change.note.as_ref().filter(|_| !is_of_the_mean(change)) {
        return Some(format!("{}: {note}", change.metric));
    }
    let (before, now) = (change.baseline.number()?, change.current.number()?);
    let verb = if now >= before { "rose" } else { "fell" };
    let by = printed(change.change.number()?, change);
    Some(format!("{} {verb} from {} to {} ({by})", change.metric, unit.print(before), unit.print(now)))
}

fn printed(size: f64, change: &MetricChange) -> String {
    let sign = if size >= 0.0 { "+" } else { "" };
    match change.scale {
        Some(Scale::Relative) => format!("{sign}{}", Unit::Ratio.print(size)),
        Some(Scale::Points) => format!("{sign}{} points", Unit::Number.print(size * 100.0)),
        _ => format!("{sign}{}", change.unit.print(size)),
    }
}

fn interval(change: &MetricChange) -> Option<String> {
    let interval = change.interval.value().filter(|_| is_of_the_mean(change))?;
    let severity = change.severity.map(|severity| format!("{severity:?}").to_lowercase())?;
    Some(format!(
        "The change lies between {} and {}, the estimate beyond its margin of {}: severity {severity}.",
        printed(interval.low, change),
        printed(interval.high, change),
        printed(change.margin, change).trim_start_matches('+'),
    ))
}

fn moved_with(component: &str, components: &[&str], facts: &Facts<'_>) -> Vec<String> {
    let others: Vec<String> =
        components.iter().filter(|other| **other != component).map(|other| label(other)).collect();
    let regressed = (!others.is_empty())
        .then(|| format!("{} of the other components regressed too: {}.", others.len(), list(&others)));
    let pairs = facts.correlation.value().into_iter().flat_map(|correlation| &correlation.pairs);
    let together =
        pairs.filter(|pair| pair.significant && (pair.a == component || pair.b == component)).map(|pair| {
            let other = if pair.a == component { &pair.b } else { &pair.a };
            format!(
                "Over time it moves {} with {} (coefficient {}).",
                pair.word,
                label(other),
                coefficient(pair.coefficient)
            )
        });
    regressed.into_iter().chain(together).collect()
}

fn provenance(regression: &Regression, facts: &Facts<'_>) -> String {
    let runs = &regression.baseline.runs;
    let baseline = format!("baseline saved at {}", regression.baseline.saved_at);
    let commit = facts.summary.identity.metadata.git_commit.as_ref();
    let now = commit.map(|commit| format!(", this run at commit {commit}")).unwrap_or_default();
    format!("{baseline}, {} of its runs{now}", runs.len())
}

fn cause(change: &MetricChange) -> Cause {
    match change.metric.as_str() {
        "success_rate" => Cause::Failures,
        metric if metric.starts_with("error_rate") => Cause::Failures,
        metric if metric.ends_with("hit_rate") || metric == "effectiveness" => Cause::HitRate,
        metric if metric.ends_with("per_s") => Cause::Throughput,
        metric if metric.contains("memory") => Cause::Memory,
        metric if metric.contains("cpu") => Cause::Cpu,
        metric if metric.contains("availability") => Cause::Availability,
        metric if metric.contains("cost") || metric.contains("tokens") => Cause::Cost,
        metric if metric.ends_with("_ms") => Cause::Slow,
        _ => Cause::Other,
    }
}

/// Joins what other rules said about the same: a flapping breaker, a queue that makes calls slow.
fn joined(finding: Finding, component: &str) -> Finding {
    match finding.key.1 {
        Cause::Availability => finding.joining(component, Cause::Flaps),
        Cause::Slow => finding.joining(component, Cause::Queue),
        _ => finding,
    }
}

//! The verdicts on a run against its baseline: conditions, changes, the assessment, the gate.

use super::row::{Row, word};
use crate::analysis::Analysis;
use crate::judge::{Comparison, FieldComparison, GateCheck, MetricChange, Regression};
use crate::summary::Measured;

/// None where no baseline was asked for.
pub fn rows(analysis: &Analysis) -> Vec<Row> {
    let Measured::Value(regression) = &analysis.regression else {
        return analysis.baseline_fault.iter().map(|fault| unusable(analysis, fault)).collect();
    };
    let mut rows = vec![assessment(analysis, regression)];
    rows.extend(regression.comparability.fields.iter().map(|found| field(analysis, regression, found)));
    if let Measured::Value(comparison) = &regression.comparison {
        rows.extend(comparison.changes.iter().map(|found| change(analysis, comparison, found)));
    }
    rows.extend(regression.gate.checks.iter().map(|found| check(analysis, found)));
    rows
}

/// A baseline that was asked for and cannot be used.
fn unusable(analysis: &Analysis, fault: &str) -> Row {
    Row { reason: Some(fault.to_owned()), ..Row::new(analysis, "assessment", "baseline") }
}

fn assessment(analysis: &Analysis, regression: &Regression) -> Row {
    let word = regression.comparison.as_ref().map(|comparison| &comparison.assessment.word);
    Row {
        other: Some(regression.baseline.name.clone()),
        ..Row::new(analysis, "assessment", "baseline").judged(&word)
    }
}

fn field(analysis: &Analysis, regression: &Regression, found: &FieldComparison) -> Row {
    Row {
        other: Some(regression.baseline.name.clone()),
        metric: Some(found.field.clone()),
        verdict: word(&found.word),
        reason: (!found.differences.is_empty()).then(|| found.differences.join(", ")),
        ..Row::new(analysis, "comparability", "baseline")
    }
}

fn change(analysis: &Analysis, comparison: &Comparison, found: &MetricChange) -> Row {
    let row = Row::new(analysis, "change", found.component.as_str()).judged(&found.word);
    Row {
        window: comparison.window.word(),
        metric: Some(found.metric.clone()),
        severity: found.severity.as_ref().and_then(word),
        value: found.current.number(),
        unit: Some(found.unit),
        baseline_value: found.baseline.number(),
        change: found.change.number(),
        change_interval: found.interval.value().copied(),
        change_scale: found.scale,
        margin: Some(found.margin),
        p: found.p.number(),
        effective_samples: found.current_effective_samples.number(),
        baseline_effective_samples: found.baseline_effective_samples.number(),
        smallest_detectable_change: found.smallest_detectable_change.number(),
        gate: Some(found.gate),
        reason: row.reason.clone().or_else(|| found.note.clone()),
        ..row
    }
}

/// The component stands in `subject` and the metric in `metric`, as of a change.
fn check(analysis: &Analysis, found: &GateCheck) -> Row {
    let (component, metric) = found.metric.split_once('/').unwrap_or(("", &found.metric));
    let remedy = found.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
    Row {
        metric: Some(metric.to_owned()),
        verdict: Some(found.code.verdict().to_owned()),
        limit_change: found.limit.number(),
        gate: Some(true),
        reason: Some(format!("{}{remedy}", found.because)),
        ..Row::new(analysis, "gate", component)
    }
}

//! The verdicts on a run by itself: window, grade, targets, health, trends, leak, correlation, what to do.

use super::row::{Row, word};
use crate::advise::Recommendation;
use crate::analysis::Analysis;
use crate::judge::{Correlation, Grade, Leak, LimitDirection, SteadyCheck, TargetVerdict, Trend};
use crate::summary::{Measured, WindowName};
use crate::units::Unit;

/// What is judged of the run as such, and not of a component.
const RUN: &str = "run";

pub fn rows(analysis: &Analysis) -> Vec<Row> {
    let mut rows = vec![exit(analysis), steadiness(analysis), overload(analysis)];
    rows.extend(analysis.steadiness.checks.iter().map(|found| check(analysis, found)));
    rows.extend(grades(analysis));
    rows.push(Row::new(analysis, "system_health", RUN).judged(&analysis.system_health));
    rows.extend(
        analysis
            .health
            .iter()
            .map(|found| Row::new(analysis, "health", found.component.as_str()).judged(&found.health)),
    );
    rows.extend(analysis.targets.iter().map(|found| target(analysis, found)));
    rows.push(Row {
        metric: Some("performance".to_owned()),
        ..Row::new(analysis, "trend", RUN).judged(&analysis.performance_trend)
    });
    rows.extend(analysis.trends.iter().map(|found| trend(analysis, found)));
    rows.push(leak(analysis, &analysis.leak));
    rows.extend(correlation(analysis, &analysis.correlation));
    rows.extend(analysis.recommendations.iter().map(|found| recommendation(analysis, found)));
    rows
}

fn exit(analysis: &Analysis) -> Row {
    let exit = analysis.exit();
    Row {
        metric: Some("exit_code".to_owned()),
        verdict: Some(exit.code.verdict().to_owned()),
        value: Some(f64::from(exit.code.code())),
        reason: (!exit.reasons.is_empty()).then(|| exit.reasons.join("; ")),
        ..Row::new(analysis, "exit", RUN)
    }
}

fn steadiness(analysis: &Analysis) -> Row {
    let found = &analysis.steadiness;
    Row {
        verdict: Some(found.word.word().to_owned()),
        reason: Some(found.because.clone()),
        ..Row::new(analysis, "steadiness", RUN)
    }
}

fn overload(analysis: &Analysis) -> Row {
    let found = analysis.steadiness.overload.value();
    Row {
        metric: Some("arrivals_beyond_completions".to_owned()),
        verdict: Some(if found.is_some() { "overloaded" } else { "keeps_up" }.to_owned()),
        value: found.map(|found| found.excess),
        unit: Some(Unit::Ratio),
        limit: Some(analysis.config.window.overload.min_excess),
        limit_direction: Some(LimitDirection::Below),
        ..Row::new(analysis, "overload", RUN)
    }
}

/// One number of the quarters of the window.
fn check(analysis: &Analysis, found: &SteadyCheck) -> Row {
    Row {
        metric: Some(found.metric.clone()),
        verdict: Some(found.word.word().to_owned()),
        value: found.difference.number(),
        unit: Some(Unit::Ratio),
        limit: Some(found.limit),
        limit_direction: Some(LimitDirection::Below),
        reason: found.reason.clone(),
        ..Row::new(analysis, "steadiness_check", RUN)
    }
}

/// Of the judged window, and of the whole run where that is another one.
fn grades(analysis: &Analysis) -> Vec<Row> {
    let grade = |window: WindowName, grade: &Measured<Grade>| {
        let found = grade.value();
        Row {
            window: window.word(),
            value: found.map(|grade| f64::from(grade.score)),
            low_sample: found.map(|grade| grade.low_sample),
            metric: Some("grade_score".to_owned()),
            ..Row::new(analysis, "grade", RUN).judged(&grade.as_ref().map(|grade| &grade.grade))
        }
    };
    let (judged, whole) = (analysis.summary.window.name, analysis.whole.window.name);
    let mut rows = vec![grade(judged, &analysis.grade)];
    if judged != whole {
        rows.push(grade(whole, &analysis.whole_grade));
    }
    rows
}

fn target(analysis: &Analysis, found: &TargetVerdict) -> Row {
    let verdict = if found.applies { word(&found.outcome) } else { Some("does_not_apply".to_owned()) };
    Row {
        metric: Some(found.name.clone()),
        verdict,
        value: found.actual.number(),
        unit: Some(found.unit),
        limit: Some(found.limit),
        limit_direction: Some(found.direction),
        gate: Some(found.gate),
        low_sample: Some(found.low_sample),
        reason: found.actual.reason().map(str::to_owned),
        ..Row::new(analysis, "target", RUN)
    }
}

fn trend(analysis: &Analysis, found: &Trend) -> Row {
    let row = Row {
        metric: Some(found.metric.clone()),
        unit: (found.unit != Unit::Number).then_some(found.unit),
        value: found.recent_values.last().copied(),
        ..Row::new(analysis, "trend", RUN).judged(&found.direction)
    };
    let Measured::Value(evidence) = &found.evidence else { return row };
    Row {
        change: evidence.change.number(),
        change_interval: evidence.change_interval.value().copied(),
        change_scale: Some(evidence.change_scale),
        margin: Some(evidence.margin),
        slope_per_min: Some(evidence.slope_per_min),
        slope_interval: evidence.slope_interval_per_min.value().copied(),
        p: Some(evidence.p),
        samples: Some(evidence.points),
        ..row
    }
}

fn leak(analysis: &Analysis, leak: &Measured<Leak>) -> Row {
    let verdict = leak.as_ref().map(|leak| if leak.suspected { "suspected" } else { "not_suspected" });
    let row = Row {
        metric: Some("projected_growth_mb".to_owned()),
        unit: Some(Unit::Megabytes),
        ..Row::new(analysis, "leak", "resources").judged(&verdict)
    };
    let Measured::Value(found) = leak else { return row };
    Row {
        value: Some(found.projected_growth_mb),
        slope_per_min: Some(found.slope_mb_per_min),
        slope_interval: Some(found.interval_mb_per_min),
        samples: Some(found.points),
        limit: found.limit_mb.number(),
        limit_direction: found.limit_mb.value().map(|_| LimitDirection::Below),
        ..row
    }
}

fn correlation(analysis: &Analysis, correlation: &Measured<Correlation>) -> Vec<Row> {
    let row = |a: &str, b: &str| Row {
        other: Some(b.to_owned()),
        metric: Some("mean_response_time_per_s".to_owned()),
        ..Row::new(analysis, "correlation", a)
    };
    let Measured::Value(found) = correlation else { return Vec::new() };
    let pairs = found.pairs.iter().map(|pair| Row {
        verdict: Some(pair.word.replace(' ', "_")),
        value: Some(pair.coefficient),
        value_interval: pair.interval.value().copied(),
        p: Some(pair.p),
        samples: Some(pair.seconds),
        effective_samples: Some(pair.effective_seconds),
        ..row(&pair.a, &pair.b)
    });
    let left_out =
        found.left_out.iter().map(|pair| Row { reason: Some(pair.reason.clone()), ..row(&pair.a, &pair.b) });
    pairs.chain(left_out).collect()
}

fn recommendation(analysis: &Analysis, found: &Recommendation) -> Row {
    Row {
        metric: Some(found.rule.clone()),
        severity: word(&found.severity),
        value: Some(found.number),
        unit: Some(found.unit),
        limit: found.target,
        reason: Some(found.text.clone()),
        ..Row::new(analysis, "recommendation", found.subject.as_str())
    }
}

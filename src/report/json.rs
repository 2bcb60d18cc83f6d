//! `report.json`: every key of the reference's report at its path, and what we add.

use serde_json::{Map, Value, json};

use crate::analysis::{Analysis, Provenance, SCHEMA_VERSION};

mod cmo;
mod detailed;
mod trends;
mod undefined;
mod windows;

use undefined::absent;
pub use undefined::{collect_undefined, note_nulls};

/// The report as pretty-printed JSON with a line end behind it. Same input, same bytes.
///
/// What is undefined is `null`; `undefined` maps its JSON pointer to the reason. There is no null without a reason.
pub fn render(analysis: &Analysis, provenance: &Provenance) -> Vec<u8> {
    let mut text = format!("{:#}", report(analysis, provenance));
    text.push('\n');
    text.into_bytes()
}

/// The report as a JSON value.
pub fn report(analysis: &Analysis, provenance: &Provenance) -> Value {
    let mut report = judged(analysis);
    let mut reasons = Map::new();
    collect_undefined(&mut report, &mut String::new(), &absent, &mut reasons);
    // These come from users and are no numbers of ours: nothing in them is read as "undefined".
    let metadata = json!(analysis.summary.identity.metadata);
    note_nulls(&metadata, "/run/metadata", "null in the run's metadata", &mut reasons);
    report["run"]["metadata"] = metadata;
    report["config"] = json!(analysis.config);
    note_nulls(&report["config"], "/config", "not set", &mut reasons);
    report["provenance"] = json!(provenance);
    note_nulls(&report["provenance"], "/provenance", "the defaults were used", &mut reasons);
    report["exit_reason"] = json!(analysis.exit());
    report["undefined"] = Value::Object(reasons);
    report
}

fn judged(analysis: &Analysis) -> Value {
    let summary = &analysis.summary;
    json!({
        "schema_version": SCHEMA_VERSION,
        "run": run(analysis),
        "windows": windows::windows(analysis),
        "executive_summary": executive_summary(analysis),
        "grade": analysis.grade,
        "grade_over_time": grade_over_time(analysis),
        "targets": analysis.targets,
        "detailed_metrics": {
            "response_times": detailed::response_times(analysis),
            "throughput_analysis": detailed::throughput(analysis),
            "resource_utilization": detailed::resources(analysis),
        },
        "cmo_specific_analysis": {
            "lightrag_performance": cmo::lightrag(&summary.lightrag),
            "cache_analysis": cmo::cache(&summary.cache),
            "circuit_breaker_analysis": cmo::breaker(analysis),
            "fallback_system_analysis": cmo::fallback(&summary.fallback),
        },
        "component_health": component_health(analysis),
        "component_health_evidence": analysis.health,
        "recommendations": recommendations(analysis),
        "recommendation_details": analysis.recommendations,
        "trend_analysis": trends::trend_analysis(&analysis.trends),
        "regression_analysis": analysis.regression,
        "component_correlation": analysis.correlation,
        "requests": detailed::requests(&summary.requests),
        "components": summary.components,
        "errors": summary.errors,
        "error_causes": summary.error_causes,
        "metrics": summary.metrics,
        "retries": summary.retries,
        "time_spent": summary.time_spent,
        "slow_time_spent": summary.slow_time_spent,
        "slowest_requests": summary.slowest,
        "phases": summary.phases,
        "data_quality": summary.data_quality,
    })
}

fn run(analysis: &Analysis) -> Value {
    let identity = &analysis.summary.identity;
    json!({
        "id": identity.run_id,
        "metadata_origin": identity.metadata_origin,
        "metadata": {},
        "window": windows::bounds(&analysis.summary.window),
    })
}

fn executive_summary(analysis: &Analysis) -> Value {
    json!({
        "current_grade": analysis.grade.as_ref().map(|grade| &grade.grade),
        "overall_success_rate": analysis.summary.requests.success_rate,
        "performance_trend": analysis.performance_trend,
        "system_health": analysis.system_health,
        "concerns": analysis.concerns,
    })
}

/// Without the grade of each second, which is a series.
fn grade_over_time(analysis: &Analysis) -> Value {
    let summary = analysis.grade_over_time.as_ref().map(|over_time| {
        json!({
            "time_in_grade": over_time.time_in_grade,
            "undecided_s": over_time.undecided_s,
            "idle_s": over_time.idle_s,
        })
    });
    json!(summary)
}

fn component_health(analysis: &Analysis) -> Value {
    analysis.health.iter().map(|found| (found.component.clone(), json!(found.health))).collect()
}

fn recommendations(analysis: &Analysis) -> Vec<&str> {
    analysis.recommendations.iter().map(|found| found.text.as_str()).collect()
}

#[cfg(test)]
mod tests;

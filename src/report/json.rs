//! `report.json`: every key of the reference's report at its path, and what we add.

use serde_json::{Map, Value, json};

use crate::analysis::{Analysis, Provenance, SCHEMA_VERSION};

mod cmo;
mod detailed;
mod short;
mod trends;
mod undefined;
mod windows;

use short::Shortener;
pub use short::gravest;
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
    let mut shortener = Shortener::new(analysis.config.report.max_entries);
    let mut report = judged(analysis, &mut shortener);
    shortener.cut(&mut report, &mut String::new());
    let mut reasons = Map::new();
    collect_undefined(&mut report, &mut String::new(), &absent, &mut reasons);
    // These come from users and are no numbers of ours: nothing in them is read as "undefined".
    let metadata = shortener.metadata(&analysis.summary.identity.metadata);
    note_nulls(&metadata, "/run/metadata", "null in the run's metadata", &mut reasons);
    report["run"]["metadata"] = metadata;
    report["config"] = json!(analysis.config);
    note_nulls(&report["config"], "/config", "not set", &mut reasons);
    report["provenance"] = json!(provenance);
    note_nulls(&report["provenance"], "/provenance", "the defaults were used", &mut reasons);
    report["exit_reason"] = json!(analysis.exit());
    report["shortened"] = shortener.into_shortened();
    report["undefined"] = Value::Object(reasons);
    report
}

fn judged(analysis: &Analysis, shortener: &mut Shortener) -> Value {
    let summary = &analysis.summary;
    let breaker = summary.breaker.as_ref().map(|found| shortener.breaker(found));
    let trends = shortener.trends(&analysis.trends, trends::is_reference);
    let advice = shortener.most("/recommendation_details", &analysis.recommendations, |_| 0);
    json!({
        "schema_version": SCHEMA_VERSION,
        "run": run(analysis),
        "windows": windows::windows(analysis),
        "executive_summary": executive_summary(analysis),
        "grade": analysis.grade,
        "grade_over_time": grade_over_time(analysis),
        "targets": analysis.targets,
        "detailed_metrics": {
            "response_times": detailed::response_times(analysis, shortener),
            "throughput_analysis": detailed::throughput(analysis),
            "resource_utilization": detailed::resources(analysis),
        },
        "cmo_specific_analysis": {
            "lightrag_performance": cmo::lightrag(&summary.lightrag, shortener),
            "cache_analysis": cmo::cache(&summary.cache),
            "circuit_breaker_analysis": cmo::breaker(&breaker, &analysis.breaker_as_expected),
            "fallback_system_analysis": cmo::fallback(&summary.fallback),
        },
        "component_health": component_health(analysis),
        "component_health_evidence": analysis.health,
        "recommendations": advice.iter().map(|found| found.text.as_str()).collect::<Vec<_>>(),
        "recommendation_details": advice,
        "trend_analysis": trends::trend_analysis(&trends),
        "regression_analysis": shortener.regression(&analysis.regression),
        "component_correlation": analysis.correlation,
        "requests": detailed::requests(&summary.requests),
        "components": shortener.components(&summary.components),
        "errors": shortener.most("/errors", &summary.errors, |error| error.count),
        "error_causes": shortener.error_causes(summary),
        "metrics": shortener.most("/metrics", &summary.metrics, |metric| metric.n),
        "retries": summary.retries,
        "time_spent": summary.time_spent,
        "slow_time_spent": summary.slow_time_spent,
        "slowest_requests": shortener.slowest(&summary.slowest),
        "phases": shortener.most("/phases", &summary.phases, |_| 0),
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

#[cfg(test)]
mod tests;

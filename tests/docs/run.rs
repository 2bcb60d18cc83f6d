//! A small run with a known course, for the worked examples of what is judged inside a run.

use cmo_metrics::config::Config;
use cmo_metrics::judge::{
    Steadiness, WindowChoice, correlate_components, grade_over_time, grade_run, judge_health, judge_leak,
    judge_targets, judge_trends,
};
use cmo_metrics::library::{measure, open};
use cmo_metrics::run::{Event, RunMetadata, RunWriter};
use cmo_metrics::summary::RunSummary;
use cmo_metrics::units::Unit;

/// 2026-01-01 00:00:00 UTC.
const START_US: i64 = 1_767_225_600_000_000;
const SECONDS: i64 = 120;
const WARM_UP_S: i64 = 20;

/// 120 s of 40 requests a second, slower in the first 20 s; then 100 ms and 0.5 ms more every second, with noise of up
/// to 14 ms. Nine tenths of each are a call of LightRAG. Memory rises by 2 MB a minute under a saw-tooth of
/// 20 MB and 5 s.
fn judged() -> (RunSummary, Steadiness, Config) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.parquet");
    let mut writer = RunWriter::create(&path).unwrap();
    for second in 0..SECONDS {
        for call in 0..40 {
            let ts = START_US + second * 1_000_000 + call * 25_000;
            let level_ms = if second < WARM_UP_S { 200.0 } else { 100.0 + 0.5 * second as f64 };
            // Some seconds are slower than others, and some calls.
            let noise_ms = (second * second * 37 % 19 - 9 + call * 7 % 11 - 5) as f64;
            let duration_ms = level_ms + noise_ms;
            writer.push(&called("request", ts, duration_ms)).unwrap();
            writer.push(&called("lightrag", ts, 0.9 * duration_ms)).unwrap();
        }
        for tick in 0..10 {
            let at_s = second as f64 + f64::from(tick) / 10.0;
            let memory = Event {
                ts: START_US + (at_s * 1e6) as i64,
                component: "process".into(),
                operation: Some("memory_rss_mb".into()),
                value: Some(300.0 + 2.0 * at_s / 60.0 + 20.0 * (at_s / 5.0).fract()),
                ..Event::default()
            };
            writer.push(&memory).unwrap();
        }
    }
    let metadata = RunMetadata { users: Some(50), ..RunMetadata::default() };
    writer.finish(&metadata).unwrap();
    let config = Config::defaults();
    let run = open(&path, &config).unwrap();
    let windows = measure(&run, &WindowChoice::default(), &config).unwrap();
    (windows.judged, windows.steadiness, config)
}

fn called(component: &str, ts: i64, duration_ms: f64) -> Event {
    Event {
        ts,
        component: component.into(),
        outcome: Some("ok".into()),
        duration_ms: Some(duration_ms),
        ..Event::default()
    }
}

const RUN: &str = "*Example:* 40 requests a second for 120 s; the first 20 s take 200 ms, later ones 100 ms and 0.5 ms \
                   more every\nsecond, with noise of up to 14 ms.";

pub(crate) fn window() -> String {
    let (_, found, _) = judged();
    format!("{RUN} Judged `{}`: {}.", found.window.word(), found.because)
}

pub(crate) fn grade() -> String {
    let (run, _, config) = judged();
    let found = grade_run(&run.requests, &config.grade);
    let grade = found.value().unwrap();
    let next = grade.next_better.as_ref().map_or_else(
        || "there is no better one".to_owned(),
        |next| match (next.success_above, next.p95_below_ms) {
            (_, Some(limit_ms)) => format!("{} wants a P95 below {limit_ms} ms", next.grade),
            (Some(limit), None) => format!("{} wants a success rate above {limit}", next.grade),
            (None, None) => next.grade.clone(),
        },
    );
    let over_time = grade_over_time(&run.series.request_seconds, &config.grade);
    let spent: Vec<String> = over_time
        .value()
        .unwrap()
        .time_in_grade
        .iter()
        .filter(|time| time.seconds > 0.0)
        .map(|time| format!("{} {} s", time.grade, time.seconds))
        .collect();
    format!(
        "{RUN} All succeed, P95 of the judged window {:.1} ms: `{}`; {next}. Over time: {}.",
        grade.p95_ms.number().unwrap(),
        grade.grade,
        spent.join(", ")
    )
}

pub(crate) fn targets() -> String {
    let (run, _, config) = judged();
    let targets = judge_targets(&run, &config);
    let target = targets.iter().find(|target| target.name == "p95_response_time_ms").unwrap();
    let health = judge_health(&run, &config, &targets);
    let lightrag = health.iter().find(|found| found.component == "lightrag").unwrap();
    format!(
        "*Example:* the same run has a P95 of {:.1} ms, {} {} ms: {:?}. LightRAG succeeds always and takes {:.1} ms in\n\
         the mean: {:?}.",
        target.actual.number().unwrap(),
        target.direction.word(),
        target.limit,
        target.outcome,
        lightrag
            .evidence
            .iter()
            .find(|evidence| evidence.unit == Unit::Milliseconds)
            .unwrap()
            .value
            .number()
            .unwrap(),
        lightrag.health.value().unwrap(),
    )
}

pub(crate) fn trend() -> String {
    let (run, _, config) = judged();
    let trends = judge_trends(&run, &config);
    let trend = trends.iter().find(|trend| trend.metric == "response_time").unwrap();
    let evidence = trend.evidence.value().unwrap();
    let change = evidence.change_interval.value().unwrap();
    format!(
        "{RUN} In the judged window the mean rises by {:.1} ms/min, {:+.1} % over the window\n({:+.1} … \
         {:+.1} %), p {}: `{}`.",
        evidence.slope_per_min,
        evidence.change.number().unwrap() * 100.0,
        change.low * 100.0,
        change.high * 100.0,
        if evidence.p < 1e-4 { "< 0.0001".to_owned() } else { format!("{:.4}", evidence.p) },
        trend.direction.value().unwrap().word(),
    )
}

pub(crate) fn leak() -> String {
    let (run, _, config) = judged();
    let leak = judge_leak(&run, &config);
    let leak = leak.value().unwrap();
    format!(
        "*Example:* memory that rises by 2 MB/min under a saw-tooth of 20 MB every 5 s, 50 users. Floor {:.2} MB/min\n\
         ({:.2} … {:.2}), {:.0} MB in {:.0} min, limit {:.0} MB: {}.",
        leak.slope_mb_per_min,
        leak.interval_mb_per_min.low,
        leak.interval_mb_per_min.high,
        leak.projected_growth_mb,
        leak.horizon_min,
        leak.limit_mb.number().unwrap(),
        if leak.suspected { "leak suspected" } else { "no leak shown" },
    )
}

pub(crate) fn correlation() -> String {
    let (run, _, config) = judged();
    let found = correlate_components(&run, &config);
    let pair = &found.value().unwrap().pairs[0];
    format!(
        "*Example:* LightRAG takes nine tenths of each request: {} and {} move {}, r = {:+.2}, n = {} s (effective {:.0}).",
        pair.a, pair.b, pair.word, pair.coefficient, pair.seconds, pair.effective_seconds
    )
}

//! `runs.parquet`: one row a run.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::judge::Grade;
use crate::summary::{Breaker, Cache, Cpu, Fallback, Lightrag, Measured, Memory, RunSummary};

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let columns = identity_and_rates(analyses);
    let columns = times_and_grade(columns, analyses);
    let columns = resources_and_cost(columns, analyses);
    components(columns, analyses).into_rows()
}

fn identity_and_rates(analyses: &[&Analysis]) -> Columns {
    let runs = || analyses.iter().map(|analysis| &analysis.summary);
    let totals = || runs().map(|run| &run.requests.totals);
    Columns::default()
        .text("run_id", runs().map(|run| Some(run.identity.run_id.as_str())))
        .text("test_name", runs().map(|run| run.identity.metadata.test_name.as_deref()))
        .small_count("users", runs().map(|run| run.identity.metadata.users))
        .time("start", runs().map(|run| Some(run.window.start_us)))
        .time("end", runs().map(|run| Some(run.window.end_us)))
        .number("duration_s", runs().map(|run| run.window.duration_s.number()))
        .count("requests", totals().map(|totals| Some(totals.requests)))
        .count("ok", totals().map(|totals| totals.ok.value().copied()))
        .count("failed", totals().map(|totals| totals.failed.value().copied()))
        .number("success_rate", runs().map(|run| run.requests.success_rate.number()))
        .number("throughput_per_s", runs().map(|run| run.throughput.mean_per_s.number()))
}

fn times_and_grade(columns: Columns, analyses: &[&Analysis]) -> Columns {
    let all = |q: f64| analyses.iter().map(move |analysis| analysis.summary.requests.all.value_ms(q));
    let ok = |q: f64| analyses.iter().map(move |analysis| analysis.summary.requests.ok.value_ms(q));
    let grade = || analyses.iter().map(|analysis| analysis.grade.value());
    let health = || analyses.iter().map(|analysis| analysis.system_health.value());
    let requests = || analyses.iter().map(|analysis| &analysis.summary.requests);
    columns
        .number("p50_ms", all(0.5))
        .number("p95_ms", all(0.95))
        .number("p99_ms", all(0.99))
        .text("grade", grade().map(|grade| grade.map(|grade| grade.grade.as_str())))
        .small_count("grade_score", grade().map(|grade| grade.map(|grade| grade.score)))
        .number("grade_p95_ms", grade().map(|grade| grade.map(|grade: &Grade| grade.p95_ms)))
        .flag("low_sample", grade().map(|grade| grade.map(|grade| grade.low_sample)))
        .text("system_health", health().map(|word| word.map(String::as_str)))
        .number("mean_ms", requests().map(|requests| requests.all.mean_ms.number()))
        .number("max_ms", requests().map(|requests| requests.all.max_ms.number()))
        .number("ok_p50_ms", ok(0.5))
        .number("ok_p95_ms", ok(0.95))
        .number("ok_p99_ms", ok(0.99))
}

fn resources_and_cost(columns: Columns, analyses: &[&Analysis]) -> Columns {
    let memory = |of: fn(&Memory) -> Option<f64>| {
        analyses.iter().map(move |analysis| analysis.summary.resources.memory.value().and_then(of))
    };
    let cpu = |of: fn(&Cpu) -> Option<f64>| {
        analyses.iter().map(move |analysis| analysis.summary.resources.cpu.value().and_then(of))
    };
    let run = |of: fn(&RunSummary) -> &Measured<f64>| {
        analyses.iter().map(move |analysis| of(&analysis.summary).number())
    };
    columns
        .number("memory_growth_mb", memory(|memory| Some(memory.growth_mb)))
        .number("memory_growth_mb_per_min", memory(|memory| memory.growth_mb_per_min.number()))
        .number("memory_growth_mb_per_100_users", memory(|memory| memory.growth_mb_per_100_users.number()))
        .number("memory_growth_kb_per_operation", memory(|memory| memory.growth_kb_per_operation.number()))
        .number("memory_peak_mb", memory(|memory| Some(memory.peak_mb)))
        .number("cpu_mean_percent", cpu(|cpu| Some(cpu.mean_percent)))
        .number("cpu_peak_percent", cpu(|cpu| Some(cpu.peak_percent)))
        .number("cpu_mean_share_of_machine", cpu(|cpu| cpu.mean_share_of_machine.number()))
        .number("load_generator_cpu_percent", run(|run| &run.resources.load_generator_cpu_percent))
        .number("throughput_per_cpu_percent", run(|run| &run.resources.throughput_per_cpu_percent))
        .number("throughput_per_growth_mb", run(|run| &run.resources.throughput_per_growth_mb))
        .number("cost_usd", run(|run| &run.requests.cost_usd))
        .number("peak_throughput_per_s", run(|run| &run.throughput.peak_per_s))
        .number("mean_in_flight", run(|run| &run.requests.mean_in_flight))
        .number("think_time_ms", run(|run| &run.requests.think_time_ms))
}

fn components(columns: Columns, analyses: &[&Analysis]) -> Columns {
    let lightrag = |of: fn(&Lightrag) -> &Measured<f64>| {
        analyses.iter().map(move |analysis| number(&analysis.summary.lightrag, of))
    };
    let cache = |of: fn(&Cache) -> &Measured<f64>| {
        analyses.iter().map(move |analysis| number(&analysis.summary.cache, of))
    };
    let breaker = |of: fn(&Breaker) -> &Measured<f64>| {
        analyses.iter().map(move |analysis| number(&analysis.summary.breaker, of))
    };
    let fallback = |of: fn(&Fallback) -> &Measured<f64>| {
        analyses.iter().map(move |analysis| number(&analysis.summary.fallback, of))
    };
    let metadata = || analyses.iter().map(|analysis| &analysis.summary.identity.metadata);
    let runs = || analyses.iter().map(|analysis| &analysis.summary);
    columns
        .number("lightrag_success_rate", lightrag(|found| &found.overall.success_rate))
        .number("lightrag_cost_per_query_usd", lightrag(|found| &found.overall.cost_per_query_usd))
        .number("cache_lookup_hit_rate", cache(|found| &found.lookup_hit_rate))
        .number("cache_effectiveness", cache(|found| &found.effectiveness))
        .number("breaker_availability_percent", breaker(|found| &found.availability_percent))
        .number("breaker_recovery_success_rate", breaker(|found| &found.recovery_success_rate))
        .number("fallback_success_rate", fallback(|found| &found.overall_success))
        .number("fallback_cost_efficiency", fallback(|found| &found.cost_efficiency))
        .text("scenario", metadata().map(|metadata| metadata.scenario.as_deref()))
        .text("load_model", metadata().map(|metadata| metadata.load_model.as_deref()))
        .text("git_commit", metadata().map(|metadata| metadata.git_commit.as_deref()))
        .text("window", runs().map(|run| Some(run.window.name.as_str())))
        .flag("totals_declared", runs().map(|run| Some(run.requests.totals.declared)))
        .count("rows_used", runs().map(|run| Some(run.data_quality.rows_used)))
        .count("rows_total", runs().map(|run| Some(run.data_quality.rows_total)))
}

fn number<T>(component: &Measured<T>, of: fn(&T) -> &Measured<f64>) -> Option<f64> {
    component.value().and_then(|found| of(found).number())
}

//! `comparison.parquet`: one row a run, by rank.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::comparison::{ComparedRun, Comparison, Outcome, RunChange};
use crate::judge::ChangeWord;
use crate::summary::Measured;

/// A run with what it is beside the others.
struct Row<'a> {
    rank: u64,
    overall_rank: u64,
    group: &'a str,
    run: &'a ComparedRun,
    change: Option<&'a RunChange>,
    outcome: Option<&'a Outcome>,
}

pub fn record_batch(comparison: &Comparison) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<Row<'_>> = comparison.ranking.iter().map(|ranked| row(comparison, ranked)).collect();
    let columns = identity(Columns::default(), &rows);
    let columns = numbers(columns, &rows);
    verdicts(columns, &rows).into_rows()
}

fn row<'a>(comparison: &'a Comparison, ranked: &'a crate::comparison::Ranked) -> Row<'a> {
    let run = comparison.run_of(ranked);
    let group = comparison.groups.iter().find(|group| group.name == ranked.group);
    let degradation = group.and_then(|group| group.degradation.value());
    let regression = run.regression.value();
    Row {
        rank: ranked.rank,
        overall_rank: ranked.overall_rank,
        group: &ranked.group,
        run,
        change: degradation.and_then(|found| found.runs.iter().find(|change| change.run_id == run.run_id)),
        outcome: regression.and_then(|regression| regression.outcome.value()),
    }
}

fn identity(columns: Columns, rows: &[Row<'_>]) -> Columns {
    let runs = || rows.iter().map(|row| row.run);
    columns
        .count("overall_rank", rows.iter().map(|row| Some(row.overall_rank)))
        .count("rank", rows.iter().map(|row| Some(row.rank)))
        .text("group", rows.iter().map(|row| Some(row.group)))
        .text("run_id", runs().map(|run| Some(run.run_id.as_str())))
        .text("test_name", runs().map(|run| run.test_name.as_deref()))
        .text("scenario", runs().map(|run| run.scenario.as_deref()))
        .text("load_model", runs().map(|run| run.load_model.as_deref()))
        .small_count("users", runs().map(|run| run.users.value().copied()))
        .text("git_commit", runs().map(|run| run.git_commit.as_deref()))
        .text("window", runs().map(|run| Some(run.window.name.word())))
        .text("steadiness", runs().map(|run| Some(run.window.steadiness.word())))
        .flag("is_trusted", runs().map(|run| Some(run.window.is_trusted)))
}

fn numbers(columns: Columns, rows: &[Row<'_>]) -> Columns {
    let runs = || rows.iter().map(|row| row.run);
    let grade = || runs().map(|run| run.grade.value());
    let number = |of: fn(&ComparedRun) -> &Measured<f64>| rows.iter().map(move |row| of(row.run).number());
    let change = |of: fn(&RunChange) -> &Measured<f64>| {
        rows.iter().map(move |row| row.change.and_then(|found| of(found).number()))
    };
    columns
        .text("grade", grade().map(|grade| grade.map(|grade| grade.grade.as_str())))
        .small_count("grade_score", grade().map(|grade| grade.map(|grade| grade.score)))
        .flag("low_sample", grade().map(|grade| grade.map(|grade| grade.low_sample)))
        .count("requests", runs().map(|run| Some(run.requests)))
        .number("success_rate", number(|run| &run.success_rate))
        .number("mean_ms", number(|run| &run.mean_ms))
        .number("p95_ms", number(|run| &run.p95_ms))
        .number("throughput_per_s", number(|run| &run.throughput_per_s))
        .number("ok_per_s", number(|run| &run.ok_per_s))
        .number("in_flight", number(|run| &run.in_flight))
        .number("cache_hit_rate", number(|run| &run.cache_hit_rate))
        .number("lightrag_success_rate", number(|run| &run.lightrag_success_rate))
        .number("throughput_per_cpu_percent", number(|run| &run.throughput_per_cpu_percent))
        .number("throughput_per_growth_mb", number(|run| &run.throughput_per_growth_mb))
        .flag("is_reference_level", rows.iter().map(|row| row.change.map(|change| change.is_reference)))
        .number("mean_change", change(|found| &found.mean_change))
        .number("p95_change", change(|found| &found.p95_change))
        .number("success_change", change(|found| &found.success_change))
}

fn verdicts(columns: Columns, rows: &[Row<'_>]) -> Columns {
    let runs = || rows.iter().map(|row| row.run);
    let with = |word: ChangeWord| {
        rows.iter().map(move |row| {
            let regression = row.run.regression.value().filter(|found| found.is_compared());
            regression.map(|found| found.with_word(word).count() as u64)
        })
    };
    columns
        .text("system_health", runs().map(|run| run.system_health.value().map(String::as_str)))
        .text("performance_trend", runs().map(|run| run.performance_trend.value().map(|word| word.word())))
        .count("targets_missed", runs().map(|run| Some(run.targets_missed.len() as u64)))
        .count("targets_open", runs().map(|run| Some(run.targets_open.len() as u64)))
        .text("regression", rows.iter().map(|row| row.outcome.map(|found| found.assessment.word.as_str())))
        .count("metrics_regressed", with(ChangeWord::Regressed))
        .count("metrics_suspected", with(ChangeWord::Suspected))
        .count("metrics_improved", with(ChangeWord::Improved))
        .number(
            "expected_false_alarms",
            rows.iter().map(|row| row.outcome.map(|found| found.expected_false_alarms)),
        )
        .text("gate", runs().map(|run| Some(run.exit_code.verdict())))
        .small_count("exit_code", runs().map(|run| Some(u32::from(run.exit_code.code()))))
        .text("reason", runs().map(|run| run.findings.first().map(|(_, reason)| reason.as_str())))
}

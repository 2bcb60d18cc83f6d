//! `runs.parquet`: one row a run: what it is, its verdict, and the headline metrics of the catalogue.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::config::Config;
use crate::metrics;

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let columns = verdict(identity(analyses), analyses);
    let defaults = Config::defaults();
    let quantiles = &analyses.first().map_or(&defaults, |first| &first.config).measure.quantiles;
    let columns = metrics::headlines(quantiles).into_iter().fold(columns, |columns, key| {
        let numbers = analyses.iter().map(|analysis| metrics::find(&analysis.summary, &key));
        let numbers = numbers.map(|found| found.and_then(|found| found.reading.value.number()));
        columns.number(&metrics::column_of(&key), numbers)
    });
    provenance(columns, analyses).into_rows()
}

fn identity(analyses: &[&Analysis]) -> Columns {
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
}

fn verdict(columns: Columns, analyses: &[&Analysis]) -> Columns {
    let grade = || analyses.iter().map(|analysis| analysis.grade.value());
    let health = || analyses.iter().map(|analysis| analysis.system_health.value());
    columns
        .text("grade", grade().map(|grade| grade.map(|grade| grade.grade.as_str())))
        .small_count("grade_score", grade().map(|grade| grade.map(|grade| grade.score)))
        .flag("low_sample", grade().map(|grade| grade.map(|grade| grade.low_sample)))
        .text("system_health", health().map(|word| word.map(String::as_str)))
}

fn provenance(columns: Columns, analyses: &[&Analysis]) -> Columns {
    let metadata = || analyses.iter().map(|analysis| &analysis.summary.identity.metadata);
    let runs = || analyses.iter().map(|analysis| &analysis.summary);
    columns
        .text("scenario", metadata().map(|metadata| metadata.scenario.as_deref()))
        .text("load_model", metadata().map(|metadata| metadata.load_model.as_deref()))
        .text("git_commit", metadata().map(|metadata| metadata.git_commit.as_deref()))
        .text("window", runs().map(|run| Some(run.window.name.word())))
        .flag("totals_declared", runs().map(|run| Some(run.requests.totals.declared)))
        .count("unanswered", runs().map(|run| Some(run.requests.counts.unanswered)))
        .number("left_out_share", runs().map(|run| Some(run.data_quality.left_out.share)))
        .count("rows_used", runs().map(|run| Some(run.data_quality.rows_used)))
        .count("rows_total", runs().map(|run| Some(run.data_quality.rows_total)))
}

//! `windows.parquet`: the windows of each run, the whole of it and the one that is judged.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::judge::Steadiness;
use crate::summary::RunSummary;

/// A window, with what is known of it where it is the judged one.
type Row<'a> = (&'a RunSummary, Option<&'a Steadiness>);

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<Row<'_>> = analyses.iter().flat_map(|analysis| rows_of(analysis)).collect();
    let windows = || rows.iter().map(|(run, _)| &run.window);
    let judged = || rows.iter().map(|(_, judged)| *judged);
    Columns::default()
        .text("run_id", rows.iter().map(|(run, _)| Some(run.identity.run_id.as_str())))
        .text("window", windows().map(|window| Some(window.name.word())))
        .flag("judged", judged().map(|judged| Some(judged.is_some())))
        .time("start", windows().map(|window| Some(window.start_us)))
        .time("end", windows().map(|window| Some(window.end_us)))
        .number("duration_s", windows().map(|window| window.duration_s.number()))
        .flag("is_trusted", judged().map(|judged| judged.map(|judged| judged.is_trusted)))
        .text("reason", judged().map(|judged| judged.map(|judged| judged.because.as_str())))
        .text("steadiness", judged().map(|judged| judged.map(|judged| judged.word.word())))
        .into_rows()
}

fn rows_of(analysis: &Analysis) -> impl Iterator<Item = Row<'_>> {
    analysis.windows().map(|(run, is_judged)| (run, is_judged.then_some(&analysis.steadiness)))
}

//! `analyze`: each run on its own: open → analyze → report.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::ValueHint;

use super::judge_args::JudgeArgs;
use super::pipeline::{analyze_run, conclude, for_each_run, open_runs};
use super::session::Session;
use crate::analysis::{Against, Analysis, Failure};
use crate::exit_code::ExitCode;
use crate::judge::WindowChoice;
use crate::report::{self, Format};
use crate::run::RunFile;

/// Measure and judge runs, each on its own.
///
/// Writes reports/<run id>/ for each run (report.json, timeseries.csv and Parquet tables) and prints a summary.
/// A run that cannot be read is reported, the others are analysed, and the exit code is 3.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  cmo-metrics analyze\n  cmo-metrics analyze data/load_50.parquet --out /tmp/reports\n  \
                        cmo-metrics analyze 'data/load_*' --format markdown > nightly.md"
)]
pub struct AnalyzeArgs {
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Root of the reports; each run gets its own folder in it
    #[arg(long, value_name = "DIR", default_value = "reports", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

/// Analyses the runs and writes their reports.
///
/// # Errors
/// When the summary cannot be printed. A run that fails is part of the result, not an error.
pub fn run(args: &AnalyzeArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (choice, against) = match args.judge.asked() {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    let (runs, failures) = open_runs(&args.judge.runs, session);
    let (analyses, failures) = for_each_run("analyzing", runs, failures, session, |run| {
        report_run(run, &choice, &against, args, session)
    });
    let printed = report::summary(args.judge.format, &analyses, &failures, &args.out, &session.provenance);
    if !(session.verbosity.is_quiet() && args.judge.format == Format::Text) {
        super::print(out, &printed).context("cannot print the summary")?;
    }
    Ok(conclude(&analyses, &failures, &against, args.judge.exit_zero))
}

/// Analyses one run and writes its report.
fn report_run(
    run: &RunFile,
    choice: &WindowChoice,
    against: &Against,
    args: &AnalyzeArgs,
    session: &Session,
) -> Result<Analysis, Failure> {
    let started = Instant::now();
    let mut analysis = analyze_run(run, choice, against, session)?;
    let folder = args.out.join(run.run_id());
    let written = report::files(&analysis, &session.provenance)
        .map_err(anyhow::Error::from)
        .and_then(|files| report::replace_folder(&folder, &files).map_err(anyhow::Error::from));
    written.map_err(|error| Failure {
        run: run.run_id().to_owned(),
        message: format!("{}: its report could not be written: {error}", run.run_id()),
        remedy: None,
        exit_code: ExitCode::Unexpected,
    })?;
    session.verbosity.detail(|| format!("{}: report written after {:.0?}", run.run_id(), started.elapsed()));
    // Long series are in the report by now; what is printed does not need them.
    analysis.drop_series();
    Ok(analysis)
}

//! `analyze`: each run on its own: open → analyze → report.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::asked::asked;
use super::interruption;
use super::pipeline::{after_printing, conclude, find_runs, for_each_run, judge_run, measure_run};
use super::session::Session;
use crate::analysis::{Against, Analysis, ExitOfAll, Failure, Windows};
use crate::cli::analyze::AnalyzeArgs;
use crate::cli::judge::Printed;
use crate::exit_code::ExitCode;
use crate::report::{self, Judged, Shown, StagedFolder, TablesError};
use crate::run::{RunFile, RunSource};

/// Analyses the runs and writes their reports.
///
/// # Errors
/// When nothing can be begun. A run that fails is part of the result, not an error, and so is a summary that cannot be
/// printed: the exit code is still that of what was found.
pub fn run(args: &AnalyzeArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (choice, against) = match asked(&args.judge, session) {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    interruption::watch("analyze")?;
    let (runs, failures) = find_runs(&args.judge.runs);
    if let Some(refusal) = refuse_root(&args.out, &runs) {
        return Ok(refusal);
    }
    let (reported, mut failures) = for_each_run(
        "analyzing",
        &runs,
        failures,
        session,
        |run| measure_run(run, &choice, session),
        |run, windows| report_run(run, windows, &against, args, session),
    );
    let (analyses, unwritten): (Vec<Analysis>, Vec<Option<Failure>>) = reported.into_iter().unzip();
    failures.extend(unwritten.into_iter().flatten());
    let (printed, exported) = summary(&analyses, &failures, &against, args, session);
    let is_wanted = !(session.verbosity.is_quiet() && args.judge.format.is_for_people());
    let printing = if is_wanted { super::print(out, &printed) } else { Ok(()) };
    let code = conclude(&analyses, &failures, &against, args.judge.exit_zero);
    Ok(after_printing(printing, "the summary", code.max(exported)))
}

/// What is printed; and how writing the verdicts for CI ended, where that was asked for.
fn summary(
    analyses: &[Analysis],
    failures: &[Failure],
    against: &Against,
    args: &AnalyzeArgs,
    session: &Session,
) -> (String, ExitCode) {
    let for_ci = args.judge.format == Printed::Github || args.judge.export_junit.is_some();
    let runs = if for_ci { report::kept_of(analyses) } else { Vec::new() };
    let mut exit = ExitOfAll::of(analyses, failures);
    if let Against::Fault(reason) = against {
        exit.add_fault(reason);
    }
    let judged = Judged { runs: &runs, failures, exit: &exit };
    let exported = super::junit::export(args.judge.export_junit.as_deref(), &judged);
    let printed = match args.judge.format {
        Printed::Report(format) => {
            let shown = Shown {
                format,
                is_full: args.full,
                paper: session.paper,
                exit_zero: args.judge.exit_zero,
                out: &args.out,
                written: exported,
            };
            report::summary(shown, analyses, failures, &session.provenance)
        }
        Printed::Github => report::github::render(&judged, &report::headline(analyses), &session.layers),
    };
    (printed, exported)
}

/// Reports among the runs would be looked at as runs by the next call.
fn refuse_root(root: &Path, runs: &[RunSource]) -> Option<ExitCode> {
    let root = root.canonicalize().ok().filter(|root| root.is_dir())?;
    let run = runs.iter().find(|run| {
        let folder = run.path.canonicalize().ok();
        folder.as_deref().and_then(Path::parent) == Some(&root) || folder.as_ref() == Some(&root)
    })?;
    let message = format!("--out {} is the folder of the run {}", root.display(), run.path.display());
    super::say_error(&report::printable(&message), Some("choose another folder for the reports with --out"));
    Some(ExitCode::Usage)
}

/// Judges one run and writes its report. What was judged is a result also where it cannot be written.
fn report_run(
    run: &RunFile,
    windows: Windows,
    against: &Against,
    args: &AnalyzeArgs,
    session: &Session,
) -> Result<(Analysis, Option<Failure>), Failure> {
    let started = Instant::now();
    let mut analysis = judge_run(run, windows, against, session)?;
    let folder = args.out.join(run.run_id());
    let written = write_report(&folder, &analysis, session);
    session
        .verbosity
        .detail(|| format!("{}: judged and its report written in {:.0?}", run.run_id(), started.elapsed()));
    // Long series are in the report by now; what is printed needs no more than their shape.
    analysis.drop_series();
    Ok((analysis, written.err().map(|error| not_written(run, &error))))
}

/// The failure of a run that was judged and whose report could not be written.
fn not_written(run: &RunFile, error: &anyhow::Error) -> Failure {
    let id = run.run_id();
    Failure {
        run: id.to_owned(),
        path: run.path().display().to_string(),
        kind: Failure::NOT_WRITTEN,
        message: format!("{id}: its report could not be written: {error}"),
        remedy: None,
        exit_code: ExitCode::Unexpected,
    }
}

/// Writes all files of a report side by side, and puts its folder in its place.
fn write_report(folder: &Path, analysis: &Analysis, session: &Session) -> anyhow::Result<()> {
    let staged = StagedFolder::begin(folder)?;
    let write = |file: &report::RunReportFile| {
        staged.fill(file.name, |out| file.write(analysis, &session.provenance, out))
    };
    let written: Vec<Result<(), TablesError>> = report::files_of_run().par_iter().map(write).collect();
    if let Some(error) = written.into_iter().find_map(Result::err) {
        return Err(match error {
            TablesError::Io(error) => staged.refused(error).into(),
            TablesError::Table(error) => error.into(),
        });
    }
    Ok(staged.commit()?)
}

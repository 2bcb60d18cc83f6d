//! `compare`: runs side by side: open → analyze → compare → report. The gate of a job over many runs.

use std::io::Write;
use std::path::Path;

use super::asked::asked;
use super::interruption;
use super::pipeline::{after_printing, find_runs, for_each_run, judge_run, measure_run, say_failures};
use super::session::Session;
use crate::analysis::{Against, Failure, Windows};
use crate::baseline::RunRecord;
use crate::cli::compare::CompareArgs;
use crate::cli::judge::Printed;
use crate::comparison::{Compared, ComparedRun, Comparison, judge_together, take_copies};
use crate::exit_code::ExitCode;
use crate::report::comparison::{self as report, Execution};
use crate::report::{Closing, Format, Judged, github, printable};
use crate::run::{RunFile, RunSource};
use against_run::Asked;
use folder::Folder;
use nights::Nights;

mod against_run;
mod best;
mod folder;
mod nights;

/// Judges the runs and prints how they compare.
///
/// # Errors
/// When nothing can be begun. A run that fails is part of the result, not an error.
pub fn run(args: &CompareArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (choice, against) = match asked(&args.judge, session) {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    if let Some(refusal) = best::refuse_name(args) {
        return Ok(refusal);
    }
    interruption::watch("compare")?;
    let (runs, failures) = find_runs(&args.judge.runs);
    if let Some(refusal) = refuse_folder(&args.out, &runs) {
        return Ok(refusal);
    }
    let begun = against_run::resolve(args, &runs, against, &choice, session)
        .and_then(|asked| Ok((asked, Folder::begin(&args.out, &session.provenance)?)));
    let (asked, folder) = match begun {
        Ok(begun) => begun,
        Err(code) => return Ok(code),
    };
    let nights = Nights::asked(args, session);
    let (judged, quarantined) = for_each_run(
        "comparing",
        &runs,
        failures,
        session,
        |run| measure_run(run, &choice, session),
        |run, windows| {
            let judged = compare_run(run, windows, &asked, &folder, args, session)?;
            Ok((judged, Nights::digest(nights.as_ref(), run)))
        },
    );
    let (judged, digests): (Vec<_>, Vec<Option<String>>) = judged.into_iter().unzip();
    let (runs, records): (Vec<ComparedRun>, Vec<Option<RunRecord>>) = judged.into_iter().unzip();
    let mut runs: Vec<(ComparedRun, Option<String>)> = runs.into_iter().zip(digests).collect();
    let copies = take_copies(&mut runs, |(run, _)| run);
    let (mut runs, digests): (Vec<ComparedRun>, Vec<Option<String>>) = runs.into_iter().unzip();
    let group_by = args.group_by.clone();
    let before = nights.as_ref().map(Nights::before).unwrap_or_default();
    judge_together(&mut runs, &group_by, &asked.against, &nights::records(&before), &session.layers.config);
    let nights = nights.map(|nights| nights.keep(before, &runs, &digests, session)).unwrap_or_default();
    let compared = Compared { runs, quarantined, copies, reference: asked.reference, group_by };
    let comparison = Comparison::of(compared, &session.layers.config);
    let shown = nights.shown(session);
    let execution = Execution {
        provenance: &session.provenance,
        config: &session.layers.config,
        window: &choice,
        nights: &shown,
    };
    let judged = Judged::of(&comparison);
    let written = folder.finish(&comparison, &execution);
    // Behind the folder, in which it may lie.
    let exported = super::junit::export(args.judge.export_junit.as_deref(), &judged);
    let saved = best::save(args, &comparison, records.into_iter().flatten().collect(), session);
    let done = Done { written, code: written.max(exported).max(saved) };
    let printed = print(&comparison, &execution, &judged, done, args, session, out);
    Ok(conclude(&comparison, args.judge.exit_zero).max(printed))
}

/// What became of the files.
#[derive(Clone, Copy)]
struct Done {
    /// Of the comparison's folder.
    written: ExitCode,
    /// Of all.
    code: ExitCode,
}

/// Prints what was found. Where that cannot be done it is said.
fn print(
    comparison: &Comparison,
    execution: &Execution<'_>,
    judged: &Judged<'_>,
    done: Done,
    args: &CompareArgs,
    session: &Session,
    out: &mut impl Write,
) -> ExitCode {
    let text = match args.judge.format {
        printed if printed.is_for_people() && session.verbosity.is_quiet() => return done.code,
        Printed::Report(Format::Text) => text(comparison, execution, done, args, session),
        Printed::Report(Format::Json) => report::json(comparison, execution),
        Printed::Report(Format::Markdown) => report::markdown(comparison, execution),
        Printed::Github => github::render(judged, &report::headline(comparison), &session.layers),
    };
    after_printing(super::print(out, &text), "the comparison", done.code)
}

fn text(
    comparison: &Comparison,
    execution: &Execution<'_>,
    done: Done,
    args: &CompareArgs,
    session: &Session,
) -> String {
    let files = (done.written == ExitCode::Clean).then_some(args.out.as_path());
    let closing = Closing {
        code: comparison.exit.code,
        reasons: comparison.reasons(),
        is_gated: comparison.is_gated(),
        exit_zero: args.judge.exit_zero,
    }
    .after(done.code);
    report::text(comparison, execution, files, &closing, session.paper)
}

/// Judges one run, writes its rows, and keeps what a comparison needs.
fn compare_run(
    run: &RunFile,
    windows: Windows,
    asked: &Asked,
    folder: &Folder,
    args: &CompareArgs,
    session: &Session,
) -> Result<(ComparedRun, Option<RunRecord>), Failure> {
    let is_reference = asked.is_reference(run.path());
    let against = if is_reference { &Against::Nothing } else { &asked.against };
    let analysis = judge_run(run, windows, against, session)?;
    folder.add_rows(&analysis);
    let mut compared = ComparedRun::of(&analysis);
    if is_reference {
        compared.regression = against_run::not_with_itself();
    }
    let record = args
        .save_best_as
        .as_ref()
        .map(|_| RunRecord::of(&analysis.summary, analysis.steadiness.is_trusted, &session.layers.config));
    Ok((compared, record))
}

/// A comparison in the place of runs would be in the way of both.
fn refuse_folder(folder: &Path, runs: &[RunSource]) -> Option<ExitCode> {
    let out = folder.canonicalize().ok()?;
    let is_in_the_way = |run: &&RunSource| run.path.canonicalize().is_ok_and(|run| run.starts_with(&out));
    let run = runs.iter().find(is_in_the_way)?;
    let message = format!("--out {} holds the run {}", folder.display(), run.path.display());
    super::say_error(&printable(&message), Some("choose another folder for the comparison with --out"));
    Some(ExitCode::Usage)
}

/// Says on stderr what kept runs from being judged, and ends with the worst code of all.
fn conclude(comparison: &Comparison, exit_zero: bool) -> ExitCode {
    if let crate::comparison::Reference::Fault { reason } = &comparison.reference {
        super::say_error(&printable(reason), None);
    }
    say_failures(&comparison.quarantined);
    if exit_zero { ExitCode::Clean } else { comparison.exit.code }
}

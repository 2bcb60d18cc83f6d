//! `baseline save`: measures runs and saves what a later comparison needs of them.

use crate::analysis::{Against, Failure, Windows};
use crate::baseline::{Baseline, BaselineError, RunRecord, Saved, Store, is_name};
use crate::cli::baseline::{RunsToTake, SaveArgs};
use crate::commands::interruption;
use crate::commands::pipeline::{find_runs, for_each_run, judge_run, measure_run};
use crate::commands::session::Session;
use crate::commands::{say, say_error, say_printable};
use crate::exit_code::ExitCode;
use crate::judge::{WindowChoice, compare_conditions, weaknesses};
use crate::report::{baselines, printable};
use crate::run::RunFile;

/// Saves the baseline; what was saved is said on stderr. If one run cannot be used, nothing is saved; what deserves no trust
/// is left out.
pub fn run(args: &SaveArgs, session: &Session) -> ExitCode {
    let SaveArgs { runs: args, replace } = args;
    let store = super::store(&args.store);
    // Known before anything is measured; the store looks again when it saves.
    if let Some(error) = refuse_name(&args.name, *replace, &store) {
        return super::refuse(&error);
    }
    let (records, code) = match measured(args, "baseline save", session) {
        Ok(measured) => measured,
        Err(code) => return code,
    };
    let provenance = &session.provenance;
    let saved = Baseline::new(&args.name, &provenance.generated_at, &provenance.tool, records)
        .and_then(|baseline| Ok((store.save(&baseline, *replace)?, baseline)));
    match saved {
        Ok((saved, baseline)) => {
            if !session.verbosity.is_quiet() {
                tell(&baseline, &saved, session);
            }
            code
        }
        Err(error) => super::refuse(&error),
    }
}

/// The runs that later ones may be measured by, with the code of what was left out.
///
/// # Errors
/// With the exit code, where there is none, or one cannot be used; that is said.
pub fn measured(
    args: &RunsToTake,
    verb: &'static str,
    session: &Session,
) -> Result<(Vec<RunRecord>, ExitCode), ExitCode> {
    let choice = args.window.choice().map_err(|error| {
        say_error(&error.to_string(), Some(error.remedy()));
        error.exit_code()
    })?;
    interruption::watch(verb).map_err(|error| {
        say_error(&format!("cannot watch signals: {error}"), None);
        ExitCode::Unexpected
    })?;
    let measured = measure(args, &choice, session).map_err(|failures| refuse_runs(&failures))?;
    let (records, code) = trusted(measured, args, session);
    if records.is_empty() {
        say("Nothing was saved.");
        return Err(code);
    }
    Ok((records, code))
}

fn refuse_name(name: &str, replace: bool, store: &Store) -> Option<BaselineError> {
    if !is_name(name) {
        return Some(BaselineError::BadName { name: name.to_owned() });
    }
    let is_in_the_way = !replace && store.holds(name);
    is_in_the_way.then(|| BaselineError::Exists { path: store.path_of(name) })
}

/// What a comparison needs of a run, and why the run deserves no trust.
type Taken = (RunRecord, Option<String>);

/// The runs that later ones may be measured by; the others are named, and make the code that of runs that could not be
/// judged, unless they are allowed.
fn trusted(measured: Vec<Taken>, args: &RunsToTake, session: &Session) -> (Vec<RunRecord>, ExitCode) {
    let (mut records, mut code) = (Vec::new(), ExitCode::Clean);
    for (record, untrusted) in measured {
        match untrusted {
            Some(reason) if args.allow_untrusted => {
                if !session.verbosity.is_quiet() {
                    crate::commands::say_warning(&format!("{} is saved although {reason}", record.run_id));
                }
                records.push(record);
            }
            Some(reason) => {
                let message = format!("{} is left out: {reason}", record.run_id);
                say_error(&printable(&message), Some("save it all the same with --allow-untrusted"));
                code = ExitCode::CouldNotJudge;
            }
            None => records.push(record),
        }
    }
    (records, code)
}

/// All runs as records, or all that is wrong with them.
fn measure(args: &RunsToTake, choice: &WindowChoice, session: &Session) -> Result<Vec<Taken>, Vec<Failure>> {
    let (runs, failures) = find_runs(&args.runs);
    let measure = |run: &RunFile| {
        refuse_incomplete(run, args)?;
        measure_run(run, choice, session)
    };
    let record = |run: &RunFile, windows: Windows| record_of(run, windows, session);
    let (records, mut failures) = for_each_run("measuring", &runs, failures, session, measure, record);
    failures.extend(twins(&records));
    if failures.is_empty() { Ok(records) } else { Err(failures) }
}

fn refuse_incomplete(run: &RunFile, args: &RunsToTake) -> Result<(), Failure> {
    if run.metadata().complete == Some(false) && !args.allow_incomplete {
        let remedy = "record it again, or save it as it is with --allow-incomplete";
        return Err(Failure {
            path: run.path().display().to_string(),
            ..failure(run.run_id(), "incomplete", "its recording is incomplete", remedy)
        });
    }
    Ok(())
}

fn record_of(run: &RunFile, windows: Windows, session: &Session) -> Result<Taken, Failure> {
    let analysis = judge_run(run, windows, &Against::Nothing, session)?;
    let record = RunRecord::of(&analysis.summary, analysis.steadiness.is_trusted, &session.layers.config);
    if record.metrics.iter().all(|metric| metric.value.value().is_none()) {
        let remedy = "see what is in it with `cmo-metrics check`";
        return Err(Failure {
            path: run.path().display().to_string(),
            ..failure(run.run_id(), "no_numbers", "it holds no number that could be compared", remedy)
        });
    }
    Ok((record, analysis.untrusted()))
}

/// Runs that are copies of others: noise between runs would seem to be none.
fn twins(records: &[Taken]) -> Vec<Failure> {
    let twin = |(index, (record, _)): (usize, &Taken)| {
        let (first, _) = records[..index].iter().find(|(other, _)| record.is_copy_of(other))?;
        let message = format!("it holds the same as `{}`: a copy under another id", first.run_id);
        Some(failure(&record.run_id, "copy", &message, "leave one of them out"))
    };
    records.iter().enumerate().filter_map(twin).collect()
}

fn failure(run_id: &str, kind: &'static str, message: &str, remedy: &str) -> Failure {
    Failure {
        run: run_id.to_owned(),
        path: run_id.to_owned(),
        kind,
        message: format!("{run_id}: {message}"),
        remedy: Some(remedy.to_owned()),
        exit_code: ExitCode::CouldNotJudge,
    }
}

fn refuse_runs(failures: &[Failure]) -> ExitCode {
    for failure in failures {
        say_error(&printable(&failure.message), failure.remedy.as_deref());
    }
    say("Nothing was saved.");
    failures.iter().map(|failure| failure.exit_code).max().unwrap_or(ExitCode::CouldNotJudge)
}

/// Says what was saved, and what weakens it.
pub fn tell(baseline: &Baseline, saved: &Saved, session: &Session) {
    say_printable(&format!("Saved baseline `{}` as {}", baseline.name, saved.path.display()));
    super::say_replaced(saved);
    say(baselines::groups(baseline, session.paper).trim_end());
    for warning in warnings(baseline, session) {
        crate::commands::say_warning(&warning);
    }
}

/// What will stand in the way of a comparison, or weaken it.
fn warnings(baseline: &Baseline, session: &Session) -> Vec<String> {
    let settings = &session.layers.config.regression;
    let mut warnings = Vec::new();
    for group in baseline.groups() {
        let (first, others) = (group.runs[0], &group.runs[1..]);
        if !others.is_empty() {
            let compared = compare_conditions(&first.conditions, others, &[], settings);
            warnings.extend(compared.obstacles().map(|field| {
                let differences = field.differences.join(", ");
                format!("{}: its runs differ in {}: {differences}", group.text(), field.field)
            }));
        }
    }
    for group in baseline.groups() {
        let weak = weaknesses(&group.runs, settings).into_iter();
        warnings.extend(weak.map(|weakness| format!("{}: {weakness}", group.text())));
    }
    warnings.extend(super::doubtful(baseline));
    warnings
}

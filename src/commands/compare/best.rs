//! `--save-best-as`: the best run of each group becomes a baseline, or nothing does.

use crate::baseline::{Baseline, BaselineError, RunRecord, Store, is_name};
use crate::cli::compare::CompareArgs;
use crate::commands::baseline::refuse;
use crate::commands::session::Session;
use crate::commands::{say, say_error};
use crate::comparison::Comparison;
use crate::exit_code::ExitCode;
use crate::report::printable;

/// What is known to be wrong with the name before anything is measured.
pub fn refuse_name(args: &CompareArgs) -> Option<ExitCode> {
    let name = args.save_best_as.as_ref()?;
    let store = store(args);
    if !is_name(name) {
        return Some(refuse(&BaselineError::BadName { name: name.clone() }));
    }
    let is_in_the_way = !args.replace && store.holds(name);
    is_in_the_way.then(|| refuse(&BaselineError::Exists { path: store.path_of(name) }))
}

/// Saves what was asked for and says so. A best run that is not fit is no reason to take the next best: later runs would be
/// measured by it.
pub fn save(
    args: &CompareArgs,
    comparison: &Comparison,
    records: Vec<RunRecord>,
    session: &Session,
) -> ExitCode {
    let Some(name) = &args.save_best_as else { return ExitCode::Clean };
    let refusals = refusals(comparison);
    if !refusals.is_empty() {
        for refusal in &refusals {
            say_error(&printable(refusal), None);
        }
        say(&format!("Baseline `{name}` was not saved: every group's best run must be judged clean."));
        return ExitCode::CouldNotJudge;
    }
    let is_best = |record: &RunRecord| {
        comparison.groups.iter().any(|group| group.best.run_id.value() == Some(&record.run_id))
    };
    let best: Vec<RunRecord> = records.into_iter().filter(is_best).collect();
    let provenance = &session.provenance;
    let saved = Baseline::new(name, &provenance.generated_at, &provenance.tool, best)
        .and_then(|baseline| Ok((store(args).save(&baseline, args.replace)?, baseline)));
    match saved {
        Err(error) => refuse(&error),
        Ok((saved, baseline)) => {
            if !session.verbosity.is_quiet() {
                let runs: Vec<&str> = baseline.runs.iter().map(|run| run.run_id.as_str()).collect();
                say(&format!("Saved baseline `{name}` of {} as {}", runs.join(", "), saved.path.display()));
            }
            ExitCode::Clean
        }
    }
}

fn refusals(comparison: &Comparison) -> Vec<String> {
    let refusal = |group: &crate::comparison::Group| {
        let reason = group.best.not_fit.as_ref()?;
        let run = group.best.run_id.value().map(|run| format!(", {run}")).unwrap_or_default();
        Some(format!("the best run of {}{run}: {reason}", group.name))
    };
    if comparison.groups.is_empty() {
        vec!["no run was judged".to_owned()]
    } else {
        comparison.groups.iter().filter_map(refusal).collect()
    }
}

fn store(args: &CompareArgs) -> Store {
    Store::new(&args.judge.against.baselines)
}

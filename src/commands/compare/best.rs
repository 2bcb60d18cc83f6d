//! `--save-best-as`: the best run of each group becomes a baseline, where it may.

use crate::baseline::{Baseline, BaselineError, RunRecord, Store, is_name};
use crate::cli::compare::CompareArgs;
use crate::commands::baseline::{doubtful, refuse, say_replaced};
use crate::commands::session::Session;
use crate::commands::{say_error, say_printable, say_warning};
use crate::comparison::{Best, Comparison, Group};
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

/// Saves what was asked for and says so. A best run that is not fit is named and left out, and is no reason to take the next
/// best: later runs would be measured by it.
pub fn save(
    args: &CompareArgs,
    comparison: &Comparison,
    records: Vec<RunRecord>,
    session: &Session,
) -> ExitCode {
    let Some(name) = &args.save_best_as else { return ExitCode::Clean };
    let (taken, left_out): (Vec<&Group>, Vec<&Group>) =
        comparison.groups.iter().partition(|group| is_taken(&group.best, args));
    left_out.iter().for_each(|group| say_left_out(group));
    let is_best =
        |record: &RunRecord| taken.iter().any(|group| group.best.run_id.value() == Some(&record.run_id));
    let best: Vec<RunRecord> = records.into_iter().filter(is_best).collect();
    if best.is_empty() {
        say_printable(&format!("Baseline `{name}` was not saved: there is no run that it could hold."));
        return ExitCode::CouldNotJudge;
    }
    let provenance = &session.provenance;
    let saved = Baseline::new(name, &provenance.generated_at, &provenance.tool, best)
        .and_then(|baseline| Ok((store(args).save(&baseline, args.replace)?, baseline)));
    match saved {
        Err(error) => refuse(&error),
        Ok((saved, baseline)) => {
            if !session.verbosity.is_quiet() {
                let runs: Vec<&str> = baseline.runs.iter().map(|run| run.run_id.as_str()).collect();
                say_printable(&format!(
                    "Saved baseline `{name}` of {} as {}",
                    runs.join(", "),
                    saved.path.display()
                ));
                say_replaced(&saved);
                taken.iter().filter_map(|group| although(group)).for_each(|warning| say_warning(&warning));
                doubtful(&baseline).iter().for_each(|warning| say_warning(warning));
            }
            if left_out.is_empty() { ExitCode::Clean } else { ExitCode::CouldNotJudge }
        }
    }
}

/// What was not judged clean is never taken, what deserves no trust where it is allowed.
fn is_taken(best: &Best, args: &CompareArgs) -> bool {
    best.not_fit.is_none() || (args.allow_untrusted && best.may_be_allowed)
}

/// What is saved only because it was allowed.
fn although(group: &Group) -> Option<String> {
    Some(format!("{} is saved although {}", best_of(group), group.best.not_fit.as_ref()?))
}

/// `the best run of steady, closed, load_50,`.
fn best_of(group: &Group) -> String {
    let run = group.best.run_id.value().map(|run| format!(", {run},")).unwrap_or_default();
    format!("the best run of {}{run}", group.name)
}

fn say_left_out(group: &Group) {
    let reason = group.best.not_fit.as_deref().unwrap_or_default();
    let remedy = group.best.may_be_allowed.then_some("save it all the same with --allow-untrusted");
    say_error(&printable(&format!("{} is left out: {reason}", best_of(group))), remedy);
}

fn store(args: &CompareArgs) -> Store {
    Store::new(&args.judge.against.baselines)
}

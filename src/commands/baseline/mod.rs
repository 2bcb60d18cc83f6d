//! `baseline`: save, list, show and remove what later runs are compared with.

use crate::baseline::{Baseline, BaselineError, Replaced, Saved, Store};
use crate::cli::baseline::StoreArgs;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;

pub mod add;
pub mod list;
pub mod remove;
pub mod save;
pub mod show;

fn store(args: &StoreArgs) -> Store {
    Store::new(&args.baselines)
}

/// Says what is wrong with a baseline and how to mend it.
pub fn say_fault(error: &BaselineError) {
    super::say_error(&crate::report::printable(&error.to_string()), Some(&error.remedy()));
}

/// How a command ends that met this error.
pub fn exit_code(error: &BaselineError) -> ExitCode {
    match error {
        BaselineError::BadName { .. } | BaselineError::Exists { .. } | BaselineError::Holds { .. } => {
            ExitCode::Usage
        }
        BaselineError::Unwritable { .. } | BaselineError::Unsaveable { .. } => ExitCode::Unexpected,
        _ => ExitCode::CouldNotJudge,
    }
}

/// Both of the above.
pub fn refuse(error: &BaselineError) -> ExitCode {
    say_fault(error);
    exit_code(error)
}

/// The same for one of many: a name that is none is here a fault of the folder, not of the call.
fn refuse_listed(error: &BaselineError) -> ExitCode {
    say_fault(error);
    exit_code(error).max(ExitCode::CouldNotJudge)
}

/// Says what the saved baseline took the place of.
pub fn say_replaced(saved: &Saved) {
    let Some(Replaced { kept, held }) = &saved.replaced else { return };
    let kept = kept.display();
    let text = match held {
        Some((saved_at, runs)) => format!("It replaces that of {}, saved at {saved_at}", runs.join(", ")),
        None => "It replaces one that could not be used".to_owned(),
    };
    super::say(&crate::report::printable(&format!("{text}; the one before is kept as {kept}")));
}

/// The runs that nobody can tell to be steady.
pub fn doubtful(baseline: &Baseline) -> Option<String> {
    let doubtful = baseline.runs.iter().filter(|run| !run.is_trusted);
    let doubtful: Vec<&str> = doubtful.map(|run| run.run_id.as_str()).collect();
    let runs = doubtful.join(", ");
    (!doubtful.is_empty())
        .then(|| format!("not known to be steady, what is compared with them deserves less trust: {runs}"))
}

/// Warns of a baseline that was saved so long ago that much else may have changed since.
pub fn warn_if_old(baseline: &Baseline, session: &Session) {
    if session.verbosity.is_quiet() {
        return;
    }
    let most = i64::from(session.layers.config.history.baseline_max_age_days);
    let Some(days) = baseline.age_days(&session.provenance.generated_at).filter(|days| *days > most) else {
        return;
    };
    let name = &baseline.name;
    super::say_warning(&format!(
        "baseline `{name}` is {days} days old: what else changed since then counts as the run's; add a run that you trust with \
         `cmo-metrics baseline add RUN --name {name}`, or save a new one"
    ));
}

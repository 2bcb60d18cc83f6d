//! `baseline add`: a night more in a baseline, whose other runs need not be there any more.

use super::save;
use crate::baseline::{BaselineError, is_name};
use crate::cli::baseline::AddArgs;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;

/// Measures the runs and adds them; the baseline before is kept.
pub fn run(args: &AddArgs, session: &Session) -> ExitCode {
    let args = &args.runs;
    let store = super::store(&args.store);
    // Known before anything is measured; the store looks again when it saves.
    if !is_name(&args.name) {
        return super::refuse(&BaselineError::BadName { name: args.name.clone() });
    }
    if let Err(error) = store.load(&args.name) {
        return super::refuse(&error);
    }
    let (records, code) = match save::measured(args, "baseline add", session) {
        Ok(measured) => measured,
        Err(code) => return code,
    };
    let provenance = &session.provenance;
    let with = store
        .change(&args.name, |baseline| baseline.with(records, &provenance.generated_at, &provenance.tool));
    match with {
        Ok((saved, baseline)) => {
            if !session.verbosity.is_quiet() {
                save::tell(&baseline, &saved, session);
            }
            code
        }
        Err(error) => super::refuse(&error),
    }
}

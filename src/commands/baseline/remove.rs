//! `baseline remove`: moves a baseline into the history.

use crate::cli::baseline::RemoveArgs;
use crate::commands::say_printable;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;

/// Removes the baseline; where it is kept is said on stderr.
pub fn run(args: &RemoveArgs, session: &Session) -> ExitCode {
    match super::store(&args.store).remove(&args.name) {
        Ok(kept) => {
            if !session.verbosity.is_quiet() {
                say_printable(&format!("Removed baseline `{}`; it is kept as {}", args.name, kept.display()));
            }
            ExitCode::Clean
        }
        Err(error) => super::refuse(&error),
    }
}

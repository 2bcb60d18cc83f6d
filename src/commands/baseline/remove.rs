//! `baseline remove`: moves a baseline into the history.

use super::StoreArgs;
use crate::commands::say;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;

/// Move a baseline into the history, where it is kept
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit codes: 0 removed, 3 there is none of this name.\n\nExample:\n  \
                        cmo-metrics baseline remove production")]
pub struct RemoveArgs {
    /// Name of the baseline
    pub name: String,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Removes the baseline; where it is kept is said on stderr.
pub fn run(args: &RemoveArgs, session: &Session) -> ExitCode {
    match args.store.store().remove(&args.name) {
        Ok(kept) => {
            if !session.verbosity.is_quiet() {
                say(&format!("Removed baseline `{}`; it is kept as {}", args.name, kept.display()));
            }
            ExitCode::Clean
        }
        Err(error) => super::refuse(&error),
    }
}

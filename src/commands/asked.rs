//! The window and the baseline that are asked for on the command line.

use super::baseline::{exit_code, refuse, warn_if_old};
use super::session::Session;
use crate::analysis::Against;
use crate::baseline::{BaselineError, Store};
use crate::cli::judge::{BaselineArgs, JudgeArgs};
use crate::exit_code::ExitCode;
use crate::judge::WindowChoice;

/// The window and the baseline that were asked for; of one that is old it is said.
///
/// # Errors
/// With the exit code, when one of them cannot be meant; what is wrong is said.
pub fn asked(args: &JudgeArgs, session: &Session) -> Result<(WindowChoice, Against), ExitCode> {
    let choice = args.window.choice().map_err(|error| {
        super::say_error(&error.to_string(), Some(error.remedy()));
        error.exit_code()
    })?;
    let mut against = against(&args.against).map_err(|error| refuse(&error))?;
    if let Against::Baseline { baseline, options } = &mut against {
        options.age_days = baseline.age_days(&session.provenance.generated_at);
        warn_if_old(baseline, session);
    }
    Ok((choice, against))
}

/// Reads the baseline that was asked for. One that cannot be used is a fault of the comparison, not of the runs.
///
/// # Errors
/// When no baseline can have that name.
fn against(args: &BaselineArgs) -> Result<Against, BaselineError> {
    let Some(name) = &args.baseline else { return Ok(Against::Nothing) };
    Ok(match Store::new(&args.baselines).load(name) {
        Ok(baseline) => Against::Baseline { baseline, options: args.options() },
        Err(error) if exit_code(&error) == ExitCode::CouldNotJudge => {
            Against::Fault(format!("{error} ({})", error.remedy()))
        }
        Err(error) => return Err(error),
    })
}

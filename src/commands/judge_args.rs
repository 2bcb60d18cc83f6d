//! What every command that judges runs is asked: which runs, which part of them, against what, and what is printed.

use clap::ValueHint;

use super::DATA_DIR;
use super::against::BaselineArgs;
use super::baseline::refuse;
use super::window::WindowArgs;
use crate::analysis::Against;
use crate::exit_code::ExitCode;
use crate::judge::WindowChoice;
use crate::report::Format;

#[derive(Debug, Clone, clap::Args)]
pub struct JudgeArgs {
    /// Run files, folders, globs, or ids of runs in data/
    #[arg(default_value = DATA_DIR, value_name = "RUNS", value_hint = ValueHint::AnyPath)]
    pub runs: Vec<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// End with 0 whatever was found; errors of usage still count
    #[arg(long)]
    pub exit_zero: bool,
    #[command(flatten)]
    pub window: WindowArgs,
    #[command(flatten)]
    pub against: BaselineArgs,
}

impl JudgeArgs {
    /// The window and the baseline that were asked for.
    ///
    /// # Errors
    /// With the exit code, when one of them cannot be meant; what is wrong is said.
    pub fn asked(&self) -> Result<(WindowChoice, Against), ExitCode> {
        let choice = self.window.choice().map_err(|error| {
            super::say_error(&error.to_string(), Some(error.remedy()));
            error.exit_code()
        })?;
        let against = self.against.against().map_err(|error| refuse(&error))?;
        Ok((choice, against))
    }
}

//! The flags that name a baseline, and the baseline behind them.

use std::path::PathBuf;

use clap::ValueHint;

use super::baseline::exit_code;
use crate::analysis::Against;
use crate::baseline::{BaselineError, Store};
use crate::exit_code::ExitCode;
use crate::judge::{ComparisonOptions, Field, Severity};

/// The flags that name what runs are compared with: one of them at most.
pub const REFERENCE: &str = "reference";

/// What runs are compared with, and when that fails.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Baseline and gate")]
pub struct BaselineArgs {
    /// Compare with this baseline; a regression of its gate ends with 99, what cannot be judged with 3
    #[arg(long, value_name = "NAME", group = REFERENCE)]
    pub baseline: Option<String>,
    /// Folder of the baselines
    #[arg(long, value_name = "DIR", default_value = "baselines", value_hint = ValueHint::DirPath)]
    pub baselines: PathBuf,
    /// The gate fails on regressions of this severity and above
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = Severity::Medium, requires = REFERENCE)]
    pub fail_on: Severity,
    /// Compare although this differs; may be given several times
    #[arg(long, value_name = "FIELD", value_enum, requires = REFERENCE)]
    pub allow_different: Vec<Field>,
}

impl BaselineArgs {
    pub fn options(&self) -> ComparisonOptions {
        ComparisonOptions { fail_on: self.fail_on, allow_different: self.allow_different.clone() }
    }

    /// Reads the baseline that was asked for. One that cannot be used is a fault of the comparison, not of the runs.
    ///
    /// # Errors
    /// When no baseline can have that name.
    pub fn against(&self) -> Result<Against, BaselineError> {
        let Some(name) = &self.baseline else { return Ok(Against::Nothing) };
        Ok(match Store::new(&self.baselines).load(name) {
            Ok(baseline) => Against::Baseline { baseline, options: self.options() },
            Err(error) if exit_code(&error) == ExitCode::CouldNotJudge => {
                Against::Fault(format!("{error} ({})", error.remedy()))
            }
            Err(error) => return Err(error),
        })
    }
}

//! How many runs there are of each kind, and what was found against the baseline in all of them.

use serde::Serialize;

use super::{ComparedRun, CopiedRun, Reference};
use crate::analysis::Failure;
use crate::exit_code::ExitCode;
use crate::judge::ChangeWord;
use crate::summary::Measured;

/// Runs by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub runs: u64,
    pub judged: u64,
    pub quarantined: u64,
    /// Left out, since they hold the same as another run.
    pub copies: u64,
    /// Of the judged ones.
    pub clean: u64,
    pub gate_failed: u64,
    pub could_not_judge: u64,
}

/// Regressions over all runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regressions {
    /// Runs that were compared; the others are not comparable, or are the reference itself.
    pub compared: u64,
    /// By id: runs in which a metric regressed, in which one is suspected to and none did, and runs that may not be compared.
    pub regressed: Vec<String>,
    pub suspected: Vec<String>,
    /// … in which none regressed, and one could not be excluded.
    pub not_excluded: Vec<String>,
    pub not_comparable: Vec<String>,
    /// Metrics of all runs that one would expect to be called regressed by chance if nothing had changed: at most this many.
    pub expected_false_alarms: f64,
}

impl Totals {
    pub fn of(runs: &[ComparedRun], quarantined: &[Failure], copies: &[CopiedRun]) -> Self {
        let with = |code: ExitCode| runs.iter().filter(|run| run.exit_code == code).count() as u64;
        let (judged, quarantined) = (runs.len() as u64, quarantined.len() as u64);
        Self {
            runs: judged + quarantined,
            judged,
            quarantined,
            copies: copies.len() as u64,
            clean: with(ExitCode::Clean),
            gate_failed: with(ExitCode::GateFailed),
            could_not_judge: with(ExitCode::CouldNotJudge),
        }
    }
}

impl Regressions {
    pub fn of(runs: &[ComparedRun], reference: &Reference) -> Measured<Self> {
        match reference {
            Reference::Nothing => {
                return Measured::undefined(
                    "no baseline was asked for: name one with --baseline or --against",
                );
            }
            Reference::Fault { reason } => return Measured::undefined(reason.clone()),
            Reference::Baseline { .. } | Reference::Run { .. } => {}
        }
        let mut found = Self {
            compared: 0,
            regressed: Vec::new(),
            suspected: Vec::new(),
            not_excluded: Vec::new(),
            not_comparable: Vec::new(),
            expected_false_alarms: 0.0,
        };
        for run in runs {
            found.add(run);
        }
        Measured::Value(found)
    }

    fn add(&mut self, run: &ComparedRun) {
        let Measured::Value(regression) = &run.regression else { return };
        let Measured::Value(outcome) = &regression.outcome else {
            self.not_comparable.push(run.run_id.clone());
            return;
        };
        self.compared += 1;
        self.expected_false_alarms += outcome.expected_false_alarms;
        let is_regressed = regression.with_word(ChangeWord::Regressed).next().is_some();
        if !is_regressed && !outcome.assessment.not_excluded.is_empty() {
            self.not_excluded.push(run.run_id.clone());
        }
        if is_regressed {
            self.regressed.push(run.run_id.clone());
        } else if regression.with_word(ChangeWord::Suspected).next().is_some() {
            self.suspected.push(run.run_id.clone());
        }
    }
}

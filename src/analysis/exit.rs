//! The exit code that an analysis asks for, with its reasons.

use serde::Serialize;

use super::{Analysis, Failure};
use crate::exit_code::ExitCode;
use crate::judge::{self, TargetOutcome, TargetVerdict};

/// How the process should end for one run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExitReason {
    /// The number that the shell sees, were this the only run.
    pub code: ExitCode,
    /// One sentence each, what decided the code first; empty when the run is judged and clean.
    pub reasons: Vec<String>,
}

impl Analysis {
    /// Judged and clean, could not judge, or the gate failed: the gate asks for every applicable target with
    /// `gate = true` and every metric of the comparison that is part of it, and what it cannot tell, or only from too
    /// few samples, is no pass.
    pub fn exit(&self) -> ExitReason {
        let findings = self.findings();
        ExitReason {
            code: findings.first().map_or(ExitCode::Clean, |(code, _)| *code),
            reasons: findings.into_iter().map(|(_, reason)| reason).collect(),
        }
    }

    /// What keeps the run from exit code 0, each with the code that it asks for, gravest first.
    pub fn findings(&self) -> Vec<(ExitCode, String)> {
        let of_comparison = self.regression.value().map(|regression| regression.gate.findings());
        gravest_first(self.own_findings(), of_comparison.unwrap_or_default())
    }

    /// The same without what a comparison found.
    pub fn own_findings(&self) -> Vec<(ExitCode, String)> {
        let faults = self.faults().into_iter().map(|fault| (ExitCode::CouldNotJudge, fault));
        let asked = self.targets.iter().filter(|target| target.gate && target.applies);
        faults.chain(asked.filter_map(judge_gate)).collect()
    }

    /// Why the run cannot be judged, whatever its numbers.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.summary.data_quality.complete == Some(false) {
            faults.push("the recording is incomplete".to_owned());
        }
        faults.extend(judge::recording_faults(&self.summary, &self.config.run));
        if self.has_no_requests() {
            faults.push("the run has no requests".to_owned());
        } else if let Some(reason) = self.grade.reason() {
            faults.push(format!("no grade: {reason}"));
        }
        faults.extend(self.baseline_fault.clone());
        faults
    }

    /// Nothing was asked of the service, and nothing was declared: there is nothing to judge.
    fn has_no_requests(&self) -> bool {
        let requests = &self.summary.requests;
        requests.totals.requests == 0 && requests.counts.finished + requests.counts.unfinished == 0
    }

    /// Is there a target or a metric of a comparison by which the run could fail?
    pub fn is_gated(&self) -> bool {
        let has_target = self.targets.iter().any(|target| target.gate && target.applies);
        has_target || self.regression.value().is_some_and(|regression| !regression.gate.checks.is_empty())
    }
}

/// What was found of a run by itself, and what a comparison found, gravest first.
pub fn gravest_first(
    mut own: Vec<(ExitCode, String)>,
    of_comparison: Vec<(ExitCode, String)>,
) -> Vec<(ExitCode, String)> {
    own.extend(of_comparison);
    // Stable: of one code, in the order in which they were found.
    own.sort_by_key(|(code, _)| std::cmp::Reverse(*code));
    own
}

/// How the process should end for all runs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExitOfAll {
    /// The worst of all runs: a failed gate before a run that could not be judged before an error of ours.
    pub code: ExitCode,
    /// Every reason of every run, and every run of which there is no report.
    pub reasons: Vec<RunReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReason {
    pub run: String,
    /// The code that it asks for.
    pub code: ExitCode,
    pub reason: String,
}

impl ExitOfAll {
    pub fn of(analyses: &[Analysis], failures: &[Failure]) -> Self {
        let findings =
            analyses.iter().map(|analysis| (analysis.summary.identity.run_id.as_str(), analysis.findings()));
        Self::of_findings(findings, failures)
    }

    /// Of runs with what keeps each from 0, gravest first. Nothing analysed is nothing judged.
    pub fn of_findings<'a>(
        runs: impl Iterator<Item = (&'a str, Vec<(ExitCode, String)>)>,
        failures: &[Failure],
    ) -> Self {
        let of_run = |(run, findings): (&str, Vec<(ExitCode, String)>)| -> (ExitCode, Vec<RunReason>) {
            let code = findings.first().map_or(ExitCode::Clean, |(code, _)| *code);
            let reason = |(code, reason)| RunReason { run: run.to_owned(), code, reason };
            (code, findings.into_iter().map(reason).collect())
        };
        let of_failure = |failure: &Failure| {
            let code = failure.exit_code;
            let reason = RunReason { run: failure.run.clone(), code, reason: failure.message.clone() };
            (failure.exit_code, vec![reason])
        };
        let exits: Vec<(ExitCode, Vec<RunReason>)> =
            runs.map(of_run).chain(failures.iter().map(of_failure)).collect();
        let code = exits.iter().map(|(code, _)| *code).max().unwrap_or(ExitCode::CouldNotJudge);
        let mut reasons: Vec<RunReason> = exits.into_iter().flat_map(|(_, reasons)| reasons).collect();
        // Gravest first; of one code in the order of the runs.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.code));
        Self { code, reasons }
    }

    /// What the runs were to be compared with cannot be used: nothing was judged against it.
    pub fn add_fault(&mut self, reason: &str) {
        self.code = self.code.max(ExitCode::CouldNotJudge);
        if !self.reasons.iter().any(|known| known.reason == reason) {
            let reason = RunReason {
                run: ALL_RUNS.to_owned(),
                code: ExitCode::CouldNotJudge,
                reason: reason.to_owned(),
            };
            self.reasons.push(reason);
        }
    }
}

/// Stands in the place of a run's id, where a reason is that of all.
const ALL_RUNS: &str = "all runs";

fn judge_gate(target: &TargetVerdict) -> Option<(ExitCode, String)> {
    let name = &target.name;
    match target.outcome {
        TargetOutcome::Fail => Some((ExitCode::GateFailed, format!("gate: target {name} is missed"))),
        TargetOutcome::CannotTell => {
            let reason = target.actual.reason().unwrap_or("cannot tell");
            Some((ExitCode::CouldNotJudge, format!("gate: target {name} cannot be told: {reason}")))
        }
        TargetOutcome::Pass if target.low_sample => {
            Some((ExitCode::CouldNotJudge, format!("gate: target {name} rests on too few samples")))
        }
        TargetOutcome::Pass => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::{Measured, fixture};

    fn exit(change: impl FnOnce(&mut Analysis)) -> (u8, String) {
        let mut config = Config::defaults();
        config.targets.values_mut().for_each(|target| target.gate = true);
        let mut analysis = Analysis::of_whole(fixture::run_summary(), &config).unwrap();
        for target in &mut analysis.targets {
            (target.outcome, target.low_sample) = (TargetOutcome::Pass, false);
        }
        change(&mut analysis);
        let exit = analysis.exit();
        (exit.code.code(), exit.reasons.join("; "))
    }

    #[test]
    fn the_gate_fails_closed() {
        assert_eq!(exit(|_| ()), (0, String::new()));
        let missed = exit(|analysis| analysis.targets[0].outcome = TargetOutcome::Fail);
        assert_eq!(missed, (99, "gate: target lightrag_success_rate is missed".into()));
        let untold = exit(|analysis| {
            analysis.targets[0].outcome = TargetOutcome::CannotTell;
            analysis.targets[0].actual = Measured::undefined("no events");
        });
        assert_eq!(untold, (3, "gate: target lightrag_success_rate cannot be told: no events".into()));
        assert_eq!(exit(|analysis| analysis.targets[0].low_sample = true).0, 3);
        let both = exit(|analysis| {
            analysis.targets[0].low_sample = true;
            analysis.targets[1].outcome = TargetOutcome::Fail;
        });
        assert_eq!(both.0, 99);
        assert!(both.1.contains("too few samples") && both.1.contains("missed"), "{}", both.1);
    }

    #[test]
    fn only_targets_of_the_gate_that_apply_are_asked() {
        let ignored = exit(|analysis| {
            (analysis.targets[0].outcome, analysis.targets[0].gate) = (TargetOutcome::Fail, false);
            (analysis.targets[1].outcome, analysis.targets[1].applies) = (TargetOutcome::CannotTell, false);
        });
        assert_eq!(ignored.0, 0);
    }

    #[test]
    fn a_run_without_requests_could_not_be_judged() {
        let none = |analysis: &mut Analysis| {
            analysis.summary.requests.totals.requests = 0;
            analysis.summary.requests.counts = Default::default();
        };
        assert_eq!(exit(none), (3, "the run has no requests".into()));
        let unanswered = exit(|analysis| {
            none(analysis);
            analysis.summary.requests.counts.unfinished = 1;
        });
        assert_eq!(unanswered.0, 0, "one was sent");
    }

    #[test]
    fn what_nobody_asked_of_a_run_is_no_gate() {
        let analysis = |config: &Config| Analysis::of_whole(fixture::run_summary(), config).unwrap();
        let mut config = Config::defaults();
        assert!(!analysis(&config).is_gated());
        config.targets.values_mut().for_each(|target| target.gate = true);
        assert!(analysis(&config).is_gated());
    }

    #[test]
    fn an_incomplete_recording_could_not_be_judged() {
        let (code, reasons) = exit(|analysis| analysis.summary.data_quality.complete = Some(false));
        assert_eq!((code, reasons.as_str()), (3, "the recording is incomplete"));
    }
}

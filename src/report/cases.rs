//! What was asked of each run, with its answer, for programs that show it their way: CI as tests and annotations.

use crate::analysis::{Analysis, ExitOfAll, Failure};
use crate::comparison::{ComparedRun, Comparison};
use crate::exit_code::ExitCode;
use crate::judge::{
    CheckEvidence, Gate, GateCheck, LimitDirection, LimitOrigin, TargetOutcome, TargetVerdict,
};
use crate::units;

/// Stands for the component of what is asked of a run as a whole.
const RUN: &str = "run";

/// All that was judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    pub runs: &'a [ComparedRun],
    pub failures: &'a [Failure],
    pub exit: &'a ExitOfAll,
}

/// One question to one run.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// None of what is no run: it could not be read.
    pub run: Option<&'a ComparedRun>,
    pub component: &'a str,
    pub name: String,
    pub asked: Asked<'a>,
    pub answer: Answer,
    /// Part of the gate: it decides about the exit code.
    pub is_gate: bool,
    /// One sentence with the numbers that the answer rests on.
    pub message: String,
}

/// Where a question comes from.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    Metric(&'a GateCheck, &'a Gate),
    Target(&'a TargetVerdict),
    /// Can the run be judged, and compared, at all?
    Run,
    /// It could not be read, or its report not be written.
    Reading(&'a Failure),
    /// There is none.
    NoRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Passed,
    Failed,
    CannotTell,
    /// There is no run that could be asked.
    Error,
}

impl<'a> Judged<'a> {
    pub fn of(comparison: &'a Comparison) -> Self {
        Self { runs: &comparison.runs, failures: &comparison.quarantined, exit: &comparison.exit }
    }

    /// One case for each metric of the gate and each target of each run, and one for all that keeps a run from being judged.
    pub fn cases(&self) -> Vec<Case<'a>> {
        let unread = self.failures.iter().map(unread);
        self.runs.iter().flat_map(of_run).chain(unread).chain(self.of_no_run()).collect()
    }

    /// Reasons that are no run's own: what all were to be compared with cannot be used, and there was none that could say so.
    fn of_no_run(&self) -> Option<Case<'a>> {
        let is_known = |name: &str| {
            self.runs.iter().any(|run| run.run_id == name)
                || self.failures.iter().any(|failure| failure.run == name)
        };
        let others = self.exit.reasons.iter().filter(|reason| !is_known(&reason.run));
        let reasons: Vec<&str> = others.map(|reason| reason.reason.as_str()).collect();
        let is_empty = self.runs.is_empty() && self.failures.is_empty();
        let message = match reasons.as_slice() {
            [] if is_empty => "there is no run".to_owned(),
            [] => return None,
            reasons => reasons.join("; "),
        };
        Some(Case {
            run: None,
            component: RUN,
            name: "all runs".to_owned(),
            asked: Asked::NoRun,
            answer: Answer::Error,
            is_gate: true,
            message,
        })
    }
}

/// What an analysis of single runs is judged by is what a comparison keeps of them.
pub fn kept_of(analyses: &[Analysis]) -> Vec<ComparedRun> {
    analyses.iter().map(ComparedRun::of).collect()
}

fn of_run(run: &ComparedRun) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    if !run.faults.is_empty() {
        cases.push(of_whole_run(run, "can be judged", run.faults.join("; ")));
    }
    if let Some(regression) = run.regression.value() {
        let gate = &regression.gate;
        if gate.checks.is_empty() && gate.code != ExitCode::Clean {
            cases.push(of_whole_run(run, "can be compared", gate.reasons.join("; ")));
        }
        cases.extend(gate.checks.iter().map(|check| of_check(run, check, gate)));
    }
    cases.extend(run.targets.iter().map(|target| of_target(run, target)));
    cases
}

fn of_whole_run<'a>(run: &'a ComparedRun, name: &str, message: String) -> Case<'a> {
    Case {
        run: Some(run),
        component: RUN,
        name: name.to_owned(),
        asked: Asked::Run,
        answer: Answer::CannotTell,
        is_gate: true,
        message,
    }
}

fn of_check<'a>(run: &'a ComparedRun, check: &'a GateCheck, gate: &'a Gate) -> Case<'a> {
    Case {
        run: Some(run),
        component: component_of(&check.metric),
        name: check.metric.clone(),
        asked: Asked::Metric(check, gate),
        answer: match check.code {
            ExitCode::Clean => Answer::Passed,
            ExitCode::GateFailed => Answer::Failed,
            ExitCode::CouldNotJudge | ExitCode::Unexpected | ExitCode::Usage => Answer::CannotTell,
        },
        is_gate: true,
        message: message_of_check(check),
    }
}

/// `request/ok_p95_ms regressed by +24.3 % (medium), from 812 ms to 1,009 ms; limit +15.0 %, interval (+20.1 … +28.6 %),
/// n 3+1 runs`.
fn message_of_check(check: &GateCheck) -> String {
    let remedy = check.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
    let numbers = check.evidence.as_ref().map(|evidence| numbers(check, evidence)).unwrap_or_default();
    format!("{} {}{numbers}{remedy}", check.metric, check.because)
}

fn numbers(check: &GateCheck, evidence: &CheckEvidence) -> String {
    let CheckEvidence { unit, interval, baseline_runs, runs, .. } = evidence;
    let limit =
        check.limit.number().map(|limit| format!("limit {}, ", unit.print(limit))).unwrap_or_default();
    let interval = unit.print_interval(interval.low, interval.high);
    format!("; {limit}interval {interval}, n {baseline_runs}+{runs} runs")
}

fn of_target<'a>(run: &'a ComparedRun, target: &'a TargetVerdict) -> Case<'a> {
    Case {
        run: Some(run),
        component: component_of(&target.metric),
        name: format!("target {}", target.name),
        asked: Asked::Target(target),
        answer: match target.outcome {
            // What a run says that cannot be judged is no pass.
            TargetOutcome::Pass if target.low_sample || !run.faults.is_empty() => Answer::CannotTell,
            TargetOutcome::Pass => Answer::Passed,
            TargetOutcome::Fail => Answer::Failed,
            TargetOutcome::CannotTell => Answer::CannotTell,
        },
        is_gate: target.gate,
        message: message_of_target(target),
    }
}

/// `target p95_response_time_ms is missed: 2,310 ms, limit < 2,000 ms, n 5,012`.
fn message_of_target(target: &TargetVerdict) -> String {
    let actual = target.actual.number().map(|value| target.unit.print(value));
    let actual = actual.unwrap_or_else(|| target.actual.reason().unwrap_or(units::NONE).to_owned());
    let sign = match target.direction {
        LimitDirection::Above => '>',
        LimitDirection::Below => '<',
    };
    let whose = if target.limit_from == LimitOrigin::Run { " of the run" } else { "" };
    let n = target.n.map(|n| format!(", n {}", units::count(n))).unwrap_or_default();
    let few = if target.low_sample { "; it rests on too few samples" } else { "" };
    let beside = if target.gate { "" } else { "; not part of the gate" };
    format!(
        "target {} is {}: {actual}, limit{whose} {sign} {}{n}{few}{beside}",
        target.name,
        target.outcome.told(),
        target.unit.print(target.limit)
    )
}

fn unread(failure: &Failure) -> Case<'_> {
    let remedy = failure.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
    Case {
        run: None,
        component: RUN,
        name: failure.run.clone(),
        asked: Asked::Reading(failure),
        answer: Answer::Error,
        is_gate: true,
        message: format!("{}{remedy}", failure.message),
    }
}

fn component_of(key: &str) -> &str {
    key.split('/').next().unwrap_or(key)
}

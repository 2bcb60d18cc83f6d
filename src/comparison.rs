//! All that reports of many runs receive: the runs side by side, judged. Reports print it and compute nothing.

use serde::Serialize;

use crate::analysis::{ExitOfAll, Failure};
use crate::config::Config;
use crate::judge::{self, AcrossRuns, LoadPoint, RunNumbers, Scalability};
use crate::summary::Measured;

mod best;
mod causes;
mod copies;
mod degradation;
#[cfg(test)]
pub(crate) mod fixture;
mod grouping;
mod levels;
mod opportunities;
mod ranking;
mod reference;
mod regression;
mod run;
mod together;
mod totals;

pub use best::Best;
pub use causes::Cause;
pub use copies::{CopiedRun, take_copies};
pub use degradation::{Degradation, LevelChange, RunChange};
pub use grouping::GroupKey;
use grouping::Members;
pub use levels::{ChangeEverywhere, Judgement, LevelOfLoad, everywhere};
pub use opportunities::Opportunity;
pub use ranking::Ranked;
pub use reference::Reference;
pub use regression::{Outcome, RunRegression};
pub use run::{Advice, ComparedRun, JudgedWindow};
pub use together::judge_together;
pub use totals::{Regressions, Totals};

/// Runs side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Every judged run, by id.
    pub runs: Vec<ComparedRun>,
    /// What runs of one group share, beside the load model.
    pub group_by: GroupKey,
    /// In the order of what they share.
    pub groups: Vec<Group>,
    /// One entry a judged run, best first.
    pub ranking: Vec<Ranked>,
    pub reference: Reference,
    /// Undefined without something to compare with.
    pub regressions: Measured<Regressions>,
    /// Runs that could not be judged, in the order in which they were refused.
    pub quarantined: Vec<Failure>,
    /// Runs that were left out, since another one holds the same.
    pub copies: Vec<CopiedRun>,
    pub exit: ExitOfAll,
    /// Why the exit code is what it is, over all runs: those that most runs share first.
    pub causes: Vec<Cause>,
    pub totals: Totals,
}

/// Runs that are compared with one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// `scenario healthy, closed`.
    pub name: String,
    /// By id.
    pub runs: Vec<String>,
    /// Best first; undefined where the first of the ranking is not fit to be a baseline, and why.
    pub best: Best,
    pub degradation: Measured<Degradation>,
    pub scalability: Scalability,
    pub across_runs: AcrossRuns,
    /// Gravest first.
    pub opportunities: Vec<Opportunity>,
    /// What the reader should know of this group.
    pub notes: Vec<String>,
}

/// What a comparison is made of.
#[derive(Debug)]
pub struct Compared {
    /// In any order.
    pub runs: Vec<ComparedRun>,
    pub quarantined: Vec<Failure>,
    /// Those that are not among the runs any more.
    pub copies: Vec<CopiedRun>,
    pub reference: Reference,
    pub group_by: GroupKey,
}

impl Comparison {
    /// Judges the runs against one another.
    pub fn of(compared: Compared, config: &Config) -> Self {
        let Compared { mut runs, quarantined, copies, reference, group_by } = compared;
        runs.sort_by(|a, b| a.run_id.cmp(&b.run_id));
        let members = grouping::group(&runs, &group_by);
        let ranking = ranking::rank(&runs, &members);
        let groups = members.iter().map(|members| judge_group(members, &runs, config)).collect();
        let exit = exit_of(&runs, &quarantined, &reference);
        Self {
            regressions: Regressions::of(&runs, &reference),
            totals: Totals::of(&runs, &quarantined, &copies),
            causes: causes::find(&runs, &quarantined, exit.code),
            runs,
            group_by,
            groups,
            ranking,
            reference,
            quarantined,
            copies,
            exit,
        }
    }

    /// Could any run have failed?
    pub fn is_gated(&self) -> bool {
        self.runs.iter().any(|run| run.is_gated)
    }

    /// What keeps the runs from 0 in one sentence each, what most of them share first.
    pub fn reasons(&self) -> Vec<String> {
        match &self.reference {
            Reference::Fault { reason } if self.causes.is_empty() => vec![reason.clone()],
            _ => self.causes.iter().map(|cause| cause.sentence(self.totals.runs)).collect(),
        }
    }

    /// The run of an entry of the ranking.
    pub fn run_of(&self, ranked: &Ranked) -> &ComparedRun {
        &self.runs[ranked.index]
    }
}

fn judge_group(members: &Members, all: &[ComparedRun], config: &Config) -> Group {
    let runs: Vec<&ComparedRun> = members.indices.iter().map(|&index| &all[index]).collect();
    let points: Vec<LoadPoint> = runs.iter().map(|run| run.load_point.clone()).collect();
    let axis = judge::load_axis(&points);
    let numbers: Vec<RunNumbers> = runs.iter().map(|run| run.numbers.clone()).collect();
    Group {
        name: members.name.clone(),
        runs: runs.iter().map(|run| run.run_id.clone()).collect(),
        best: Best::of(&runs),
        degradation: degradation::degrade(&runs, axis, &config.scalability),
        scalability: judge::judge_scalability(&points, config),
        across_runs: judge::relate_runs(&numbers, config),
        opportunities: opportunities::find(&runs, axis, config),
        notes: grouping::notes(&runs, axis),
    }
}

fn exit_of(runs: &[ComparedRun], quarantined: &[Failure], reference: &Reference) -> ExitOfAll {
    let findings = runs.iter().map(|run| (run.run_id.as_str(), run.findings.clone()));
    let mut exit = ExitOfAll::of_findings(findings, quarantined);
    if let Reference::Fault { reason } = reference {
        // It counts also where there is no run that could say it.
        exit.add_fault(reason);
    }
    exit
}

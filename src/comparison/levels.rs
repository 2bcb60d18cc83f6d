//! What changed at each level of load, and what changed at all of them alike.

use super::{ComparedRun, Comparison, Outcome, RunRegression};
use crate::judge::{ChangeWord, MetricChange};

/// Runs that were compared with the same runs of the baseline: one level of load.
#[derive(Debug, Clone)]
pub struct LevelOfLoad<'a> {
    /// "25 users, scenario steady".
    pub name: &'a str,
    pub baseline_runs: &'a [String],
    pub judgements: Vec<Judgement<'a>>,
}

/// A run, or repeats that were judged as one.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    pub runs: Vec<&'a str>,
    pub outcome: &'a Outcome,
    /// The first of the runs.
    pub run: &'a ComparedRun,
}

/// A metric that changed the same way at every level: most likely of one cause.
#[derive(Debug, Clone)]
pub struct ChangeEverywhere<'a> {
    pub levels: usize,
    /// From the least to the largest change.
    pub least: &'a MetricChange,
    pub most: &'a MetricChange,
}

impl Comparison {
    /// The levels of load at which runs were compared, smallest first.
    pub fn levels(&self) -> Vec<LevelOfLoad<'_>> {
        let mut levels: Vec<LevelOfLoad<'_>> = Vec::new();
        for run in &self.runs {
            let Some(regression) = run.regression.value() else { continue };
            let Some(outcome) = regression.outcome.value() else { continue };
            let together = regression.judged_together.iter().map(String::as_str);
            let runs = if regression.judged_together.is_empty() {
                vec![run.run_id.as_str()]
            } else {
                together.collect()
            };
            let judgement = Judgement { runs, outcome, run };
            let (name, baseline_runs) = (regression.group.as_str(), regression.baseline_runs.as_slice());
            match levels.iter_mut().find(|level| (level.name, level.baseline_runs) == (name, baseline_runs)) {
                None => levels.push(LevelOfLoad { name, baseline_runs, judgements: vec![judgement] }),
                Some(level) if level.holds(run) => {}
                Some(level) => level.judgements.push(judgement),
            }
        }
        levels.sort_by(|a, b| a.load().total_cmp(&b.load()));
        levels
    }
}

impl Judgement<'_> {
    /// What the baseline has and this run has not, by component.
    pub fn vanished(&self) -> Vec<String> {
        self.run.regression.value().map(RunRegression::vanished).unwrap_or_default()
    }

    /// How much its verdict asks to be seen.
    pub fn gravity(&self) -> impl Ord + use<> {
        (self.run.exit_code, self.outcome.changes.iter().filter_map(|change| change.severity).max())
    }
}

impl LevelOfLoad<'_> {
    fn holds(&self, run: &ComparedRun) -> bool {
        self.judgements.iter().any(|judgement| judgement.runs.contains(&run.run_id.as_str()))
    }

    fn load(&self) -> f64 {
        let run = self.judgements[0].run;
        run.target_rate_per_s
            .or_else(|| run.users.value().map(|&users| f64::from(users)))
            .unwrap_or(f64::INFINITY)
    }
}

/// What regressed, or improved, in every run of every level: of each component the gravest metric, those of the requests, which
/// follow from the others, last. Of one level there is none.
pub fn everywhere<'a>(levels: &[LevelOfLoad<'a>]) -> Vec<ChangeEverywhere<'a>> {
    let outcomes: Vec<&'a Outcome> =
        levels.iter().flat_map(|level| level.judgements.iter().map(|judgement| judgement.outcome)).collect();
    let Some((first, others)) = outcomes.split_first().filter(|_| levels.len() > 1) else {
        return Vec::new();
    };
    let mut found: Vec<ChangeEverywhere<'a>> = Vec::new();
    for change in first.changes.iter().filter(|change| is_told(change)) {
        let others: Option<Vec<&'a MetricChange>> = others.iter().map(|other| same(other, change)).collect();
        let Some(others) = others else { continue };
        let all = || others.iter().copied().chain([change]);
        let size = |change: &&MetricChange| change.change.number().unwrap_or_default();
        let least = all().min_by(|a, b| size(a).total_cmp(&size(b)));
        let most = all().max_by(|a, b| size(a).total_cmp(&size(b)));
        let (Some(least), Some(most)) = (least, most) else { continue };
        let here = ChangeEverywhere { levels: levels.len(), least, most };
        match found.iter_mut().find(|known| known.least.component == change.component) {
            Some(known) if here.gravity() > known.gravity() => *known = here,
            Some(_) => {}
            None => found.push(here),
        }
    }
    found.sort_by_key(|change| change.least.component == "request");
    found
}

fn is_told(change: &MetricChange) -> bool {
    matches!(change.word.value(), Some(ChangeWord::Regressed | ChangeWord::Improved))
}

/// The same metric with the same word.
fn same<'a>(outcome: &'a Outcome, wanted: &MetricChange) -> Option<&'a MetricChange> {
    let is_same = |change: &&MetricChange| {
        (&change.component, &change.metric, &change.word) == (&wanted.component, &wanted.metric, &wanted.word)
    };
    outcome.changes.iter().find(is_same)
}

impl ChangeEverywhere<'_> {
    /// The gravest level decides; of one gravity the metrics of the gate.
    fn gravity(&self) -> impl Ord + use<> {
        (self.least.severity.max(self.most.severity), self.least.gate)
    }
}

#[cfg(test)]
mod tests;

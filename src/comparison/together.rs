//! Runs of one comparison that say more together: repeats of a level are judged as one against the baseline, and of several
//! days the last ones besides.

use super::grouping::{self, GroupKey};
use super::{ComparedRun, RunRegression};
use crate::analysis::Against;
use crate::baseline::{Baseline, RunRecord};
use crate::config::{Config, RegressionSettings};
use crate::exit_code::ExitCode;
use crate::judge::{self, ChangeWord, CheckKind, ComparisonOptions, Gate, GateCheck};

/// Judges repeats as one, and the runs of the last days as one, and shows the verdict with each of them. `earlier` are runs of
/// nights before, whose files may be gone: the history has them.
pub fn judge_together(
    runs: &mut [ComparedRun],
    group_by: &GroupKey,
    against: &Against,
    earlier: &[&RunRecord],
    config: &Config,
) {
    let Against::Baseline { baseline, options } = against else { return };
    let judge = Judge { baseline, options, settings: &config.regression };
    for indices in judge.alike(runs, group_by) {
        let days = by_day(runs, &indices);
        let repeats: Vec<Vec<usize>> = days.iter().flat_map(|day| by_build(runs, day)).collect();
        repeats.iter().for_each(|repeats| judge.as_one(runs, repeats));
        for (number, day) in days.iter().enumerate() {
            let first = (number + 1).saturating_sub(judge.settings.days_together);
            let mine = days[first..=number].concat();
            let missing = judge.settings.days_together.saturating_sub(number + 1);
            let before = judge.nights_before(runs, mine[0], earlier, missing);
            if number > 0 || !before.is_empty() {
                judge.with_days_before(runs, &mine, &before, day);
            }
        }
    }
}

struct Judge<'a> {
    baseline: &'a Baseline,
    options: &'a ComparisonOptions,
    settings: &'a RegressionSettings,
}

impl Judge<'_> {
    /// Runs of the same conditions that are compared with the same runs.
    fn alike(&self, runs: &[ComparedRun], group_by: &GroupKey) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        for members in grouping::group(runs, group_by) {
            let mut of_group: Vec<Vec<usize>> = Vec::new();
            let is_compared = |index: &usize| {
                let own = runs[*index].regression.value();
                runs[*index].record.is_some() && own.is_some_and(RunRegression::is_compared)
            };
            for index in members.indices.into_iter().filter(is_compared) {
                let same = |others: &&mut Vec<usize>| self.are_alike(&runs[others[0]], &runs[index]);
                match of_group.iter_mut().find(same) {
                    Some(others) => others.push(index),
                    None => of_group.push(vec![index]),
                }
            }
            found.extend(of_group);
        }
        found
    }

    fn are_alike(&self, a: &ComparedRun, b: &ComparedRun) -> bool {
        let (Some(one), Some(other)) = (&a.record, &b.record) else { return false };
        let baseline = |run: &ComparedRun| run.regression.value().map(|own| own.baseline_runs.clone());
        let conditions = judge::compare_conditions(&one.conditions, &[other], &[], self.settings);
        baseline(a) == baseline(b) && conditions.comparable
    }

    /// The comparison of several runs as one; `None` where they differ from one another as repeats do not: something came
    /// over some of them, and no mean says anything of the others.
    fn compare(
        &self,
        runs: &[ComparedRun],
        indices: &[usize],
        earlier: &[&RunRecord],
    ) -> Option<RunRegression> {
        let mine = indices.iter().filter_map(|&index| runs[index].record.as_ref());
        let records: Vec<&RunRecord> = mine.chain(earlier.iter().copied()).collect();
        let (first, others) = records.split_first().filter(|(_, others)| !others.is_empty())?;
        let found = judge::compare_together(first, others, self.baseline, self.options, self.settings);
        (!found.is_mixed).then(|| RunRegression::of(&found))
    }

    /// The runs of the last so many days before that of the run `index`, under its conditions; none where there are fewer days:
    /// then one odd night would weigh too much. What the baseline holds is its measure, not a night.
    fn nights_before<'b>(
        &self,
        runs: &[ComparedRun],
        index: usize,
        earlier: &[&'b RunRecord],
        days: usize,
    ) -> Vec<&'b RunRecord> {
        let Some(record) = runs[index].record.as_ref() else { return Vec::new() };
        let Some(today) = record.day() else { return Vec::new() };
        let holds = |run: &RunRecord| self.baseline.runs.iter().any(|known| known.run_id == run.run_id);
        let is_here = |run: &RunRecord| runs.iter().any(|known| known.run_id == run.run_id);
        let is_alike = |run: &&'b RunRecord| {
            run.day().is_some_and(|day| day < today)
                && !holds(run)
                && !is_here(run)
                && judge::compare_conditions(&record.conditions, &[run], &[], self.settings).comparable
        };
        let mut before: Vec<&RunRecord> = earlier.iter().copied().filter(is_alike).collect();
        before.sort_by_key(|run| (run.day(), &run.run_id));
        let nights: Vec<&[&RunRecord]> = before.chunk_by(|a, b| a.day() == b.day()).collect();
        nights.len().checked_sub(days).map(|first| nights[first..].concat()).unwrap_or_default()
    }

    /// Repeats: one verdict in the place of that of each.
    fn as_one(&self, runs: &mut [ComparedRun], repeats: &[usize]) {
        let Some(together) = self.compare(runs, repeats, &[]) else { return };
        let alpha = self.settings.alpha / repeats.len() as f64;
        for &index in repeats {
            let run = &mut runs[index];
            let alone = run.regression.value().map(|own| failed_alone(own, alpha)).unwrap_or_default();
            run.compared_anew(RunRegression { gate: graver(&together.gate, &alone), ..together.clone() });
        }
    }

    /// Several days: the runs of the last one keep their verdict, and what they prove together with those of the days before
    /// counts besides. What was open then is no matter of today.
    fn with_days_before(
        &self,
        runs: &mut [ComparedRun],
        indices: &[usize],
        earlier: &[&RunRecord],
        last_day: &[usize],
    ) {
        let Some(together) = self.compare(runs, indices, earlier) else { return };
        let checks = together.gate.checks.into_iter();
        let proven: Vec<GateCheck> = checks.filter(|check| check.kind == CheckKind::Regressed).collect();
        for &index in last_day {
            let Some(own) = runs[index].regression.value().cloned() else { continue };
            let gate = graver(&own.gate, &proven);
            runs[index].compared_anew(RunRegression { gate, ..own });
        }
    }
}

/// The runs by the day on which they were recorded, in its order; all as of one day where one does not say.
fn by_day(runs: &[ComparedRun], indices: &[usize]) -> Vec<Vec<usize>> {
    let day = |index: &usize| runs[*index].record.as_ref().and_then(RunRecord::day);
    if indices.iter().any(|index| day(index).is_none()) {
        return vec![indices.to_vec()];
    }
    let mut sorted = indices.to_vec();
    sorted.sort_by_key(day);
    sorted.chunk_by(|a, b| day(a) == day(b)).map(<[usize]>::to_vec).collect()
}

/// Runs that are not known to be of different builds.
fn by_build(runs: &[ComparedRun], indices: &[usize]) -> Vec<Vec<usize>> {
    let mut builds: Vec<Vec<usize>> = Vec::new();
    for &index in indices {
        let commit = &runs[index].git_commit;
        match builds.iter_mut().find(|others| runs[others[0]].git_commit == *commit) {
            Some(others) => others.push(index),
            None => builds.push(vec![index]),
        }
    }
    builds
}

/// What failed a run alone: healthy repeats must not hide it. Beyond the chance that each of several is given it fails; else it is
/// open whether the run or chance is odd, and nothing passes.
fn failed_alone(own: &RunRegression, alpha: f64) -> Vec<GateCheck> {
    let is_proven = |check: &GateCheck| {
        own.with_word(ChangeWord::Regressed)
            .any(|change| change.key() == check.metric && change.p.number().is_some_and(|p| p <= alpha))
    };
    let alone = |check: &GateCheck| {
        let because = format!("{}, this run alone", check.because);
        if is_proven(check) {
            return GateCheck { because, ..check.clone() };
        }
        let because = format!("{because}: its repeats did not");
        let remedy = Some("repeat the run".to_owned());
        GateCheck {
            code: ExitCode::CouldNotJudge,
            kind: CheckKind::Suspected,
            because,
            remedy,
            ..check.clone()
        }
    };
    own.gate.checks.iter().filter(|check| check.kind == CheckKind::Regressed).map(alone).collect()
}

/// The gate with each of its checks replaced by that of `others` where it asks for a graver code.
fn graver(gate: &Gate, others: &[GateCheck]) -> Gate {
    let graver = |check: &GateCheck| {
        let other = others.iter().find(|other| other.metric == check.metric && other.code > check.code);
        other.unwrap_or(check).clone()
    };
    let mut checks: Vec<GateCheck> = gate.checks.iter().map(graver).collect();
    if checks == gate.checks {
        return gate.clone();
    }
    checks.sort_by_key(|check| (std::cmp::Reverse(check.code), check.kind));
    Gate::of(checks, gate.fail_on, gate.must_exclude)
}

#[cfg(test)]
mod tests;

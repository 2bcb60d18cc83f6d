//! Which run is better: the seed's score first, then the faster, then the more successful one.

use std::cmp::Ordering;

use serde::Serialize;

use super::ComparedRun;
use crate::judge::Grade;

/// The rank of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// Within its group, from 1 on.
    pub rank: u64,
    /// Among all runs, whatever their group.
    pub overall_rank: u64,
    /// Name of its group.
    pub group: String,
    /// Index of the run among [`super::Comparison::runs`].
    #[serde(skip)]
    pub index: usize,
}

/// Better first: the higher score of the grade; of one score the smaller P95; of one P95 the higher success; of one
/// success the smaller id. Runs without a grade come last, by id.
pub fn compare(a: &ComparedRun, b: &ComparedRun) -> Ordering {
    let ids = || a.run_id.cmp(&b.run_id);
    match (a.grade.value(), b.grade.value()) {
        (Some(this), Some(other)) => other
            .score
            .cmp(&this.score)
            .then_with(|| known_ms(this).total_cmp(&known_ms(other)))
            .then_with(|| other.success_rate.total_cmp(&this.success_rate))
            .then_with(ids),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => ids(),
    }
}

/// Where nothing succeeded there is no P95: it comes last of its score.
fn known_ms(grade: &Grade) -> f64 {
    grade.p95_ms.number().unwrap_or(f64::INFINITY)
}

/// One entry a run, best of all first. `groups` holds each index once.
pub fn rank(runs: &[ComparedRun], groups: &[super::Members]) -> Vec<Ranked> {
    let in_order = |indices: &mut Vec<usize>| indices.sort_by(|&a, &b| compare(&runs[a], &runs[b]));
    let mut rank_in_group = vec![(0, 0); runs.len()];
    for (group, members) in groups.iter().enumerate() {
        let mut indices = members.indices.clone();
        in_order(&mut indices);
        indices.iter().zip(1..).for_each(|(&index, rank)| rank_in_group[index] = (group, rank));
    }
    let mut all: Vec<usize> = (0..runs.len()).collect();
    in_order(&mut all);
    let ranked = |(index, overall_rank): (usize, u64)| {
        let (group, rank) = rank_in_group[index];
        Ranked { rank, overall_rank, group: groups[group].name.clone(), index }
    };
    all.into_iter().zip(1..).map(ranked).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{graded, run};
    use super::super::grouping::{GroupKey, group};
    use super::*;
    use crate::summary::Measured;

    fn order(runs: &[ComparedRun]) -> Vec<String> {
        let groups = group(runs, &GroupKey::Scenario);
        rank(runs, &groups).iter().map(|ranked| runs[ranked.index].run_id.clone()).collect()
    }

    #[test]
    fn ties_of_a_grade_go_to_p95_then_success_then_the_id() {
        let mut none = run("0_none", 10);
        none.grade = Measured::undefined("no requests");
        let runs = [
            none,
            graded("slow", 90, 900.0, 0.99),
            graded("b_same", 90, 700.0, 0.98),
            graded("a_same", 90, 700.0, 0.98),
            graded("better", 90, 700.0, 0.985),
            graded("best", 100, 450.0, 0.991),
            graded("worst", 0, 100.0, 0.2),
        ];
        assert_eq!(order(&runs), ["best", "better", "a_same", "b_same", "slow", "worst", "0_none"]);
    }

    #[test]
    fn a_run_has_a_place_in_its_group_and_among_all() {
        let mut runs = vec![graded("a", 90, 1.0, 0.9), graded("b", 100, 1.0, 0.9), graded("c", 80, 1.0, 0.9)];
        runs[1].scenario = Some("other".into());
        let groups = group(&runs, &GroupKey::Scenario);
        let found: Vec<(u64, u64, &str)> = rank(&runs, &groups)
            .iter()
            .map(|ranked| (ranked.overall_rank, ranked.rank, runs[ranked.index].run_id.as_str()))
            .collect();
        assert_eq!(found, [(1, 1, "b"), (2, 1, "a"), (3, 2, "c")]);
    }

    proptest! {
        #[test]
        fn the_order_of_the_runs_does_not_matter(
            scores in prop::collection::vec((0u32..3, 0u32..3, 0u32..3), 1..12), turn in 0usize..12
        ) {
            let runs: Vec<ComparedRun> = scores
                .iter()
                .enumerate()
                .map(|(index, &(score, p95, success))| {
                    graded(&format!("run_{index:02}"), score, f64::from(p95), f64::from(success))
                })
                .collect();
            let mut turned = runs.clone();
            turned.rotate_left(turn % runs.len());
            turned.reverse();
            prop_assert_eq!(order(&runs), order(&turned));
        }
    }
}

//! Which runs of a baseline a run is compared with: those of its own group, else those of the nearest one.

use std::cmp::Ordering;

use super::sides::Pair;
use super::{Field, compare_conditions};
use crate::baseline::{Baseline, Conditions, Group, RunRecord};
use crate::config::RegressionSettings;
use crate::judge::verdicts::{BaselineGroup, Comparability, FieldWord};

/// The runs to compare with, and whether that may be done.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupChoice<'a> {
    pub runs: Vec<&'a RunRecord>,
    pub group: BaselineGroup,
    pub comparability: Comparability,
}

/// Chooses the group of `baseline` that `current` belongs to. Where there is none, the one that differs least, so that
/// the list of what differs is useful: in the fewest fields that are not allowed to differ, then in the fewest at all,
/// then in the number of users, then in the rate, then the first.
pub fn select_group<'a>(
    current: &Conditions,
    baseline: &'a Baseline,
    allowed: &[Field],
    settings: &RegressionSettings,
) -> GroupChoice<'a> {
    let mut ranked: Vec<(Distance, Group<'a>)> = baseline
        .groups()
        .into_iter()
        .map(|group| (Distance::of(group.conditions, current, allowed, settings), group))
        .collect();
    // Stable: the first of equals stays the first.
    ranked.sort_by(|(a, _), (b, _)| a.compare(b));
    let equals = ranked.iter().filter(|(distance, _)| distance.has_same_fields_as(&ranked[0].0)).count();
    let (text, runs) = match ranked.first() {
        None => ("no runs".to_owned(), Vec::new()),
        Some((distance, group)) => {
            let text = format!("{}{}", group.text(), why(distance, equals, ranked.len()));
            (text, group.runs.clone())
        }
    };
    let group = BaselineGroup {
        name: baseline.name.clone(),
        saved_at: baseline.saved_at.clone(),
        age_days: None,
        runs: runs.iter().map(|run| run.run_id.clone()).collect(),
        group: text,
    };
    let comparability = compare_conditions(current, &runs, allowed, settings);
    GroupChoice { runs, group, comparability }
}

/// Why it is this group, where that is not plain.
fn why(distance: &Distance, equals: usize, groups: usize) -> String {
    let of = if groups == 1 { "the only group" } else { "the nearest" };
    match distance {
        Distance { blocked: 0, allowed: 0, .. } => String::new(),
        Distance { blocked: 0, .. } if equals > 1 => {
            format!(" (not the run's own group: the nearest of {equals} that differ only in what may differ)")
        }
        Distance { blocked: 0, .. } => {
            " (not the run's own group: differs only in what may differ)".to_owned()
        }
        _ => format!(" (not the run's own group: {of} of {groups} in the baseline)"),
    }
}

/// How far a group is from a run.
#[derive(Debug, Clone, PartialEq)]
struct Distance {
    /// Fields that differ and may not.
    blocked: usize,
    /// Fields that differ and may.
    allowed: usize,
    /// Infinite where one side does not say.
    users: f64,
    rate_per_s: f64,
}

impl Distance {
    fn of(
        group: &Conditions,
        current: &Conditions,
        allowed: &[Field],
        settings: &RegressionSettings,
    ) -> Self {
        let differing: Vec<Field> = Field::OF_GROUPS
            .into_iter()
            .filter(|&field| {
                let word = Pair::of(field, group, current, settings).word;
                !matches!(word, FieldWord::Same | FieldWord::UnknownInBoth)
            })
            .collect();
        let allowed = differing.iter().filter(|field| allowed.contains(field)).count();
        Self {
            blocked: differing.len() - allowed,
            allowed,
            users: apart(group.users.map(f64::from), current.users.map(f64::from)),
            rate_per_s: apart(group.target_rate_per_s, current.target_rate_per_s),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.blocked, self.allowed)
            .cmp(&(other.blocked, other.allowed))
            .then(self.users.total_cmp(&other.users))
            .then(self.rate_per_s.total_cmp(&other.rate_per_s))
    }

    fn has_same_fields_as(&self, other: &Self) -> bool {
        (self.blocked, self.allowed) == (other.blocked, other.allowed)
    }
}

fn apart(a: Option<f64>, b: Option<f64>) -> f64 {
    a.zip(b).map_or(f64::INFINITY, |(a, b)| (a - b).abs())
}

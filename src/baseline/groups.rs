//! The runs of a baseline by what was run: one baseline serves a whole ladder of load levels.

use super::{Baseline, Conditions, RunRecord};

/// Runs that share scenario, users, load model and rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    /// Of its first run: the others share what makes the group, but may differ in environment and settings.
    pub conditions: &'a Conditions,
    /// By id; never empty.
    pub runs: Vec<&'a RunRecord>,
}

impl Baseline {
    /// In the order of their conditions.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut runs: Vec<&RunRecord> = self.runs.iter().collect();
        runs.sort_by(|a, b| order(a, b));
        let groups = runs.chunk_by(|a, b| a.conditions.is_same_group(&b.conditions));
        groups.map(|runs| Group { conditions: &runs[0].conditions, runs: runs.to_vec() }).collect()
    }
}

/// The order of runs in a baseline: by group, then by id.
pub fn order(a: &RunRecord, b: &RunRecord) -> std::cmp::Ordering {
    a.conditions.compare_groups(&b.conditions).then_with(|| a.run_id.cmp(&b.run_id))
}

impl Group<'_> {
    /// `50 users, closed, scenario steady`.
    pub fn text(&self) -> String {
        self.conditions.group_text()
    }
}

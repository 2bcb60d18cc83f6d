//! Copies of one run under other ids: they are that run, and no repeats of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ComparedRun;

/// A run that was left out, since another one holds the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedRun {
    pub run_id: String,
    /// The run that is judged for both.
    pub of: String,
}

impl CopiedRun {
    /// `b is a copy of a and counts as one run with it`.
    pub fn sentence(&self) -> String {
        format!("{} is a copy of {} and counts as one run with it", self.run_id, self.of)
    }
}

/// Takes out of `all` what belongs to a run that holds the same as one with a smaller id; these runs, by id.
pub fn take_copies<T>(all: &mut Vec<T>, run_of: impl Fn(&T) -> &ComparedRun) -> Vec<CopiedRun> {
    let copies = copies_among(all.iter().map(&run_of));
    all.retain(|one| copies.iter().all(|copy| copy.run_id != run_of(one).run_id));
    copies
}

fn copies_among<'a>(runs: impl Iterator<Item = &'a ComparedRun>) -> Vec<CopiedRun> {
    let mut by_id: Vec<&ComparedRun> = runs.collect();
    by_id.sort_by_key(|run| &run.run_id);
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let copy = |run: &ComparedRun, of: &str| CopiedRun { run_id: run.run_id.clone(), of: of.to_owned() };
    let mut copies = Vec::new();
    for run in by_id {
        let Some(fingerprint) = &run.fingerprint else { continue };
        match first.get(fingerprint.as_str()) {
            Some(of) => copies.push(copy(run, of)),
            None => _ = first.insert(fingerprint, &run.run_id),
        }
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::fixture;

    #[test]
    fn a_run_under_another_id_is_a_copy_and_one_without_numbers_is_none() {
        let run = |run_id: &str, fingerprint: Option<&str>| {
            let fingerprint = fingerprint.map(str::to_owned);
            ComparedRun { fingerprint, ..fixture::measured(run_id, 10, 200.0, 1.0) }
        };
        let mut runs = vec![
            run("c", Some("1")),
            run("a", Some("1")),
            run("b", Some("2")),
            run("d", None),
            run("e", None),
        ];
        let found = take_copies(&mut runs, |run| run);
        assert_eq!(runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["a", "b", "d", "e"]);
        assert_eq!(found, [CopiedRun { run_id: "c".into(), of: "a".into() }]);
        assert_eq!(found[0].sentence(), "c is a copy of a and counts as one run with it");
    }
}

//! Like with like: which runs are compared with one another.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::ComparedRun;
use crate::judge::LoadAxis;

/// What runs of one group share, beside the load model: an open and a closed loop measure different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKey {
    Scenario,
    /// The configured number of users.
    Users,
    /// A tag of the metadata, by its key.
    Tag(String),
}

impl FromStr for GroupKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("tag", key)) if !key.trim().is_empty() => Ok(GroupKey::Tag(key.to_owned())),
            None if text == "scenario" => Ok(GroupKey::Scenario),
            None if text == "users" => Ok(GroupKey::Users),
            _ => Err("write scenario, users or tag:KEY with the key of a tag".to_owned()),
        }
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupKey::Scenario => f.write_str("scenario"),
            GroupKey::Users => f.write_str("users"),
            GroupKey::Tag(key) => write!(f, "tag:{key}"),
        }
    }
}

impl Serialize for GroupKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the runs of a group have in common; what is not known stands first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Unknown,
    Users(u32),
    Text(String),
}

impl GroupKey {
    fn shared(&self, run: &ComparedRun) -> Shared {
        let text = |text: Option<&String>| text.map_or(Shared::Unknown, |text| Shared::Text(text.clone()));
        match self {
            GroupKey::Scenario => text(run.scenario.as_ref()),
            GroupKey::Users => run.users.value().map_or(Shared::Unknown, |users| Shared::Users(*users)),
            GroupKey::Tag(key) => text(run.tags.get(key)),
        }
    }

    fn name(&self, shared: &Shared) -> String {
        match (self, shared) {
            (_, Shared::Users(1)) => "1 user".to_owned(),
            (_, Shared::Users(users)) => format!("{users} users"),
            (GroupKey::Tag(key), Shared::Text(value)) => format!("{key} {value}"),
            (GroupKey::Tag(key), Shared::Unknown) => format!("no tag {key}"),
            (_, Shared::Text(value)) => format!("{self} {value}"),
            (_, Shared::Unknown) => format!("{self} unknown"),
        }
    }
}

/// Runs that are compared with one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// `scenario healthy, closed`: what they share.
    pub name: String,
    /// Indices among all runs, ascending.
    pub indices: Vec<usize>,
}

/// The groups of `runs` by `key`, in the order of what they share; what is not known comes first.
pub fn group(runs: &[ComparedRun], key: &GroupKey) -> Vec<Members> {
    let mut groups: BTreeMap<(Shared, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        groups.entry((key.shared(run), run.load_model.as_deref())).or_default().push(index);
    }
    let members = |((shared, load_model), indices): ((Shared, Option<&str>), Vec<usize>)| Members {
        name: format!("{}, {}", key.name(&shared), load_model.unwrap_or("load model unknown")),
        indices,
    };
    groups.into_iter().map(members).collect()
}

/// What keeps runs of one group from being quite alike. Rates that are the levels of load differ as they should.
pub fn notes(runs: &[&ComparedRun], axis: LoadAxis) -> Vec<String> {
    let mut machines: BTreeMap<String, u64> = BTreeMap::new();
    let mut rates: Vec<f64> = Vec::new();
    for run in runs {
        let parts: Vec<String> =
            run.environment.iter().map(|(part, value)| format!("{part} {value}")).collect();
        *machines.entry(parts.join(", ")).or_default() += 1;
        rates.extend(run.target_rate_per_s);
    }
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    let mut notes = Vec::new();
    if machines.len() > 1 {
        let kinds: Vec<String> = machines
            .iter()
            .map(|(machine, runs)| {
                let machine = if machine.is_empty() { "not named" } else { machine };
                format!("{machine} ({runs})")
            })
            .collect();
        notes.push(format!("the runs come from machines of different kinds: {}", kinds.join("; ")));
    }
    if let ([slowest, .., fastest], LoadAxis::Users) = (rates.as_slice(), axis) {
        notes.push(format!("the runs have different target rates, {slowest} to {fastest} /s"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::super::fixture::run;
    use super::*;

    fn names(key: &str, runs: &[ComparedRun]) -> Vec<(String, Vec<usize>)> {
        let groups = group(runs, &key.parse().unwrap());
        groups.into_iter().map(|members| (members.name, members.indices)).collect()
    }

    #[test]
    fn runs_share_the_key_and_the_load_model() {
        let mut runs = vec![run("a", 9), run("b", 10), run("c", 100), run("d", 10)];
        runs[1].load_model = Some("open".into());
        runs[2].load_model = None;
        runs[3].tags.insert("build".into(), "7".into());
        let wanted = [
            ("scenario steady, load model unknown", vec![2]),
            ("scenario steady, closed", vec![0, 3]),
            ("scenario steady, open", vec![1]),
        ];
        assert_eq!(names("scenario", &runs), wanted.map(|(name, indices)| (name.to_owned(), indices)));
        let by_users: Vec<String> = names("users", &runs).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            by_users,
            ["9 users, closed", "10 users, closed", "10 users, open", "100 users, load model unknown"]
        );
        let by_tag: Vec<String> = names("tag:build", &runs[2..]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(by_tag, ["no tag build, load model unknown", "build 7, closed"]);
    }

    #[test]
    fn only_these_keys_can_be_meant() {
        for text in ["scenario", "users", "tag:build", "tag:a:b"] {
            assert_eq!(text.parse::<GroupKey>().unwrap().to_string(), text);
        }
        for text in ["", "tag", "tag:", "tag: ", "Scenario", "users:1"] {
            assert!(text.parse::<GroupKey>().is_err(), "{text}");
        }
    }
}

//! Under which conditions a run took place.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config_digest::ConfigDigest;
use super::environment::environment_class;
use crate::config::Config;
use crate::summary::RunSummary;

/// What two runs must share to be compared. `None`: not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    pub scenario: Option<String>,
    pub users: Option<u32>,
    pub load_model: Option<String>,
    pub target_rate_per_s: Option<f64>,
    /// Of the environment what makes its class (host class, CPUs, memory, operating system), as text; not the versions of the
    /// software, which are what a comparison may be about. Empty: not known.
    pub environment: BTreeMap<String, String>,
    /// Digest of the settings that change measured numbers. Empty: not known.
    pub config_digest: String,
    /// The same by section of the settings, so that a difference has a name.
    pub config_sections: BTreeMap<String, String>,
}

impl Conditions {
    pub fn of(summary: &RunSummary, config: &Config) -> Self {
        let metadata = &summary.identity.metadata;
        let known = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let settings = ConfigDigest::of(config);
        Self {
            scenario: known(&metadata.scenario),
            users: metadata.users,
            load_model: known(&metadata.load_model),
            target_rate_per_s: metadata.target_rate_per_s,
            environment: environment_class(&metadata.environment),
            config_digest: settings.whole,
            config_sections: settings.sections,
        }
    }

    /// Of the same group: same scenario, load model, users and rate.
    pub fn is_same_group(&self, other: &Self) -> bool {
        self.compare_groups(other).is_eq()
    }

    /// The order of groups: a ladder of load levels stays together and goes up.
    pub fn compare_groups(&self, other: &Self) -> Ordering {
        let words = |conditions: &Self| (conditions.scenario.clone(), conditions.load_model.clone());
        words(self).cmp(&words(other)).then(self.users.cmp(&other.users)).then_with(|| {
            match (self.target_rate_per_s, other.target_rate_per_s) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }
        })
    }

    /// `50 users`, `closed`, `scenario steady`: what makes the group, as far as it is known.
    pub fn group_parts(&self) -> Vec<String> {
        let users =
            self.users.map(|users| if users == 1 { "1 user".to_owned() } else { format!("{users} users") });
        let rate = self.target_rate_per_s.map(|rate| format!("{rate} /s"));
        let scenario = self.scenario.as_ref().map(|scenario| format!("scenario {scenario}"));
        [users, self.load_model.clone(), rate, scenario].into_iter().flatten().collect()
    }

    /// The same in one text.
    pub fn group_text(&self) -> String {
        let parts = self.group_parts();
        if parts.is_empty() { "conditions unknown".to_owned() } else { parts.join(", ") }
    }
}

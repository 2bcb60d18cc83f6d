//! Which settings change measured numbers: two runs measured with different ones cannot be compared.

use std::collections::BTreeMap;

use serde_json::json;

use super::digest::digest;
use crate::config::Config;

/// Digests of the settings that change measured numbers. Limits and targets are not among them: they judge numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigDigest {
    pub whole: String,
    pub sections: BTreeMap<String, String>,
}

impl ConfigDigest {
    pub fn of(config: &Config) -> Self {
        let batches = &config.regression;
        let sections = [
            ("measure", digest(&config.measure)),
            ("cache", digest(&config.cache)),
            ("window", digest(&config.window)),
            ("leak", digest(&json!({ "floor_window_s": config.leak.floor_window_s }))),
            (
                "regression",
                digest(&json!({
                    "batches": batches.batches,
                    "min_batches": batches.min_batches,
                    "min_beyond_per_batch": batches.min_beyond_per_batch,
                })),
            ),
        ];
        let sections: BTreeMap<String, String> =
            sections.into_iter().map(|(name, digest)| (name.to_owned(), digest)).collect();
        Self { whole: digest(&sections), sections }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut Config);

    #[test]
    fn settings_that_change_numbers_change_the_digest_and_the_name_of_their_section() {
        let defaults = ConfigDigest::of(&Config::defaults());
        assert_eq!(defaults, ConfigDigest::of(&Config::defaults()));
        let changes: [(&str, Change); 5] = [
            ("measure", |config| config.measure.min_samples_for_quantile += 1),
            ("cache", |config| config.cache.tier_weights[1] = 0.6),
            ("window", |config| config.window.min_seconds += 1),
            ("leak", |config| config.leak.floor_window_s += 1.0),
            ("regression", |config| config.regression.batches += 1),
        ];
        for (section, change) in changes {
            let mut config = Config::defaults();
            change(&mut config);
            let changed = ConfigDigest::of(&config);
            assert_ne!(changed.whole, defaults.whole, "{section}");
            let differing =
                changed.sections.iter().filter(|(name, digest)| defaults.sections[*name] != **digest);
            assert_eq!(differing.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [section]);
        }
    }

    #[test]
    fn limits_and_targets_do_not_change_the_digest() {
        let mut config = Config::defaults();
        config.grade.fail_score += 1;
        config.targets.clear();
        config.health.cache.healthy.hit_rate_at_least = 0.5;
        config.regression.confidence = 0.9;
        config.regression.metrics.clear();
        config.trend.alpha = 0.05;
        config.leak.horizon_min = 1.0;
        assert_eq!(ConfigDigest::of(&config), ConfigDigest::of(&Config::defaults()));
    }
}

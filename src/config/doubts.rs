//! What the settings may say and probably do not mean: names of components that look like misspellings.

use std::path::Path;

use super::{Config, NAMED_SERIES};
use crate::metrics::{MetricKey, misspelt};
use crate::nearest::respelling;

/// A sentence for each, that names the key.
pub fn find(config: &Config, path: &Path) -> Vec<String> {
    let across = config.across_runs.metrics.iter().map(|key| ("across_runs.metrics", key));
    let targets = config.custom_targets.keys().map(|key| ("custom_targets", key));
    let rules = config.regression.metrics.keys().map(|key| ("regression.metrics", key));
    let component = |key: &String| MetricKey::parse(key).ok().and_then(|key| misspelt(&key.component));
    let keys = across.chain(targets).chain(rules).filter_map(|(section, key)| {
        let meant = component(key)?;
        Some(format!("`{section}`: `{key}` names a component of its own: did you mean `{meant}`?"))
    });
    let directions = config.trend.good_direction.keys().filter_map(|name| {
        let series = respelling(name, NAMED_SERIES.map(|(name, _)| name));
        let of_component = || misspelt(name.split_once('.')?.0);
        let meant = series.or_else(of_component)?;
        Some(format!(
            "`trend.good_direction`: no sampled metric may be named `{name}`: did you mean `{meant}`?"
        ))
    });
    keys.chain(directions).map(|doubt| format!("{}: {doubt}", path.display())).collect()
}

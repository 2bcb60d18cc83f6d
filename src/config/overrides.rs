//! A run's own targets: what its metadata overrides, for that run only.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CUSTOM_TARGETS, Config, ConfigError, Target, sanity};
use crate::nearest::nearest;

impl Config {
    /// These settings with a run's own targets on top (`targets` of its metadata).
    ///
    /// A key is one of `[targets]` or the name of a custom target, with or without the section before it. A
    /// number keeps the direction of a known target; `{"below": 3000}` or `{"above": 0.9}` says it.
    ///
    /// # Errors
    /// When a key is not known, or a value is not a limit.
    pub fn with_run_overrides(&self, targets: &BTreeMap<String, Value>) -> Result<Config, ConfigError> {
        let mut config = self.clone();
        for (key, value) in targets {
            config
                .override_target(key, value)
                .map_err(|problem| ConfigError::RunOverride { key: key.clone(), problem })?;
        }
        Ok(config)
    }

    fn override_target(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let name = override_name(key);
        if let Some(known) = self.targets.get_mut(name) {
            *known = overridden(Some(known), value)?;
            return sanity::check_named(name, known);
        }
        if !name.contains(['/', '.']) {
            return Err(unknown_target(name, self.targets.keys()));
        }
        let target = overridden(self.custom_targets.get(name), value)?;
        sanity::check_custom(name, &target, self)?;
        self.custom_targets.insert(name.to_owned(), target);
        Ok(())
    }
}

/// The name of the target that an override's key means.
pub fn override_name(key: &str) -> &str {
    let sections = ["targets", CUSTOM_TARGETS];
    let without = |section: &str| key.strip_prefix(section).and_then(|rest| rest.strip_prefix('.'));
    sections.into_iter().find_map(without).unwrap_or(key)
}

fn overridden(known: Option<&Target>, value: &Value) -> Result<Target, String> {
    // Whether a target is part of the gate is not for the run to say.
    let gate = known.is_some_and(|target| target.gate);
    match value {
        Value::Number(number) => {
            let limit = number.as_f64().ok_or("is no number that fits")?;
            match known {
                Some(Target { above: Some(_), .. }) => Ok(Target { above: Some(limit), below: None, gate }),
                Some(_) => Ok(Target { above: None, below: Some(limit), gate }),
                None => Err("is new: say its direction, {\"below\": …} or {\"above\": …}".into()),
            }
        }
        Value::Object(limits) => {
            let mut target = Target { above: None, below: None, gate };
            for (word, limit) in limits {
                let side = match word.as_str() {
                    "above" => &mut target.above,
                    "below" => &mut target.below,
                    other => return Err(format!("has the key `{other}`: `above` and `below` are known")),
                };
                *side = Some(limit.as_f64().ok_or_else(|| format!("has a `{word}` that is no number"))?);
            }
            Ok(target)
        }
        _ => Err("must be a number, or {\"below\": …}, or {\"above\": …}".into()),
    }
}

fn unknown_target<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    match nearest(name, known) {
        Some(known) => format!("is unknown, did you mean `{known}`?"),
        None => "is unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(key: &str, value: Value) -> Result<Config, String> {
        let targets = BTreeMap::from([(key.to_owned(), value)]);
        Config::defaults().with_run_overrides(&targets).map_err(|error| error.to_string())
    }

    #[test]
    fn a_bare_number_keeps_the_direction_and_an_object_says_it() {
        let config = with("p95_response_time_ms", json!(3000)).unwrap();
        assert_eq!(config.targets["p95_response_time_ms"].below, Some(3000.0));
        let config = with("targets.success_rate", json!({"above": 0.5})).unwrap();
        assert_eq!(config.targets["success_rate"].above, Some(0.5));
        assert_eq!(config.targets["l1_hit_rate"], Config::defaults().targets["l1_hit_rate"]);
    }

    #[test]
    fn a_run_may_bring_targets_for_its_own_components() {
        let config = with("vector_db/p95_ms", json!({"below": 20})).unwrap();
        assert_eq!(config.custom_targets["vector_db/p95_ms"].below, Some(20.0));
        assert!(with("vector_db/p95_ms", json!(20)).unwrap_err().contains("say its direction"));
    }

    #[test]
    fn a_bad_override_names_the_key_and_what_is_wrong() {
        for (key, value, wanted) in [
            ("p95_response_time", json!(1), "did you mean `p95_response_time_ms`?"),
            ("success_rate", json!("high"), "must be a number"),
            ("success_rate", json!(95), "a share lies within 0..1"),
            ("success_rate", json!({}), "neither `above` nor `below`"),
            ("success_rate", json!({"above": 0.9, "below": 0.95}), "both `above` and `below`"),
            ("success_rate", json!({"above": 0.9, "gate": false}), "the key `gate`"),
            ("vector_db/p96_ms", json!({"below": 1}), "`measure.quantiles`"),
            ("vector_db.p95_ms", json!({"below": 1}), "is written `vector_db/p95_ms`"),
            ("grade.fail_score", json!({"below": 1}), "<component>"),
        ] {
            let message = with(key, value).unwrap_err();
            assert!(message.contains(wanted) && message.contains(key), "{key}: {message}");
        }
    }
}

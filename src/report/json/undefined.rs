//! Undefined numbers in a report: `null` in their place, the reason in one map under their JSON pointer.

use serde_json::{Map, Value};

/// The one key of an undefined `Measured`.
const UNDEFINED: &str = "undefined";

/// Why a value that need not be there is not, by its key.
const ABSENT: [(&str, &str); 11] = [
    ("start", "outside of years -9999 to 9999"),
    ("end", "outside of years -9999 to 9999"),
    ("next_better", "this is the best grade"),
    ("success_above", "this condition already holds"),
    ("p95_below_ms", "this condition already holds"),
    ("example", "none of these calls has a detail"),
    ("detail", "these calls said nothing"),
    ("instance", "the rows name no instance"),
    ("role", "the metadata name no role of this instance"),
    ("reported_failure_rate", "the breaker did not say"),
    ("target", "no target belongs to this finding"),
];

/// … and of all other keys: what a run may record and this one did not.
const NOT_RECORDED: &str = "not recorded";

/// Replaces each undefined value in `tree` by null and puts its reason into `reasons` under its JSON pointer
/// (RFC 6901), also that of a plain null, for which `absent` knows the reason. `pointer` is where `tree` stands.
pub fn collect_undefined(
    tree: &mut Value,
    pointer: &mut String,
    absent: &dyn Fn(&str) -> &'static str,
    reasons: &mut Map<String, Value>,
) {
    if let Some(reason) = reason_of(tree, pointer, absent) {
        reasons.insert(pointer.clone(), reason);
        *tree = Value::Null;
        return;
    }
    let length = pointer.len();
    match tree {
        Value::Object(entries) => {
            for (key, value) in entries {
                push_key(pointer, key);
                collect_undefined(value, pointer, absent, reasons);
                pointer.truncate(length);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                pointer.push_str(&format!("/{index}"));
                collect_undefined(value, pointer, absent, reasons);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Puts `reason` into `reasons` for each null in `tree`, which stands at `pointer`.
pub fn note_nulls(tree: &Value, pointer: &str, reason: &str, reasons: &mut Map<String, Value>) {
    match tree {
        Value::Null => {
            reasons.insert(pointer.to_owned(), Value::from(reason));
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let mut place = pointer.to_owned();
                push_key(&mut place, key);
                note_nulls(value, &place, reason, reasons);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                note_nulls(value, &format!("{pointer}/{index}"), reason, reasons);
            }
        }
        _ => {}
    }
}

pub fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// Why the value at `pointer` of a run's report is a plain null.
pub fn absent(pointer: &str) -> &'static str {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let known = ABSENT.iter().find(|(name, _)| *name == key);
    known.map_or(NOT_RECORDED, |(_, reason)| *reason)
}

fn reason_of(value: &Value, pointer: &str, absent: &dyn Fn(&str) -> &'static str) -> Option<Value> {
    match value {
        Value::Null => Some(Value::from(absent(pointer))),
        Value::Object(entries) if entries.len() == 1 => {
            entries.get(UNDEFINED).filter(|reason| reason.is_string()).cloned()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::summary::Measured;

    #[test]
    fn reasons_stand_under_the_pointer_of_their_null() {
        let mut tree = json!({
            "a/b": [1, Measured::<f64>::undefined("no events")],
            "c": { "d~": Measured::<u64>::undefined("no column"), "e": Measured::Value(2) },
            "next_better": null,
            "none": null,
        });
        let mut reasons = Map::new();
        collect_undefined(&mut tree, &mut String::new(), &absent, &mut reasons);
        assert_eq!(
            tree,
            json!({ "a/b": [1, null], "c": { "d~": null, "e": 2 }, "next_better": null, "none": null })
        );
        let wanted = json!({
            "/a~1b/1": "no events",
            "/c/d~0": "no column",
            "/next_better": "this is the best grade",
            "/none": "not recorded",
        });
        assert_eq!(Value::Object(reasons.clone()), wanted);
        assert!(reasons.keys().all(|pointer| tree.pointer(pointer).is_some_and(Value::is_null)));
    }
}

//! Undefined numbers in a report: `null` in their place, the reason in one map under their JSON pointer.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// In the place of a verdict that this version does not give.
pub(super) static NOT_JUDGED: LazyLock<Value> =
    LazyLock::new(|| json!({ UNDEFINED: "not judged by this version" }));

/// The one key of an undefined `Measured`.
const UNDEFINED: &str = "undefined";

/// Replaces each undefined value in `tree` by null and puts its reason into `reasons` under its JSON pointer
/// (RFC 6901). `pointer` is where `tree` stands.
pub(super) fn collect_undefined(tree: &mut Value, pointer: &mut String, reasons: &mut Map<String, Value>) {
    if let Some(reason) = reason_of(tree) {
        reasons.insert(pointer.clone(), reason);
        *tree = Value::Null;
        return;
    }
    let length = pointer.len();
    match tree {
        Value::Object(entries) => {
            for (key, value) in entries {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                collect_undefined(value, pointer, reasons);
                pointer.truncate(length);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                pointer.push_str(&format!("/{index}"));
                collect_undefined(value, pointer, reasons);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn reason_of(value: &Value) -> Option<Value> {
    match value {
        Value::Object(entries) if entries.len() == 1 => {
            entries.get(UNDEFINED).filter(|reason| reason.is_string()).cloned()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Measured;

    #[test]
    fn reasons_stand_under_the_pointer_of_their_null() {
        let mut tree = json!({
            "a/b": [1, Measured::<f64>::undefined("no events")],
            "c": { "d~": Measured::<u64>::undefined("no column"), "e": Measured::Value(2) },
            "none": null,
        });
        let mut reasons = Map::new();
        collect_undefined(&mut tree, &mut String::new(), &mut reasons);
        assert_eq!(tree, json!({ "a/b": [1, null], "c": { "d~": null, "e": 2 }, "none": null }));
        assert_eq!(Value::Object(reasons.clone()), json!({ "/a~1b/1": "no events", "/c/d~0": "no column" }));
        assert!(reasons.keys().all(|pointer| tree.pointer(pointer).is_some_and(Value::is_null)));
    }
}

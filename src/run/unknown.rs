//! What nobody knows, keys, columns and words, is named with the known one that it is most like.

use std::fmt::Display;

use super::RunMetadata;
use super::columns::{Column, Table};
use crate::contract::{BREAKER_KEYS, METADATA_KEYS, TOTALS_KEYS};
use crate::nearest::{nearest_above, respelling};

/// Keys may be free: a known one is named where they are surely alike (0..1, Damerau–Levenshtein).
const SURELY: f64 = 0.7;
/// More keys than this help nobody in a note.
const SHOWN: usize = 10;
/// What others call keys of the metadata.
const ALSO: [(&str, &str); 9] = [
    ("concurrency", "users"),
    ("vus", "users"),
    ("num_users", "users"),
    ("rps", "target_rate_per_s"),
    ("rate", "target_rate_per_s"),
    ("start_time", "started_at"),
    ("end_time", "ended_at"),
    ("labels", "tags"),
    ("name", "test_name"),
];

/// The column of the table that `name` means, though it is called otherwise.
pub fn column_meant(table: Table, name: &str) -> Option<&'static str> {
    let is_meant = |column: &&Column| {
        column.also.contains(&name) || respelling(name, column.also.iter().copied()).is_some()
    };
    let by_meaning = table.iter().find(is_meant).map(|column| column.name);
    by_meaning.or_else(|| alike(name, table.iter().map(|column| column.name)))
}

fn alike<'k>(word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    let without_unit = |known: &&str| known.strip_prefix(word).is_some_and(|unit| unit.starts_with('_'));
    respelling(word, known.clone())
        .or_else(|| known.clone().find(without_unit))
        .or_else(|| nearest_above(SURELY, word, known))
}

/// Columns that are not of the contract, where they stand for one that is missing.
pub fn column_notes(table: Table, extra: &[String], is_there: impl Fn(&str) -> bool) -> Vec<String> {
    let meant = |name: &String| {
        let meant = column_meant(table, name).filter(|meant| !is_there(meant))?;
        Some(format!("column `{name}` is not used: did you mean `{meant}`?"))
    };
    extra.iter().filter_map(meant).collect()
}

/// The keys of event lines that were ignored, with how many lines had them: `latency_ms` (300 lines, did you mean
/// `duration_ms`?).
pub fn describe_line_keys<'a>(
    table: Table,
    keys: impl Iterator<Item = (&'a str, impl Display)>,
) -> Option<String> {
    let described = |(key, lines): (&str, _)| match column_meant(table, key) {
        Some(meant) => format!("`{key}` ({lines}, did you mean `{meant}`?)"),
        None => format!("`{key}` ({lines})"),
    };
    let mut described: Vec<String> = keys.map(described).collect();
    let more = described.len().saturating_sub(SHOWN);
    described.truncate(SHOWN);
    if more > 0 {
        described.push(format!("{more} more"));
    }
    (!described.is_empty())
        .then(|| format!("keys of event lines that are not known, lines: {}", described.join(", ")))
}

/// Keys of the metadata that are not known and look like one that is. Others are free.
pub fn metadata_notes(table: Table, metadata: &RunMetadata) -> Vec<String> {
    let mut notes = Vec::new();
    let mut look = |prefix: &str, key: &str, known: &[&'static str]| {
        let also = ALSO.iter().find(|(other, _)| prefix.is_empty() && *other == key).map(|(_, known)| *known);
        let is_known = known.contains(&key);
        if let Some(meant) = also.or_else(|| alike(key, known.iter().copied())).filter(|_| !is_known) {
            notes.push(format!("metadata: `{prefix}{key}` is not known: did you mean `{prefix}{meant}`?"));
        }
    };
    metadata.other.keys().for_each(|key| look("", key, &METADATA_KEYS));
    for (name, breaker) in &metadata.breakers {
        breaker.other.keys().for_each(|key| look(&format!("breakers.{name}."), key, &BREAKER_KEYS));
    }
    let totals = metadata.totals.iter().flat_map(|totals| totals.other.keys());
    totals.for_each(|key| look("totals.", key, &TOTALS_KEYS));
    for (name, breaker) in &metadata.breakers {
        let rule = breaker.rule.as_deref().filter(|rule| !["rate", "consecutive"].contains(rule));
        notes.extend(rule.map(|rule| {
            format!("metadata: `breakers.{name}.rule` is `{rule}`: known are `rate` and `consecutive`")
        }));
    }
    let counted = metadata.other.get("recording").and_then(|recording| recording.get("unknown_keys"));
    let counted = counted.and_then(serde_json::Value::as_object).into_iter().flatten();
    notes.extend(describe_line_keys(table, counted.map(|(key, lines)| (key.as_str(), lines))));
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::COLUMNS;

    #[test]
    fn a_column_is_known_by_what_others_call_it() {
        for (name, meant) in [
            ("latency_ms", Some("duration_ms")),
            ("latencyMs", Some("duration_ms")),
            ("Component", Some("component")),
            ("durationms", Some("duration_ms")),
            ("queue", Some("queue_ms")),
            ("trace_id", Some("request_id")),
            ("prompt_tokens", Some("tokens_in")),
            ("out_come", Some("outcome")),
            ("colour", None),
            ("shard", None),
        ] {
            assert_eq!(column_meant(COLUMNS, name), meant, "{name}");
        }
    }

    #[test]
    fn an_unused_column_is_named_where_the_one_that_it_means_is_missing() {
        let extra = ["latency_ms".to_owned(), "colour".to_owned()];
        let notes = column_notes(COLUMNS, &extra, |_| false);
        assert_eq!(notes, ["column `latency_ms` is not used: did you mean `duration_ms`?"]);
        assert!(column_notes(COLUMNS, &extra, |name| name == "duration_ms").is_empty());
    }

    #[test]
    fn keys_of_the_metadata_are_named_where_they_look_like_a_known_one() {
        let metadata: RunMetadata = serde_json::from_value(json!({
            "user": 5, "thinktime_ms": 3, "rps": 4, "testbed": {}, "command": ["a"], "exit_code": 0, "truth": 1,
            "breakers": {"a": {"openabove": 0.2, "cooldown_s": 8.0, "half_open_probes": 10, "window_unit": "s", "rule": "moon"}},
            "totals": {"request": 5},
            "recording": {"unknown_keys": {"latency_ms": 300, "zz": 1}},
        }))
        .unwrap();
        let expected = [
            "metadata: `rps` is not known: did you mean `target_rate_per_s`?",
            "metadata: `thinktime_ms` is not known: did you mean `think_time_ms`?",
            "metadata: `user` is not known: did you mean `users`?",
            "metadata: `breakers.a.openabove` is not known: did you mean `breakers.a.open_above`?",
            "metadata: `totals.request` is not known: did you mean `totals.requests`?",
            "metadata: `breakers.a.rule` is `moon`: known are `rate` and `consecutive`",
            "keys of event lines that are not known, lines: `latency_ms` (300, did you mean `duration_ms`?), `zz` (1)",
        ];
        assert_eq!(metadata_notes(COLUMNS, &metadata), expected);
        assert!(metadata_notes(COLUMNS, &RunMetadata::default()).is_empty());
    }
}

//! Lines of JSON as clients send them, right and wrong.

mod new_column;

use super::*;

const ARRIVAL_US: i64 = 1_700_000_000_000_000;

fn event_of(text: &str) -> Event {
    match parse(text.as_bytes(), Some(ARRIVAL_US)).map(|parsed| parsed.line) {
        Ok(Line::Event(event)) => *event,
        other => panic!("{text}: {other:?}"),
    }
}

fn fault_of(text: &str) -> String {
    parse(text.as_bytes(), Some(ARRIVAL_US)).expect_err(text)
}

#[test]
fn an_event_with_every_column_is_taken_over_as_it_stands() {
    let event = event_of(
        r#"{"ts":1700000000000001,"component":"lightrag","operation":"hybrid","outcome":"ok","duration_ms":12.5,
        "value":-1,"instance":"a","request_id":18446744073709551615,"user_id":4294967295,"answered_by":"l1",
        "attempt":255,"scheduled_ts":"2023-11-14T22:13:20Z","queue_ms":0,"tokens_in":1,"tokens_out":2.0,
        "ttft_ms":3,"cost_usd":0.004,"quality":1,"key":7,"detail":"x"}"#,
    );
    let expected = Event {
        ts: 1_700_000_000_000_001,
        component: "lightrag".into(),
        operation: Some("hybrid".into()),
        outcome: Some("ok".into()),
        duration_ms: Some(12.5),
        value: Some(-1.0),
        instance: Some("a".into()),
        request_id: Some(u64::MAX),
        user_id: Some(u32::MAX),
        answered_by: Some("l1".into()),
        attempt: Some(255),
        scheduled_ts: Some(ARRIVAL_US),
        queue_ms: Some(0.0),
        tokens_in: Some(1),
        tokens_out: Some(2),
        ttft_ms: Some(3.0),
        cost_usd: Some(0.004),
        quality: Some(1.0),
        key: Some(7),
        detail: Some("x".into()),
    };
    assert_eq!(event, expected);
}

#[test]
fn a_start_may_be_a_number_or_rfc_3339_in_any_zone() {
    assert_eq!(event_of(r#"{"ts":1700000000000000.75,"component":"c"}"#).ts, ARRIVAL_US);
    assert_eq!(event_of(r#"{"ts":"2023-11-14T22:13:20Z","component":"c"}"#).ts, ARRIVAL_US);
    assert_eq!(event_of(r#"{"ts":"2023-11-15T00:13:20.25+02:00","component":"c"}"#).ts, ARRIVAL_US + 250_000);
}

#[test]
fn without_a_start_it_is_the_arrival_less_the_duration() {
    assert_eq!(event_of(r#"{"component":"c","duration_ms":250}"#).ts, ARRIVAL_US - 250_000);
    assert_eq!(event_of(r#"{"component":"c","ts":null}"#).ts, ARRIVAL_US);
    let in_file = parse(br#"{"component":"c","duration_ms":250}"#, None);
    assert!(in_file.expect_err("a file").contains("no time of arrival"));
}

#[test]
fn null_is_the_same_as_a_missing_key() {
    assert_eq!(event_of(r#"{"component":"c","outcome":null,"user_id":null}"#).user_id, None);
}

#[test]
fn unknown_keys_are_ignored_and_named() {
    let parsed =
        parse(br#"{"component":"c","colour":{"a":[1]},"pid":3}"#, Some(ARRIVAL_US)).expect("an event");
    assert_eq!(parsed.unknown_keys, ["colour", "pid"]);
}

#[test]
fn numbers_out_of_range_are_faults_that_name_their_key() {
    for (text, key) in [
        (r#"{"component":"c","user_id":-1}"#, "`user_id`"),
        (r#"{"component":"c","user_id":4294967296}"#, "`user_id`"),
        (r#"{"component":"c","user_id":1.5}"#, "`user_id`"),
        (r#"{"component":"c","attempt":256}"#, "`attempt`"),
        (r#"{"component":"c","key":18446744073709551616}"#, "`key`"),
        (r#"{"component":"c","duration_ms":-0.1}"#, "`duration_ms`"),
        (r#"{"component":"c","duration_ms":"12"}"#, "`duration_ms`"),
        (r#"{"component":"c","quality":1.01}"#, "`quality`"),
        (r#"{"component":"c","ts":1700000000}"#, "`ts`"),
        (r#"{"component":"c","ts":"2023-11-14T22:13:20"}"#, "`ts`"),
        (r#"{"component":"c","duration_ms":1e300}"#, "`ts`"),
        (r#"{"component":3}"#, "`component`"),
        (r#"{"component":""}"#, "`component`"),
    ] {
        let fault = fault_of(text);
        assert!(fault.contains(key), "{text}: {fault}");
    }
}

#[test]
fn what_is_no_json_object_is_a_fault() {
    for text in ["", "{", "[]", "3", "\"x\"", r#"{"component":"c"} x"#, r#"{"component":"c","value":NaN}"#] {
        fault_of(text);
    }
    fault_of(r#"{"component":"c","value":1e999}"#);
    parse(b"{\"component\":\"\xff\"}", Some(ARRIVAL_US)).expect_err("not UTF-8");
}

#[test]
fn nesting_without_end_is_a_fault_and_no_crash() {
    fault_of(&format!(r#"{{"component":"c","x":{}"#, "[".repeat(100_000)));
    fault_of(&format!(r#"{{"meta":{}"#, "[".repeat(100_000)));
}

#[test]
fn a_process_announces_its_role() {
    let parsed = parse(br#"{"role":"model","instance":"llm","pid":12}"#, Some(ARRIVAL_US)).expect("a role");
    let expected =
        Announcement { pid: 12, instance: "llm".into(), role: "model".into(), arrival_us: Some(ARRIVAL_US) };
    assert_eq!(parsed.line, Line::Role(expected));
    assert!(fault_of(r#"{"role":"boss","instance":"a","pid":1}"#).contains("load_generator"));
    assert!(fault_of(r#"{"role":"service","instance":"a"}"#).contains("`pid`"));
    assert!(fault_of(r#"{"role":"service","pid":1}"#).contains("`instance`"));
}

#[test]
fn metadata_must_fit_the_run_file() {
    let parsed = parse(br#"{"meta":{"users":5,"anything":[1]}}"#, None).expect("metadata");
    assert!(matches!(parsed.line, Line::Metadata(keys) if keys["users"] == 5));
    assert!(fault_of(r#"{"meta":{"users":"many"}}"#).contains("metadata"));
    assert!(fault_of(r#"{"meta":3}"#).contains("object"));
}

//! Every bit comes back, and whatever the bytes are, they are refused with a reason or read as they were written.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::baseline::fixture::{baseline, metric, record};
use crate::summary::{Measured, Spread};
use crate::units::Unit;

fn parse(text: &str) -> Result<Baseline, BaselineError> {
    Baseline::parse(text.as_bytes(), Path::new("nightly.json"))
}

fn nightly() -> Baseline {
    baseline("nightly", vec![record("a", 25, 612.25), record("b", 50, 1100.1), record("c", 50, 1090.7)])
}

/// The text of a baseline that was edited, with a checksum that fits what it says now.
fn edited(edit: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&nightly().to_text().unwrap()).unwrap();
    edit(&mut value);
    let text = value.to_string();
    let Ok(document) = serde_json::from_str::<Document<'_>>(&text) else { return text };
    let read = Baseline {
        schema_version: document.schema_version,
        name: document.name.into_owned(),
        saved_at: document.saved_at.into_owned(),
        tool: document.tool.into_owned(),
        runs: document.runs.into_owned(),
    };
    value["checksum"] = digest(&read.in_order()).into();
    value.to_string()
}

#[test]
fn the_file_is_set_for_review_and_comes_back() {
    let text = nightly().to_text().unwrap();
    let head: Vec<&str> = text.lines().take(9).collect();
    let keys = [
        "{",
        "  \"schema_version\": 2,",
        "  \"name\": \"nightly\",",
        "  \"saved_at\": \"2026-11-24T08:15:00Z\",",
    ];
    assert_eq!(head[..4], keys);
    assert!(text.contains("\"values\": [593.8824999999999, 618.3725000000001, 624.495]"), "{text}");
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    assert_eq!(parse(&text).unwrap(), nightly());
    assert_eq!(parse(&text).unwrap().to_text().unwrap(), text);
}

#[test]
fn how_it_is_set_and_in_which_order_it_comes_does_not_matter() {
    let reordered = edited(|value| {
        value["runs"].as_array_mut().unwrap().reverse();
        value["runs"][0]["metrics"].as_array_mut().unwrap().reverse();
    });
    assert_eq!(parse(&reordered).unwrap(), nightly());
}

#[test]
fn what_was_changed_after_it_was_saved_is_refused() {
    let text = nightly().to_text().unwrap();
    for (old, new) in [("1100.1", "1100.2"), ("\"cpus\": \"2\"", "\"cpus\": \"4\""), ("1170", "1169")] {
        assert!(text.contains(old));
        let error = parse(&text.replace(old, new)).unwrap_err();
        assert!(matches!(error, BaselineError::Changed { .. }), "{error}");
        assert!(error.remedy().starts_with("save it anew"), "{}", error.remedy());
    }
}

#[test]
fn a_newer_version_is_told_as_such_whatever_else_is_new_in_it() {
    let error = parse(&edited(|value| {
        value["schema_version"] = 3.into();
        value["series"] = json!([]);
    }))
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "nightly.json: written by a newer cmo-metrics: schema_version 3, this build knows up to 2"
    );
}

#[test]
fn one_of_older_definitions_is_refused_with_the_command_that_remakes_it() {
    let error = parse(&edited(|value| value["schema_version"] = 1.into())).unwrap_err();
    assert!(error.to_string().contains("saved by an older cmo-metrics"), "{error}");
    assert!(error.remedy().starts_with("make it anew: cmo-metrics baseline save "), "{}", error.remedy());
    assert!(error.remedy().ends_with(" --name nightly --replace"), "{}", error.remedy());
    let elsewhere = BaselineError::Older {
        path: "ci/main.json".into(),
        found: 1,
        known: 2,
        runs: vec!["load_50".to_owned()],
    };
    assert_eq!(
        elsewhere.remedy(),
        "make it anew: cmo-metrics baseline save load_50 --name main --baselines ci --replace"
    );
}

#[test]
fn what_is_no_baseline_is_refused_with_a_reason() {
    let lists = format!("{{\"x\": {}", "[".repeat(1_000_000));
    let deep = format!("{{\"schema_version\": 2, \"x\": {}", "{\"a\":".repeat(1_000_000));
    for text in ["", "{", "schema", "\u{feff}{}", "{} x", &lists, &deep, "{\"schema_version\": 1e999}"] {
        let error = parse(text).unwrap_err();
        assert!(matches!(error, BaselineError::NotJson { .. }), "{error}");
    }
    assert!(matches!(
        Baseline::parse(b"{\"a\": \"\xff\"}", Path::new("-")),
        Err(BaselineError::NotJson { .. })
    ));
    for text in [
        "{}",
        "[]",
        "3",
        "{\"schema_version\": -1}",
        "{\"schema_version\": \"1\"}",
        "{\"schema_version\": 2}",
    ] {
        let error = parse(text).unwrap_err();
        assert!(matches!(error, BaselineError::NotABaseline { .. }), "{text}: {error}");
    }
    let error = parse(&edited(|value| value["more"] = 1.into())).unwrap_err();
    assert!(error.to_string().contains("unknown field `more`"), "{error}");
}

type Edit = fn(&mut Value);

#[test]
fn what_cannot_have_been_measured_is_refused_even_with_a_fitting_checksum() {
    // Metrics of a run: l3_hit_rate, p95_ms, success_rate, memory_growth_mb.
    let cases: [(&str, Edit); 22] = [
        ("the name `../x`", |file| file["name"] = "../x".into()),
        ("the name `history`", |file| file["name"] = "history".into()),
        ("saved_at `yesterday`", |file| file["saved_at"] = "yesterday".into()),
        ("no runs", |file| file["runs"] = json!([])),
        ("run `a` twice", |file| file["runs"][1]["run_id"] = "a".into()),
        ("run `a/b` has no valid id", |file| file["runs"][1]["run_id"] = "a/b".into()),
        ("window of negative length", |file| file["runs"][0]["window_s"] = (-1.0).into()),
        ("a rate of -3 per second", |file| {
            file["runs"][0]["conditions"]["target_rate_per_s"] = (-3.0).into()
        }),
        ("run `a`: request/ok_p95_ms: -1 ms", |file| file["runs"][0]["metrics"][1]["value"] = (-1.0).into()),
        ("request/ok_p95_ms: no batches", |file| {
            file["runs"][0]["metrics"][1]["spread"]["values"] = json!([])
        }),
        ("-0.5 ms", |file| file["runs"][0]["metrics"][1]["spread"]["values"] = json!([1.0, -0.5])),
        ("1.5 ratio", |file| file["runs"][0]["metrics"][2]["value"] = 1.5.into()),
        ("-0.1 ratio", |file| file["runs"][0]["metrics"][2]["value"] = (-0.1).into()),
        ("1201 of 1200 calls", |file| file["runs"][0]["metrics"][2]["spread"]["hits"] = 1201.into()),
        ("0 of 0 calls", |file| {
            file["runs"][0]["metrics"][2]["spread"] =
                json!({"kind": "share", "hits": 0, "of": 0, "effective": 0.0});
        }),
        ("an effective number of 1200.5", |file| {
            file["runs"][0]["metrics"][2]["spread"]["effective"] = 1200.5.into()
        }),
        ("an effective number of 0", |file| {
            file["runs"][0]["metrics"][2]["spread"]["effective"] = 0.0.into()
        }),
        ("a standard error of -1", |file| {
            file["runs"][0]["metrics"][3]["spread"]["standard_error"] = (-1.0).into();
        }),
        ("0 degrees of freedom", |file| {
            file["runs"][0]["metrics"][3]["spread"]["degrees_of_freedom"] = 0.0.into();
        }),
        ("request/success_rate twice", |file| {
            file["runs"][0]["metrics"][1]["name"] = "success_rate".into();
        }),
        ("a metric without a name", |file| file["runs"][0]["metrics"][1]["name"] = "".into()),
        ("a metric without a name", |file| file["runs"][0]["metrics"][1]["component"] = "".into()),
    ];
    for (reason, edit) in cases {
        match parse(&edited(edit)) {
            Err(BaselineError::Nonsense { reason: found, .. }) => assert!(found.contains(reason), "{found}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_not_saved() {
    for number in [f64::NAN, f64::INFINITY] {
        let mut runs = vec![record("a", 25, 612.25)];
        runs[0].metrics[1].value = Measured::Value(number);
        let error = Baseline::new("nightly", "2026-11-24T08:15:00Z", "t", runs.clone()).unwrap_err();
        assert!(matches!(error, BaselineError::Unsaveable { .. }), "{error}");
        assert!(baseline("nightly", runs).to_text().is_err());
    }
}

#[test]
fn the_file_must_bear_the_name_of_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("nightly.json"), folder.path().join("other.json"));
    for path in [&right, &wrong] {
        std::fs::write(path, nightly().to_text().unwrap()).unwrap();
    }
    assert_eq!(Baseline::read(&right).unwrap(), nightly());
    assert!(matches!(Baseline::read(&wrong), Err(BaselineError::OtherName { .. })));
    assert!(matches!(Baseline::read(folder.path()), Err(BaselineError::Unreadable { .. })));
    assert!(matches!(Baseline::read(Path::new("/dev/zero")), Err(BaselineError::Unreadable { .. })));
    let large = folder.path().join("large.json");
    std::fs::File::create(&large).unwrap().set_len(MOST_BYTES + 1).unwrap();
    assert!(matches!(Baseline::read(&large), Err(BaselineError::TooLarge { bytes: 200_000_001, .. })));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let text = nightly().to_text().unwrap();
    // Without the last line end it says the same.
    for end in 0..text.len() - 1 {
        assert!(parse(&text[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn each_flipped_bit_is_refused() {
    let bytes = nightly().to_text().unwrap().into_bytes();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[index] ^= 1 << bit;
            let read = Baseline::parse(&flipped, Path::new("-"));
            assert!(read.is_err(), "bit {bit} of byte {index}");
        }
    }
}

#[test]
fn a_digit_or_letter_that_is_read_as_the_same_is_refused() {
    let mut run = record("a", 25, 612.25);
    run.metrics[0].value = Measured::undefined("caf\u{7}\u{1f}");
    let text = baseline("nightly", vec![run]).to_text().unwrap();
    // The nearest double to both, and two spellings of one character.
    for (old, new) in [("593.8824999999999", "593.88249999999990"), ("\\u001f", "\\u001F")] {
        assert!(text.contains(old), "{text}");
        let error = parse(&text.replacen(old, new, 1)).unwrap_err();
        assert!(matches!(error, BaselineError::Changed { .. }), "{error}");
    }
}

#[test]
fn zeros_over_any_stretch_are_refused() {
    let bytes = nightly().to_text().unwrap().into_bytes();
    for at in 0..bytes.len() - 1 {
        let mut zeroed = bytes.clone();
        let end = bytes.len().min(at + 512);
        zeroed[at..end].fill(0);
        assert!(Baseline::parse(&zeroed, Path::new("-")).is_err(), "from {at}");
    }
}

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

proptest! {
    #[test]
    fn every_number_comes_back_to_the_last_bit(values in prop::collection::vec(finite(), 1..60), rate in finite()) {
        let mut run = record("a", 25, 1.0);
        run.conditions.target_rate_per_s = Some(rate.abs());
        let spread = Spread::Batches { values: values.clone() };
        run.metrics = vec![metric("a", "b", Unit::Megabytes, values[0], spread)];
        let saved = baseline("nightly", vec![run]);
        let read = parse(&saved.to_text().unwrap()).unwrap();
        let bits = |baseline: &Baseline| match baseline.runs[0].metrics[0].spread.value() {
            Some(Spread::Batches { values }) => values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(bits(&read), values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
        prop_assert_eq!(&read, &saved);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Baseline::parse(&bytes, Path::new("-")).is_err());
    }

    #[test]
    fn names_and_texts_come_back_whatever_they_hold(scenario in ".*", commit in ".*", reason in ".*") {
        let mut run = record("a", 25, 1.0);
        run.conditions.scenario = Some(scenario);
        run.git_commit = Some(commit);
        run.metrics[0].value = Measured::undefined(reason);
        let saved = baseline("nightly", vec![run]);
        prop_assert_eq!(parse(&saved.to_text().unwrap()).unwrap(), saved);
    }
}

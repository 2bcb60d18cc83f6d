//! The summary as people see it: what it says, and that it fits.

use super::*;
use crate::config::{Config, Target};
use crate::judge::Severity;
use crate::report::fixture as analyses;
use crate::summary::{Measured, fixture};

fn analysis(summary: crate::summary::RunSummary) -> Analysis {
    Analysis::of_whole(summary, &Config::defaults()).unwrap()
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn assert_fits(text: &str) {
    for line in plain(text).lines() {
        assert!(width(line) <= WIDTH, "{} columns: {line}", width(line));
        assert_eq!(line, line.trim_end(), "no spaces at the end");
    }
}

/// A run in which everything that can be long is very long, and hostile.
fn analysis_with_long_names() -> Analysis {
    let long = "a_component_with_a_very_long_name_速い_that_never_ends_and_goes_on_and_on_and_on_1234567890";
    let mut summary = fixture::run_summary();
    summary.identity.run_id = "r".repeat(128);
    summary.identity.metadata.test_name = Some(format!("\u{1b}[31m{long}{long}"));
    summary.components[2].component = long.into();
    for error in &mut summary.errors {
        error.component = long.into();
        error.category = format!("{long}{long}");
        error.example = Some(format!("{long}\n{long}"));
        error.count = u64::MAX;
    }
    let mut request_error = summary.errors[0].clone();
    request_error.component = "request".into();
    request_error.durations = fixture::distribution(&[1e12; 3]);
    summary.errors.push(request_error);
    summary.lightrag = Measured::undefined(format!("{long} {long}"));
    summary.data_quality.load_notes = vec![long.repeat(5)];
    summary.requests.all = fixture::distribution(&[123_456_789.0; 5]);
    let mut config = Config::defaults();
    let target = Target { above: None, below: Some(1e15), gate: true };
    config.custom_targets.insert(format!("{long}/p95_ms"), target);
    Analysis::of_whole(summary, &config).unwrap()
}

#[test]
fn no_line_is_wider_than_80_columns_even_with_long_names() {
    assert_fits(&render(&analysis(fixture::run_summary())));
    let text = render(&analysis_with_long_names());
    assert_fits(&text);
    assert!(text.contains('…'));
    assert!(!plain(&text).contains('\u{1b}'), "a name cannot steer the terminal");
    assert_fits(&render(&analyses::judged()));
    let mut judged = analyses::judged();
    let Measured::Value(regression) = &mut judged.regression else { panic!("compared") };
    regression.baseline.name = "b".repeat(128);
    regression.baseline.runs = vec!["r".repeat(128); 9];
    let Measured::Value(comparison) = &mut regression.comparison else { panic!("compared") };
    for change in &mut comparison.changes {
        change.component = "a_component_with_a_long_name_速い".repeat(3);
        change.note = Some("n".repeat(200));
        (change.baseline, change.current) = (Measured::Value(1e9), Measured::Value(-1e9));
    }
    judged.recommendations[0].text = "t".repeat(200);
    judged.recommendations.resize(12, judged.recommendations[1].clone());
    assert_fits(&render(&judged));
}

#[test]
fn a_critical_component_stands_in_the_first_line_of_a_good_grade() {
    let mut summary = fixture::run_summary();
    let Measured::Value(cache) = &mut summary.cache else { panic!("the fixture has it") };
    (cache.lookup_hit_rate, cache.lookups) = (Measured::Value(0.55), 10_000);
    let analysis = analysis(summary);
    assert_eq!(analysis.system_health.value().unwrap(), "needs_attention");
    let text = plain(&render(&analysis));
    let first = text.lines().find(|line| line.contains("Grade")).unwrap();
    assert!(first.ends_with("; cache critical") && !first.contains("healthy"), "{text}");
}

#[test]
fn a_bare_service_is_told_nothing_on_what_it_does_not_have_but_for_one_line() {
    let mut summary = fixture::run_summary();
    fixture::without_lightrag(&mut summary);
    summary.cache = Measured::undefined("no cache rows in this run");
    summary.breaker = Measured::undefined("no circuit_breaker rows in this run");
    summary.fallback = Measured::undefined("no attempt at any level of the chain in this run");
    summary.components.retain(|part| part.component == "request");
    summary.errors.retain(|error| error.component == "request");
    let text = plain(&render(&analysis(summary)));
    let (line, rest) = {
        let start = text.find("  Cannot be told: ").unwrap();
        let end = start + text[start..].find("\n\n").unwrap();
        (text[start..end].replace("\n    ", " "), format!("{}{}", &text[..start], &text[end..]))
    };
    assert!(
        line.contains("breaker_opens_above, breaker_closes_below (no circuit_breaker rows in this run)"),
        "{line}"
    );
    for part in ["cache", "breaker", "fallback", "lightrag", "LightRAG", "cannot be told"] {
        assert!(!rest.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_summary_of_a_small_run() {
    insta::assert_snapshot!(plain(&render(&analysis(fixture::run_summary()))));
}

#[test]
fn the_summary_of_a_run_that_got_worse() {
    insta::assert_snapshot!(plain(&render(&analyses::judged())));
}

#[test]
fn what_keeps_runs_from_being_compared_is_told_first_and_field_by_field() {
    let mut analysis = analyses::plain();
    analysis.regression = Measured::Value(analyses::incomparable());
    let text = plain(&render(&analysis));
    insta::assert_snapshot!(text.split("\nTargets\n").next().unwrap());
}

#[test]
fn a_baseline_that_cannot_be_used_is_the_first_line() {
    let mut analysis = analyses::plain();
    analysis.baseline_fault = Some("baselines/production.json: no such baseline".into());
    let text = plain(&render(&analysis));
    assert!(text.starts_with("COULD NOT JUDGE: baselines/production.json: no such baseline\n"), "{text}");
}

#[test]
fn a_run_like_its_baseline_gets_few_lines_more() {
    let mut analysis = analyses::plain();
    let before = plain(&render(&analysis));
    analysis.regression = Measured::Value(analyses::regression(analyses::before(), Severity::Medium));
    analysis.leak = Measured::Value(analyses::leak(false));
    let text = plain(&render(&analysis));
    let added: Vec<&str> = text.lines().filter(|line| !before.contains(line)).collect();
    insta::assert_snapshot!(added.join("\n"));
}

#[test]
fn a_run_without_requests_says_why_there_is_no_grade() {
    let mut summary = fixture::run_summary();
    summary.requests.success_rate = Measured::undefined("no requests in this run");
    summary.requests.all = fixture::distribution(&[]);
    summary.requests.ok = fixture::distribution(&[]);
    summary.throughput.mean_per_s = Measured::undefined("no requests in this run");
    summary.errors.clear();
    fixture::without_lightrag(&mut summary);
    let text = plain(&render(&analysis(summary)));
    assert!(text.contains("No grade: no requests in this run"), "{text}");
    // Of what is not there one line is told.
    let told: Vec<&str> = text.lines().filter(|line| line.to_lowercase().contains("lightrag")).collect();
    assert!(told.iter().all(|line| !line.starts_with("  lightrag")), "{text}");
    assert!(
        text.contains("Cannot be told: lightrag_success_rate (no calls of `lightrag` in this run)"),
        "{text}"
    );
}

#[test]
fn colour_marks_good_and_bad() {
    let text = render(&analysis(fixture::run_summary()));
    assert!(text.contains("\u{1b}[32mpass\u{1b}[0m") && text.contains("\u{1b}[31mFAIL\u{1b}[0m"), "{text}");
}

#[test]
fn a_part_of_the_run_is_named_with_its_reason_and_the_whole_beside_it() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let text = plain(&render(&part));
    assert_fits(&text);
    let start = text.find("  Judged ").unwrap();
    let end = text.find("  Targets:").unwrap();
    insta::assert_snapshot!(&text[start..end], @r"
      Judged from 2 s to 20 s: warm-up of 2 s cut by response times; too short to
        tell (low confidence)
      Whole run: 412 requests, 97.09 % succeeded, P95 973 ms, grade A
      Left out: 1 in flight at the end of the load
    ");
}

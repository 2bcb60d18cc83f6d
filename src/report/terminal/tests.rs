//! The summary as people see it: what it says, and that it fits.

use super::layout::width;
use super::*;
use crate::analysis::Analysis;
use crate::config::{Config, Target};
use crate::judge::{Severity, TargetOutcome};
use crate::report::fixture as analyses;
use crate::report::outline::{MOST_LINES, brief, outline};
use crate::summary::{Measured, fixture};

fn analysis(summary: crate::summary::RunSummary) -> Analysis {
    Analysis::of_whole(summary, &Config::defaults()).unwrap()
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// All of it, on paper of 80 columns.
fn full(analysis: &Analysis) -> String {
    super::render(&outline(analysis), Paper::default())
}

/// The short view as `analyze` prints it.
fn short(analysis: &Analysis, paper: Paper) -> String {
    let path = format!("report: reports/{}/report.md", analysis.summary.identity.run_id);
    let closing = vec![Cell::plain(path).at_most(4), Cell::plain("exit 0: the gate passed")];
    super::render(&brief(analysis, closing), paper)
}

fn assert_fits(text: &str) {
    assert_fits_on(text, Paper::default());
}

#[track_caller]
fn assert_fits_on(text: &str, paper: Paper) {
    for line in plain(text).lines() {
        assert!(width(line) <= paper.columns(), "{} columns: {line}", width(line));
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

/// A comparison, findings and names without end.
fn judged_with_long_names() -> Analysis {
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
    judged.recommendations[0].brief = "速".repeat(200);
    judged.recommendations.resize(40, judged.recommendations[1].clone());
    let component = judged.summary.components[2].clone();
    judged.summary.components.resize(60, component);
    let missed = judged.targets.iter().find(|target| target.outcome == TargetOutcome::Fail).unwrap().clone();
    judged.targets.resize(50, missed);
    judged
}

#[test]
fn no_line_is_wider_than_80_columns_even_with_long_names() {
    assert_fits(&full(&analysis(fixture::run_summary())));
    let text = full(&analysis_with_long_names());
    assert_fits(&text);
    assert!(text.contains('…'));
    assert!(!plain(&text).contains('\u{1b}'), "a name cannot steer the terminal");
    assert_fits(&full(&analyses::judged()));
    assert_fits(&full(&judged_with_long_names()));
}

#[test]
fn on_any_paper_lines_fit_the_short_view_has_45_of_them_and_ascii_is_ascii() {
    let analyses = [
        analysis(fixture::run_summary()),
        analysis_with_long_names(),
        analyses::judged(),
        judged_with_long_names(),
        without_requests(),
    ];
    for analysis in &analyses {
        for columns in (40..=200).step_by(10) {
            for is_ascii in [false, true] {
                let paper = Paper::new(Some(columns), is_ascii);
                let text = short(analysis, paper);
                assert_fits_on(&text, paper);
                let lines = text.lines().count();
                assert!(lines <= MOST_LINES, "{lines} lines on {columns} columns:\n{text}");
                assert!(text.lines().last().unwrap().starts_with("exit 0"), "{text}");
                let all = super::render(&outline(analysis), paper);
                assert_fits_on(&all, paper);
                assert!(!is_ascii || plain(&(text + &all)).is_ascii(), "on {columns} columns");
            }
        }
    }
}

#[test]
fn the_short_view_of_a_small_run_on_80_and_on_40_columns() {
    let analysis = analysis(fixture::run_summary());
    insta::assert_snapshot!("short_80", plain(&short(&analysis, Paper::default())));
    insta::assert_snapshot!("short_40_ascii", plain(&short(&analysis, Paper::new(Some(40), true))));
}

#[test]
fn the_short_view_of_a_run_that_got_worse_begins_with_why_and_ends_with_the_exit_code() {
    let text = plain(&short(&analyses::judged(), Paper::default()));
    assert!(text.starts_with("GATE FAILED: "), "{text}");
    insta::assert_snapshot!("short_judged", text);
}

#[test]
fn lists_of_the_short_view_say_how_many_more_there_are() {
    let text = plain(&short(&judged_with_long_names(), Paper::default()));
    let more = text.lines().filter(|line| line.starts_with("  and ") && line.ends_with(" more: --full"));
    assert_eq!(more.count(), 3, "{text}");
    assert_eq!(text.lines().count(), MOST_LINES, "what room there is is used:\n{text}");
}

#[test]
fn what_is_wrong_with_a_recording_stands_beside_the_verdict_of_the_short_view() {
    let mut summary = fixture::run_summary();
    summary.data_quality.load_notes =
        vec!["3 request ids shared by several requests".into(), "another".into()];
    summary.data_quality.rows_left_out.clear();
    summary.data_quality.gaps.clear();
    let text = plain(&short(&analysis(summary), Paper::default()));
    assert!(
        text.contains("  Data: 3 request ids shared by several requests; and 1 more: --full\n"),
        "{text}"
    );
}

#[test]
fn a_critical_component_stands_in_the_first_line_of_a_good_grade() {
    let mut summary = fixture::run_summary();
    let Measured::Value(cache) = &mut summary.cache else { panic!("the fixture has it") };
    (cache.lookup_hit_rate, cache.lookups) = (Measured::Value(0.55), 10_000);
    let analysis = analysis(summary);
    assert_eq!(analysis.system_health.value().unwrap(), "needs_attention");
    let text = plain(&full(&analysis));
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
    let text = plain(&full(&analysis(summary)));
    let (line, rest) = {
        let start = text.find("  Unknown: ").unwrap();
        let end = start + text[start..].find("\n\n").unwrap();
        (text[start..end].replace("\n    ", " "), format!("{}{}", &text[..start], &text[end..]))
    };
    assert!(
        line.contains("breaker_opens_above, breaker_closes_below (no circuit_breaker rows in this run)"),
        "{line}"
    );
    for part in ["cache", "breaker", "fallback", "lightrag", "LightRAG", "unknown"] {
        assert!(!rest.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_summary_of_a_small_run() {
    insta::assert_snapshot!(plain(&full(&analysis(fixture::run_summary()))));
}

#[test]
fn the_summary_of_a_run_that_got_worse() {
    insta::assert_snapshot!(plain(&full(&analyses::judged())));
}

#[test]
fn what_keeps_runs_from_being_compared_is_told_first_and_field_by_field() {
    let mut analysis = analyses::plain();
    analysis.regression = Measured::Value(analyses::incomparable());
    let text = plain(&full(&analysis));
    insta::assert_snapshot!(text.split("\nTargets\n").next().unwrap());
}

#[test]
fn a_baseline_that_cannot_be_used_is_the_first_line() {
    let mut analysis = analyses::plain();
    analysis.baseline_fault = Some("baselines/production.json: no such baseline".into());
    let text = plain(&full(&analysis));
    assert!(text.starts_with("COULD NOT JUDGE: baselines/production.json: no such baseline\n"), "{text}");
}

#[test]
fn a_run_like_its_baseline_gets_few_lines_more() {
    let mut analysis = analyses::plain();
    let before = plain(&full(&analysis));
    analysis.regression = Measured::Value(analyses::regression(analyses::before(), Severity::Medium));
    analysis.leak = Measured::Value(analyses::leak(false));
    let text = plain(&full(&analysis));
    let added: Vec<&str> = text.lines().filter(|line| !before.contains(line)).collect();
    insta::assert_snapshot!(added.join("\n"));
}

fn without_requests() -> Analysis {
    let mut summary = fixture::run_summary();
    summary.requests.success_rate = Measured::undefined("no requests in this run");
    summary.requests.all = fixture::distribution(&[]);
    summary.requests.ok = fixture::distribution(&[]);
    summary.throughput.mean_per_s = Measured::undefined("no requests in this run");
    summary.errors.clear();
    fixture::without_lightrag(&mut summary);
    analysis(summary)
}

#[test]
fn a_run_without_requests_says_why_there_is_no_grade() {
    let text = plain(&full(&without_requests()));
    assert!(text.contains("No grade: no requests in this run"), "{text}");
    // Of what is not there one line is told.
    let told: Vec<&str> = text.lines().filter(|line| line.to_lowercase().contains("lightrag")).collect();
    assert!(told.iter().all(|line| !line.starts_with("  lightrag")), "{text}");
    assert!(text.contains("Unknown: lightrag_success_rate (no calls of `lightrag` in this run)"), "{text}");
}

#[test]
fn colour_marks_good_and_bad() {
    let text = full(&analysis(fixture::run_summary()));
    assert!(text.contains("\u{1b}[32mmet\u{1b}[0m") && text.contains("\u{1b}[31mmissed\u{1b}[0m"), "{text}");
}

#[test]
fn a_part_of_the_run_is_named_with_its_reason_and_the_whole_beside_it() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let text = plain(&full(&part));
    assert_fits(&text);
    let start = text.find("  Judged ").unwrap();
    let end = text.find("  Targets:").unwrap();
    insta::assert_snapshot!(&text[start..end], @r"
      Judged from 2 s to 20 s (low confidence): warm-up of 2 s cut by response
        times; too short to tell
      Whole run: 412 requests, 97.09 % succeeded, P95 973 ms, grade A
      Left out: 1 in flight at the end of the load
    ");
}

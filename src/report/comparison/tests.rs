//! The outputs of a comparison, whole, of runs made by hand.

use serde_json::Value;

use super::*;
use crate::analysis::{Analysis, Failure, Provenance};
use crate::comparison::{Compared, ComparedRun, GroupKey, Reference, RunRegression, fixture};
use crate::config::Config;
use crate::exit_code::ExitCode;
use crate::judge::{Severity, WindowChoice};
use crate::report::Format;
use crate::report::fixture as analyses;
use crate::summary::Measured;

fn provenance() -> Provenance {
    Provenance {
        generated_at: "2025-03-02T00:00:00Z".into(),
        tool: "cmo-metrics 0.1.0".into(),
        config_file: None,
    }
}

pub fn compared(runs: Vec<ComparedRun>, quarantined: Vec<Failure>, reference: Reference) -> Comparison {
    let compared =
        Compared { runs, quarantined, copies: Vec::new(), reference, group_by: GroupKey::Scenario };
    Comparison::of(compared, &Config::defaults())
}

fn shown(format: Format, comparison: &Comparison) -> String {
    let (provenance, config) = (provenance(), Config::defaults());
    let execution =
        Execution { provenance: &provenance, config: &config, window: &WindowChoice::default(), nights: &[] };
    match format {
        Format::Json => json(comparison, &execution),
        Format::Markdown => markdown(comparison, &execution),
        Format::Text => shown_on(Paper::default(), comparison),
    }
}

fn shown_on(paper: Paper, comparison: &Comparison) -> String {
    let (provenance, config) = (provenance(), Config::defaults());
    let execution =
        Execution { provenance: &provenance, config: &config, window: &WindowChoice::default(), nights: &[] };
    let closing = Closing {
        code: comparison.exit.code,
        reasons: comparison.reasons(),
        is_gated: comparison.is_gated(),
        exit_zero: false,
    };
    let text = text(comparison, &execution, Some(Path::new("reports/comparison")), &closing, paper);
    anstream::adapter::strip_str(&text).to_string()
}

/// Runs of two levels, one level twice, and one of another scenario.
pub fn runs() -> Vec<ComparedRun> {
    let mut other = fixture::measured("spike_30", 30, 900.0, 0.90);
    other.scenario = Some("spike".into());
    vec![
        fixture::measured("load_100", 100, 400.0, 0.95),
        fixture::measured("load_10_b", 10, 220.0, 0.99),
        fixture::measured("load_10_a", 10, 180.0, 1.0),
        other,
    ]
}

fn failure() -> Failure {
    Failure {
        run: "data/broken.parquet".into(),
        path: "data/broken.parquet".into(),
        kind: "not_parquet",
        message: "data/broken.parquet: not a Parquet \u{1b}[31mfile".into(),
        remedy: Some("write it again".into()),
        exit_code: ExitCode::CouldNotJudge,
    }
}

pub fn against_baseline() -> Comparison {
    let named = |mut analysis: Analysis, name: &str| {
        analysis.summary.identity.run_id = name.into();
        ComparedRun::of(&analysis)
    };
    let mut incomparable = analyses::plain();
    incomparable.regression = Measured::Value(analyses::incomparable());
    let runs = vec![named(analyses::judged(), "worse"), named(incomparable, "another_load")];
    let reference = Reference::Baseline {
        name: "production".into(),
        saved_at: "2026-01-01T00:00:00Z".into(),
        age_days: None,
        fail_on: Severity::Medium,
        allow_different: Vec::new(),
    };
    compared(runs, Vec::new(), reference)
}

#[test]
fn the_summary_of_runs_without_a_baseline() {
    let comparison = compared(runs(), vec![failure()], Reference::Nothing);
    let text = shown(Format::Text, &comparison);
    let long = with_long_names();
    for columns in (40..=200).step_by(16) {
        for comparison in [&comparison, &against_baseline(), &long] {
            let paper = Paper::new(Some(columns), columns % 32 == 8);
            let text = shown_on(paper, comparison);
            let is_within = |line: &str| unicode_width::UnicodeWidthStr::width(line) <= columns;
            assert!(text.lines().all(is_within), "{columns} columns:\n{text}");
            assert!(columns % 32 != 8 || text.is_ascii(), "{text}");
            assert!(text.lines().rev().take(4).any(|line| line.starts_with("exit ")), "{text}");
        }
    }
    insta::assert_snapshot!("without_a_baseline_text", text);
    insta::assert_snapshot!("without_a_baseline_markdown", shown(Format::Markdown, &comparison));
}

#[test]
fn the_summary_of_runs_against_a_baseline() {
    let comparison = against_baseline();
    insta::assert_snapshot!("against_a_baseline_text", shown(Format::Text, &comparison));
    insta::assert_snapshot!("against_a_baseline_markdown", shown(Format::Markdown, &comparison));
    let json: Value = serde_json::from_str(&shown(Format::Json, &comparison)).unwrap();
    let worse = &json["regression_analysis"]["runs"]["worse"];
    assert_eq!(worse["gate"]["code"], 99);
    assert_eq!(worse["outcome"]["changes"].as_array().unwrap().len(), {
        let regression: &RunRegression = comparison.runs[1].regression.value().unwrap();
        regression.outcome.value().unwrap().changes.len()
    });
    assert_eq!(json["exit_reason"]["reasons"][0]["run"], "worse");
}

/// Two hundred runs and groups whose names never end and hold what steers Markdown.
fn with_long_names() -> Comparison {
    let mut comparison = against_baseline();
    let worse = comparison.runs.iter().find(|run| run.run_id == "worse").unwrap().clone();
    comparison.runs.extend((0..200).map(|index| {
        let mut run = worse.clone();
        run.run_id = format!("run_{index}_{}", "x".repeat(200));
        if let Measured::Value(regression) = &mut run.regression {
            regression.group = format!("{index} users, scenario {}", "|`<".repeat(3_000));
        }
        run
    }));
    comparison
}

#[test]
fn a_comment_is_never_too_long_and_ends_with_its_tag() {
    let comparison = with_long_names();
    let text = shown(Format::Markdown, &comparison);
    let length = text.chars().count();
    assert!((30_000..=65_536).contains(&length), "{length}");
    assert!(text.ends_with("\n<!-- cmo-metrics comparison -->\n"), "{}", &text[text.len() - 200..]);
    assert!(text.contains("Left out, since a comment has its limit"), "{}", &text[text.len() - 2_000..]);
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}

#[test]
fn the_json_of_runs_without_a_baseline() {
    let comparison = compared(runs(), vec![failure()], Reference::Nothing);
    let mut json: Value = serde_json::from_str(&shown(Format::Json, &comparison)).unwrap();
    // One run is like another, the verdicts over load have their own tests, and the settings are those of the file.
    json["test_comparison"] = json["test_comparison"]["load_100"].take();
    for key in ["scalability", "across_runs"] {
        json[key] = Value::from(json[key].as_array().unwrap().len());
    }
    json["execution_metadata"]["config"] = Value::Null;
    json["undefined"] = Value::from(json["undefined"].as_object().unwrap().len() > 10);
    insta::assert_json_snapshot!("without_a_baseline_json", json);
}

#[test]
fn every_null_has_its_reason_and_the_schema_holds() {
    let fault = Reference::Fault { reason: "no baseline `main`".into() };
    let mut unknown = fixture::run("unknown", 10);
    unknown.users = Measured::undefined("the metadata names no number of users");
    unknown.grade = Measured::undefined("no requests");
    (unknown.scenario, unknown.load_model) = (None, None);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for comparison in [
        compared(runs(), vec![failure()], Reference::Nothing),
        against_baseline(),
        compared(vec![unknown], Vec::new(), fault),
        compared(Vec::new(), Vec::new(), Reference::Nothing),
        compared(Vec::new(), vec![failure(), failure()], Reference::Nothing),
    ] {
        let json: Value = serde_json::from_str(&shown(Format::Json, &comparison)).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&json).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        let mut nulls = Vec::new();
        collect_nulls(&json, String::new(), &mut nulls);
        nulls.retain(|pointer| !pointer.starts_with("/execution_metadata/config/"));
        let reasons = json["undefined"].as_object().unwrap();
        let without: Vec<&String> = nulls.iter().filter(|null| !reasons.contains_key(*null)).collect();
        assert!(without.is_empty(), "{without:?}");
        let wrong: Vec<&String> =
            reasons.keys().filter(|pointer| !json.pointer(pointer).is_some_and(Value::is_null)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    let mut wrong: Value =
        serde_json::from_str(&shown(Format::Json, &compared(runs(), Vec::new(), Reference::Nothing)))
            .unwrap();
    wrong["performance_ranking"][0]["rank"] = Value::from("first");
    assert!(!validator.is_valid(&wrong), "the schema refuses what is wrong");
}

fn collect_nulls(tree: &Value, pointer: String, nulls: &mut Vec<String>) {
    match tree {
        Value::Null => nulls.push(pointer),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            collect_nulls(value, format!("{pointer}/{key}"), nulls);
        }),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(index, value)| collect_nulls(value, format!("{pointer}/{index}"), nulls)),
        _ => {}
    }
}

#[test]
fn of_hundreds_of_runs_the_best_the_worst_and_what_does_not_pass_are_shown_and_the_rest_counted() {
    let mut runs: Vec<ComparedRun> = (0..500)
        .map(|index| fixture::graded(&format!("run_{index:03}"), 90, 500.0 + f64::from(index), 0.99))
        .collect();
    runs[250].is_gated = true;
    runs[250].exit_code = ExitCode::GateFailed;
    runs[250].findings = vec![(ExitCode::GateFailed, "gate: target p95_response_time_ms is missed".into())];
    let quarantined: Vec<Failure> = (0..40)
        .map(|index| Failure { message: format!("data/broken-{index}.parquet: truncated"), ..failure() })
        .collect();
    let comparison = compared(runs, quarantined, Reference::Nothing);
    let text = shown(Format::Text, &comparison);
    assert!(text.starts_with("GATE FAILED: run_250: gate: target p95_response_time_ms is missed"), "{text}");
    for shown in
        ["run_000", "run_005", "run_494", "run_499", "run_250", "broken-0.parquet", "broken-11.parquet"]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    for hidden in ["run_100", "broken-12.parquet"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    assert!(text.contains("487 more runs are in comparison.parquet"), "{text}");
    assert!(text.contains("540 runs: 499 pass, 1 fail the gate, 40 quarantined"), "{text}");
    assert!(text.lines().count() < 100, "a person reads it in a minute:\n{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn runs_without_a_grade_are_not_taken_for_good_ones() {
    let mut silent = fixture::run("silent", 10);
    silent.grade = Measured::undefined("the run has no requests");
    silent.is_gated = true;
    let of = |runs: Vec<ComparedRun>| shown(Format::Text, &compared(runs, Vec::new(), Reference::Nothing));
    let text = of(vec![fixture::run("spoken", 10), silent.clone()]);
    assert!(text.contains("2 pass (1 of them without a grade)"), "{text}");
    assert!(text.contains("all of them pass, 1 without a grade"), "{text}");
    let text = of(vec![fixture::run("spoken", 10)]);
    assert!(!text.contains("without a grade"), "{text}");
}

#[test]
fn runs_with_something_wrong_are_told_in_the_first_line_though_no_gate_failed() {
    let mut outage = fixture::graded("outage", 0, 900.0, 0.0);
    outage.concerns = vec!["grade F".into(), "lightrag failing".into()];
    outage.is_gated = true;
    let comparison =
        compared(vec![fixture::graded("good", 100, 400.0, 1.0), outage], Vec::new(), Reference::Nothing);
    assert_eq!(comparison.exit.code, ExitCode::Clean);
    let text = shown(Format::Text, &comparison);
    let wanted = "NEEDS ATTENTION: no gate failed, but 1 of 2 runs have something wrong: outage (grade F,\n  lightrag failing)";
    let unwrapped = |text: &str| text.replace("\n  ", " ");
    assert!(unwrapped(&text).starts_with(&unwrapped(wanted)), "{text}");
    assert!(!text.contains("PASSED") && text.contains("2 pass, 1 of them in need of attention"), "{text}");
}

#[test]
fn without_runs_nothing_is_judged() {
    let text = shown(Format::Text, &compared(Vec::new(), Vec::new(), Reference::Nothing));
    assert!(text.starts_with("COULD NOT JUDGE: no runs"), "{text}");
}

#[test]
fn a_fault_of_the_baseline_is_told_once_for_all_runs() {
    let fault = "there is no baseline `main`";
    let runs = (0..20).map(|index| {
        let mut run = fixture::run(&format!("run_{index}"), 10);
        run.findings = vec![(ExitCode::CouldNotJudge, fault.to_owned())];
        run.exit_code = ExitCode::CouldNotJudge;
        run
    });
    let comparison = compared(runs.collect(), Vec::new(), Reference::Fault { reason: fault.into() });
    let text = shown(Format::Text, &comparison);
    assert_eq!(comparison.exit.code, ExitCode::CouldNotJudge);
    assert_eq!(text.matches(fault).count(), 3, "in the verdict, below, and in the last line:\n{text}");
    assert!(text.contains("and 17 more"), "{text}");
}

fn page_of(comparison: &Comparison) -> String {
    let (provenance, config) = (provenance(), Config::defaults());
    let execution =
        Execution { provenance: &provenance, config: &config, window: &WindowChoice::default(), nights: &[] };
    let pages = pages(comparison, &execution).unwrap();
    assert_eq!(pages.len(), 1, "without nights there is no page of them");
    String::from_utf8(pages[0].bytes.clone()).unwrap()
}

#[test]
fn the_page_goes_from_the_verdict_to_its_basis_and_says_what_could_not_be_judged() {
    let page = page_of(&compared(runs(), vec![failure()], Reference::Nothing));
    let headings: Vec<&str> = page
        .split("<h2 id=")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split("</h2>").next())
        .collect();
    insta::assert_snapshot!(headings.join("\n"));
    assert!(page.contains("not a Parquet") && page.contains("write it again"));
    assert!(page.contains("No changes to show: no baseline was asked for"));
    assert_eq!(
        page,
        page_of(&compared(runs(), vec![failure()], Reference::Nothing)),
        "same input, same bytes"
    );
}

#[test]
fn the_level_that_fails_stands_open_and_each_drawing_has_a_text() {
    let page = page_of(&against_baseline());
    assert!(page.contains("<details class=\"fold\" open>"), "{}", &page[..3_000]);
    assert!(page.contains("Why the gate fails, and what it cannot tell"));
    let (drawings, texts) = (page.matches("<svg role=\"img\"").count(), page.matches("<desc id=").count());
    assert!(drawings > 3 && drawings == texts, "{drawings} {texts}");
    assert!(!page.contains("<desc id=\"forest-1-w-d\"></desc>"));
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is asked for");
}

#[test]
fn hostile_names_cannot_end_an_element_of_the_page() {
    let mut comparison = against_baseline();
    let evil = "</title><script>alert(1)</script>\u{1b}[31m\u{202e}";
    comparison.runs[1].run_id = evil.into();
    comparison.groups[0].name = evil.into();
    if let Measured::Value(regression) = &mut comparison.runs[1].regression {
        regression.group = format!("{evil}, closed");
        if let Measured::Value(outcome) = &mut regression.outcome {
            outcome.changes[0].component = evil.into();
        }
    }
    let page = page_of(&comparison);
    assert!(!page.contains("<script>alert") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.contains("&#60;script&#62;alert") || page.contains("&lt;script&gt;alert"));
}

#[test]
fn a_page_of_500_runs_or_of_30_levels_stays_below_a_megabyte_and_says_what_it_leaves_out() {
    let mut comparison = against_baseline();
    let worse = comparison.runs.iter().find(|run| run.run_id == "worse").unwrap().clone();
    comparison.runs = (0..500)
        .map(|index| {
            let mut run = fixture::measured(&format!("run_{index:03}"), index + 1, 300.0, 0.99);
            run.regression = worse.regression.clone();
            run.exit_code = worse.exit_code;
            if let Measured::Value(regression) = &mut run.regression {
                regression.group = format!("{} users, closed", index + 1);
            }
            run
        })
        .collect();
    let of = |runs: &[ComparedRun]| {
        let reference = comparison.reference.clone();
        page_of(&compared(runs.to_vec(), Vec::new(), reference))
    };
    let page = of(&comparison.runs);
    assert!(page.len() < 1_000_000, "{}", page.len());
    for words in
        ["The 24 gravest of 500 are drawn", "470 tables more, less grave", "60 of 500 runs have a point"]
    {
        assert!(page.contains(words), "{words}");
    }
    let page = of(&comparison.runs[..30]);
    assert!(page.len() < 1_000_000, "{}", page.len());
    assert_eq!(page.matches("<details class=\"fold\"").count(), 30);
}

//! The file, read back by another parser and laid beside the verdicts.

use roxmltree::{Document, Node};

use super::*;
use crate::analysis::{Analysis, ExitOfAll, Failure};
use crate::comparison::ComparedRun;
use crate::config::Config;
use crate::exit_code::ExitCode;
use crate::judge::TargetOutcome;
use crate::report::fixture as analyses;
use crate::summary::{Measured, fixture};

fn named(mut analysis: Analysis, name: &str) -> ComparedRun {
    analysis.summary.identity.run_id = name.into();
    ComparedRun::of(&analysis)
}

fn rendered(runs: &[ComparedRun], failures: &[Failure]) -> String {
    let findings = runs.iter().map(|run| (run.run_id.as_str(), run.findings.clone()));
    let exit = ExitOfAll::of_findings(findings, failures);
    String::from_utf8(render(&Judged { runs, failures, exit: &exit }).unwrap()).unwrap()
}

fn broken(run: &str) -> Failure {
    Failure {
        run: run.to_owned(),
        path: run.to_owned(),
        kind: "not_parquet",
        message: format!("{run}: not a Parquet file"),
        remedy: Some("write it again".to_owned()),
        exit_code: ExitCode::CouldNotJudge,
    }
}

fn cases<'a>(document: &'a Document<'a>) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name("testcase")).collect()
}

/// The case of this name: the element inside it and its message.
#[track_caller]
fn case(document: &Document<'_>, name: &str) -> (String, String) {
    let cases = cases(document);
    let case = cases.iter().find(|case| case.attribute("name") == Some(name));
    let inner = case.unwrap_or_else(|| panic!("no case {name}")).first_element_child().unwrap();
    let message = inner.attribute("message").or(inner.text()).unwrap_or_default();
    (inner.tag_name().name().to_owned(), message.to_owned())
}

#[test]
fn a_regression_fails_with_its_numbers_and_what_cannot_be_told_is_skipped() {
    let run = named(analyses::judged(), "worse");
    let text = rendered(std::slice::from_ref(&run), &[]);
    let document = Document::parse(&text).unwrap();
    let (element, message) = case(&document, "request/ok_p95_ms");
    assert_eq!(element, "failure");
    let wanted = "request/ok_p95_ms regressed by +24.3 % (medium), from 812 ms to 1,009 ms; limit +15.0 %, interval (+";
    assert!(message.starts_with(wanted) && message.ends_with(" %), n 1+1 runs"), "{message}");
    let checks = &run.regression.value().unwrap().gate.checks;
    let asked = checks.len() + run.targets.len();
    assert_eq!(cases(&document).len(), asked, "one for each metric of the gate and each target");
    for check in checks {
        let wanted = match check.code {
            ExitCode::Clean => "system-out",
            ExitCode::GateFailed => "failure",
            _ => "skipped",
        };
        assert_eq!(case(&document, &check.metric).0, wanted, "{}", check.metric);
    }
    for target in &run.targets {
        // None is part of the gate.
        let is_kept = target.outcome == TargetOutcome::Pass && !target.low_sample;
        let wanted = if is_kept { "system-out" } else { "skipped" };
        assert_eq!(case(&document, &format!("target {}", target.name)).0, wanted, "{}", target.name);
    }
}

#[test]
fn a_missed_target_fails_where_it_is_part_of_the_gate() {
    let mut config = Config::defaults();
    config.targets.values_mut().for_each(|target| target.gate = true);
    let run = ComparedRun::of(&Analysis::of_whole(fixture::run_summary(), &config).unwrap());
    let text = rendered(std::slice::from_ref(&run), &[]);
    let document = Document::parse(&text).unwrap();
    let with = |wanted: &str| {
        cases(&document)
            .iter()
            .filter(|case| case.first_element_child().unwrap().has_tag_name(wanted))
            .count()
    };
    assert_eq!(with("failure"), run.targets_missed.len());
    assert!(with("failure") > 0 && with("skipped") >= run.targets_open.len());
    let missed = &run.targets_missed[0];
    let (_, message) = case(&document, &format!("target {missed}"));
    assert!(
        message.starts_with(&format!("target {missed} is missed: ")) && message.contains(", limit "),
        "{message}"
    );
}

#[test]
fn there_is_a_suite_for_each_level_and_component_and_its_counts_are_those_of_its_cases() {
    let runs = [named(analyses::judged(), "a"), named(analyses::judged(), "b")];
    let text = rendered(&runs, &[broken("data/broken.parquet")]);
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name("testsuites") && root.attribute("skipped").is_none());
    let suites: Vec<Node<'_, '_>> = root.children().filter(Node::is_element).collect();
    let names: Vec<&str> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
    assert!(names.iter().any(|name| name.ends_with(".request")), "{names:?}");
    assert_eq!(names.last(), Some(&"runs that could not be judged"));
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
    let count = |node: &Node<'_, '_>, element: &str| {
        node.descendants().filter(|inner| inner.has_tag_name(element)).count().to_string()
    };
    for node in suites.iter().chain([&root]) {
        for (attribute, element) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
            assert_eq!(node.attribute(attribute).unwrap(), count(node, element), "{attribute} of {node:?}");
        }
    }
    for suite in &suites {
        assert_eq!(suite.attribute("skipped").unwrap(), count(suite, "skipped"));
    }
    // Two runs of a level: whose a case is, its name says.
    assert_eq!(case(&document, "request/ok_p95_ms (a)").0, "failure");
    let (element, message) = case(&document, "data/broken.parquet");
    assert_eq!(
        (element.as_str(), message.as_str()),
        ("error", "data/broken.parquet: not a Parquet file (write it again)")
    );
}

#[test]
fn a_run_that_may_not_be_compared_or_judged_is_skipped_with_the_reason() {
    let mut analysis = analyses::plain();
    analysis.regression = Measured::Value(analyses::incomparable());
    analysis.summary.data_quality.complete = Some(false);
    let text = rendered(&[named(analysis, "other")], &[]);
    let document = Document::parse(&text).unwrap();
    let (element, message) = case(&document, "can be compared");
    assert!(element == "skipped" && message.starts_with("not comparable with the baseline: "), "{message}");
    let (element, message) = case(&document, "can be judged");
    assert!(element == "skipped" && message.contains("the recording is incomplete"), "{message}");
}

#[test]
fn nothing_judged_is_an_error_and_no_empty_file_that_passes() {
    let text = rendered(&[], &[]);
    let document = Document::parse(&text).unwrap();
    assert_eq!(case(&document, "all runs"), ("error".to_owned(), "there is no run".to_owned()));
}

#[test]
fn names_of_any_kind_make_no_other_elements_and_no_broken_file() {
    let name = "a\"<failure/>&]]>\u{0}\u{1b}[31m\n\u{fffe}\u{ffff}é'";
    let run = named(analyses::judged(), name);
    let text = rendered(&[run.clone(), named(analyses::plain(), "b")], &[broken(name)]);
    let document = Document::parse(&text).unwrap();
    let shown = "a\"<failure/>&]]>··[31m ··é'";
    assert_eq!(case(&document, &format!("request/ok_p95_ms ({shown})")).0, "failure");
    assert_eq!(case(&document, shown).0, "error");
    let plain = rendered(&[named(analyses::judged(), "a"), named(analyses::plain(), "b")], &[broken("c")]);
    let elements = |text: &str| Document::parse(text).unwrap().descendants().filter(Node::is_element).count();
    assert_eq!(elements(&text), elements(&plain));
}

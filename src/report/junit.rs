//! `--export-junit`: the verdicts as tests that passed, failed or were skipped, in the dialect of Jenkins (xunit2).
//!
//! One suite for each level of load and component. What cannot be told is skipped and never passes; so is a missed target
//! that is not part of the gate, so that a file without failures and errors is one of a gate that did not fail. A run that
//! could not be read is an error.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::cases::{Answer, Asked, Case, Judged};
use super::printable;

/// Suite of what could not be read.
const NOT_READ: &str = "runs that could not be judged";

struct Suite<'c, 'a> {
    name: String,
    cases: Vec<&'c Case<'a>>,
}

/// How many there are of a kind, for the heads of suites.
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// What a case is to JUnit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failure,
    Error,
    Skipped,
}

/// The whole file. Same input, same bytes.
///
/// # Errors
/// None that a writer into memory could meet.
pub fn render(judged: &Judged<'_>) -> io::Result<Vec<u8>> {
    let cases = judged.cases();
    let suites = suites(&cases);
    let all = Counts::of(cases.iter());
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attribute(("name", "cmo-metrics"))
        .with_attributes(all.texts().iter().map(|(name, count)| (*name, count.as_str())))
        .write_inner_content(|writer| {
            suites.iter().try_for_each(|suite| write_suite(writer, suite, judged))
        })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// In the order in which they occur.
fn suites<'c, 'a>(cases: &'c [Case<'a>]) -> Vec<Suite<'c, 'a>> {
    let mut suites: Vec<Suite<'c, 'a>> = Vec::new();
    for case in cases {
        let name = suite_of(case);
        match suites.iter_mut().find(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(case),
            None => suites.push(Suite { name, cases: vec![case] }),
        }
    }
    suites
}

/// `50 users, closed, scenario steady.request`: Jenkins takes what stands before the last dot for the package.
fn suite_of(case: &Case<'_>) -> String {
    case.run.map_or_else(|| NOT_READ.to_owned(), |run| format!("{}.{}", run.level, case.component))
}

fn write_suite(writer: &mut Writer<Vec<u8>>, suite: &Suite<'_, '_>, judged: &Judged<'_>) -> io::Result<()> {
    let counts = Counts::of(suite.cases.iter().copied());
    writer
        .create_element("testsuite")
        .with_attribute(("name", printable(&suite.name).as_str()))
        .with_attributes(counts.texts().iter().map(|(name, count)| (*name, count.as_str())))
        .with_attribute(("skipped", counts.skipped.to_string().as_str()))
        .write_inner_content(|writer| {
            suite.cases.iter().try_for_each(|case| write_case(writer, case, suite, judged))
        })?;
    Ok(())
}

fn write_case(
    writer: &mut Writer<Vec<u8>>,
    case: &Case<'_>,
    suite: &Suite<'_, '_>,
    judged: &Judged<'_>,
) -> io::Result<()> {
    let message = printable(&case.message);
    let run = case.run.map(|run| format!("{}: ", printable(&run.run_id))).unwrap_or_default();
    let text = format!("{run}{message}");
    let element = match outcome(case) {
        Outcome::Passed => None,
        Outcome::Failure => Some("failure"),
        Outcome::Error => Some("error"),
        Outcome::Skipped => Some("skipped"),
    };
    writer
        .create_element("testcase")
        .with_attribute(("classname", printable(&suite.name).as_str()))
        .with_attribute(("name", printable(&name(case, judged)).as_str()))
        .write_inner_content(|writer| {
            let text = BytesText::new(&text);
            match element {
                None => writer.create_element("system-out").write_text_content(text)?,
                Some(element) => writer
                    .create_element(element)
                    .with_attribute(("type", kind(case)))
                    .with_attribute(("message", message.as_str()))
                    .write_text_content(text)?,
            };
            Ok(())
        })?;
    Ok(())
}

/// Where a level has several runs, each says whose it is; else the name is the same every night, so that CI can follow it.
fn name(case: &Case<'_>, judged: &Judged<'_>) -> String {
    let Some(run) = case.run else { return case.name.clone() };
    let is_alone = judged.runs.iter().filter(|other| other.level == run.level).count() == 1;
    if is_alone { case.name.clone() } else { format!("{} ({})", case.name, run.run_id) }
}

fn kind<'a>(case: &Case<'a>) -> &'a str {
    match (case.asked, case.answer) {
        (Asked::Metric(..), Answer::Failed) => "regression",
        (Asked::Target(_), Answer::Failed) if case.is_gate => "missed_target",
        (Asked::Target(_), Answer::Failed) => "missed_target_beside_the_gate",
        (Asked::Reading(failure), _) => failure.kind,
        (Asked::NoRun, _) => "no_run",
        _ => "cannot_tell",
    }
}

fn outcome(case: &Case<'_>) -> Outcome {
    match case.answer {
        Answer::Passed => Outcome::Passed,
        Answer::Failed if case.is_gate => Outcome::Failure,
        Answer::Failed | Answer::CannotTell => Outcome::Skipped,
        Answer::Error => Outcome::Error,
    }
}

impl Counts {
    fn of<'c, 'a: 'c>(cases: impl Iterator<Item = &'c Case<'a>> + Clone) -> Self {
        let with = |wanted: Outcome| cases.clone().filter(|case| outcome(case) == wanted).count();
        Self {
            tests: cases.clone().count(),
            failures: with(Outcome::Failure),
            errors: with(Outcome::Error),
            skipped: with(Outcome::Skipped),
        }
    }

    /// Those that suites and the whole have: the schema knows no `skipped` of the whole.
    fn texts(&self) -> [(&'static str, String); 3] {
        [("tests", self.tests), ("failures", self.failures), ("errors", self.errors)]
            .map(|(name, count)| (name, count.to_string()))
    }
}

#[cfg(test)]
mod tests;

//! What `analyze` prints: one run in full, or many in brief with a table of all at the end.

use std::path::Path;

use serde_json::json;

use super::outline::{
    Cell, Closing, Column, OF_FINISHED, Outline, Section, Tone, assessment, brief, changes, exit_line,
    grade_tone, of_run, outline, printable,
};
use super::terminal::{self, Paper};
use super::{PAGE, json as report_json, markdown};
use crate::analysis::{Analysis, ExitOfAll, Failure, Provenance, SCHEMA_VERSION};
use crate::exit_code::ExitCode;
use crate::judge::TargetOutcome;
use crate::summary::Measured;
use crate::units::{self, Unit};

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Markdown,
}

/// How the summary is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub format: Format,
    /// All that is known of a run, on the terminal too.
    pub is_full: bool,
    pub paper: Paper,
    /// Was exit code 0 asked for, whatever is found?
    pub exit_zero: bool,
    /// Where the reports are.
    pub out: &'a Path,
    /// How writing what was asked for beside them ended.
    pub written: ExitCode,
}

/// The summary of all runs. JSON is one object with `runs` (a report each) and `failures`, whatever their number.
pub fn summary(
    shown: Shown<'_>,
    analyses: &[Analysis],
    failures: &[Failure],
    provenance: &Provenance,
) -> String {
    match shown.format {
        Format::Text => text(shown, analyses, failures),
        Format::Json => json_object(analyses, failures, provenance),
        Format::Markdown => markdown_text(analyses, failures),
    }
}

/// The verdict in one sentence.
pub fn headline(analyses: &[Analysis]) -> String {
    if let [analysis] = analyses
        && let Some(headline) = super::outline::headline(analysis)
    {
        return headline.text;
    }
    let runs = units::counted(analyses.len() as u64, "run");
    if analyses.iter().any(Analysis::is_gated) {
        format!("PASSED: {runs} judged, no gate failed")
    } else {
        format!("No gate: {runs} judged")
    }
}

fn text(shown: Shown<'_>, analyses: &[Analysis], failures: &[Failure]) -> String {
    let closing = closing(shown, analyses, failures);
    let document = |analysis: &Analysis, closing: Vec<Cell>| {
        if shown.is_full { Outline { closing, ..outline(analysis) } } else { brief(analysis, closing) }
    };
    if let ([analysis], []) = (analyses, failures) {
        return terminal::render(&document(analysis, closing), shown.paper);
    }
    let mut text = String::new();
    for analysis in analyses {
        text.push_str(&terminal::render_head(&document(analysis, Vec::new()), shown.paper));
        text.push('\n');
    }
    let mut section = Section::of_rows("", columns(analyses), rows(analyses, failures));
    section.add_lines([OF_FINISHED.to_owned()]);
    text + &terminal::render_section(&section, &closing, shown.paper)
}

/// Where the reports are, and the exit code with its reason.
fn closing(shown: Shown<'_>, analyses: &[Analysis], failures: &[Failure]) -> Vec<Cell> {
    let exit = ExitOfAll::of(analyses, failures);
    let is_one = analyses.len() + failures.len() == 1;
    let reason = |reason: &crate::analysis::RunReason| {
        if is_one { reason.reason.clone() } else { of_run(&reason.run, &reason.reason) }
    };
    let closing = Closing {
        code: exit.code,
        reasons: exit.reasons.iter().map(reason).collect(),
        is_gated: analyses.iter().any(Analysis::is_gated),
        exit_zero: shown.exit_zero,
    }
    .after(shown.written);
    let unwritten = failures.iter().filter(|failure| failure.kind == Failure::NOT_WRITTEN).count();
    let places =
        (analyses.len() > unwritten).then(|| Cell::plain(places(analyses, shown.out)).at_most(PATH_LINES));
    places.into_iter().chain([exit_line(&closing)]).collect()
}

/// A path is of use as a whole.
const PATH_LINES: usize = 4;

/// The page of a single run, the root of several.
fn places(analyses: &[Analysis], out: &Path) -> String {
    match analyses {
        [analysis] => {
            let page = out.join(&analysis.summary.identity.run_id).join(PAGE);
            format!("report: {}", page.display())
        }
        _ => format!("reports: {}", out.display()),
    }
}

fn json_object(analyses: &[Analysis], failures: &[Failure], provenance: &Provenance) -> String {
    let runs: Vec<_> = analyses.iter().map(|analysis| report_json::report(analysis, provenance)).collect();
    let object = json!({
        "schema_version": SCHEMA_VERSION,
        "exit_reason": ExitOfAll::of(analyses, failures),
        "runs": runs,
        "failures": failures,
    });
    format!("{object:#}\n")
}

fn markdown_text(analyses: &[Analysis], failures: &[Failure]) -> String {
    let mut text = String::new();
    if analyses.len() + failures.len() > 1 {
        text.push_str("# All runs\n\n");
        markdown::push_table(&mut text, &columns(analyses), &rows(analyses, failures));
        text.push_str(&format!("\n{OF_FINISHED}\n\n"));
    }
    let reports: Vec<String> = analyses.iter().map(markdown::render).collect();
    text.push_str(&reports.join("\n"));
    let (unwritten, unjudged): (Vec<&Failure>, Vec<&Failure>) =
        failures.iter().partition(|failure| failure.kind == Failure::NOT_WRITTEN);
    for (heading, failures) in [("Not analysed", unjudged), ("Reports not written", unwritten)] {
        if !failures.is_empty() {
            text.push_str(&format!("\n# {heading}\n\n"));
        }
        for failure in failures {
            text.push_str(&format!("- {}\n", markdown::escape(&printable(&failure.message))));
        }
    }
    text
}

/// One column of the table of all runs.
type Entry = (Column, fn(&Analysis) -> Cell);

const RUN: Entry = (Column::name("run"), |analysis| Cell::plain(&analysis.summary.identity.run_id));
const USERS: Entry = (Column::number("users").minor(), |analysis| {
    let users = analysis.summary.identity.metadata.users;
    users.map_or_else(Cell::none, |users| Cell::plain(units::count(users.into())))
});
const GRADE: Entry = (Column::word("grade"), |analysis| {
    let grade = analysis.grade.value().map_or(units::NONE, |grade| grade.grade.as_str());
    Cell::toned(grade, grade_tone(analysis))
});
const REQUESTS: Entry = (Column::number("requests").minor(), |analysis| {
    Cell::plain(units::count(analysis.summary.requests.totals.requests))
});
const SUCCESS: Entry = (Column::number("success"), |analysis| {
    number(analysis.summary.requests.success_rate.number(), |rate| Unit::Ratio.print(rate))
});
const P95: Entry = (Column::number("P95 ms"), |analysis| number(quantile_ms(analysis, 0.95), units::number));
const PER_S: Entry = (Column::number("1/s").minor(), |analysis| {
    number(analysis.summary.throughput.mean_per_s.number(), units::number)
});
const P50: Entry =
    (Column::number("P50 ms").extra(), |analysis| number(quantile_ms(analysis, 0.5), units::number));
const P99: Entry =
    (Column::number("P99 ms").extra(), |analysis| number(quantile_ms(analysis, 0.99), units::number));
const IN_FLIGHT: Entry = (Column::number("in flight").extra(), |analysis| {
    number(analysis.summary.requests.mean_in_flight.number(), units::number)
});
const MISSED: Entry = (Column::number("missed"), |analysis| {
    let missed = analysis.targets.iter().filter(|target| target.outcome == TargetOutcome::Fail).count();
    Cell::toned(missed.to_string(), if missed > 0 { Tone::Bad } else { Tone::Plain })
});
const REGRESSION: Entry = (Column::word("regression"), regression);
const GATE: Entry = (Column::word("gate"), |analysis| match analysis.exit().code {
    ExitCode::Clean if !analysis.is_gated() => Cell::toned("no gate", Tone::Dim),
    code => changes::gate(code),
});

/// With a baseline, the comparison takes the room of what matters less then.
fn entries(analyses: &[Analysis]) -> Vec<Entry> {
    let is_compared =
        |analysis: &Analysis| analysis.regression.value().is_some() || analysis.baseline_fault.is_some();
    if analyses.iter().any(is_compared) {
        vec![RUN, USERS, GRADE, SUCCESS, P50, P95, P99, PER_S, IN_FLIGHT, REGRESSION, GATE]
    } else {
        vec![RUN, USERS, GRADE, REQUESTS, SUCCESS, P50, P95, P99, PER_S, IN_FLIGHT, MISSED]
    }
}

fn columns(analyses: &[Analysis]) -> Vec<Column> {
    entries(analyses).into_iter().map(|(column, _)| column).collect()
}

fn rows(analyses: &[Analysis], failures: &[Failure]) -> Vec<Vec<Cell>> {
    let entries = entries(analyses);
    let failed = |failure: &Failure| {
        let mut row =
            vec![Cell::plain(&failure.run), Cell::plain(""), Cell::toned("not analysed", Tone::Bad)];
        row.resize_with(entries.len(), || Cell::plain(""));
        row
    };
    let row = |analysis: &Analysis| entries.iter().map(|(_, cell)| cell(analysis)).collect();
    // Those without a report have a row: they were judged.
    let unjudged = failures.iter().filter(|failure| failure.kind != Failure::NOT_WRITTEN);
    analyses.iter().map(row).chain(unjudged.map(failed)).collect()
}

fn number(value: Option<f64>, print: fn(f64) -> String) -> Cell {
    value.map_or_else(Cell::none, |value| Cell::plain(print(value)))
}

/// The assessment in one word.
fn regression(analysis: &Analysis) -> Cell {
    match analysis.regression.value().map(|regression| &regression.comparison) {
        Some(Measured::Value(comparison)) => {
            let found = &comparison.assessment;
            let is_none = found.critical + found.high + found.medium + found.low == 0;
            let word = match (is_none, found.not_excluded.is_empty()) {
                (false, _) => &found.word,
                (true, false) => changes::OPEN,
                (true, true) => "none",
            };
            Cell::toned(word, assessment(comparison).tone)
        }
        Some(Measured::Undefined(_)) => Cell::toned("not compared", Tone::Doubtful),
        None => Cell::none(),
    }
}

/// Of the finished requests, as in the verdicts.
fn quantile_ms(analysis: &Analysis, q: f64) -> Option<f64> {
    analysis.summary.requests.all.value_ms(q)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    fn print(format: Format, runs: usize, failures: usize) -> String {
        let analysis = Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap();
        let analyses: Vec<Analysis> = (0..runs)
            .map(|index| {
                let mut analysis = analysis.clone();
                analysis.summary.identity.run_id = format!("run-{index}");
                analysis
            })
            .collect();
        let failures: Vec<Failure> = (0..failures)
            .map(|index| Failure {
                run: format!("data/broken-{index}.parquet"),
                path: format!("data/broken-{index}.parquet"),
                kind: "not_parquet",
                message: format!("data/broken-{index}.parquet: not a Parquet file"),
                remedy: Some("write it again".into()),
                exit_code: crate::exit_code::ExitCode::CouldNotJudge,
            })
            .collect();
        print_all(format, &analyses, &failures)
    }

    fn print_all(format: Format, analyses: &[Analysis], failures: &[Failure]) -> String {
        let provenance = Provenance {
            generated_at: "2025-03-02T00:00:00Z".into(),
            tool: "cmo-metrics 0.1.0".into(),
            config_file: None,
        };
        let shown = Shown {
            format,
            is_full: true,
            paper: Paper::default(),
            exit_zero: false,
            out: Path::new("reports"),
            written: ExitCode::Clean,
        };
        let text = summary(shown, analyses, failures, &provenance);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn one_run_is_shown_in_full_and_many_in_brief_with_a_table() {
        assert!(print(Format::Text, 1, 0).contains("Data quality"));
        insta::assert_snapshot!(print(Format::Text, 2, 1));
    }

    #[test]
    fn with_a_baseline_the_table_says_how_each_run_compares_and_each_run_why_it_fails() {
        use crate::report::fixture as analyses;
        let named = |mut analysis: Analysis, name: &str| {
            analysis.summary.identity.run_id = name.into();
            analysis
        };
        let mut incomparable = analyses::plain();
        incomparable.regression = Measured::Value(analyses::incomparable());
        let mut fault = analyses::plain();
        fault.baseline_fault = Some("no baseline `production`".into());
        let runs = [
            named(analyses::judged(), "worse"),
            named(incomparable, "another_load"),
            named(fault, "without"),
            named(analyses::plain(), "plain"),
        ];
        let text = print_all(Format::Text, &runs, &[]);
        assert_eq!(
            text.lines().nth(2).unwrap().find("GATE FAILED: request/ok_p95_ms regressed"),
            Some(2),
            "{text}"
        );
        let table: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("  run ")).collect();
        insta::assert_snapshot!(table.join("\n"));
        let object: serde_json::Value = serde_json::from_str(&print_all(Format::Json, &runs, &[])).unwrap();
        let exit = &object["exit_reason"];
        assert_eq!((&exit["code"], &exit["reasons"][0]["run"]), (&json!(99), &json!("worse")));
        assert_eq!(exit["reasons"].as_array().unwrap().last().unwrap()["reason"], "no baseline `production`");
    }

    #[test]
    fn json_is_one_object_whatever_the_number_of_runs() {
        for (runs, failures) in [(0, 1), (1, 0), (2, 1)] {
            let object: serde_json::Value =
                serde_json::from_str(&print(Format::Json, runs, failures)).unwrap();
            assert_eq!(object["runs"].as_array().unwrap().len(), runs);
            assert_eq!(object["failures"].as_array().unwrap().len(), failures);
            assert_eq!(object["schema_version"], 2);
        }
    }

    #[test]
    fn markdown_names_what_was_not_analysed() {
        let text = print(Format::Markdown, 2, 1);
        assert!(text.starts_with("# All runs\n\n| run |"), "{text}");
        assert!(text.contains("# Not analysed\n\n- data/broken-0.parquet: not a Parquet file\n"), "{text}");
    }
}

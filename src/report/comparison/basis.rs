//! What a comparison rests on: why its gate says what it says, what it cannot tell, and what was left out.

use super::{Execution, degradation::MOST_NAMED, levels};
use crate::comparison::{Comparison, Reference};
use crate::exit_code::ExitCode;
use crate::judge::{CheckKind, GateCheck};
use crate::report::outline::{Cell, Section, Tone, of_run};
use crate::report::printable;
use crate::summary::Measured;
use crate::units;

/// Lines of a list that a person still reads.
const MOST_LISTED: usize = 12;

/// Why the gate fails, one cause that explains all levels, and what the gate cannot tell.
pub fn why(comparison: &Comparison) -> Section {
    let fails = comparison.exit.code == ExitCode::GateFailed;
    let heading = match comparison.exit.code {
        ExitCode::GateFailed => "Why the gate fails, and what it cannot tell",
        ExitCode::Clean => "What the gate cannot tell",
        _ => "Why it could not be judged",
    };
    let tone = if fails { Tone::Bad } else { Tone::Doubtful };
    let told = comparison.causes.iter().map(|cause| cause.sentence(comparison.totals.runs));
    let told: Vec<String> = told.collect();
    let mut section = Section::new(heading);
    let others = told.len().saturating_sub(MOST_LISTED);
    section.lines = told.iter().take(MOST_LISTED).map(|line| Cell::toned(line, tone)).collect();
    section.add_lines((others > 0).then(|| format!("… and {}", units::counted(others as u64, "more cause"))));
    section.lines.extend(levels::at_every_level(&comparison.levels()).lines);
    section.lines.extend(cannot_tell(comparison));
    if let Measured::Value(found) = &comparison.regressions {
        let suspected = units::some_of(&found.suspected, MOST_NAMED);
        section.add_lines((!found.suspected.is_empty()).then(|| format!("Suspected only: {suspected}")));
        let alarms = units::number(found.expected_false_alarms);
        section.add_lines([format!(
            "{} compared; at most {alarms} false alarms expected among all their metrics",
            units::counted(found.compared, "run")
        )]);
    }
    section
}

/// The same of several runs once, with what helps.
fn cannot_tell(comparison: &Comparison) -> Vec<Cell> {
    let mut told: Vec<(&GateCheck, Vec<&str>)> = Vec::new();
    for run in &comparison.runs {
        let checks = run.regression.value().map(|own| own.gate.checks.as_slice()).unwrap_or_default();
        for check in checks.iter().filter(|check| is_open(check)) {
            let is_same = |(known, _): &&mut (&GateCheck, Vec<&str>)| {
                (known.kind, &known.metric, &known.remedy) == (check.kind, &check.metric, &check.remedy)
            };
            match told.iter_mut().find(is_same) {
                Some((_, runs)) => runs.push(&run.run_id),
                None => told.push((check, vec![&run.run_id])),
            }
        }
    }
    // Stable: what most runs share first.
    told.sort_by_key(|(_, runs)| std::cmp::Reverse(runs.len()));
    let line = |(check, runs): &(&GateCheck, Vec<&str>)| {
        let what = match check.kind {
            CheckKind::CouldHide => "a grave change could hide",
            CheckKind::Suspected => "it is suspected to have regressed",
            _ => "it could not be judged",
        };
        let remedy = check.remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default();
        let runs = units::some_of(runs, MOST_NAMED);
        Cell::toned(format!("? {} in {runs}: {what}{remedy}", check.metric), Tone::Doubtful)
    };
    let others = told.len().saturating_sub(MOST_LISTED);
    let more = (others > 0).then(|| Cell::plain(format!("… and {others} more, in comparison.json")));
    told.iter().take(MOST_LISTED).map(line).chain(more).collect()
}

fn is_open(check: &GateCheck) -> bool {
    check.code != ExitCode::Clean
        && matches!(check.kind, CheckKind::CouldHide | CheckKind::NotJudged | CheckKind::Suspected)
}

/// With what was compared, what of it deserves less trust, and what was left out.
pub fn section(comparison: &Comparison, execution: &Execution<'_>) -> Section {
    let mut section = Section::new("Basis of the comparison");
    section.add_lines([reference(comparison)]);
    if let Measured::Value(found) = &comparison.regressions {
        let runs = units::some_of(&found.not_comparable, MOST_NAMED);
        section.add_lines((!found.not_comparable.is_empty()).then(|| format!("Not comparable: {runs}")));
    }
    let untrusted = comparison.runs.iter().filter_map(|run| Some((run, run.untrusted.as_ref()?)));
    section.lines.extend(limited(
        untrusted.map(|(run, why)| of_run(&run.run_id, why)).collect(),
        "deserve less trust",
    ));
    let left_out = comparison.groups.iter().flat_map(|group| &group.scalability.left_out);
    section.lines.extend(limited(
        left_out.map(|out| format!("Not in capacity and scaling: {}: {}", out.run_id, out.reason)).collect(),
        "are left out of capacity and scaling",
    ));
    section.add_lines(window(execution));
    section
}

fn limited(lines: Vec<String>, what: &str) -> Vec<Cell> {
    let others = lines.len().saturating_sub(MOST_LISTED);
    let more = (others > 0).then(|| format!("{} more {what}", units::counted(others as u64, "run")));
    lines.into_iter().take(MOST_LISTED).chain(more).map(Cell::plain).collect()
}

fn reference(comparison: &Comparison) -> String {
    match &comparison.reference {
        Reference::Nothing => "Compared with nothing: no baseline was asked for".to_owned(),
        Reference::Fault { reason } => format!("The baseline cannot be used: {reason}"),
        Reference::Baseline { name, saved_at, fail_on, allow_different, .. } => format!(
            "Compared with baseline {name}, saved {}{}",
            units::instant_of_text(saved_at),
            conditions(fail_on.word(), allow_different)
        ),
        Reference::Run { run_id, path, fail_on, allow_different } => {
            format!("Compared with run {run_id} ({path}){}", conditions(fail_on.word(), allow_different))
        }
    }
}

fn conditions(fail_on: &str, allowed: &[String]) -> String {
    let allowed = if allowed.is_empty() {
        String::new()
    } else {
        format!("; may differ: {}", units::some_of(allowed, MOST_LISTED))
    };
    format!("; the gate fails from {fail_on} on{allowed}")
}

/// Where a part of the runs was chosen by hand.
fn window(execution: &Execution<'_>) -> Option<String> {
    let window = execution.window;
    let parts = [("from", window.from_s), ("to", window.to_s), ("warm-up", window.warm_up_s)];
    let told: Vec<String> =
        parts.iter().filter_map(|(word, at)| Some(format!("{word} {}", units::duration_s((*at)?)))).collect();
    (!told.is_empty()).then(|| format!("Part of the runs, chosen by hand: {}", told.join(", ")))
}

/// By what and when it was made.
pub fn foot(comparison: &Comparison, execution: &Execution<'_>) -> Vec<String> {
    let provenance = execution.provenance;
    let settings = match &provenance.config_file {
        Some(file) => format!("settings: {file} on top of the defaults"),
        None => "settings: the defaults".to_owned(),
    };
    let lines = [
        format!("Made by {} at {}; {settings}", provenance.tool, provenance.generated_at),
        format!(
            "{} in {} by {}; all numbers: comparison.json, and the Parquet tables beside it",
            units::counted(comparison.totals.runs, "run"),
            units::counted(comparison.groups.len() as u64, "group"),
            comparison.group_by
        ),
    ];
    lines.iter().map(|line| printable(line)).collect()
}

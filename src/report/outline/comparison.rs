//! The comparison with a baseline: with what, how much of it was possible, and the changes that matter.

use super::counts::counts;
use super::{Cell, Section, Tone, assessment, changes};
use crate::analysis::Analysis;
use crate::judge::{
    BaselineGroup, ChangeWord, Comparability, Comparison, Coverage, FieldComparison, FieldWord, MetricChange,
    Regression,
};
use crate::summary::Measured;
use crate::units;

/// Names that are listed of a kind; the others are in the report.
const NAMES_LISTED: usize = 3;

pub fn section(analysis: &Analysis) -> Section {
    match &analysis.regression {
        Measured::Value(regression) => compared(regression),
        Measured::Undefined(_) => Section::new(""),
    }
}

fn compared(regression: &Regression) -> Section {
    let mut section = Section::new(format!("Compared with baseline {}", regression.baseline.name));
    section.intro.push(Cell::plain(group(&regression.baseline)));
    section.intro.extend(conditions(&regression.comparability));
    let Measured::Value(comparison) = &regression.comparison else { return section };
    section.intro.push(assessment(comparison));
    section.intro.extend(one_fact(comparison));
    section.intro.push(Cell::plain(coverage(&comparison.coverage)));
    let alarms = units::number(comparison.expected_false_alarms);
    section.intro.push(Cell::plain(format!("At most {alarms} false alarms expected among them")));
    let listed: Vec<&MetricChange> = comparison.changes.iter().filter(|change| is_listed(change)).collect();
    changes::add(&mut section, &listed);
    section.add_lines(detectable(&listed));
    section.add_lines(not_listed(comparison));
    section
}

/// Why there are more regressed metrics than the assessment counts.
fn one_fact(comparison: &Comparison) -> Option<Cell> {
    let found = &comparison.assessment;
    let counted = found.critical + found.high + found.medium + found.low;
    let is_regressed = |change: &&MetricChange| change.word.value() == Some(&ChangeWord::Regressed);
    let regressed = comparison.changes.iter().filter(is_regressed).count() as u64;
    (regressed > counted).then(|| {
        Cell::toned("Times and throughput of one component count once, with the worst of them", Tone::Dim)
    })
}

/// `50 users, closed: load_50_b, load_50_c, saved 2026-01-01 00:00:00 UTC, 12 days old`.
fn group(baseline: &BaselineGroup) -> String {
    let saved_at = units::instant_of_text(&baseline.saved_at);
    let age = baseline.age_days.map(|days| format!(", {}", units::days_old(days)));
    let runs = units::some_of(&baseline.runs, NAMES_LISTED);
    format!("{}: {runs}, saved {saved_at}{}", baseline.group, age.unwrap_or_default())
}

/// What differs or is not known of the conditions.
fn conditions(comparability: &Comparability) -> Vec<Cell> {
    let differing = |blocks: bool| {
        let fields = comparability.fields.iter().filter(move |field| {
            field.blocks == blocks && !matches!(field.word, FieldWord::Same | FieldWord::UnknownInBoth)
        });
        fields.map(difference).collect::<Vec<String>>().join("; ")
    };
    let unknown: Vec<&str> = comparability
        .fields
        .iter()
        .filter(|field| field.word == FieldWord::UnknownInBoth)
        .map(|field| field.field.as_str())
        .collect();
    let lines = [
        ("Differs, baseline first", differing(true), Tone::Bad),
        ("Allowed to differ, baseline first", differing(false), Tone::Doubtful),
        ("Unknown for both", unknown.join(", "), Tone::Dim),
    ];
    let there = lines.into_iter().filter(|(_, text, _)| !text.is_empty());
    there.map(|(what, text, tone)| Cell::toned(format!("{what}: {text}"), tone)).collect()
}

fn difference(field: &FieldComparison) -> String {
    format!("{} {}", field.field, field.differences.join(", "))
}

/// `41 of 44 metrics compared, 3 could not be: why`.
fn coverage(coverage: &Coverage) -> String {
    let (compared, total) = (units::count(coverage.compared), units::count(coverage.total));
    if coverage.not_compared.is_empty() {
        return format!("All {total} metrics compared");
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for metric in &coverage.not_compared {
        match reasons.iter_mut().find(|(reason, _)| *reason == metric.reason) {
            Some((_, metrics)) => metrics.push(&metric.metric),
            None => reasons.push((&metric.reason, vec![&metric.metric])),
        }
    }
    let told: Vec<String> = reasons
        .iter()
        .take(NAMES_LISTED)
        .map(|(reason, metrics)| format!("{reason} ({})", units::some_of(metrics, NAMES_LISTED)))
        .collect();
    let more = if reasons.len() > NAMES_LISTED { "; the others are in report.json" } else { "" };
    let open = units::count(coverage.not_compared.len() as u64);
    format!("{compared} of {total} metrics compared, {open} could not be: {}{more}", told.join("; "))
}

/// Every metric of the gate, and every other of which there is something to say.
fn is_listed(change: &MetricChange) -> bool {
    let says_something = change
        .word
        .value()
        .is_some_and(|word| !matches!(word, ChangeWord::Unchanged | ChangeWord::Inconclusive));
    change.gate || says_something
}

/// The smallest changes for the worse that could have been shown of the gate's metrics that stay open.
fn detectable(listed: &[&MetricChange]) -> Option<String> {
    let is_open =
        |change: &&&MetricChange| change.gate && change.word.value() == Some(&ChangeWord::Inconclusive);
    let one = |change: &&MetricChange| {
        let scale = change.print_unit();
        let smallest = change.smallest_detectable_change.number()?;
        Some(format!("{} {}", change.key(), scale.print(smallest)))
    };
    let found: Vec<String> = listed.iter().filter(is_open).filter_map(one).collect();
    (!found.is_empty()).then(|| {
        format!("Smallest changes that would have been found where inconclusive: {}", found.join(", "))
    })
}

fn not_listed(comparison: &Comparison) -> Option<String> {
    let with = |wanted: ChangeWord| {
        let changes = comparison.changes.iter().filter(|change| !is_listed(change));
        changes.filter(|change| change.word.value() == Some(&wanted)).count() as u64
    };
    let there = counts(&[
        (with(ChangeWord::Unchanged), "unchanged"),
        (with(ChangeWord::Inconclusive), "inconclusive"),
    ]);
    (!there.is_empty()).then(|| format!("Not listed: {}", there.join(", ")))
}

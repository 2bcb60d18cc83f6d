//! The words of the reference for all regressions of a run together, and one of ours where none is shown nor excluded.

use std::collections::BTreeMap;

use super::words::Judged;
use crate::config::RegressionSettings;
use crate::judge::verdicts::{Assessment, ChangeWord, Severity};

/// Any critical → CRITICAL; two or more high → HIGH; three or more of any → MODERATE; otherwise LOW. None is detected only where each
/// is excluded.
pub fn assess(judged: &[Judged], settings: &RegressionSettings) -> Assessment {
    let severities = facts(judged, settings);
    let count = |wanted: Severity| severities.iter().filter(|&&severity| severity == wanted).count() as u64;
    let words = |wanted: ChangeWord| judged.iter().filter(|metric| metric.is(wanted)).count() as u64;
    let not_excluded = not_excluded(judged, settings);
    let (critical, high) = (count(Severity::Critical), count(Severity::High));
    let word = match (critical, high, severities.len()) {
        (_, _, 0) if not_excluded.is_empty() => "No regressions detected",
        (_, _, 0) => "No regression shown",
        (1.., _, _) => "CRITICAL",
        (_, 2.., _) => "HIGH",
        (_, _, 3..) => "MODERATE",
        _ => "LOW",
    };
    Assessment {
        word: word.to_owned(),
        critical,
        high,
        medium: count(Severity::Medium),
        low: count(Severity::Low),
        improved: words(ChangeWord::Improved),
        suspected: words(ChangeWord::Suspected),
        not_excluded,
    }
}

/// Compared metrics that may have regressed as far as the data tell, and those of the gate that could not be compared, first.
fn not_excluded(judged: &[Judged], settings: &RegressionSettings) -> Vec<String> {
    let mut open: Vec<&Judged> = judged
        .iter()
        .filter(|metric| {
            let is_shown = metric.is_no_worse(settings).unwrap_or(!metric.is_in_gate());
            !metric.is(ChangeWord::Regressed) && !is_shown
        })
        .collect();
    // Stable: in the order of the metrics.
    open.sort_by_key(|metric| !metric.is_in_gate());
    open.iter().map(|metric| metric.pair.key()).collect()
}

/// The severity of each regression that counts: times and throughput of one component are one fact, as bad as its
/// worst part.
fn facts(judged: &[Judged], settings: &RegressionSettings) -> Vec<Severity> {
    let mut facts: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    for metric in judged {
        let Some(severity) = metric.severity(settings) else { continue };
        let fact = (metric.pair.component.as_str(), metric.fact());
        facts.entry(fact).and_modify(|worst| *worst = severity.max(*worst)).or_insert(severity);
    }
    facts.into_values().collect()
}

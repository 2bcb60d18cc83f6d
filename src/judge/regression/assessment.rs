//! The words of the reference for all regressions of a run together.

use std::collections::BTreeMap;

use super::words::Judged;
use crate::judge::verdicts::{Assessment, ChangeWord, Severity};

/// Any critical → CRITICAL; two or more high → HIGH; three or more of any → MODERATE; otherwise LOW.
pub fn assess(judged: &[Judged]) -> Assessment {
    let severities = facts(judged);
    let count = |wanted: Severity| severities.iter().filter(|&&severity| severity == wanted).count() as u64;
    let words = |wanted: ChangeWord| judged.iter().filter(|metric| metric.is(wanted)).count() as u64;
    let (critical, high) = (count(Severity::Critical), count(Severity::High));
    let word = match (critical, high, severities.len()) {
        (_, _, 0) => "No regressions detected",
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
    }
}

/// The severity of each regression that counts: times and throughput of one component are one fact, as bad as its
/// worst part.
fn facts(judged: &[Judged]) -> Vec<Severity> {
    let mut facts: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    for metric in judged {
        let Some(severity) = metric.severity() else { continue };
        let fact = (metric.pair.component.as_str(), metric.fact());
        facts.entry(fact).and_modify(|worst| *worst = severity.max(*worst)).or_insert(severity);
    }
    facts.into_values().collect()
}

//! Findings → recommendations: what says the same becomes one, the gravest comes first.

use std::cmp::Ordering;

use super::Recommendation;
use super::brief;
use super::finding::{Finding, Key};
use super::rules::Candidate;
use crate::summary::Measured;

/// Merges candidates that stand in the order of the rules, from the specific to the general, and sorts them by
/// severity, then by how far they miss their target, then by name.
pub fn merge(candidates: Vec<Candidate>) -> Vec<Recommendation> {
    let mut merged: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        match merged.iter_mut().find(|known| says_the_same(&known.finding.key, &candidate.finding)) {
            Some(known) => absorb(&mut known.finding, candidate.finding),
            None => merged.push(candidate),
        }
    }
    merged.sort_by(order);
    merged.into_iter().map(recommendation).collect()
}

fn says_the_same(known: &Key, finding: &Finding) -> bool {
    *known == finding.key || finding.joins.contains(known)
}

/// The general finding becomes evidence of the specific one; how grave it is decides the worse of the two.
fn absorb(known: &mut Finding, general: Finding) {
    known.severity = known.severity.max(general.severity);
    known.miss = known.miss.max(general.miss);
    for sentence in std::iter::once(general.headline).chain(general.evidence) {
        if !known.headline.contains(&sentence) && !known.evidence.contains(&sentence) {
            known.evidence.push(sentence);
        }
    }
    if let (None, Measured::Value(effect)) = (known.expected_effect.value(), general.expected_effect) {
        known.expected_effect = Measured::Value(effect);
    }
}

fn order(a: &Candidate, b: &Candidate) -> Ordering {
    let (x, y) = (&a.finding, &b.finding);
    y.severity
        .cmp(&x.severity)
        .then_with(|| y.miss.total_cmp(&x.miss))
        .then_with(|| (a.rule, &x.key).cmp(&(b.rule, &y.key)))
}

fn recommendation(candidate: Candidate) -> Recommendation {
    let Candidate { rule, finding } = candidate;
    let brief = brief::brief(&finding);
    let mut evidence = finding.evidence;
    if evidence.is_empty() {
        evidence.push(finding.headline.clone());
    }
    Recommendation {
        rule: rule.to_owned(),
        text: format!("{} {}", finding.headline, finding.action),
        brief,
        subject: finding.key.0,
        severity: finding.severity,
        number: finding.number,
        unit: finding.unit,
        target: finding.target,
        evidence,
        action: finding.action,
        expected_effect: finding.expected_effect,
    }
}

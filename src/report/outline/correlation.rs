//! Components that move together over time: the pairs of which it could be shown.

use super::Section;
use crate::analysis::Analysis;
use crate::judge::CorrelatedPair;
use crate::units;

/// Pairs that are listed; the others are in the report.
const PAIRS_LISTED: usize = 5;

pub fn section(analysis: &Analysis) -> Section {
    let pairs = analysis.correlation.value().map_or(&[][..], |found| &found.pairs);
    let shown: Vec<&CorrelatedPair> = pairs.iter().filter(|pair| pair.significant).collect();
    let mut lines: Vec<String> = shown.iter().take(PAIRS_LISTED).map(|pair| line(pair)).collect();
    if let Some(more) = shown.len().checked_sub(PAIRS_LISTED).filter(|more| *more > 0) {
        lines.push(format!("{more} more pairs in report.json"));
    }
    Section::of_lines("Components moving together", lines)
}

fn line(pair: &CorrelatedPair) -> String {
    let way = if pair.word == "opposite" { "one up, the other down" } else { "up and down together" };
    let interval = pair.interval.value().map(|interval| {
        format!(" ({} … {})", units::coefficient(interval.low), units::coefficient(interval.high))
    });
    format!(
        "{} and {}: {way}, r = {}{}, n = {} s (effective {})",
        pair.a,
        pair.b,
        units::coefficient(pair.coefficient),
        interval.unwrap_or_default(),
        units::count(pair.seconds),
        units::number(pair.effective_seconds)
    )
}

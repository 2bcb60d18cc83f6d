//! What to do: the recommendations in their order, each with what the recording shows.

use super::{Cell, Item, Section, Tone};
use crate::advise::Recommendation;
use crate::analysis::Analysis;
use crate::judge::Severity;

pub fn section(analysis: &Analysis) -> Section {
    let items = analysis.recommendations.iter().map(item).collect();
    Section { items, ..Section::new("Recommendations") }
}

fn item(found: &Recommendation) -> Item {
    let tone = match found.severity {
        Severity::High | Severity::Critical => Tone::Bad,
        Severity::Medium => Tone::Doubtful,
        Severity::Low => Tone::Plain,
    };
    let effect = found.expected_effect.value().map(|effect| format!("Expected: {effect}"));
    let details = found.evidence.iter().cloned().chain(effect);
    Item {
        text: Cell::toned(format!("({}) {}", found.severity.word(), found.text), tone),
        details: details.map(|detail| Cell::toned(detail, Tone::Dim)).collect(),
    }
}

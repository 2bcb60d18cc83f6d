//! What to do: the recommendations in their order, each with what the recording shows.

use super::{Cell, Item, Section, Tone};
use crate::advise::Recommendation;
use crate::analysis::Analysis;
use crate::judge::Severity;

pub fn section(analysis: &Analysis) -> Section {
    let most = analysis.config.report.max_entries;
    let mut items: Vec<Item> = analysis.recommendations.iter().take(most).map(item).collect();
    if let Some(more) = analysis.recommendations.len().checked_sub(most).filter(|more| *more > 0) {
        let text = Cell::toned(format!("and {more} more in verdicts.parquet"), Tone::Dim);
        items.push(Item { text, details: Vec::new(), shown_by: None });
    }
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
        shown_by: None,
    }
}

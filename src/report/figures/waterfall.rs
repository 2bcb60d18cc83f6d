//! The slowest requests as waterfalls of their spans.

use crate::analysis::Analysis;
use crate::report::outline::{Axis, Bar, Cell, Figure, Ink, Layer, Measure, Panel, Row, Scale, Shape, Tone};
use crate::summary::{ChainCall, OutcomeCounts, SlowRequest};
use crate::units::Unit;

/// Their anchors, and so many are shown.
const IDS: [&str; 3] = ["slow-1", "slow-2", "slow-3"];
/// Spans of one request; the others are counted.
const MOST_SPANS: usize = 24;
/// How much of the axis the end of what failed takes.
const RED_END: f64 = 0.008;

/// The slowest request, the slowest of the others that succeeded, and the slowest that failed in another way.
pub fn slowest(analysis: &Analysis) -> Vec<Figure> {
    let slowest = &analysis.summary.slowest;
    let mut chosen: Vec<(&str, &SlowRequest)> = Vec::new();
    chosen.extend(slowest.first().map(|first| ("The slowest request", first)));
    let is_failed = |slow: &SlowRequest| slow.outcome.as_deref().is_some_and(OutcomeCounts::is_failure_word);
    let first = slowest.first();
    let ok = slowest.iter().skip(1).find(|slow| !is_failed(slow));
    chosen.extend(
        ok.filter(|_| first.is_some_and(is_failed)).map(|ok| ("The slowest request that succeeded", ok)),
    );
    let failed = slowest
        .iter()
        .skip(1)
        .find(|slow| is_failed(slow) && first.is_none_or(|first| first.outcome != slow.outcome));
    chosen.extend(failed.map(|failed| ("The slowest that failed in another way", failed)));
    let figures = chosen.into_iter().zip(IDS).filter(|((_, slow), _)| !slow.chain.is_empty());
    figures.map(|((what, slow), id)| waterfall(id, what, slow)).collect()
}

fn waterfall(id: &'static str, what: &str, slow: &SlowRequest) -> Figure {
    let shown = &slow.chain[..slow.chain.len().min(MOST_SPANS)];
    let end = |call: &ChainCall| call.offset_ms + call.duration_ms.unwrap_or(0.0);
    let least = shown.iter().map(|call| call.offset_ms).fold(0.0, f64::min);
    let most = shown.iter().map(end).fold(slow.duration_ms, f64::max).max(1e-3);
    let mut inks: Vec<(Ink, Vec<Bar>)> = Vec::new();
    let mut failed: Vec<Bar> = Vec::new();
    for (row, call) in (1..).zip(shown) {
        let ink = Ink::of_component(&call.component);
        // A breaker is no work, but a bracket around it.
        let bar = Bar::new(row, call.offset_ms, end(call)).thin(if ink == Ink::Half { 0.18 } else { 0.55 });
        if is_failed(call) {
            let from = (bar.to - (most - least) * RED_END).max(bar.from);
            failed.push(Bar { from, thickness: 0.75, ..bar.clone() });
        }
        match inks.iter_mut().find(|(known, _)| *known == ink) {
            Some((_, bars)) => bars.push(bar),
            None => inks.push((ink, vec![bar])),
        }
    }
    let whole = vec![Bar::new(0, 0.0, slow.duration_ms).thin(0.3)];
    inks.insert(0, (Ink::Muted, whole));
    let failed = (!failed.is_empty()).then(|| Layer::new("red end: failed", Ink::Fail, Shape::Bars(failed)));
    let layers = inks.into_iter().map(|(ink, bars)| Layer::new("", ink, Shape::Bars(bars))).chain(failed);
    let outcome = slow.outcome.as_deref().unwrap_or("no outcome");
    let request =
        Row::new("request", Cell::plain(format!("{outcome} {}", Unit::Milliseconds.print(slow.duration_ms))));
    let rows: Vec<Row> = std::iter::once(request).chain(shown.iter().map(row)).collect();
    let told: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.note.text)).collect();
    Figure {
        id,
        title: title(what, slow),
        caption: caption(slow, shown),
        text: told.join("; "),
        x: Axis::new("since the start of the request", Unit::Milliseconds, Scale::Linear, (least, most)),
        panels: vec![Panel {
            title: String::new(),
            height: rows.len() as u32 * 19,
            y: Measure::Rows(rows),
            layers: layers.collect(),
        }],
        detail: None,
    }
}

fn title(what: &str, slow: &SlowRequest) -> String {
    let id = slow.request_id.map(|id| format!(" ({id})")).unwrap_or_default();
    let outcome = slow.outcome.as_deref().map(|outcome| format!(", {outcome}")).unwrap_or_default();
    crate::report::printable(&format!("{what}{id}: {}{outcome}", Unit::Milliseconds.print(slow.duration_ms)))
}

fn is_failed(call: &ChainCall) -> bool {
    call.outcome.as_deref().is_some_and(OutcomeCounts::is_failure_word)
}

fn row(call: &ChainCall) -> Row {
    let name = match &call.operation {
        Some(operation) => format!("{} {operation}", call.component),
        None => call.component.clone(),
    };
    let outcome = call.outcome.as_deref().unwrap_or_default();
    let length =
        call.duration_ms.map_or_else(|| "not finished".to_owned(), |ms| Unit::Milliseconds.print(ms));
    let tone = if is_failed(call) { Tone::Bad } else { Tone::Plain };
    Row::new(name, Cell::toned(format!("{outcome} {length}").trim(), tone))
}

/// What the time of the request went to, where one span is most of it.
fn caption(slow: &SlowRequest, shown: &[ChainCall]) -> Vec<Cell> {
    let longest = slow
        .chain
        .iter()
        .filter_map(|call| Some((call, call.duration_ms?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let most = longest.filter(|(_, ms)| *ms > slow.duration_ms / 2.0).map(|(call, ms)| {
        let share = Unit::Ratio.print((ms / slow.duration_ms).min(1.0));
        Cell::plain(format!("{} takes {share} of it", call.component))
    });
    let more = (slow.chain.len() > shown.len())
        .then(|| Cell::plain(format!("The first {} of {} spans", shown.len(), slow.chain.len())));
    most.into_iter().chain(more).collect()
}

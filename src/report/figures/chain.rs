//! Where look-ups and calls end: at each cache tier, and at each level of the fallback chain.

use crate::analysis::Analysis;
use crate::report::outline::{
    Axis, Bar, Cell, Figure, Ink, Layer, Measure, Panel, Row, Scale, Shape, Stroke,
};
use crate::summary::FallbackLevel;
use crate::units::{self, Unit};

const ROW_HEIGHT: u32 = 28;

/// Hits and misses of each tier.
pub fn cache(analysis: &Analysis) -> Option<Figure> {
    let tiers = &analysis.summary.cache.value()?.tiers;
    let known: Vec<_> = tiers.iter().filter_map(|tier| Some((tier, tier.hit_rate.number()?))).collect();
    if known.is_empty() {
        return None;
    }
    let rows = known.iter().map(|(tier, rate)| {
        let lookups = units::count(tier.hits + tier.misses);
        Row::new(tier.tier.to_uppercase(), Cell::plain(format!("{} of {lookups}", Unit::Ratio.print(*rate))))
    });
    let rows: Vec<Row> = rows.collect();
    let hits = known.iter().enumerate().map(|(row, (tier, rate))| {
        let label = units::count(tier.hits);
        let bar = Bar::new(row, 0.0, *rate).labelled(label);
        Layer::new("", Ink::of_component(&format!("cache_{}", tier.tier)), Shape::Bars(vec![bar]))
    });
    let misses = known
        .iter()
        .enumerate()
        .map(|(row, (tier, rate))| Bar::new(row, *rate, 1.0).labelled(units::count(tier.misses)));
    let misses = Layer::new("misses", Ink::Other, Shape::Bars(misses.collect())).stroked(Stroke::Hatched);
    let text: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.note.text)).collect();
    Some(Figure {
        id: "cache",
        title: "Hits and misses of each cache tier".to_owned(),
        caption: Vec::new(),
        text: format!("Hit rates: {}", text.join("; ")),
        x: Axis::new("share of the look-ups", Unit::Ratio, Scale::Linear, (0.0, 1.0)),
        panels: vec![panel(rows, hits.chain([misses]).collect())],
        detail: None,
    })
}

/// Calls at each level of the chain, on one scale.
pub fn chain(analysis: &Analysis) -> Option<Figure> {
    let fallback = analysis.summary.fallback.value()?;
    let most = fallback.levels.iter().map(|level| level.attempts).max().filter(|most| *most > 0)?;
    let rows = fallback.levels.iter().map(|level| {
        let rate = level
            .success_rate
            .number()
            .map_or_else(|| units::NONE.to_owned(), |rate| Unit::Ratio.print(rate));
        Row::new(&level.level, Cell::plain(format!("{rate} of {}", units::count(level.attempts))))
    });
    let rows: Vec<Row> = rows.collect();
    let answered = fallback.levels.iter().enumerate().map(|(row, level)| {
        let bar = Bar::new(row, 0.0, level.successes as f64).labelled(units::count(level.successes));
        Layer::new("", Ink::of_component(&level.level), Shape::Bars(vec![bar]))
    });
    let failed = |level: &FallbackLevel| level.attempts.saturating_sub(level.successes);
    let not_answered =
        fallback.levels.iter().enumerate().filter(|(_, level)| failed(level) > 0).map(|(row, level)| {
            Bar::new(row, level.successes as f64, level.attempts as f64).labelled(units::count(failed(level)))
        });
    let not_answered = Layer::new("not answered", Ink::Fail, Shape::Bars(not_answered.collect()));
    let text: Vec<String> =
        rows.iter().map(|row| format!("{} answered {}", row.name, row.note.text)).collect();
    Some(Figure {
        id: "chain",
        title: "Calls at each level of the fallback chain".to_owned(),
        caption: Vec::new(),
        text: text.join("; "),
        x: Axis::from_zero("calls", Unit::Count, most as f64),
        panels: vec![panel(rows, answered.chain([not_answered]).collect())],
        detail: None,
    })
}

fn panel(rows: Vec<Row>, layers: Vec<Layer>) -> Panel {
    Panel { title: String::new(), height: rows.len() as u32 * ROW_HEIGHT, y: Measure::Rows(rows), layers }
}

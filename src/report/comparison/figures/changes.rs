//! The forest: each change with its interval, a figure a metric and a row a run, from the least load to the largest.

use super::axes::{about_zero, ground};
use crate::comparison::{ComparedRun, Comparison, Judgement};
use crate::judge::{ChangeWord, MetricChange};
use crate::report::largest::largest;
use crate::report::outline::{
    Along, Cell, Columns, Figure, Grid, Ink, Layer, Mark, Measure, Panel, Row, Shape, Tone,
};
use crate::report::printable;
use crate::units::{self, ChangeUnit, Unit};

/// Rows that are still told apart: above it the gravest.
const MOST_ROWS: usize = 24;
const MOST_METRICS: usize = 6;
const ROW_HEIGHT: u32 = 21;

/// A run, or repeats that were judged as one.
struct Tested<'a> {
    name: String,
    judgement: Judgement<'a>,
}

/// # Errors
/// With the reason why there is nothing to draw.
pub fn changes(comparison: &Comparison) -> Result<Grid, String> {
    let (rows, hidden) = rows(comparison);
    if rows.is_empty() {
        return Err(match comparison.regressions.reason() {
            Some(reason) => format!("No changes to show: {reason}"),
            None => "No changes to show: no run could be compared".to_owned(),
        });
    }
    let metrics = metrics(&rows);
    let mut caption = vec![Cell::plain(
        "Grey ground: within the margin, counts as unchanged. Dashed red: the gate's limit. ✕ filled red: regressed; ? hollow blue: suspected; \
         ~ hollow grey: nothing can be said; = filled grey: unchanged; ✓ filled blue: improved. An arrow: the interval goes on \
         beyond the axis",
    )];
    caption.extend(metrics.iter().filter_map(|metric| fact(metric, &rows)));
    if hidden > 0 {
        caption.push(Cell::plain(format!(
            "The {} gravest of {} are drawn; all are in comparison.json",
            rows.len(),
            rows.len() + hidden
        )));
    }
    Ok(Grid {
        id: "forest".to_owned(),
        title: "Every run, its change and its interval".to_owned(),
        caption,
        columns: Columns::Three,
        figures: metrics.iter().map(|metric| figure(metric, &rows)).collect(),
    })
}

/// By load; how many are left out.
fn rows(comparison: &Comparison) -> (Vec<Tested<'_>>, usize) {
    let mut all: Vec<(&str, Judgement<'_>)> = Vec::new();
    for level in comparison.levels() {
        all.extend(level.judgements.into_iter().map(|judgement| (level.name, judgement)));
    }
    let shown = largest(all.iter().map(|(_, judgement)| judgement.gravity()), MOST_ROWS);
    let hidden = all.len() - shown.len();
    let short: Vec<String> = shown.iter().map(|&index| short_name(all[index].0)).collect();
    let rows = all.into_iter().enumerate().filter(|(index, _)| shown.binary_search(index).is_ok());
    let named = rows.zip(&short).map(|((_, (_, judgement)), name)| {
        let is_alone = short.iter().filter(|other| *other == name).count() == 1;
        let name = if is_alone { name.clone() } else { units::some_of(&judgement.runs, 1) };
        Tested { name, judgement }
    });
    (named.collect(), hidden)
}

/// `50 users` of `50 users, closed, scenario steady`.
pub fn short_name(level: &str) -> String {
    level.split(',').next().unwrap_or(level).to_owned()
}

/// Those of the gate, then those that changed in most runs.
fn metrics(rows: &[Tested<'_>]) -> Vec<String> {
    let mut counted: Vec<(String, bool, usize)> = Vec::new();
    for change in rows.iter().flat_map(|row| &row.judgement.outcome.changes) {
        let is_drawn = change.change.number().is_some() && change.interval.value().is_some();
        let is_found = matches!(change.word.value(), Some(ChangeWord::Regressed | ChangeWord::Suspected));
        let key = change.key();
        match counted.iter_mut().find(|(known, ..)| *known == key) {
            Some((_, _, count)) => *count += usize::from(is_found),
            None if is_drawn => counted.push((key, change.gate, usize::from(is_found))),
            None => {}
        }
    }
    // Stable: of one count in the order of the comparison.
    counted.sort_by_key(|(_, gate, count)| (!gate, std::cmp::Reverse(*count)));
    counted.retain(|(_, gate, count)| *gate || *count > 0);
    counted.into_iter().take(MOST_METRICS).map(|(key, ..)| key).collect()
}

fn change_of<'a>(row: &'a Tested<'_>, metric: &str) -> Option<&'a MetricChange> {
    row.judgement.outcome.changes.iter().find(|change| change.key() == metric)
}

/// In how many runs it regressed and is suspected to, and by how much.
fn fact(metric: &str, rows: &[Tested<'_>]) -> Option<Cell> {
    let found: Vec<&MetricChange> = rows.iter().filter_map(|row| change_of(row, metric)).collect();
    let with = |word: ChangeWord| found.iter().filter(move |change| change.word.value() == Some(&word));
    let count = |word: ChangeWord| with(word).count();
    let parts = [
        (count(ChangeWord::Regressed), "regressed"),
        (count(ChangeWord::Suspected), "suspected"),
        (count(ChangeWord::Inconclusive), "open"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let clear = with(ChangeWord::Regressed).chain(with(ChangeWord::Suspected));
    let sizes: Vec<f64> = clear.filter_map(|change| change.change.number()).collect();
    let least = sizes.iter().copied().reduce(f64::min);
    let most = sizes.iter().copied().reduce(f64::max);
    let unit = found.first()?.print_unit();
    let range = match (least, most) {
        (Some(least), Some(most)) if least < most => {
            format!(", {} to {}", unit.print(least), unit.print(most))
        }
        (Some(only), _) => format!(", {}", unit.print(only)),
        _ => String::new(),
    };
    let tone = if count(ChangeWord::Regressed) > 0 { Tone::Bad } else { Tone::Plain };
    (!told.is_empty())
        .then(|| Cell::toned(format!("{metric}, of {}: {}{range}", rows.len(), told.join(", ")), tone))
}

fn figure(metric: &str, rows: &[Tested<'_>]) -> Figure {
    let found: Vec<Option<&MetricChange>> = rows.iter().map(|row| change_of(row, metric)).collect();
    let known: Vec<&MetricChange> = found.iter().copied().flatten().collect();
    let unit = known.first().map_or(ChangeUnit::Relative, |change| change.print_unit());
    let (factor, axis_title, axis_unit) = scale(unit);
    let gate_limit = rows.iter().find_map(|row| limit_of(row.judgement.run, metric));
    let margin = known.iter().map(|change| change.margin).fold(0.0, f64::max);
    let sizes = known.iter().filter_map(|change| change.change.number()).map(f64::abs);
    let farthest = sizes.chain(gate_limit.map(f64::abs)).fold(2.0 * margin, f64::max) * 1.35;
    let mut layers = vec![ground(-margin * factor, margin * factor)];
    layers.extend(STYLES.iter().map(|style| style.layer(&found, factor)));
    layers.extend(gate_limit.map(|at| Layer::limit(Along::X, at * factor, "", Ink::Fail)));
    let told: Vec<String> = rows.iter().zip(&found).map(|(row, change)| told(row, *change)).collect();
    Figure {
        id: "",
        title: printable(metric),
        caption: Vec::new(),
        text: printable(&told.join("; ")),
        x: about_zero(axis_title, axis_unit, farthest * factor),
        panels: vec![Panel {
            title: String::new(),
            y: Measure::Rows(rows.iter().zip(&found).map(|(row, change)| row_of(row, *change)).collect()),
            height: rows.len() as u32 * ROW_HEIGHT,
            layers,
        }],
        detail: None,
    }
}

/// What a change is multiplied with, and what the axis is called.
fn scale(unit: ChangeUnit) -> (f64, &'static str, Unit) {
    match unit {
        ChangeUnit::Relative => (1.0, "change, %", Unit::Ratio),
        ChangeUnit::Points => (100.0, "change, points", Unit::Number),
        ChangeUnit::Amount(Unit::Megabytes) => (1.0, "change, MB", Unit::Number),
        ChangeUnit::Amount(unit) => (1.0, "change", unit),
    }
}

/// Where the gate of a run fails.
fn limit_of(run: &ComparedRun, metric: &str) -> Option<f64> {
    let checks = &run.regression.value()?.gate.checks;
    checks.iter().find(|check| check.metric == metric)?.limit.number()
}

/// How a word looks.
struct Style {
    word: ChangeWord,
    sign: char,
    ink: Ink,
    is_filled: bool,
}

/// Vanished and appeared have no interval.
const STYLES: [Style; 5] = [
    Style { word: ChangeWord::Inconclusive, sign: '~', ink: Ink::Other, is_filled: false },
    Style { word: ChangeWord::Unchanged, sign: '=', ink: Ink::Muted, is_filled: true },
    Style { word: ChangeWord::Improved, sign: '✓', ink: Ink::New, is_filled: true },
    Style { word: ChangeWord::Suspected, sign: '?', ink: Ink::New, is_filled: false },
    Style { word: ChangeWord::Regressed, sign: '✕', ink: Ink::Fail, is_filled: true },
];

impl Style {
    fn layer(&self, found: &[Option<&MetricChange>], factor: f64) -> Layer {
        let mark = |(row, change): (usize, &Option<&MetricChange>)| {
            let change = change.filter(|change| change.word.value() == Some(&self.word))?;
            let interval = change.interval.value()?;
            Some(Mark {
                x: change.change.number()? * factor,
                y: row as f64,
                interval: Some((interval.low * factor, interval.high * factor)),
                is_filled: self.is_filled,
            })
        };
        Layer::new("", self.ink, Shape::Marks(found.iter().enumerate().filter_map(mark).collect()))
    }
}

/// `✕ +18.4 %`.
fn note(change: &MetricChange) -> String {
    let style = STYLES.iter().find(|style| change.word.value() == Some(&style.word));
    match (style, change.change.number()) {
        (Some(style), Some(size)) => format!("{} {}", style.sign, change.print_unit().print(size)),
        (Some(style), None) => style.sign.to_string(),
        _ => units::NONE.to_owned(),
    }
}

fn row_of(row: &Tested<'_>, change: Option<&MetricChange>) -> Row {
    let note = match change {
        Some(change) if change.word.value() == Some(&ChangeWord::Regressed) => {
            Cell::toned(note(change), Tone::Bad)
        }
        Some(change) => Cell::plain(note(change)),
        None => Cell::none(),
    };
    Row::new(&row.name, note)
}

/// For who cannot see it.
fn told(row: &Tested<'_>, change: Option<&MetricChange>) -> String {
    let Some(change) = change else { return format!("{}: no change was shown", row.name) };
    let unit = change.print_unit();
    let word = change.word.value().map_or("not compared", |word| word.word());
    match (change.change.number(), change.interval.value()) {
        (Some(size), Some(interval)) => format!(
            "{}: {} ({}), {word}",
            row.name,
            unit.print(size),
            unit.print_range(interval.low, interval.high)
        ),
        _ => format!("{}: {word}", row.name),
    }
}

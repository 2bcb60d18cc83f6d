//! A figure as static SVG: readable without scripts and style sheets, in a wide and in a narrow setting.

use super::outline::{Axis, Figure, Measure, Panel, Scale};

mod canvas;
mod layers;
mod layout;
mod ticks;

use canvas::{Anchor, Canvas, Paint, Pen, SMALL, TITLE};
pub use canvas::{FINE, ON_DARK, ON_LIGHT};
use layout::{Frame, Layout};

use super::outline::Ink;

/// Widths of a page and of a telephone, CSS pixels.
pub const WIDE: u32 = 1040;
pub const NARROW: u32 = 358;

/// The elements of a drawing, and its height in CSS pixels.
pub struct Drawing {
    pub width: u32,
    pub height: u32,
    pub elements: String,
}

/// A figure at a width.
pub fn paint(figure: &Figure, width: u32) -> Drawing {
    let layout = Layout::of(figure, width);
    let height = layout.height;
    let elements = canvas::paint((width, height), |canvas| {
        for (panel, frame) in figure.panels.iter().zip(&layout.frames) {
            paint_panel(canvas, panel, (&figure.x, frame), &layout);
        }
        if let Some(last) = layout.frames.last() {
            x_labels(canvas, &figure.x, last);
        }
    });
    Drawing { width, height, elements }
}

fn paint_panel(canvas: &mut Canvas<'_>, panel: &Panel, (x, frame): (&Axis, &Frame), layout: &Layout) {
    head(canvas, panel, frame, layout);
    for (value, _) in ticks::ticks(x, frame.most_x_ticks()) {
        let at = frame.x(x, value);
        canvas.line(&[(at, frame.top), (at, frame.bottom)], Paint::of(Ink::Rule), Pen::Hair);
    }
    match &panel.y {
        Measure::Axis(axis) => {
            let ticks =
                if axis.title.is_empty() { Vec::new() } else { ticks::ticks(axis, frame.most_y_ticks()) };
            for (value, word) in ticks {
                let at = frame.y(axis, value);
                canvas.line(&[(frame.left, at), (frame.right, at)], Paint::of(Ink::Rule), Pen::Hair);
                let style = (Paint::of(Ink::Muted), Anchor::End, false);
                canvas.text((frame.left - 6.0, at), &word, SMALL, style);
            }
            layers::on_measure(canvas, &panel.layers, axis, (x, frame));
        }
        Measure::Rows(rows) => {
            for (index, row) in rows.iter().enumerate() {
                let at = frame.row(index, rows.len());
                let name = layout::shortened(&row.name, frame.left - 12.0, SMALL);
                canvas.text((frame.left - 8.0, at), &name, SMALL, (Paint::of(Ink::Text), Anchor::End, false));
                let style = (Paint::of(layout::ink_of(row.note.tone)), Anchor::Start, false);
                let note = layout::shortened(&row.note.text, layout.width - frame.right - 8.0, SMALL);
                canvas.text((frame.right + 8.0, at), &note, SMALL, style);
            }
            layers::on_rows(canvas, &panel.layers, rows.len(), (x, frame));
        }
    }
    canvas.line(&[(frame.left, frame.bottom), (frame.right, frame.bottom)], Paint::of(Ink::Muted), Pen::Hair);
}

/// Title and legend of a panel.
fn head(canvas: &mut Canvas<'_>, panel: &Panel, frame: &Frame, layout: &Layout) {
    let title = layout::title_of(panel);
    let style = (Paint::of(Ink::Text), Anchor::Start, false);
    if !title.is_empty() {
        let shown = layout::shortened(&title, layout.width, TITLE);
        canvas.text((0.0, frame.head + 9.0), &shown, TITLE, style);
    }
    for entry in &frame.legend {
        layers::swatch(canvas, &panel.layers[entry.layer], (entry.x, entry.y));
        canvas.text((entry.x + 17.0, entry.y), &entry.name, SMALL, style);
    }
}

/// Below the last panel.
fn x_labels(canvas: &mut Canvas<'_>, x: &Axis, frame: &Frame) {
    if x.title.is_empty() {
        return;
    }
    let style = |anchor| (Paint::of(Ink::Muted), anchor, false);
    for (value, word) in ticks::ticks(x, frame.most_x_ticks()) {
        let at = frame.x(x, value);
        let anchor =
            if at + 12.0 > frame.right && x.scale == Scale::Time { Anchor::End } else { Anchor::Middle };
        canvas.text((at, frame.bottom + 11.0), &word, SMALL, style(anchor));
    }
    canvas.text((frame.right, frame.bottom + 27.0), &x.title, SMALL, style(Anchor::End));
}

#[cfg(test)]
mod tests;

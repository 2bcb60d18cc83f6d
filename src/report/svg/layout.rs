//! Where each panel of a figure stands.

use super::canvas::{SMALL, TITLE, text_width};
use crate::report::outline::{Along, Axis, Figure, Ink, Layer, Measure, Panel, Shape, Tone};

/// A narrower drawing has titles and legends below each other.
const NARROW_BELOW: f64 = 600.0;
const LINE: f64 = 18.0;
const GAP: f64 = 12.0;
const BELOW_LAST: f64 = 36.0;
/// Before the name of an entry of the legend, and behind it.
const SWATCH: f64 = 17.0;
const BETWEEN: f64 = 14.0;

/// All panels of a figure.
pub struct Layout {
    pub width: f64,
    pub height: u32,
    pub frames: Vec<Frame>,
}

/// One panel: its head, and the rectangle in which it draws.
pub struct Frame {
    pub head: f64,
    pub top: f64,
    pub bottom: f64,
    pub left: f64,
    pub right: f64,
    pub legend: Vec<Entry>,
}

/// An entry of the legend, at the middle of its left edge.
pub struct Entry {
    pub layer: usize,
    pub name: String,
    pub x: f64,
    pub y: f64,
}

impl Layout {
    pub fn of(figure: &Figure, width: u32) -> Self {
        let width = f64::from(width);
        let is_narrow = width < NARROW_BELOW;
        let (left, right) = gutters(figure, width, is_narrow);
        let mut head = 2.0;
        let mut frames = Vec::new();
        for panel in &figure.panels {
            let (legend, lines) = legend(panel, head, width, is_narrow);
            let top = head + lines * LINE + if lines > 0.0 { 4.0 } else { 0.0 };
            let bottom = top + f64::from(panel.height);
            frames.push(Frame { head, top, bottom, left, right: width - right, legend });
            head = bottom + GAP;
        }
        let below = if figure.x.title.is_empty() { 2.0 } else { BELOW_LAST };
        let height = frames.last().map_or(0.0, |last| last.bottom) + below;
        Self { width, height: height.ceil() as u32, frames }
    }
}

/// Room for names or ticks at the left, and for notes at the right.
fn gutters(figure: &Figure, width: f64, is_narrow: bool) -> (f64, f64) {
    let rows = || {
        figure
            .panels
            .iter()
            .filter_map(|panel| match &panel.y {
                Measure::Rows(rows) => Some(rows),
                Measure::Axis(_) => None,
            })
            .flatten()
    };
    let widest =
        |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text_width(text, SMALL)).fold(0.0, f64::max);
    let names = widest(&mut rows().map(|row| row.name.as_str()));
    let notes = widest(&mut rows().map(|row| row.note.text.as_str()));
    let has_ticks =
        figure.panels.iter().any(|panel| matches!(&panel.y, Measure::Axis(axis) if !axis.title.is_empty()));
    let (most_left, most_right) =
        if is_narrow { (0.32 * width, 0.43 * width) } else { (0.24 * width, 0.24 * width) };
    let left = (names + 16.0).min(most_left).max(if has_ticks { 48.0 } else { 10.0 });
    (left, (notes + 16.0).min(most_right).max(14.0))
}

/// The legend of a panel, and how many lines its head takes.
fn legend(panel: &Panel, head: f64, width: f64, is_narrow: bool) -> (Vec<Entry>, f64) {
    let title = title_of(panel);
    let name_of = |layer: &Layer| match &layer.shape {
        Shape::Limit { along: Along::X, .. } => String::new(),
        Shape::Limit { along: Along::Y, label, .. } => label.clone(),
        _ => layer.name.clone(),
    };
    let named = panel.layers.iter().enumerate().map(|(index, layer)| (index, name_of(layer)));
    let named: Vec<(usize, String)> = named.filter(|(_, name)| !name.is_empty()).collect();
    let room = |name: &str| SWATCH + text_width(name, SMALL) + BETWEEN;
    let all: f64 = named.iter().map(|(_, name)| room(name)).sum();
    let title_width = text_width(&title, TITLE) + 2.0 * BETWEEN;
    let is_beside = !is_narrow && title_width + all <= width;
    let (mut x, mut line) = match (is_beside, title.is_empty()) {
        (true, _) => (width - all, 0.0),
        (false, true) => (0.0, 0.0),
        (false, false) => (0.0, 1.0),
    };
    let mut entries = Vec::new();
    for (layer, name) in named {
        let name = shortened(&name, width - SWATCH, SMALL);
        if x > 0.0 && x + room(&name) - BETWEEN > width {
            (x, line) = (0.0, line + 1.0);
        }
        let next = x + room(&name);
        entries.push(Entry { layer, name, x, y: head + line * LINE + 9.0 });
        x = next;
    }
    let lines = match (entries.is_empty(), title.is_empty()) {
        (true, true) => 0.0,
        (true, false) => 1.0,
        (false, _) => line + 1.0,
    };
    (entries, lines)
}

/// What it is called, with the unit of its measure.
pub fn title_of(panel: &Panel) -> String {
    match &panel.y {
        Measure::Axis(axis) if !axis.title.is_empty() && !panel.title.is_empty() => {
            format!("{}, {}", panel.title, axis.title)
        }
        Measure::Axis(axis) if panel.title.is_empty() => axis.title.clone(),
        _ => panel.title.clone(),
    }
}

/// As much of a text as has room.
pub fn shortened(text: &str, room: f64, size: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        shown.push(character);
        if text_width(&shown, size) > room - size {
            shown.pop();
            break;
        }
    }
    format!("{}…", shown.trim_end())
}

pub fn ink_of(tone: Tone) -> Ink {
    match tone {
        Tone::Bad => Ink::Fail,
        Tone::Dim => Ink::Muted,
        Tone::Plain | Tone::Good | Tone::Doubtful => Ink::Text,
    }
}

impl Frame {
    pub fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.left + axis.share(value) * (self.right - self.left)
    }

    pub fn y(&self, axis: &Axis, value: f64) -> f64 {
        self.bottom - axis.share(value) * (self.bottom - self.top)
    }

    /// The middle of a row.
    pub fn row(&self, index: usize, rows: usize) -> f64 {
        self.top + (index as f64 + 0.5) * self.pitch(rows)
    }

    pub fn pitch(&self, rows: usize) -> f64 {
        (self.bottom - self.top) / rows.max(1) as f64
    }

    pub fn most_x_ticks(&self) -> usize {
        (((self.right - self.left) / 80.0) as usize).max(3)
    }

    pub fn most_y_ticks(&self) -> usize {
        (((self.bottom - self.top) / 28.0) as usize).max(2)
    }
}

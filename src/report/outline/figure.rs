//! Figures as data: what a chart shows, by a small grammar. Whoever paints it decides nothing but how it looks.
//!
//! A figure has one x axis and panels below each other; a panel has a measure or a list of rows, and layers on it. Bullets,
//! waterfalls, shares of 100 % and forests are bars and marks on rows; a timeline is lines and stacks on measures.

use std::sync::Arc;

use serde::Serialize;

use super::cell::Cell;
use crate::units::Unit;

/// A chart with what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Anchor on the page: a word of ours.
    pub id: &'static str,
    pub title: String,
    /// How to read it, then what it shows: computed sentences, at most a handful.
    pub caption: Vec<Cell>,
    /// The same in words, for who can't see it.
    pub text: String,
    pub x: Axis,
    pub panels: Vec<Panel>,
    /// The same panels, finer, for who looks closer: what can be zoomed.
    pub detail: Option<Detail>,
}

/// The panels of a figure once more, with the same layers in the same order, in finer steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// It is shown where no more than this much of the x axis is.
    pub below: f64,
    /// The parts of the x axis that it covers.
    pub covers: Vec<(f64, f64)>,
    pub panels: Vec<Panel>,
    /// What can be gone to.
    pub events: Vec<Event>,
}

/// Something that happened at one value of the x axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at: f64,
    pub name: String,
}

/// Along what a value lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// With the unit in it. An axis without a title has no ticks.
    pub title: String,
    pub unit: Unit,
    pub scale: Scale,
    pub range: (f64, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    Linear,
    Log,
    /// Seconds since the start.
    Time,
    /// Days since 1970-01-01, UTC.
    Date,
}

/// How the time since the start of a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Seconds,
    Minutes,
    Hours,
}

impl Clock {
    /// Of a run of this length: short ones count seconds, longer ones minutes, the longest hours.
    pub fn of(length_s: f64) -> Self {
        match length_s {
            ..=600.0 => Clock::Seconds,
            ..=9_000.0 => Clock::Minutes,
            _ => Clock::Hours,
        }
    }

    /// What stands at its axis.
    pub fn unit(self) -> &'static str {
        match self {
            Clock::Seconds => "s",
            Clock::Minutes => "min:s",
            Clock::Hours => "h:min",
        }
    }
}

/// Layers on one measure or on one list of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub title: String,
    pub y: Measure,
    /// CSS pixels.
    pub height: u32,
    /// The first is painted first.
    pub layers: Vec<Layer>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    Axis(Axis),
    /// From the top.
    Rows(Vec<Row>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    /// At the right end of the row.
    pub note: Cell,
}

/// One thing in one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// In the legend; what has no name is not in it.
    pub name: String,
    pub ink: Ink,
    pub stroke: Stroke,
    pub shape: Shape,
}

/// Never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stroke {
    Solid,
    Dashed,
    /// Waiting, and what else is not the thing itself.
    Hatched,
    /// Strong, for what is looked at first.
    Bold,
    /// Thin or pale: ground.
    Faint,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A gap where there is no value.
    Line {
        x: Arc<[f64]>,
        y: Vec<Option<f64>>,
    },
    /// Stands on the stacks of the layers before it in the panel.
    Stack {
        x: Arc<[f64]>,
        y: Vec<Option<f64>>,
    },
    Band {
        x: Arc<[f64]>,
        low: Vec<Option<f64>>,
        high: Vec<Option<f64>>,
    },
    Bars(Vec<Bar>),
    /// Ground from the bottom up.
    Spans(Vec<Span>),
    /// A line across the panel.
    Limit {
        along: Along,
        at: f64,
        label: String,
    },
    Marks(Vec<Mark>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    X,
    Y,
}

/// On a row, from one value of x to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub row: usize,
    pub from: f64,
    pub to: f64,
    /// Share of the row's height.
    pub thickness: f64,
    /// In it, where it has room.
    pub label: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub from: f64,
    pub to: f64,
    /// Share of the panel's height.
    pub height: f64,
}

/// A value with its interval. On rows, `y` is the row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub x: f64,
    pub y: f64,
    /// Interval along x on rows, along y on a measure.
    pub interval: Option<(f64, f64)>,
    pub is_filled: bool,
}

/// One colour is one thing on all pages; red is failure or limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ink {
    Text,
    Muted,
    Rule,
    L1,
    L2,
    L3,
    Lightrag,
    Perplexity,
    Stale,
    Retrieval,
    Fail,
    Half,
    Timeout,
    Other,
    New,
    Band,
}

impl Ink {
    pub const ALL: [Ink; 16] = [
        Ink::Text,
        Ink::Muted,
        Ink::Rule,
        Ink::L1,
        Ink::L2,
        Ink::L3,
        Ink::Lightrag,
        Ink::Perplexity,
        Ink::Stale,
        Ink::Retrieval,
        Ink::Fail,
        Ink::Half,
        Ink::Timeout,
        Ink::Other,
        Ink::New,
        Ink::Band,
    ];

    /// Its name in style sheets, and its colour on light and on dark ground, RGB.
    pub fn token(self) -> (&'static str, u32, u32) {
        match self {
            Ink::Text => ("text", 0x1c2126, 0xe4e7ea),
            Ink::Muted => ("muted", 0x5b6570, 0x98a2ad),
            Ink::Rule => ("rule", 0xdcdfe2, 0x30363d),
            Ink::L1 => ("l1", 0x4e97d1, 0x93c7f3),
            Ink::L2 => ("l2", 0x1f639e, 0x4f97d6),
            Ink::L3 => ("l3", 0x0d3354, 0x2f6fae),
            Ink::Lightrag => ("lightrag", 0xd29100, 0xe3a83a),
            Ink::Perplexity => ("perplexity", 0x743a80, 0xa578cf),
            Ink::Stale => ("stale", 0x6dbcaa, 0x97dac8),
            Ink::Retrieval => ("retrieval", 0x7b6d5d, 0xa3937f),
            Ink::Fail => ("fail", 0xb62f0d, 0xee6a42),
            Ink::Half => ("half", 0xe59a7f, 0xa9563a),
            Ink::Timeout => ("timeout", 0x6f2410, 0xf9c3ad),
            Ink::Other => ("other", 0x9aa2aa, 0x7d868f),
            Ink::New => ("new", 0x1d5c94, 0x6aa9de),
            Ink::Band => ("band", 0xe6e9ec, 0x272d34),
        }
    }

    /// Of a component by its name in run files.
    pub fn of_component(name: &str) -> Self {
        match name {
            "cache_l1" => Ink::L1,
            "cache_l2" => Ink::L2,
            "cache_l3" => Ink::L3,
            "lightrag" => Ink::Lightrag,
            "perplexity" => Ink::Perplexity,
            "cache_fallback" => Ink::Stale,
            "retrieval" => Ink::Retrieval,
            "circuit_breaker" => Ink::Half,
            _ => Ink::Other,
        }
    }
}

impl Layer {
    pub fn new(name: impl AsRef<str>, ink: Ink, shape: Shape) -> Self {
        Self { name: super::printable(name.as_ref()), ink, stroke: Stroke::Solid, shape }
    }

    /// A dashed line across the panel, with its label at it.
    pub fn limit(along: Along, at: f64, label: impl AsRef<str>, ink: Ink) -> Self {
        let label = super::printable(label.as_ref());
        Self::new("", ink, Shape::Limit { along, at, label }).stroked(Stroke::Dashed)
    }

    pub fn stroked(self, stroke: Stroke) -> Self {
        Self { stroke, ..self }
    }
}

impl Axis {
    pub fn new(title: impl Into<String>, unit: Unit, scale: Scale, range: (f64, f64)) -> Self {
        Self { title: title.into(), unit, scale, range }
    }

    /// From 0 to the least of 1, 2, 2.5, 5 and 10 times a power of ten that holds all values.
    pub fn from_zero(title: impl Into<String>, unit: Unit, most: f64) -> Self {
        Self::new(title, unit, Scale::Linear, (0.0, round_up(most)))
    }

    /// Does a value lie between the ends?
    pub fn holds(&self, value: f64) -> bool {
        (self.range.0..=self.range.1).contains(&value)
    }

    /// Where a value lies between the ends, 0..1; what lies beyond them is at the end.
    pub fn share(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        let share = match self.scale {
            Scale::Log => (value.max(f64::MIN_POSITIVE) / low).ln() / (high / low).ln(),
            Scale::Linear | Scale::Time | Scale::Date => (value - low) / (high - low),
        };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn round_up(most: f64) -> f64 {
    if !(most.is_finite() && most > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(most.log10().floor());
    let steps = [1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|&end| end >= most * 0.999_999).unwrap_or(most)
}

impl Bar {
    pub fn new(row: usize, from: f64, to: f64) -> Self {
        Self { row, from, to, thickness: 0.62, label: String::new() }
    }

    pub fn thin(self, thickness: f64) -> Self {
        Self { thickness, ..self }
    }

    pub fn labelled(self, label: impl AsRef<str>) -> Self {
        Self { label: super::printable(label.as_ref()), ..self }
    }
}

impl Row {
    pub fn new(name: impl AsRef<str>, note: Cell) -> Self {
        Self { name: super::printable(name.as_ref()), note }
    }
}

impl Figure {
    /// Can it be zoomed?
    pub fn is_timeline(&self) -> bool {
        self.detail.is_some()
    }
}

//! The sheet that is painted on: what plotters writes as SVG, with colours as attributes that a style sheet can map.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use crate::report::outline::Ink;

/// The backend knows whole numbers only: it is given quarters of a CSS pixel.
pub const FINE: u32 = 4;
/// What the backend divides the size of a text by.
const FONT_SCALE: f64 = 1.24;
/// Width, in quarters, that stands for a dashed line: the backend knows no dashes.
const DASHED: u32 = 7;

/// Sizes of letters.
pub const SMALL: f64 = 11.5;
pub const TITLE: f64 = 12.5;

pub type Point = (f64, f64);

/// With what something is painted.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    rgb: u32,
    opacity: f64,
}

#[derive(Debug, Clone, Copy)]
pub enum Pen {
    Hair,
    Thin,
    Bold,
    Dashed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Paint {
    pub fn of(ink: Ink) -> Self {
        Self { rgb: ink.token().1, opacity: 1.0 }
    }

    /// A style sheet makes hatching of it; without one it is the plain colour.
    pub fn hatched(ink: Ink) -> Self {
        Self { rgb: ink.token().1 ^ 1, opacity: 1.0 }
    }

    /// Text on a ground of this colour.
    pub fn on(ink: Ink) -> Self {
        let light = ink.token().1;
        let [red, green, blue] = [16, 8, 0].map(|bits| f64::from((light >> bits) & 0xff));
        let is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 125.0;
        Self { rgb: if is_dark { ON_DARK } else { ON_LIGHT }, opacity: 1.0 }
    }

    pub fn faded(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    fn color(self) -> RGBAColor {
        let [red, green, blue] = [16, 8, 0].map(|bits| (self.rgb >> bits) as u8);
        RGBColor(red, green, blue).mix(self.opacity)
    }
}

/// Text on what is dark on a light page, and on what is light there.
pub const ON_DARK: u32 = 0xff_fffe;
pub const ON_LIGHT: u32 = 0x10_1215;

pub struct Canvas<'s> {
    backend: SVGBackend<'s>,
}

/// The elements that `draw` draws, without the element around them.
pub fn paint((width, height): (u32, u32), draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, (width * FINE, height * FINE));
    let mut canvas = Canvas { backend };
    draw(&mut canvas);
    drop(canvas);
    let inner = text.split_once('>').map_or("", |(_, inner)| inner).trim();
    let inner = inner.strip_suffix("</svg>").unwrap_or(inner);
    // What no reader of the page needs. Texts hold no plain quotation mark: what looks like an attribute is one.
    inner
        .replace(" opacity=\"1\"", "")
        .replace(" font-family=\"sans-serif\"", "")
        .replace(" stroke=\"none\"", "")
        .replace(" text-anchor=\"start\"", "")
        .replace(" \"/>", "\"/>")
        .replace("\n</text>", "</text>")
        .replace(">\n", ">")
        .replace(&format!("stroke-width=\"{DASHED}\""), "stroke-width=\"5\" stroke-dasharray=\"14,10\"")
}

fn fine((x, y): Point) -> (i32, i32) {
    let fine = |value: f64| (value * f64::from(FINE)).round() as i32;
    (fine(x), fine(y))
}

impl Pen {
    fn width(self) -> u32 {
        match self {
            Pen::Hair => 2,
            Pen::Thin => 5,
            Pen::Bold => 8,
            Pen::Dashed => DASHED,
        }
    }
}

// Writing into a string cannot fail.
impl Canvas<'_> {
    pub fn line(&mut self, points: &[Point], paint: Paint, pen: Pen) {
        let style = ShapeStyle { color: paint.color(), filled: false, stroke_width: pen.width() };
        let mut fine_points: Vec<(i32, i32)> = points.iter().copied().map(fine).collect();
        fine_points.dedup();
        let _ = self.backend.draw_path(fine_points, &style);
    }

    pub fn polygon(&mut self, points: &[Point], paint: Paint) {
        let mut fine_points: Vec<(i32, i32)> = points.iter().copied().map(fine).collect();
        fine_points.dedup();
        let _ = self.backend.fill_polygon(fine_points, &paint.color());
    }

    pub fn rect(&mut self, from: Point, to: Point, paint: Paint) {
        let _ = self.backend.draw_rect(fine(from), fine(to), &paint.color(), true);
    }

    pub fn circle(&mut self, center: Point, radius: f64, paint: Paint, is_filled: bool) {
        let style = ShapeStyle { color: paint.color(), filled: is_filled, stroke_width: 6 };
        let radius = (radius * f64::from(FINE)).round() as u32;
        let _ = self.backend.draw_circle(fine(center), radius, &style, is_filled);
    }

    /// `at` is in the middle of the height of the letters.
    pub fn text(
        &mut self,
        at: Point,
        text: &str,
        size: f64,
        (paint, anchor, is_bold): (Paint, Anchor, bool),
    ) {
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let weight = if is_bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = size * f64::from(FINE) * FONT_SCALE;
        let color = paint.color();
        let style = TextStyle::from(FontDesc::new(FontFamily::SansSerif, size, weight))
            .color(&color)
            .pos(Pos::new(h_pos, VPos::Center));
        let _ = self.backend.draw_text(text, &style, fine(at));
    }
}

/// About how wide a text is: nobody knows the font of the reader.
pub fn text_width(text: &str, size: f64) -> f64 {
    let wide = text.chars().map(|character| if character.is_ascii() { 0.6 } else { 0.75 });
    wide.sum::<f64>() * size
}

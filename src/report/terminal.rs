//! Documents for a person at a terminal: what decides first, never wider than the paper.
//!
//! Colours are ANSI sequences; whoever prints strips them where they are not wanted (`anstream`).

use anstyle::Style;

use super::outline::{Cell, Outline, Section, Tone};

mod ascii;
mod canvas;
mod columns;
mod layout;
mod lists;
mod paper;
mod spark;
mod tone;

pub use canvas::Canvas;
use lists::Lists;
pub use paper::Paper;
use tone::style;

/// The whole document. Where its lines are counted lists give way, each as far as it must.
pub fn render(outline: &Outline, paper: Paper) -> String {
    let mut lists = Lists::of(&outline.sections);
    loop {
        let text = paint(outline, &lists, paper);
        let most = outline.most_lines.unwrap_or(usize::MAX);
        let excess = text.lines().count().saturating_sub(most);
        if excess == 0 || !lists.shorten() {
            return text;
        }
        // Each takes one line away.
        (1..excess).for_each(|_| {
            lists.shorten();
        });
    }
}

fn paint(outline: &Outline, lists: &Lists, paper: Paper) -> String {
    let mut canvas = Canvas::new(paper);
    head(&mut canvas, outline);
    for (index, section) in outline.sections.iter().enumerate() {
        canvas.gap();
        section_on(&mut canvas, section, lists.more(index));
    }
    let left_out = canvas.left_out();
    if !outline.notes.is_empty() || left_out.is_some() {
        canvas.gap();
    }
    outline.notes.iter().for_each(|note| canvas.wrapped(&Cell::toned(note, Tone::Dim)));
    left_out.iter().for_each(|note| canvas.wrapped(note));
    closing(&mut canvas, &outline.closing);
    canvas.finish()
}

/// What stands above the sections, below its title: for one of many runs.
pub fn render_head(outline: &Outline, paper: Paper) -> String {
    let mut canvas = Canvas::new(paper);
    titles(&mut canvas, outline);
    outline.headline.iter().for_each(|cell| canvas.hanging("  ", "    ", cell, style(cell.tone).bold()));
    outline.verdict.iter().for_each(|cell| canvas.wrapped(cell));
    canvas.finish()
}

/// A section that belongs to no document of its own, with what is said last.
pub fn render_section(section: &Section, last: &[Cell], paper: Paper) -> String {
    let mut canvas = Canvas::new(paper);
    section_on(&mut canvas, section, 0);
    canvas.left_out().iter().for_each(|note| canvas.wrapped(note));
    closing(&mut canvas, last);
    canvas.finish()
}

fn head(canvas: &mut Canvas, outline: &Outline) {
    if let Some(headline) = &outline.headline {
        canvas.paragraph(headline);
        canvas.blank();
    }
    titles(canvas, outline);
    if !outline.subtitle.is_empty() {
        canvas.blank();
    }
    for (index, cell) in outline.verdict.iter().enumerate() {
        let style = if index == 0 { style(cell.tone).bold() } else { style(cell.tone) };
        canvas.hanging("  ", "    ", cell, style);
    }
}

fn titles(canvas: &mut Canvas, outline: &Outline) {
    canvas.heading(&outline.title, Style::new().bold());
    if !outline.subtitle.is_empty() {
        canvas.heading(&outline.subtitle, style(Tone::Dim));
    }
}

fn closing(canvas: &mut Canvas, cells: &[Cell]) {
    if !cells.is_empty() {
        canvas.blank();
    }
    cells.iter().for_each(|cell| canvas.hanging("", "  ", cell, style(cell.tone)));
}

/// Without the last `more` rows, of which it says how many they are.
fn section_on(canvas: &mut Canvas, section: &Section, more: usize) {
    if !section.heading.is_empty() {
        canvas.heading(&section.heading, Style::new().bold());
    }
    section.intro.iter().for_each(|line| canvas.wrapped(line));
    let shown = section.rows.len() - more;
    canvas.table(&section.columns, &section.rows[..shown]);
    if more > 0 {
        canvas.wrapped(&Cell::toned(format!("and {more} more: --full"), Tone::Dim));
    }
    for (index, item) in section.items.iter().enumerate() {
        canvas.item(index + 1, item);
    }
    section.lines.iter().for_each(|line| canvas.wrapped(line));
    canvas.sparks(&section.sparks);
}

#[cfg(test)]
mod tests;

//! `report.md`: what the terminal shows, as GitHub Markdown.

use super::outline::{Cell, Column, ColumnKind, Importance, Item, Outline, Section, Tone, outline};
use crate::analysis::Analysis;
use crate::units;

/// Names of sections in one sentence.
const SECTIONS_NAMED: usize = 6;

/// The summary of one run, with a heading of level 1.
pub fn render(analysis: &Analysis) -> String {
    render_outline(&outline(analysis))
}

/// Characters that a comment on GitHub holds.
const LONGEST_COMMENT: usize = 65_536;
/// … of which so many are kept for what had to be left out.
const ROOM_FOR_LEFT_OUT: usize = 2_000;

/// What can be pasted into a merge request, with a hidden `tag` at its end. Of what is too long the last sections give way.
pub fn render_comment(outline: &Outline, tag: &str) -> String {
    let mut text = cut(head(outline), LONGEST_COMMENT / 4);
    let mut end = cut(notes(outline), LONGEST_COMMENT / 4);
    let room = LONGEST_COMMENT.saturating_sub(ROOM_FOR_LEFT_OUT + end.chars().count() + tag.chars().count());
    let mut left_out: Vec<&str> = Vec::new();
    let mut length = text.chars().count();
    for section in &outline.sections {
        let mut part = String::new();
        push_section(&mut part, section);
        length += part.chars().count();
        if length > room {
            left_out.push(&section.heading);
        } else {
            text.push_str(&part);
        }
    }
    if !left_out.is_empty() {
        let named = cut(escape(&units::some_of(&left_out, SECTIONS_NAMED)), ROOM_FOR_LEFT_OUT / 2);
        end.push_str(&format!("\n- Left out, since a comment has its limit: {named}\n"));
    }
    format!("{text}{end}\n{tag}\n")
}

/// The beginning of a text that nobody expects to be longer.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…\n", &text[..end]),
        None => text,
    }
}

pub fn render_outline(outline: &Outline) -> String {
    let mut text = head(outline);
    outline.sections.iter().for_each(|section| push_section(&mut text, section));
    text + &notes(outline)
}

/// Title and verdict.
fn head(outline: &Outline) -> String {
    let mut text = String::new();
    if let Some(headline) = &outline.headline {
        text.push_str(&format!("**{}**\n\n", escape(&headline.text)));
    }
    text.push_str(&format!("# {}\n\n{}\n", escape(&outline.title), escape(&outline.subtitle)));
    for (index, cell) in outline.verdict.iter().enumerate() {
        let line = escape(&cell.text);
        // The list begins below an empty line, where there is one.
        let gap = if index == 1 { "\n" } else { "" };
        text.push_str(&if index == 0 { format!("\n**{line}**\n") } else { format!("{gap}- {line}\n") });
    }
    text
}

fn notes(outline: &Outline) -> String {
    let notes: String = outline.notes.iter().map(|note| format!("- {}\n", escape(note))).collect();
    if notes.is_empty() { notes } else { format!("\n{notes}") }
}

fn push_section(text: &mut String, section: &Section) {
    let heading = escape(&section.heading);
    if section.is_folded {
        text.push_str(&format!("\n<details><summary>{heading}</summary>\n"));
        push_body(text, section);
        text.push_str("\n</details>\n");
    } else {
        text.push_str(&format!("\n## {heading}\n"));
        push_body(text, section);
    }
}

fn push_body(text: &mut String, section: &Section) {
    push_list(text, &section.intro);
    if !section.rows.is_empty() {
        text.push('\n');
        push_table(text, &section.columns, &section.rows);
    }
    push_items(text, &section.items);
    push_list(text, &section.lines);
}

fn push_list(text: &mut String, lines: &[Cell]) {
    if !lines.is_empty() {
        text.push('\n');
        lines.iter().for_each(|line| text.push_str(&format!("- {}\n", cell(line))));
    }
}

fn push_items(text: &mut String, items: &[Item]) {
    if !items.is_empty() {
        text.push('\n');
    }
    for (index, item) in items.iter().enumerate() {
        let number = format!("{}. ", index + 1);
        let margin = " ".repeat(number.len());
        text.push_str(&format!("{number}{}\n", escape(&item.text.text)));
        for detail in &item.details {
            text.push_str(&format!("{margin}- {}\n", escape(&detail.text)));
        }
    }
}

/// A pipe table. What is shown where there is room to spare is left out: a comment has none.
pub fn push_table(text: &mut String, columns: &[Column], rows: &[Vec<Cell>]) {
    let is_shown = |column: &Column| column.importance != Importance::Extra;
    let shown = || columns.iter().filter(|column| is_shown(column));
    push_row(text, shown().map(|column| column.name.to_owned()));
    let rules = shown().map(|column| match column.kind {
        ColumnKind::Number => "---:".to_owned(),
        ColumnKind::Word | ColumnKind::Name | ColumnKind::Text | ColumnKind::Group => "---".to_owned(),
    });
    push_row(text, rules);
    for row in rows {
        let cells = row.iter().zip(columns).filter(|(_, column)| is_shown(column));
        push_row(text, cells.map(|(shown, _)| cell(shown)));
    }
}

fn push_row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    cells.for_each(|cell| text.push_str(&format!(" {cell} |")));
    text.push('\n');
}

fn cell(cell: &Cell) -> String {
    let text = escape(&cell.text);
    match cell.tone {
        Tone::Bad if !text.is_empty() => format!("**{text}**"),
        _ => text,
    }
}

/// Without the characters that mean something to Markdown or HTML. Underscores inside words mean nothing.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    #[test]
    fn the_report_of_a_small_run() {
        let analysis = Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap();
        insta::assert_snapshot!(render(&analysis));
    }

    #[test]
    fn the_report_of_a_run_that_got_worse() {
        let text = render(&crate::report::fixture::judged());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn names_cannot_break_the_table_or_bring_html() {
        let mut summary = fixture::run_summary();
        summary.components[2].component = "a|b\n<img src=x> [link](y) `c`".into();
        let text = render(&Analysis::of_whole(summary, &Config::defaults()).unwrap());
        assert!(text.contains("| a\\|b &lt;img src=x> \\[link\\](y) \\`c\\` |"), "{text}");
    }
}

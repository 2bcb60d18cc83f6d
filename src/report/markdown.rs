//! `report.md`: what the terminal shows, as GitHub Markdown.

use super::outline::{Cell, Column, ColumnKind, Item, Outline, Section, Tone, outline};
use crate::analysis::Analysis;

/// The summary of one run, with a heading of level 1.
pub fn render(analysis: &Analysis) -> String {
    render_outline(&outline(analysis))
}

pub fn render_outline(outline: &Outline) -> String {
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
    for section in &outline.sections {
        push_section(&mut text, section);
    }
    if !outline.notes.is_empty() {
        text.push('\n');
        outline.notes.iter().for_each(|note| text.push_str(&format!("- {note}\n")));
    }
    text
}

fn push_section(text: &mut String, section: &Section) {
    text.push_str(&format!("\n## {}\n", escape(&section.heading)));
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

/// A pipe table.
pub fn push_table(text: &mut String, columns: &[Column], rows: &[Vec<Cell>]) {
    let names = columns.iter().map(|column| column.name.to_owned());
    push_row(text, names);
    let rules = columns.iter().map(|column| match column.kind {
        ColumnKind::Number => "---:".to_owned(),
        ColumnKind::Word | ColumnKind::Name | ColumnKind::Group => "---".to_owned(),
    });
    push_row(text, rules);
    for row in rows {
        push_row(text, row.iter().map(cell));
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

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
        Some((end, _)) => {
            let kept = &text[..end];
            // A comment that is cut open would hide what follows.
            let open = kept.rfind('<').filter(|&at| !kept[at..].contains('>'));
            format!("{}…\n", &kept[..open.unwrap_or(end)])
        }
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

/// Without the characters that mean something to Markdown or HTML (underscores inside words mean nothing), and without what a
/// forge makes of plain text: mentions, references to issues, links and emoji.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        let (before, after) = (&text[..index], &text[index + character.len_utf8()..]);
        match character {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' if after.starts_with(is_of_word) => escaped.push_str(&format!("&#64;{SPLIT}")),
            '#' if after.starts_with(|next: char| next.is_ascii_digit()) => {
                escaped.push_str(&format!("&#35;{SPLIT}"));
            }
            ':' if after.starts_with("//") || is_emoji(after) => escaped.push_str(&format!("&#58;{SPLIT}")),
            '.' if ends_with_www(before) => escaped.push_str(&format!("{SPLIT}&#46;")),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Forges look for names and links in the text that is shown, where an entity is the character again: what they look for must not
/// be in one piece.
const SPLIT: &str = "<!-- -->";

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `name:`, the rest of `:name:`; that of a time of day is none.
fn is_emoji(after: &str) -> bool {
    let Some((name, _)) = after.split_once(':') else { return false };
    let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+-".contains(letter));
    is_name && (name.len() > 2 || name.chars().any(|letter| !letter.is_ascii_digit()))
}

fn ends_with_www(before: &str) -> bool {
    let end = before.len().saturating_sub(3);
    before.get(end..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
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

    #[test]
    fn names_mention_nobody_and_link_nowhere() {
        for (name, wanted) in [
            ("@everyone", "&#64;<!-- -->everyone"),
            ("fixes #1", "fixes &#35;<!-- -->1"),
            ("https://a.b/c", "https&#58;<!-- -->//a.b/c"),
            ("WWW.example.org", "WWW<!-- -->&#46;example.org"),
            ("a@b.org", "a&#64;<!-- -->b.org"),
            (":tada: :+1: :100:", "&#58;<!-- -->tada: &#58;<!-- -->+1: &#58;<!-- -->100:"),
        ] {
            assert_eq!(escape(name), wanted);
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "# of 10, # 3",
            "40 @ 85 %",
            "12:00:00 UTC",
            "gate: request/ok_p95_ms: +12.0 %",
            "a: b: c",
            "www of",
            "request.ok",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn a_text_that_is_cut_hides_nothing_behind_it() {
        for most in 0..20 {
            let text = cut(escape("a @b @c"), most);
            assert_eq!(text.matches("<!--").count(), text.matches("-->").count(), "{text}");
        }
    }
}

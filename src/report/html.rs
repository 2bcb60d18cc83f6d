//! A page: one file that asks for nothing, readable without scripts and style sheets, made from an outline.

use askama::Template;

use super::outline::{Cell, Column, ColumnKind, Columns, Figure, Fold, Grid, Item, Outline, Section, Tone};
use super::svg;

mod style;
mod tracks;

const UPLOT: &str = include_str!("../../assets/uplot/uPlot.iife.min.js");
const UPLOT_STYLE: &str = include_str!("../../assets/uplot/uPlot.min.css");
const SCRIPT: &str = include_str!("../../assets/page/timeline.js");

/// What stands on a page: an outline, the numbers beside its verdict, and how it was made.
pub struct Page {
    pub outline: Outline,
    pub numbers: Vec<KeyNumber>,
    /// The last lines.
    pub foot: Vec<String>,
}

/// One of the few numbers that are looked at first.
pub struct KeyNumber {
    pub label: &'static str,
    pub value: Cell,
    pub note: String,
}

/// The bytes of `report.html` and of its like.
///
/// # Errors
/// Never but for a bug: the template writes into memory.
pub fn render(page: &Page) -> Result<String, askama::Error> {
    PageView::of(page).render()
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageView {
    title: String,
    subtitle: String,
    verdict: Line,
    numbers: Vec<NumberView>,
    reasons: Vec<Line>,
    sections: Vec<SectionView>,
    notes: Vec<String>,
    foot: Vec<String>,
    css: String,
    patterns: String,
    tracks: String,
    uplot: &'static str,
    script: &'static str,
}

struct NumberView {
    label: &'static str,
    value: String,
    tone: &'static str,
    note: String,
}

struct Line {
    text: String,
    tone: &'static str,
}

struct SectionView {
    id: String,
    heading: String,
    is_folded: bool,
    intro: Vec<Line>,
    items: Vec<ItemView>,
    columns: Vec<ColumnView>,
    rows: Vec<Vec<CellView>>,
    lines: Vec<Line>,
    figures: Vec<FigureView>,
    /// Figures beside each other, and what unfolds.
    more: String,
}

struct ItemView {
    text: Line,
    details: Vec<Line>,
    href: &'static str,
    link: String,
}

struct ColumnView {
    name: &'static str,
    is_number: bool,
}

struct CellView {
    text: String,
    class: String,
    is_heading: bool,
}

struct FigureView {
    id: &'static str,
    title: String,
    caption: Vec<Line>,
    is_timeline: bool,
    wide: String,
    narrow: String,
}

impl PageView {
    fn of(page: &Page) -> Self {
        let Page { outline, numbers, foot } = page;
        let figures: Vec<&Figure> = outline.sections.iter().flat_map(|section| &section.figures).collect();
        let mut told = outline.headline.iter().chain(&outline.verdict).map(Line::of);
        let verdict = told.next().unwrap_or_else(|| Line { text: outline.title.clone(), tone: "" });
        Self {
            title: outline.title.clone(),
            subtitle: outline.subtitle.clone(),
            verdict,
            numbers: numbers.iter().map(NumberView::of).collect(),
            reasons: told.collect(),
            sections: outline
                .sections
                .iter()
                .enumerate()
                .map(|(index, section)| SectionView::of(index, section, &figures))
                .collect(),
            notes: outline.notes.clone(),
            foot: foot.clone(),
            css: style::sheet(UPLOT_STYLE),
            patterns: style::patterns(),
            tracks: tracks::json(&figures),
            uplot: UPLOT,
            script: SCRIPT,
        }
    }
}

impl NumberView {
    fn of(number: &KeyNumber) -> Self {
        let Cell { text, tone, .. } = &number.value;
        Self { label: number.label, value: text.clone(), tone: class(*tone), note: number.note.clone() }
    }
}

impl Line {
    fn of(cell: &Cell) -> Self {
        Self { text: cell.text.clone(), tone: class(cell.tone) }
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
        Tone::Dim => "dim",
    }
}

impl SectionView {
    fn of(index: usize, section: &Section, figures: &[&Figure]) -> Self {
        let id = if section.id.is_empty() { format!("section-{}", index + 1) } else { section.id.to_owned() };
        let lines = |cells: &[Cell]| cells.iter().map(Line::of).collect();
        Self {
            id,
            heading: section.heading.clone(),
            is_folded: section.is_folded,
            intro: lines(&section.intro),
            items: section.items.iter().map(|item| ItemView::of(item, figures)).collect(),
            columns: section.columns.iter().map(ColumnView::of).collect(),
            rows: section.rows.iter().map(|row| cells(&section.columns, row)).collect(),
            lines: lines(&section.lines),
            figures: section.figures.iter().map(FigureView::of).collect(),
            more: more(section),
        }
    }
}

impl ItemView {
    /// Linked to the figure that shows it, where the page has that figure.
    fn of(item: &Item, figures: &[&Figure]) -> Self {
        let shown = item.shown_by.and_then(|id| figures.iter().find(|figure| figure.id == id));
        Self {
            text: Line::of(&item.text),
            details: item.details.iter().map(Line::of).collect(),
            href: shown.map(|figure| figure.id).unwrap_or_default(),
            link: shown.map(|figure| figure.title.clone()).unwrap_or_default(),
        }
    }
}

impl ColumnView {
    fn of(column: &Column) -> Self {
        Self { name: column.name, is_number: column.kind == ColumnKind::Number }
    }
}

/// The first column that holds names tells which row it is.
fn cells(columns: &[Column], row: &[Cell]) -> Vec<CellView> {
    let heading = columns.iter().position(|column| column.kind == ColumnKind::Name).unwrap_or(0);
    let both = columns.iter().zip(row).enumerate();
    both.map(|(index, (column, cell))| {
        let kind = match column.kind {
            ColumnKind::Number => "n",
            // Sentences need room for some words.
            ColumnKind::Text => "t",
            ColumnKind::Name if index != heading => "t",
            ColumnKind::Name | ColumnKind::Word | ColumnKind::Group => "",
        };
        CellView {
            text: cell.text.clone(),
            class: [kind, class(cell.tone)].join(" ").trim().to_owned(),
            is_heading: index == heading,
        }
    })
    .collect()
}

impl FigureView {
    fn of(figure: &Figure) -> Self {
        Self {
            id: figure.id,
            title: figure.title.clone(),
            caption: figure.caption.iter().map(Line::of).collect(),
            is_timeline: figure.is_timeline(),
            wide: drawing(figure.id, figure, (svg::WIDE, "w")),
            narrow: drawing(figure.id, figure, (svg::NARROW, "n")),
        }
    }
}

#[derive(Template)]
#[template(
    source = r#"<svg role="img" aria-labelledby="{{ id }}-{{ suffix }}-t {{ id }}-{{ suffix }}-d" width="{{ width }}" height="{{ height }}" viewBox="0 0 {{ inner_width }} {{ inner_height }}" font-family="system-ui, sans-serif"><title id="{{ id }}-{{ suffix }}-t">{{ title }}</title><desc id="{{ id }}-{{ suffix }}-d">{{ text }}</desc>{{ elements|safe }}</svg>"#,
    ext = "html"
)]
struct SvgView<'a> {
    id: &'a str,
    suffix: &'a str,
    title: &'a str,
    text: &'a str,
    width: u32,
    height: u32,
    inner_width: u32,
    inner_height: u32,
    elements: String,
}

fn drawing(id: &str, figure: &Figure, (width, suffix): (u32, &str)) -> String {
    let drawing = svg::paint(figure, width);
    let view = SvgView {
        id,
        suffix,
        title: &figure.title,
        text: &figure.text,
        width: drawing.width,
        height: drawing.height,
        inner_width: drawing.width * svg::FINE,
        inner_height: drawing.height * svg::FINE,
        elements: drawing.elements,
    };
    // Writing into memory cannot fail.
    view.render().unwrap_or_default()
}

/// Width of a figure that has half of the page.
const HALF: u32 = 508;

#[derive(Template)]
#[template(path = "grid.html")]
struct GridView {
    id: String,
    title: String,
    caption: Vec<Line>,
    columns: &'static str,
    cells: Vec<SmallView>,
}

struct SmallView {
    id: String,
    title: String,
    caption: Vec<Line>,
    wide: String,
    /// Empty where the other serves on narrow screens, too.
    narrow: String,
}

#[derive(Template)]
#[template(path = "fold.html")]
struct FoldView {
    summary: Line,
    is_open: bool,
    section: SectionView,
}

/// What stands below all else of a section. Writing into memory cannot fail.
fn more(section: &Section) -> String {
    let grids = section.grids.iter().map(|grid| GridView::of(grid).render());
    let folds = section.folds.iter().map(|fold| FoldView::of(fold).render());
    grids.chain(folds).map(Result::unwrap_or_default).collect()
}

impl GridView {
    fn of(grid: &Grid) -> Self {
        let (columns, wide, is_narrow_too) = match grid.columns {
            Columns::One => ("one", svg::WIDE, true),
            Columns::Two => ("two", HALF, true),
            Columns::Three => ("three", svg::NARROW, false),
        };
        let cells = grid.figures.iter().enumerate().map(|(index, figure)| {
            let id = format!("{}-{}", grid.id, index + 1);
            SmallView {
                title: if figure.title == grid.title { String::new() } else { figure.title.clone() },
                caption: figure.caption.iter().map(Line::of).collect(),
                wide: drawing(&id, figure, (wide, "w")),
                narrow: if is_narrow_too { drawing(&id, figure, (svg::NARROW, "n")) } else { String::new() },
                id,
            }
        });
        Self {
            cells: cells.collect(),
            id: grid.id.clone(),
            title: grid.title.clone(),
            caption: grid.caption.iter().map(Line::of).collect(),
            columns,
        }
    }
}

impl FoldView {
    fn of(fold: &Fold) -> Self {
        Self {
            summary: Line::of(&fold.summary),
            is_open: fold.is_open,
            section: SectionView::of(0, &fold.section, &[]),
        }
    }
}

#[cfg(test)]
mod tests;

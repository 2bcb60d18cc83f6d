//! Figures beside each other, and what unfolds.

use askama::Template;

use super::{Line, SectionView, drawing};
use crate::report::outline::{Columns, Fold, Grid, Section};
use crate::report::svg;

/// Width of a figure that has half of the page.
const HALF: u32 = 508;

#[derive(Template)]
#[template(path = "grid.html")]
struct GridView {
    id: String,
    title: String,
    caption: Vec<Line>,
    columns: &'static str,
    cells: Vec<CellView>,
}

struct CellView {
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
pub fn of_section(section: &Section) -> String {
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
            CellView {
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

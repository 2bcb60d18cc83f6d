//! The nights of a metric as one line of blocks, with a bar where it changed for good.

use crate::history::Series;
use crate::report::blocks::block;

/// What it shows, for the notes.
pub const MEANS: &str = "nights: from the lowest to the highest shown (or what matters, where that is more), │ a change for good, ┊ other definitions, · no value";

const MISSING: char = '·';
const CHANGE: char = '│';
const CUT: char = '┊';

/// Nights of one line at most, the last ones.
const MOST_NIGHTS: usize = 40;

/// From the lowest block (or value of a chart) to the highest it is at least so many of the least changes that are told.
pub const WIDEST_CALM: f64 = 3.0;

/// The nights from `first` up to `end`.
pub fn draw(series: &Series, first: usize, end: usize) -> String {
    let first = first.max(end.saturating_sub(MOST_NIGHTS));
    let points = series.points.iter().enumerate().filter(|(_, point)| point.night >= first);
    let points: Vec<(usize, usize, f64)> =
        points.map(|(index, point)| (index, point.night, point.value)).collect();
    let least = points.iter().map(|(.., value)| *value).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|(.., value)| *value).fold(f64::NEG_INFINITY, f64::max);
    // What does not matter must not look as if it did.
    let widened = (WIDEST_CALM * series.least_change - (most - least)).max(0.0) / 2.0;
    let (least, most) = (least - widened, most + widened);
    let mut line = String::new();
    let mut rest = points.iter().peekable();
    for night in first..end {
        let Some(&(index, _, value)) = rest.next_if(|(_, of, _)| *of == night) else {
            line.push(MISSING);
            continue;
        };
        if series.cuts.contains(&index) {
            line.push(CUT);
        }
        if series.changes.iter().any(|change| change.point == index) {
            line.push(CHANGE);
        }
        line.push(block((value - least) / (most - least)));
    }
    line
}

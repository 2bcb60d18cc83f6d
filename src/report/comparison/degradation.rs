//! What more load costs: each level of load against the least; of hundreds of levels those that one must see.

use std::collections::BTreeSet;

use crate::comparison::{Group, LevelChange};
use crate::report::outline::{Cell, Column, Section, Tone};
use crate::summary::Measured;
use crate::units::{self, ChangeUnit, Unit};

/// Runs of a list that stand in a line; the others are counted.
pub const MOST_NAMED: usize = 3;
/// Levels that a person still reads: above it only some are shown.
const MOST_LEVELS: usize = 24;
/// … the slowest, so many, …
const SLOWEST: usize = 4;
/// … and so many spread over all levels, from the lowest to the highest.
const SPREAD: usize = 12;

/// Each level against the least load.
pub fn section(group: &Group, heading: &str) -> Section {
    let Measured::Value(found) = &group.degradation else { return Section::new("") };
    let print = |value: &Measured<f64>, print: &dyn Fn(f64) -> String| {
        value.number().map_or_else(Cell::none, |value| Cell::plain(print(value)))
    };
    let shown = select(&found.levels);
    let rows = shown.iter().map(|level| {
        let is_reference = level.load == found.reference_load;
        let change = |value: &Measured<f64>, scale: ChangeUnit| {
            if is_reference {
                Cell::toned("reference", Tone::Dim)
            } else {
                print(value, &|change| scale.print(change))
            }
        };
        vec![
            Cell::plain(found.axis.number(level.load)),
            Cell::plain(level.runs.len().to_string()),
            print(&level.mean_ms, &units::number),
            change(&level.mean_change, ChangeUnit::Relative),
            print(&level.mean_spread, &|spread| format!("±{}", units::percent(spread * 100.0))),
            print(&level.success_rate, &|rate| Unit::Ratio.print(rate)),
            change(&level.success_change, ChangeUnit::Points),
        ]
    });
    let columns = vec![
        Column::number(found.axis.column()),
        Column::number("runs").minor(),
        Column::number("mean ms").minor(),
        Column::number("slower"),
        Column::number("spread").minor(),
        Column::number("success"),
        Column::number("change"),
    ];
    let mut section = Section::of_rows(heading, columns, rows.collect());
    let others = found.levels.len() - shown.len();
    section.add_lines((others > 0).then(|| {
        format!(
            "{} more levels are in comparison.json; these are spread over all, with the slowest",
            units::count(others as u64)
        )
    }));
    section.add_lines(
        (!found.left_out.is_empty())
            .then(|| format!("Load not known: {}", units::some_of(&found.left_out, MOST_NAMED))),
    );
    section
}

/// All, or some spread over all of them and the slowest.
fn select(levels: &[LevelChange]) -> Vec<&LevelChange> {
    if levels.len() <= MOST_LEVELS {
        return levels.iter().collect();
    }
    let last = levels.len() - 1;
    let mut indices: BTreeSet<usize> = (0..SPREAD).map(|index| index * last / (SPREAD - 1)).collect();
    let mut by_change: Vec<(usize, f64)> = levels
        .iter()
        .enumerate()
        .filter_map(|(index, level)| Some((index, level.mean_change.number()?)))
        .collect();
    // Stable: of equal ones that with less load first.
    by_change.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    indices.extend(by_change.into_iter().take(SLOWEST).map(|(index, _)| index));
    indices.into_iter().map(|index| &levels[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Load;

    fn level(load: u32, mean_change: Measured<f64>) -> LevelChange {
        LevelChange {
            load: Load(f64::from(load)),
            runs: vec![format!("load_{load}")],
            mean_ms: Measured::Value(100.0),
            p95_ms: Measured::Value(200.0),
            success_rate: Measured::Value(1.0),
            mean_change,
            p95_change: Measured::Value(0.0),
            success_change: Measured::Value(0.0),
            mean_spread: Measured::undefined("one run"),
            p95_spread: Measured::undefined("one run"),
            success_spread: Measured::undefined("one run"),
        }
    }

    #[test]
    fn of_many_levels_the_first_the_last_and_the_slowest_are_shown() {
        let mut levels: Vec<LevelChange> = (1..=200).map(|load| level(load, Measured::Value(0.01))).collect();
        levels[76].mean_change = Measured::Value(0.5);
        levels[101].mean_change = Measured::undefined("no durations");
        let shown: Vec<f64> = select(&levels).iter().map(|level| level.load.0).collect();
        assert_eq!((shown.first(), shown.last()), (Some(&1.0), Some(&200.0)));
        assert!(shown.contains(&77.0) && shown.is_sorted() && shown.len() <= SPREAD + SLOWEST, "{shown:?}");
        assert_eq!(select(&levels[..MOST_LEVELS]).len(), MOST_LEVELS);
        assert!(select(&[]).is_empty());
    }
}

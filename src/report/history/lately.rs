//! What changed lately, in a few lines below the verdict on one night; the rest is `history show`.

use super::{Shown, gravest_first, picture, sentence, tone};
use crate::report::outline::{Cell, Column, Section};

/// So many last nights of each level are looked at, as `history show` does.
const NIGHTS: usize = 30;
/// Changes that are told; the others are counted.
const MOST_TOLD: usize = 3;

/// A picture and a sentence for each of the gravest changes; empty where nothing changed.
pub fn section(shown: &[Shown<'_>]) -> Section {
    let mut changes = gravest_first(shown);
    changes.retain(|(shown, series, change)| series.points[change.point].night >= first_night(shown));
    let columns = vec![Column::name("metric"), Column::word("nights")];
    let told = || changes.iter().take(MOST_TOLD);
    let row = |(shown, series, change): &super::Current<'_>| {
        let name = format!("{} at {}", series.metric, shown.level.short_name());
        let drawn = picture::draw(series, first_night(shown), shown.level.nights.len());
        vec![Cell::plain(name), Cell::toned(drawn, tone(change))]
    };
    let mut section = Section::of_rows("Changed over the nights", columns, told().map(row).collect());
    section
        .lines
        .extend(told().map(|(shown, series, change)| {
            Cell::toned(sentence(&shown.level, series, change), tone(change))
        }));
    let others = changes.len().saturating_sub(MOST_TOLD);
    section.add_lines((others > 0).then(|| format!("… and {others} more: `cmo-metrics history show`")));
    section
}

fn first_night(shown: &Shown<'_>) -> usize {
    shown.level.nights.len().saturating_sub(NIGHTS)
}

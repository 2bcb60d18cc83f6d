//! The columns of a table on paper of a width: which are shown, and how wide each is.

use super::layout::width;
use crate::report::outline::{Cell, Column, ColumnKind, Importance};

/// A name is never cut below this many columns, unless the table would not fit otherwise …
const NARROWEST_NAME: usize = 8;
/// … and a column of minor importance gives way before names get shorter than this.
const READABLE_NAME: usize = 12;
/// The same of a sentence, which says little in less.
const READABLE_TEXT: usize = 20;

/// What is shown of a table.
#[derive(Debug, PartialEq)]
pub struct Fitted {
    /// Index and width.
    pub shown: Vec<(usize, usize)>,
    /// Names of the columns that had to give way.
    pub left_out: Vec<&'static str>,
}

/// The columns that fit beside one another with `gap` between them into `room`, names cut where they must.
pub fn fit(columns: &[Column], rows: &[Vec<Cell>], gap: usize, room: usize) -> Fitted {
    let natural: Vec<usize> =
        columns.iter().enumerate().map(|(index, column)| natural_width(index, column, rows)).collect();
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let readable = |index: usize| match columns[index].kind {
        ColumnKind::Name => natural[index].min(READABLE_NAME),
        ColumnKind::Text if columns[index].importance == Importance::Major => {
            natural[index].min(NARROWEST_NAME)
        }
        ColumnKind::Text => natural[index].min(READABLE_TEXT),
        _ => natural[index],
    };
    let mut left_out = Vec::new();
    let needs = |shown: &[usize], width: &dyn Fn(usize) -> usize| {
        shown.iter().map(|&index| width(index)).sum::<usize>() + gap * shown.len().saturating_sub(1)
    };
    let last = |shown: &[usize], importance: Importance| {
        shown.iter().rposition(|&index| columns[index].importance == importance)
    };
    while needs(&shown, &|index| natural[index]) > room
        && let Some(index) = last(&shown, Importance::Extra)
    {
        shown.remove(index);
    }
    while needs(&shown, &readable) > room
        && let Some(index) = last(&shown, Importance::Minor)
    {
        left_out.insert(0, columns[shown.remove(index)].name);
    }
    // A number that is cut is another number: rather one column less, the last first.
    let narrowest = |index: usize| match columns[index].kind {
        ColumnKind::Name | ColumnKind::Text => natural[index].min(NARROWEST_NAME),
        _ => natural[index],
    };
    while shown.len() > 1 && needs(&shown, &narrowest) > room {
        left_out.extend(shown.pop().map(|index| columns[index].name));
    }
    let mut fitted: Vec<(usize, usize)> = shown.into_iter().map(|index| (index, natural[index])).collect();
    let gaps = gap * fitted.len().saturating_sub(1);
    narrow(&mut fitted, columns, room.saturating_sub(gaps));
    Fitted { shown: fitted, left_out }
}

fn natural_width(index: usize, column: &Column, rows: &[Vec<Cell>]) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| width(&cell.text));
    cells.chain([width(column.name)]).max().unwrap_or(0)
}

/// Names and sentences give way, the widest first.
fn narrow(fitted: &mut [(usize, usize)], columns: &[Column], room: usize) {
    loop {
        let all: usize = fitted.iter().map(|(_, width)| width).sum();
        let gives_way = |(index, width): &&mut (usize, usize)| {
            matches!(columns[*index].kind, ColumnKind::Name | ColumnKind::Text) && *width > NARROWEST_NAME
        };
        let widest = fitted.iter_mut().filter(gives_way).max_by_key(|(_, width)| *width);
        match widest {
            Some((_, width)) if all > room => *width -= 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(room: usize) -> (Vec<(usize, usize)>, Vec<&'static str>) {
        let columns = [
            Column::name("run"),
            Column::number("P95").minor(),
            Column::number("success"),
            Column::number("P99").extra(),
        ];
        let cells = ["a_run_with_a_name", "1,085", "100.00 %", "1,651"];
        let fitted = fit(&columns, &[cells.map(Cell::plain).to_vec()], 2, room);
        (fitted.shown, fitted.left_out)
    }

    #[test]
    fn with_room_all_is_shown_and_without_it_extras_then_names_then_minor_columns_give_way() {
        assert_eq!(shown(80), (vec![(0, 17), (1, 5), (2, 8), (3, 5)], vec![]));
        assert_eq!(shown(40), (vec![(0, 17), (1, 5), (2, 8)], vec![]));
        assert_eq!(shown(30), (vec![(0, 13), (1, 5), (2, 8)], vec![]));
        assert_eq!(shown(28), (vec![(0, 17), (2, 8)], vec!["P95"]));
        assert_eq!(shown(20), (vec![(0, 10), (2, 8)], vec!["P95"]));
        assert_eq!(shown(17), (vec![(0, 17)], vec!["P95", "success"]), "no number is cut");
    }
}

//! Lists that give way where a document must not be longer: the longest first, row by row.

use crate::report::outline::Section;

/// The gravest, and how many more there are.
const FEWEST_LINES: usize = 2;

pub struct Lists {
    lists: Vec<List>,
}

#[derive(Clone, Copy)]
struct List {
    rows: usize,
    /// Lines that it takes: its rows, or the first of them and how many more there are.
    lines: usize,
    may_give_way: bool,
}

impl Lists {
    /// All in full.
    pub fn of(sections: &[Section]) -> Self {
        let list = |section: &Section| {
            let rows = section.rows.len();
            List { rows, lines: rows, may_give_way: section.may_give_way }
        };
        Self { lists: sections.iter().map(list).collect() }
    }

    /// Takes a line from the longest; `false` where none can give way.
    pub fn shorten(&mut self) -> bool {
        let can = |list: &&mut List| list.may_give_way && list.lines > FEWEST_LINES;
        // Of equally long ones the last: the first say more.
        let longest = self.lists.iter_mut().filter(can).max_by_key(|list| list.lines);
        longest.map(|list| list.lines -= 1).is_some()
    }

    /// How many rows of a section have no line of their own.
    pub fn more(&self, section: usize) -> usize {
        let Some(list) = self.lists.get(section) else { return 0 };
        if list.lines < list.rows { list.rows - (list.lines - 1) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_list_gives_way_and_says_how_many_more_there_are() {
        let list = |rows: usize, may_give_way: bool| List { rows, lines: rows, may_give_way };
        let mut lists = Lists { lists: vec![list(9, true), list(4, true), list(2, true), list(12, false)] };
        let more = |lists: &Lists| (0..4).map(|index| lists.more(index)).collect::<Vec<usize>>();
        assert_eq!(more(&lists), [0, 0, 0, 0]);
        assert!(lists.shorten());
        assert_eq!(more(&lists), [2, 0, 0, 0], "seven and how many more");
        (0..5).for_each(|_| assert!(lists.shorten()));
        assert_eq!(more(&lists), [6, 2, 0, 0]);
        while lists.shorten() {}
        assert_eq!(more(&lists), [8, 3, 0, 0]);
    }
}

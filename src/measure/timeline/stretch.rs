//! A stretch of time in rows, one for each tick: what started in it and what ended.

use super::piece::{Ended, Fate, Starts, Tally};
use crate::measure::calls::end_or_start_us;
use crate::measure::coverage::TICK_US;

/// Width of a tick, µs.
const WIDTH_US: u64 = TICK_US as u64;

/// What happened in one tick.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Of the tick, counted since 1970.
    pub number: i64,
    /// Calls that started in it and ended anywhere.
    pub starts: u32,
    /// Calls that ended in it.
    pub count: u32,
    /// How they ended.
    pub tally: Tally,
    /// Sums of the times from the tick's start to these starts and ends, µs.
    pub starts_since_us: u64,
    pub ends_since_us: u64,
    /// Of the calls that ended, those without a duration, and of these those that failed.
    untimed: u32,
    untimed_failed: u32,
}

impl Row {
    /// Calls that ended in it and have a duration.
    pub fn timed(&self) -> usize {
        (self.count - self.untimed) as usize
    }

    /// Of these, the failed ones.
    pub fn timed_failed(&self) -> usize {
        (self.tally.failed() - self.untimed_failed) as usize
    }
}

/// A stretch of time. Its room is used again for the next one.
#[derive(Debug, Default)]
pub struct Stretch {
    /// Ascending.
    rows: Vec<Row>,
    /// The numbers of the rows, where these are not of one tick after the other.
    numbers: Vec<i64>,
    /// The row of each call in the order in which they came; one behind all rows where its duration does not count.
    row_of: Vec<u32>,
    /// The durations in the order of rows, and behind them those that do not count.
    by_row_ms: Vec<f64>,
    next_in_row: Vec<usize>,
    /// Durations that count.
    timed: usize,
    /// Row and duration of the calls that did not succeed, where these are asked for.
    not_ok: Option<Vec<(u32, f64)>>,
    /// The bits of the smallest duration that is not 0, less one.
    least_bits: u64,
}

impl Stretch {
    pub fn new(tells_not_ok: bool) -> Self {
        Self { not_ok: tells_not_ok.then(Vec::new), ..Self::default() }
    }

    /// Empty, with a row for each tick from the first to the one before `until`.
    pub fn begin(&mut self, first: i64, until: i64) {
        self.clear();
        self.rows.extend((first..until).map(|number| Row { number, ..Row::default() }));
    }

    /// Empty, with rows for these ticks, ascending.
    pub fn begin_with(&mut self, numbers: Vec<i64>) {
        self.clear();
        self.rows.extend(numbers.iter().map(|&number| Row { number, ..Row::default() }));
        self.numbers = numbers;
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.numbers.clear();
        self.not_ok.iter_mut().for_each(Vec::clear);
        self.timed = 0;
        self.least_bits = u64::MAX;
    }

    /// Takes in calls that run on from before it, and calls that start in it; gives those that end behind it to `later`.
    /// There is a row for each tick in which one of the others ends, and for each in which one starts.
    pub fn fill(&mut self, running: &[Ended], starts: Starts<'_>, later: &mut Vec<Ended>) {
        let numbers = std::mem::take(&mut self.numbers);
        let Some((first, last)) = self.rows.first().zip(self.rows.last()) else {
            // Nothing starts that ever ends.
            return later.extend_from_slice(running);
        };
        let (first_us, last) = (first.number * TICK_US, last.number);
        if numbers.is_empty() {
            self.fill_rows(running, starts, later, |at_us| {
                let since_us = (at_us - first_us).unsigned_abs();
                ((since_us / WIDTH_US) as usize, since_us % WIDTH_US)
            });
        } else {
            self.fill_rows(running, starts, later, |at_us| {
                let number = at_us.div_euclid(TICK_US);
                let index = if number <= last {
                    numbers.partition_point(|&other| other < number)
                } else {
                    usize::MAX
                };
                (index, (at_us - number * TICK_US).unsigned_abs())
            });
        }
        self.numbers = numbers;
        self.sort_by_row(
            running.iter().map(|ended| ended.duration_ms).chain(starts.duration_ms.iter().copied()),
        );
    }

    /// `index` tells the row of an instant, and the time since its tick began, µs; a row that is not there for one behind
    /// all of them.
    fn fill_rows(
        &mut self,
        running: &[Ended],
        starts: Starts<'_>,
        later: &mut Vec<Ended>,
        index: impl Fn(i64) -> (usize, u64),
    ) {
        self.row_of.clear();
        self.row_of.resize(running.len() + starts.start_us.len(), self.rows.len() as u32);
        let (rows_of_running, rows_of_starts) = self.row_of.split_at_mut(running.len());
        let mut filling = Filling { rows: &mut self.rows, not_ok: self.not_ok.as_mut(), later };
        for (&ended, row_of) in running.iter().zip(rows_of_running) {
            filling.end(ended, index(ended.end_us), row_of);
        }
        let mut begun = Begun::default();
        let columns = starts.start_us.iter().zip(starts.duration_ms).zip(starts.kind);
        for (((&start_us, &duration_ms), &kind), row_of) in columns.zip(rows_of_starts) {
            let fate = starts.fates[kind as usize];
            if fate == Fate::UNFINISHED {
                continue;
            }
            // They are in order: nearly all start in the tick of the one before.
            let mut since_us = start_us.wrapping_sub(begun.tick_us) as u64;
            if since_us >= WIDTH_US {
                begun.add_to(filling.rows);
                let row;
                (row, since_us) = index(start_us);
                begun = Begun { row, tick_us: start_us - since_us as i64, ..Begun::default() };
            }
            begun.starts += 1;
            begun.since_us += since_us;
            let ended = Ended { end_us: end_or_start_us(start_us, duration_ms), duration_ms, fate };
            filling.end(ended, index(ended.end_us), row_of);
        }
        begun.add_to(filling.rows);
    }

    /// Puts the durations of the calls, in the order in which they came, into the order of rows.
    fn sort_by_row(&mut self, durations_ms: impl Iterator<Item = f64>) {
        self.next_in_row.clear();
        let mut before = 0;
        for row in &self.rows {
            self.next_in_row.push(before);
            before += row.timed();
        }
        self.next_in_row.push(before);
        self.timed = before;
        self.by_row_ms.resize(self.row_of.len(), 0.0);
        for (duration_ms, &row) in durations_ms.zip(&self.row_of) {
            let index = &mut self.next_in_row[row as usize];
            self.by_row_ms[*index] = duration_ms;
            *index += 1;
            // Never negative, so that they are in the order of their bits; 0 becomes the greatest. Those that do not count
            // can make it only smaller than it need be.
            self.least_bits = self.least_bits.min(duration_ms.to_bits().wrapping_sub(1));
        }
        if let Some(not_ok) = &mut self.not_ok {
            not_ok.sort_unstable_by_key(|&(row, duration_ms)| (row, duration_ms.to_bits()));
        }
    }

    /// No duration but 0 is shorter; NaN where all are 0.
    pub fn least_ms(&self) -> f64 {
        f64::from_bits(self.least_bits)
    }

    /// The rows, the durations of one after those of the other, and row and duration of the calls that did not succeed.
    pub fn parts(&mut self) -> (&[Row], &mut [f64], &[(u32, f64)]) {
        (&self.rows, &mut self.by_row_ms[..self.timed], self.not_ok.as_deref().unwrap_or_default())
    }
}

/// The calls that started in one tick.
struct Begun {
    row: usize,
    /// Where the tick begins, µs since 1970.
    tick_us: i64,
    starts: u32,
    since_us: u64,
}

impl Default for Begun {
    /// No call starts so early.
    fn default() -> Self {
        Self { row: 0, tick_us: i64::MIN, starts: 0, since_us: 0 }
    }
}

impl Begun {
    fn add_to(&self, rows: &mut [Row]) {
        if let Some(row) = rows.get_mut(self.row) {
            row.starts += self.starts;
            row.starts_since_us += self.since_us;
        }
    }
}

/// The rows while calls come in.
struct Filling<'s> {
    rows: &'s mut [Row],
    not_ok: Option<&'s mut Vec<(u32, f64)>>,
    later: &'s mut Vec<Ended>,
}

impl Filling<'_> {
    /// Takes in the end of a call, at a row and a time since its tick began; tells the row where its duration counts.
    #[inline(always)]
    fn end(&mut self, ended: Ended, (index, since_us): (usize, u64), row_of: &mut u32) {
        let Some(row) = self.rows.get_mut(index) else {
            self.later.push(ended);
            return;
        };
        row.count += 1;
        row.tally.add(ended.fate);
        row.ends_since_us += since_us;
        if ended.duration_ms.is_nan() {
            row.untimed += 1;
            row.untimed_failed += u32::from(ended.fate.is_failed());
            return;
        }
        // A stretch has no more rows than 32 bits can count.
        *row_of = index as u32;
        if let Some(not_ok) = &mut self.not_ok
            && !ended.fate.is_ok()
        {
            not_ok.push((index as u32, ended.duration_ms));
        }
    }
}

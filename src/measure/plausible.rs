//! Which rows lie so far from all others that they cannot be of the run: a clock that was wrong, a unit that was mistaken.

use super::recording::Recording;
use crate::run::Plausible;

const US_PER_S: f64 = 1e6;

/// A stretch of time with rows in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from_us: i64,
    to_us: i64,
    rows: usize,
}

impl Stretch {
    fn join(self, other: Self) -> Self {
        let (from_us, to_us) = (self.from_us.min(other.from_us), self.to_us.max(other.to_us));
        Self { from_us, to_us, rows: self.rows + other.rows }
    }

    fn length_us(self) -> i64 {
        self.to_us.saturating_sub(self.from_us)
    }
}

impl Recording<'_> {
    /// What rows must keep to be of the run; `None` where all of them do, or so many do not that no rows are to blame.
    pub fn plausible(&self) -> Option<Plausible> {
        let limits = &self.config.run;
        let least_us = (limits.stray_s * US_PER_S) as i64;
        let stretches = self.stretches(limits.stray_s);
        let run = match self.identity.metadata.span_us() {
            Some(declared_us) => declared(&stretches, declared_us, least_us),
            None => most(&stretches, least_us),
        }?;
        let rows: usize = stretches.iter().map(|stretch| stretch.rows).sum();
        let strays = rows - run.rows;
        let are_few = strays as f64 <= limits.max_left_out_share * rows as f64;
        let longest_us = run.length_us().max(least_us) as f64 * limits.max_duration_runs;
        let is_endless = self.coverage.last_us().saturating_sub(run.to_us) as f64 > longest_us;
        (are_few && (strays > 0 || is_endless))
            .then_some(Plausible { ts_us: (run.from_us, run.to_us), longest_ms: longest_us / 1000.0 })
    }

    /// The stretches with rows that are further than `apart_s` from each other.
    fn stretches(&self, apart_s: f64) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let mut from_us = i64::MIN;
        let ends = self.coverage.gaps(apart_s).into_iter().map(|gap| (gap.start_us, gap.end_us));
        for (to_us, next_us) in ends.chain([(i64::MAX, i64::MAX)]) {
            let calls =
                self.calls.iter().map(|(_, log)| within(log.all().start_us(), |&us| us, from_us, to_us));
            let streams = self.samples.streams.iter();
            let samples = streams.map(|stream| within(&stream.points, |&(us, _)| us, from_us, to_us));
            stretches.extend(calls.chain(samples).flatten().reduce(Stretch::join));
            from_us = next_us;
        }
        stretches
    }
}

/// The rows from `from_us` to `to_us`, which are in the order of their times.
fn within<T>(rows: &[T], at_us: impl Fn(&T) -> i64, from_us: i64, to_us: i64) -> Option<Stretch> {
    let first = rows.partition_point(|row| at_us(row) < from_us);
    let rows = &rows[first..rows.partition_point(|row| at_us(row) <= to_us).max(first)];
    let (from, to) = (rows.first()?, rows.last()?);
    Some(Stretch { from_us: at_us(from), to_us: at_us(to), rows: rows.len() })
}

/// The stretch with the most rows, and those around it that are no further from it than it is long, or than `least_us`.
fn most(stretches: &[Stretch], least_us: i64) -> Option<Stretch> {
    let index = (0..stretches.len()).max_by_key(|&index| stretches[index].rows)?;
    let mut run = stretches[index];
    let (mut before, mut behind) = (index, index + 1);
    loop {
        let reach_us = run.length_us().max(least_us);
        let earlier = before.checked_sub(1).map(|earlier| stretches[earlier]);
        let later = stretches.get(behind).copied();
        if let Some(earlier) = earlier.filter(|earlier| run.from_us - earlier.to_us <= reach_us) {
            (run, before) = (run.join(earlier), before - 1);
        } else if let Some(later) = later.filter(|later| later.from_us - run.to_us <= reach_us) {
            (run, behind) = (run.join(later), behind + 1);
        } else {
            return Some(run);
        }
    }
}

/// All that lies within `least_us` of the declared time of the run, which is all of that time.
fn declared(stretches: &[Stretch], (from_us, to_us): (i64, i64), least_us: i64) -> Option<Stretch> {
    let (from_us, to_us) = (from_us.saturating_sub(least_us), to_us.saturating_add(least_us));
    let is_near = |stretch: &&Stretch| stretch.to_us >= from_us && stretch.from_us <= to_us;
    let near = stretches.iter().copied().filter(|stretch| is_near(&stretch));
    near.reduce(Stretch::join).map(|run| run.join(Stretch { from_us, to_us, rows: 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from_s: i64, to_s: i64, rows: usize) -> Stretch {
        Stretch { from_us: from_s * 1_000_000, to_us: to_s * 1_000_000, rows }
    }

    #[test]
    fn what_is_further_away_than_the_run_is_long_is_not_of_it() {
        let stretches = [stretch(-900_000, -900_000, 1), stretch(0, 240, 10_000), stretch(400, 500, 90)];
        assert_eq!(most(&stretches, 60_000_000), Some(stretch(0, 500, 10_090)));
        assert_eq!(most(&[], 60_000_000), None);
    }

    #[test]
    fn a_declared_time_is_of_the_run_and_a_minute_around_it() {
        let stretches = [stretch(-100, -90, 5), stretch(0, 200, 1_000), stretch(330, 340, 10)];
        let run = declared(&stretches, (0, 300_000_000), 60_000_000);
        assert_eq!(run, Some(stretch(-60, 360, 1_010)));
    }
}

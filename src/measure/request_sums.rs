//! What the requests add up to, in the whole run and in a part of it, from one walk through them.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::calls::{Calls, Columns, Ending, end_or_start_us};
use super::context::Context;
use super::request_calls::Requests;
use super::words::{Class, Words};

const US_PER_S: i64 = 1_000_000;

/// Sums over the requests of a window.
#[derive(Debug, Default)]
pub struct RequestSums {
    /// Finished or not.
    pub started: u64,
    pub finished: u64,
    /// Starts of the first and of the last, µs since 1970.
    pub sent_us: Option<(i64, i64)>,
    /// Those that ended in the window, wherever they started.
    pub ended: Ended,
    /// Time that requests were in flight in the window, wherever they started.
    pub in_flight_us: i128,
    /// By the code of the component that answered.
    answered_by: Vec<u64>,
    /// Different ids.
    pub users: u64,
    /// From the end of a user's request to the start of that user's next one. Overlapping requests have no gap.
    pub gaps: u64,
    pub gaps_us: i128,
    /// Those that ended in the last stretch of the window.
    pub recent: u64,
    ends: EndsBySecond,
}

impl RequestSums {
    /// Adds the time that a request was in flight in the window, and its end where that lies there.
    #[inline]
    fn add_time_in(&mut self, scope: &Scope, (sent_us, until_us): (i64, i64), ending: Ending) {
        let (from_us, to_us) = scope.window_us;
        let overlap_us = until_us.min(to_us).saturating_sub(sent_us.max(from_us));
        self.in_flight_us += i128::from(overlap_us.max(0));
        if ending.is_finished() && (from_us..=to_us).contains(&until_us) {
            self.ended.all += 1;
            self.ended.ok += u64::from(ending == Ending::Finished(Class::Ok));
            self.ended.failed += u64::from(ending == Ending::Finished(Class::Failed));
            self.recent += u64::from(until_us > scope.recent_from_us);
        }
    }

    /// How many requests each component answered, by its code.
    pub fn answered_by(&self) -> impl Iterator<Item = (u32, u64)> {
        let by_code = self.answered_by.iter().enumerate().map(|(code, &count)| (code as u32, count));
        by_code.filter(|&(_, count)| count > 0)
    }

    /// The most requests that ended in one second of the clock.
    pub fn most_per_s(&self) -> u64 {
        self.ends.most()
    }
}

/// Requests that came to an end.
#[derive(Debug, Default)]
pub struct Ended {
    pub all: u64,
    pub ok: u64,
    pub failed: u64,
}

/// The requests of a window among those of the run, and from when on they are recent.
pub struct Scope {
    calls: Range<usize>,
    /// µs since 1970.
    window_us: (i64, i64),
    /// What ends later is recent.
    recent_from_us: i64,
}

impl Scope {
    pub fn of(requests: &Requests<'_>, context: &Context<'_>) -> Self {
        let window = context.window;
        // Where the window has no length, nobody asks.
        let stretch_s = window.duration_s.value().map_or(0.0, |&duration_s| recent_s(duration_s, context));
        let recent_from_us = window.end_us - (stretch_s * US_PER_S as f64) as i64;
        let calls = requests.calls().map_or(0..0, Calls::indices);
        Self { calls, window_us: (window.start_us, window.end_us), recent_from_us }
    }
}

/// The length of the last stretch of a window of `duration_s`: all of it where it is shorter.
pub fn recent_s(duration_s: f64, context: &Context<'_>) -> f64 {
    context.settings.recent_window_s.min(duration_s)
}

/// The sums of each scope over `requests`, which are those of the run; what did not end was in flight until `end_of_load_us`.
pub fn walk<const N: usize>(
    requests: &Requests<'_>,
    scopes: [Option<Scope>; N],
    end_of_load_us: i64,
    words: &Words,
) -> [RequestSums; N] {
    let mut sums: [RequestSums; N] = std::array::from_fn(|_| RequestSums::default());
    let Some(calls) = requests.calls() else { return sums };
    let Columns { start_us, duration_ms, kind } = calls.columns();
    let endings: Vec<Ending> = calls.kinds().iter().map(|kind| kind.ending(words)).collect();
    let first_second = start_us.first().map_or(0, |first_us| first_us.div_euclid(US_PER_S));
    sums.iter_mut().for_each(|sums| sums.ends.first = first_second);
    let mut users = Users::default();
    for call in 0..calls.len() {
        let ending = endings[kind[call] as usize];
        let finished = ending.is_finished();
        let timed = finished && !duration_ms[call].is_nan();
        let (start_us, end_us) = (start_us[call], end_or_start_us(start_us[call], duration_ms[call]));
        let answered_by = calls.answered_by(call).filter(|_| finished);
        let user = calls.user_id(call).map(|user_id| users.of(user_id));
        let before = user.as_ref().and_then(|user| user.last);
        let mut first_seen_by = user.as_ref().map_or(0, |user| user.seen_by);
        for (index, (scope, sums)) in scopes.iter().zip(&mut sums).enumerate() {
            let Some(scope) = scope else { continue };
            let until_us = if finished { end_us } else { end_of_load_us };
            sums.add_time_in(scope, (calls.sent_us(call), until_us), ending);
            if !scope.calls.contains(&call) {
                continue;
            }
            sums.started += 1;
            // They are in the order of their starts.
            sums.sent_us = Some((sums.sent_us.map_or(start_us, |(first_us, _)| first_us), start_us));
            if user.is_some() && first_seen_by & (1 << index) == 0 {
                first_seen_by |= 1 << index;
                sums.users += 1;
            }
            if finished {
                sums.finished += 1;
                sums.ends.add(end_us);
                if let Some(code) = answered_by {
                    add_to(&mut sums.answered_by, code as usize);
                }
            }
            if timed {
                let gap_us = before
                    .filter(|before| before.call as usize >= scope.calls.start)
                    .map(|before| start_us.saturating_sub(before.end_us));
                if let Some(gap_us) = gap_us.filter(|&gap_us| gap_us >= 0) {
                    sums.gaps += 1;
                    sums.gaps_us += i128::from(gap_us);
                }
            }
        }
        if let Some(user) = user {
            user.seen_by = first_seen_by;
            if timed {
                user.last = Some(Last { call: call as u32, end_us });
            }
        }
    }
    sums
}

fn add_to(counts: &mut Vec<u64>, index: usize) {
    if index >= counts.len() {
        counts.resize(index + 1, 0);
    }
    counts[index] += 1;
}

/// A user's last request that came to an end.
#[derive(Debug, Clone, Copy)]
struct Last {
    call: u32,
    end_us: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct User {
    last: Option<Last>,
    /// A bit for each scope.
    seen_by: u8,
}

/// The users by their ids, which are small numbers as often as not.
#[derive(Debug, Default)]
struct Users {
    small: Vec<User>,
    others: FxHashMap<u64, User>,
}

impl Users {
    const SMALL: u64 = 1 << 20;

    #[inline]
    fn of(&mut self, user_id: u64) -> &mut User {
        if user_id >= Self::SMALL {
            return self.others.entry(user_id).or_default();
        }
        let index = user_id as usize;
        if index >= self.small.len() {
            self.small.resize(index + 1, User::default());
        }
        &mut self.small[index]
    }
}

/// How many requests ended in each second of the clock.
#[derive(Debug, Default)]
struct EndsBySecond {
    /// Since 1970; none ended before it.
    first: i64,
    near: Vec<u32>,
    /// Of calls that took absurdly long.
    others: FxHashMap<i64, u64>,
}

impl EndsBySecond {
    /// Seconds that are counted side by side: seven weeks.
    const NEAR: i64 = 1 << 22;

    #[inline]
    fn add(&mut self, end_us: i64) {
        let second = end_us.div_euclid(US_PER_S);
        let since = second.saturating_sub(self.first);
        if !(0..Self::NEAR).contains(&since) {
            *self.others.entry(second).or_default() += 1;
            return;
        }
        let index = since as usize;
        if index >= self.near.len() {
            self.near.resize(index + 1, 0);
        }
        // A log holds fewer than 2^32 calls.
        self.near[index] += 1;
    }

    fn most(&self) -> u64 {
        let near = self.near.iter().map(|&count| u64::from(count)).max();
        near.max(self.others.values().copied().max()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_far_away_are_counted_too() {
        let mut ends = EndsBySecond { first: 10, ..EndsBySecond::default() };
        [10_500_000, 10_900_000, 12_000_000, i64::MAX].into_iter().for_each(|end_us| ends.add(end_us));
        assert_eq!((ends.most(), ends.near.as_slice()), (2, [2, 0, 1].as_slice()));
        (0..3).for_each(|_| ends.add(i64::MAX));
        assert_eq!(ends.most(), 4);
    }

    #[test]
    fn users_are_told_apart_whatever_their_ids() {
        let mut users = Users::default();
        for user_id in [3, Users::SMALL, u64::from(u32::MAX), 3] {
            users.of(user_id).seen_by += 1;
        }
        assert_eq!((users.of(3).seen_by, users.of(Users::SMALL).seen_by, users.of(4).seen_by), (2, 1, 0));
    }
}

//! When the load ended, and which requests should have been answered by then.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{CallLog, Calls, Ending};
use super::coverage::Coverage;
use super::samples::Samples;
use super::timeline::second_of;
use super::words::Words;
use crate::config::Config;
use crate::run::RunMetadata;
use crate::stats::quantile::type7_select;
use crate::summary::{LostUsers, SecondOfRequests};

/// The outcome of a request that was never answered.
pub const UNANSWERED: &str = "unanswered";

/// A request in flight that is older than this quantile of the response times is long due.
const DUE_QUANTILE: f64 = 0.999;
/// Fewer answers than this have no such quantile: their maximum stands for it.
const FEWEST_FOR_QUANTILE: usize = 1000;

/// The end of the load, µs since 1970: the last instant at which users were active, or as declared; never before the last
/// request. Where nobody says, the last event while requests are still in flight; and where all were answered, the median of
/// the ends of those that were in flight when the last one started: where users hang they hang to the end, while the drain of a
/// few slow answers is no load.
pub fn end_of_load(
    requests: Option<&Calls<'_>>,
    samples: &Samples,
    coverage: &Coverage,
    metadata: &RunMetadata,
    config: &Config,
) -> i64 {
    let known_us = last_users_us(samples, config).or_else(|| metadata.load_ended_us());
    let Some(calls) = requests.filter(|calls| !calls.is_empty()) else { return coverage.last_us() };
    let last_start_us = calls.start_us()[calls.len() - 1];
    let is_waited_for = calls.finished() < calls.len() as u64;
    let unknown = || if is_waited_for { coverage.last_us() } else { half_drained_us(calls, last_start_us) };
    known_us.unwrap_or_else(unknown).max(last_start_us)
}

/// When half of the requests that were in flight at `last_start_us` had ended.
fn half_drained_us(calls: &Calls<'_>, last_start_us: i64) -> i64 {
    let ends_us = (0..calls.len()).map(|call| calls.end_us(call));
    let mut ends_us: Vec<i64> = ends_us.filter(|&end_us| end_us >= last_start_us).collect();
    let middle = ends_us.len().saturating_sub(1) / 2;
    if ends_us.is_empty() { last_start_us } else { *ends_us.select_nth_unstable(middle).1 }
}

/// When users were last active, where somebody counted them.
fn last_users_us(samples: &Samples, config: &Config) -> Option<i64> {
    let counts_users = |metric: &String| config.window.user_metrics.contains(metric);
    let streams = samples.streams.iter().filter(|stream| counts_users(&stream.metric));
    let last =
        |points: &[(i64, f64)]| points.iter().rfind(|(_, users)| *users > 0.0).map(|&(at_us, _)| at_us);
    streams.filter_map(|stream| last(&stream.points)).max()
}

/// Tells which of the requests in flight when the load ended should have been answered: they get the outcome `unanswered`. Of
/// a closed loop, whose users may be `declared`, also how many of them wait for such an answer.
///
/// Of a component's calls, those are all that are older than the 99.9th percentile of the response times (than the longest
/// where fewer than 1,000 were answered, all where none was); and in a closed loop, of each user all but the newest, since a
/// user asks again only after an answer.
pub fn settle_unanswered(
    log: &mut CallLog,
    end_us: i64,
    (is_closed, declared): (bool, Option<u32>),
    outcome: u32,
) -> Option<LostUsers> {
    let calls = log.all();
    let in_flight: Vec<usize> = (0..calls.len()).filter(|&call| !calls.kind_of(call).is_finished()).collect();
    let due_ms = longest_to_wait_ms(&calls);
    let newest = if is_closed { newest_of_users(&calls) } else { FxHashMap::default() };
    let is_long_due = |call: usize| end_us.saturating_sub(calls.sent_us(call)) as f64 / 1000.0 > due_ms;
    // The user gave up and asked again.
    let is_given_up = |call: usize| {
        let user = calls.user_id(call);
        user.and_then(|user| newest.get(&user)).is_some_and(|&newest| newest != call)
    };
    let waiting = in_flight.iter().filter(|&&call| is_long_due(call) && !is_given_up(call)).count() as u64;
    let unanswered: FxHashSet<usize> =
        in_flight.into_iter().filter(|&call| is_long_due(call) || is_given_up(call)).collect();
    // Where each session has an id of its own, no more than were declared are there at a time.
    let seen = (!newest.is_empty()).then_some(newest.len() as u64);
    let users = seen.into_iter().chain(declared.map(u64::from)).min();
    log.change_kinds(unanswered.into_iter(), |kind| kind.unanswered(outcome));
    let of = users.filter(|&of| is_closed && waiting > 0 && of > 0)?;
    Some(LostUsers { lost: waiting.min(of), of })
}

/// Counts each request that was never answered as failed in the second in which it started, where users saw it fail.
pub fn add_unanswered(seconds: &mut Vec<SecondOfRequests>, calls: &Calls<'_>, words: &Words) {
    let kinds = calls.kinds().iter().map(|kind| kind.ending(words) == Ending::Unanswered);
    let are_unanswered: Vec<bool> = kinds.collect();
    if !are_unanswered.contains(&true) {
        return;
    }
    let mut missing: BTreeMap<i64, SecondOfRequests> = BTreeMap::new();
    let columns = calls.start_us().iter().zip(calls.kind());
    for (&sent_us, _) in columns.filter(|(_, kind)| are_unanswered[**kind as usize]) {
        let start_us = second_of(sent_us);
        match seconds.binary_search_by_key(&start_us, |second| second.start_us) {
            Ok(index) => seconds[index].failed += 1,
            Err(_) => {
                let none = SecondOfRequests { start_us, ..SecondOfRequests::default() };
                missing.entry(start_us).or_insert(none).failed += 1;
            }
        }
    }
    seconds.extend(missing.into_values());
    seconds.sort_by_key(|second| second.start_us);
}

fn longest_to_wait_ms(calls: &Calls<'_>) -> f64 {
    let timed = (0..calls.len()).filter(|&call| calls.is_timed(call));
    let mut answered_ms: Vec<f64> = timed.map(|call| calls.duration_ms()[call]).collect();
    if answered_ms.len() < FEWEST_FOR_QUANTILE {
        return answered_ms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    }
    type7_select(&mut answered_ms, &[DUE_QUANTILE]).and_then(|found| found.first().copied()).unwrap_or(0.0)
}

/// The last call of each user.
fn newest_of_users(calls: &Calls<'_>) -> FxHashMap<u64, usize> {
    (0..calls.len()).filter_map(|call| Some((calls.user_id(call)?, call))).collect()
}

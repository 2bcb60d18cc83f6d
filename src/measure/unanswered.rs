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
use crate::summary::SecondOfRequests;

/// The outcome of a request that was never answered.
pub const UNANSWERED: &str = "unanswered";

/// A request in flight that is older than this quantile of the response times is long due.
const DUE_QUANTILE: f64 = 0.999;
/// Fewer answers than this have no such quantile: their maximum stands for it.
const FEWEST_FOR_QUANTILE: usize = 1000;

/// The end of the load, µs since 1970: the last instant at which users were active, or as declared; never before the last
/// answer. Where requests are still in flight and nobody says, the last event.
pub fn end_of_load(
    requests: Option<&Calls<'_>>,
    samples: &Samples,
    coverage: &Coverage,
    metadata: &RunMetadata,
    config: &Config,
) -> i64 {
    let known_us = last_users_us(samples, config).or_else(|| metadata.load_ended_us());
    let is_waited_for = || requests.is_some_and(|calls| calls.finished() < calls.len() as u64);
    let end_us = known_us.or_else(|| is_waited_for().then(|| coverage.last_us()));
    let last_answer_us = coverage.end_of_requests_us();
    end_us.map_or(last_answer_us, |end_us| end_us.max(last_answer_us))
}

/// When users were last active, where somebody counted them.
fn last_users_us(samples: &Samples, config: &Config) -> Option<i64> {
    let counts_users = |metric: &String| config.window.user_metrics.contains(metric);
    let streams = samples.streams.iter().filter(|stream| counts_users(&stream.metric));
    let last =
        |points: &[(i64, f64)]| points.iter().rfind(|(_, users)| *users > 0.0).map(|&(at_us, _)| at_us);
    streams.filter_map(|stream| last(&stream.points)).max()
}

/// Tells which of the requests in flight when the load ended should have been answered: they get the outcome `unanswered`.
///
/// Those are all that are older than the 99.9th percentile of the response times (than the longest where fewer than 1,000
/// were answered, all where none was); and in a closed loop, of each user all but the newest, since a user asks again only
/// after an answer.
pub fn settle_unanswered(log: &mut CallLog, end_us: i64, is_closed: bool, outcome: u32) {
    let calls = log.all();
    let in_flight: Vec<usize> = (0..calls.len()).filter(|&call| !calls.kind_of(call).is_finished()).collect();
    let due_ms = longest_to_wait_ms(&calls);
    let newest = if is_closed { newest_of_users(&calls) } else { FxHashMap::default() };
    let is_unanswered = |&call: &usize| {
        let age_ms = end_us.saturating_sub(calls.sent_us(call)) as f64 / 1000.0;
        let user = calls.user_id(call);
        age_ms > due_ms || user.and_then(|user| newest.get(&user)).is_some_and(|&newest| newest != call)
    };
    let unanswered: FxHashSet<usize> = in_flight.into_iter().filter(is_unanswered).collect();
    log.change_kinds(unanswered.into_iter(), |kind| kind.unanswered(outcome));
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

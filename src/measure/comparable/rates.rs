//! Shares with the number of independent calls that they are worth, and the throughput.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::batches::{by_time, spread};
use super::calls::{TimedCall, TimedCalls};
use super::times::positive;
use super::{Maker, is_ok};
use crate::stats::flags::effective_sample_size_of_flags;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

use super::super::words::Class;

/// Success rate, and the share of each failure word among the calls that ended ok or failed.
pub(super) fn of_outcomes(
    component: &str,
    calls: &TimedCalls<'_>,
    is_request: bool,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let judged: Vec<(bool, Option<u32>)> =
        calls.iter().filter(TimedCall::is_judged).map(|call| (is_ok(call.class), call.outcome)).collect();
    let flags: Vec<bool> = judged.iter().map(|&(is_ok, _)| is_ok).collect();
    let outcomes: FxHashSet<u32> =
        judged.iter().filter(|(is_ok, _)| !is_ok).filter_map(|&(_, outcome)| outcome).collect();
    let words: BTreeMap<&str, u32> =
        outcomes.into_iter().map(|outcome| (maker.context.words.word(outcome), outcome)).collect();
    let reason =
        if calls.iter().next().is_none() { "no finished call" } else { "the calls carry no outcome" };
    let mut success = share_of(&flags, reason);
    if is_request && maker.summary.requests.totals.declared {
        success = declared(success, maker);
    }
    let n = flags.len() as u64;
    let mut metrics = vec![maker.metric(component, "success_rate", Unit::Ratio, n, success)];
    metrics.extend(words.into_iter().map(|(word, outcome)| {
        let flags: Vec<bool> = judged.iter().map(|&(_, other)| other == Some(outcome)).collect();
        maker.metric(component, format!("error_rate.{word}"), Unit::Ratio, n, share_of(&flags, reason))
    }));
    metrics
}

/// The declared totals of the run, worth as many independent calls as the recorded ones make likely.
fn declared(
    (value, spread): (Measured<f64>, Measured<Spread>),
    maker: &Maker<'_>,
) -> (Measured<f64>, Measured<Spread>) {
    let requests = &maker.summary.requests;
    let (Some(&ok), Some(&failed)) = (requests.totals.ok.value(), requests.totals.failed.value()) else {
        return (value, spread);
    };
    let spread = spread.map(|spread| match spread {
        // Only the recorded calls tell how far they depend on one another: their number is not stretched.
        Spread::Share { effective, .. } => Spread::Share { hits: ok, of: ok + failed, effective },
        other => other,
    });
    (requests.success_rate.clone(), spread)
}

/// Calls that a breaker let through.
pub(super) fn availability(calls: &TimedCalls<'_>, maker: &Maker<'_>) -> ComparableMetric {
    let flags: Vec<bool> = calls.iter().map(|call| call.class != Some(Class::Blocked)).collect();
    let share = share_of(&flags, "no call came to a breaker");
    maker.metric("circuit_breaker", "availability", Unit::Ratio, flags.len() as u64, share)
}

/// Requests that the fallback chain answered, of those that entered it.
pub(super) fn of_chain(chain: &[(i64, bool)], maker: &Maker<'_>) -> Option<ComparableMetric> {
    let fallback = maker.summary.fallback.value()?;
    let mut entries = chain.to_vec();
    entries.sort_unstable();
    let flags: Vec<bool> = entries.into_iter().map(|(_, was_answered)| was_answered).collect();
    let (_, spread) = share_of(&flags, "no attempt carries a request_id");
    let n = fallback.requests_entered;
    let found = (fallback.overall_success.clone(), spread);
    Some(maker.metric("fallback_system", "success_rate", Unit::Ratio, n, found))
}

/// Successful requests per second (all finished ones where the run has no outcomes).
pub(super) fn throughput(calls: &TimedCalls<'_>, maker: &Maker<'_>) -> ComparableMetric {
    let successful: Vec<usize> =
        calls.iter().filter(TimedCall::is_successful).map(|call| call.second).collect();
    let n = successful.len() as u64;
    let window_s = maker.summary.window.duration_s.as_ref();
    let throughput = &maker.summary.throughput;
    let value = match calls.iter().any(|call| call.class.is_some()) {
        true => throughput.ok_per_s.clone(),
        false => throughput.mean_per_s.clone(),
    };
    let measured_s = (maker.summary.window.end_us - maker.summary.window.start_us) as f64 / 1e6;
    let seconds = window_s.map(|_| measured_s.floor().max(0.0) as usize);
    let batches = seconds.and_then(|seconds| by_time(seconds, &maker.config.regression));
    let spread = spread(batches, |batch| {
        let place = |second: usize| successful.partition_point(|&other| other < second);
        Some((place(batch.end) - place(batch.start)) as f64 / batch.len() as f64)
    });
    maker.metric("request", "throughput_per_s", Unit::PerSecond, n, (value, positive(spread)))
}

/// A share with its effective number of calls; `flags` by time.
pub(super) fn share_of(flags: &[bool], reason: &str) -> (Measured<f64>, Measured<Spread>) {
    let hits = flags.iter().filter(|&&flag| flag).count() as u64;
    let of = flags.len() as u64;
    let value = Measured::ratio(hits as f64, of as f64, reason.to_owned());
    // A series that never changes tells nothing of its autocorrelation: its calls count as they are.
    let effective = effective_sample_size_of_flags(flags).unwrap_or(of as f64);
    let spread = Measured::or((of > 0).then_some(Spread::Share { hits, of, effective }), reason.to_owned());
    (value, spread)
}

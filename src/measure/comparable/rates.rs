//! Shares with the number of independent calls that they are worth, and the throughput.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::batches::{by_time, spread};
use super::calls::{Finished, TimedCalls};
use super::maker::Maker;
use super::order::in_order;
use crate::stats::flags::Flags;
use crate::summary::{ComparableMetric, LostUsers, Measured, Spread};

use super::super::timed_flag::TimedFlag;
use super::super::words::Class;

/// Success rate, and the share of each failure word among the calls that ended ok or failed.
pub fn of_outcomes(
    component: &str,
    calls: &TimedCalls<'_>,
    is_request: bool,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let judged = calls.only(Finished::is_judged);
    let failures = judged.kinds().filter(|(finished, _)| !finished.is_ok());
    let words: BTreeMap<&str, u32> = failures
        .filter_map(|(finished, _)| finished.outcome)
        .map(|outcome| (maker.context.words.word(outcome), outcome))
        .collect();
    let (words, outcomes): (Vec<&str>, Vec<u32>) = words.into_iter().unzip();
    // Each call sets a flag in one series: that of success or of its failure.
    let mut series = vec![Flags::unset(judged.len()); 1 + outcomes.len()];
    let series_of = |finished: &Finished| {
        if finished.is_ok() {
            Some(0)
        } else {
            outcomes.iter().position(|&other| finished.outcome == Some(other)).map(|index| index + 1)
        }
    };
    for (index, found) in judged.each(series_of).enumerate() {
        if let Some(flags) = found.and_then(|found| series.get_mut(found)) {
            flags.set(index);
        }
    }
    let reason = match calls.finished().len() {
        0 => "no finished call",
        _ => "the calls carry no outcome",
    };
    let mut shares: Vec<_> = series.par_iter().map(|flags| share_of(flags, reason)).collect();
    if is_request && maker.summary.requests.totals.declared {
        // That of success comes first, and is always there.
        let success = shares.remove(0);
        shares.insert(0, declared(success, maker));
    }
    let names = std::iter::once("success_rate".to_owned())
        .chain(words.into_iter().map(|word| format!("error_rate.{word}")));
    let n = judged.len() as u64;
    names.zip(shares).map(|(name, share)| maker.metric(component, name, n, share)).collect()
}

/// The declared totals of the run, worth as many independent calls as the recorded ones make likely.
fn declared(spread: Measured<Spread>, maker: &Maker<'_>) -> Measured<Spread> {
    let totals = &maker.summary.requests.totals;
    let (Some(&ok), Some(&failed)) = (totals.ok.value(), totals.failed.value()) else {
        return spread;
    };
    spread.map(|spread| match spread {
        // Only the recorded calls tell how far they depend on one another: their number is not stretched.
        Spread::Share { effective, .. } => Spread::Share { hits: ok, of: ok + failed, effective },
        other => other,
    })
}

/// Calls that a breaker let through.
pub fn availability(calls: &TimedCalls<'_>, maker: &Maker<'_>) -> ComparableMetric {
    let was_let_through = |finished: &Finished| finished.class != Some(Class::Blocked);
    let flags: Flags = calls.finished().each(was_let_through).collect();
    let share = share_of(&flags, "no call came to a breaker");
    maker.metric("circuit_breaker", "availability", flags.len() as u64, share)
}

/// Requests that the fallback chain answered, of those that entered it.
pub fn of_chain(chain: &[TimedFlag], maker: &Maker<'_>) -> Option<ComparableMetric> {
    let fallback = maker.summary.fallback.value()?;
    let spread = share_of(&in_order(chain), "no attempt carries a request_id");
    Some(maker.metric("fallback_system", "success_rate", fallback.requests_entered, spread))
}

/// Successful requests per second.
pub fn throughput(
    calls: &TimedCalls<'_>,
    lost_users: Option<LostUsers>,
    maker: &Maker<'_>,
) -> ComparableMetric {
    let successful = calls.only(Finished::is_ok);
    let window = &maker.summary.window;
    let measured_s = (window.end_us - window.start_us) as f64 / 1e6;
    let length_s = window.duration_s.as_ref().map(|_| measured_s.floor().max(0.0) as usize);
    let batches = length_s.as_ref().and_then(|&length_s| by_time(length_s, &maker.config.regression));
    let seconds = successful.seconds();
    let spread = spread(batches, |batch| Some(seconds.samples_in(&batch) as f64 / batch.len() as f64));
    // A batch at 0 has no ratio, but is one thing that a comparison must see: a service that hung.
    let pause =
        length_s.value().filter(|length_s| **length_s > 0).map(|&length_s| seconds.longest_pause(length_s));
    ComparableMetric {
        longest_pause: pause,
        lost_users,
        ..maker.metric("request", "ok_per_s", successful.len() as u64, spread)
    }
}

/// What a share rests on, with its effective number of calls; `flags` by time.
pub fn share_of(flags: &Flags, reason: &'static str) -> Measured<Spread> {
    let hits = flags.ones() as u64;
    let of = flags.len() as u64;
    // A series that never changes tells nothing of its autocorrelation: its calls count as they are.
    let effective = flags.effective_sample_size().unwrap_or(of as f64);
    Measured::or((of > 0).then_some(Spread::Share { hits, of, effective }), reason)
}

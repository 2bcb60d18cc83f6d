//! What a timeline shows, in sentences that rules compute: a delay, a measure in two states, a majority.
//!
//! A delay is told as the median of enough events; a measure where it differs between two states by more than a margin (or does
//! not, though a reader would expect it); a share where it is the most. No cause is told without its measure. Nothing here
//! decides about a run: these are words below a chart.

use std::collections::BTreeMap;

use super::bins::{FEWEST, TICK_US, ticks_of};
use crate::analysis::Analysis;
use crate::stats::robust::median;
use crate::summary::{BreakerState, RequestKind, RunSummary};
use crate::units;

/// A delay is told of so many events or more.
pub const FEWEST_EVENTS: usize = 5;
/// Shares that differ by less than so many points do not differ to a reader.
const MARGIN_POINTS: f64 = 0.02;
/// … and other measures by less than this share of the larger one.
const MARGIN_SHARE: f64 = 0.1;
/// Each state needs so many values before it is compared.
const FEWEST_IN_STATE: u64 = 30;
/// More are not read.
const MOST_FACTS: usize = 4;

/// The facts of the incident timeline.
pub fn timeline(analysis: &Analysis) -> Vec<String> {
    let run = &analysis.whole;
    let facts = match Breaker::of(run) {
        Some(breaker) => vec![
            first_fallback(run, &breaker),
            failing(run, &breaker),
            cpu(run, &breaker),
            caches(run, &breaker),
        ],
        None => Vec::new(),
    };
    let majority = [most_frequent_failure(run)];
    facts.into_iter().chain(majority).flatten().take(MOST_FACTS).collect()
}

/// When breakers were not closed.
struct Breaker {
    /// (opened, closed again or the end), µs since 1970.
    not_closed: Vec<(i64, i64)>,
}

impl Breaker {
    /// None where no breaker ever left its closed state.
    fn of(run: &RunSummary) -> Option<Self> {
        let breakers = &run.breaker.value()?.breakers;
        let spans = breakers.iter().flat_map(|breaker| &breaker.states);
        let mut spans: Vec<(i64, i64)> = spans
            .filter(|span| span.state != BreakerState::Closed)
            .map(|span| (span.from_us, span.to_us))
            .collect();
        spans.sort_unstable();
        let mut not_closed: Vec<(i64, i64)> = Vec::new();
        for (from_us, to_us) in spans {
            match not_closed.last_mut() {
                Some(last) if from_us <= last.1 => last.1 = last.1.max(to_us),
                _ => not_closed.push((from_us, to_us)),
            }
        }
        (!not_closed.is_empty()).then_some(Self { not_closed })
    }

    fn is_closed(&self, at_us: i64) -> bool {
        let behind = self.not_closed.partition_point(|&(from_us, _)| from_us <= at_us);
        behind.checked_sub(1).is_none_or(|before| at_us >= self.not_closed[before].1)
    }
}

/// From an opening to the first request that a later level of the chain answers.
fn first_fallback(run: &RunSummary, breaker: &Breaker) -> Option<String> {
    let is_fallback = |kind: &RequestKind| {
        let by = kind.answered_by.as_deref();
        kind.is_ok && by.is_some_and(|by| ["perplexity", "cache_fallback"].contains(&by))
    };
    let requests = run.series.requests.all();
    let mut ends: Vec<i64> =
        requests.filter(|(.., kind)| is_fallback(kind)).map(|(end_us, ..)| end_us).collect();
    ends.sort_unstable();
    let (median_s, n) = median_delay_s(&breaker.not_closed, &ends)?;
    Some(format!(
        "The fallback answers for the first time {} after an opening (median of {n})",
        units::duration_s((median_s * 100.0).round() / 100.0)
    ))
}

/// The median time from the start of each span to the first reaction within it, and how many spans have one; `ends` ascend.
pub fn median_delay_s(spans: &[(i64, i64)], reactions_us: &[i64]) -> Option<(f64, usize)> {
    let delays_s: Vec<f64> = spans
        .iter()
        .filter_map(|&(from_us, to_us)| {
            let first = *reactions_us.get(reactions_us.partition_point(|&at_us| at_us < from_us))?;
            (first < to_us).then(|| (first - from_us) as f64 / 1e6)
        })
        .collect();
    (delays_s.len() >= FEWEST_EVENTS).then_some((median(&delays_s)?, delays_s.len()))
}

/// How many requests fail in both states, and where most of the failures lie.
fn failing(run: &RunSummary, breaker: &Breaker) -> Option<String> {
    let mut both = TwoStates::default();
    for (end_us, _, kind) in run.series.requests.all().filter(|(.., kind)| kind.is_ok || kind.is_failed) {
        both.add(breaker.is_closed(end_us), u64::from(kind.is_failed), 1);
    }
    let (closed, not_closed) = both.shares()?;
    let share = both.not_closed.0 as f64 / (both.not_closed.0 + both.closed.0) as f64;
    let majority = (share > 0.5).then(|| format!("; {} of all failures", percent(share)));
    ((closed - not_closed).abs() >= MARGIN_POINTS).then(|| {
        format!(
            "While no breaker is open or half open {} of the requests fail, otherwise {}{}",
            percent(closed),
            percent(not_closed),
            majority.unwrap_or_default()
        )
    })
}

/// CPU in both states: whether waiting or working is what is slow.
fn cpu(run: &RunSummary, breaker: &Breaker) -> Option<String> {
    let mut sums = [(0.0, 0u64); 2];
    for &(at_us, percent) in &run.series.service_cpu_percent {
        let sum = &mut sums[usize::from(breaker.is_closed(at_us))];
        *sum = (sum.0 + percent, sum.1 + 1);
    }
    let [not_closed, closed] = sums.map(|(sum, n)| (n >= FEWEST_IN_STATE).then(|| sum / n as f64));
    let (not_closed, closed) = (not_closed?, closed?);
    let differs = (closed - not_closed).abs() > MARGIN_SHARE * closed.max(not_closed);
    let print = |value: f64| percent(value / 100.0);
    differs.then(|| {
        format!(
            "CPU of the service: {} of a core while closed, {} otherwise",
            print(closed),
            print(not_closed)
        )
    })
}

/// Hit rates in both states; that they do not differ says that caches are not the cause.
fn caches(run: &RunSummary, breaker: &Breaker) -> Option<String> {
    let cache = run.cache.value()?;
    let told: Vec<(String, f64, f64)> = cache
        .tiers
        .iter()
        .filter_map(|tier| {
            let mut both = TwoStates::default();
            for tick in ticks_of(run, &format!("cache_{}", tier.tier)) {
                let (hits, misses) = (u64::from(tick.hits), u64::from(tick.misses));
                both.add(breaker.is_closed(tick.start_us + TICK_US / 2), hits, hits + misses);
            }
            let (closed, not_closed) = both.shares()?;
            Some((tier.tier.to_uppercase(), closed, not_closed))
        })
        .collect();
    if told.is_empty() {
        return None;
    }
    let words = told.iter().map(|(tier, closed, not_closed)| {
        let is_same = (closed - not_closed).abs() < MARGIN_POINTS;
        let same = if is_same { " (no difference)" } else { "" };
        format!("{tier} {} and {}{same}", percent(*closed), percent(*not_closed))
    });
    Some(format!("Cache hit rates while closed and otherwise: {}", words.collect::<Vec<_>>().join(", ")))
}

/// The one category that most failures are of.
fn most_frequent_failure(run: &RunSummary) -> Option<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (.., kind) in run.series.requests.all().filter(|(.., kind)| kind.is_failed) {
        *counts.entry(kind.outcome.as_deref().unwrap_or("unanswered")).or_default() += 1;
    }
    let all: u64 = counts.values().sum();
    let (category, most) = counts.into_iter().max_by_key(|&(_, count)| count)?;
    let is_told = all >= FEWEST && most * 2 > all && most < all;
    is_told.then(|| {
        let share = percent(most as f64 / all as f64);
        format!("{share} of the failures are {}", crate::report::printable(category))
    })
}

fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{tenths:.1} %")
}

/// (part, of) while closed, and otherwise.
#[derive(Default)]
struct TwoStates {
    closed: (u64, u64),
    not_closed: (u64, u64),
}

impl TwoStates {
    fn add(&mut self, is_closed: bool, part: u64, of: u64) {
        let sum = if is_closed { &mut self.closed } else { &mut self.not_closed };
        sum.0 += part;
        sum.1 += of;
    }

    /// None where too little is known of one of them.
    fn shares(&self) -> Option<(f64, f64)> {
        let share = |(part, of): (u64, u64)| (of >= FEWEST_IN_STATE).then(|| part as f64 / of as f64);
        Some((share(self.closed)?, share(self.not_closed)?))
    }
}

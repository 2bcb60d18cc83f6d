//! The fallback chain LightRAG → Perplexity → cached answer.

use super::components::{Grouped, find};
use super::context::Context;
use super::counts;
use super::part::WindowSpan;
use super::steps::Steps;
use super::usage::{Usage, UsageSums};
use super::words::{Class, Words};
use crate::summary::{Fallback, FallbackLevel, Measured};

/// The levels in chain order.
const LEVELS: [&str; 3] = ["lightrag", "perplexity", "cache_fallback"];

/// Attempts of one request: which levels it tried, and whether one answered.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Start of the first attempt, µs since 1970.
    first_us: i64,
    went_past_first: bool,
    was_answered: bool,
}

/// Requests that entered the chain; attempts without id are only counted.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// When each request entered, µs since 1970, and whether a level answered it; in any order.
    by_request: Vec<(i64, bool)>,
    /// Requests that went past the first level.
    went_past_first: u64,
    attempts_without_id: u64,
    has_outcomes: bool,
}

impl Chain {
    /// Of the finished attempts that start in `span`, all without one. `grouped` are the calls of that part.
    pub(super) fn of(
        steps: &Steps<'_>,
        grouped: &[Grouped<'_>],
        span: Option<&WindowSpan>,
        words: &Words,
    ) -> Self {
        let mut chain = Self::default();
        for level in grouped.iter().filter(|level| words.kind(level.component).fallback_level().is_some()) {
            for group in level.groups.iter().filter(|group| group.outcome.is_some()) {
                chain.has_outcomes |= group.count > 0;
            }
            let kinds = level.calls.kinds();
            if kinds.iter().any(|kind| !kind.has_request_id) {
                let is_counted = |&&kind: &&u32| {
                    let kind = &kinds[kind as usize];
                    kind.is_finished() && !kind.has_request_id
                };
                chain.attempts_without_id += level.calls.kind().iter().filter(is_counted).count() as u64;
            }
        }
        let levels: Vec<Option<usize>> =
            steps.components.iter().map(|component| words.kind(component.code).fallback_level()).collect();
        if levels.iter().any(Option::is_some) {
            let is_inside = |start_us: i64| span.is_none_or(|span| span.holds(start_us));
            for slot in 0..steps.slots() {
                if let Some(entry) = entry(steps, slot, &levels, is_inside, words) {
                    chain.by_request.push((entry.first_us, entry.was_answered));
                    chain.went_past_first += u64::from(entry.went_past_first);
                }
            }
        }
        chain
    }

    /// When each request entered the chain, and whether a level answered it; in any order.
    pub(super) fn times(&self) -> &[(i64, bool)] {
        &self.by_request
    }
}

/// The attempts of the request in a slot.
fn entry(
    steps: &Steps<'_>,
    slot: usize,
    levels: &[Option<usize>],
    is_inside: impl Fn(i64) -> bool,
    words: &Words,
) -> Option<Entry> {
    let mut found: Option<Entry> = None;
    for step in steps.in_slot(slot) {
        let Some(level) = levels[step.component as usize] else { continue };
        let calls = &steps.components[step.component as usize].calls;
        let (kind, start_us) = (calls.kind_of(step.call()), calls.start_us()[step.call()]);
        if !kind.is_finished() || !is_inside(start_us) {
            continue;
        }
        // Steps come by start: the first is the earliest.
        let entry =
            found.get_or_insert(Entry { first_us: start_us, went_past_first: false, was_answered: false });
        entry.went_past_first |= level > 0;
        entry.was_answered |= kind.outcome().is_some_and(|code| words.class(code) == Class::Ok);
    }
    found
}

/// How many requests entered the chain, how many it answered, how many went past the first level.
struct Passage {
    entered: u64,
    answered: u64,
    activated: u64,
    counted_by: &'static str,
}

pub(super) fn measure(
    log: &Chain,
    grouped: &[Grouped<'_>],
    usage: &UsageSums,
    context: &Context<'_>,
) -> Measured<Fallback> {
    let mut levels: Vec<FallbackLevel> = LEVELS
        .iter()
        .map(|level| measure_level(level, find(grouped, context.words, level), usage, context))
        .collect();
    if levels.iter().all(|level| level.attempts == 0) {
        return Measured::undefined("no attempt at any level of the chain in this run");
    }
    compare_quality(&mut levels);
    let passage = passage(log, &levels, blocked(grouped, context));
    let is_level = |component| context.words.kind(component).fallback_level().is_some();
    let cost_usd = usage.of_components(is_level).cost_usd.total("cost_usd");
    let cost_per_answer_usd = cost_usd
        .and_then(|cost_usd| Measured::ratio(cost_usd, passage.answered as f64, "no request was answered"));
    let requests_answered = match log.has_outcomes {
        true => Measured::Value(passage.answered),
        false => Measured::undefined(NO_OUTCOMES),
    };
    let overall_success = match log.has_outcomes {
        true => ratio(passage.answered, passage.entered),
        false => Measured::undefined(NO_OUTCOMES),
    };
    Measured::Value(Fallback {
        levels,
        requests_entered: passage.entered,
        requests_answered,
        cost_efficiency: overall_success.as_ref().and_then(|&success| match passage.answered {
            // Nothing answered: the score is 0 whatever was spent.
            0 => Measured::Value(success),
            _ => cost_per_answer_usd.as_ref().map(|&cost_usd| success / (1.0 + cost_usd)),
        }),
        overall_success,
        counted_by: passage.counted_by.to_owned(),
        attempts_without_id: log.attempts_without_id,
        cost_per_answer_usd,
        activation_rate: ratio(passage.activated, passage.entered),
    })
}

fn ratio(part: u64, whole: u64) -> Measured<f64> {
    if part > whole {
        return Measured::undefined("without request ids, more answers than first attempts were counted");
    }
    Measured::ratio(part as f64, whole as f64, "no request entered the chain")
}

const NO_OUTCOMES: &str = "the attempts carry no outcome";

/// Calls that a breaker kept from the first level.
fn blocked(grouped: &[Grouped<'_>], context: &Context<'_>) -> u64 {
    let breaker =
        find(grouped, context.words, "circuit_breaker").map(|level| level.all()).unwrap_or_default();
    counts::count(&breaker, context.words).blocked
}

/// By request id where attempts carry one; else by levels: what enters is what came to the first level that has
/// attempts or was blocked before it, and each success is one answer.
fn passage(log: &Chain, levels: &[FallbackLevel], blocked: u64) -> Passage {
    if log.by_request.is_empty() {
        let mut attempts = levels.iter().map(|level| level.attempts).skip_while(|&attempts| attempts == 0);
        return Passage {
            entered: attempts.next().unwrap_or(0) + blocked,
            activated: attempts.next().unwrap_or(0),
            answered: levels.iter().map(|level| level.successes).sum(),
            counted_by: "levels",
        };
    }
    Passage {
        entered: log.by_request.len() as u64,
        answered: log.by_request.iter().filter(|(_, was_answered)| *was_answered).count() as u64,
        activated: log.went_past_first,
        counted_by: "request_id",
    }
}

fn measure_level(
    level: &str,
    grouped: Option<&Grouped<'_>>,
    usage: &UsageSums,
    context: &Context<'_>,
) -> FallbackLevel {
    let groups = grouped.map(|level| level.all()).unwrap_or_default();
    let counts = counts::count(&groups, context.words);
    let used = grouped.map_or_else(Usage::default, |grouped| usage.of_component(grouped.component));
    FallbackLevel {
        level: level.to_owned(),
        attempts: counts.finished,
        successes: counts.ok,
        success_rate: counts::success_rate(&counts),
        response_times: counts::of_all(&groups, context.settings),
        total_cost_usd: used.cost_usd.total("cost_usd"),
        mean_quality: match grouped {
            Some(_) => used.quality.mean("quality"),
            None => Measured::undefined("no attempt at this level"),
        },
        quality_change: Measured::undefined("the first level has none before it"),
    }
}

/// Mean quality of each level against the nearest level before it.
fn compare_quality(levels: &mut [FallbackLevel]) {
    for index in 1..levels.len() {
        let before = levels[index - 1].mean_quality.clone();
        levels[index].quality_change = levels[index]
            .mean_quality
            .as_ref()
            .and_then(|&quality| before.map(|quality_before| quality - quality_before));
    }
}

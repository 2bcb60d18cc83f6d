//! The fallback chain LightRAG → Perplexity → cached answer.

use super::components::{Grouped, find};
use super::context::Context;
use super::counts;
use super::timed_flag::TimedFlag;
use super::usage::{Usage, UsageSums};
use crate::summary::{CountedBy, Fallback, FallbackLevel, Measured};

/// The levels in chain order.
const LEVELS: [&str; 3] = ["lightrag", "perplexity", "cache_fallback"];

/// Attempts of one request: which levels it tried, and whether one answered.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Start of the first attempt, µs since 1970.
    first_us: i64,
    pub went_past_first: bool,
    pub was_answered: bool,
}

impl Entry {
    pub fn at(first_us: i64) -> Self {
        Self { first_us, went_past_first: false, was_answered: false }
    }
}

/// Requests that entered the chain by attempts that came to an end.
#[derive(Debug, Default)]
pub struct Chain {
    entered: u64,
    answered: u64,
    /// Requests that went past the first level.
    went_past_first: u64,
    /// When each request entered, and whether a level answered it; in any order, where the part is judged.
    pub flags: Vec<TimedFlag>,
}

impl Chain {
    pub fn add(&mut self, entry: &Entry, is_judged: bool) {
        self.entered += 1;
        self.answered += u64::from(entry.was_answered);
        self.went_past_first += u64::from(entry.went_past_first);
        if is_judged {
            self.flags.push(TimedFlag::new(entry.first_us, entry.was_answered));
        }
    }

    pub fn merge(&mut self, mut other: Self) {
        self.entered += other.entered;
        self.answered += other.answered;
        self.went_past_first += other.went_past_first;
        self.flags.append(&mut other.flags);
    }
}

/// The finished attempts that carry no request id: they are only counted.
fn attempts_without_id(levels: &[&Grouped<'_>]) -> u64 {
    let of_level = |level: &&Grouped<'_>| {
        let kinds = level.calls.kinds();
        if kinds.iter().all(|kind| kind.has_request_id) {
            return 0;
        }
        let is_counted = |&&kind: &&u32| {
            let kind = &kinds[kind as usize];
            kind.is_finished() && !kind.has_request_id
        };
        level.calls.kind().iter().filter(is_counted).count() as u64
    };
    levels.iter().map(of_level).sum()
}

/// How many requests entered the chain, how many it answered, how many went past the first level.
struct Passage {
    entered: u64,
    answered: u64,
    activated: u64,
    counted_by: CountedBy,
}

pub fn measure(
    chain: &Chain,
    grouped: &[Grouped<'_>],
    usage: &UsageSums,
    context: &Context<'_>,
) -> Measured<Fallback> {
    let is_level = |component| context.words.kind(component).fallback_level().is_some();
    let of_levels: Vec<&Grouped<'_>> = grouped.iter().filter(|level| is_level(level.component)).collect();
    let mut levels: Vec<FallbackLevel> = LEVELS
        .iter()
        .map(|level| measure_level(level, find(grouped, context.words, level), usage, context))
        .collect();
    if levels.iter().all(|level| level.attempts == 0) {
        return Measured::undefined("no attempt at any level of the chain in this run");
    }
    compare_quality(&mut levels);
    let passage = passage(chain, &levels, blocked(grouped, context));
    let has_outcomes = of_levels
        .iter()
        .flat_map(|level| &level.groups)
        .any(|group| group.outcome.is_some() && group.count > 0);
    let cost_usd = usage.of_components(is_level).cost_usd.total("cost_usd");
    let cost_per_answer_usd = cost_usd
        .and_then(|cost_usd| Measured::ratio(cost_usd, passage.answered as f64, "no request was answered"));
    let requests_answered =
        if has_outcomes { Measured::Value(passage.answered) } else { Measured::undefined(NO_OUTCOMES) };
    let overall_success = if has_outcomes {
        ratio(passage.answered, passage.entered)
    } else {
        Measured::undefined(NO_OUTCOMES)
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
        counted_by: passage.counted_by,
        attempts_without_id: attempts_without_id(&of_levels),
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
fn passage(chain: &Chain, levels: &[FallbackLevel], blocked: u64) -> Passage {
    if chain.entered == 0 {
        let mut attempts = levels.iter().map(|level| level.attempts).skip_while(|&attempts| attempts == 0);
        return Passage {
            entered: attempts.next().unwrap_or(0) + blocked,
            activated: attempts.next().unwrap_or(0),
            answered: levels.iter().map(|level| level.successes).sum(),
            counted_by: CountedBy::Levels,
        };
    }
    Passage {
        entered: chain.entered,
        answered: chain.answered,
        activated: chain.went_past_first,
        counted_by: CountedBy::RequestId,
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
        response_times: counts::of_finished(&groups, context.settings),
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

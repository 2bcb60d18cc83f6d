//! The fallback chain LightRAG → Perplexity → cached answer.

use std::collections::HashMap;

use super::components::{Grouped, find};
use super::context::Context;
use super::counts;
use super::rows::Rows;
use super::usage::{Usage, UsageLog};
use super::words::Class;
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

impl Entry {
    fn merge(self, other: Entry) -> Entry {
        Entry {
            first_us: self.first_us.min(other.first_us),
            went_past_first: self.went_past_first || other.went_past_first,
            was_answered: self.was_answered || other.was_answered,
        }
    }
}

/// Requests that entered the chain, by id; attempts without id are only counted.
#[derive(Debug, Default)]
pub(super) struct ChainLog {
    by_request: HashMap<u64, Entry>,
    attempts_without_id: u64,
    has_outcomes: bool,
}

impl ChainLog {
    /// A finished attempt at `level`; without a class where the run does not say how it ended.
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, level: usize, class: Option<Class>) {
        self.has_outcomes |= class.is_some();
        match rows.request_id.get(row) {
            Some(request_id) => {
                let attempt = Entry {
                    first_us: rows.ts.values()[row],
                    went_past_first: level > 0,
                    was_answered: class == Some(Class::Ok),
                };
                self.add(request_id, attempt);
            }
            None => self.attempts_without_id += 1,
        }
    }

    pub(super) fn merge(&mut self, other: ChainLog) {
        for (request_id, entry) in other.by_request {
            self.add(request_id, entry);
        }
        self.attempts_without_id += other.attempts_without_id;
        self.has_outcomes |= other.has_outcomes;
    }

    fn add(&mut self, request_id: u64, entry: Entry) {
        self.by_request.entry(request_id).and_modify(|known| *known = known.merge(entry)).or_insert(entry);
    }

    /// When each request entered the chain, and whether a level answered it; in any order.
    pub(super) fn times(&self) -> Vec<(i64, bool)> {
        self.by_request.values().map(|entry| (entry.first_us, entry.was_answered)).collect()
    }
}

/// How many requests entered the chain, how many it answered, how many went past the first level.
struct Passage {
    entered: u64,
    answered: u64,
    activated: u64,
    counted_by: &'static str,
}

pub(super) fn measure(
    log: &ChainLog,
    grouped: &[Grouped],
    usage: &UsageLog,
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
fn blocked(grouped: &[Grouped], context: &Context<'_>) -> u64 {
    let breaker = find(grouped, context.words, "circuit_breaker").map(Grouped::all).unwrap_or_default();
    counts::count(&breaker, context.words).blocked
}

/// By request id where attempts carry one; else by levels: what enters is what came to the first level that has
/// attempts or was blocked before it, and each success is one answer.
fn passage(log: &ChainLog, levels: &[FallbackLevel], blocked: u64) -> Passage {
    if log.by_request.is_empty() {
        let mut attempts = levels.iter().map(|level| level.attempts).skip_while(|&attempts| attempts == 0);
        return Passage {
            entered: attempts.next().unwrap_or(0) + blocked,
            activated: attempts.next().unwrap_or(0),
            answered: levels.iter().map(|level| level.successes).sum(),
            counted_by: "levels",
        };
    }
    let count = |keep: fn(&Entry) -> bool| log.by_request.values().filter(|entry| keep(entry)).count() as u64;
    Passage {
        entered: log.by_request.len() as u64,
        answered: count(|entry| entry.was_answered),
        activated: count(|entry| entry.went_past_first),
        counted_by: "request_id",
    }
}

fn measure_level(
    level: &str,
    grouped: Option<&Grouped>,
    usage: &UsageLog,
    context: &Context<'_>,
) -> FallbackLevel {
    let groups = grouped.map(Grouped::all).unwrap_or_default();
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

//! The chain LightRAG, Perplexity, cached answer, and each of its levels.

use super::entry::{Entry, entry, higher, lower, neither};
use super::metric::{FALLBACK, Population::*};
use super::reading::{count, counted, share, value};
use super::subject::{Table, one, part, table};
use crate::summary::{Fallback, FallbackLevel};
use crate::units::Unit::*;

pub const SUBJECT: Table<Fallback> =
    table(FALLBACK, &[FALLBACK], CHAIN, |run| one(FALLBACK, run.fallback.as_ref()));

/// The levels, as operations.
pub const LEVELS: Table<FallbackLevel> = table("fallback_system/*", &[FALLBACK], LEVEL, |run| {
    let levels = run.fallback.as_ref().map(|chain| chain.levels.iter());
    levels.map(|levels| levels.map(|level| part(FALLBACK, &level.level, level)).collect())
});

#[rustfmt::skip]
const CHAIN: &[Entry<Fallback>] = &[
    entry(higher("success_rate").compared().headline(), Ratio, EnteredChain,
        "requests that any level answered / requests that entered the chain",
        |chain| share(&chain.overall_success, chain.requests_entered)),
    entry(higher("cost_efficiency").headline(), Ratio, EnteredChain,
        "success / (1 + USD per answered request)", |chain| value(&chain.cost_efficiency)),
    entry(lower("activation_rate"), Ratio, EnteredChain,
        "requests that went past the first level / requests that entered",
        |chain| share(&chain.activation_rate, chain.requests_entered)),
    entry(lower("cost_per_answer_usd"), Usd, EnteredChain,
        "mean cost of an answered request, over all levels", |chain| value(&chain.cost_per_answer_usd)),
    entry(neither("requests_entered"), Count, EnteredChain,
        "requests with an attempt at any level", |chain| count(chain.requests_entered)),
    entry(higher("requests_answered"), Count, EnteredChain,
        "of these, requests that a level answered", |chain| counted(&chain.requests_answered)),
];

#[rustfmt::skip]
const LEVEL: &[Entry<FallbackLevel>] = &[
    entry(neither("level_attempts"), Count, Finished,
        "finished attempts at this level", |level| count(level.attempts)),
    entry(higher("level_successes"), Count, Ok, "successful attempts", |level| count(level.successes)),
    entry(higher("level_success_rate"), Ratio, OkOrFailed,
        "ok / (ok + failed)", |level| share(&level.success_rate, level.attempts)),
    entry(lower("level_cost_usd"), Usd, Finished, "sum of `cost_usd`", |level| value(&level.total_cost_usd)),
    entry(higher("level_mean_quality"), Ratio, Finished,
        "mean of `quality`", |level| value(&level.mean_quality)),
    entry(higher("level_quality_change"), Ratio, Finished,
        "mean quality less that of the level before it", |level| value(&level.quality_change)),
];

//! The chain LightRAG, Perplexity, cached answer, and each of its levels.

use super::entry::{Entry, entry, metric};
use super::metric::{FALLBACK, Population};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table, one};
use crate::summary::{Fallback, FallbackLevel, RunSummary};
use crate::units::Unit;

fn is_fallback(component: &str) -> bool {
    component == FALLBACK
}

pub const SUBJECT: Table<Fallback> = Table {
    component: FALLBACK,
    is_about: is_fallback,
    entries: CHAIN,
    instances: |run| one(FALLBACK, &run.fallback),
    instance: None,
};

/// The levels, as operations.
pub const LEVELS: Table<FallbackLevel> = Table {
    component: "fallback_system/*",
    is_about: is_fallback,
    entries: LEVEL,
    instances: levels,
    instance: None,
};

fn levels(run: &RunSummary) -> Instances<'_, FallbackLevel> {
    run.fallback.as_ref().map(|found| {
        let levels = found.levels.iter();
        levels.map(|of| Instance { component: FALLBACK, operation: Some(of.level.as_str()), of }).collect()
    })
}

const CHAIN: &[Entry<Fallback>] = &[
    entry(
        metric(
            "success_rate",
            Unit::Ratio,
            Population::EnteredChain,
            "requests that any level answered / requests that entered the chain",
        )
        .higher()
        .compared()
        .headline(),
        |chain| Reading::share(&chain.overall_success, chain.requests_entered),
    ),
    entry(
        metric(
            "cost_efficiency",
            Unit::Ratio,
            Population::EnteredChain,
            "success / (1 + USD per answered request)",
        )
        .higher()
        .headline(),
        |chain| Reading::plain(&chain.cost_efficiency),
    ),
    entry(
        metric(
            "activation_rate",
            Unit::Ratio,
            Population::EnteredChain,
            "requests that went past the first level / requests that entered",
        )
        .lower(),
        |chain| Reading::share(&chain.activation_rate, chain.requests_entered),
    ),
    entry(
        metric(
            "cost_per_answer_usd",
            Unit::Usd,
            Population::EnteredChain,
            "mean cost of an answered request, over all levels",
        )
        .lower(),
        |chain| Reading::plain(&chain.cost_per_answer_usd),
    ),
    entry(
        metric(
            "requests_entered",
            Unit::Count,
            Population::EnteredChain,
            "requests with an attempt at any level",
        ),
        |chain| Reading::count(chain.requests_entered),
    ),
    entry(
        metric(
            "requests_answered",
            Unit::Count,
            Population::EnteredChain,
            "of these, requests that a level answered",
        )
        .higher(),
        |chain| Reading::counted(&chain.requests_answered),
    ),
];

const LEVEL: &[Entry<FallbackLevel>] = &[
    entry(
        metric("level_attempts", Unit::Count, Population::Finished, "finished attempts at this level"),
        |level| Reading::count(level.attempts),
    ),
    entry(metric("level_successes", Unit::Count, Population::Ok, "successful attempts").higher(), |level| {
        Reading::count(level.successes)
    }),
    entry(
        metric("level_success_rate", Unit::Ratio, Population::OkOrFailed, "ok / (ok + failed)").higher(),
        |level| Reading::share(&level.success_rate, level.attempts),
    ),
    entry(metric("level_cost_usd", Unit::Usd, Population::Finished, "sum of `cost_usd`").lower(), |level| {
        Reading::plain(&level.total_cost_usd)
    }),
    entry(
        metric("level_mean_quality", Unit::Ratio, Population::Finished, "mean of `quality`").higher(),
        |level| Reading::plain(&level.mean_quality),
    ),
    entry(
        metric(
            "level_quality_change",
            Unit::Ratio,
            Population::Finished,
            "mean quality less that of the level before it",
        )
        .higher(),
        |level| Reading::plain(&level.quality_change),
    ),
];

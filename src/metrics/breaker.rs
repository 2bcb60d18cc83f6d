//! All circuit breakers of a run together.

use super::breaker_rates;
use super::entry::{Entry, entry, metric};
use super::metric::{BREAKER, Population};
use super::reading::Reading;
use super::subject::{Table, one};
use crate::summary::Breaker;
use crate::units::Unit;

pub const SUBJECT: Table<Breaker> = Table {
    component: BREAKER,
    is_about: |component| component == BREAKER,
    entries: ENTRIES,
    instances: |run| one(BREAKER, &run.breaker),
    instance: None,
};

const ENTRIES: &[Entry<Breaker>] = &[
    entry(
        metric("availability", Unit::Ratio, Population::Guarded, "(calls - blocked) / calls")
            .higher()
            .compared()
            .headline(),
        |breaker| {
            Reading::share(
                &breaker.availability_percent.as_ref().map(|percent| percent / 100.0),
                breaker.requests,
            )
        },
    ),
    entry(
        metric(
            "recovery_success_rate",
            Unit::Ratio,
            Population::Guarded,
            "recoveries that reached closed / all that ended",
        )
        .higher()
        .headline(),
        |breaker| Reading::plain(&breaker.recovery_success_rate),
    ),
    entry(
        metric(
            "lowest_opening_rate",
            Unit::Ratio,
            Population::Guarded,
            "smallest failure rate at which a breaker opened",
        )
        .higher(),
        |breaker| Reading::plain(&breaker_rates::lowest_opening_rate(breaker)),
    ),
    entry(
        metric(
            "highest_closing_rate",
            Unit::Ratio,
            Population::Guarded,
            "largest failure rate at which a breaker closed",
        )
        .lower(),
        |breaker| Reading::plain(&breaker_rates::highest_closing_rate(breaker)),
    ),
    entry(
        metric("breaker_requests", Unit::Count, Population::Guarded, "calls that came to a breaker"),
        |breaker| Reading::count(breaker.requests),
    ),
    entry(
        metric("breaker_blocked", Unit::Count, Population::Guarded, "calls that it did not let through")
            .lower(),
        |breaker| Reading::count(breaker.blocked),
    ),
    entry(
        metric("opened", Unit::Count, Population::Guarded, "how often a breaker opened").lower(),
        |breaker| Reading::count(breaker.opened),
    ),
    entry(metric("cost_activations", Unit::Count, Population::Guarded, "openings for cost"), |breaker| {
        Reading::count(breaker.cost_activations)
    }),
    entry(
        metric("cost_blocked_usd", Unit::Usd, Population::Guarded, "cost of the calls that were blocked"),
        |breaker| Reading::plain(&breaker.cost_blocked_usd),
    ),
];

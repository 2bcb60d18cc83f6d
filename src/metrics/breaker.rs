//! All circuit breakers of a run together.

use super::breaker_rates::{highest_closing_rate, lowest_opening_rate};
use super::entry::{Entry, entry, higher, lower, neither};
use super::metric::{BREAKER, Population::Guarded};
use super::reading::{Reading, count, share, value};
use super::subject::{Table, one, table};
use crate::summary::Breaker;
use crate::units::Unit::*;

pub const SUBJECT: Table<Breaker> =
    table(BREAKER, &[BREAKER], ENTRIES, |run| one(BREAKER, run.breaker.as_ref()));

#[rustfmt::skip]
const ENTRIES: &[Entry<Breaker>] = &[
    entry(higher("availability").compared().headline(), Ratio, Guarded,
        "(calls - blocked) / calls", availability),
    entry(higher("recovery_success_rate").headline(), Ratio, Guarded,
        "recoveries that reached closed / all that ended", |breaker| value(&breaker.recovery_success_rate)),
    entry(higher("lowest_opening_rate"), Ratio, Guarded,
        "smallest failure rate at which a breaker opened", |breaker| value(&lowest_opening_rate(breaker))),
    entry(lower("highest_closing_rate"), Ratio, Guarded,
        "largest failure rate at which a breaker closed", |breaker| value(&highest_closing_rate(breaker))),
    entry(neither("breaker_requests"), Count, Guarded,
        "calls that came to a breaker", |breaker| count(breaker.requests)),
    entry(lower("breaker_blocked"), Count, Guarded,
        "calls that it did not let through", |breaker| count(breaker.blocked)),
    entry(lower("opened"), Count, Guarded, "how often a breaker opened", |breaker| count(breaker.opened)),
    entry(neither("cost_activations"), Count, Guarded,
        "openings for cost", |breaker| count(breaker.cost_activations)),
    entry(neither("cost_blocked_usd"), Usd, Guarded,
        "cost of the calls that were blocked", |breaker| value(&breaker.cost_blocked_usd)),
];

fn availability(breaker: &Breaker) -> Reading {
    share(&breaker.availability_percent.as_ref().map(|percent| percent / 100.0), breaker.requests)
}

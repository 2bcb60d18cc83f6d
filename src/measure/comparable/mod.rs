//! The numbers that can be compared with another run's, each with what its uncertainty rests on.

use std::collections::HashMap;

use rayon::prelude::*;

use super::cache::LookupTimes;
use super::calls::CallLog;
use super::context::Context;
use super::resources::ServiceSeries;
use super::samples::Samples;
use super::spending::Spending;
use super::words::{Class, Kind};
use crate::config::Config;
use crate::summary::{ComparableMetric, Measured, RunSummary, Spread};
use crate::units::Unit;

mod batches;
mod cache;
mod calls;
mod cost;
mod rates;
mod resources;
mod times;

use calls::TimedCalls;

/// What was collected while reading and is needed here.
pub(super) struct Sources<'a> {
    pub(super) calls: &'a HashMap<u32, CallLog>,
    pub(super) spending: &'a Spending,
    pub(super) lookups: LookupTimes,
    /// When each request entered the fallback chain, µs since 1970, and whether it was answered.
    pub(super) chain: Vec<(i64, bool)>,
    /// Memory and CPU of the service within the window.
    pub(super) service: ServiceSeries,
    pub(super) samples: &'a Samples,
}

/// All comparable numbers of a run, sorted by component and name.
pub(super) fn measure(
    sources: &Sources<'_>,
    summary: &RunSummary,
    context: &Context<'_>,
    config: &Config,
) -> Vec<ComparableMetric> {
    let maker = Maker { summary, context, config };
    let mut components: Vec<u32> = sources.calls.keys().copied().collect();
    components.sort_unstable_by_key(|&component| context.words.rank(component));
    let timed: Vec<(u32, TimedCalls)> = components
        .into_par_iter()
        .map(|component| (component, TimedCalls::of(&sources.calls[&component], context)))
        .collect();
    let mut metrics: Vec<ComparableMetric> = timed
        .par_iter()
        .flat_map_iter(|(component, calls)| of_component(*component, calls, &maker))
        .collect();
    metrics.extend(cost::measure(&timed, sources.spending, &maker));
    metrics.extend(cache::measure(&timed, &sources.lookups, &maker));
    metrics.extend(rates::of_chain(&sources.chain, &maker));
    metrics.extend(resources::measure(&sources.service, sources.samples, &maker));
    metrics.sort_by(|a, b| (&a.component, &a.name).cmp(&(&b.component, &b.name)));
    metrics
}

/// What every number is made with.
struct Maker<'a> {
    summary: &'a RunSummary,
    context: &'a Context<'a>,
    config: &'a Config,
}

impl Maker<'_> {
    fn metric(
        &self,
        component: &str,
        name: impl Into<String>,
        unit: Unit,
        samples: u64,
        (value, spread): (Measured<f64>, Measured<Spread>),
    ) -> ComparableMetric {
        let spread = match &value {
            Measured::Value(_) => spread,
            Measured::Undefined(undefined) => Measured::Undefined(undefined.clone()),
        };
        ComparableMetric {
            component: component.to_owned(),
            name: name.into(),
            unit: unit.word().to_owned(),
            value,
            samples,
            spread,
        }
    }
}

/// Times, outcomes and throughput of one component.
fn of_component(component: u32, calls: &TimedCalls, maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let name = maker.context.words.word(component);
    match maker.context.words.kind(component) {
        Kind::Breaker => vec![rates::availability(calls, maker)],
        Kind::CacheTier(_) => times::of_calls(name, &calls.lookups(maker.context), maker),
        Kind::Process | Kind::Phase => Vec::new(),
        kind => {
            let mut metrics = times::of_calls(name, &calls.successful(), maker);
            metrics.extend(rates::of_outcomes(name, calls, kind == Kind::Request, maker));
            if kind == Kind::Request {
                metrics.push(rates::throughput(calls, maker));
            }
            metrics
        }
    }
}

/// Did a call end in class ok, as far as the run says?
fn is_ok(class: Option<Class>) -> bool {
    class == Some(Class::Ok)
}

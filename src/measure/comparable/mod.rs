//! The numbers that can be compared with another run's, each with what its uncertainty rests on.

use rayon::prelude::*;

use super::components::Grouped;
use super::context::Context;
use super::resources::ProcessSeries;
use super::samples::Samples;
use super::span::WindowSpan;
use super::spending::Spending;
use super::timed_flag::TimedFlag;
use super::words::Kind;
use crate::config::Config;
use crate::summary::{ComparableMetric, LostUsers, RunSummary};

mod batches;
mod cache;
mod calls;
mod cost;
mod maker;
mod models;
mod order;
mod rates;
mod resources;
mod times;

use calls::{Finished, TimedCalls};
use maker::Maker;

/// What was collected while reading and is needed here.
pub struct Sources<'a> {
    /// Sorted by component name.
    pub grouped: &'a [Grouped<'a>],
    /// All that was sent, whose outcomes count.
    pub sent: &'a [Grouped<'a>],
    pub spending: &'a Spending,
    pub span: Option<&'a WindowSpan>,
    /// When each look-up that carries a request id was made, and whether it hit.
    pub lookups: &'a [TimedFlag],
    /// When each request entered the fallback chain, and whether it was answered.
    pub chain: &'a [TimedFlag],
    /// Memory and CPU within the window.
    pub processes: &'a ProcessSeries,
    pub samples: &'a Samples,
    /// At the end of the load, also where that is not judged.
    pub lost_users: Option<LostUsers>,
}

/// All comparable numbers of a run, sorted by component and name.
pub fn measure(
    sources: &Sources<'_>,
    summary: &RunSummary,
    context: &Context<'_>,
    config: &Config,
) -> Vec<ComparableMetric> {
    let maker = Maker { summary, context, config };
    let timed: Vec<TimedCalls<'_>> =
        sources.grouped.iter().map(|grouped| TimedCalls::of(grouped, context)).collect();
    let of_one = |calls: &TimedCalls<'_>| {
        let sent = sources.sent.iter().find(|sent| sent.component == calls.component);
        let sent = sent.map(|sent| TimedCalls::of(sent, context));
        of_component(calls, &sent, sources.lost_users, &maker)
    };
    let of_components = || timed.par_iter().flat_map_iter(of_one).collect::<Vec<_>>();
    let of_cost = || {
        let mut metrics = cost::measure(&timed, sources.spending, sources.span, &maker);
        metrics.extend(models::measure(&timed, sources.spending, sources.span, &maker));
        metrics
    };
    let of_cache = || cache::measure(&timed, sources.lookups, &maker);
    let of_rest = || {
        let mut metrics = resources::measure(sources.processes, sources.samples, &maker);
        metrics.extend(rates::of_chain(sources.chain, &maker));
        metrics
    };
    let ((mut metrics, of_cost), (of_cache, of_rest)) =
        rayon::join(|| rayon::join(of_components, of_cost), || rayon::join(of_cache, of_rest));
    metrics.extend(of_cost.into_iter().chain(of_cache).chain(of_rest));
    metrics.sort_by(|a, b| (&a.component, &a.name).cmp(&(&b.component, &b.name)));
    metrics
}

/// Times, outcomes and throughput of one component; `sent` are those of its calls whose outcomes count.
fn of_component(
    calls: &TimedCalls<'_>,
    sent: &Option<TimedCalls<'_>>,
    lost_users: Option<LostUsers>,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let name = maker.context.words.word(calls.component);
    match maker.context.words.kind(calls.component) {
        Kind::Breaker => vec![rates::availability(calls, maker)],
        Kind::CacheTier(_) => {
            times::of_calls(name, calls.only(Finished::asks_the_cache), times::LOOKUPS, maker)
        }
        Kind::Process | Kind::Phase => Vec::new(),
        kind => {
            let (mut metrics, of_outcomes) = rayon::join(
                || times::of_calls(name, calls.only(Finished::is_ok), times::OK, maker),
                || rates::of_outcomes(name, sent.as_ref().unwrap_or(calls), kind == Kind::Request, maker),
            );
            metrics.extend(of_outcomes);
            if kind == Kind::Request {
                metrics.push(rates::throughput(calls, lost_users, maker));
                metrics.extend(times::of_calls(name, calls.finished(), times::FINISHED, maker));
            }
            metrics
        }
    }
}

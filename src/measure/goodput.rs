//! Goodput: the requests that kept every limit of their times, per second and as a share of all that were sent.

use rustc_hash::FxHashMap;

use super::calls::{Calls, Ending};
use super::components::Grouped;
use super::context::Context;
use super::counts::Group;
use super::spending::Spent;
use super::words::{Class, Words};
use crate::config::{Config, NAMED_TARGETS};
use crate::metrics::{self, MetricKey, Name, REQUEST};
use crate::run::RunMetadata;
use crate::summary::{Goodput, Measured};

const NO_LIMIT: &str = "no target limits it";

/// What each request has to keep, ms: the tightest limits among the targets of the run, of the mean, the maximum or any
/// quantile alike, since who keeps the tightest one keeps them all.
#[derive(Debug, Clone, Copy)]
struct Limits {
    response_ms: Option<f64>,
    ttft_ms: Option<f64>,
    tpot_ms: Option<f64>,
}

impl Limits {
    /// `None` where no target limits a time of requests.
    fn of(config: &Config, metadata: &RunMetadata) -> Option<Self> {
        // What a run overrides is checked when it is judged.
        let own = config.with_run_overrides(&metadata.targets).ok();
        let config = own.as_ref().unwrap_or(config);
        let named = NAMED_TARGETS.iter().filter_map(|&(name, key)| Some((key, config.targets.get(name)?)));
        let custom = config.custom_targets.iter().map(|(key, target)| (key.as_str(), target));
        let limits: Vec<(Name, f64)> = named
            .chain(custom)
            .filter_map(|(key, target)| Some((metric_of_requests(key)?, target.below?)))
            .collect();
        let tightest = |is_meant: fn(&Name) -> bool| {
            limits.iter().filter(|(name, _)| is_meant(name)).map(|&(_, limit)| limit).reduce(f64::min)
        };
        let response = |name: &Name| {
            matches!(name, Name::Quantiles("" | "ok_") | Name::One("mean_ms" | "ok_mean_ms" | "max_ms"))
        };
        let limits = Self {
            response_ms: tightest(response),
            ttft_ms: tightest(|name| matches!(name, Name::Quantiles("ttft_") | Name::One("mean_ttft_ms"))),
            tpot_ms: tightest(|name| matches!(name, Name::Quantiles("tpot_") | Name::One("mean_tpot_ms"))),
        };
        let all = [limits.response_ms, limits.ttft_ms, limits.tpot_ms];
        all.iter().any(Option::is_some).then_some(limits)
    }

    fn are_of_tokens(&self) -> bool {
        self.ttft_ms.is_some() || self.tpot_ms.is_some()
    }

    /// Does what a request tells of its tokens keep the limits of these? A single token takes no time per further one.
    fn are_kept_by(&self, spent: &Spent) -> bool {
        self.ttft_ms.is_none_or(|limit| spent.ttft_ms().is_some_and(|ttft_ms| ttft_ms < limit))
            && self.tpot_ms.is_none_or(|limit| spent.tpot_ms().is_none_or(|tpot_ms| tpot_ms < limit))
    }
}

fn metric_of_requests(key: &str) -> Option<Name> {
    let key = MetricKey::parse(key).ok().filter(|key| key.component == REQUEST && key.operation.is_none())?;
    metrics::metric_of(&key).map(|metric| metric.name)
}

/// How many of the requests succeeded and kept the limits; `spent` is what requests tell of tokens.
fn good(calls: &Calls<'_>, spent: &[Spent], limits: Limits, words: &Words) -> u64 {
    let is_ok: Vec<bool> =
        calls.kinds().iter().map(|kind| kind.ending(words) == Ending::Finished(Class::Ok)).collect();
    // What was spent is not in the order of the calls: it is that of a call that was sent at the same instant.
    let mut keeping: FxHashMap<i64, usize> = FxHashMap::default();
    if limits.are_of_tokens() {
        for spent in spent.iter().filter(|spent| spent.is_ok && limits.are_kept_by(spent)) {
            *keeping.entry(spent.start_us).or_default() += 1;
        }
    }
    let mut is_kept_by_tokens = |sent_us: i64| {
        let left = keeping.get_mut(&sent_us).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    };
    let columns = calls.duration_ms().iter().zip(calls.kind()).enumerate();
    let good = columns.filter(|&(call, (&duration_ms, &kind))| {
        is_ok[kind as usize]
            && limits.response_ms.is_none_or(|limit| duration_ms < limit)
            && (!limits.are_of_tokens() || is_kept_by_tokens(calls.sent_us(call)))
    });
    good.count() as u64
}

/// Why nobody can tell which of the requests were good.
fn obstacle(requests: &Grouped<'_>, spent: &[Spent], limits: Limits) -> Option<&'static str> {
    let finished = || requests.groups.iter().filter(|group| group.ending.is_finished());
    let has_outcomes = finished().next().is_none() || finished().any(|group| group.ending != Ending::Unknown);
    let has_times = finished().next().is_none() || finished().any(|group| !group.durations.is_empty());
    let tells = |value: fn(&Spent) -> Option<f64>| spent.iter().any(|spent| value(spent).is_some());
    if !has_outcomes {
        Some("the requests carry no outcome")
    } else if limits.response_ms.is_some() && !has_times {
        Some("no request has a duration")
    } else if limits.ttft_ms.is_some() && !tells(Spent::ttft_ms) {
        Some("no request has ttft_ms, which a target limits")
    } else if limits.tpot_ms.is_some() && !tells(Spent::tpot_ms) {
        Some("no request has ttft_ms and tokens_out, which a target of tpot limits")
    } else {
        None
    }
}

/// Of the requests in a window; `spent` is what all requests tell of tokens.
pub fn measure(
    requests: Option<&Grouped<'_>>,
    spent: &[Spent],
    config: &Config,
    context: &Context<'_>,
) -> Measured<Goodput> {
    let Some(requests) = requests else { return Measured::undefined("the run has no requests") };
    let Some(limits) = Limits::of(config, context.metadata) else {
        return Measured::undefined("no target limits the times of requests");
    };
    if let Some(reason) = obstacle(requests, spent, limits) {
        return Measured::undefined(reason);
    }
    let good = good(&requests.calls, spent, limits, context.words);
    // Who waits when the load ends may yet be answered in time.
    let is_due = |group: &&Group| group.ending != Ending::Unfinished;
    let sent: u64 = requests.groups.iter().filter(is_due).map(|group| group.count).sum();
    let per_s = if context.window.duration_is_declared {
        Measured::undefined("the events are a sample of the declared totals")
    } else {
        context.per_second(good)
    };
    let limit = |limit_ms: Option<f64>| Measured::or(limit_ms, NO_LIMIT);
    Measured::Value(Goodput {
        limit_ms: limit(limits.response_ms),
        ttft_limit_ms: limit(limits.ttft_ms),
        tpot_limit_ms: limit(limits.tpot_ms),
        good,
        sent,
        share: Measured::ratio(good as f64, sent as f64, "the run has no requests"),
        per_s,
    })
}

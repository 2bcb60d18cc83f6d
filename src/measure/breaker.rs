//! Circuit breakers: availability, transitions, recoveries, time in each state, failure rate at each change.

use std::sync::Arc;

use rustc_hash::FxHashMap;

mod history;
mod period;
mod timeline;

use history::{Call, History, Lookback, Side};
use period::Period;
use timeline::{Change, State, Timeline, US_PER_S};

use super::context::Context;
use super::room::ToCome;
use super::rows::Rows;
use super::shape::Shape;
use super::span::WindowSpan;
use super::words::{Class, NO_WORD};
use crate::contract::BreakerSettings;
use crate::stats::sum::exact_sum;
use crate::summary::{Breaker, BreakerInstance, Measured};

/// Rows of one breaker.
#[derive(Debug, Default)]
struct InstanceLog {
    calls: Vec<Call>,
    changes: Vec<Change>,
    /// Start and cost of the blocked calls that carry one.
    costs_blocked: Vec<(i64, f64)>,
}

/// Rows of all breakers, by instance code.
#[derive(Debug, Default)]
pub struct BreakerLog {
    instances: FxHashMap<u32, InstanceLog>,
}

impl BreakerLog {
    /// Makes room for `more` calls, and for those to come.
    pub fn make_room(&mut self, more: usize, to_come: ToCome) {
        // Of several, nobody knows how the calls are shared out.
        if let [log] = self.instances.values_mut().collect::<Vec<_>>().as_mut_slice() {
            to_come.make_room(&mut log.calls, more);
        }
    }

    /// Adds a row; `operation` is its word.
    pub fn update(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        (shape, class): (Shape, Option<Class>),
        operation: impl FnOnce() -> Option<Arc<str>>,
    ) {
        let instance = rows.instance.get(row).unwrap_or(NO_WORD);
        let log = self.instances.entry(instance).or_default();
        match shape {
            Shape::Marker => {
                log.changes.extend(read_change(rows, row, operation().as_deref().unwrap_or_default()));
            }
            Shape::Unfinished => {}
            _ => {
                let (start_us, duration_ms) = (rows.ts.values()[row], rows.duration_ms.get(row));
                log.calls.push(Call { start_us, duration_ms: duration_ms.unwrap_or(f64::NAN), class });
                if class == Some(Class::Blocked) {
                    log.costs_blocked.extend(rows.cost_usd.get(row).map(|cost_usd| (start_us, cost_usd)));
                }
            }
        }
    }

    /// Sorts the calls. Equal times by class: which of them a look-back cuts off must not depend on their order in
    /// the file.
    pub fn sort(&mut self) {
        // Calls are only looked back on from a change of the state, and one state alone is none.
        let is_looked_back_on = |log: &&mut InstanceLog| {
            log.changes.len() > 1 || log.changes.iter().any(|change| change.from.is_some())
        };
        for log in self.instances.values_mut().filter(is_looked_back_on) {
            // Stable sorts find the order that files mostly have.
            log.calls.sort_by_key(|call| (call.end_us(), call.class));
        }
    }

    /// Takes all out of `other`.
    pub fn merge(&mut self, other: &mut BreakerLog, to_come: ToCome) {
        for (instance, theirs) in &mut other.instances {
            let mine = self.instances.entry(*instance).or_default();
            to_come.make_room(&mut mine.calls, theirs.calls.len());
            mine.calls.append(&mut theirs.calls);
            mine.changes.append(&mut theirs.changes);
            mine.costs_blocked.append(&mut theirs.costs_blocked);
        }
    }
}

fn read_change(rows: &Rows<'_>, row: usize, operation: &str) -> Option<Change> {
    let at_us = rows.ts.values()[row];
    if operation == "state" {
        let to = State::of_value(rows.value.get(row)?)?;
        return Some(Change { at_us, from: None, to, failure_rate: None, cause: None });
    }
    let (from, to) = operation.split_once("->")?;
    Some(Change {
        at_us,
        from: Some(State::of_name(from)?),
        to: State::of_name(to)?,
        failure_rate: rows.value.get(row),
        cause: rows.detail(row).map(str::to_owned),
    })
}

/// All breakers of the run, or of the part `span` of it; `last_us` is the end of its last event.
pub fn measure(
    log: &BreakerLog,
    span: Option<&WindowSpan>,
    last_us: i64,
    context: &Context<'_>,
) -> Measured<Breaker> {
    if log.instances.is_empty() {
        return Measured::undefined("no circuit_breaker rows in this run");
    }
    let period = Period::of(span, last_us);
    let mut breakers: Vec<BreakerInstance> = log
        .instances
        .iter()
        .map(|(&instance, log)| {
            let name = context.words.some_word(instance).unwrap_or("default").to_owned();
            measure_instance(name, log, period, context)
        })
        .collect();
    breakers.sort_by(|a, b| a.name.cmp(&b.name));
    Measured::Value(together(breakers))
}

fn together(breakers: Vec<BreakerInstance>) -> Breaker {
    let sum = |of: fn(&BreakerInstance) -> u64| breakers.iter().map(of).sum::<u64>();
    let (requests, blocked) = (sum(|breaker| breaker.requests), sum(|breaker| breaker.blocked));
    let has_outcomes = breakers.iter().any(|breaker| breaker.availability_percent.value().is_some());
    let costs = breakers.iter().filter_map(|breaker| breaker.cost_blocked_usd.number());
    Breaker {
        requests,
        blocked,
        availability_percent: availability_percent(requests, blocked, has_outcomes),
        recovery_success_rate: recovery_rate(
            sum(|breaker| breaker.recoveries_succeeded),
            sum(|breaker| breaker.recoveries_failed),
        ),
        opened: sum(|breaker| breaker.openings.len() as u64),
        cost_activations: sum(|breaker| breaker.cost_activations),
        cost_blocked_usd: Measured::or(costs.reduce(|a, b| a + b), NO_BLOCKED_COST),
        breakers,
    }
}

const NO_KNOWN_CALL: &str = "no call to the breaker with an outcome";
const NO_BLOCKED_COST: &str = "no blocked call carries a cost";

/// Without outcomes nobody knows which calls were blocked.
fn availability_percent(requests: u64, blocked: u64, has_outcomes: bool) -> Measured<f64> {
    if !has_outcomes {
        return Measured::undefined(NO_KNOWN_CALL);
    }
    Measured::ratio((requests - blocked) as f64, requests as f64, NO_KNOWN_CALL).map(|share| share * 100.0)
}

fn recovery_rate(succeeded: u64, failed: u64) -> Measured<f64> {
    Measured::ratio(succeeded as f64, (succeeded + failed) as f64, "no recovery was tried")
}

fn measure_instance(
    name: String,
    log: &InstanceLog,
    period: Period,
    context: &Context<'_>,
) -> BreakerInstance {
    let first_call_us = log.calls.iter().map(|call| call.start_us).min();
    let timeline = Timeline::of(log.changes.clone(), first_call_us);
    let (mut requests, mut blocked, mut has_outcomes) = (0, 0, false);
    for call in log.calls.iter().filter(|call| period.holds(call.start_us)) {
        requests += 1;
        blocked += u64::from(call.class == Some(Class::Blocked));
        has_outcomes |= call.class.is_some();
    }
    let costs = log.costs_blocked.iter().filter(|(start_us, _)| period.holds(*start_us));
    let costs_usd: Vec<f64> = costs.map(|&(_, cost_usd)| cost_usd).collect();
    let cost_blocked_usd = (!costs_usd.is_empty()).then(|| exact_sum(costs_usd));
    let history = History {
        calls: &log.calls,
        transitions: &timeline.transitions,
        period,
        lookback: Lookback::of(&name, context),
        context_us: (context.settings.breaker_context_s * US_PER_S) as i64,
        slack_us: (context.settings.breaker_trigger_slack_ms * 1000.0) as i64,
    };
    let succeeded = timeline.count(State::HalfOpen, State::Closed, period);
    let failed = timeline.count(State::HalfOpen, State::Open, period);
    BreakerInstance {
        rule: context.metadata.breakers.get(&name).map(BreakerSettings::rule).unwrap_or_default(),
        requests,
        blocked,
        availability_percent: availability_percent(requests, blocked, has_outcomes),
        recovery_success_rate: recovery_rate(succeeded, failed),
        recoveries_succeeded: succeeded,
        recoveries_failed: failed,
        transitions: timeline.counts(period),
        time_in_state_s: timeline.time_in_state_s(period),
        cost_activations: timeline.cost_activations(period),
        cost_blocked_usd: Measured::or(cost_blocked_usd, NO_BLOCKED_COST),
        openings: history.changes_to(State::Open, State::Closed),
        closings: history.changes_to(State::Closed, State::HalfOpen),
        mean_ms_before_opening: history.mean_ms(State::Closed, State::Open, Side::Before),
        mean_ms_after_recovery: history.mean_ms(State::HalfOpen, State::Closed, Side::After),
        states: timeline.spans(period),
        name,
    }
}

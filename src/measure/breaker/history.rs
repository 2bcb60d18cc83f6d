//! The calls around a breaker's changes: what it decided on, and how long calls took beside it.

use super::period::Period;
use super::timeline::{Change, State, US_PER_S};
use crate::measure::calls::end_or_start_us;
use crate::measure::context::Context;
use crate::measure::words::Class;
use crate::stats::sum::exact_mean;
use crate::summary::{BreakerChange, Measured};

/// A call that came to a breaker.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub start_us: i64,
    /// NaN where the call has none.
    pub duration_ms: f64,
    pub class: Option<Class>,
}

impl Call {
    #[inline]
    pub fn end_us(&self) -> i64 {
        end_or_start_us(self.start_us, self.duration_ms)
    }
}

/// What a breaker looks back on before it changes.
#[derive(Debug, Clone, Copy)]
pub enum Lookback {
    Us(i64),
    Calls(usize),
}

impl Lookback {
    /// The window of the breaker's metadata: a number with `window_unit` `s` (the default) or `calls`, or a text
    /// such as `60s`; the configured one where there is none or it cannot be read.
    pub fn of(breaker: &str, context: &Context<'_>) -> Self {
        let default = Lookback::Us((context.settings.breaker_window_s * US_PER_S) as i64);
        let Some(named) = context.metadata.breakers.get(breaker) else { return default };
        let Some(window) = named.window.as_ref() else { return default };
        let as_text = || window.as_str()?.strip_suffix('s')?.trim().parse().ok();
        let Some(length) = window.as_f64().or_else(as_text).filter(|length: &f64| *length > 0.0) else {
            return default;
        };
        match named.other.get("window_unit").and_then(serde_json::Value::as_str) {
            Some("calls") => Lookback::Calls(length as usize),
            _ => Lookback::Us((length * US_PER_S) as i64),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Side {
    Before,
    After,
}

/// Calls and transitions of one breaker, both by time.
pub struct History<'a> {
    pub calls: &'a [Call],
    pub transitions: &'a [Change],
    /// Changes in it are told; calls and changes beside it are what they rest on.
    pub period: Period,
    pub lookback: Lookback,
    pub context_us: i64,
    /// The call that triggers a change ends up to this much after it.
    pub slack_us: i64,
}

impl History<'_> {
    /// Changes `from` → `to`, each with the failure rate before it.
    pub fn changes_to(&self, to: State, from: State) -> Vec<BreakerChange> {
        let wanted = |change: &Change| self.is_wanted(change, from, to);
        let at = |(index, change): (usize, &Change)| {
            // A breaker starts counting anew with each state: calls before its last change do not matter.
            let since_us = index.checked_sub(1).map_or(i64::MIN, |before| self.transitions[before].at_us);
            let calls = self.looked_back_on(change.at_us, since_us);
            let of_class = |class| calls.iter().filter(|call| call.class == Some(class)).count();
            let (ok, failed) = (of_class(Class::Ok), of_class(Class::Failed));
            BreakerChange {
                at_us: change.at_us,
                reported_failure_rate: change.failure_rate,
                measured_failure_rate: Measured::ratio(
                    failed as f64,
                    (ok + failed) as f64,
                    "no recorded call ended in the window before it",
                ),
                calls: (ok + failed) as u64,
                cause: change.cause.clone(),
            }
        };
        self.transitions.iter().enumerate().filter(|(_, change)| wanted(change)).map(at).collect()
    }

    fn is_wanted(&self, change: &Change, from: State, to: State) -> bool {
        self.period.holds(change.at_us) && change.from == Some(from) && change.to == to
    }

    /// The calls that decided a change at `at_us`: at most the look-back, none before `since_us`. A blocked call
    /// says nothing about the service and does not count.
    pub fn looked_back_on(&self, at_us: i64, since_us: i64) -> Vec<Call> {
        let (at_us, since_us) = (at_us + self.slack_us, since_us.saturating_add(self.slack_us));
        let from_us = match self.lookback {
            Lookback::Us(window_us) => at_us.saturating_sub(window_us).max(since_us),
            Lookback::Calls(_) => since_us,
        };
        let mut calls = self.calls_ended(from_us, at_us).to_vec();
        calls.retain(|call| matches!(call.class, Some(Class::Ok | Class::Failed)));
        if let Lookback::Calls(most) = self.lookback {
            calls.drain(..calls.len().saturating_sub(most));
        }
        calls
    }

    /// Calls that ended after `from_us`, up to and with `to_us`.
    pub fn calls_ended(&self, from_us: i64, to_us: i64) -> &[Call] {
        let start = self.calls.partition_point(|call| call.end_us() <= from_us);
        let end = self.calls.partition_point(|call| call.end_us() <= to_us);
        &self.calls[start..end.max(start)]
    }

    /// Mean duration of the calls beside all changes `from` → `to`; blocked calls took no time and do not count.
    pub fn mean_ms(&self, from: State, to: State, side: Side) -> Measured<f64> {
        let changes = self.transitions.iter().filter(|change| self.is_wanted(change, from, to));
        let durations_ms: Vec<f64> = changes
            .flat_map(|change| match side {
                Side::Before => self.calls_ended(change.at_us - self.context_us, change.at_us),
                Side::After => self.calls_ended(change.at_us, change.at_us + self.context_us),
            })
            .filter(|call| call.class != Some(Class::Blocked))
            .map(|call| call.duration_ms)
            .filter(|duration_ms| !duration_ms.is_nan())
            .collect();
        Measured::or(exact_mean(&durations_ms), "no such change with a timed call beside it")
    }
}

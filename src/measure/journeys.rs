//! The component calls of each request: joined by `request_id`, for "where did the time go" and the slowest.

use rayon::prelude::*;

use super::context::Context;
use super::requests::{Request, RequestLog};
use super::rows::{Rows, end_us};
use super::words::{NO_WORD, Words};
use crate::summary::{ChainCall, SlowRequest};

/// A component call that carries a request id. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    request_id: u64,
    pub(super) start_us: i64,
    /// NaN where it has none.
    duration_ms: f64,
    pub(super) component: u32,
    operation: u32,
    outcome: u32,
}

impl Step {
    /// The end of a call that has one.
    pub(super) fn end_us(&self) -> Option<i64> {
        (!self.duration_ms.is_nan()).then(|| end_us(self.start_us, self.duration_ms))
    }
}

/// All component calls with a request id.
#[derive(Debug, Default)]
pub(super) struct StepLog {
    steps: Vec<Step>,
}

impl StepLog {
    /// Adds a call; one that is not finished has no duration yet.
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, component: u32, is_finished: bool) {
        let Some(request_id) = rows.request_id.get(row) else { return };
        self.steps.push(Step {
            request_id,
            start_us: rows.ts.values()[row],
            duration_ms: rows.duration_ms.get(row).filter(|_| is_finished).unwrap_or(f64::NAN),
            component,
            operation: rows.operation.get(row).unwrap_or(NO_WORD),
            outcome: rows.outcome.get(row).unwrap_or(NO_WORD),
        });
    }

    pub(super) fn merge(&mut self, mut other: StepLog) {
        self.steps.append(&mut other.steps);
    }

    /// Sorts the calls by request, start and words, so that each request's are one slice.
    pub(super) fn finish(mut self, words: &Words) -> Steps {
        self.steps.par_sort_unstable_by(|a, b| {
            let place = |step: &Step| {
                let ranks = [step.component, step.operation, step.outcome].map(|code| words.rank(code));
                (step.request_id, step.start_us, ranks)
            };
            place(a).cmp(&place(b)).then(a.duration_ms.total_cmp(&b.duration_ms))
        });
        Steps { sorted: self.steps }
    }
}

/// Component calls, sorted by request and start.
pub(super) struct Steps {
    sorted: Vec<Step>,
}

impl Steps {
    pub(super) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The calls of one request, by start.
    pub(super) fn of(&self, request_id: u64) -> &[Step] {
        let start = self.sorted.partition_point(|step| step.request_id < request_id);
        let end = self.sorted.partition_point(|step| step.request_id <= request_id);
        &self.sorted[start..end]
    }
}

/// The slowest finished requests with their chain, slowest first; ties by start, id and user.
pub(super) fn slowest(log: &RequestLog, steps: &Steps, context: &Context<'_>) -> Vec<SlowRequest> {
    let mut timed: Vec<(&Request, f64)> = log
        .requests
        .iter()
        .filter(|request| request.is_finished)
        .filter_map(|request| Some((request, request.duration_ms?)))
        .collect();
    let slowest_first = |a: &(&Request, f64), b: &(&Request, f64)| {
        let place = |request: &Request| {
            let words = [request.operation, request.outcome, request.answered_by];
            (
                request.start_us,
                request.request_id,
                request.user_id,
                words.map(|code| context.words.rank(code)),
            )
        };
        b.1.total_cmp(&a.1).then_with(|| place(a.0).cmp(&place(b.0)))
    };
    let wanted = context.settings.slowest_requests;
    if wanted < timed.len() {
        timed.select_nth_unstable_by(wanted, slowest_first);
        timed.truncate(wanted);
    }
    timed.sort_unstable_by(slowest_first);
    timed
        .into_iter()
        .map(|(request, duration_ms)| slow_request(request, duration_ms, steps, context))
        .collect()
}

fn slow_request(request: &Request, duration_ms: f64, steps: &Steps, context: &Context<'_>) -> SlowRequest {
    let word = |code| context.words.some_word(code).map(str::to_owned);
    let chain = request.request_id.map(|request_id| steps.of(request_id)).unwrap_or_default();
    SlowRequest {
        start_us: request.start_us,
        duration_ms,
        request_id: request.request_id,
        user_id: request.user_id,
        operation: word(request.operation),
        outcome: word(request.outcome),
        answered_by: word(request.answered_by),
        chain: chain
            .iter()
            .map(|step| ChainCall {
                component: context.words.word(step.component).to_owned(),
                operation: word(step.operation),
                outcome: word(step.outcome),
                offset_ms: (step.start_us - request.start_us) as f64 / 1000.0,
                duration_ms: Some(step.duration_ms).filter(|duration_ms| !duration_ms.is_nan()),
            })
            .collect(),
    }
}

//! The slowest requests with the component calls that they were made of.

use super::calls::Calls;
use super::context::Context;
use super::request_calls::Requests;
use super::request_spans::RequestSpans;
use crate::summary::{ChainCall, SlowRequest};

/// The slowest finished requests with their chain, slowest first; ties by start, id and user.
pub fn slowest(
    requests: &Requests<'_>,
    request_spans: &RequestSpans<'_>,
    context: &Context<'_>,
) -> Vec<SlowRequest> {
    let Some(calls) = requests.calls() else { return Vec::new() };
    let slowest_first = |a: &usize, b: &usize| {
        let index = |&call: &usize| {
            let kind = calls.kind_of(call);
            let words = [Some(kind.operation), kind.outcome(), calls.answered_by(call)];
            (
                calls.start_us()[call],
                calls.request_id(call),
                calls.user_id(call),
                words.map(|code| code.and_then(|code| context.words.rank(code))),
            )
        };
        calls.duration_ms()[*b].total_cmp(&calls.duration_ms()[*a]).then_with(|| index(a).cmp(&index(b)))
    };
    let mut slowest = at_least(calls, context.settings.slowest_requests);
    slowest.sort_unstable_by(slowest_first);
    slowest.truncate(context.settings.slowest_requests);
    slowest.into_iter().map(|call| slow_request(calls, call, request_spans, context)).collect()
}

/// The finished requests that are at least as slow as the `wanted` slowest, in any order.
fn at_least(calls: &Calls<'_>, wanted: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut limit_ms = f64::NEG_INFINITY;
    let mut room = 1024.max(wanted * 4);
    for call in (0..calls.len()).filter(|&call| calls.is_timed(call)) {
        if calls.duration_ms()[call] < limit_ms {
            continue;
        }
        found.push(call);
        // Now and then, those that cannot be among the slowest any more are dropped.
        if wanted > 0 && found.len() >= room {
            let slower = |a: &usize, b: &usize| calls.duration_ms()[*b].total_cmp(&calls.duration_ms()[*a]);
            let (_, &mut last, _) = found.select_nth_unstable_by(wanted - 1, slower);
            limit_ms = calls.duration_ms()[last];
            found.retain(|&call| calls.duration_ms()[call] >= limit_ms);
            // Where many are equal, none of them can be dropped.
            room = room.max(found.len() * 2);
        }
    }
    found
}

fn slow_request(
    calls: &Calls<'_>,
    call: usize,
    request_spans: &RequestSpans<'_>,
    context: &Context<'_>,
) -> SlowRequest {
    let word = |code: Option<u32>| code.and_then(|code| context.words.some_word(code)).map(str::to_owned);
    let (start_us, request_id) = (calls.start_us()[call], calls.request_id(call));
    let kind = calls.kind_of(call);
    let chain = request_id.map(|request_id| request_spans.of_request(request_id)).unwrap_or_default();
    SlowRequest {
        start_us,
        duration_ms: calls.duration_ms()[call],
        request_id,
        user_id: calls.user_id(call).and_then(|user_id| u32::try_from(user_id).ok()),
        operation: word(Some(kind.operation)),
        outcome: word(kind.outcome()),
        answered_by: word(calls.answered_by(call)),
        chain: chain
            .iter()
            .map(|request_span| {
                let component = &request_spans.components[request_span.component as usize];
                let kind = component.calls.kind_of(request_span.call());
                ChainCall {
                    component: context.words.word(component.code).to_owned(),
                    operation: word(Some(kind.operation)),
                    outcome: word(kind.outcome()),
                    offset_ms: (request_spans.start_us(request_span) - start_us) as f64 / 1000.0,
                    duration_ms: request_spans
                        .end_us(request_span)
                        .map(|_| component.calls.duration_ms()[request_span.call()]),
                }
            })
            .collect(),
    }
}

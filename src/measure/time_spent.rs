//! Where the requests' time went: each moment belongs to the component call running then.

use rayon::prelude::*;

use super::context::Context;
use super::request_calls::Requests;
use super::request_spans::RequestSpans;
use crate::summary::{Measured, SlowTimeSpent, TimeSpent};

mod scope;
mod slow;
mod split;
mod sums;

use scope::{NO_REQUESTS, NO_ROOT_SPAN, RootSpan, Scope, Walked, left_out_above};
use split::Splitter;
use sums::{Names, Sums};

/// Where the time of all requests went, and that of the slow ones.
pub type Found = (Measured<TimeSpent>, Measured<SlowTimeSpent>);

/// Of all of the run and of a `part` of it: each request is split once for both. Without a part, that has no requests.
pub fn measure(
    whole: &Requests<'_>,
    part: Option<&Requests<'_>>,
    request_spans: &RequestSpans<'_>,
    context: &Context<'_>,
) -> (Found, Found) {
    let scopes = [Some(whole), part].into_par_iter().flatten();
    let scopes: Vec<Result<Scope<'_>, &'static str>> =
        scopes.map(|requests| Scope::of(requests, request_spans, context.words)).collect();
    let scope = |index: usize| scopes.get(index).and_then(|scope| scope.as_ref().ok());
    let sums = split_all(whole, [scope(0), scope(1)], request_spans);
    let names = Names::of(request_spans, context);
    let mut found = scopes.iter().enumerate().map(|(index, scope)| match scope {
        Ok(scope) => sums.found(index, scope, &names, context),
        Err(reason) => none(reason),
    });
    let mut next = || found.next().unwrap_or_else(|| none(NO_REQUESTS));
    (next(), next())
}

fn none(reason: &'static str) -> Found {
    (Measured::undefined(reason), Measured::undefined(reason))
}

/// Whose time it is for one scope: nobody's where the request does not belong to it or cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Neither,
    Slow,
    Other,
}

const SIDES: usize = 3;

impl Side {
    /// Of the request at `call` among those of the run.
    #[inline]
    fn of(scope: Option<&Scope<'_>>, call: usize, root_span: &RootSpan) -> Self {
        match scope.filter(|scope| scope.holds(call) && scope.times_used[root_span.slot] <= 1) {
            None => Side::Neither,
            Some(scope) if root_span.duration_ms() > scope.above_ms => Side::Slow,
            Some(_) => Side::Other,
        }
    }
}

/// The time of requests by what they are to the whole run and to its part, so that each is added once.
#[derive(Debug, Clone)]
struct SumsOfSides {
    sums: [Sums; SIDES * SIDES],
}

impl SumsOfSides {
    fn new(request_spans: &RequestSpans<'_>) -> Self {
        Self { sums: std::array::from_fn(|_| Sums::new(request_spans)) }
    }

    fn merge(self, other: Self) -> Self {
        let mut theirs = other.sums.into_iter();
        let sums = self.sums.map(|sums| match theirs.next() {
            Some(other) => sums.merge(other),
            None => sums,
        });
        Self { sums }
    }

    /// Where a request belongs that is this to the whole and to the part; `None` where it is nothing to both.
    #[inline]
    fn of_sides(&mut self, [of_whole, of_part]: [Side; 2]) -> Option<&mut Sums> {
        let is_counted = (of_whole, of_part) != (Side::Neither, Side::Neither);
        is_counted.then(|| &mut self.sums[of_whole as usize * SIDES + of_part as usize])
    }

    /// The requests that are `side` to the scope at `index`.
    fn of(&self, index: usize, side: Side) -> Sums {
        let is_of = |&(sides, _): &(usize, &Sums)| [sides / SIDES, sides % SIDES][index] == side as usize;
        let chosen = self.sums.iter().enumerate().filter(is_of).map(|(_, sums)| sums.clone());
        // Of each scope there are sides, whatever they hold.
        chosen.reduce(Sums::merge).unwrap_or_else(|| Sums { requests: 0, time_us: Vec::new() })
    }

    fn found(&self, index: usize, scope: &Scope<'_>, names: &Names<'_>, context: &Context<'_>) -> Found {
        let (slow, others) = (self.of(index, Side::Slow), self.of(index, Side::Other));
        let all = slow.clone().merge(others.clone());
        if all.total_us() == 0 {
            return none(NO_ROOT_SPAN);
        }
        let left_out = left_out_above(&scope.left_out, scope.above_ms);
        let slow = slow::measure(&slow, &others, scope.above_ms, left_out, names, context);
        (Measured::Value(all.time_spent(left_out_above(&scope.left_out, f64::NEG_INFINITY), names)), slow)
    }
}

/// Splits each request that counts in any of the scopes.
fn split_all(
    requests: &Requests<'_>,
    scopes: [Option<&Scope<'_>>; 2],
    request_spans: &RequestSpans<'_>,
) -> SumsOfSides {
    let empty = || SumsOfSides::new(request_spans);
    let Some(calls) = requests.calls().filter(|_| scopes.iter().any(Option::is_some)) else { return empty() };
    let walked = Walked::of(calls, request_spans);
    let pieces = calls.len().div_ceil(REQUESTS_AT_ONCE);
    let of_piece = |piece: usize| {
        let first = piece * REQUESTS_AT_ONCE;
        let (mut sums, mut splitter) = (empty(), Splitter::default());
        for call in first..(first + REQUESTS_AT_ONCE).min(calls.len()) {
            let Ok(root_span) = walked.root_span(call) else { continue };
            if let Some(sums) = sums.of_sides(scopes.map(|scope| Side::of(scope, call, &root_span))) {
                sums.requests += 1;
                splitter.split(request_spans, &root_span, sums);
            }
        }
        sums
    };
    (0..pieces).into_par_iter().map(of_piece).reduce(empty, SumsOfSides::merge)
}

/// Fewer are not worth another thread.
const REQUESTS_AT_ONCE: usize = 16_384;

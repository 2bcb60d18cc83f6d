//! Splits the time of one request among its calls.

use std::cmp::Reverse;

use super::scope::RootSpan;
use super::sums::Sums;
use crate::measure::request_spans::RequestSpans;

/// A call that is running, ordered so that the greatest is the one that the moment belongs to: the one that
/// started last; of those the one that ends first (the inner one); then by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    start_us: i64,
    ends_first: Reverse<i64>,
    component: u32,
}

/// Walks through requests call by call; the room for calls is used again for each request.
#[derive(Debug, Default)]
pub struct Splitter {
    calls: Vec<Running>,
    /// Calls that have started, the greatest last; those that have ended go when they come to the top.
    running: Vec<Running>,
}

impl Splitter {
    /// Adds the time of a request to the components that ran in it.
    pub fn split(&mut self, request_spans: &RequestSpans<'_>, root_span: &RootSpan, sums: &mut Sums) {
        let (start_us, end_us) = (root_span.start_us, root_span.end_us);
        self.calls.clear();
        // By start.
        for request_span in request_spans.in_slot(root_span.slot) {
            let Some(until_us) =
                request_spans.end_us(request_span).map(|span_end_us| span_end_us.min(end_us))
            else {
                continue;
            };
            let span_start_us = request_spans.start_us(request_span);
            if until_us > start_us.max(span_start_us) {
                self.calls.push(Running {
                    start_us: span_start_us,
                    ends_first: Reverse(until_us),
                    component: request_span.component,
                });
            }
        }
        // What starts later is greater, so that each call that starts comes on top of those that run.
        if !self.calls.is_sorted() {
            self.calls.sort_unstable();
        }
        self.running.clear();
        let mut at_us = start_us;
        for index in 0..self.calls.len() {
            let call = self.calls[index];
            at_us = self.advance(at_us, call.start_us, sums);
            self.running.push(call);
        }
        self.advance(at_us, end_us, sums);
    }

    /// Gives the time from `at_us` to `until_us` to whom it belongs; returns where it came to.
    fn advance(&mut self, mut at_us: i64, until_us: i64, sums: &mut Sums) -> i64 {
        while at_us < until_us {
            match self.running.last() {
                Some(call) if call.ends_first.0 <= at_us => {
                    self.running.pop();
                }
                Some(call) => {
                    let to_us = call.ends_first.0.min(until_us);
                    sums.add(call.component as usize, to_us - at_us);
                    at_us = to_us;
                }
                None => {
                    sums.add_unattributed(until_us - at_us);
                    at_us = until_us;
                }
            }
        }
        at_us
    }
}

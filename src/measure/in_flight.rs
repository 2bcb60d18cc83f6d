//! How many calls ran at once: from starts and ends, in one walk through time.

use super::calls::Calls;
use super::ended::Ended;

/// The area under "calls in flight" of a component up to one moment after the other.
///
/// With starts sᵢ and ends eᵢ, the area up to t is Σ(t − sᵢ | sᵢ < t) − Σ(t − eᵢ | eᵢ < t). At the edge of a tick the
/// ends before it are those of the ticks before it, so that nothing is sorted. A call without a duration ends where it
/// starts and takes no room.
pub(super) struct InFlight<'a> {
    calls: &'a Calls<'a>,
    is_finished: Vec<bool>,
    /// Place of the next start.
    next: usize,
    starts: i128,
    sum_us: i128,
}

impl<'a> InFlight<'a> {
    pub(super) fn new(calls: &'a Calls<'a>) -> Self {
        Self { calls, is_finished: calls.are_finished(), next: 0, starts: 0, sum_us: 0 }
    }

    /// Time-weighted mean of the calls in flight in [start, end), the edges of a stretch of ticks; `ticks` are their
    /// places in `ended`. Stretches are asked for in their order.
    pub(super) fn mean_between(
        &mut self,
        (start_us, end_us): (i64, i64),
        ticks: std::ops::Range<usize>,
        ended: &Ended,
    ) -> f64 {
        let before = self.area_before(start_us, ended.before(ticks.start));
        let area = self.area_before(end_us, ended.before(ticks.end)) - before;
        area as f64 / (end_us - start_us).max(1) as f64
    }

    /// `ends` are the number and the sum of the ends before `t_us`.
    fn area_before(&mut self, t_us: i64, (ends, ends_sum_us): (usize, i128)) -> i128 {
        let (starts_us, kinds) = (self.calls.start_us(), self.calls.kind());
        while self.next < starts_us.len() && starts_us[self.next] < t_us {
            if self.is_finished[kinds[self.next] as usize] {
                self.starts += 1;
                self.sum_us += i128::from(starts_us[self.next]);
            }
            self.next += 1;
        }
        i128::from(t_us) * (self.starts - ends as i128) - self.sum_us + ends_sum_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::calls::{CallKind, CallLog, NewCall};
    use crate::measure::words::Words;
    use crate::run::Lexicon;

    #[test]
    fn a_call_counts_for_the_share_of_the_tick_in_which_it_ran() {
        let lexicon = Lexicon::default();
        let mut log = CallLog::default();
        let kind = log.place_of(CallKind::new(None, Some(lexicon.code("ok")), false, (false, false)));
        let calls_of_a_run =
            [(0, Some(150.0)), (20_000, None), (50_000, Some(50.0)), (110_000, None), (250_000, Some(0.0))];
        for (start_us, duration_ms) in calls_of_a_run {
            log.push(NewCall { start_us, duration_ms, kind, request_id: None, key: None });
        }
        let calls = log.all();
        let ended = Ended::of(&calls, &Words::of(&lexicon));
        let mut in_flight = InFlight::new(&calls);
        let means: Vec<f64> = ended
            .spans(1)
            .map(|(number, ticks, _)| {
                let start_us = number * 100_000;
                in_flight.mean_between((start_us, start_us + 100_000), ticks, &ended)
            })
            .collect();
        // The second call ends at the edge, which belongs to the tick behind it.
        assert_eq!(means, [1.5, 0.5, 0.0]);
        assert_eq!(ended.spans(10).count(), 1);
    }
}

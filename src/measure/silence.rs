//! Stretches in which nothing was recorded and nothing was in flight.

use super::calls::end_or_start_us;
use super::recording::Recording;
use crate::summary::{Gap, Window};

const US_PER_S: f64 = 1e6;
/// A gap of so many usual distances between events is none of these.
const USUAL_DISTANCES: f64 = 20.0;

impl Recording<'_> {
    /// Those of the load, its end among them, that are longer than a gap, and much longer than events are usually apart; and
    /// what is missing before the declared end of the recording.
    pub fn silences(&self, window: &Window) -> Vec<Gap> {
        let usual_s = self.coverage.usual_distance_us() as f64 / US_PER_S;
        let limit_s = self.config.measure.gap_s.max(USUAL_DISTANCES * usual_s);
        let last_us = self.coverage.last_us();
        let end = Gap { start_us: last_us, end_us: window.end_us };
        let declared_us = self.identity.metadata.span_us().map(|(_, end_us)| end_us);
        let missing = declared_us
            .map(|end_us| Gap { start_us: last_us, end_us })
            .filter(|gap| gap.end_us > window.end_us);
        let is_long = |gap: &Gap| gap.end_us.saturating_sub(gap.start_us) as f64 / US_PER_S > limit_s;
        let is_in_load = |gap: &Gap| gap.start_us >= window.start_us && gap.end_us <= window.end_us;
        let at_end = missing.is_none().then_some(end);
        let of_load = self.coverage.gaps(limit_s).into_iter().chain(at_end).filter(is_in_load);
        let gaps = of_load.chain(missing).filter(is_long);
        gaps.filter(|gap| !self.is_anything_in_flight(gap)).collect()
    }

    /// Does a call run on for all of the gap? Requests that did not end were in flight until the end of the load.
    fn is_anything_in_flight(&self, gap: &Gap) -> bool {
        self.calls.iter().any(|(_, log)| {
            let calls = log.all();
            let before = calls.start_us().partition_point(|&start_us| start_us <= gap.start_us);
            (0..before).any(|call| {
                !calls.kind_of(call).is_finished()
                    || end_or_start_us(calls.start_us()[call], calls.duration_ms()[call]) >= gap.end_us
            })
        })
    }
}

//! How many calls ran at once: from starts and ends, without walking through time.

use super::calls::{CallLog, Ending};
use super::words::Words;

/// Sorted instants with prefix sums, so that the area under "calls in flight" up to any time is two look-ups.
///
/// With starts sᵢ and ends eᵢ, the area up to t is Σ(t − sᵢ | sᵢ < t) − Σ(t − eᵢ | eᵢ < t).
pub(super) struct InFlight {
    starts: Instants,
    ends: Instants,
}

struct Instants {
    sorted_us: Vec<i64>,
    /// Sum of the first i instants.
    prefix_us: Vec<i128>,
}

impl Instants {
    fn new(mut instants_us: Vec<i64>) -> Self {
        instants_us.sort_unstable();
        let mut prefix_us = Vec::with_capacity(instants_us.len() + 1);
        let mut sum = 0i128;
        prefix_us.push(sum);
        for &instant_us in &instants_us {
            sum += i128::from(instant_us);
            prefix_us.push(sum);
        }
        Self { sorted_us: instants_us, prefix_us }
    }

    /// Σ(t − instant) over the instants before t, µs.
    fn area_before(&self, t_us: i64) -> i128 {
        let before = self.sorted_us.partition_point(|&instant_us| instant_us < t_us);
        i128::from(t_us) * before as i128 - self.prefix_us[before]
    }
}

impl InFlight {
    /// Of the finished calls that have a duration.
    pub(super) fn of(log: &CallLog, words: &Words) -> Self {
        let calls = (0..log.len())
            .filter(|&call| log.duration_ms(call).is_some() && log.ending(call, words) != Ending::Unfinished);
        let (starts, ends) = calls.map(|call| (log.start_us[call], log.end_us(call))).unzip();
        Self { starts: Instants::new(starts), ends: Instants::new(ends) }
    }

    /// Time-weighted mean of the calls in flight in [start, end); 0 where nothing ran.
    pub(super) fn mean_between(&self, start_us: i64, end_us: i64) -> f64 {
        let area = |t_us| self.starts.area_before(t_us) - self.ends.area_before(t_us);
        (area(end_us) - area(start_us)) as f64 / (end_us - start_us).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Lexicon;

    #[test]
    fn a_call_counts_for_the_share_of_the_tick_in_which_it_ran() {
        let lexicon = Lexicon::default();
        let ok = lexicon.code("ok");
        let mut log = CallLog::default();
        log.push(0, Some(150.0), Some(ok), None, false);
        log.push(50_000, Some(50.0), Some(ok), None, false);
        let in_flight = InFlight::of(&log, &Words::of(&lexicon));
        assert_eq!(in_flight.mean_between(0, 100_000), 1.5);
        assert_eq!(in_flight.mean_between(100_000, 200_000), 0.5);
        assert_eq!(in_flight.mean_between(200_000, 300_000), 0.0);
    }
}

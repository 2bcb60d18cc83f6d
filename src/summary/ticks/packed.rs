//! Ticks in less room than they take one by one: most of them hold few calls, of which one time or none is known.

use super::tick::{CallTick, MaybeMs};

/// Ticks of one width, ascending, in stretches one behind the other.
#[derive(Debug, Default)]
pub struct PackedTicks {
    width_us: i64,
    stretches: Vec<Stretch>,
}

/// Ticks that are packed alike.
#[derive(Debug)]
pub enum Stretch {
    Narrow(Narrow),
    /// As they are: numbers too large for the narrow ones.
    Wide(Vec<CallTick>),
}

/// A wide stretch ends here, so that what comes behind it can be narrow again.
const MOST_WIDE: usize = 4_096;

impl PackedTicks {
    /// None yet; each will start at a multiple of `width_us`.
    pub fn new(width_us: i64) -> Self {
        Self { width_us, stretches: Vec::new() }
    }

    /// Adds a tick that lies behind the last one.
    pub fn push(&mut self, tick: CallTick) {
        if !self.stretches.last_mut().is_some_and(|last| last.push(tick)) {
            self.stretches.push(Stretch::begin(self.width_us, tick));
        }
    }

    /// None of them is empty.
    pub fn into_stretches(self) -> impl Iterator<Item = Stretch> {
        self.stretches.into_iter().map(|mut stretch| {
            stretch.shrink();
            stretch
        })
    }
}

impl Stretch {
    fn begin(width_us: i64, tick: CallTick) -> Self {
        let mut narrow = Narrow::new(width_us, &tick);
        if narrow.push(&tick) { Stretch::Narrow(narrow) } else { Stretch::Wide(vec![tick]) }
    }

    /// Adds a tick where it fits.
    fn push(&mut self, tick: CallTick) -> bool {
        match self {
            Stretch::Narrow(narrow) => narrow.push(&tick),
            Stretch::Wide(ticks) if ticks.len() < MOST_WIDE => {
                ticks.push(tick);
                true
            }
            Stretch::Wide(_) => false,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Stretch::Narrow(narrow) => narrow.ticks.len(),
            Stretch::Wide(ticks) => ticks.len(),
        }
    }

    pub fn tick(&self, index: usize) -> CallTick {
        match self {
            Stretch::Narrow(narrow) => narrow.tick(index),
            Stretch::Wide(ticks) => ticks[index],
        }
    }

    /// Start of a tick, µs since 1970.
    pub fn start_us(&self, index: usize) -> i64 {
        match self {
            Stretch::Narrow(narrow) => narrow.start_us(&narrow.ticks[index]),
            Stretch::Wide(ticks) => ticks[index].start_us,
        }
    }

    fn shrink(&mut self) {
        match self {
            Stretch::Narrow(narrow) => {
                narrow.ticks.shrink_to_fit();
                narrow.lookups.shrink_to_fit();
                narrow.times_ms.shrink_to_fit();
            }
            Stretch::Wide(ticks) => ticks.shrink_to_fit(),
        }
    }
}

/// Ticks with small numbers.
#[derive(Debug)]
pub struct Narrow {
    width_us: i64,
    /// Start of the first tick, µs since 1970.
    start_us: i64,
    ticks: Vec<Small>,
    /// Hits and misses of the first ticks; those behind have none, which is all of them but in a cache tier.
    lookups: Vec<[u16; 2]>,
    /// The times that are known: one tick's behind those of the tick before.
    times_ms: Vec<f64>,
}

/// What a tick has, its times apart.
#[derive(Debug, Clone, Copy)]
struct Small {
    /// Ticks since the first.
    number: u32,
    /// Where its times begin.
    times: u32,
    /// Sum of the times of its calls in flight, µs.
    area_us: u32,
    count: u16,
    ok: u16,
    failed: u16,
    known: Known,
}

/// Which times are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    None,
    /// One that is all of them, as where one call ended.
    One,
    /// One that is mean and maximum, as where one call failed.
    NoQuantiles,
    Each,
}

impl Narrow {
    /// None yet; the first will be `tick`.
    fn new(width_us: i64, tick: &CallTick) -> Self {
        Self {
            width_us,
            start_us: tick.start_us,
            ticks: Vec::new(),
            lookups: Vec::new(),
            times_ms: Vec::new(),
        }
    }

    /// Adds a tick if it comes out again as it goes in.
    fn push(&mut self, tick: &CallTick) -> bool {
        let lookups = [tick.hits, tick.misses].map(u16::try_from);
        let (Some(small), [Ok(hits), Ok(misses)]) = (self.small(tick), lookups) else { return false };
        if (hits, misses) != (0, 0) {
            self.lookups.resize(self.ticks.len(), [0; 2]);
            self.lookups.push([hits, misses]);
        }
        let times_ms = [tick.mean_ms, tick.p50_ms, tick.p95_ms, tick.max_ms].map(|time| time.or_nan());
        self.times_ms.extend_from_slice(&times_ms[..small.known.stored()]);
        self.ticks.push(small);
        true
    }

    /// `None` where a number is too large for it.
    fn small(&self, tick: &CallTick) -> Option<Small> {
        let since_us = tick.start_us.checked_sub(self.start_us)?;
        let area_us = (tick.in_flight * self.width_us as f64).round();
        // A float is cut off where it does not fit, and comes out as another.
        let area_us = area_us as u32;
        let comes_out_again =
            self.in_flight(area_us).to_bits() == tick.in_flight.to_bits() && since_us % self.width_us == 0;
        let small = Small {
            number: u32::try_from(since_us / self.width_us).ok()?,
            times: u32::try_from(self.times_ms.len()).ok()?,
            area_us,
            count: u16::try_from(tick.count).ok()?,
            ok: u16::try_from(tick.ok).ok()?,
            failed: u16::try_from(tick.failed).ok()?,
            known: Known::of(tick),
        };
        comes_out_again.then_some(small)
    }

    fn in_flight(&self, area_us: u32) -> f64 {
        f64::from(area_us) / self.width_us as f64
    }

    fn start_us(&self, small: &Small) -> i64 {
        self.start_us + i64::from(small.number) * self.width_us
    }

    fn tick(&self, index: usize) -> CallTick {
        let small = &self.ticks[index];
        let times_ms = &self.times_ms[small.times as usize..][..small.known.stored()];
        let [mean_ms, p50_ms, p95_ms, max_ms] = match *times_ms {
            [mean_ms, p50_ms, p95_ms, max_ms] => [mean_ms, p50_ms, p95_ms, max_ms].map(MaybeMs::of),
            [ms] if small.known == Known::One => [MaybeMs::of(ms); 4],
            [ms] => [MaybeMs::of(ms), MaybeMs::NONE, MaybeMs::NONE, MaybeMs::of(ms)],
            _ => [MaybeMs::NONE; 4],
        };
        let [hits, misses] = self.lookups.get(index).copied().unwrap_or_default();
        CallTick {
            start_us: self.start_us(small),
            count: u32::from(small.count),
            ok: u32::from(small.ok),
            failed: u32::from(small.failed),
            hits: u32::from(hits),
            misses: u32::from(misses),
            mean_ms,
            p50_ms,
            p95_ms,
            max_ms,
            in_flight: self.in_flight(small.area_us),
        }
    }
}

impl Known {
    fn of(tick: &CallTick) -> Self {
        let [mean, p50, p95, max] =
            [tick.mean_ms, tick.p50_ms, tick.p95_ms, tick.max_ms].map(|time| time.get().map(f64::to_bits));
        match (mean, p50, p95) {
            _ if mean != max => Known::Each,
            (None, None, None) => Known::None,
            (Some(_), None, None) => Known::NoQuantiles,
            _ if mean == p50 && mean == p95 => Known::One,
            _ => Known::Each,
        }
    }

    /// How many.
    fn stored(self) -> usize {
        match self {
            Known::None => 0,
            Known::One | Known::NoQuantiles => 1,
            Known::Each => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl PackedTicks {
        pub fn of(width_us: i64, ticks: impl IntoIterator<Item = CallTick>) -> Self {
            let mut packed = Self::new(width_us);
            ticks.into_iter().for_each(|tick| packed.push(tick));
            packed
        }
    }

    /// Numbers as they come, and some that are too large for narrow ticks.
    fn tick() -> impl Strategy<Value = CallTick> {
        let count = || prop_oneof![8 => 0u32..40, 1 => any::<u32>()];
        let time = || prop_oneof![3 => Just(None), 6 => (0.0..1e6).prop_map(Some), 1 => Just(Some(7.5))];
        let times = prop_oneof![
            time().prop_map(|time| [time; 4]),
            time().prop_map(|time| [time, None, None, time]),
            [time(), time(), time(), time()],
        ];
        let lookups = prop_oneof![3 => Just([0; 2]), 1 => [count(), count()]];
        let area =
            prop_oneof![8 => (0i64..1 << 34).prop_map(|area_us| area_us as f64 / 1e5), 1 => any::<f64>()];
        let step = prop_oneof![9 => 1i64..50, 1 => 1i64 << 31..1 << 40];
        (step, [count(), count(), count()], lookups, times, area).prop_map(
            |(start_us, [count, ok, failed], [hits, misses], times, in_flight)| {
                let [mean_ms, p50_ms, p95_ms, max_ms] = times.map(MaybeMs::from);
                let in_flight = if in_flight.is_finite() { in_flight } else { 0.5 };
                CallTick {
                    start_us,
                    count,
                    ok,
                    failed,
                    hits,
                    misses,
                    mean_ms,
                    p50_ms,
                    p95_ms,
                    max_ms,
                    in_flight,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn ticks_come_out_as_they_went_in(
            mut ticks in prop::collection::vec(tick(), 0..200),
            first in -1_000_000i64..1_000_000,
        ) {
            let mut number = first;
            for tick in &mut ticks {
                number += tick.start_us;
                tick.start_us = number * 100_000;
            }
            let stretches: Vec<Stretch> =
                PackedTicks::of(100_000, ticks.clone()).into_stretches().collect();
            prop_assert!(stretches.iter().all(|stretch| stretch.len() > 0));
            let out: Vec<CallTick> = stretches
                .iter()
                .flat_map(|stretch| (0..stretch.len()).map(|index| stretch.tick(index)))
                .collect();
            prop_assert_eq!(&out, &ticks);
            prop_assert!(out.iter().zip(&ticks).all(|(a, b)| a.in_flight.to_bits() == b.in_flight.to_bits()));
            let starts = stretches
                .iter()
                .flat_map(|stretch| (0..stretch.len()).map(|index| stretch.start_us(index)));
            prop_assert!(starts.eq(ticks.iter().map(|tick| tick.start_us)));
        }
    }

    #[test]
    fn a_tick_of_one_call_takes_less_than_half_its_room_and_a_large_one_stays_as_it_is() {
        let ms = MaybeMs::from(Some(3.25));
        let small = CallTick {
            start_us: 500_000,
            count: 1,
            ok: 1,
            failed: 0,
            hits: 0,
            misses: 0,
            mean_ms: ms,
            p50_ms: ms,
            p95_ms: ms,
            max_ms: ms,
            in_flight: 0.03,
        };
        assert!(std::mem::size_of::<Small>() <= 20);
        let failed = CallTick { start_us: 600_000, p50_ms: MaybeMs::NONE, p95_ms: MaybeMs::NONE, ..small };
        let large = CallTick { start_us: 700_000, count: 70_000, ..small };
        let behind = CallTick { start_us: 800_000, ..small };
        let stretches: Vec<Stretch> =
            PackedTicks::of(100_000, [small, failed, large, behind]).into_stretches().collect();
        let [Stretch::Narrow(first), Stretch::Wide(rest)] = stretches.as_slice() else {
            panic!("{stretches:?}");
        };
        assert_eq!((first.ticks.len(), first.times_ms.as_slice()), (2, [3.25, 3.25].as_slice()));
        assert_eq!(first.lookups.len(), 0, "where nothing is looked up, that takes no room");
        assert_eq!(rest.as_slice(), [large, behind]);
    }
}

//! The requests of a run by whole seconds of the clock: what warm-up and steadiness are told from.

pub use crate::judge::whole_seconds::SECOND_US;
use crate::judge::whole_seconds::WholeSeconds;
use crate::summary::RunTimeline;
use crate::units::Unit;

const SECOND_MS: u32 = 1000;
/// Longer runs are not looked at second by second: four months. Not a judgement, but a bound on memory where one
/// time stamp went astray.
const MOST_SECONDS: i64 = 10_000_000;

/// Throughput and P50 of the requests that ended in each whole second.
#[derive(Debug, Clone, PartialEq)]
pub struct Seconds {
    /// Start of the first, µs since 1970.
    pub first_us: i64,
    /// Finished requests; 0 where none ended.
    pub throughput: Vec<f64>,
    /// `None` where none ended.
    pub p50_ms: Vec<Option<f64>>,
}

impl Seconds {
    /// The whole seconds within [from, until); a part of a second at either end is left out. `None` for a run
    /// without requests.
    pub fn of(run: &RunTimeline, from_us: i64, until_us: i64) -> Option<Self> {
        let request = run.requests?;
        let whole = WholeSeconds::within(from_us, until_us);
        let number = usize::try_from(whole.count.min(MOST_SECONDS)).ok()?;
        let mut seconds = Self {
            first_us: whole.first.saturating_mul(SECOND_US),
            throughput: vec![0.0; number],
            p50_ms: vec![None; number],
        };
        for tick in run.series.ticks_of(request, SECOND_MS) {
            let index = whole.index(tick.start_us).and_then(|index| usize::try_from(index).ok());
            if let Some(index) = index.filter(|&index| index < number) {
                seconds.throughput[index] = f64::from(tick.count);
                seconds.p50_ms[index] = tick.p50_ms.get();
            }
        }
        Some(seconds)
    }

    pub fn len(&self) -> usize {
        self.throughput.len()
    }

    /// Start of the second in this place, µs since 1970.
    pub fn start_us(&self, index: usize) -> i64 {
        self.first_us + index as i64 * SECOND_US
    }

    /// Both series by name and unit, each value with the index of its second; a second that has none is left out.
    pub fn series(&self) -> [Values; 2] {
        let throughput = self.throughput.iter().copied().enumerate().collect();
        let p50_ms = self.p50_ms.iter().enumerate().filter_map(|(index, p50_ms)| Some((index, (*p50_ms)?)));
        [
            Values { name: "throughput", unit: Unit::PerSecond, values: throughput },
            Values { name: "p50_response_time", unit: Unit::Milliseconds, values: p50_ms.collect() },
        ]
    }
}

/// One number by second.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub name: &'static str,
    pub unit: Unit,
    /// (index of the second, value), by index.
    pub values: Vec<(usize, f64)>,
}

impl Values {
    pub fn numbers(&self) -> Vec<f64> {
        self.values.iter().map(|&(_, value)| value).collect()
    }

    /// The name for people.
    pub fn label(name: &str) -> &str {
        match name {
            "p50_response_time" => "P50",
            other => other,
        }
    }
}

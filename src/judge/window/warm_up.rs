//! The warm-up of a run: where MSER-5 cuts its throughput and its P50 per second.

use super::seconds::{Seconds, Values};
use crate::config::WindowSettings;
use crate::stats::mser::mser5;

/// What MSER-5 says about the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmUp {
    /// Seconds to cut: the later of the cuts.
    pub seconds: usize,
    /// The series that decided it.
    pub by: &'static str,
    /// Series that never settled: their best cut lies beyond what may be cut.
    pub unsettled: Vec<&'static str>,
}

/// The cut of all series; a series too short for MSER-5 has none.
pub fn warm_up(seconds: &Seconds, settings: &WindowSettings) -> WarmUp {
    let mut found = WarmUp { seconds: 0, by: "", unsettled: Vec::new() };
    let most = settings.max_warm_up_share * seconds.len() as f64;
    for series in seconds.series() {
        let Some(mser) = mser5(&series.numbers()) else { continue };
        let cut = series.values.get(mser.cut).map_or(0, |&(index, _)| index);
        // A series that begins late, as P50 without requests, is not warming up until then.
        let cut = if mser.cut == 0 { 0 } else { cut };
        if !mser.settled || cut as f64 > most {
            found.unsettled.push(Values::label(series.name));
        } else if cut > found.seconds {
            (found.seconds, found.by) = (cut, Values::label(series.name));
        }
    }
    found
}

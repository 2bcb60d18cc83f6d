//! Analyses for the tests of reports: the fixture's run, judged as a whole or in a part.

use super::{Against, Analysis, Windows};
use crate::config::{Config, ConfigError};
use crate::judge::{Steadiness, SteadyWord};
use crate::summary::{CallTicks, Measured, RunSummary, Window, WindowName};

/// What is cut off the start of the run in [`Analysis::of_part`], µs.
const WARM_UP_US: i64 = 2_000_000;

impl Analysis {
    /// A run that is judged as a whole.
    pub(crate) fn of_whole(summary: RunSummary, config: &Config) -> Result<Self, ConfigError> {
        let steadiness = Steadiness {
            window: summary.window.name,
            start_us: summary.window.start_us,
            end_us: summary.window.end_us,
            because: "the whole run of 20 s: steady".to_owned(),
            warm_up_s: 0.0,
            ramp_down_s: 0.0,
            word: SteadyWord::Steady,
            checks: Vec::new(),
            overload: Measured::undefined("completions keep up with arrivals"),
            is_trusted: true,
        };
        Self::of(Windows { whole: summary.clone(), judged: summary, steadiness }, &Against::Nothing, config)
    }

    /// The run without its first seconds, with what was measured in the whole of it and with low confidence.
    pub(crate) fn of_part(whole: RunSummary, config: &Config) -> Result<Self, ConfigError> {
        let mut judged = whole.clone();
        judged.window.name = WindowName::Steady;
        judged.window.start_us += WARM_UP_US;
        judged.window.duration_s = Measured::Value(18.0);
        judged.requests.totals.requests -= 12;
        // All but the run's first ticks.
        let behind = |calls: &CallTicks| {
            calls.within(&Window { start_us: whole.window.start_us + 1, ..whole.window.clone() })
        };
        judged.series.calls = whole.series.calls.iter().map(behind).collect();
        judged.series.calls.retain(|calls| !calls.is_empty());
        judged.series.samples = Default::default();
        let steadiness = Steadiness {
            window: WindowName::Steady,
            start_us: judged.window.start_us,
            end_us: judged.window.end_us,
            because: "from 2 s to 20 s: warm-up of 2 s cut by response times; too short to tell".to_owned(),
            warm_up_s: 2.0,
            ramp_down_s: 0.0,
            word: SteadyWord::CannotTell,
            checks: Vec::new(),
            overload: Measured::undefined("completions keep up with arrivals"),
            is_trusted: false,
        };
        Self::of(Windows { whole, judged, steadiness }, &Against::Nothing, config)
    }
}

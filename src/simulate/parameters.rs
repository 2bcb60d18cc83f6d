//! What a user asks of a simulated run, and whether there is such a run.

use super::scenario::Scenario;

/// How long a run goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// Seconds of load; what is in flight then is still answered.
    Seconds(f64),
    /// Until exactly this many rows are written (at least [`Length::MIN_ROWS`]).
    Rows(u64),
}

impl Length {
    /// Below this a run of many users could not even drain what is in flight.
    pub const MIN_ROWS: u64 = 10_000;
}

/// What a user asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    pub scenario: Scenario,
    pub users: u32,
    pub length: Length,
    /// Requests per second: the target of an open loop; in a closed loop the think time that gives about this
    /// rate while nothing queues, Z = users/rate − W.
    pub rate_per_s: Option<f64>,
    pub seed: u64,
    /// µs since 1970.
    pub started_at_us: i64,
    pub run_id: String,
    /// Size of the effect, none for the scenario's own: drift: relative change of response times over the run;
    /// step: factor; bursts and breaker-flapping: failure rate; hang: share of LightRAG's calls that are never answered;
    /// saturation: knee as a share of the users; leak: MB/min; open-loop: stall of the generator in seconds.
    pub effect: Option<f64>,
    /// When a step, a burst, a hang or a stall begins, seconds after the start; none for half of the run.
    pub fault_at_s: Option<f64>,
    /// Share of LightRAG's slots that are busy on average, 0..1 (not for saturation).
    pub utilisation: Option<f64>,
    /// Factor on LightRAG's service times: a machine that is a little slower today.
    pub service_factor: f64,
    /// Factor on every response time, whatever it is made of.
    pub response_factor: f64,
    /// Share of the requests that fail in the end, whoever answered them (0..1).
    pub lost_share: f64,
    /// LightRAG's slots, where they do not follow from load and utilisation.
    pub slots: Option<u32>,
    /// Whether `phase` markers say which part is steady; without them an analysis has to find out.
    pub has_phases: bool,
}

/// 2026-01-01T00:00:00Z: fixed, so that the same seed gives the same bytes.
pub const DEFAULT_START_US: i64 = 1_767_225_600_000_000;

impl Parameters {
    /// Fifty users for two minutes, everything else left to the scenario.
    pub fn new(scenario: Scenario) -> Parameters {
        Parameters {
            scenario,
            users: 50,
            length: Length::Seconds(120.0),
            rate_per_s: None,
            seed: 1,
            started_at_us: DEFAULT_START_US,
            run_id: scenario.name().to_owned(),
            effect: None,
            fault_at_s: None,
            utilisation: None,
            service_factor: 1.0,
            response_factor: 1.0,
            lost_share: 0.0,
            slots: None,
            has_phases: true,
        }
    }
}

/// Why there is no such run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    #[error("{name} is {value}; give a value from {from} to {to}")]
    OutOfRange { name: &'static str, value: f64, from: f64, to: f64 },
    #[error(
        "{users} users cannot send {rate_per_s} requests a second: a request takes about {answer_ms:.0} ms; ask for at most {possible_per_s:.1}/s or more users"
    )]
    RateOutOfReach { users: u32, rate_per_s: f64, answer_ms: f64, possible_per_s: f64 },
}

/// Checks every parameter; gives the size of the effect.
pub fn check(parameters: &Parameters) -> Result<f64, PlanError> {
    let check = |name, value: f64, (from, to): (f64, f64)| {
        let fits = (from..=to).contains(&value);
        if fits { Ok(value) } else { Err(PlanError::OutOfRange { name, value, from, to }) }
    };
    check("users", f64::from(parameters.users), (1.0, 100_000.0))?;
    match parameters.length {
        Length::Seconds(seconds) => check("the duration in seconds", seconds, (1.0, 604_800.0))?,
        Length::Rows(rows) => check("the number of events", rows as f64, (Length::MIN_ROWS as f64, 1e10))?,
    };
    if let Some(rate) = parameters.rate_per_s {
        check("the rate per second", rate, (0.001, 100_000.0))?;
    }
    if let Some(utilisation) = parameters.utilisation {
        check("the utilisation", utilisation, (0.01, 0.99))?;
    }
    if let Some(slots) = parameters.slots {
        check("the number of slots", f64::from(slots), (1.0, 1e6))?;
    }
    if let Some(fault_at_s) = parameters.fault_at_s {
        check("the moment of the fault in seconds", fault_at_s, (0.0, 604_800.0))?;
    }
    check("the service factor", parameters.service_factor, (0.01, 100.0))?;
    check("the response factor", parameters.response_factor, (0.01, 100.0))?;
    check("the share of lost requests", parameters.lost_share, (0.0, 1.0))?;
    // Run files may hold times of 2000 to 2100; a run that starts in the last years of that could leave it.
    check("the start in µs since 1970", parameters.started_at_us as f64, (946_684_800e6, 4_000_000_000e6))?;
    let effect = parameters.effect.unwrap_or(parameters.scenario.default_effect());
    check("the effect", effect, parameters.scenario.effect_limits())
}

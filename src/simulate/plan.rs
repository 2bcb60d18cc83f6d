//! A scenario as numbers: load, capacity, what fails when, and by how much times are stretched.

use super::breaker::BreakerPlan;
use super::parameters::{Length, Parameters, PlanError, check};
use super::scenario::Scenario;
use super::words::Word;

/// Mean think time of a user between answer and next request, unless a rate asks for another.
pub const THINK_MS: f64 = 2_000.0;
/// Share of LightRAG's slots that are busy, unless told otherwise: queues form now and then, none stays.
const UTILISATION: f64 = 0.6;
/// Share of questions that no cache may answer (personal or fresh), so that LightRAG has work beside good caches.
pub const UNCACHED_SHARE: f64 = 0.35;
/// Hit rates of the tiers, a little above the targets of the seed (0.80, 0.70, 0.60).
pub const HIT_RATES: [f64; 3] = [0.86, 0.80, 0.75];
/// Mean response times of the tiers, ms.
pub const CACHE_MS: [f64; 3] = [0.4, 2.0, 6.0];
/// LightRAG's modes with their share of the calls and their mean service time in ms. The seed calls 65 % hybrid low.
pub const MODES: [(Word, f64, f64); 4] = [
    (Word::Hybrid, 0.80, 300.0),
    (Word::Naive, 0.10, 180.0),
    (Word::Local, 0.06, 240.0),
    (Word::Global, 0.04, 420.0),
];
/// Time of a request outside all components, ms: before the caches and after the answer.
pub const FRONT_MS: f64 = 1.2;
pub const BACK_MS: f64 = 0.8;
/// Failure rates when nothing is wrong.
const LIGHTRAG_FAILURES: f64 = 0.01;
const PERPLEXITY_FAILURES: f64 = 0.03;
/// Users of a saturation run rise in this many steps.
const SATURATION_LEVELS: u32 = 10;

/// Who sends requests when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// Each user waits for the answer, thinks, asks again.
    Closed { think_ms: f64 },
    /// Requests at a rate of their own; between the two times (µs) the generator stands still.
    Open { rate_per_s: f64, stall_us: (i64, i64) },
}

/// By how much the times of a request are stretched, by its start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stretch {
    None,
    /// Evenly from 1 to 1 + `change` over the run.
    Drift {
        change: f64,
        over_us: i64,
    },
    Step {
        at_us: i64,
        factor: f64,
    },
}

impl Stretch {
    pub fn factor(self, at_us: i64) -> f64 {
        match self {
            Stretch::None => 1.0,
            Stretch::Drift { change, over_us } => 1.0 + change * (at_us as f64 / over_us as f64).min(1.0),
            Stretch::Step { at_us: step_us, factor } => {
                if at_us >= step_us {
                    factor
                } else {
                    1.0
                }
            }
        }
    }
}

/// A time in which models fail more often, µs since the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    pub from_us: i64,
    pub to_us: i64,
    pub lightrag_rate: f64,
    pub perplexity_rate: f64,
    pub category: Word,
}

/// All numbers of a run that is about to be simulated. Times in µs since its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub parameters: Parameters,
    pub effect: f64,
    pub load: Load,
    /// Length of the load; as long as it takes where the rows are counted.
    pub duration_us: i64,
    /// Levels of users: from when, how many. Users of a level join and leave spread over `ramp_us`.
    pub levels: Vec<(i64, u32)>,
    pub ramp_us: i64,
    pub slots: usize,
    /// Factor on LightRAG's service times.
    pub service_scale: f64,
    pub stretch: Stretch,
    pub outages: Vec<Outage>,
    /// From when on LightRAG leaves calls without an answer.
    pub hang_us: Option<i64>,
    pub breaker: BreakerPlan,
    pub leak_mb_per_min: f64,
    pub expected: Expected,
}

/// What the numbers promise while nothing queues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    pub lightrag_share: f64,
    /// Mean service time of LightRAG, ms.
    pub service_ms: f64,
    /// Mean response time, ms.
    pub answer_ms: f64,
    /// Requests per second at all users.
    pub rate_per_s: f64,
}

impl Plan {
    /// Turns parameters into a plan.
    ///
    /// # Errors
    /// A parameter is out of its range, or the rate is out of reach for the users.
    pub fn new(parameters: Parameters) -> Result<Plan, PlanError> {
        let effect = check(&parameters)?;
        let duration_us = match parameters.length {
            Length::Seconds(seconds) => (seconds * 1e6).round() as i64,
            Length::Rows(_) => i64::MAX,
        };
        let think_ms = think_ms(&parameters)?;
        let expected = expect(&parameters, think_ms);
        let (slots, service_scale) = size_slots(&parameters, effect, &expected);
        let is_open = parameters.scenario == Scenario::OpenLoop;
        let fault_us = parameters.fault_at_s.map_or(duration_us / 2, |at_s| (at_s * 1e6) as i64);
        let stall_us = (fault_us, fault_us.saturating_add((effect * 1e6) as i64));
        let load = if is_open {
            Load::Open { rate_per_s: expected.rate_per_s, stall_us }
        } else {
            Load::Closed { think_ms }
        };
        Ok(Plan {
            effect,
            load,
            duration_us,
            levels: levels(&parameters, duration_us),
            ramp_us: ramp_us(&parameters, duration_us),
            slots,
            service_scale: service_scale * parameters.service_factor,
            stretch: stretch(parameters.scenario, effect, duration_us, fault_us),
            outages: outages(parameters.scenario, effect, duration_us, fault_us),
            hang_us: (parameters.scenario == Scenario::Hang).then_some(fault_us),
            breaker: breaker(parameters.scenario),
            leak_mb_per_min: if parameters.scenario == Scenario::Leak { effect } else { 0.0 },
            expected,
            parameters,
        })
    }

    /// Failure rates of LightRAG and Perplexity at a moment, and the category when an outage sets it.
    pub fn failures(&self, at_us: i64) -> (f64, f64, Option<Word>) {
        let outage = self.outages.iter().find(|outage| (outage.from_us..outage.to_us).contains(&at_us));
        match outage {
            Some(outage) => (outage.lightrag_rate, outage.perplexity_rate, Some(outage.category)),
            None => (LIGHTRAG_FAILURES, PERPLEXITY_FAILURES, None),
        }
    }
}

pub fn lightrag_share() -> f64 {
    let missed: f64 = HIT_RATES.iter().map(|rate| 1.0 - rate).product();
    UNCACHED_SHARE + (1.0 - UNCACHED_SHARE) * missed
}

pub fn service_ms() -> f64 {
    MODES.iter().map(|(_, share, mean_ms)| share * mean_ms).sum()
}

/// Mean response time while nothing queues and nothing fails, ms.
pub fn answer_ms() -> f64 {
    let mut reaching = 1.0 - UNCACHED_SHARE;
    let mut caches_ms = 0.0;
    for (tier_ms, hit_rate) in CACHE_MS.iter().zip(HIT_RATES) {
        caches_ms += reaching * tier_ms;
        reaching *= 1.0 - hit_rate;
    }
    FRONT_MS + caches_ms + lightrag_share() * service_ms() + BACK_MS
}

fn think_ms(parameters: &Parameters) -> Result<f64, PlanError> {
    let Some(rate_per_s) = parameters.rate_per_s.filter(|_| parameters.scenario != Scenario::OpenLoop) else {
        return Ok(THINK_MS);
    };
    let (users, answer_ms) = (parameters.users, answer_ms());
    let think_ms = f64::from(users) / rate_per_s * 1000.0 - answer_ms;
    let possible_per_s = f64::from(users) / answer_ms * 1000.0;
    let error = PlanError::RateOutOfReach { users, rate_per_s, answer_ms, possible_per_s };
    if think_ms >= 0.0 { Ok(think_ms) } else { Err(error) }
}

fn expect(parameters: &Parameters, think_ms: f64) -> Expected {
    let answer_ms = answer_ms();
    let closed_per_s = f64::from(parameters.users) / (think_ms + answer_ms) * 1000.0;
    let rate_per_s = match parameters.scenario {
        Scenario::OpenLoop => parameters.rate_per_s.unwrap_or(closed_per_s),
        _ => closed_per_s,
    };
    Expected { lightrag_share: lightrag_share(), service_ms: service_ms(), answer_ms, rate_per_s }
}

/// LightRAG's slots, and the factor on its service times that makes the wanted utilisation exact.
fn size_slots(parameters: &Parameters, effect: f64, expected: &Expected) -> (usize, f64) {
    // Mean number of busy slots at full load.
    let busy = expected.rate_per_s * expected.lightrag_share * expected.service_ms / 1000.0;
    if parameters.scenario == Scenario::Saturation {
        let slots = (busy * effect).round().max(1.0);
        return (slots as usize, slots / (busy * effect));
    }
    if let Some(slots) = parameters.slots {
        return (slots as usize, 1.0);
    }
    let slots = (busy / parameters.utilisation.unwrap_or(UTILISATION)).ceil().max(1.0);
    (slots as usize, parameters.utilisation.map_or(1.0, |utilisation| utilisation * slots / busy))
}

fn levels(parameters: &Parameters, duration_us: i64) -> Vec<(i64, u32)> {
    let users = parameters.users;
    if parameters.scenario != Scenario::Saturation {
        return vec![(0, users)];
    }
    let level = |step: u32| {
        let from_us = duration_us / i64::from(SATURATION_LEVELS) * i64::from(step);
        (from_us, (users * (step + 1)).div_ceil(SATURATION_LEVELS))
    };
    (0..SATURATION_LEVELS).map(level).collect()
}

/// Time over which users join, and later leave: a tenth of the run, of a level where they rise in steps.
fn ramp_us(parameters: &Parameters, duration_us: i64) -> i64 {
    match (parameters.scenario, parameters.length) {
        (Scenario::Saturation, _) => duration_us / 100,
        (_, Length::Seconds(_)) => (duration_us / 10).min(30_000_000),
        (_, Length::Rows(_)) => 2_000_000,
    }
}

fn stretch(scenario: Scenario, effect: f64, duration_us: i64, fault_us: i64) -> Stretch {
    match scenario {
        Scenario::Drift => Stretch::Drift { change: effect, over_us: duration_us },
        Scenario::Step => Stretch::Step { at_us: fault_us, factor: effect },
        _ => Stretch::None,
    }
}

fn outages(scenario: Scenario, effect: f64, duration_us: i64, fault_us: i64) -> Vec<Outage> {
    let outage = |from_us: i64, to_us: i64, perplexity_rate, category| Outage {
        from_us,
        to_us,
        lightrag_rate: effect,
        perplexity_rate,
        category,
    };
    match scenario {
        // Short against the breaker's window: it stays closed, the errors reach the users.
        Scenario::ErrorBurst | Scenario::LightragBurst => {
            let both = scenario == Scenario::ErrorBurst;
            let perplexity_rate = if both { effect } else { PERPLEXITY_FAILURES };
            let to_us = fault_us + (duration_us / 12).min(10_000_000);
            vec![outage(fault_us, to_us, perplexity_rate, Word::ApiError)]
        }
        Scenario::BreakerFlapping => {
            let period_us = duration_us / 6;
            let from_us = |number: i64| period_us * number + period_us * 3 / 10;
            let make = |number| {
                outage(
                    from_us(number),
                    from_us(number) + period_us * 4 / 10,
                    PERPLEXITY_FAILURES,
                    Word::Timeout,
                )
            };
            (0..6).map(make).collect()
        }
        _ => Vec::new(),
    }
}

fn breaker(scenario: Scenario) -> BreakerPlan {
    let flaps = scenario == Scenario::BreakerFlapping;
    BreakerPlan {
        open_above: 0.20,
        close_below: 0.05,
        window_us: if flaps { 4_000_000 } else { 60_000_000 },
        min_calls: if flaps { 8 } else { 20 },
        pause_us: if flaps { 2_000_000 } else { 5_000_000 },
        probes: if flaps { 3 } else { 5 },
    }
}

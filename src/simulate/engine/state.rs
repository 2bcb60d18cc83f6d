//! What a simulation under way holds, and the steps on its agenda.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::run::RunWriter;
use crate::simulate::breaker::{Breaker, Transition};
use crate::simulate::draws::{Draws, Purpose};
use crate::simulate::flow::{Luck, Query, RequestFlow};
use crate::simulate::parameters::Length;
use crate::simulate::plan::{Load, Plan};
use crate::simulate::samples::Activity;
use crate::simulate::words::Scribe;

/// How far LightRAG's pace wanders (log scale).
pub const PACE_SIGMA: f64 = 0.05;
/// Most rows that one request can still write, transitions of the breaker included.
pub const ROWS_PER_REQUEST: u64 = 24;

/// What happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Tick,
    Phase(usize),
    Join(u32),
    Ready(u32),
    Send { scheduled_us: i64 },
    Ask { request: u64 },
    Begin,
    Answer { request: u64 },
    Leave(u32),
}

/// What happened, as far as the truth needs it. Times in µs since the start.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub requests: u64,
    pub succeeded: u64,
    pub transitions: Vec<Transition>,
    /// Open loop: requests that were sent later than meant.
    pub delayed: u64,
    /// Requests that hung until the end.
    pub unanswered: u64,
    pub end_us: i64,
    pub phases: Vec<(i64, String)>,
}

pub struct Engine<'a> {
    pub plan: &'a Plan,
    pub scribe: Scribe,
    pub agenda: BinaryHeap<Reverse<(i64, u64, Step)>>,
    /// Ties on the agenda go in the order in which they were put there.
    pub entered: u64,
    /// When each of LightRAG's slots is free again.
    pub slots: BinaryHeap<Reverse<i64>>,
    pub breaker: Breaker,
    pub flows: BTreeMap<u64, (RequestFlow, Option<Query>)>,
    pub luck: Luck,
    pub arrivals: Draws,
    pub environment: Draws,
    pub sampler: Draws,
    pub pace: f64,
    pub last_sent_us: i64,
    pub activity: Activity,
    pub log: Log,
}

impl<'a> Engine<'a> {
    pub fn new(plan: &'a Plan, writer: RunWriter) -> Engine<'a> {
        let draws = |purpose| Draws::new(plan.parameters.seed, purpose);
        let luck = Luck {
            caches: draws(Purpose::Caches),
            models: draws(Purpose::Models),
            failures: draws(Purpose::Failures),
            questions: Luck::questions(),
        };
        Engine {
            plan,
            scribe: Scribe::new(writer, plan.parameters.started_at_us),
            agenda: BinaryHeap::new(),
            entered: 0,
            slots: (0..plan.slots).map(|_| Reverse(0)).collect(),
            breaker: Breaker::new(plan.breaker.clone()),
            flows: BTreeMap::new(),
            luck,
            arrivals: draws(Purpose::Arrivals),
            environment: draws(Purpose::Environment),
            sampler: draws(Purpose::Samples),
            pace: 0.0,
            last_sent_us: 0,
            activity: Activity::default(),
            log: Log { phases: phases(plan), ..Log::default() },
        }
    }

    pub fn into_writer(self) -> RunWriter {
        self.scribe.into_writer()
    }

    /// Puts a step on the agenda.
    pub fn enter(&mut self, at_us: i64, step: Step) {
        self.entered += 1;
        self.agenda.push(Reverse((at_us, self.entered, step)));
    }
}

/// The markers of the run's phases.
fn phases(plan: &Plan) -> Vec<(i64, String)> {
    if !plan.parameters.has_phases {
        return Vec::new();
    }
    if plan.levels.len() > 1 {
        return plan.levels.iter().map(|(from_us, users)| (*from_us, format!("level_{users}"))).collect();
    }
    let mut phases = vec![(0, "ramp_up".to_owned()), (plan.ramp_us, "steady".to_owned())];
    if matches!(plan.load, Load::Open { .. }) {
        phases = vec![(0, "steady".to_owned())];
    }
    if matches!(plan.parameters.length, Length::Seconds(_)) {
        phases.push((plan.duration_us - plan.ramp_us, "ramp_down".to_owned()));
    }
    phases
}

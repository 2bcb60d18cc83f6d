//! The simulation: users, LightRAG's slots, breaker and sampler on one simulated clock.
//!
//! A discrete-event simulation, so that response times queue and are correlated like real ones: LightRAG has a
//! fixed number of slots, calls wait for them in order of arrival, and its pace wanders from second to second.

mod arrivals;
mod state;
mod ticks;

use std::cmp::Reverse;

use super::breaker::Transition;
use super::flow::RequestFlow;
use super::plan::Load;
use super::words::{Entry, Word};
use crate::run::WriteError;
pub use state::{Engine, Log};
use state::{PACE_SIGMA, Step};

impl Engine<'_> {
    /// Plays the run to its end.
    pub fn play(&mut self) -> Result<Log, WriteError> {
        self.open()?;
        while let Some(Reverse((now_us, _, step))) = self.agenda.pop() {
            match step {
                Step::Tick => self.tick(now_us)?,
                Step::Phase(index) => self.scribe.phase(now_us, &self.log.phases[index].1)?,
                Step::Join(user) => self.join(now_us, user),
                Step::Ready(user) => self.ready(now_us, user)?,
                Step::Send { scheduled_us } => self.send(now_us, scheduled_us)?,
                Step::Ask { request } => self.ask(now_us, request)?,
                Step::Begin => self.begin(),
                Step::Answer { request } => self.answer(now_us, request)?,
                Step::Leave(user) => self.leave(now_us, user),
            }
            self.log.end_us = self.log.end_us.max(now_us);
        }
        self.leave_unanswered()?;
        self.fill_up()?;
        Ok(std::mem::take(&mut self.log))
    }

    /// The first rows, and everything that is known before the load starts.
    fn open(&mut self) -> Result<(), WriteError> {
        let mut state = Entry::new(0, Word::CircuitBreaker, Word::State);
        (state.instance, state.value) = (Some(Word::Lightrag), Some(0.0));
        self.scribe.write(&state)?;
        self.enter(0, Step::Tick);
        for index in 0..self.log.phases.len() {
            self.enter(self.log.phases[index].0, Step::Phase(index));
        }
        match self.plan.load {
            Load::Closed { .. } => self.enter_users(),
            Load::Open { .. } => self.enter_send(0),
        }
        Ok(())
    }

    fn start(&mut self, now_us: i64, user: u32, scheduled_us: Option<i64>) -> Result<(), WriteError> {
        self.log.requests += 1;
        let mut flow = RequestFlow::new(self.log.requests, user, now_us, scheduled_us, &mut self.luck);
        self.activity.in_flight += 1;
        if flow.ask_caches(&mut self.luck) {
            return self.finish(flow);
        }
        let (id, at_us) = (flow.id, flow.now_us);
        self.flows.insert(id, (flow, None));
        self.enter(at_us, Step::Ask { request: id });
        Ok(())
    }

    /// A request reaches the breaker before LightRAG.
    fn ask(&mut self, now_us: i64, request: u64) -> Result<(), WriteError> {
        let (ticket, transition) = self.breaker.admit(now_us);
        self.note(transition)?;
        if ticket.is_some() && self.hangs(now_us) {
            self.activity.waiting += 1;
            return Ok(());
        }
        let Some((flow, query)) = self.flows.get_mut(&request) else { return Ok(()) };
        let Some(ticket) = ticket else {
            flow.note_blocked(&mut self.luck);
            flow.fall_back(self.plan, &mut self.luck);
            return self.finish_request(request);
        };
        let pace = (self.pace - PACE_SIGMA * PACE_SIGMA / 2.0).exp();
        let mut drawn = flow.draw_query(self.plan, ticket, pace, &mut self.luck);
        let free_us = self.slots.pop().map_or(drawn.asked_us, |Reverse(free_us)| free_us);
        drawn.begin_us = drawn.asked_us.max(free_us);
        drawn.end_us += drawn.begin_us;
        *query = Some(drawn);
        self.slots.push(Reverse(drawn.end_us));
        self.activity.waiting += 1;
        self.enter(drawn.begin_us, Step::Begin);
        self.enter(drawn.end_us, Step::Answer { request });
        Ok(())
    }

    /// Whether LightRAG takes a call and never answers it: its request stays under way.
    fn hangs(&mut self, now_us: i64) -> bool {
        // Nothing is drawn where nothing hangs: such runs keep their bytes.
        self.plan.hang_us.is_some_and(|hang_us| now_us >= hang_us)
            && self.luck.failures.happens(self.plan.effect)
    }

    /// Rows of the requests that hang when the run ends: they have neither an outcome nor a duration.
    fn leave_unanswered(&mut self) -> Result<(), WriteError> {
        for (flow, _) in std::mem::take(&mut self.flows).into_values() {
            self.log.unanswered += 1;
            for entry in flow.give_up() {
                self.scribe.write(&entry)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.activity.waiting -= 1;
        self.activity.busy += 1;
    }

    fn answer(&mut self, now_us: i64, request: u64) -> Result<(), WriteError> {
        self.activity.busy -= 1;
        let Some((flow, Some(query))) = self.flows.get_mut(&request) else { return Ok(()) };
        let (ticket, failed) = (query.ticket, query.has_failed());
        flow.note_query(query, &mut self.luck);
        if failed {
            flow.fall_back(self.plan, &mut self.luck);
        } else {
            flow.fill_caches(&mut self.luck);
        }
        let transition = self.breaker.record(now_us, ticket, failed);
        self.note(transition)?;
        self.finish_request(request)
    }

    fn finish_request(&mut self, request: u64) -> Result<(), WriteError> {
        match self.flows.remove(&request) {
            Some((flow, _)) => self.finish(flow),
            None => Ok(()),
        }
    }

    fn finish(&mut self, flow: RequestFlow) -> Result<(), WriteError> {
        let parameters = &self.plan.parameters;
        let factor = self.plan.stretch.factor(flow.start_us) * parameters.response_factor;
        let finished = flow.finish(factor, parameters.lost_share, &mut self.luck);
        for entry in &finished.entries {
            self.scribe.write(entry)?;
        }
        self.log.succeeded += u64::from(finished.succeeded);
        self.enter(finished.end_us, Step::Leave(finished.user));
        Ok(())
    }

    /// The user has the answer.
    fn leave(&mut self, now_us: i64, user: u32) {
        self.activity.in_flight -= 1;
        self.think(now_us, user);
    }

    /// Rows of a change of the breaker: the transition and the state after it.
    fn note(&mut self, transition: Option<Transition>) -> Result<(), WriteError> {
        let Some(transition) = transition else { return Ok(()) };
        let mut change = Entry::new(transition.at_us, Word::CircuitBreaker, transition.name);
        change.instance = Some(Word::Lightrag);
        change.value = Some(transition.failure_rate);
        change.detail = Some("failure_rate");
        let mut state = Entry::new(transition.at_us, Word::CircuitBreaker, Word::State);
        (state.instance, state.value) = (Some(Word::Lightrag), Some(transition.state));
        self.log.transitions.push(transition);
        self.scribe.write(&change)?;
        self.scribe.write(&state)
    }
}

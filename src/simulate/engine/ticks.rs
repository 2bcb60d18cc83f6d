//! The sampler's ticks, and how a run of a given number of rows comes out exact.

use super::state::{Engine, PACE_SIGMA, ROWS_PER_REQUEST, Step};
use crate::run::WriteError;
use crate::simulate::parameters::Length;
use crate::simulate::plan::Load;
use crate::simulate::samples::{self, Activity, TICK_US};
use crate::simulate::words::Entry;

/// How much of LightRAG's pace stays from one second to the next.
const PACE_MEMORY: f64 = 0.95;

impl Engine<'_> {
    pub fn tick(&mut self, now_us: i64) -> Result<(), WriteError> {
        if now_us % (10 * TICK_US) == 0 {
            let wander = PACE_SIGMA * (1.0 - PACE_MEMORY * PACE_MEMORY).sqrt();
            self.pace = PACE_MEMORY * self.pace + wander * self.environment.normal();
            for entry in samples::pressure(&mut self.sampler, now_us) {
                self.write_sample(&entry)?;
            }
        }
        let mut activity = self.activity;
        if matches!(self.plan.load, Load::Open { .. }) {
            activity.users = activity.in_flight;
        }
        for entry in samples::sample(self.plan, &mut self.sampler, now_us, activity) {
            self.write_sample(&entry)?;
        }
        // Something else is still to come, or the load goes on.
        if !self.agenda.is_empty() || self.load_goes_on(now_us) {
            self.enter(now_us + TICK_US, Step::Tick);
        }
        Ok(())
    }

    pub fn load_goes_on(&self, now_us: i64) -> bool {
        matches!(self.plan.parameters.length, Length::Seconds(_)) && now_us + TICK_US <= self.plan.duration_us
    }

    /// Where the rows are counted, samples give way to the requests in flight.
    pub fn write_sample(&mut self, entry: &Entry) -> Result<(), WriteError> {
        if self.rows_left() > 0 { self.scribe.write(entry) } else { Ok(()) }
    }

    /// Rows that are not yet promised to requests in flight.
    pub fn rows_left(&self) -> u64 {
        match self.plan.parameters.length {
            Length::Seconds(_) => u64::MAX,
            Length::Rows(rows) => {
                let promised = self.activity.in_flight as u64 * ROWS_PER_REQUEST;
                rows.saturating_sub(self.scribe.rows() + promised)
            }
        }
    }

    pub fn has_room(&self) -> bool {
        self.rows_left() > ROWS_PER_REQUEST
    }

    /// Samples of an idle service until the rows that were asked for are complete.
    pub fn fill_up(&mut self) -> Result<(), WriteError> {
        let Length::Rows(rows) = self.plan.parameters.length else { return Ok(()) };
        let mut at_us = (self.log.end_us / TICK_US + 1) * TICK_US;
        while self.scribe.rows() < rows {
            for entry in samples::sample(self.plan, &mut self.sampler, at_us, Activity::default()) {
                if self.scribe.rows() < rows {
                    self.scribe.write(&entry)?;
                }
            }
            self.log.end_us = at_us;
            at_us += TICK_US;
        }
        Ok(())
    }
}

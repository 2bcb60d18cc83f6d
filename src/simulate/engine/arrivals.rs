//! When requests are sent: users of a closed loop, the clock of an open one; and the phases of the load.

use super::state::{Engine, Step};
use crate::run::WriteError;
use crate::simulate::parameters::Length;
use crate::simulate::plan::Load;
use crate::simulate::words::us;

/// After a stall the generator sends what it missed this fast, µs apart.
const CATCH_UP_US: i64 = 1_000;

impl Engine<'_> {
    pub fn enter_users(&mut self) {
        let mut user = 0;
        for &(from_us, users) in &self.plan.levels {
            let joining = users - user;
            for number in 0..joining {
                let at_us = from_us + self.plan.ramp_us * i64::from(number) / i64::from(joining);
                self.enter(at_us, Step::Join(user + number));
            }
            user = users;
        }
    }

    pub fn join(&mut self, now_us: i64, user: u32) {
        self.activity.users += 1;
        self.think(now_us, user);
    }

    pub fn think(&mut self, now_us: i64, user: u32) {
        if let Load::Closed { think_ms } = self.plan.load {
            let think_us = us(self.arrivals.exponential(think_ms));
            self.enter(now_us + think_us, Step::Ready(user));
        }
    }

    /// A user asks, or goes home when it is time.
    pub fn ready(&mut self, now_us: i64, user: u32) -> Result<(), WriteError> {
        let plan = self.plan;
        let leaves_us = match plan.parameters.length {
            Length::Seconds(_) => {
                let share = f64::from(user + 1) / f64::from(plan.parameters.users);
                plan.duration_us - plan.ramp_us + (plan.ramp_us as f64 * share) as i64
            }
            Length::Rows(_) => i64::MAX,
        };
        if now_us >= leaves_us || !self.has_room() {
            self.activity.users -= 1;
            return Ok(());
        }
        self.start(now_us, user, None)
    }

    /// Puts the next arrival of an open loop on the agenda.
    pub fn enter_send(&mut self, scheduled_us: i64) {
        let Load::Open { rate_per_s, stall_us: (from_us, to_us) } = self.plan.load else { return };
        let next_us = scheduled_us + us(self.arrivals.exponential(1000.0 / rate_per_s));
        if next_us >= self.plan.duration_us {
            return;
        }
        let ready_us = if (from_us..to_us).contains(&next_us) { to_us } else { next_us };
        let sent_us = if ready_us > self.last_sent_us { ready_us } else { self.last_sent_us + CATCH_UP_US };
        self.last_sent_us = sent_us;
        self.enter(sent_us, Step::Send { scheduled_us: next_us });
    }

    pub fn send(&mut self, now_us: i64, scheduled_us: i64) -> Result<(), WriteError> {
        self.log.delayed += u64::from(now_us > scheduled_us);
        self.enter_send(scheduled_us);
        let user = (self.log.requests % u64::from(self.plan.parameters.users)) as u32;
        self.start(now_us, user, Some(scheduled_us))
    }
}

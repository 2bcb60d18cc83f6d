//! The circuit breaker before LightRAG: opens above a failure rate, probes after a pause, closes below another.

use std::collections::VecDeque;

use super::words::Word;

/// How the breaker is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakerPlan {
    /// Failure rate above which it opens.
    pub open_above: f64,
    /// Failure rate of the probes below which it closes.
    pub close_below: f64,
    pub window_us: i64,
    /// Fewer calls in the window say nothing.
    pub min_calls: usize,
    /// Pause between opening and the first probe.
    pub pause_us: i64,
    /// Calls let through while half open.
    pub probes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Closed,
    Open { until_us: i64 },
    HalfOpen { admitted: usize, done: usize, failed: usize },
}

/// A change of state: what the recording shows of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    pub at_us: i64,
    pub name: Word,
    /// 0 closed, 1 half open, 2 open: the state after it.
    pub state: f64,
    /// What the breaker saw when it decided.
    pub failure_rate: f64,
}

/// How a call got in: `era` counts the states, so that late answers do not count in a later one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ticket {
    era: u64,
}

#[derive(Debug)]
pub struct Breaker {
    plan: BreakerPlan,
    state: State,
    era: u64,
    window: VecDeque<(i64, bool)>,
    failed: usize,
    /// The failure rate at the last opening: what a change to half open reports.
    seen_rate: f64,
}

impl Breaker {
    pub fn new(plan: BreakerPlan) -> Breaker {
        Breaker { plan, state: State::Closed, era: 0, window: VecDeque::new(), failed: 0, seen_rate: 0.0 }
    }

    /// Whether a call may pass now: its ticket, or none when it is blocked.
    pub fn admit(&mut self, at_us: i64) -> (Option<Ticket>, Option<Transition>) {
        let mut transition = None;
        if let State::Open { until_us } = self.state
            && at_us >= until_us
        {
            let state = State::HalfOpen { admitted: 0, done: 0, failed: 0 };
            transition = Some(self.change(at_us, Word::OpenToHalfOpen, state, self.seen_rate));
        }
        let may_pass = match &mut self.state {
            State::Closed => true,
            State::Open { .. } => false,
            State::HalfOpen { admitted, .. } => {
                *admitted += 1;
                *admitted <= self.plan.probes
            }
        };
        (may_pass.then_some(Ticket { era: self.era }), transition)
    }

    /// Takes note of how a call ended.
    pub fn record(&mut self, at_us: i64, ticket: Ticket, failed: bool) -> Option<Transition> {
        if ticket.era != self.era {
            return None;
        }
        match self.state {
            State::Closed => self.record_closed(at_us, failed),
            State::Open { .. } => None,
            State::HalfOpen { admitted, done, failed: failed_before } => {
                let (done, failed) = (done + 1, failed_before + usize::from(failed));
                self.state = State::HalfOpen { admitted, done, failed };
                (done == self.plan.probes).then(|| self.judge_probes(at_us, failed))
            }
        }
    }

    fn record_closed(&mut self, at_us: i64, failed: bool) -> Option<Transition> {
        self.window.push_back((at_us, failed));
        self.failed += usize::from(failed);
        while let Some(&(oldest_us, oldest_failed)) = self.window.front()
            && oldest_us <= at_us - self.plan.window_us
        {
            self.window.pop_front();
            self.failed -= usize::from(oldest_failed);
        }
        let rate = self.failed as f64 / self.window.len() as f64;
        let opens = self.window.len() >= self.plan.min_calls && rate > self.plan.open_above;
        opens.then(|| self.open(at_us, Word::ClosedToOpen, rate))
    }

    fn judge_probes(&mut self, at_us: i64, failed: usize) -> Transition {
        let rate = failed as f64 / self.plan.probes as f64;
        if rate < self.plan.close_below {
            self.change(at_us, Word::HalfOpenToClosed, State::Closed, rate)
        } else {
            self.open(at_us, Word::HalfOpenToOpen, rate)
        }
    }

    fn open(&mut self, at_us: i64, name: Word, rate: f64) -> Transition {
        self.seen_rate = rate;
        self.change(at_us, name, State::Open { until_us: at_us + self.plan.pause_us }, rate)
    }

    fn change(&mut self, at_us: i64, name: Word, state: State, failure_rate: f64) -> Transition {
        self.state = state;
        self.era += 1;
        self.window.clear();
        self.failed = 0;
        let state = match state {
            State::Closed => 0.0,
            State::HalfOpen { .. } => 1.0,
            State::Open { .. } => 2.0,
        };
        Transition { at_us, name, state, failure_rate }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, BreakerPlan, Word};

    fn breaker() -> Breaker {
        Breaker::new(BreakerPlan {
            open_above: 0.2,
            close_below: 0.05,
            window_us: 1_000,
            min_calls: 5,
            pause_us: 500,
            probes: 2,
        })
    }

    fn call(breaker: &mut Breaker, at_us: i64, failed: bool) -> Vec<Word> {
        let (ticket, first) = breaker.admit(at_us);
        let second = ticket.and_then(|ticket| breaker.record(at_us, ticket, failed));
        first.into_iter().chain(second).map(|transition| transition.name).collect()
    }

    #[test]
    fn it_opens_above_its_rate_and_not_at_it() {
        let mut breaker = breaker();
        for (at, failed) in [(1, true), (2, false), (3, false), (4, false), (5, false)] {
            assert_eq!(call(&mut breaker, at, failed), [], "one of five is not above 0.2");
        }
        assert_eq!(call(&mut breaker, 6, true), [Word::ClosedToOpen]);
    }

    #[test]
    fn it_blocks_while_open_and_recovers_through_good_probes() {
        let mut breaker = breaker();
        (0..5).for_each(|at| drop(call(&mut breaker, at, true)));
        assert!(breaker.admit(400).0.is_none());
        assert_eq!(call(&mut breaker, 600, false), [Word::OpenToHalfOpen]);
        assert_eq!(call(&mut breaker, 601, false), [Word::HalfOpenToClosed]);
        assert!(breaker.admit(602).0.is_some());
    }

    #[test]
    fn one_failed_probe_opens_it_again() {
        let mut breaker = breaker();
        (0..5).for_each(|at| drop(call(&mut breaker, at, true)));
        call(&mut breaker, 600, false);
        assert_eq!(call(&mut breaker, 601, true), [Word::HalfOpenToOpen]);
    }

    #[test]
    fn failures_that_left_the_window_are_forgotten() {
        let mut breaker = breaker();
        (0..4).for_each(|at| drop(call(&mut breaker, at, true)));
        assert_eq!(call(&mut breaker, 2_000, true), []);
    }

    #[test]
    fn an_answer_from_before_the_opening_does_not_count_as_a_probe() {
        let mut breaker = breaker();
        let early = breaker.admit(0).0.unwrap();
        (0..5).for_each(|at| drop(call(&mut breaker, at, true)));
        call(&mut breaker, 600, false);
        assert_eq!(breaker.record(601, early, false), None);
    }
}

//! The states of a breaker over time, from its transition and state rows.

use std::collections::BTreeMap;

use super::period::Period;
use crate::summary::{BreakerState, Measured, StateSpan};

pub const US_PER_S: f64 = 1e6;

const TRANSITIONS: [&str; 4] = ["closed->open", "open->half_open", "half_open->closed", "half_open->open"];

/// States by the number in a `state` row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Closed,
    HalfOpen,
    Open,
}

impl State {
    pub const ALL: [State; 3] = [State::Closed, State::HalfOpen, State::Open];

    pub fn of_value(value: f64) -> Option<Self> {
        State::ALL.into_iter().find(|state| value == *state as u8 as f64)
    }

    pub fn of_name(name: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    fn word(self) -> BreakerState {
        match self {
            State::Closed => BreakerState::Closed,
            State::HalfOpen => BreakerState::HalfOpen,
            State::Open => BreakerState::Open,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            State::Closed => "closed",
            State::HalfOpen => "half_open",
            State::Open => "open",
        }
    }
}

/// A change of state, or the state at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub at_us: i64,
    /// `None` in a `state` row.
    pub from: Option<State>,
    pub to: State,
    pub failure_rate: Option<f64>,
    pub cause: Option<String>,
}

/// States over time.
pub struct Timeline {
    /// (µs since 1970, state from then on), ascending.
    pub states: Vec<(i64, State)>,
    /// Changes between two known states, ascending.
    pub transitions: Vec<Change>,
}

impl Timeline {
    /// From transition rows; from the differences of `state` rows where there are no transitions.
    pub fn of(mut changes: Vec<Change>, first_call_us: Option<i64>) -> Self {
        changes.sort_by(|a, b| {
            let of = |change: &Change| (change.at_us, change.from, change.to, change.cause.clone());
            of(a).cmp(&of(b)).then(a.failure_rate.unwrap_or(-1.0).total_cmp(&b.failure_rate.unwrap_or(-1.0)))
        });
        let mut states: Vec<(i64, State)> = changes.iter().map(|change| (change.at_us, change.to)).collect();
        // A first transition names the state that the breaker was in until then.
        if let Some(Change { at_us, from: Some(from), .. }) = changes.first()
            && let Some(first_us) = first_call_us.filter(|first_us| first_us < at_us)
        {
            states.insert(0, (first_us, *from));
        }
        let mut transitions: Vec<Change> =
            changes.into_iter().filter(|change| change.from.is_some()).collect();
        if transitions.is_empty() {
            let differs = |pair: &&[(i64, State)]| pair[0].1 != pair[1].1;
            transitions = states
                .windows(2)
                .filter(differs)
                .map(|pair| Change {
                    at_us: pair[1].0,
                    from: Some(pair[0].1),
                    to: pair[1].1,
                    failure_rate: None,
                    cause: None,
                })
                .collect();
        }
        Self { states, transitions }
    }

    fn transitions_in(&self, period: Period) -> impl Iterator<Item = &Change> {
        self.transitions.iter().filter(move |change| period.holds(change.at_us))
    }

    pub fn count(&self, from: State, to: State, period: Period) -> u64 {
        let wanted = |change: &&Change| change.from == Some(from) && change.to == to;
        self.transitions_in(period).filter(wanted).count() as u64
    }

    /// The four transitions with their counts, and any other that was recorded.
    pub fn counts(&self, period: Period) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<String, u64> =
            TRANSITIONS.iter().map(|&transition| (transition.to_owned(), 0)).collect();
        for change in self.transitions_in(period) {
            let from = change.from.map_or("unknown", State::name);
            *counts.entry(format!("{from}->{}", change.to.name())).or_default() += 1;
        }
        counts
    }

    pub fn cost_activations(&self, period: Period) -> u64 {
        let by_cost = |change: &&Change| change.to == State::Open && change.cause.as_deref() == Some("cost");
        self.transitions_in(period).filter(by_cost).count() as u64
    }

    /// Seconds in each state from the first known one to the end of the run, as far as they lie in the period.
    pub fn time_in_state_s(&self, period: Period) -> Measured<BTreeMap<String, f64>> {
        let Some(&(first_us, _)) = self.states.first() else {
            return Measured::undefined("no state row and no transition");
        };
        if period.is_before(first_us) {
            return Measured::undefined("no state row and no transition up to the end of this window");
        }
        let mut time_us: BTreeMap<String, i64> =
            State::ALL.iter().map(|state| (state.name().to_owned(), 0)).collect();
        for (index, &(from_us, state)) in self.states.iter().enumerate() {
            let next_us = self.states.get(index + 1).map_or(period.until_us, |&(at_us, _)| at_us);
            let in_state_us = next_us.min(period.until_us) - from_us.max(period.from_us);
            *time_us.entry(state.name().to_owned()).or_default() += in_state_us.max(0);
        }
        Measured::Value(time_us.into_iter().map(|(state, us)| (state, us as f64 / US_PER_S)).collect())
    }

    /// The states one after the other, as far as they lie in the period; neighbours of one state are one.
    pub fn spans(&self, period: Period) -> Vec<StateSpan> {
        let mut spans: Vec<StateSpan> = Vec::new();
        for (index, &(at_us, state)) in self.states.iter().enumerate() {
            let next_us = self.states.get(index + 1).map_or(period.until_us, |&(at_us, _)| at_us);
            let (from_us, to_us) = (at_us.max(period.from_us), next_us.min(period.until_us));
            let state = state.word();
            match spans.last_mut() {
                Some(last) if last.state == state && from_us < to_us => last.to_us = to_us,
                _ if from_us < to_us => spans.push(StateSpan { from_us, to_us, state }),
                _ => {}
            }
        }
        spans
    }
}

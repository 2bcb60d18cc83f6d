//! Splits the time of one request among its calls.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Journey, Sums};
use crate::measure::steps::Step;

/// A call that is running, ordered so that the greatest is the one that the moment belongs to: the one that
/// started last; of those the one that ends first (the inner one); then by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    start_us: i64,
    ends_first: Reverse<i64>,
    component: u32,
}

/// Up to this many calls, looking through all of them is quicker than a heap.
const FEW: usize = 24;

/// Room that is used again for each request.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    calls: Vec<Running>,
    bounds_us: Vec<i64>,
}

impl Splitter {
    /// Adds the time of a request to the components that ran in it; `steps` are sorted by start.
    pub(super) fn split(&mut self, steps: &[Step], journey: &Journey, sums: &mut Sums) {
        let (start_us, end_us) = (journey.start_us, journey.end_us);
        self.calls.clear();
        let mut is_chain = true;
        let mut before_us = i64::MIN;
        for step in steps {
            let Some(until_us) = step.end_us().map(|step_end_us| step_end_us.min(end_us)) else { continue };
            let from_us = start_us.max(step.start_us);
            if until_us > from_us {
                is_chain &= from_us >= before_us;
                before_us = until_us;
                self.calls.push(Running {
                    start_us: step.start_us,
                    ends_first: Reverse(until_us),
                    component: step.component,
                });
            }
        }
        let unattributed = sums.time_us.len() - 1;
        if is_chain {
            let mut at_us = start_us;
            for call in &self.calls {
                let from_us = call.start_us.max(start_us);
                add(sums, unattributed, from_us - at_us);
                add(sums, call.component as usize, call.ends_first.0 - from_us);
                at_us = call.ends_first.0;
            }
            add(sums, unattributed, end_us - at_us);
            return;
        }
        self.bounds_us.clear();
        let bounds = self.calls.iter().flat_map(|call| [call.start_us.max(start_us), call.ends_first.0]);
        self.bounds_us.extend(bounds.chain([start_us, end_us]));
        self.bounds_us.sort_unstable();
        self.bounds_us.dedup();
        if self.calls.len() <= FEW { self.look_through(sums) } else { self.sweep(sums) }
    }

    fn look_through(&self, sums: &mut Sums) {
        let unattributed = sums.time_us.len() - 1;
        for moment in self.bounds_us.windows(2) {
            let is_running = |call: &&Running| call.start_us <= moment[0] && call.ends_first.0 > moment[0];
            let running = self.calls.iter().filter(is_running).max();
            let component = running.map_or(unattributed, |call| call.component as usize);
            sums.add(component, moment[1] - moment[0]);
        }
    }

    fn sweep(&mut self, sums: &mut Sums) {
        let unattributed = sums.time_us.len() - 1;
        // Taken from the back, the earliest first.
        self.calls.sort_unstable_by(|a, b| b.cmp(a));
        let mut running: BinaryHeap<Running> = BinaryHeap::new();
        for moment in self.bounds_us.windows(2) {
            while self.calls.last().is_some_and(|call| call.start_us <= moment[0]) {
                running.extend(self.calls.pop());
            }
            while running.peek().is_some_and(|call| call.ends_first.0 <= moment[0]) {
                running.pop();
            }
            let component = running.peek().map_or(unattributed, |call| call.component as usize);
            sums.add(component, moment[1] - moment[0]);
        }
    }
}

/// Where nothing passed, nobody had a part.
#[inline]
fn add(sums: &mut Sums, component: usize, us: i64) {
    if us > 0 {
        sums.add(component, us);
    }
}

//! The time of some requests by component.

use std::collections::BTreeMap;

use crate::measure::context::Context;
use crate::measure::request_spans::RequestSpans;
use crate::summary::{TimeShare, TimeSpent};

/// The part of a request in which none of its component calls ran.
const UNATTRIBUTED: &str = "unattributed";

/// The components of [`Sums`], by index.
pub struct Names<'a> {
    pub names: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub fn of(request_spans: &RequestSpans<'_>, context: &'a Context<'_>) -> Self {
        let components = request_spans.components.iter().map(|component| context.words.word(component.code));
        Self { names: components.chain([UNATTRIBUTED]).collect() }
    }
}

/// The time of some requests by component.
#[derive(Debug, Clone)]
pub struct Sums {
    pub requests: u64,
    /// µs by index of the component, what nothing ran in last; `None` for components that had no part.
    pub time_us: Vec<Option<i128>>,
}

impl Sums {
    pub fn new(request_spans: &RequestSpans<'_>) -> Self {
        Self { requests: 0, time_us: vec![None; request_spans.components.len() + 1] }
    }

    #[inline]
    pub fn add(&mut self, component: usize, us: i64) {
        *self.time_us[component].get_or_insert(0) += i128::from(us);
    }

    #[inline]
    pub fn add_unattributed(&mut self, us: i64) {
        self.add(self.time_us.len() - 1, us);
    }

    pub fn merge(mut self, other: Sums) -> Sums {
        self.requests += other.requests;
        for (mine, theirs) in self.time_us.iter_mut().zip(other.time_us) {
            if let Some(us) = theirs {
                *mine.get_or_insert(0) += us;
            }
        }
        self
    }

    pub fn total_us(&self) -> i128 {
        self.time_us.iter().flatten().sum()
    }

    pub fn time_spent(&self, left_out: BTreeMap<String, u64>, names: &Names<'_>) -> TimeSpent {
        let total_us = self.total_us();
        let mut shares: Vec<TimeShare> = self
            .time_us
            .iter()
            .zip(&names.names)
            .filter_map(|(us, &component)| {
                us.map(|us| TimeShare {
                    component: component.to_owned(),
                    total_ms: us as f64 / 1000.0,
                    share: us as f64 / total_us as f64,
                })
            })
            .collect();
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.component.cmp(&b.component)));
        TimeSpent { requests: self.requests, left_out, total_ms: total_us as f64 / 1000.0, shares }
    }
}

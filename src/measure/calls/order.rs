//! The order of calls: by the start that was meant, then by content.

use std::cmp::Ordering;
use std::ops::Range;

use super::{CallLog, NO_TIME};
use crate::measure::sorting::unsorted;
use crate::measure::sparse::reorder;
use crate::measure::words::Words;

impl CallLog {
    /// Sorts the calls by start and then by content, so that the order of the rows does not matter.
    pub fn sort(&mut self, words: &Words) {
        self.start_as_intended();
        let mut ranks: Vec<usize> = (0..self.kinds.len()).collect();
        ranks.sort_by_key(|&kind| self.kinds[kind].index(words));
        let mut rank_of_kind = vec![0; ranks.len()];
        ranks.iter().enumerate().for_each(|(rank, &kind)| rank_of_kind[kind] = rank);

        for range in unsorted(&self.start_us) {
            let mut order: Vec<usize> = range.clone().collect();
            order.sort_by_key(|&call| self.start_us[call]);
            self.reorder(range, &order);
        }
        // What is left are calls of one instant, few and seldom.
        let mut from = 0;
        while let Some(next) = self.start_us[from..].windows(2).position(|pair| pair[0] == pair[1]) {
            from += next;
            let start_us = self.start_us[from];
            let ties = self.start_us[from..].iter().take_while(|&&other| other == start_us).count();
            let mut order: Vec<usize> = (from..from + ties).collect();
            order.sort_unstable_by(|&a, &b| self.compare_ties(a, b, &rank_of_kind, words));
            if !order.is_sorted() {
                self.reorder(from..from + ties, &order);
            }
            from += ties;
        }
    }

    /// A request starts when it was meant to be sent: whoever waits for a free connection waits, too.
    fn start_as_intended(&mut self) {
        for call in 0..self.scheduled_us.len() {
            let Some(intended_us) = self.scheduled_us.some(call) else { continue };
            let sent_us = self.start_us[call];
            let late_us = sent_us.saturating_sub(intended_us);
            if late_us > 0 {
                self.start_us[call] = intended_us;
                // NaN stays NaN.
                self.duration_ms[call] += late_us as f64 / 1000.0;
                self.scheduled_us.set(call, sent_us);
            } else {
                self.scheduled_us.set(call, NO_TIME);
            }
        }
    }

    fn compare_ties(&self, a: usize, b: usize, rank_of_kind: &[usize], words: &Words) -> Ordering {
        let kind = |call: usize| rank_of_kind[self.kind[call] as usize];
        let rest = |call: usize| {
            let answered_by = self.answered_by.get(call).and_then(|code| words.rank(code));
            (
                self.request_id.get(call),
                self.key.get(call),
                self.user_id.get(call),
                self.scheduled_us.get(call),
                answered_by,
            )
        };
        kind(a)
            .cmp(&kind(b))
            .then_with(|| self.duration_ms[a].total_cmp(&self.duration_ms[b]))
            .then_with(|| rest(a).cmp(&rest(b)))
    }

    /// Puts the calls at `order` into the indices `range`.
    fn reorder(&mut self, range: Range<usize>, order: &[usize]) {
        reorder(&mut self.start_us, &range, order);
        reorder(&mut self.duration_ms, &range, order);
        reorder(&mut self.kind, &range, order);
        self.request_id.reorder(&range, order);
        self.key.reorder(&range, order);
        self.scheduled_us.reorder(&range, order);
        self.user_id.reorder(&range, order);
        self.answered_by.reorder(&range, order);
    }
}

//! When anything happened: the span of the run and the stretches without any event.

use std::collections::BTreeMap;

use crate::run::RunMetadata;
use crate::summary::{Gap, Measured, Window, WindowName};

const US_PER_S: i64 = 1_000_000;
/// Width of a tick, µs.
pub const TICK_US: i64 = 100_000;

/// First and last instant, µs since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start_us: i64,
    end_us: i64,
}

impl Span {
    fn widen(span: &mut Option<Span>, other: Span) {
        let known = span.get_or_insert(other);
        known.start_us = known.start_us.min(other.start_us);
        known.end_us = known.end_us.max(other.end_us);
    }
}

/// Seconds whose first and last instants are kept side by side.
const BLOCK_S: i64 = 16;

/// First and last instants of the seconds of a block; those without any are empty the wrong way round.
type Block = [Span; BLOCK_S as usize];

const EMPTY: Span = Span { start_us: i64::MAX, end_us: i64::MIN };

/// Instants at which events started or ended, kept as the first and last of each second.
#[derive(Debug, Default)]
pub struct Coverage {
    all: Option<Span>,
    first_end_us: Option<i64>,
    blocks: BTreeMap<i64, Box<Block>>,
    /// Of starts and of ends.
    walkers: [Walker; 2],
}

/// The second that was touched last.
#[derive(Debug, Clone, Copy)]
struct Walker {
    second_us: i64,
    span: Span,
}

impl Default for Walker {
    fn default() -> Self {
        Walker { second_us: i64::MIN, span: EMPTY }
    }
}

impl Coverage {
    /// Takes in starts and ends of events, µs since 1970.
    pub fn extend(&mut self, spans_us: impl Iterator<Item = (i64, i64)>) {
        let (mut span, mut first_end_us) = (EMPTY, i64::MAX);
        for (start_us, end_us) in spans_us {
            span.start_us = span.start_us.min(start_us);
            span.end_us = span.end_us.max(end_us);
            first_end_us = first_end_us.min(end_us);
            self.touch(0, start_us);
            self.touch(1, end_us);
        }
        if span == EMPTY {
            return;
        }
        Span::widen(&mut self.all, span);
        self.first_end_us = Some(self.first_end_us.map_or(first_end_us, |first| first.min(first_end_us)));
    }

    /// Starts and ends walk through time one beside the other: the second in which each of them is, is at hand.
    #[inline(always)]
    fn touch(&mut self, walker: usize, at_us: i64) {
        let walked = &mut self.walkers[walker];
        if (walked.second_us..walked.second_us.saturating_add(US_PER_S)).contains(&at_us) {
            walked.span.start_us = walked.span.start_us.min(at_us);
            walked.span.end_us = walked.span.end_us.max(at_us);
        } else {
            let span = Span { start_us: at_us, end_us: at_us };
            let second_us = at_us.div_euclid(US_PER_S).saturating_mul(US_PER_S);
            let left = std::mem::replace(walked, Walker { second_us, span });
            self.keep(left.span);
        }
    }

    /// Keeps the first and the last instant of a second.
    fn keep(&mut self, span: Span) {
        if span == EMPTY {
            return;
        }
        let second = span.start_us.div_euclid(US_PER_S);
        let (block, index) = (second.div_euclid(BLOCK_S), second.rem_euclid(BLOCK_S) as usize);
        let spans = self.blocks.entry(block).or_insert_with(|| Box::new([EMPTY; BLOCK_S as usize]));
        spans[index].start_us = spans[index].start_us.min(span.start_us);
        spans[index].end_us = spans[index].end_us.max(span.end_us);
    }

    fn keep_walked(&mut self) {
        for walker in std::mem::take(&mut self.walkers) {
            self.keep(walker.span);
        }
    }

    pub fn merge(&mut self, mut other: Coverage) {
        if let Some(span) = other.all {
            Span::widen(&mut self.all, span);
        }
        self.first_end_us = [self.first_end_us, other.first_end_us].into_iter().flatten().min();
        other.keep_walked();
        other.blocks.into_values().flat_map(|block| *block).for_each(|span| self.keep(span));
    }

    /// The whole run: `load_us`, or of a run without requests from the first start to the last end of all events.
    pub fn window(&self, load_us: Option<(i64, i64)>, metadata: &RunMetadata) -> Window {
        let load = load_us.map(|(start_us, end_us)| Span { start_us, end_us });
        let span = load.or(self.all).unwrap_or(Span { start_us: 0, end_us: 0 });
        let declared_s = metadata.totals.as_ref().and_then(|totals| totals.duration_s);
        let measured_s = span.end_us.saturating_sub(span.start_us) as f64 / US_PER_S as f64;
        let duration_s = declared_s.filter(|&declared_s| declared_s > 0.0).unwrap_or(measured_s);
        Window {
            name: WindowName::Whole,
            start_us: span.start_us,
            end_us: span.end_us,
            duration_s: Measured::or((duration_s > 0.0).then_some(duration_s), "the run has no length"),
            duration_is_declared: declared_s.is_some_and(|declared_s| declared_s > 0.0),
        }
    }

    /// Takes in the seconds that are still at hand: to be called when all events are in.
    pub fn finish(mut self) -> Self {
        self.keep_walked();
        self
    }

    /// End of the last event, µs since 1970.
    pub fn last_us(&self) -> i64 {
        self.all.map_or(0, |span| span.end_us)
    }

    /// Number of the run's first tick since 1970: the earliest in which an event ended.
    pub fn first_tick(&self) -> i64 {
        self.first_end_us.unwrap_or(0).div_euclid(TICK_US)
    }

    /// How far apart events usually are from one second with events to the next, µs: the median.
    pub fn usual_distance_us(&self) -> i64 {
        let mut distances_us: Vec<i64> =
            self.gaps(0.0).iter().map(|gap| gap.end_us.saturating_sub(gap.start_us)).collect();
        let middle = distances_us.len() / 2;
        if distances_us.is_empty() { 0 } else { *distances_us.select_nth_unstable(middle).1 }
    }

    /// Stretches without any event that are longer than `gap_s`, in order.
    pub fn gaps(&self, gap_s: f64) -> Vec<Gap> {
        let blocks = self.blocks.values().flat_map(|block| block.iter());
        let mut spans: Vec<Span> = blocks.copied().filter(|&span| span != EMPTY).collect();
        spans.sort_unstable_by_key(|span| span.start_us);
        spans
            .windows(2)
            .map(|pair| Gap { start_us: pair[0].end_us, end_us: pair[1].start_us })
            .filter(|gap| (gap.end_us - gap.start_us) as f64 / US_PER_S as f64 > gap_s)
            .collect()
    }
}

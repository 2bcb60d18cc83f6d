//! The component calls of each request: joined by `request_id`.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::calls::Calls;
use super::words::Words;

/// Stands for the end of a call that has none.
const NO_END: i64 = i64::MIN;

/// A component call that carries a request id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// µs since 1970.
    pub(super) start_us: i64,
    end_us: i64,
    /// Place of its component in [`Steps::components`].
    pub(super) component: u32,
    /// Its place among the calls of the component.
    call: u32,
}

impl Step {
    /// The end of a finished call that has a duration.
    #[inline]
    pub(super) fn end_us(&self) -> Option<i64> {
        (self.end_us != NO_END).then_some(self.end_us)
    }

    pub(super) fn call(&self) -> usize {
        self.call as usize
    }
}

/// A component whose calls are steps of requests.
pub(super) struct StepComponent<'a> {
    pub(super) code: u32,
    pub(super) calls: Calls<'a>,
}

/// Component calls with an id: those of one request side by side, by start and then by words.
pub(super) struct Steps<'a> {
    /// By name.
    pub(super) components: Vec<StepComponent<'a>>,
    slots: Slots,
    /// Where the steps of each slot begin; one more than there are slots.
    begins: Vec<u32>,
    steps: Vec<Step>,
    /// The slot of each request of the run, by time; `NO_SLOT` where it has no id.
    request_slots: Vec<u32>,
}

/// Stands for the slot of a request without an id.
const NO_SLOT: u32 = u32::MAX;

impl<'a> Steps<'a> {
    /// `components` in the order of their names; `requests` are those of the run, which must have a slot too.
    pub(super) fn of(
        components: impl IntoIterator<Item = (u32, Calls<'a>)>,
        requests: Option<&Calls<'_>>,
        words: &Words,
    ) -> Self {
        let components: Vec<StepComponent<'_>> =
            components.into_iter().map(|(code, calls)| StepComponent { code, calls }).collect();
        let mut slots = Slots::for_ids(components.iter().map(|component| &component.calls).chain(requests));
        let mut begins = slots.count(components.iter().map(|component| &component.calls), requests);
        let mut total = 0;
        for begin in &mut begins {
            total += std::mem::replace(begin, total);
        }
        let empty = Step { start_us: 0, end_us: NO_END, component: 0, call: 0 };
        let mut steps = vec![empty; total as usize];
        for (place, component) in components.iter().enumerate() {
            fill(&mut steps, &mut begins, place, &component.calls, &slots);
        }
        // Each beginning has moved to the end of its slot, which is where the next one begins.
        begins.insert(0, 0);
        begins.pop();
        let slot = |id: u64| slots.of(id).and_then(|slot| u32::try_from(slot).ok());
        let of_request = |calls: &Calls<'_>, call| calls.request_id(call).and_then(slot).unwrap_or(NO_SLOT);
        let request_slots =
            requests.map(|calls| (0..calls.len()).map(|call| of_request(calls, call)).collect());
        let request_slots = request_slots.unwrap_or_default();
        let mut joined = Self { components, slots, begins, steps, request_slots };
        joined.sort(words);
        joined
    }

    fn sort(&mut self, words: &Words) {
        let components = &self.components;
        for slot in self.begins.windows(2) {
            let steps = &mut self.steps[slot[0] as usize..slot[1] as usize];
            if steps.windows(2).any(|pair| pair[0].start_us >= pair[1].start_us) {
                steps.sort_unstable_by(|a, b| {
                    a.start_us.cmp(&b.start_us).then_with(|| compare_ties(a, b, components, words))
                });
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The number of slots: more than the ids that are used where these have gaps.
    pub(super) fn slots(&self) -> usize {
        self.begins.len() - 1
    }

    /// The slot of a request's id.
    pub(super) fn slot(&self, request_id: u64) -> Option<usize> {
        self.slots.of(request_id)
    }

    /// The slots of some of the run's requests, by time; `None` where one has no id.
    pub(super) fn slots_of(&self, requests: &Calls<'_>) -> impl ExactSizeIterator<Item = Option<usize>> {
        let slots = self.request_slots[requests.before()..][..requests.len()].iter();
        slots.map(|&slot| (slot != NO_SLOT).then_some(slot as usize))
    }

    /// The calls of the request in a slot, by start.
    pub(super) fn in_slot(&self, slot: usize) -> &[Step] {
        &self.steps[self.begins[slot] as usize..self.begins[slot + 1] as usize]
    }

    /// The calls of one request, by start.
    pub(super) fn of_request(&self, request_id: u64) -> &[Step] {
        self.slot(request_id).map(|slot| self.in_slot(slot)).unwrap_or_default()
    }
}

fn fill(steps: &mut [Step], begins: &mut [u32], component: usize, calls: &Calls<'_>, slots: &Slots) {
    let is_finished = calls.are_finished();
    for call in 0..calls.len() {
        let Some(slot) = calls.request_id(call).and_then(|id| slots.of(id)) else { continue };
        let place = &mut begins[slot];
        let duration_ms = calls.duration_ms()[call];
        let has_end = is_finished[calls.kind()[call] as usize] && !duration_ms.is_nan();
        let start_us = calls.start_us()[call];
        steps[*place as usize] = Step {
            start_us,
            end_us: if has_end { super::rows::end_us(start_us, duration_ms) } else { NO_END },
            component: component as u32,
            call: call as u32,
        };
        *place += 1;
    }
}

/// Equal starts by words, then by duration, those without one last.
fn compare_ties(a: &Step, b: &Step, components: &[StepComponent<'_>], words: &Words) -> Ordering {
    let place = |step: &Step| {
        let kind = components[step.component as usize].calls.kind_of(step.call());
        let rank = |code: Option<u32>| code.and_then(|code| words.rank(code));
        (step.component, words.rank(kind.operation), rank(kind.outcome()))
    };
    let duration_ms = |step: &Step| match step.end_us() {
        Some(_) => components[step.component as usize].calls.duration_ms()[step.call()],
        None => f64::NAN,
    };
    place(a).cmp(&place(b)).then_with(|| duration_ms(a).total_cmp(&duration_ms(b)))
}

/// A small number for each request id: the id itself less the smallest where ids lie close together, as counters
/// do; otherwise by order of arrival.
enum Slots {
    Dense { first: u64, len: usize },
    Sparse(FxHashMap<u64, u32>),
}

impl Slots {
    fn for_ids<'c>(logs: impl Iterator<Item = &'c Calls<'c>>) -> Self {
        let (mut least, mut most, mut count) = (u64::MAX, 0, 0u64);
        for calls in logs {
            for id in (0..calls.len()).filter_map(|call| calls.request_id(call)) {
                (least, most, count) = (least.min(id), most.max(id), count + 1);
            }
        }
        // Four gaps for each id cost less than a hash.
        match count > 0 && most - least <= count.saturating_mul(4) {
            true => Slots::Dense { first: least, len: (most - least) as usize + 1 },
            false => Slots::Sparse(FxHashMap::default()),
        }
    }

    /// Gives every id a slot and counts the steps in each; one more slot at the end is empty.
    fn count<'c>(
        &mut self,
        logs: impl Iterator<Item = &'c Calls<'c>>,
        requests: Option<&Calls<'_>>,
    ) -> Vec<u32> {
        let mut counts: Vec<u32> = match self {
            Slots::Dense { len, .. } => vec![0; *len + 1],
            Slots::Sparse(_) => Vec::new(),
        };
        for calls in logs {
            for id in (0..calls.len()).filter_map(|call| calls.request_id(call)) {
                let slot = self.add(id);
                if slot >= counts.len() {
                    counts.resize(slot + 1, 0);
                }
                counts[slot] += 1;
            }
        }
        if let Slots::Sparse(_) = self {
            let ids = requests
                .into_iter()
                .flat_map(|calls| (0..calls.len()).filter_map(|call| calls.request_id(call)));
            let most = ids.map(|id| self.add(id)).max();
            let slots = counts.len().max(most.map_or(0, |slot| slot + 1));
            counts.resize(slots + 1, 0);
        }
        counts
    }

    fn add(&mut self, id: u64) -> usize {
        match self {
            Slots::Dense { first, .. } => (id - *first) as usize,
            Slots::Sparse(slots) => {
                let next = slots.len() as u32;
                *slots.entry(id).or_insert(next) as usize
            }
        }
    }

    #[inline]
    fn of(&self, id: u64) -> Option<usize> {
        match self {
            Slots::Dense { first, len } => {
                usize::try_from(id.checked_sub(*first)?).ok().filter(|slot| slot < len)
            }
            Slots::Sparse(slots) => slots.get(&id).map(|&slot| slot as usize),
        }
    }
}

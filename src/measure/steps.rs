//! The component calls of each request: joined by `request_id`.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::calls::{Calls, Columns};
use super::words::Words;

/// A component call that carries a request id: where it stands. What it is, its component's columns know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Place of its component in [`Steps::components`].
    pub(super) component: u32,
    /// Its place among the calls of the component.
    call: u32,
}

impl Step {
    pub(super) fn call(&self) -> usize {
        self.call as usize
    }
}

/// A component whose calls are steps of requests.
pub(super) struct StepComponent<'a> {
    pub(super) code: u32,
    pub(super) calls: Calls<'a>,
    columns: Columns<'a>,
    /// Whether calls of each kind came to an end.
    is_finished: Vec<bool>,
}

impl<'a> StepComponent<'a> {
    fn new((code, calls): (u32, Calls<'a>)) -> Self {
        Self { code, calls, columns: calls.columns(), is_finished: calls.are_finished() }
    }

    pub(super) fn columns(&self) -> Columns<'a> {
        self.columns
    }
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

/// The slot of a request; `None` where it has no id.
#[inline]
pub(super) fn slot_of(slot: u32) -> Option<usize> {
    (slot != NO_SLOT).then_some(slot as usize)
}

impl<'a> Steps<'a> {
    /// `components` in the order of their names; `requests` are those of the run, which must have a slot too.
    pub(super) fn of(
        components: impl IntoIterator<Item = (u32, Calls<'a>)>,
        requests: Option<&Calls<'_>>,
        words: &Words,
    ) -> Self {
        let components: Vec<StepComponent<'_>> = components.into_iter().map(StepComponent::new).collect();
        let mut slots = Slots::for_ids(components.iter().map(|component| &component.calls).chain(requests));
        let mut begins = slots.count(components.iter().map(|component| &component.calls), requests);
        let mut total = 0;
        for begin in &mut begins {
            total += std::mem::replace(begin, total);
        }
        let empty = Step { component: 0, call: 0 };
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
            if !steps.is_sorted_by(|a, b| start_us(components, a) < start_us(components, b)) {
                steps.sort_unstable_by(|a, b| {
                    let by_start = start_us(components, a).cmp(&start_us(components, b));
                    by_start.then_with(|| compare_ties(a, b, components, words))
                });
            }
        }
    }

    /// Start of a step, µs since 1970.
    #[inline]
    pub(super) fn start_us(&self, step: &Step) -> i64 {
        start_us(&self.components, step)
    }

    /// End of a step that finished and has a duration, µs since 1970.
    #[inline]
    pub(super) fn end_us(&self, step: &Step) -> Option<i64> {
        end_us(&self.components, step)
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

    /// The slots of some of the run's requests, by time, as [`slot_of`] reads them.
    pub(super) fn slots_of(&self, requests: &Calls<'_>) -> &[u32] {
        &self.request_slots[requests.places()]
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

#[inline]
fn start_us(components: &[StepComponent<'_>], step: &Step) -> i64 {
    components[step.component as usize].columns.start_us[step.call()]
}

#[inline]
fn end_us(components: &[StepComponent<'_>], step: &Step) -> Option<i64> {
    let StepComponent { columns, is_finished, .. } = &components[step.component as usize];
    let call = step.call();
    let duration_ms = columns.duration_ms[call];
    let has_end = is_finished[columns.kind[call] as usize] && !duration_ms.is_nan();
    has_end.then(|| super::rows::end_us(columns.start_us[call], duration_ms))
}

fn fill(steps: &mut [Step], begins: &mut [u32], component: usize, calls: &Calls<'_>, slots: &Slots) {
    for call in 0..calls.len() {
        let Some(slot) = calls.request_id(call).and_then(|id| slots.of(id)) else { continue };
        let place = &mut begins[slot];
        steps[*place as usize] = Step { component: component as u32, call: call as u32 };
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
    let duration_ms = |step: &Step| match end_us(components, step) {
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

//! The component calls of each request: joined by `request_id`.

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{Calls, Columns};
use super::words::Words;

/// A component call that carries a request id: where it stands. What it is, its component's columns know.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan {
    /// Index of its component in [`RequestSpans::components`].
    pub component: u32,
    /// Its index among the calls of the component.
    call: u32,
}

impl RequestSpan {
    pub fn call(&self) -> usize {
        self.call as usize
    }
}

/// A component whose calls are spans of requests.
pub struct SpanComponent<'a> {
    pub code: u32,
    pub calls: Calls<'a>,
    columns: Columns<'a>,
    /// Whether calls of each kind came to an end.
    is_finished: Vec<bool>,
}

impl<'a> SpanComponent<'a> {
    fn new((code, calls): (u32, Calls<'a>)) -> Self {
        Self { code, calls, columns: calls.columns(), is_finished: calls.are_finished() }
    }

    pub fn columns(&self) -> Columns<'a> {
        self.columns
    }
}

/// Component calls with an id: those of one request side by side, by start and then by words.
pub struct RequestSpans<'a> {
    /// By name.
    pub components: Vec<SpanComponent<'a>>,
    slots: Slots,
    /// Where the spans of each slot begin; one more than there are slots.
    begins: Vec<u32>,
    request_spans: Vec<RequestSpan>,
    /// The slot of each request of the run, by time; `NO_SLOT` where it has no id.
    request_slots: Vec<u32>,
    /// Slots of ids that several requests have.
    shared: FxHashSet<u32>,
}

/// Stands for the slot of a request without an id.
const NO_SLOT: u32 = u32::MAX;

/// The slot of a request; `None` where it has no id.
#[inline]
pub fn slot_of(slot: u32) -> Option<usize> {
    (slot != NO_SLOT).then_some(slot as usize)
}

impl<'a> RequestSpans<'a> {
    /// `components` in the order of their names; `requests` are those of the run, which must have a slot too.
    pub fn of(
        components: impl IntoIterator<Item = (u32, Calls<'a>)>,
        requests: Option<&Calls<'_>>,
        words: &Words,
    ) -> Self {
        let components: Vec<SpanComponent<'_>> = components.into_iter().map(SpanComponent::new).collect();
        let mut slots = Slots::for_ids(components.iter().map(|component| &component.calls).chain(requests));
        let mut begins = slots.count(components.iter().map(|component| &component.calls), requests);
        let mut total = 0;
        for begin in &mut begins {
            total += std::mem::replace(begin, total);
        }
        let empty = RequestSpan { component: 0, call: 0 };
        let mut request_spans = vec![empty; total as usize];
        for (index, component) in components.iter().enumerate() {
            fill(&mut request_spans, &mut begins, index, &component.calls, &slots);
        }
        // Each beginning has moved to the end of its slot, which is where the next one begins.
        begins.insert(0, 0);
        begins.pop();
        let slot = |id: u64| slots.of(id).and_then(|slot| u32::try_from(slot).ok());
        let of_request = |calls: &Calls<'_>, call| calls.request_id(call).and_then(slot).unwrap_or(NO_SLOT);
        let request_slots: Option<Vec<u32>> =
            requests.map(|calls| (0..calls.len()).map(|call| of_request(calls, call)).collect());
        let request_slots = request_slots.unwrap_or_default();
        let shared = shared(&request_slots, begins.len());
        let mut joined = Self { components, slots, begins, request_spans, request_slots, shared };
        joined.sort(words);
        joined
    }

    fn sort(&mut self, words: &Words) {
        let components = &self.components;
        for slot in self.begins.windows(2) {
            let request_spans = &mut self.request_spans[slot[0] as usize..slot[1] as usize];
            if !request_spans.is_sorted_by(|a, b| start_us(components, a) < start_us(components, b)) {
                request_spans.sort_unstable_by(|a, b| {
                    let by_start = start_us(components, a).cmp(&start_us(components, b));
                    by_start.then_with(|| compare_ties(a, b, components, words))
                });
            }
        }
    }

    /// Start of a span, µs since 1970.
    #[inline]
    pub fn start_us(&self, request_span: &RequestSpan) -> i64 {
        start_us(&self.components, request_span)
    }

    /// End of a span that finished and has a duration, µs since 1970.
    #[inline]
    pub fn end_us(&self, request_span: &RequestSpan) -> Option<i64> {
        end_us(&self.components, request_span)
    }

    pub fn is_empty(&self) -> bool {
        self.request_spans.is_empty()
    }

    /// The number of slots: more than the ids that are used where these have gaps.
    pub fn slots(&self) -> usize {
        self.begins.len() - 1
    }

    /// The slot of a request's id.
    pub fn slot(&self, request_id: u64) -> Option<usize> {
        self.slots.of(request_id)
    }

    /// The slots of some of the run's requests, by time, as [`slot_of`] reads them.
    pub fn slots_of(&self, requests: &Calls<'_>) -> &[u32] {
        &self.request_slots[requests.indices()]
    }

    /// The calls of the request in a slot, by start.
    pub fn in_slot(&self, slot: usize) -> &[RequestSpan] {
        &self.request_spans[self.begins[slot] as usize..self.begins[slot + 1] as usize]
    }

    /// The calls of one request, by start; none where several requests have its id.
    pub fn of_request(&self, request_id: u64) -> &[RequestSpan] {
        let slot = self.slot(request_id).filter(|&slot| !self.shared.contains(&(slot as u32)));
        slot.map(|slot| self.in_slot(slot)).unwrap_or_default()
    }

    /// How many ids several requests have, and how many requests these are.
    pub fn shared_ids(&self) -> (u64, u64) {
        if self.shared.is_empty() {
            return (0, 0);
        }
        let requests = self.request_slots.iter().filter(|slot| self.shared.contains(slot)).count();
        (self.shared.len() as u64, requests as u64)
    }
}

/// The slots that several requests have.
fn shared(request_slots: &[u32], slots: usize) -> FxHashSet<u32> {
    let mut is_used = vec![false; slots];
    let mut shared = FxHashSet::default();
    for &slot in request_slots.iter().filter(|slot| **slot != NO_SLOT) {
        if std::mem::replace(&mut is_used[slot as usize], true) {
            shared.insert(slot);
        }
    }
    shared
}

#[inline]
fn start_us(components: &[SpanComponent<'_>], request_span: &RequestSpan) -> i64 {
    components[request_span.component as usize].columns.start_us[request_span.call()]
}

#[inline]
fn end_us(components: &[SpanComponent<'_>], request_span: &RequestSpan) -> Option<i64> {
    let SpanComponent { columns, is_finished, .. } = &components[request_span.component as usize];
    let call = request_span.call();
    let duration_ms = columns.duration_ms[call];
    let has_end = is_finished[columns.kind[call] as usize] && !duration_ms.is_nan();
    has_end.then(|| super::rows::end_us(columns.start_us[call], duration_ms))
}

fn fill(
    request_spans: &mut [RequestSpan],
    begins: &mut [u32],
    component: usize,
    calls: &Calls<'_>,
    slots: &Slots,
) {
    for call in 0..calls.len() {
        let Some(slot) = calls.request_id(call).and_then(|id| slots.of(id)) else { continue };
        let index = &mut begins[slot];
        request_spans[*index as usize] = RequestSpan { component: component as u32, call: call as u32 };
        *index += 1;
    }
}

/// Equal starts by words, then by duration, those without one last.
fn compare_ties(
    a: &RequestSpan,
    b: &RequestSpan,
    components: &[SpanComponent<'_>],
    words: &Words,
) -> Ordering {
    let index = |request_span: &RequestSpan| {
        let kind = components[request_span.component as usize].calls.kind_of(request_span.call());
        let rank = |code: Option<u32>| code.and_then(|code| words.rank(code));
        (request_span.component, words.rank(kind.operation), rank(kind.outcome()))
    };
    let duration_ms = |request_span: &RequestSpan| match end_us(components, request_span) {
        Some(_) => components[request_span.component as usize].calls.duration_ms()[request_span.call()],
        None => f64::NAN,
    };
    index(a).cmp(&index(b)).then_with(|| duration_ms(a).total_cmp(&duration_ms(b)))
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
        if count > 0 && most - least <= count.saturating_mul(4) {
            Slots::Dense { first: least, len: (most - least) as usize + 1 }
        } else {
            Slots::Sparse(FxHashMap::default())
        }
    }

    /// Gives every id a slot and counts the spans in each; one more slot at the end is empty.
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

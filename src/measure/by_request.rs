//! What the calls of one request make together: look-ups of the cache, ways through the fallback chain. For the whole run
//! and a part of it, from one walk.

use rayon::prelude::*;

use super::cache::{Lookups, are_lookups};
use super::fallback::{Chain, Entry};
use super::request_spans::{RequestSpan, RequestSpans, SpanComponent};
use super::span::WindowSpan;
use super::words::{Class, Kind, Words};

/// Look-ups and ways of a window.
#[derive(Debug, Default)]
pub struct ByRequest {
    pub lookups: Lookups,
    pub chain: Chain,
}

impl ByRequest {
    fn merge(&mut self, other: Self) {
        self.lookups.merge(other.lookups);
        self.chain.merge(other.chain);
    }
}

/// Those of the whole run, and of the calls that start in `span`. Flags by time are kept for one of them, which is judged:
/// the part, or the whole where there is none.
pub fn walk(
    request_spans: &RequestSpans<'_>,
    span: Option<&WindowSpan>,
    words: &Words,
) -> (ByRequest, ByRequest) {
    let roles: Vec<Role<'_>> =
        request_spans.components.iter().map(|component| Role::of(component, words)).collect();
    if roles.iter().all(|role| matches!(role, Role::Other)) {
        return Default::default();
    }
    let pieces = request_spans.slots().div_ceil(SLOTS_AT_ONCE);
    let of_piece = |piece: usize| {
        let mut walk = Walk { roles: &roles, span, ..Walk::default() };
        let first = piece * SLOTS_AT_ONCE;
        (first..(first + SLOTS_AT_ONCE).min(request_spans.slots()))
            .for_each(|slot| walk.slot(request_spans.in_slot(slot)));
        (walk.whole, walk.part)
    };
    let pieces: Vec<(ByRequest, ByRequest)> = (0..pieces).into_par_iter().map(of_piece).collect();
    let merge = |mut one: (ByRequest, ByRequest), other: (ByRequest, ByRequest)| {
        one.0.merge(other.0);
        one.1.merge(other.1);
        one
    };
    pieces.into_iter().reduce(merge).unwrap_or_default()
}

/// Fewer are not worth another thread.
const SLOTS_AT_ONCE: usize = 16_384;

/// What the calls of a component are to this walk. What is asked of a call is known of its kind.
enum Role<'a> {
    /// Whether look-ups hit; `None` for calls that are none.
    Tier {
        component: &'a SpanComponent<'a>,
        hits: Vec<Option<bool>>,
    },
    /// Whether attempts that came to an end succeeded; `None` for those that did not.
    Level {
        component: &'a SpanComponent<'a>,
        is_first: bool,
        successes: Vec<Option<bool>>,
    },
    Other,
}

impl<'a> Role<'a> {
    fn of(component: &'a SpanComponent<'a>, words: &Words) -> Self {
        let kind = words.kind(component.code);
        let kinds = component.calls.kinds();
        let is_ok = |outcome: Option<u32>| outcome.is_some_and(|code| words.class(code) == Class::Ok);
        match (kind, kind.fallback_level()) {
            (Kind::CacheTier(_), _) => {
                let lookups = are_lookups(&component.calls, words).into_iter().zip(kinds);
                let hits =
                    lookups.map(|(is_lookup, kind)| is_lookup.then(|| is_ok(kind.outcome()))).collect();
                Role::Tier { component, hits }
            }
            (_, Some(level)) => {
                let success =
                    |kind: &super::calls::CallKind| kind.is_finished().then(|| is_ok(kind.outcome()));
                Role::Level {
                    component,
                    is_first: level == 0,
                    successes: kinds.iter().map(success).collect(),
                }
            }
            _ => Role::Other,
        }
    }
}

/// What is found in the slot of one request.
#[derive(Debug, Default)]
struct Found {
    /// Key, start of the first tier's look-up and whether any tier hit. Seldom more than one.
    lookups: Vec<(Option<u64>, i64, bool)>,
    entry: Option<Entry>,
    /// The first and the last start of what was looked at, µs since 1970.
    starts_us: Option<(i64, i64)>,
}

impl Found {
    /// Of spans by start, those for which `is_inside` holds.
    fn fill(&mut self, request_spans: &[RequestSpan], roles: &[Role<'_>], is_inside: impl Fn(i64) -> bool) {
        self.lookups.clear();
        (self.entry, self.starts_us) = (None, None);
        for request_span in request_spans {
            match &roles[request_span.component as usize] {
                Role::Tier { component, hits } => {
                    let (call, columns) = (request_span.call(), component.columns());
                    let start_us = columns.start_us[call];
                    let Some(is_hit) = hits[columns.kind[call] as usize].filter(|_| is_inside(start_us))
                    else {
                        continue;
                    };
                    let key = component.calls.key(call);
                    match self.lookups.iter_mut().find(|(other, ..)| *other == key) {
                        Some(known) => known.2 |= is_hit,
                        None => self.lookups.push((key, start_us, is_hit)),
                    }
                    self.starts_at(start_us);
                }
                Role::Level { component, is_first, successes } => {
                    let (call, columns) = (request_span.call(), component.columns());
                    let start_us = columns.start_us[call];
                    let success = successes[columns.kind[call] as usize].filter(|_| is_inside(start_us));
                    let Some(is_success) = success else { continue };
                    let entry = self.entry.get_or_insert(Entry::at(start_us));
                    entry.went_past_first |= !is_first;
                    entry.was_answered |= is_success;
                    self.starts_at(start_us);
                }
                Role::Other => {}
            }
        }
    }

    /// Spans come by start: the first is the earliest.
    #[inline]
    fn starts_at(&mut self, start_us: i64) {
        let starts_us = self.starts_us.get_or_insert((start_us, start_us));
        starts_us.1 = start_us;
    }

    fn add_to(&self, sums: &mut ByRequest, is_judged: bool) {
        for &(_, first_us, is_hit) in &self.lookups {
            sums.lookups.add(first_us, is_hit, is_judged);
        }
        if let Some(entry) = &self.entry {
            sums.chain.add(entry, is_judged);
        }
    }
}

#[derive(Default)]
struct Walk<'w> {
    roles: &'w [Role<'w>],
    span: Option<&'w WindowSpan>,
    found: Found,
    whole: ByRequest,
    part: ByRequest,
}

impl Walk<'_> {
    /// Takes in the calls of one request, by start.
    fn slot(&mut self, request_spans: &[RequestSpan]) {
        let Self { roles, span, found, whole, part } = self;
        found.fill(request_spans, roles, |_| true);
        let Some((first_us, last_us)) = found.starts_us else { return };
        found.add_to(whole, span.is_none());
        let Some(span) = span else { return };
        match (span.holds(first_us), span.holds(last_us)) {
            (true, true) => {}
            // Nothing lies between two instants before it, or two behind it.
            (false, false) if last_us < span.start_us || first_us >= span.end_us => return,
            _ => found.fill(request_spans, roles, |start_us| span.holds(start_us)),
        }
        found.add_to(part, true);
    }
}

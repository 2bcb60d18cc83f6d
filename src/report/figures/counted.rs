//! Requests counted in bins: by who answered them, and by how they failed.

use std::collections::BTreeMap;

use super::bins::Bins;
use crate::report::outline::{Axis, Ink, Layer, Measure, Panel, Shape};
use crate::summary::{EndedRequests, RequestKind};
use crate::units::Unit;

/// Groups that have a colour of their own; the others are one.
const MOST_GROUPS: usize = 8;
const OTHERS: &str = "others";
/// Of a request that nobody answered.
pub const FAILED: &str = "failed";

/// Which group a request is of.
pub type GroupOf = fn(&RequestKind) -> Option<&str>;

/// By who answered, failures by themselves.
pub fn answerer(kind: &RequestKind) -> Option<&str> {
    if kind.is_failed { Some(FAILED) } else { Some(kind.answered_by.as_deref().unwrap_or("not said")) }
}

/// How it failed.
pub fn category(kind: &RequestKind) -> Option<&str> {
    kind.is_failed.then(|| kind.outcome.as_deref().unwrap_or("unanswered"))
}

/// The groups that there are, the caches first and failures last, else the most frequent first.
pub fn groups(requests: &EndedRequests, group_of: GroupOf) -> Vec<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut by_kind = vec![0u64; requests.kinds.len()];
    requests.kind.iter().for_each(|&kind| by_kind[kind as usize] += 1);
    for (kind, count) in requests.kinds.iter().zip(by_kind) {
        group_of(kind).into_iter().for_each(|group| *counts.entry(group).or_default() += count);
    }
    let mut found: Vec<(&str, u64)> = counts.into_iter().collect();
    found.sort_by_key(|&(group, count)| (rank(group), std::cmp::Reverse(count)));
    found.into_iter().map(|(group, _)| group.to_owned()).collect()
}

/// Along the way of a request.
fn rank(group: &str) -> usize {
    let way = ["cache_l1", "cache_l2", "cache_l3", "lightrag", "perplexity", "cache_fallback"];
    let end = if group == FAILED { 2 } else { 1 };
    way.iter().position(|known| *known == group).unwrap_or(way.len() + end)
}

/// The colour of a group; of categories of failure by their place.
pub fn ink(group: &str, index: usize) -> Ink {
    const FAILURES: [Ink; 5] = [Ink::Fail, Ink::Half, Ink::Other, Ink::Retrieval, Ink::Muted];
    match (group, Ink::of_component(group)) {
        (FAILED, _) => Ink::Fail,
        ("timeout", _) => Ink::Timeout,
        (_, Ink::Other) => FAILURES[index % FAILURES.len()],
        (_, ink) => ink,
    }
}

/// The first of many groups, one for the rest, and failures whatever comes before them.
fn shown(mut groups: Vec<String>) -> Vec<String> {
    if groups.len() > MOST_GROUPS + 1 {
        let failed = groups.pop_if(|last| last == FAILED);
        groups.truncate(MOST_GROUPS);
        groups.push(OTHERS.to_owned());
        groups.extend(failed);
    }
    groups
}

/// A stack of the groups' requests per second.
pub fn panel(title: &str, requests: &EndedRequests, group_of: GroupOf, bins: &Bins) -> Option<Panel> {
    let names = shown(groups(requests, group_of));
    if names.is_empty() {
        return None;
    }
    let place = |group: &str| {
        let is_it = |wanted: &str| names.iter().position(|name| name == wanted);
        is_it(group).or_else(|| is_it(OTHERS)).unwrap_or(0)
    };
    let of_kind: Vec<Option<usize>> = requests.kinds.iter().map(|kind| group_of(kind).map(place)).collect();
    let mut counts = vec![vec![0.0; bins.len()]; names.len()];
    for (&end_us, &kind) in requests.end_us.iter().zip(&requests.kind) {
        if let (Some(group), Some(index)) = (of_kind[kind as usize], bins.index(end_us)) {
            counts[group][index] += 1.0 / bins.width_s();
        }
    }
    let most = (0..bins.len()).map(|index| counts.iter().map(|group| group[index]).sum()).fold(0.0, f64::max);
    let mut inks: Vec<Ink> = Vec::new();
    let layers = counts.into_iter().enumerate().map(|(index, rates)| {
        let name = &names[index];
        let wanted = ink(name, index);
        // Two neighbours of one colour would be one thing.
        let ink = if inks.contains(&wanted) { ink("", inks.len()) } else { wanted };
        inks.push(ink);
        Layer::new(name, ink, Shape::Stack { x: bins.x.clone(), y: rates.into_iter().map(Some).collect() })
    });
    Some(Panel {
        title: title.to_owned(),
        layers: layers.collect(),
        y: Measure::Axis(Axis::from_zero("1/s", Unit::PerSecond, most)),
        height: 84,
    })
}

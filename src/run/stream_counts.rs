//! Sampled streams, one for each component, metric and instance: names are pooled until there are few enough.

use arrow_array::{Array, ArrayRef, RecordBatch};
use rustc_hash::{FxHashMap, FxHashSet};

use super::columns::{COLUMNS, DURATION, OUTCOME, VALUE};
use super::name_tally::Tally;
use super::names::{OTHER, Ranking, hash};

/// The rankings of each component's names.
type Rankings = FxHashMap<u64, Ranking>;

/// Which streams there are: of samples, the names of component, metric and instance.
#[derive(Debug, Default)]
pub struct Streams {
    all: Tally<(u64, u64, u64)>,
    metrics: Tally<(u64, u64)>,
    instances: Tally<(u64, u64)>,
}

/// What tells a sample from a call: it has a value, and neither outcome nor duration.
pub struct SampleRows {
    value: Option<ArrayRef>,
    of_calls: Vec<ArrayRef>,
}

impl SampleRows {
    pub fn of(batch: &RecordBatch) -> Self {
        let column = |index: usize| batch.column_by_name(COLUMNS[index].name).cloned();
        Self { value: column(VALUE), of_calls: [OUTCOME, DURATION].into_iter().filter_map(column).collect() }
    }

    pub fn holds(&self, row: usize) -> bool {
        self.value.as_ref().is_some_and(|value| value.is_valid(row))
            && self.of_calls.iter().all(|values| values.is_null(row))
    }
}

impl Streams {
    pub fn add(&mut self, component: u64, metric: Option<u64>, instance: Option<u64>, rows: u64) {
        let (metric, instance) = (metric.unwrap_or(0), instance.unwrap_or(0));
        self.all.add((component, metric, instance), rows);
        self.metrics.add((component, metric), rows);
        self.instances.add((component, instance), rows);
    }

    /// Takes names out of the rankings of the components with the most streams, so that there are at most about `most`: first
    /// metrics, so that instances stay what they are, and instances only where one metric alone has too many.
    pub fn limit(
        self,
        most: usize,
        component: impl Fn(u64) -> u64,
        metrics: &mut Rankings,
        instances: &mut Rankings,
    ) {
        let mut of_components = self.by_component(component, metrics, instances);
        of_components.sort_unstable_by_key(|one| (one.streams, one.component));
        let mut left = most;
        let mut components = of_components.len();
        for one in of_components {
            let share = left / components.max(1);
            components -= 1;
            left -= share.min(one.streams);
            if one.streams <= share {
                continue;
            }
            let instance_count = one.instances.len().min(share).max(1);
            pool(metrics, one.component, one.metrics, (share / instance_count).max(1));
            pool(instances, one.component, one.instances, share.max(1));
        }
    }

    fn by_component(
        self,
        component: impl Fn(u64) -> u64,
        metrics: &Rankings,
        instances: &Rankings,
    ) -> Vec<OfComponent> {
        let other = hash(OTHER);
        let as_kept = |rankings: &Rankings, of: u64, name: u64| match rankings.get(&of) {
            Some(ranking) if !ranking.holds(name) => other,
            _ => name,
        };
        let mut found: FxHashMap<u64, OfComponent> = FxHashMap::default();
        for ((of, metric), rows) in self.metrics.rows {
            let of = component(of);
            *found.entry(of).or_default().metrics.entry(as_kept(metrics, of, metric)).or_default() += rows;
        }
        for ((of, instance), rows) in self.instances.rows {
            let of = component(of);
            let names = &mut found.entry(of).or_default().instances;
            *names.entry(as_kept(instances, of, instance)).or_default() += rows;
        }
        let is_counted = !self.all.is_full;
        let streams: FxHashSet<(u64, u64, u64)> = self
            .all
            .rows
            .into_keys()
            .map(|(of, metric, instance)| {
                let of = component(of);
                (of, as_kept(metrics, of, metric), as_kept(instances, of, instance))
            })
            .collect();
        for (of, one) in &mut found {
            one.component = *of;
            // More than are counted are as many as there can be.
            one.streams = one.metrics.len() * one.instances.len();
        }
        if is_counted {
            found.values_mut().for_each(|one| one.streams = 0);
            streams.into_iter().for_each(|(of, ..)| found.entry(of).or_default().streams += 1);
        }
        found.into_values().collect()
    }
}

/// The streams of one component, and how many samples each of its names has.
#[derive(Debug, Default)]
struct OfComponent {
    component: u64,
    streams: usize,
    metrics: FxHashMap<u64, u64>,
    instances: FxHashMap<u64, u64>,
}

/// Takes names out of the component's ranking, so that these are `most` with the one for all others.
fn pool(rankings: &mut Rankings, component: u64, names: FxHashMap<u64, u64>, most: usize) {
    if names.len() <= most {
        return;
    }
    let mut by_rows: Vec<(u64, u64)> = names.into_iter().collect();
    by_rows.sort_unstable_by_key(|&(name, rows)| (std::cmp::Reverse(rows), name));
    let pooled: FxHashSet<u64> = by_rows.into_iter().skip(most - 1).map(|(name, _)| name).collect();
    if let Some(ranking) = rankings.get_mut(&component) {
        ranking.retain(|name| !pooled.contains(&name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(of: impl IntoIterator<Item = (u64, u64, u64)>) -> (Streams, Rankings, Rankings) {
        let mut streams = Streams::default();
        let (mut metrics, mut instances) = (FxHashMap::default(), FxHashMap::default());
        for (component, metric, instance) in of {
            // The lower the number, the more samples.
            streams.add(component, Some(metric), Some(instance), 1000 - metric);
            let add = |names: &mut FxHashMap<u64, Vec<(u64, u64)>>, name| {
                let names = names.entry(component).or_default();
                if !names.contains(&(name, 1)) {
                    names.push((name, 1));
                }
            };
            add(&mut metrics, metric);
            add(&mut instances, instance);
        }
        let rankings = |names: FxHashMap<u64, Vec<(u64, u64)>>| {
            names.into_iter().map(|(component, names)| (component, Ranking::of(names, 1000))).collect()
        };
        (streams, rankings(metrics), rankings(instances))
    }

    fn kept(rankings: &Rankings, component: u64) -> usize {
        rankings[&component].kept().count()
    }

    #[test]
    fn as_many_streams_as_are_allowed_stay() {
        let (streams, mut metrics, mut instances) = streams((0..60).map(|n| (1, 10 + n % 6, 100 + n / 6)));
        streams.limit(60, |name| name, &mut metrics, &mut instances);
        assert_eq!((kept(&metrics, 1), kept(&instances, 1)), (6, 10));
    }

    #[test]
    fn of_more_the_most_frequent_metrics_stay_and_all_instances() {
        let few = [(2, 7, 7), (2, 8, 7)];
        let many = (0..60).map(|n| (1, 10 + n % 6, 100 + n / 6));
        let (streams, mut metrics, mut instances) = streams(many.chain(few));
        streams.limit(32, |name| name, &mut metrics, &mut instances);
        assert_eq!((kept(&metrics, 1), kept(&instances, 1)), (2, 10), "two and the one for all others");
        assert!(metrics[&1].holds(10) && metrics[&1].holds(11));
        assert_eq!((kept(&metrics, 2), kept(&instances, 2)), (2, 1));
    }

    #[test]
    fn instances_are_pooled_where_one_metric_has_too_many() {
        let (streams, mut metrics, mut instances) = streams((0..60).map(|n| (1, 10, 100 + n)));
        streams.limit(20, |name| name, &mut metrics, &mut instances);
        assert_eq!((kept(&metrics, 1), kept(&instances, 1)), (1, 19));
    }
}

//! What metrics are read from: all components, or one part of the service, each with its table of entries.

use super::entry::{Entry, Read};
use super::key::MetricKey;
use super::metric::{Metric, Name};
use super::reading::{Reading, known, value};
use crate::summary::{Measured, RunSummary};
use crate::units::Unit;

/// One number of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact<'a> {
    pub metric: &'static Metric,
    pub component: &'a str,
    pub operation: Option<&'a str>,
    /// The last part of the key.
    pub statistic: String,
    /// That of the metric; of what was sampled the one that its name ends in.
    pub unit: Unit,
    pub reading: Reading,
}

/// The number behind a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub unit: Unit,
    pub reading: Reading,
}

impl Found {
    /// What stands behind a key that no metric has.
    pub fn none() -> Self {
        Self { unit: Unit::Number, reading: Reading::undefined("no metric has this name") }
    }
}

impl Fact<'_> {
    /// `request/p95_ms`.
    pub fn key(&self) -> String {
        match self.operation {
            None => format!("{}/{}", self.component, self.statistic),
            Some(operation) => format!("{}/{operation}/{}", self.component, self.statistic),
        }
    }
}

/// A part of the catalogue.
pub trait Subject: Sync {
    fn metrics(&self) -> Vec<&'static Metric>;

    /// What stands before the statistic in its keys: `*` for any component, `*[/*]` for any of its operations, too.
    fn component(&self) -> &'static str;

    /// The components that it knows something about; none: any.
    fn about(&self) -> &'static [&'static str];

    /// Does it have metrics of this component?
    fn is_about(&self, component: &str) -> bool {
        self.about().is_empty() || self.about().contains(&component)
    }

    /// Can its keys stand for this subject: for a component, or for one of its operations?
    fn takes(&self, key: &MetricKey) -> bool {
        let (of_any, of_operations) = (self.component().ends_with("[/*]"), self.component().ends_with("/*"));
        self.is_about(&key.component) && (of_any || of_operations == key.operation.is_some())
    }

    /// Every number that a run has of it.
    fn facts<'a>(&self, run: &'a RunSummary) -> Vec<Fact<'a>>;

    /// The number behind a key; `None` where it is none of these metrics.
    fn find(&self, run: &RunSummary, key: &MetricKey) -> Option<Found>;
}

/// Something that a run may have once or several times.
pub struct Instance<'a, T> {
    pub component: &'a str,
    pub operation: Option<&'a str>,
    pub of: &'a T,
}

/// All that a run has of one kind; undefined where it has none of it.
pub type Instances<'a, T> = Measured<Vec<Instance<'a, T>>>;

/// Finds the instance that a key is about: none where the run has others of this kind only, undefined with the reason where
/// the instance lacks what the table is about.
pub type FindInstance<T> = for<'a> fn(&'a RunSummary, &MetricKey) -> Measured<Option<&'a T>>;

/// A table of entries over all instances of `T` in a run.
pub struct Table<T: 'static> {
    /// See [`Subject::component`].
    pub component: &'static str,
    /// See [`Subject::about`].
    pub about: &'static [&'static str],
    pub entries: &'static [Entry<T>],
    pub instances: for<'a> fn(&'a RunSummary) -> Instances<'a, T>,
    /// The instance that a key is about, where a run may have too many to go through all of them.
    pub instance: Option<FindInstance<T>>,
}

/// A table whose instances are few.
pub const fn table<T>(
    component: &'static str,
    about: &'static [&'static str],
    entries: &'static [Entry<T>],
    instances: for<'a> fn(&'a RunSummary) -> Instances<'a, T>,
) -> Table<T> {
    Table { component, about, entries, instances, instance: None }
}

/// What belongs to a component as a whole.
pub fn whole<'a, T>(component: &'a str, of: &'a T) -> Instance<'a, T> {
    Instance { component, operation: None, of }
}

/// What belongs to one operation of a component.
pub fn part<'a, T>(component: &'a str, operation: &'a str, of: &'a T) -> Instance<'a, T> {
    Instance { component, operation: Some(operation), of }
}

/// The one instance of what a run has once.
pub fn one<'a, T>(component: &'a str, of: Measured<&'a T>) -> Instances<'a, T> {
    of.map(|of| vec![whole(component, of)])
}

impl<T> Subject for Table<T> {
    fn metrics(&self) -> Vec<&'static Metric> {
        self.entries.iter().map(|entry| &entry.metric).collect()
    }

    fn component(&self) -> &'static str {
        self.component
    }

    fn about(&self) -> &'static [&'static str] {
        self.about
    }

    fn facts<'a>(&self, run: &'a RunSummary) -> Vec<Fact<'a>> {
        let Measured::Value(instances) = (self.instances)(run) else { return Vec::new() };
        let mut facts = Vec::new();
        for Instance { component, operation, of } in instances {
            for entry in self.entries {
                let fact = |(statistic, reading)| {
                    let metric = &entry.metric;
                    Fact { metric, component, operation, statistic, unit: metric.unit, reading }
                };
                facts.extend(numbers(entry, of).into_iter().map(fact));
            }
        }
        facts
    }

    fn find(&self, run: &RunSummary, key: &MetricKey) -> Option<Found> {
        if !self.takes(key) {
            return None;
        }
        let entry = self.entries.iter().find(|entry| entry.metric.name.fits(&key.statistic))?;
        let reading = self.instance_of(run, key).map(|instance| {
            let of = instance?;
            let wanted = |(statistic, reading)| (statistic == key.statistic).then_some(reading);
            let found = numbers(entry, of).into_iter().find_map(wanted);
            Some(found.unwrap_or_else(|| absent(entry, of)))
        });
        let reading = match reading {
            Measured::Value(Some(reading)) => reading,
            Measured::Value(None) => {
                Reading::undefined(format!("no calls of `{}` in this run", key.subject()))
            }
            Measured::Undefined(undefined) => value(&Measured::Undefined(undefined)),
        };
        Some(Found { unit: entry.metric.unit, reading })
    }
}

impl<T> Table<T> {
    /// What a key is about; none where the run has others of this kind only.
    fn instance_of<'a>(&self, run: &'a RunSummary, key: &MetricKey) -> Measured<Option<&'a T>> {
        if let Some(instance) = self.instance {
            return instance(run, key);
        }
        let is_meant = |instance: &Instance<'_, T>| {
            instance.component == key.component && instance.operation == key.operation.as_deref()
        };
        (self.instances)(run).map(|all| all.into_iter().find(is_meant).map(|instance| instance.of))
    }
}

/// A word that does not occur is a count and a share of 0; a quantile that is not among those measured is unknown.
fn absent<T>(entry: &Entry<T>, of: &T) -> Reading {
    match &entry.read {
        Read::Words(read) => {
            let n = read(of).first().and_then(|(_, reading)| reading.n);
            Reading { n, ..known(0.0) }
        }
        _ => Reading::undefined("this quantile is not measured: add it to `measure.quantiles`"),
    }
}

/// What an entry reads: one number, or one for each quantile or word.
fn numbers<T>(entry: &Entry<T>, of: &T) -> Vec<(String, Reading)> {
    match (&entry.read, entry.metric.name) {
        (Read::Quantiles(read), name) => {
            let found = read(of);
            let number = |q: f64| Some((name.of_quantile(q)?, Reading::quantile(found, q)));
            found.quantiles.iter().filter_map(|quantile| number(quantile.quantile)).collect()
        }
        (Read::CountQuantiles(read), name) => {
            let found = read(of);
            let number = |q: f64| Some((name.of_quantile(q)?, Reading::count_quantile(found, q)));
            found.quantiles.iter().filter_map(|quantile| number(quantile.quantile)).collect()
        }
        (Read::Words(read), Name::Words(prefix)) => {
            read(of).into_iter().map(|(word, reading)| (format!("{prefix}{word}"), reading)).collect()
        }
        (Read::Number(read), name) => vec![(name.to_string(), read(of))],
        _ => Vec::new(),
    }
}

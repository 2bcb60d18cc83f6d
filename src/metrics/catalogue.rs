//! The table itself: all metrics by what they are read from, and looking one up.

use super::key::MetricKey;
use super::metric::{BREAKER, CACHE, FALLBACK, Metric, REQUEST, RESOURCES};
use super::reading::Reading;
use super::subject::{Fact, Found, Subject};
use super::{breaker, cache, calls, fallback, goodput, models, requests, resources, sampled, time_share};
use crate::summary::RunSummary;

impl Metric {
    /// Every metric of the catalogue.
    ///
    /// ```
    /// use cmo_metrics::metrics::{Better, Metric, Name};
    /// let p95 = Metric::all().find(|metric| metric.name == Name::Quantiles("")).unwrap();
    /// assert_eq!((p95.better, p95.unit.word()), (Better::Lower, "ms"));
    /// ```
    pub fn all() -> impl Iterator<Item = &'static Metric> {
        Self::with_components().map(|(_, metric)| metric)
    }

    /// Every metric with the components that it belongs to, for readers: `*` for any, `*[/*]` for any of its operations, too.
    pub fn with_components() -> impl Iterator<Item = (&'static str, &'static Metric)> {
        subjects().into_iter().flat_map(|subject| {
            let component = subject.component();
            subject.metrics().into_iter().map(move |metric| (component, metric))
        })
    }
}

/// Those with headline metrics.
const COMPONENTS: [&str; 5] = [REQUEST, RESOURCES, CACHE, BREAKER, FALLBACK];

/// In the order of the tables. Of two that know one key the first one speaks: a part of the service before any component,
/// so that declared totals come before counted calls.
pub fn subjects() -> Vec<&'static dyn Subject> {
    calls_and_parts().into_iter().chain([sampled::SUBJECT]).collect()
}

/// Those whose statistics have names of their own: all but what was sampled.
pub fn calls_and_parts() -> Vec<&'static dyn Subject> {
    let subjects: [&dyn Subject; 16] = [
        &requests::SUBJECT,
        &goodput::SUBJECT,
        &resources::SUBJECT,
        &models::MODES,
        &cache::SUBJECT,
        &cache::TIERS,
        &breaker::SUBJECT,
        &fallback::SUBJECT,
        &fallback::LEVELS,
        &calls::SUBJECT,
        &models::TTFT,
        &models::TPOT,
        &models::TOKENS_IN,
        &models::TOKENS_OUT,
        &models::MODELS,
        &time_share::SUBJECT,
    ];
    #[cfg(test)]
    return subjects.into_iter().chain(super::tests::extra()).collect();
    #[cfg(not(test))]
    return subjects.to_vec();
}

/// The keys of the headline metrics, a column of `runs.parquet` each: of the requests, of the resources, of the parts of
/// the service.
pub fn headlines(quantiles: &[f64]) -> Vec<MetricKey> {
    let mut keys = Vec::new();
    for subject in subjects() {
        let Some(component) = COMPONENTS.iter().find(|component| subject.about().contains(component)) else {
            continue;
        };
        let headlines = subject.metrics().into_iter().filter(|metric| metric.is_headline);
        keys.extend(
            headlines.flat_map(|metric| metric.name.statistics(quantiles)).map(|statistic| MetricKey {
                component: (*component).to_owned(),
                operation: None,
                statistic,
            }),
        );
    }
    // LightRAG's calls are those of any component, but these two are what the service is known by.
    let of_lightrag = ["lightrag/success_rate", "lightrag/cost_per_query_usd"];
    keys.extend(of_lightrag.into_iter().filter_map(|key| MetricKey::parse(key).ok()));
    keys
}

/// The name of a key's column: the component stands before it where it is neither the requests' nor the resources'.
pub fn column_of(key: &MetricKey) -> String {
    match key.component.as_str() {
        REQUEST | RESOURCES => key.statistic.clone(),
        component => format!("{component}_{}", key.statistic),
    }
}

/// Every number of a run, each key once: of the parts of the service, of all components in their order, of what was sampled.
pub fn all(run: &RunSummary) -> Vec<Fact<'_>> {
    let mut facts: Vec<Fact<'_>> = subjects().into_iter().flat_map(|subject| subject.facts(run)).collect();
    let mut seen = rustc_hash::FxHashSet::default();
    facts.retain(|fact| seen.insert(fact.key()));
    facts
}

/// The number behind a key, undefined with its reason where the run does not have it; `None` where no metric has this
/// name.
pub fn find(run: &RunSummary, key: &MetricKey) -> Option<Found> {
    subjects().into_iter().find_map(|subject| subject.find(run, key))
}

/// As [`find`], of a key that is written down in this program or was checked when the settings were read.
pub fn found(run: &RunSummary, key: &str) -> Found {
    MetricKey::parse(key).ok().and_then(|key| find(run, &key)).unwrap_or_else(Found::none)
}

/// What [`found`] reads.
pub fn read(run: &RunSummary, key: &str) -> Reading {
    found(run, key).reading
}

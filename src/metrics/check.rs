//! Is a key that of a metric? For settings, which are read before any run.

use super::catalogue::calls_and_parts;
use super::key::{FORM, MetricKey};
use super::metric::{CACHE, FALLBACK, Metric, Name, RESOURCES};
use super::sampled;
use super::subject::Subject;
use crate::contract::COMPONENTS;
use crate::nearest::{nearest, respelling};

/// Statistics that were compared under another name before version 2, with the name that they have now.
const RENAMED_RULES: [(&str, &str); 9] = [
    ("p50_ms", "ok_p50_ms"),
    ("p95_ms", "ok_p95_ms"),
    ("p99_ms", "ok_p99_ms"),
    ("mean_ms", "ok_mean_ms"),
    ("throughput_per_s", "ok_per_s"),
    ("tokens_in", "mean_tokens_in"),
    ("tokens_out", "mean_tokens_out"),
    ("cpu_percent", "cpu_mean_percent"),
    ("*_hit_rate", "hit_rate"),
];

/// Other keys of before version 2, with those that they have now.
const RENAMED_KEYS: [(&str, &str); 8] = [
    ("cache/l1_hit_rate", "cache_l1/hit_rate"),
    ("cache/l2_hit_rate", "cache_l2/hit_rate"),
    ("cache/l3_hit_rate", "cache_l3/hit_rate"),
    ("resources/cpu_percent", "resources/cpu_mean_percent"),
    ("fallback_system/overall_success", "fallback_system/success_rate"),
    ("circuit_breaker/availability_percent", "circuit_breaker/availability"),
    ("request/peak_throughput_per_s", "request/peak_per_s"),
    ("request/grade_p95_ms", "request/p95_ms"),
];

const NOT_COMPARED: &str = "is not compared with a baseline, only components as a whole and metrics with a scale in \
                            docs/METRICS.md are: make it a target (`[custom_targets]`)";

/// The metrics of calls and parts that this component has, those of all where none is named.
fn metrics_of(component: Option<&str>) -> impl Iterator<Item = &'static Metric> {
    let is_meant =
        move |subject: &&dyn Subject| component.is_none_or(|component| subject.is_about(component));
    calls_and_parts().into_iter().filter(is_meant).flat_map(|subject| subject.metrics())
}

/// The metric that a key names, whatever the run.
pub fn metric_of(key: &MetricKey) -> Option<&'static Metric> {
    let of_subjects = calls_and_parts()
        .into_iter()
        .filter(|subject| subject.takes(key))
        .flat_map(|subject| subject.metrics())
        .find(|metric| metric.name.fits(&key.statistic));
    // What looks like an operation may be part of the name of what was sampled.
    of_subjects.or_else(|| sampled::metric_of(&key.statistic))
}

/// The metric that a key of the settings names.
///
/// # Errors
/// When there is none, as the end of a sentence that begins with the key.
pub fn check_key(key: &str, quantiles: &[f64]) -> Result<&'static Metric, String> {
    if let Some(renewed) = renewed(key) {
        return Err(format!("is written `{renewed}` since version 2"));
    }
    let parsed = MetricKey::parse(key)?;
    if parsed.component.contains('*') {
        return Err("names no component: `*` is for rules of the gate".to_owned());
    }
    let metric = metric_of(&parsed).ok_or_else(|| not_found(&parsed))?;
    check_quantile(metric, &parsed.statistic, quantiles)?;
    Ok(metric)
}

/// The metric that a key of `regression.metrics` names; in it `*` stands for any component, or any word of a failure.
///
/// # Errors
/// When there is none, or none whose noise is known.
pub fn check_rule(pattern: &str) -> Result<&'static Metric, String> {
    let parsed = MetricKey::parse(pattern)?;
    let component = Some(parsed.component.as_str()).filter(|component| !component.contains('*'));
    let fits = |metric: &&Metric| metric.is_compared && metric.name.fits(&parsed.statistic);
    let found = if parsed.operation.is_none() { metrics_of(component).find(fits) } else { None };
    let sampled = || sampled::metric_of(&parsed.statistic).filter(|metric| metric.is_compared);
    found.or_else(sampled).ok_or_else(|| why_no_rule(&parsed))
}

/// Components that are made of parts of a run, as keys name them.
const PARTS: [&str; 3] = [RESOURCES, CACHE, FALLBACK];

/// The known component that this one, which may be one of the user's own, looks like a misspelling of.
pub fn misspelt(component: &str) -> Option<&'static str> {
    let known = || COMPONENTS.into_iter().chain(PARTS);
    if known().any(|known| known == component) { None } else { respelling(component, known()) }
}

fn why_no_rule(key: &MetricKey) -> String {
    let renamed = RENAMED_RULES.iter().find(|(old, _)| is_like(old, &key.statistic));
    match renamed.filter(|_| key.operation.is_none()) {
        Some((old, new)) if old.starts_with('*') => {
            format!(
                "is compared as `cache_{}/{new}` since version 2",
                key.statistic.trim_end_matches("_hit_rate")
            )
        }
        Some((_, new)) => format!("is compared as `{}/{new}` since version 2", key.component),
        None if metric_of(key).is_some() => NOT_COMPARED.to_owned(),
        None => unknown(key, |metric| metric.is_compared),
    }
}

/// Does `text` fit `pattern`, which may begin with `*`?
fn is_like(pattern: &str, text: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == text, |end| text.ends_with(end))
}

/// What a key is called now that has no metric: by its old name, or as it is.
fn not_found(key: &MetricKey) -> String {
    let written = key.to_string();
    let renamed = RENAMED_KEYS.iter().find(|(old, _)| *old == written);
    renamed.map_or_else(|| unknown(key, |_| true), |(_, new)| format!("is written `{new}` since version 2"))
}

/// The spelling of a key from before version 2, with a dot before the statistic, as it is written now.
fn renewed(key: &str) -> Option<String> {
    let (subject, statistic) = key.rsplit_once('.')?;
    let renewed = format!("{subject}/{statistic}");
    let parsed = MetricKey::parse(&renewed).ok()?;
    let is_old = MetricKey::parse(key).ok().is_none_or(|old| metric_of(&old).is_none());
    (is_old && metric_of(&parsed).is_some_and(|metric| !matches!(metric.name, Name::Words(_))))
        .then_some(renewed)
}

fn check_quantile(metric: &Metric, statistic: &str, quantiles: &[f64]) -> Result<(), String> {
    let Some(q) = metric.name.quantile_in(statistic) else { return Ok(()) };
    match metric.name.of_quantile(q) {
        Some(written) if written != statistic => Err(format!("is written `{written}`")),
        _ if quantiles.iter().any(|known| (known - q).abs() < 1e-12) => Ok(()),
        _ => {
            let q = (q * 1e10).round() / 1e10;
            Err(format!("asks for a quantile that is not among `measure.quantiles`: add {q}"))
        }
    }
}

fn unknown(key: &MetricKey, keep: impl Fn(&Metric) -> bool) -> String {
    if let Some(component) = misspelt(&key.component) {
        let meant = MetricKey { component: component.to_owned(), ..key.clone() };
        if metric_of(&meant).is_some_and(&keep) {
            return format!("names no metric: did you mean `{meant}`?");
        }
    }
    let metrics = metrics_of(Some(&key.component)).filter(|metric| keep(metric));
    let names = metrics.flat_map(|metric| metric.name.statistics(&[0.5, 0.95, 0.99, 0.999]));
    match nearest(&key.statistic, names) {
        Some(name) => format!("names no metric: did you mean `{}/{name}`?", key.subject()),
        None => format!("names no metric, `{}` is no statistic: {FORM}", key.statistic),
    }
}

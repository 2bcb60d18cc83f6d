//! How recommendations name things and join phrases.

use crate::summary::RunSummary;
pub use crate::units::counted;
use crate::units::duration_s;

/// The name of a component in a sentence.
pub fn label(component: &str) -> String {
    match component {
        "request" => "Requests".to_owned(),
        "lightrag" => "LightRAG".to_owned(),
        "perplexity" => "Perplexity".to_owned(),
        "cache_l1" => "L1 cache".to_owned(),
        "cache_l2" => "L2 cache".to_owned(),
        "cache_l3" => "L3 cache".to_owned(),
        "cache" => "Cache".to_owned(),
        "cache_fallback" => "Cached answers of the fallback".to_owned(),
        "circuit_breaker" => "Circuit breaker".to_owned(),
        "fallback_system" => "Fallback chain".to_owned(),
        "resources" => "The service's resources".to_owned(),
        other => format!("`{other}`"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// An instant as time since the start of the run, as windows are told: `58 s`.
pub fn since_start(at_us: i64, summary: &RunSummary) -> String {
    let since_us = at_us.saturating_sub(summary.data_quality.load.start_us).max(0);
    duration_s((since_us as f64 / 1e6).round())
}

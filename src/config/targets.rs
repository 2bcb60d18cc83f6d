//! Words of the seed for targets and series over time, each with the metric that it is about.

/// Name of a target in `[targets]` and the key of its metric, in the order of the defaults.
pub const NAMED_TARGETS: [(&str, &str); 12] = [
    ("lightrag_success_rate", "lightrag/success_rate"),
    ("l1_hit_rate", "cache_l1/hit_rate"),
    ("l2_hit_rate", "cache_l2/hit_rate"),
    ("l3_hit_rate", "cache_l3/hit_rate"),
    ("breaker_opens_above", "circuit_breaker/lowest_opening_rate"),
    ("breaker_closes_below", "circuit_breaker/highest_closing_rate"),
    ("fallback_success_rate", "fallback_system/success_rate"),
    ("memory_growth_mb_per_100_users", "resources/memory_growth_mb_per_100_users"),
    ("p95_response_time_ms", "request/p95_ms"),
    ("success_rate", "request/success_rate"),
    ("success_rate_under_stress", "request/success_rate"),
    ("memory_growth_kb_per_operation", "resources/memory_growth_kb_per_operation"),
];

/// The metric of a named target.
pub fn key_of(name: &str) -> Option<&'static str> {
    NAMED_TARGETS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
}

/// Name of a series over time and the key of the metric that it shows, in the order of the seed.
pub const NAMED_SERIES: [(&str, &str); 7] = [
    ("success_rate", "request/success_rate"),
    ("response_time", "request/mean_ms"),
    ("p95_response_time", "request/p95_ms"),
    ("throughput", "request/throughput_per_s"),
    ("cache_hit_rate", "cache/lookup_hit_rate"),
    ("memory_usage", "resources/memory_mean_mb"),
    ("cpu_usage", "resources/cpu_mean_percent"),
];

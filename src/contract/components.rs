//! Components with a meaning of their own; any other name gets the generic analysis.

pub const COMPONENTS: [&str; 10] = [
    "request",
    "lightrag",
    "perplexity",
    "cache_l1",
    "cache_l2",
    "cache_l3",
    "cache_fallback",
    "circuit_breaker",
    "process",
    "phase",
];

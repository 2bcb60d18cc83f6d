//! Baselines made by hand, for the tests.

use std::collections::BTreeMap;

use super::{Baseline, Conditions, RunRecord, SCHEMA_VERSION};
use crate::summary::{ComparableMetric, Measured, Spread, WindowName};
use crate::units::Unit;

pub(crate) fn conditions(users: u32) -> Conditions {
    let parts = [("cpus", "2"), ("memory_mb", "16000"), ("os", "linux")];
    let texts = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    Conditions {
        scenario: Some("steady".to_owned()),
        users: Some(users),
        load_model: Some("closed".to_owned()),
        target_rate_per_s: None,
        environment: texts(&parts),
        config_digest: "0123456789abcdef0123456789abcdef".to_owned(),
        config_sections: texts(&[("cache", "a"), ("measure", "b")]),
    }
}

pub(crate) fn metric(
    component: &str,
    name: &str,
    unit: Unit,
    value: f64,
    spread: Spread,
) -> ComparableMetric {
    ComparableMetric {
        component: component.to_owned(),
        name: name.to_owned(),
        unit,
        value: Measured::Value(value),
        samples: 1200,
        spread: Measured::Value(spread),
        longest_pause: None,
        lost_users: None,
    }
}

/// A run with one metric of each kind, around `p95_ms`.
pub(crate) fn record(run_id: &str, users: u32, p95_ms: f64) -> RunRecord {
    let batches = [0.97, 1.01, 1.02].map(|factor| factor * p95_ms).to_vec();
    RunRecord {
        run_id: run_id.to_owned(),
        conditions: conditions(users),
        started_at: Some("2026-11-24T00:42:09.100649Z".to_owned()),
        git_commit: Some("09bd985a".to_owned()),
        git_branch: Some("main".to_owned()),
        window: WindowName::Steady,
        window_s: Some(280.5),
        is_trusted: true,
        metrics: vec![
            ComparableMetric {
                value: Measured::undefined("no samples"),
                spread: Measured::undefined("no samples"),
                samples: 0,
                ..metric("cache_l3", "hit_rate", Unit::Ratio, 0.0, Spread::Batches { values: vec![] })
            },
            metric("request", "ok_p95_ms", Unit::Milliseconds, p95_ms, Spread::Batches { values: batches }),
            metric(
                "request",
                "success_rate",
                Unit::Ratio,
                0.975,
                Spread::Share { hits: 1170, of: 1200, effective: 811.25 },
            ),
            metric(
                "resources",
                "memory_growth_mb",
                Unit::Megabytes,
                -1.5,
                Spread::Estimate { standard_error: 0.75, degrees_of_freedom: 38.5 },
            ),
        ],
    }
}

pub(crate) fn baseline(name: &str, runs: Vec<RunRecord>) -> Baseline {
    Baseline {
        schema_version: SCHEMA_VERSION,
        name: name.to_owned(),
        saved_at: "2026-11-24T08:15:00Z".to_owned(),
        tool: "cmo-metrics 0.1.0".to_owned(),
        runs,
    }
}

//! The table of rules, from the specific to the general: a finding that says what an earlier rule found joins it.

use super::finding::Finding;
use super::{
    Facts, breaker, bursts, cache, cache_tiers, component, custom, fallback, lightrag, lightrag_modes, load,
    quality, queueing, regression, requests, resources, trends,
};
use crate::config::Config;
use crate::judge::Severity;

/// A rule by its name in `[advice.rules]`.
type Rule = (&'static str, fn(&Facts<'_>, &Config) -> Vec<Finding>);

/// In the order of the settings, which says why.
pub const RULES: [Rule; 35] = [
    ("recording_incomplete", quality::recording_incomplete),
    ("load_generator_saturated", load::load_generator_saturated),
    ("rate_below_target", load::rate_below_target),
    ("measure_longer", quality::measure_longer),
    ("unsteady", quality::unsteady),
    ("failures_cluster", bursts::failures_cluster),
    ("success_rate_below_target", requests::success_rate_below_target),
    ("component_fails", component::component_fails),
    ("tail_from_one_component", requests::tail_from_one_component),
    ("p95_above_target", requests::p95_above_target),
    ("lightrag_success_below_target", lightrag::success_below_target),
    ("fallback_success_below_target", fallback::success_below_target),
    ("calls_queue", queueing::calls_queue),
    ("lightrag_slow", lightrag::slow),
    ("retry_storm", queueing::retry_storm),
    ("lightrag_mode_costly", lightrag_modes::mode_costly),
    ("lightrag_hybrid_share_low", lightrag_modes::hybrid_share_low),
    ("breaker_flaps", breaker::flaps),
    ("breaker_opens_too_late", breaker::opens_too_late),
    ("breaker_opens_too_early", breaker::opens_too_early),
    ("breaker_closes_too_early", breaker::closes_too_early),
    ("breaker_availability_low", breaker::availability_low),
    ("breaker_recovery_low", breaker::recovery_low),
    ("fallback_cost_efficiency_low", fallback::cost_efficiency_low),
    ("fallback_quality_drops", fallback::quality_drops),
    ("cache_tier_below_target", cache_tiers::tier_below_target),
    ("cache_tier_slow", cache_tiers::tier_slow),
    ("cache_cold", cache::cold),
    ("cache_health", cache::health),
    ("memory_leak", resources::memory_leak),
    ("memory_growth_above_target", resources::memory_growth_above_target),
    ("cpu_busy", resources::cpu_busy),
    ("custom_target_missed", custom::custom_target_missed),
    ("regressed", regression::regressed),
    ("degrading", trends::degrading),
];

/// A finding with the rule that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub rule: &'static str,
    pub finding: Finding,
}

/// All findings, in the order of the table; none is graver than its rule may be.
pub fn candidates(facts: &Facts<'_>, config: &Config) -> Vec<Candidate> {
    let of_rule = |(rule, find): &Rule| {
        let row = config.advice.rules.get(*rule).filter(|row| row.enabled);
        let findings = row.map(|row| (row.at_most, find(facts, config)));
        let (at_most, findings) = findings.unwrap_or((Severity::Low, Vec::new()));
        findings
            .into_iter()
            // A number that is not finite is no evidence.
            .filter(|finding| finding.number.is_finite())
            .map(|mut finding| {
                finding.severity = finding.severity.min(at_most);
                Candidate { rule, finding }
            })
            .collect::<Vec<_>>()
    };
    RULES.iter().flat_map(of_rule).collect()
}

//! The fallback chain: unanswered requests, cost, and quality that is lost on the way.

use super::Facts;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::{miss_below, miss_of_share, missed, severity_by_health};
use super::words::{counted, label};
use crate::config::Config;
use crate::metrics::FALLBACK;
use crate::summary::{Fallback, FallbackLevel, Measured};
use crate::units::{Unit, count, usd};

/// Too few of the requests that entered the chain were answered.
pub fn success_below_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "fallback_success_rate") else { return Vec::new() };
    // A chain of LightRAG alone is no chain: its own rule speaks of it.
    let Some(fallback) = facts.summary.fallback.value().filter(|chain| chain.levels.len() > 1) else {
        return Vec::new();
    };
    let weakest = weakest_behind_first(fallback);
    let finding = missed
        .finding(FALLBACK, Cause::Failures, "Fallback success rate", config)
        .at_least(severity_by_health(facts, FALLBACK))
        .because(fallback.levels.iter().filter_map(level_told))
        .because(weakest.iter().flat_map(|level| failures::told(facts.summary, &level.level)))
        .act(action(facts, weakest, config))
        .gaining(more_answers(fallback, missed.verdict.limit));
    vec![finding]
}

/// The level with most failed attempts, LightRAG apart: of that one another rule speaks.
fn weakest_behind_first(fallback: &Fallback) -> Option<&FallbackLevel> {
    let levels = fallback.levels.iter().skip(1);
    levels
        .filter(|level| level.successes < level.attempts)
        .max_by_key(|level| level.attempts - level.successes)
}

fn action(facts: &Facts<'_>, weakest: Option<&FallbackLevel>, config: &Config) -> String {
    let Some(level) = weakest else {
        return "Add a last level that always answers (an older cached answer, a short apology with sources).".to_owned();
    };
    if level.level == "cache_fallback" {
        return "Keep answers for longer in the fallback's cache (a TTL of its own) and match similar questions, so \
                that the last level has an answer more often."
            .to_owned();
    }
    let name = label(&level.level);
    match failures::remedies(facts.summary, &level.level, &config.advice) {
        Some(remedies) => format!("Strengthen {name} first. {remedies}"),
        None => format!("Strengthen {name} first: review its rate limit, its deadline and its concurrency."),
    }
}

fn level_told(level: &FallbackLevel) -> Option<String> {
    Some(format!(
        "{} answered {} of {} ({}).",
        label(&level.level),
        count(level.successes),
        counted(level.attempts, "attempt"),
        Unit::Ratio.print(level.success_rate.number()?),
    ))
}

fn more_answers(fallback: &Fallback, limit: f64) -> Measured<String> {
    fallback.requests_answered.clone().map(|answered| {
        let needed = (limit * fallback.requests_entered as f64).floor() as u64 + 1;
        format!(
            "The target needs {} more answers than the {} that there were.",
            count(needed.saturating_sub(answered)),
            count(answered),
        )
    })
}

/// Answers cost so much that the chain is not efficient, though it answers.
pub fn cost_efficiency_low(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(fallback) = facts.summary.fallback.value() else { return Vec::new() };
    let limit = config.health.fallback_system.healthy.cost_efficiency_at_least;
    let numbers = (fallback.cost_efficiency.number(), fallback.overall_success.number());
    let ((Some(efficiency), Some(success)), Some(limit)) = (numbers, limit) else { return Vec::new() };
    // Below the limit even without any cost it is the success that is missing.
    if fallback.requests_entered < config.advice.min_calls || efficiency >= limit || success < limit {
        return Vec::new();
    }
    let headline = format!(
        "Fallback cost efficiency ({}) below the {} of a healthy chain.",
        Unit::Number.print(efficiency),
        Unit::Number.print(limit),
    );
    let cost = fallback.cost_per_answer_usd.number();
    let costliest = fallback
        .levels
        .iter()
        .filter_map(|level| Some((level.total_cost_usd.number()?, level)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    vec![
        Finding::new(FALLBACK, Cause::Cost, (efficiency, Unit::Number), headline)
            .missing(limit, miss_of_share(efficiency, limit), &config.advice)
            .because(cost.map(|cost_usd| format!("An answer costs {} in the mean.", usd(cost_usd))))
            .because(costliest.map(|(cost_usd, level)| {
                format!("{} takes {} of it in all.", label(&level.level), usd(cost_usd))
            }))
            .act("Answer more from the caches, and try the cheaper level first for simple questions."),
    ]
}

/// The answers of the later levels are so much worse that it shows in the mean of all.
pub fn quality_drops(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(fallback) = facts.summary.fallback.value() else { return Vec::new() };
    let rated: Vec<(f64, &FallbackLevel)> = fallback
        .levels
        .iter()
        .filter(|level| level.successes > 0)
        .filter_map(|level| Some((level.mean_quality.number()?, level)))
        .collect();
    let Some(((first, _), later)) = rated.split_first() else { return Vec::new() };
    let answers: u64 = rated.iter().map(|(_, level)| level.successes).sum();
    let lost: f64 = later.iter().map(|(quality, level)| (first - quality) * level.successes as f64).sum();
    let lost = lost / answers as f64;
    let limit = config.advice.quality_loss_below;
    if answers < config.advice.min_calls || lost <= limit {
        return Vec::new();
    }
    let number = |value| Unit::Number.print(value);
    let headline = format!(
        "The fallback costs {} of the answers' quality in the mean (limit {}).",
        number(lost),
        number(limit)
    );
    let levels = rated.iter().map(|(quality, level)| {
        format!(
            "{}: quality {} of {}.",
            label(&level.level),
            number(*quality),
            counted(level.successes, "answer")
        )
    });
    vec![
        Finding::new(FALLBACK, Cause::Quality, (lost, Unit::Number), headline)
            .missing(limit, miss_below(lost, limit), &config.advice)
            .because(levels)
            .act(
                "Keep more requests at the first level (its failures and its circuit breaker), and give the later \
                 levels the retrieved passages as context.",
            )
            .gaining(Measured::Value(format!(
                "If all answers were as good as the first level's, the mean would be {} instead of {}.",
                number(*first),
                number(first - lost),
            ))),
    ]
}

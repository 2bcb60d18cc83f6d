//! Each rule about a breaker, the fallback or the caches at its limit.

use super::*;
use crate::judge::TrendWord;
use crate::summary::{Breaker, BreakerChange};

fn breaker(case: &mut Case) -> &mut Breaker {
    value(&mut case.summary.breaker)
}

#[test]
fn a_breaker_that_flaps() {
    let opened = |times: u64, duration_s: f64| {
        move |case: &mut Case| {
            breaker(case).breakers[0].transitions.insert("closed->open".into(), times);
            case.summary.window.duration_s = Measured::Value(duration_s);
        }
    };
    let none = |case: &mut Case| {
        opened(9, 60.0)(case);
        case.summary.window.duration_s = Measured::undefined("the run has no length");
    };
    let silent: [&dyn Fn(&mut Case); 3] = [&opened(4, 240.0), &opened(2, 10.0), &none];
    check("breaker_flaps", "circuit_breaker", opened(4, 239.0), &silent);
}

#[test]
fn the_availability_of_a_flapping_breaker_is_part_of_the_same_finding() {
    let mut case = Case::quiet(|_| {});
    breaker(&mut case).breakers[0].transitions.insert("closed->open".into(), 9);
    breaker(&mut case).breakers[0].availability_percent = Measured::Value(50.0);
    let said = case.recommend();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!((said[0].rule.as_str(), said[0].severity), ("breaker_flaps", Severity::Critical));
    assert!(
        said[0].evidence.iter().any(|sentence| sentence.contains("availability (50.00 %) below its 95.00 %"))
    );
}

#[test]
fn a_breaker_that_opens_late() {
    let opening = |rate: Measured<f64>, calls: u64| {
        move |case: &mut Case| {
            let change = BreakerChange {
                measured_failure_rate: rate.clone(),
                calls,
                ..breaker(case).breakers[0].openings[0].clone()
            };
            breaker(case).breakers[0].openings = vec![change];
        }
    };
    let inside = opening(Measured::Value(0.40), 50);
    let few = opening(Measured::Value(0.90), 49);
    let none = opening(Measured::undefined("no calls"), 50);
    check(
        "breaker_opens_too_late",
        "circuit_breaker",
        opening(Measured::Value(0.41), 50),
        &[&inside, &few, &none],
    );
    let configured = |case: &mut Case| {
        opening(Measured::Value(0.41), 50)(case);
        let settings = crate::run::BreakerSettings { open_above: Some(0.5), ..Default::default() };
        case.summary.identity.metadata.breakers.insert("lightrag".into(), settings);
    };
    check("breaker_opens_too_late", "circuit_breaker", opening(Measured::Value(0.41), 50), &[&configured]);
}

#[test]
fn a_breaker_that_opens_or_closes_early() {
    let opening = |rate: f64| {
        move |case: &mut Case| {
            breaker(case).breakers[0].openings[0].measured_failure_rate = Measured::Value(rate)
        }
    };
    let never = |case: &mut Case| {
        breaker(case).breakers[0].openings.clear();
        breaker(case).breakers[0].closings.clear();
    };
    check("breaker_opens_too_early", "circuit_breaker", opening(0.20), &[&opening(0.21), &never]);
    let closing = |rate: f64| {
        move |case: &mut Case| {
            breaker(case).breakers[0].closings[0].measured_failure_rate = Measured::Value(rate)
        }
    };
    check("breaker_closes_too_early", "circuit_breaker", closing(0.05), &[&closing(0.049), &never]);
}

#[test]
fn availability_and_recovery_of_a_breaker() {
    let available = |percent: f64, requests: u64| {
        move |case: &mut Case| {
            breaker(case).breakers[0].availability_percent = Measured::Value(percent);
            breaker(case).breakers[0].requests = requests;
        }
    };
    let silent: [&dyn Fn(&mut Case); 2] = [&available(95.0, 120), &available(90.0, 99)];
    check("breaker_availability_low", "circuit_breaker", available(94.9, 120), &silent);
    // So few calls prove it.
    check("breaker_availability_low", "circuit_breaker", available(50.0, 20), &[]);
    let recovers = |succeeded: u64, failed: u64| {
        move |case: &mut Case| {
            let one = &mut breaker(case).breakers[0];
            (one.recoveries_succeeded, one.recoveries_failed) = (succeeded, failed);
            one.recovery_success_rate =
                Measured::ratio(succeeded as f64, (succeeded + failed) as f64, "no recovery was tried");
        }
    };
    let silent: [&dyn Fn(&mut Case); 3] = [&recovers(9, 1), &recovers(1, 3), &recovers(0, 0)];
    check("breaker_recovery_low", "circuit_breaker", recovers(4, 1), &silent);
}

#[test]
fn success_cost_and_quality_of_the_fallback() {
    let set = |success: Measured<f64>, efficiency: f64, entered: u64| {
        move |case: &mut Case| {
            let fallback = value(&mut case.summary.fallback);
            fallback.overall_success = success.clone();
            fallback.cost_efficiency = Measured::Value(efficiency);
            fallback.requests_entered = entered;
        }
    };
    let success = |rate: f64, entered: u64| set(Measured::Value(rate), rate, entered);
    let none = set(Measured::undefined("no attempts"), 0.9, 112);
    let silent: [&dyn Fn(&mut Case); 3] = [&success(0.91, 112), &success(0.85, 99), &none];
    check("fallback_success_below_target", "fallback_system", success(0.90, 112), &silent);
    let cost = |efficiency: f64| set(Measured::Value(0.95), efficiency, 112);
    // With a success below the limit it is not the cost.
    let silent: [&dyn Fn(&mut Case); 2] = [&cost(0.80), &success(0.7, 112)];
    check("fallback_cost_efficiency_low", "fallback_system", cost(0.79), &silent);
    let quality = |quality: f64| {
        move |case: &mut Case| {
            let levels = &mut value(&mut case.summary.fallback).levels;
            (levels[0].successes, levels[1].successes) = (100, 100);
            levels[1].mean_quality = Measured::Value(quality);
        }
    };
    let unrated = |case: &mut Case| {
        value(&mut case.summary.fallback).levels.iter_mut().for_each(|level| {
            level.mean_quality = Measured::undefined("no call has quality");
        });
    };
    // (0.90 − 0.79) · 100 / 200 = 0.055.
    check("fallback_quality_drops", "fallback_system", quality(0.79), &[&quality(0.81), &unrated]);
}

#[test]
fn hit_rates_below_their_targets() {
    let silent: [&dyn Fn(&mut Case); 3] = [&tier(810, 190), &tier(28, 12), &tier(0, 0)];
    check("cache_tier_below_target", "cache_l1", tier(780, 220), &silent);
    let mut case = Case::quiet(|_| {});
    tier(780, 220)(&mut case);
    let said = case.says("cache_tier_below_target", "cache_l1").unwrap();
    let wanted = "L1 cache hit rate (78.00 %) below its 80.00 % target. Consider increasing";
    assert!(!said.text.starts_with(wanted), "fill 93 %, 3 evictions for 81 entries: it is not full");
    value(&mut case.summary.cache).tiers[0].peak_fill = Measured::Value(0.96);
    let said = case.says("cache_tier_below_target", "cache_l1").unwrap();
    assert!(said.text.starts_with(wanted), "{}", said.text);
    assert!(
        said.expected_effect.value().unwrap().contains("spare up to 20 look-ups of the L2 cache"),
        "{said:?}"
    );
}

#[test]
fn caches_that_started_cold_are_told_only_where_a_tier_falls_short() {
    let distinct = |hits: u64, misses: u64, distinct: u64| {
        move |case: &mut Case| {
            tier(hits, misses)(case);
            value(&mut case.summary.cache).tiers[0].distinct_keys = Measured::Value(distinct);
        }
    };
    let silent: [&dyn Fn(&mut Case); 2] = [&distinct(780, 220, 190), &distinct(810, 190, 201)];
    check("cache_cold", "cache", distinct(780, 220, 201), &silent);
    let rising = |case: &mut Case| {
        distinct(780, 220, 44)(case);
        case.trends = vec![trend("cache_hit_rate", TrendWord::Improving, 0.12)];
    };
    check("cache_cold", "cache", rising, &[&distinct(780, 220, 44)]);
}

#[test]
fn health_and_speed_of_the_cache() {
    let effectiveness = |score: f64| {
        move |case: &mut Case| value(&mut case.summary.cache).effectiveness = Measured::Value(score)
    };
    let none = |case: &mut Case| {
        value(&mut case.summary.cache).effectiveness = Measured::undefined("no look-ups");
    };
    check("cache_health", "cache", effectiveness(0.70), &[&effectiveness(0.79), &none]);
    let mean = |ms: f64, n: usize| {
        move |case: &mut Case| {
            value(&mut case.summary.cache).tiers[0].response_times = fixture::distribution(&vec![ms; n]);
        }
    };
    check(
        "cache_tier_slow",
        "cache_l1",
        mean(10.1, 400),
        &[&mean(10.0, 400), &mean(90.0, 99), &mean(0.0, 0)],
    );
}

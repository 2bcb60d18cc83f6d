//! What holds for every run: nothing is said twice, and each recommendation has its number, evidence and full stop.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// A share, a time, … anywhere in its valid range, or undefined.
fn maybe(range: std::ops::Range<f64>) -> impl Strategy<Value = Measured<f64>> {
    prop_oneof![
        4 => range.prop_map(Measured::Value),
        1 => Just(Measured::undefined("not measured")),
    ]
}

prop_compose! {
    fn shares()(shares in prop::collection::vec(maybe(0.0..1.0), 12)) -> Vec<Measured<f64>> { shares }
}

prop_compose! {
    fn case()(
        shares in shares(),
        counts in prop::collection::vec(0_u64..5000, 10),
        p95_ms in 0.0..10_000.0,
        queue_ms in maybe(0.0..2000.0),
        growth in maybe(-100.0..1000.0),
        complete in prop::option::of(any::<bool>()),
        per_s in maybe(0.0..100.0),
    ) -> Case {
        Case::changed(|run| {
            let share = |index: usize| shares[index].clone();
            run.requests.success_rate = share(0);
            run.requests.all = fixture::distribution(&vec![p95_ms; counts[0] as usize]);
            run.requests.totals.requests = counts[0];
            run.components[2].calls.mean_queue_ms = queue_ms;
            run.components[2].calls.all = fixture::distribution(&vec![p95_ms; counts[9] as usize]);
            let calls = fixture::lightrag_calls(run);
            calls.success_rate = share(1);
            (calls.counts.finished, calls.counts.ok) = (counts[1], counts[1]);
            let lightrag = value(&mut run.lightrag);
            lightrag.overall.counts.finished = counts[1];
            (lightrag.by_mode[0].share, lightrag.by_mode[1].share) = (share(2), share(3));
            let breaker = value(&mut run.breaker);
            breaker.breakers[0].availability_percent = share(4).map(|share| share * 100.0);
            breaker.breakers[0].recovery_success_rate = share(5);
            breaker.breakers[0].openings[0].measured_failure_rate = share(6);
            breaker.breakers[0].closings[0].measured_failure_rate = share(7);
            breaker.breakers[0].requests = counts[2];
            breaker.breakers[0].recoveries_failed = counts[3];
            breaker.breakers[0].transitions.insert("closed->open".into(), counts[4] % 20);
            let cache = value(&mut run.cache);
            (cache.lookup_hit_rate, cache.effectiveness) = (share(8), share(9));
            for (tier, (hits, misses)) in cache.tiers.iter_mut().zip([(counts[5], counts[6]), (counts[7], counts[8])]) {
                (tier.hits, tier.misses) = (hits, misses);
                tier.hit_rate = Measured::ratio(hits as f64, (hits + misses) as f64, "no look-ups");
                tier.response_times = fixture::distribution(&vec![p95_ms / 100.0; (hits + misses) as usize]);
            }
            let fallback = value(&mut run.fallback);
            (fallback.overall_success, fallback.cost_efficiency) = (share(10), share(11));
            value(&mut run.resources.memory).growth_mb_per_100_users = growth;
            run.data_quality.complete = complete;
            run.throughput.target_per_s = per_s;
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_recommendation_is_whole_and_none_is_made_twice(case in case()) {
        let said = case.recommend();
        let names: BTreeSet<(&str, &str)> =
            said.iter().map(|found| (found.rule.as_str(), found.subject.as_str())).collect();
        prop_assert_eq!(names.len(), said.len());
        let texts: BTreeSet<&str> = said.iter().map(|found| found.text.as_str()).collect();
        prop_assert_eq!(texts.len(), said.len());
        prop_assert!(said.is_sorted_by_key(|found| std::cmp::Reverse(found.severity)));
        for found in &said {
            prop_assert!(found.number.is_finite() && !found.evidence.is_empty() && !found.action.is_empty());
            prop_assert!(found.target.is_none_or(f64::is_finite), "{:?}", found);
            let effect = found.expected_effect.value().into_iter();
            for sentence in std::iter::once(&found.text).chain(&found.evidence).chain([&found.action]).chain(effect) {
                prop_assert!(sentence.ends_with('.'), "{}", sentence);
                let words: Vec<&str> = sentence.split(|letter: char| !letter.is_alphanumeric()).collect();
                prop_assert!(!words.iter().any(|word| ["NaN", "inf"].contains(word)), "{}", sentence);
                prop_assert!(!sentence.contains(crate::units::NONE) && !sentence.contains("  "), "{}", sentence);
            }
            prop_assert!(found.text.chars().any(|letter| letter.is_ascii_digit()), "{}", found.text);
            prop_assert!(found.text.ends_with('.'), "{}", found.text);
        }
    }

    #[test]
    fn the_same_facts_give_the_same_recommendations(case in case()) {
        prop_assert_eq!(case.recommend(), case.recommend());
    }
}

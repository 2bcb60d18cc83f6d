//! What many runs say together, and what too few do not.

use proptest::prelude::*;

use super::*;
use crate::summary::fixture;

/// Runs of these numbers of users, each with a P95 and a success rate.
fn runs(users: &[u32], p95_ms: impl Fn(u32) -> f64, success: impl Fn(u32) -> f64) -> Vec<RunNumbers> {
    let run = |(index, &users): (usize, &u32)| RunNumbers {
        run_id: format!("run_{index}"),
        users: Some(users),
        metrics: vec![
            ("request/p95_ms".to_owned(), Some(p95_ms(users))),
            ("request/success_rate".to_owned(), Some(success(users))),
        ],
        shares: vec![
            ("lightrag".to_owned(), 0.3 + f64::from(users) / 500.0 + f64::from(users % 3) / 100.0),
            ("cache_l1".to_owned(), 0.2 - f64::from(users) / 2_000.0 - f64::from(users % 3) / 100.0),
            ("unattributed".to_owned(), 0.5 - f64::from(users) * 0.0015),
        ],
    };
    users.iter().enumerate().map(run).collect()
}

fn related(runs: &[RunNumbers]) -> AcrossRuns {
    relate_runs(runs, &Config::defaults())
}

const LADDER: [u32; 8] = [10, 25, 50, 75, 100, 150, 200, 250];

#[test]
fn what_moves_with_the_users_is_found_with_its_sign() {
    let found =
        related(&runs(&LADDER, |users| 100.0 + f64::from(users), |users| 1.0 - f64::from(users) / 1e4));
    let pairs = found.pairs.value().unwrap();
    assert_eq!(pairs.len(), 3);
    let words: Vec<(&str, &str, &str)> =
        pairs.iter().map(|pair| (pair.a.as_str(), pair.b.as_str(), pair.word.as_str())).collect();
    assert!(words.contains(&("users", "request/p95_ms", "together")));
    assert!(words.contains(&("users", "request/success_rate", "opposite")));
    // Exact: 2/8!; Holm over three pairs.
    assert_eq!((pairs[0].p, pairs[0].adjusted_p, pairs[0].n), (2.0 / 40_320.0, 6.0 / 40_320.0, 8));
    assert!(found.pairs_sentence.starts_with("Over the runs, "), "{}", found.pairs_sentence);
}

#[test]
fn fewer_than_six_runs_claim_nothing() {
    let found = related(&runs(&LADDER[..5], f64::from, f64::from));
    assert_eq!(found.pairs.reason(), Some("runs: 5, at least 6 needed"));
    assert_eq!(
        found.pairs_sentence,
        "Which metrics move together over the runs is unknown: runs: 5, at least 6 needed."
    );
    assert!(related(&[]).pairs.reason().is_some());
}

#[test]
fn runs_without_a_number_leave_the_pair_out_with_its_reason() {
    let mut few = runs(&LADDER, f64::from, |_| 1.0);
    few.iter_mut().take(3).for_each(|run| run.metrics[0].1 = None);
    let found = related(&few);
    let reasons: Vec<&str> = found.pairs_left_out.iter().map(|pair| pair.reason.as_str()).collect();
    assert!(reasons.contains(&"runs that have both: 5, at least 6 needed"), "{reasons:?}");
    assert!(reasons.contains(&"one of them does not vary among the runs"), "{reasons:?}");
    assert!(found.pairs.value().unwrap().is_empty());
    assert_eq!(found.pairs_sentence, "Of 0 pairs of metrics none is shown to move together over 8 runs.");
}

#[test]
fn the_component_whose_share_grows_is_named_with_what_it_rests_on() {
    let found = related(&runs(&LADDER, f64::from, |_| 1.0));
    let shares = found.shares.value().unwrap();
    assert_eq!(shares.growing, crate::summary::Measured::Value("lightrag".to_owned()));
    assert!((shares.components[0].slope_per_100_users - 0.2).abs() < 0.01);
    assert_eq!((shares.levels, shares.runs), (8, 8));
    let word =
        |name: &str| shares.components.iter().find(|share| share.component == name).unwrap().word.clone();
    assert_eq!((word("cache_l1").as_str(), word("lightrag").as_str()), ("shrinks", "grows"));
    assert!(
        found
            .shares_sentence
            .starts_with("The share of lightrag in the requests' time grows most with load: from 33.00 %")
    );
}

#[test]
fn shares_that_only_scatter_are_not_said_to_grow() {
    let mut scattered = runs(&LADDER, f64::from, |_| 1.0);
    for (index, run) in scattered.iter_mut().enumerate() {
        let noise = [0.1, -0.1, 0.05, -0.08, 0.09, -0.02, 0.07, -0.11][index];
        run.shares = vec![("lightrag".to_owned(), 0.5 + noise), ("unattributed".to_owned(), 0.5 - noise)];
    }
    let found = related(&scattered);
    assert_eq!(
        found.shares.value().unwrap().growing.reason(),
        Some("no component's share grows by more than noise")
    );
    assert!(found.shares_sentence.starts_with("No component's share"), "{}", found.shares_sentence);
}

#[test]
fn few_levels_and_runs_without_shares_say_nothing_of_shares() {
    let three = related(&runs(&[10, 10, 25, 50], f64::from, |_| 1.0));
    assert_eq!(three.shares.reason(), Some("load levels: 3, at least 4 needed"));
    let mut silent = runs(&LADDER, f64::from, |_| 1.0);
    silent.iter_mut().for_each(|run| run.shares.clear());
    assert!(related(&silent).shares.reason().unwrap().starts_with("no run has both users"));
    let mut one = runs(&LADDER, f64::from, |_| 1.0);
    one[0].users = None;
    let found = related(&one);
    assert_eq!(found.shares.value().unwrap().left_out[0].run_id, "run_0");
}

#[test]
fn the_numbers_of_a_run_are_those_of_the_catalogue_and_its_shares() {
    let run = fixture::run_summary();
    let keys = ["request/p95_ms", "cache/lookup_hit_rate", "graph_db/p95_ms"].map(str::to_owned);
    let numbers = RunNumbers::of(&run, &keys);
    assert_eq!((numbers.run_id.as_str(), numbers.users), ("fixture", Some(25)));
    let wanted = [run.requests.all.value_ms(0.95), Some(0.91), None];
    let wanted: Vec<(String, Option<f64>)> = keys.into_iter().zip(wanted).collect();
    assert_eq!(numbers.metrics, wanted);
    let shares: f64 = numbers.shares.iter().map(|(_, share)| share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_runs_does_not_matter_and_adjusting_never_lowers_p(
        values in prop::collection::vec((1u32..300, 0f64..1e3, 0f64..1.0), 6..12), turn in 0usize..12
    ) {
        let mut runs: Vec<RunNumbers> = values
            .iter()
            .enumerate()
            .map(|(index, (users, p95, success))| {
                let mut run = runs(&[*users], |_| *p95, |_| *success).remove(0);
                run.run_id = format!("run_{index}");
                run
            })
            .collect();
        let found = related(&runs);
        for pair in found.pairs.value().unwrap() {
            prop_assert!(pair.p <= pair.adjusted_p && pair.adjusted_p <= 1.0);
            prop_assert!(pair.interval.value().is_none_or(|interval| interval.contains(pair.coefficient)));
        }
        let turn = turn % runs.len();
        runs.rotate_left(turn);
        prop_assert_eq!(related(&runs), found);
    }
}

//! The policy: what fails, what passes and says what that means, and what cannot be judged.

use super::*;

fn gate(p95_ms: f64, spread: f64) -> crate::judge::Gate {
    let metrics = |value| with(healthy(1_000.0), time("request/ok_p95_ms", value, spread));
    compare(metrics(p95_ms), vec![metrics(1_000.0)]).gate
}

#[test]
fn what_is_proven_and_large_fails() {
    // d/e = 0.1823/0.0447: p = 0.00077.
    let found = gate(1_200.0, 0.05);
    assert_eq!(found.code, ExitCode::GateFailed);
    let wanted = "gate: request/ok_p95_ms regressed by +20.0 % (medium), from 1,000 ms to 1,200 ms";
    assert_eq!(found.reasons, [wanted]);
    assert_eq!(found.passed, None);
}

#[test]
fn what_is_large_and_not_proven_asks_for_a_repeat() {
    // d/e = 0.2231/0.1152: p = 0.038.
    let found = gate(1_250.0, 0.2);
    assert_eq!(found.code, ExitCode::CouldNotJudge);
    let wanted = "gate: request/ok_p95_ms is suspected to have regressed by +25.0 % (at most +53.5 %), from 1,000 ms to \
                  1,250 ms (repeat the run; both count together)";
    assert_eq!(found.reasons, [wanted]);
}

#[test]
fn what_is_proven_and_small_passes_and_says_what_that_means() {
    // +12 % at p = 0.013 is suspected, below the limit that fails and with +30 % excluded.
    let found = gate(1_120.0, 0.05);
    assert_eq!((found.code, found.reasons.len()), (ExitCode::Clean, 0));
    let wanted =
        "no regression found: P95 +12.0 % (at most +21.3 %); runs like these show +19.9 % four times in five";
    assert_eq!(found.passed.unwrap().sentence, wanted);
}

#[test]
fn data_in_which_a_grave_regression_could_hide_are_no_pass() {
    // e = 0.222: ±40 %.
    let found = gate(1_000.0, 0.4);
    assert_eq!(found.code, ExitCode::CouldNotJudge);
    let reason = &found.reasons[0];
    assert!(reason.contains("+0.0 % (at most +48.6 %), so +30.0 % could hide"), "{reason}");
    // e at w = 2, 3, 5 is 0.192, 0.181, 0.172: t·e = 0.343, 0.323, 0.307, all above ln 1.3 = 0.262.
    assert!(reason.ends_with("(record longer runs, or compare with a baseline of more runs)"), "{reason}");
    // e = 0.16: at most +33 %; judged with a repeat 0.138: +28 %.
    let near = gate(1_000.0, 0.284);
    assert!(
        near.reasons[0].ends_with("(one repeat, judged together, would probably exclude it)"),
        "{:?}",
        near.reasons
    );
}

#[test]
fn what_must_be_excluded_is_asked_for() {
    let with_options = |must_exclude, fail_on| {
        let options = ComparisonOptions { must_exclude, fail_on, ..ComparisonOptions::default() };
        let base = baseline(vec![run("base", healthy(1_000.0))]);
        let settings = Config::defaults().regression;
        compare_with_baseline(&run("now", healthy(1_120.0)), &base, &options, &settings).gate
    };
    assert_eq!(with_options(None, Severity::Medium).code, ExitCode::Clean);
    // +21 % is possible.
    let strict = with_options(Some(Severity::Medium), Severity::Medium);
    assert_eq!((strict.code, strict.must_exclude), (ExitCode::CouldNotJudge, Severity::Medium));
    // What would not fail, were it proven, need not be excluded.
    assert_eq!(with_options(Some(Severity::Medium), Severity::High).code, ExitCode::Clean);
}

#[test]
fn a_loss_of_three_points_of_all_requests_fails() {
    let lost = compare(
        with(healthy(1_000.0), share("request/success_rate", 9_500, 10_000)),
        vec![with(healthy(1_000.0), share("request/success_rate", 9_800, 10_000))],
    );
    assert_eq!(lost.gate.code, ExitCode::GateFailed, "{:?}", lost.gate.reasons);
    assert!(lost.gate.reasons[0].contains("regressed by -3.00 points (medium)"), "{:?}", lost.gate.reasons);
}

#[test]
fn metrics_that_could_reach_the_limit_by_chance_share_the_chance_of_a_false_alarm() {
    // Both vary so much that +15 % is within reach: each has half of α. d/e = 3.18 is p = 0.0040, 3.55 is p = 0.0020.
    let noisy =
        |p95_ms: f64| vec![time("request/ok_p95_ms", p95_ms, 0.1), time("request/ok_per_s", 20.0, 0.1)];
    let mut settings = Config::defaults().regression;
    settings.metrics.retain(|key, rule| !rule.gate || key.starts_with("request/ok_"));
    let judge = |p95_ms: f64, settings: &crate::config::RegressionSettings| {
        let base = baseline(vec![run("base", noisy(1_000.0))]);
        let found =
            compare_with_baseline(&run("now", noisy(p95_ms)), &base, &ComparisonOptions::default(), settings);
        (word(&found, "request/ok_p95_ms"), found.gate.code)
    };
    assert_eq!(judge(1_240.0, &settings), (Some(ChangeWord::Regressed), ExitCode::CouldNotJudge));
    assert_eq!(judge(1_300.0, &settings), (Some(ChangeWord::Regressed), ExitCode::GateFailed));
    settings.metrics.remove("request/ok_per_s");
    assert_eq!(judge(1_240.0, &settings).1, ExitCode::GateFailed);
}

#[test]
fn runs_of_another_length_are_not_comparable() {
    let of = |id: &str, window_s: f64| RunRecord { window_s: Some(window_s), ..run(id, healthy(1_000.0)) };
    let judge = |runs: Vec<RunRecord>, allow_different: Vec<Field>| {
        let options = ComparisonOptions { allow_different, ..ComparisonOptions::default() };
        compare_with_baseline(&of("now", 600.0), &baseline(runs), &options, &Config::defaults().regression)
    };
    let short = judge(vec![of("a", 60.0), of("b", 70.0)], Vec::new());
    assert_eq!(short.gate.code, ExitCode::CouldNotJudge);
    let reason = &short.gate.reasons[0];
    assert!(
        reason.starts_with("not comparable with the baseline: length: 1 min 0 s … 1 min 10 s in"),
        "{reason}"
    );
    assert!(reason.contains("factor of 1.5: record runs as long as"), "{reason}");
    assert_eq!(judge(vec![of("a", 60.0)], vec![Field::Length]).gate.code, ExitCode::Clean);
    assert_eq!(judge(vec![of("a", 400.0)], Vec::new()).gate.code, ExitCode::Clean);
    // Of several only those that are about as long are the measure.
    let mixed = judge(vec![of("a", 60.0), of("b", 500.0), of("c", 610.0)], Vec::new());
    assert_eq!(
        (mixed.gate.code, mixed.baseline.runs),
        (ExitCode::Clean, vec!["b".to_owned(), "c".to_owned()])
    );
}

#[test]
fn a_run_that_is_in_its_baseline_is_named() {
    let base = baseline(vec![run("now", healthy(1_000.0)), run("other", healthy(1_010.0))]);
    let options = ComparisonOptions::default();
    let settings = Config::defaults().regression;
    let found = compare_with_baseline(&run("now", healthy(1_000.0)), &base, &options, &settings);
    assert_eq!(found.in_baseline, ["now"]);
    assert_eq!(found.gate.code, ExitCode::Clean);
}

#[test]
fn the_mean_of_several_nights_fails_only_while_the_last_is_worse_too() {
    let night = |day: u32, p95_ms: f64| RunRecord {
        started_at: Some(format!("2026-01-{day:02}T03:00:00Z")),
        ..run(&format!("night-{day}"), healthy(p95_ms))
    };
    let judge = |last_ms: f64| {
        let (first, second, last) = (night(1, 1_300.0), night(2, 1_300.0), night(3, last_ms));
        let base = baseline(vec![run("base", healthy(1_000.0))]);
        let settings = Config::defaults().regression;
        compare_together(&last, &[&first, &second], &base, &ComparisonOptions::default(), &settings).gate.code
    };
    assert_eq!(judge(1_300.0), ExitCode::GateFailed);
    assert_eq!(judge(1_000.0), ExitCode::Clean, "mended");
}

#[test]
fn a_metric_that_one_of_several_runs_lacks_is_no_pass() {
    let without = || healthy(1_000.0).into_iter().filter(|metric| metric.component != "lightrag").collect();
    let (one, other) = (run("one", healthy(1_000.0)), run("other", without()));
    let base = baseline(vec![run("base", healthy(1_000.0))]);
    let settings = Config::defaults().regression;
    let found = compare_together(&one, &[&other], &base, &ComparisonOptions::default(), &settings);
    assert_eq!(found.gate.code, ExitCode::CouldNotJudge);
    assert!(found.gate.reasons[0].contains("lightrag/success_rate"), "{:?}", found.gate.reasons);
}

proptest! {
    #[test]
    fn more_failures_never_open_the_gate(ok in 0u64..=2_000, more in 0u64..=2_000, of_baseline in 1_900u64..=2_000) {
        let gate = |ok: u64| {
            let lost = with(healthy(1_000.0), share("request/success_rate", ok, 2_000));
            let base = with(healthy(1_000.0), share("request/success_rate", of_baseline, 2_000));
            compare(lost, vec![base]).gate.code
        };
        prop_assert!(gate(ok.saturating_sub(more)) >= gate(ok));
    }
}

#[test]
fn runs_that_differ_as_repeats_do_not_are_no_repeats() {
    let judge = |other_ms: f64| {
        let (one, other) = (run("one", healthy(1_000.0)), run("other", healthy(other_ms)));
        let base = baseline(vec![run("base", healthy(1_000.0))]);
        let settings = Config::defaults().regression;
        compare_together(&one, &[&other], &base, &ComparisonOptions::default(), &settings).is_mixed
    };
    assert!(!judge(1_050.0));
    assert!(judge(1_600.0));
}

#[test]
fn a_metric_without_a_limit_of_the_severity_is_named_beside_the_pass() {
    let found = compare_at(Severity::Critical, healthy(5_000.0), vec![healthy(1_000.0)]).gate;
    assert_eq!(found.code, ExitCode::Clean);
    let wanted = "without a limit of critical severity, so that they cannot fail: request/ok_p95_ms, request/ok_per_s, \
                  resources/memory_growth_mb";
    assert_eq!(found.passed.unwrap().beside, [wanted]);
    // What breaks down is critical, whatever limits its rule has.
    let hung = with(healthy(1_000.0), time("request/ok_per_s", 20.0, 0.03));
    let lost_users = Some(crate::summary::LostUsers { lost: 24, of: 25 });
    let hung = hung.into_iter().map(|metric| match metric.name.as_str() {
        "ok_per_s" => ComparableMetric { lost_users, ..metric },
        _ => metric,
    });
    let found = compare_at(Severity::Critical, hung.collect(), vec![healthy(1_000.0)]).gate;
    assert_eq!(found.code, ExitCode::GateFailed);
}

#[test]
fn a_baseline_says_what_it_cannot_tell_by_the_statistic_of_the_gate() {
    let settings = Config::defaults().regression;
    let told = |runs: Vec<Vec<ComparableMetric>>| {
        let runs: Vec<RunRecord> = runs
            .into_iter()
            .enumerate()
            .map(|(index, metrics)| run(&format!("run-{index}"), metrics))
            .collect();
        weaknesses(&runs.iter().collect::<Vec<_>>(), &settings)
    };
    let noisy = |p95_ms: f64| with(healthy(1_000.0), time("request/ok_p95_ms", p95_ms, 0.4));
    assert_eq!(told(vec![healthy(1_000.0)]), [""; 0]);
    // What is told is what a run that is no different gets.
    let same = compare(noisy(1_000.0), vec![noisy(1_000.0)]);
    assert_eq!(same.gate.code, ExitCode::CouldNotJudge);
    let wanted = "a comparison with one run like these cannot exclude +30.0 % of request/ok_p95_ms: record longer runs";
    assert_eq!(told(vec![noisy(1_000.0)]), [wanted]);
    let nearly = with(healthy(1_000.0), time("request/ok_p95_ms", 1_000.0, 0.284));
    assert!(told(vec![nearly])[0].ends_with("record longer runs or add 1 repeat"));
    let wild = told(vec![healthy(1_000.0), healthy(1_020.0), healthy(2_000.0)]);
    let wanted = "its runs differ by more than runs of one kind do: request/ok_p95_ms from 1,000 ms to 2,000 ms; a comparison \
                  excludes less";
    assert_eq!(wild[0], wanted);
    let mut few = time("request/ok_p95_ms", 1_000.0, 0.05);
    few.spread = Measured::undefined("samples: 300, at least 800 needed for 8 batches");
    assert_eq!(
        told(vec![with(healthy(1_000.0), few)]),
        [
            "cannot be compared with it: request/ok_p95_ms (samples: 300, at least 800 needed for 8 batches); record longer runs"
        ]
    );
}

#[test]
fn a_level_that_the_baseline_does_not_have_is_told_beside_all_that_it_has() {
    let of = |id: &str, users: u32| RunRecord {
        conditions: fixture::conditions(users),
        ..run(id, healthy(1_000.0))
    };
    let base = baseline(vec![of("a", 10), of("b", 25), of("c", 100)]);
    let settings = Config::defaults().regression;
    let found = compare_with_baseline(&of("now", 150), &base, &ComparisonOptions::default(), &settings);
    assert_eq!(
        found.gate.reasons,
        ["not comparable with the baseline: users: 10, 25, 100 in the baseline, 150 here"]
    );
}

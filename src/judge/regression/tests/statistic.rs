//! The statistic: its numbers as NumPy and SciPy give them, and what must hold whatever they are.

use super::*;

const P95: &str = "request/ok_p95_ms";

/// Batches around `centre`, each `steps` hundredths (of the logarithm) away.
fn batches(centre: f64, steps: [f64; 10]) -> ComparableMetric {
    let values = steps.map(|step| centre * (step / 100.0).exp()).to_vec();
    metric(P95, Unit::Milliseconds, centre, Spread::Batches { values })
}

const A: [f64; 10] = [-6.0, 5.0, -1.0, 2.0, -3.0, 4.0, -5.0, 3.0, 1.0, 0.0];
const B: [f64; 10] = [3.0, -4.0, 5.0, -2.0, 1.0, -5.0, 4.0, -3.0, 2.0, -1.0];
const CLIMBING: [f64; 10] = [-5.0, -4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0];

/// Several runs as one.
fn together(runs: Vec<Vec<ComparableMetric>>, base: Vec<Vec<ComparableMetric>>) -> Regression {
    let named = |what: &'static str| move |(index, metrics)| run(&format!("{what}-{index}"), metrics);
    let runs: Vec<RunRecord> = runs.into_iter().enumerate().map(named("now")).collect();
    let base = baseline(base.into_iter().enumerate().map(named("base")).collect());
    let others: Vec<&RunRecord> = runs[1..].iter().collect();
    let (options, settings) = (ComparisonOptions::default(), Config::defaults().regression);
    compare_together(&runs[0], &others, &base, &options, &settings)
}

#[track_caller]
fn assert_is(found: &Regression, low: f64, high: f64, p: f64, detectable: f64) {
    let found = change(found, P95);
    let interval = found.interval.value().unwrap();
    let smallest = found.smallest_detectable_change.number().unwrap();
    let numbers = [interval.low, interval.high, found.p.number().unwrap(), smallest];
    for (number, wanted) in numbers.into_iter().zip([low, high, p, detectable]) {
        assert!((number - wanted).abs() < 1e-10, "{numbers:?} are not {:?}", [low, high, p, detectable]);
    }
}

// The numbers of the next tests, with y the logarithms of the batches and Y those of the runs' values:
//   r = (d[:-1] @ d[1:])/(d @ d), d = y - y.mean(); phi = clip(mean((b*r + 1)/(b - 3)), 0, .8)
//   v = mean(y.var(ddof=1)/b)*(1 + phi)/(1 - phi); p = 2*v + .025**2; S2 = Y.var(ddof=1)
//   n0 = 2 if m >= 3 and S2/p > stats.f.ppf(.95, m - 1, 12) else 12; nu = n0 + m - 1
//   e = sqrt((n0*p + (m - 1)*S2)/nu*(1/w + 1/m)); d = mean of the judged - mean of the baseline
//   expm1(d - t*e), expm1(d + t*e), t = stats.t.ppf(.95, nu); stats.t.sf(d/e, nu)
//   expm1(max(log(1.15), stats.t.ppf(.996, nu)*e) + stats.t.ppf(.8, nu)*e)

#[test]
fn one_run_against_one_is_that_of_scipy() {
    let found = compare(vec![batches(1_100.0, B)], vec![vec![batches(1_000.0, A)]]);
    assert_is(&found, 0.0204388933473334, 0.18576429013877682, 0.02150427012222276, 0.19305813441673708);
}

#[test]
fn batches_that_depend_on_one_another_tell_less() {
    let climbing = || vec![batches(1_000.0, CLIMBING)];
    let found = compare(climbing(), vec![climbing()]);
    assert_is(&found, -0.1253821975758908, 0.14335655783403772, 0.5, 0.35556664287938716);
    // φ is bounded by 0.8: 10 · 0.2/1.8 independent batches.
    let effective = change(&found, P95).current_effective_samples.number().unwrap();
    assert!((effective - 10.0 / 9.0).abs() < 1e-12, "{effective}");
}

#[test]
fn two_runs_together_against_three_are_those_of_scipy() {
    let judged = vec![
        vec![batches(1_100.0, B)],
        vec![batches(1_150.0, [0.0, 2.0, -3.0, 4.0, -1.0, -4.0, 3.0, -2.0, 1.0, 0.0])],
    ];
    let base = vec![
        vec![batches(1_000.0, A)],
        vec![batches(1_030.0, [2.0, -1.0, 3.0, -4.0, 1.0, 0.0, -2.0, 2.0, -3.0, 2.0])],
        vec![batches(980.0, [1.0, -2.0, 2.0, -3.0, 0.0, 4.0, -1.0, -2.0, 3.0, -2.0])],
    ];
    let found = together(judged, base);
    assert_is(&found, 0.0720604975119097, 0.172633683082286, 0.0002520853924947939, 0.17569402251935876);
    assert_eq!(found.judged_together, ["now-0", "now-1"]);
    let current = change(&found, P95).current.number().unwrap();
    assert!((current - (1_100.0f64 * 1_150.0).sqrt()).abs() < 1e-9, "the geometric mean, {current}");
}

#[test]
fn baseline_runs_that_differ_widely_count_more_than_what_is_expected_of_them() {
    let base = vec![
        vec![batches(1_000.0, A)],
        vec![batches(1_030.0, [2.0, -1.0, 3.0, -4.0, 1.0, 0.0, -2.0, 2.0, -3.0, 2.0])],
        vec![batches(1_500.0, [1.0, -2.0, 2.0, -3.0, 0.0, 4.0, -1.0, -2.0, 3.0, -2.0])],
    ];
    let found = compare(vec![batches(1_100.0, B)], base);
    assert_is(&found, -0.3599988589422613, 0.4146607350088953, 0.5987188238699057, 1.9683773344698667);
}

#[test]
fn values_of_which_nothing_else_is_known_are_judged_by_their_spread_from_run_to_run() {
    let bare = |value: f64| {
        let mut p95 = time(P95, value, 0.05);
        p95.spread = Measured::undefined("only the value is known");
        vec![p95]
    };
    let runs = |count: usize| -> Vec<Vec<ComparableMetric>> {
        [1.0, 0.99, 1.01, 0.98, 1.02][..count].iter().map(|factor| bare(1_000.0 * factor)).collect()
    };
    let word_at = |factor: f64| word(&compare(bare(1_000.0 * factor), runs(5)), P95);
    assert_eq!(word_at(1.2), Some(ChangeWord::Regressed));
    assert_eq!(word_at(0.8), Some(ChangeWord::Improved));
    assert_eq!(word_at(1.0), Some(ChangeWord::Unchanged));
    let of_two = compare(bare(1_200.0), runs(2));
    assert_eq!(change(&of_two, P95).word.reason(), Some("only the value is known"));
}

#[test]
fn runs_of_one_day_count_as_one_where_the_baseline_has_several_days() {
    let on = |day: &str, id: &str, p95_ms: f64| RunRecord {
        started_at: Some(format!("{day}T03:00:00Z")),
        ..run(id, vec![time(P95, p95_ms, 0.05)])
    };
    let width = |runs: Vec<RunRecord>| {
        let now = run("now", vec![time(P95, 1_000.0, 0.05)]);
        let (options, settings) = (ComparisonOptions::default(), Config::defaults().regression);
        let found = compare_with_baseline(&now, &baseline(runs), &options, &settings);
        let interval = *change(&found, P95).interval.value().unwrap();
        interval.high.ln_1p() - interval.low.ln_1p()
    };
    let two_days =
        vec![on("2026-01-01", "a", 1_000.0), on("2026-01-01", "b", 1_000.0), on("2026-01-02", "c", 1_000.0)];
    let two = vec![on("2026-01-01", "a", 1_000.0), on("2026-01-02", "c", 1_000.0)];
    assert!((width(two_days.clone()) - width(two)).abs() < 1e-12);
    let one_day =
        two_days.into_iter().map(|run| RunRecord { started_at: Some("2026-01-01T04:00:00Z".into()), ..run });
    assert!(
        width(one_day.collect())
            < width(vec![on("2026-01-01", "a", 1_000.0), on("2026-01-02", "c", 1_000.0)])
    );
}

/// Throughput of a run that gave `level` in each of 20 batches, and 0 from batch `until` on.
fn throughput(level: f64, until: usize) -> ComparableMetric {
    let batch = |index: usize| if index < until { level * (1.0 + 0.02 * (index % 3) as f64) } else { 0.0 };
    let values: Vec<f64> = (0..20).map(batch).collect();
    let value = values.iter().sum::<f64>() / 20.0;
    metric("request/ok_per_s", Unit::PerSecond, value, Spread::Batches { values })
}

#[test]
fn a_throughput_that_hangs_is_regressed_whatever_its_logarithm() {
    for runs in [1, 3, 10] {
        let base: Vec<_> = (0..runs).map(|_| with(healthy(1_000.0), throughput(50.0, 20))).collect();
        for until in [13, 5, 0, 18] {
            let hung = compare(with(healthy(1_000.0), throughput(50.0, until)), base.clone());
            let found = change(&hung, "request/ok_per_s");
            assert_eq!(found.word.value(), Some(&ChangeWord::Regressed), "{runs} runs, {until}: {found:?}");
            assert!(found.note.as_ref().unwrap().contains("fell to 0"), "{found:?}");
            assert_eq!(hung.gate.code, ExitCode::GateFailed);
            assert!(
                hung.gate.reasons[0].contains("request/ok_per_s regressed by -"),
                "{:?}",
                hung.gate.reasons
            );
        }
    }
}

#[test]
fn a_pause_as_long_as_a_batch_is_found_wherever_it_begins() {
    // A twentieth of the run and more without a success, half of it in each of two batches: none of them is at 0.
    let paused = |longest_pause: f64| {
        let half = |index: usize| if index == 7 || index == 8 { 20.0 } else { 50.0 } * (1.0 + 0.02 * (index % 3) as f64);
        let values: Vec<f64> = (0..20).map(half).collect();
        let value = values.iter().sum::<f64>() / 20.0;
        let metric = metric("request/ok_per_s", Unit::PerSecond, value, Spread::Batches { values });
        ComparableMetric { longest_pause: Some(longest_pause), ..metric }
    };
    let found = |pause: f64| {
        let base = ComparableMetric { longest_pause: Some(0.002), ..throughput(50.0, 20) };
        compare(with(healthy(1_000.0), paused(pause)), vec![with(healthy(1_000.0), base)])
    };
    let long = found(0.06);
    assert_eq!(long.gate.code, ExitCode::GateFailed, "{:?}", long.gate);
    assert!(change(&long, "request/ok_per_s").note.as_ref().unwrap().contains("fell to 0"));
    assert_ne!(found(0.01).gate.code, ExitCode::GateFailed);
    // The baseline pauses, too.
    let both = compare(with(healthy(1_000.0), paused(0.06)), vec![with(healthy(1_000.0), paused(0.06))]);
    assert_ne!(both.gate.code, ExitCode::GateFailed);
}

/// The usual throughput, but for what the last batch brings.
fn ending(level: f64) -> ComparableMetric {
    let Measured::Value(Spread::Batches { mut values }) = throughput(50.0, 20).spread else { unreachable!() };
    values[19] = level;
    let value = values.iter().sum::<f64>() / 20.0;
    metric("request/ok_per_s", Unit::PerSecond, value, Spread::Batches { values })
}

#[test]
fn a_throughput_that_breaks_down_before_the_end_fails_however_late_that_is() {
    // Some users still find answers in the caches; the mean loses no more than its margin.
    for runs in [1, 3, 10] {
        let base: Vec<_> = (0..runs).map(|_| with(healthy(1_000.0), throughput(50.0, 20))).collect();
        for (level, code) in
            [(2.0, ExitCode::GateFailed), (20.0, ExitCode::GateFailed), (30.0, ExitCode::Clean)]
        {
            let found = compare(with(healthy(1_000.0), ending(level)), base.clone());
            assert_eq!(found.gate.code, code, "{runs} runs, {level}: {:?}", found.gate);
        }
    }
    let found = compare_at(
        Severity::Critical,
        with(healthy(1_000.0), ending(10.0)),
        vec![with(healthy(1_000.0), throughput(50.0, 20))],
    );
    let wanted = "gate: request/ok_per_s regressed (critical): came to 10.0 /s in its last 14.0 s, where its baseline has \
                  51.0 /s, and did not recover; its mean changed by -4.0 %, from 50.9 /s to 48.9 /s";
    assert_eq!(found.gate.reasons, [wanted]);
}

#[test]
fn a_baseline_that_ends_low_by_itself_is_the_measure_of_such_an_end() {
    let of = |level| with(healthy(1_000.0), ending(level));
    assert_ne!(compare(of(2.0), vec![of(2.0)]).gate.code, ExitCode::GateFailed);
    // Requests in flight when the load ends: a service a little slower leaves more of them.
    assert_ne!(compare(of(5.0), vec![of(12.0)]).gate.code, ExitCode::GateFailed);
}

#[test]
fn batches_that_vary_as_much_by_themselves_do_not_tell_a_break_down() {
    let noisy = |last: f64| {
        let values: Vec<f64> =
            (0..20).map(|index| if index == 19 { last } else { [10.0, 50.0, 90.0][index % 3] }).collect();
        let value = values.iter().sum::<f64>() / 20.0;
        let of_batches = metric("request/ok_per_s", Unit::PerSecond, value, Spread::Batches { values });
        with(healthy(1_000.0), of_batches)
    };
    assert_ne!(compare(noisy(10.0), vec![noisy(50.0)]).gate.code, ExitCode::GateFailed);
}

#[test]
fn users_that_never_came_back_fail_wherever_the_judged_window_ends() {
    let with_lost = |lost: u64, of: u64| {
        let lost_users = (lost > 0).then_some(crate::summary::LostUsers { lost, of });
        with(healthy(1_000.0), ComparableMetric { lost_users, ..throughput(50.0, 20) })
    };
    let code =
        |mine: u64, theirs: u64, of: u64| compare(with_lost(mine, of), vec![with_lost(theirs, of)]).gate.code;
    // More than half is critical, below −15 % of the users is no failure of the gate, and what the baseline does is none.
    assert_eq!(code(97, 0, 100), ExitCode::GateFailed);
    assert_eq!(code(20, 0, 100), ExitCode::GateFailed);
    assert_eq!(code(5, 0, 100), ExitCode::Clean);
    assert_eq!(code(97, 96, 100), ExitCode::Clean);
    assert_eq!(code(2, 0, 2), ExitCode::GateFailed);
    // Chance: one of four.
    assert_eq!(code(1, 0, 4), ExitCode::Clean);
    let told = compare(with_lost(5, 100), vec![with_lost(0, 100)]).gate.passed.unwrap();
    assert_eq!(
        told.beside,
        ["5 of 100 users never came back: at the end of the load they waited for answers that were long due"]
    );
}

#[test]
fn a_pause_shorter_than_a_batch_is_told_beside_the_pass() {
    let with_pause = |seconds: f64| {
        let longest_pause = Some(seconds / 280.0);
        with(healthy(1_000.0), ComparableMetric { longest_pause, samples: 14_000, ..throughput(50.0, 20) })
    };
    let beside = |mine: f64, theirs: f64| {
        let found = compare(with_pause(mine), vec![with_pause(theirs)]);
        assert_eq!(found.gate.code, ExitCode::Clean);
        found.gate.passed.unwrap().beside
    };
    assert_eq!(beside(9.0, 2.0), ["paused for 9 s, its baseline for at most 2 s"]);
    assert_eq!(beside(9.0, 0.0), ["paused for 9 s, its baseline never"]);
    assert_eq!(beside(3.0, 2.0), [""; 0], "whole seconds are counted");
    // So few requests that chance pauses as long.
    let few = |seconds: f64| {
        let mut metrics = with_pause(seconds);
        metrics.iter_mut().for_each(|metric| metric.samples = 280);
        metrics
    };
    assert_eq!(compare(few(5.0), vec![few(2.0)]).gate.passed.unwrap().beside, [""; 0]);
}

#[test]
fn a_batch_at_0_of_so_few_samples_is_no_fall() {
    let few = |until| ComparableMetric { samples: 60, ..throughput(0.2, until) };
    let found = compare(with(healthy(1_000.0), few(15)), vec![with(healthy(1_000.0), few(20))]);
    assert_eq!(change(&found, "request/ok_per_s").word.reason(), Some("a batch at 0 or below has no ratio"));
    assert_eq!(found.gate.code, ExitCode::CouldNotJudge);
}

#[test]
fn a_collapse_does_not_hide_in_its_own_variance() {
    // Half of the throughput in the second half of the run: the variance of its batches is far above that of the others.
    let half = |index: usize| if index < 10 { 50.0 } else { 25.0 } * (1.0 + 0.02 * (index % 3) as f64);
    let values: Vec<f64> = (0..20).map(half).collect();
    let value = values.iter().sum::<f64>() / 20.0;
    let collapsed = metric("request/ok_per_s", Unit::PerSecond, value, Spread::Batches { values });
    let healthy_run = || with(healthy(1_000.0), throughput(50.0, 20));
    let found = compare(with(healthy(1_000.0), collapsed), vec![healthy_run()]);
    assert_eq!(word(&found, "request/ok_per_s"), Some(ChangeWord::Regressed));
    assert_eq!(change(&found, "request/ok_per_s").note.as_deref(), Some("varies more than its baseline"));
    assert_eq!(found.gate.code, ExitCode::GateFailed);
    assert!(found.gate.reasons[0].contains("varies more than its baseline"), "{:?}", found.gate.reasons);
}

#[test]
fn shares_without_failures_stay_honest() {
    let runs = |ok: u64, of: u64| with(healthy(1_000.0), share("request/success_rate", ok, of));
    // A hundred calls, worth fifty, without a failure exclude little; ten thousand exclude it.
    let short = compare(runs(97, 100), vec![runs(100, 100)]);
    assert_ne!(word(&short, "request/success_rate"), Some(ChangeWord::Regressed));
    let long = compare(runs(9_700, 10_000), vec![runs(10_000, 10_000)]);
    assert_eq!(word(&long, "request/success_rate"), Some(ChangeWord::Regressed));
    assert_eq!(long.gate.code, ExitCode::GateFailed, "{:?}", long.gate.reasons);
    // v = mean((x + 1)*(n - x + 1)/(n + 2)**3) of 50 and 48.5 of 50; p = 2*v + .0025**2; e = sqrt(2*p)
    // .03 + stats.t.ppf(.95, 12)*e = 0.1199…
    let v = (51.0 * 1.0 + 49.5 * 2.5) / 2.0 / 52f64.powi(3);
    let e = (2.0 * (2.0 * v + 0.0025f64.powi(2))).sqrt();
    let interval = *change(&short, "request/success_rate").interval.value().unwrap();
    assert!((interval.low - (-0.03 - 1.7822875556493194 * e)).abs() < 1e-10, "{interval:?}");
}

proptest! {
    #[test]
    fn the_order_of_the_baseline_is_irrelevant(
        factors in prop::collection::vec(0.8f64..1.2, 2..8), turn in 0usize..8
    ) {
        let runs: Vec<_> = factors.iter().map(|factor| healthy(1_000.0 * factor)).collect();
        let mut turned = runs.clone();
        turned.rotate_left(turn % runs.len());
        let (one, other) = (compare(healthy(1_100.0), runs), compare(healthy(1_100.0), turned));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let (a, b) = (change(&one, P95), change(&other, P95));
        prop_assert!(close(a.change.number().unwrap(), b.change.number().unwrap()));
        prop_assert!(close(a.interval.value().unwrap().high, b.interval.value().unwrap().high));
        prop_assert_eq!(one.gate.code, other.gate.code);
    }

    #[test]
    fn more_baseline_runs_of_the_same_kind_never_widen_the_interval(spread in 0.005f64..0.3, more in 1usize..10) {
        let width = |runs: usize| {
            let one = || vec![time(P95, 1_000.0, spread)];
            let interval = *change(&compare(one(), (0..runs).map(|_| one()).collect()), P95).interval.value().unwrap();
            interval.high - interval.low
        };
        prop_assert!(width(more + 1) < width(more));
    }

    #[test]
    fn repeats_of_the_same_run_never_widen_the_interval(spread in 0.005f64..0.3, more in 1usize..5) {
        let width = |runs: usize| {
            let one = || vec![time(P95, 1_000.0, spread)];
            let found = together((0..runs).map(|_| one()).collect(), vec![one()]);
            let interval = *change(&found, P95).interval.value().unwrap();
            interval.high - interval.low
        };
        prop_assert!(width(more + 1) < width(more));
    }
}

#[test]
fn what_a_run_tells_of_itself_can_be_kept() {
    let settings = Config::defaults().regression;
    let insides = |metric: &ComparableMetric| Insides::of(metric, settings.rule(&metric.key()).unwrap().1);
    let near =
        |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-9, "{found} is not {wanted}");
    let of_batches = insides(&batches(1_000.0, A)).unwrap();
    near(of_batches.variance, 0.0014);
    near(of_batches.memory.unwrap(), -0.843_537_414_965_986_4);
    assert_eq!(of_batches.size, 10.0);
    let of_share = insides(&share("request/success_rate", 4_900, 5_000)).unwrap();
    near(of_share.variance, 7.980_894_525_734_523e-6);
    assert_eq!((of_share.memory, of_share.size), (None, 2_500.0));
    let undefined = ComparableMetric { spread: Measured::undefined("too few"), ..time(P95, 1.0, 0.1) };
    assert_eq!(insides(&undefined), None);
}

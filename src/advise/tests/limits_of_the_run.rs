//! Each rule about resources, the recording, a baseline, trends or the user's own targets at its limit.

use super::*;
use crate::config::Worse;
use crate::judge::{
    Assessment, BaselineGroup, ChangeWord, Comparability, Comparison, Coverage, Gate, MetricChange, Overload,
    SteadyCheck, SteadyWord, TrendWord,
};
use crate::stats::interval::Interval;
use crate::summary::WindowName;
use crate::units::{Scale, Unit};

fn leak(low: f64, slope: f64, high: f64) -> Measured<Leak> {
    Measured::Value(Leak {
        suspected: low > 0.0,
        slope_mb_per_min: slope,
        interval_mb_per_min: Interval { low, high },
        points: 24,
        projected_growth_mb: slope * 60.0,
        horizon_min: 60.0,
        limit_mb: Measured::Value(12.5),
    })
}

#[test]
fn memory_that_grows() {
    let grows = |mb: Measured<f64>| {
        move |case: &mut Case| {
            value(&mut case.summary.resources.memory).growth_mb_per_100_users = mb.clone();
        }
    };
    let none = grows(Measured::undefined("the metadata names no users"));
    let silent: [&dyn Fn(&mut Case); 2] = [&grows(Measured::Value(49.0)), &none];
    check("memory_growth_above_target", "resources", grows(Measured::Value(50.0)), &silent);
    check(
        "memory_leak",
        "resources",
        |case| case.leak = leak(1.0, 2.0, 3.0),
        &[&|case| case.leak = leak(-1.0, 0.2, 1.4)],
    );
}

#[test]
fn a_leak_and_the_growth_that_it_makes_are_one_finding_and_growth_without_a_leak_is_a_small_one() {
    let mut case = Case::quiet(|run| {
        value(&mut run.resources.memory).growth_mb_per_100_users = Measured::Value(500.0);
    });
    case.leak = leak(1.0, 2.0, 3.0);
    case.trends = vec![trend("memory_usage", TrendWord::Degrading, 0.5)];
    let said = case.recommend();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!(said[0].rule, "memory_leak");
    assert!(said[0].evidence.iter().any(|sentence| sentence.contains("(500 MB) above its 50.0 MB target")));
    case.leak = leak(-1.0, 0.2, 1.4);
    let said = case.recommend();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!((said[0].rule.as_str(), said[0].severity), ("memory_growth_above_target", Severity::Low));
}

#[test]
fn a_busy_cpu_and_a_saturated_load_generator() {
    let busy = |share: f64| {
        move |case: &mut Case| {
            value(&mut case.summary.resources.cpu).mean_share_of_machine = Measured::Value(share);
        }
    };
    let none = |case: &mut Case| case.summary.resources.cpu = Measured::undefined("no samples");
    let unknown_machine = |case: &mut Case| {
        let cpu = value(&mut case.summary.resources.cpu);
        (cpu.mean_percent, cpu.mean_share_of_machine) = (390.0, Measured::undefined("no cpus"));
    };
    check("cpu_busy", "resources", busy(0.85), &[&busy(0.84), &none, &unknown_machine]);
    let generator = |is_saturated: bool| {
        move |case: &mut Case| {
            case.summary.data_quality.load_generator_saturated = Measured::Value(is_saturated);
            case.summary.resources.load_generator_cpu_percent = Measured::Value(92.0);
        }
    };
    check("load_generator_saturated", "load_generator", generator(true), &[&generator(false), &|_| {}]);
}

#[test]
fn an_open_loop_behind_its_rate() {
    let target =
        |per_s: f64| move |case: &mut Case| case.summary.throughput.target_per_s = Measured::Value(per_s);
    // The fixture finishes 20.6 a second: 0.95 · 21.6 = 20.5.
    check("rate_below_target", "request", target(21.8), &[&target(21.6), &|_| {}]);
}

#[test]
fn recordings_that_are_cut_or_short() {
    let complete = |is: Option<bool>| move |case: &mut Case| case.summary.data_quality.complete = is;
    let silent: [&dyn Fn(&mut Case); 2] = [&complete(Some(true)), &complete(None)];
    check("recording_incomplete", "recording", complete(Some(false)), &silent);
    let requests = |n: u64| move |case: &mut Case| case.summary.requests.totals.requests = n;
    check("measure_longer", "recording", requests(199), &[&requests(200)]);
    let mut case = Case::quiet(|_| {});
    tier(28, 12)(&mut case);
    let said = case.says("measure_longer", "recording").unwrap();
    // 10 samples beyond 80 % take 50 look-ups, there are 40: 412 · 50/40 requests. 25 s would be too short to be steady.
    assert!(said.text.contains("515 needed") && said.text.contains("at least 50 s"), "{}", said.text);
    assert!(said.evidence.iter().any(|sentence| sentence.contains("`l1_hit_rate`")), "{said:?}");
}

#[test]
fn runs_that_never_got_steady() {
    let steadiness = |word: SteadyWord, overload: Measured<Overload>, length_s: i64| {
        move |case: &mut Case| {
            case.steadiness = Some(Steadiness {
                window: WindowName::Whole,
                start_us: 0,
                end_us: length_s * 1_000_000,
                because: "the whole run".into(),
                warm_up_s: 0.0,
                ramp_down_s: 0.0,
                is_trusted: word == SteadyWord::Steady,
                word,
                overload: overload.clone(),
                checks: vec![SteadyCheck {
                    metric: "ok_per_s".into(),
                    unit: Unit::PerSecond,
                    word,
                    quarters: vec![20.0, 21.0, 22.0, 23.0],
                    difference: Measured::Value(0.14),
                    limit: 0.1,
                    noise: Measured::Value(0.04),
                    half_width: Measured::Value(0.02),
                    reason: None,
                }],
            });
        }
    };
    let none = || Measured::undefined("completions keep up with arrivals");
    let steady = steadiness(SteadyWord::Steady, none(), 100);
    let untold = steadiness(SteadyWord::CannotTell, none(), 100);
    check("unsteady", "recording", steadiness(SteadyWord::NotSteady, none(), 100), &[&steady, &untold]);
    let short = steadiness(SteadyWord::CannotTell, none(), 49);
    check("unsteady", "recording", short, &[&steady]);
    let overload = Measured::Value(Overload { excess: 0.5, in_flight: 700.0 });
    let mut case = Case::quiet(|_| {});
    steadiness(SteadyWord::NotSteady, overload, 100)(&mut case);
    let said = case.says("unsteady", "recording").unwrap();
    assert!(said.text.contains("arrivals exceed completions by 50.00 %"), "{}", said.text);
}

fn change(component: &str, metric: &str, word: ChangeWord, severity: Option<Severity>) -> MetricChange {
    MetricChange {
        component: component.into(),
        metric: metric.into(),
        unit: if metric.ends_with("_ms") { Unit::Milliseconds } else { Unit::Ratio },
        baseline: Measured::Value(0.99),
        current: Measured::Value(0.90),
        baseline_runs: 1,
        runs: 1,
        scale: Some(Scale::Points),
        worse: Some(Worse::Lower),
        change: Measured::Value(-0.09),
        interval: Measured::Value(Interval { low: -0.1, high: -0.08 }),
        margin: 0.01,
        word: Measured::Value(word),
        severity,
        p: Measured::undefined("not asked"),
        baseline_effective_samples: Measured::undefined("not asked"),
        current_effective_samples: Measured::undefined("not asked"),
        smallest_detectable_change: Measured::undefined("not asked"),
        gate: false,
        note: None,
    }
}

fn regression(changes: Vec<MetricChange>) -> Option<Regression> {
    let assessment = Assessment {
        word: "CRITICAL".into(),
        critical: 1,
        high: 0,
        medium: 0,
        low: 0,
        improved: 0,
        suspected: 0,
        not_excluded: Vec::new(),
    };
    Some(Regression {
        baseline: BaselineGroup {
            name: "production".into(),
            saved_at: "2026-01-01T00:00:00Z".into(),
            age_days: None,
            runs: vec!["a".into()],
            group: "25 users".into(),
        },
        comparability: Comparability { comparable: true, fields: Vec::new() },
        comparison: Measured::Value(Comparison {
            window: WindowName::Steady,
            confidence: 0.9,
            assessment,
            changes,
            coverage: Coverage { compared: 1, total: 1, not_compared: Vec::new() },
            expected_false_alarms: 0.0,
        }),
        gate: Gate {
            code: crate::exit_code::ExitCode::Clean,
            fail_on: Severity::Medium,
            must_exclude: Severity::High,
            checks: Vec::new(),
            reasons: Vec::new(),
            passed: None,
        },
        judged_together: Vec::new(),
        is_mixed: false,
        in_baseline: Vec::new(),
    })
}

#[test]
fn a_regression_speaks_once_for_each_component_by_its_worst_metric() {
    let with = |word: ChangeWord| {
        move |case: &mut Case| {
            case.regression =
                regression(vec![change("vector_db", "success_rate", word, Some(Severity::High))]);
        }
    };
    let silent: [&dyn Fn(&mut Case); 3] =
        [&with(ChangeWord::Suspected), &with(ChangeWord::Improved), &with(ChangeWord::Inconclusive)];
    check("regressed", "vector_db", with(ChangeWord::Regressed), &silent);
    let mut case = Case::quiet(|_| {});
    case.regression = regression(vec![
        change("lightrag", "mean_ms", ChangeWord::Regressed, Some(Severity::Medium)),
        change("lightrag", "success_rate", ChangeWord::Regressed, Some(Severity::Critical)),
    ]);
    let said = case.recommend();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!((said[0].subject.as_str(), said[0].severity), ("lightrag", Severity::Critical));
    assert!(
        said[0].text.contains("success_rate fell from 99.00 % to 90.00 % (-9.00 points)"),
        "{}",
        said[0].text
    );
    assert!(
        said[0].evidence.iter().any(|sentence| sentence.contains("also regressed in mean_ms")),
        "{said:?}"
    );
}

#[test]
fn target_health_and_regression_of_one_success_rate_are_one_finding() {
    let mut case = Case::quiet(|run| fixture::lightrag_calls(run).success_rate = Measured::Value(0.94));
    case.regression =
        regression(vec![change("lightrag", "success_rate", ChangeWord::Regressed, Some(Severity::Critical))]);
    let said = case.recommend();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!(
        (said[0].rule.as_str(), said[0].severity),
        ("lightrag_success_below_target", Severity::Critical)
    );
    assert!(said[0].evidence.iter().any(|sentence| sentence.contains("worse than baseline production")));
}

#[test]
fn what_degrades_and_what_does_not() {
    let with =
        |word: TrendWord| move |case: &mut Case| case.trends = vec![trend("success_rate", word, -0.05)];
    let silent: [&dyn Fn(&mut Case); 4] = [
        &with(TrendWord::Improving),
        &with(TrendWord::Stable),
        &with(TrendWord::Volatile),
        &with(TrendWord::Inconclusive),
    ];
    check("degrading", "request", with(TrendWord::Degrading), &silent);
}

#[test]
fn a_missed_target_of_the_users_own() {
    let below = |limit: f64| {
        move |case: &mut Case| {
            let target = crate::config::Target { above: None, below: Some(limit), gate: false };
            case.config.custom_targets.insert("vector_db/mean_ms".into(), target);
        }
    };
    check("custom_target_missed", "vector_db/mean_ms", below(20.0), &[&below(21.0)]);
}

#[test]
fn a_cpu_that_rises_with_the_load_is_no_fault() {
    let rising = |case: &mut Case| case.trends = vec![trend("cpu_usage", TrendWord::Degrading, 0.5)];
    let with_load = |case: &mut Case| {
        rising(case);
        case.trends.push(trend("throughput", TrendWord::Improving, 0.5));
    };
    check("degrading", "resources", rising, &[&with_load]);
}

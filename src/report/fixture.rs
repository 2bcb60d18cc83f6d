//! Analyses made by hand, for the tests of the reports: one in which there is something of everything.

use crate::advise::Recommendation;
use crate::analysis::Analysis;
use crate::baseline::RunRecord;
use crate::baseline::fixture::{baseline, metric, record};
use crate::config::Config;
use crate::judge::{
    ComparisonOptions, CorrelatedPair, Correlation, Leak, PairLeftOut, Regression, Severity, Trend,
    TrendEvidence, TrendWord, compare_with_baseline,
};
use crate::stats::interval::Interval;
use crate::summary::{ComparableMetric, Measured, SlowTimeSpent, Spread, TimeExcess, fixture};
use crate::units::{Scale, Unit};

/// A run without a baseline.
pub fn plain() -> Analysis {
    Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap()
}

/// A run that got worse, with every kind of verdict.
pub fn judged() -> Analysis {
    let mut summary = fixture::run_summary();
    summary.slow_time_spent = Measured::Value(slow_time_spent());
    let mut analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    analysis.regression = Measured::Value(regression(current(), Severity::Medium));
    analysis.trends = trends();
    analysis.performance_trend = Measured::Value(TrendWord::Degrading);
    analysis.leak = Measured::Value(leak(true));
    analysis.correlation = Measured::Value(correlation());
    analysis.recommendations = recommendations();
    analysis
}

/// `metrics` against the baseline `production` of one run.
pub fn regression(metrics: Vec<ComparableMetric>, fail_on: Severity) -> Regression {
    let with = |run_id: &str, metrics| RunRecord { metrics, ..record(run_id, 25, 1.0) };
    let now = with("fixture", metrics);
    let options = ComparisonOptions { fail_on, ..ComparisonOptions::default() };
    let baseline = baseline("production", vec![with("load_25_a", before())]);
    compare_with_baseline(&now, &baseline, &options, &Config::defaults().regression)
}

/// The same run against a baseline of another load: not comparable.
pub fn incomparable() -> Regression {
    let mut now = record("fixture", 50, 900.0);
    now.conditions.load_model = None;
    let baseline = baseline("production", vec![record("load_25_a", 25, 812.0)]);
    let options = ComparisonOptions::default();
    compare_with_baseline(&now, &baseline, &options, &Config::defaults().regression)
}

fn spread_of(key: &str, unit: Unit, value: f64, relative: f64) -> ComparableMetric {
    let (component, name) = key.split_once('/').unwrap();
    let batch = |index: i32| value * (relative * f64::from(index % 5 - 2) / 2f64.sqrt()).exp();
    metric(component, name, unit, value, Spread::Batches { values: (0..20).map(batch).collect() })
}

fn share(key: &str, hits: u64, of: u64) -> ComparableMetric {
    let (component, name) = key.split_once('/').unwrap();
    let spread = Spread::Share { hits, of, effective: of as f64 / 2.0 };
    metric(component, name, Unit::Ratio, hits as f64 / of as f64, spread)
}

fn growth(value: f64) -> ComparableMetric {
    let spread = Spread::Estimate { standard_error: 20.0, degrees_of_freedom: 20.0 };
    metric("resources", "memory_growth_mb", Unit::Megabytes, value, spread)
}

fn untold(key: &str) -> ComparableMetric {
    let mut metric = spread_of(key, Unit::Milliseconds, 30.0, 0.05);
    metric.spread = Measured::undefined("too few samples: 300, at least 800 needed for 8 batches");
    metric
}

/// The numbers of the baseline's run.
pub fn before() -> Vec<ComparableMetric> {
    vec![
        share("cache_l1/hit_rate", 700, 1_000),
        share("cache_l3/hit_rate", 60, 100),
        share("lightrag/success_rate", 1_960, 2_000),
        spread_of("request/ok_mean_ms", Unit::Milliseconds, 400.0, 0.02),
        spread_of("request/ok_p50_ms", Unit::Milliseconds, 380.0, 0.15),
        spread_of("request/ok_p95_ms", Unit::Milliseconds, 812.0, 0.02),
        share("request/success_rate", 4_900, 5_000),
        spread_of("request/ok_per_s", Unit::PerSecond, 20.0, 0.01),
        growth(5.0),
        untold("vector_db/ok_p95_ms"),
        untold("vector_db/ok_p99_ms"),
    ]
}

fn current() -> Vec<ComparableMetric> {
    vec![
        share("cache_l1/hit_rate", 800, 1_000),
        share("lightrag/success_rate", 1_900, 2_000),
        spread_of("request/ok_mean_ms", Unit::Milliseconds, 500.0, 0.02),
        spread_of("request/ok_p50_ms", Unit::Milliseconds, 390.0, 0.15),
        spread_of("request/ok_p95_ms", Unit::Milliseconds, 1_009.0, 0.02),
        share("request/success_rate", 4_895, 5_000),
        spread_of("request/ok_per_s", Unit::PerSecond, 19.8, 0.01),
        growth(12.0),
        share("request/error_rate.timeout", 5, 5_000),
        untold("vector_db/ok_p95_ms"),
        untold("vector_db/ok_p99_ms"),
        spread_of("graph_db/ok_p95_ms", Unit::Milliseconds, 55.0, 0.05),
    ]
}

fn trends() -> Vec<Trend> {
    vec![
        trend("success_rate", Unit::Ratio, TrendWord::Stable, Scale::Points, -0.001),
        trend("response_time", Unit::Milliseconds, TrendWord::Inconclusive, Scale::Relative, 0.04),
        trend("p95_response_time", Unit::Milliseconds, TrendWord::Degrading, Scale::Relative, 0.231),
        trend("throughput", Unit::PerSecond, TrendWord::Volatile, Scale::Relative, -0.05),
        trend("cache_hit_rate", Unit::Ratio, TrendWord::Improving, Scale::Points, 0.042),
        Trend {
            direction: Measured::undefined("6 points, at least 10 needed"),
            evidence: Measured::undefined("6 points, at least 10 needed"),
            recent_values: vec![61.0, 62.5],
            ..trend("cpu_usage", Unit::Percent, TrendWord::Stable, Scale::Relative, 0.0)
        },
        trend("threads[worker-1]", Unit::Number, TrendWord::Rising, Scale::Relative, 0.5),
    ]
}

fn trend(metric: &str, unit: Unit, word: TrendWord, scale: Scale, change: f64) -> Trend {
    Trend {
        metric: metric.into(),
        unit,
        direction: Measured::Value(word),
        evidence: Measured::Value(TrendEvidence {
            points: 60,
            bin_s: 5.0,
            slope_per_min: change * 10.0,
            slope_interval_per_min: Measured::Value(Interval::around(change * 10.0, 0.2)),
            change: Measured::Value(change),
            change_interval: Measured::Value(Interval::around(change, 0.02)),
            change_scale: scale,
            margin: 0.05,
            p: 0.0004,
            coefficient_of_variation: Measured::Value(0.47),
            variation_beyond_counting: Measured::Value(0.42),
        }),
        recent_values: vec![1.0, 1.5, 2.0],
    }
}

/// 12.3 MB/min, or as good as nothing.
pub fn leak(suspected: bool) -> Leak {
    let slope_mb_per_min = if suspected { 12.3 } else { 0.1 };
    Leak {
        suspected,
        slope_mb_per_min,
        interval_mb_per_min: Interval::around(slope_mb_per_min, 4.0),
        points: 40,
        projected_growth_mb: slope_mb_per_min * 60.0,
        horizon_min: 60.0,
        limit_mb: Measured::Value(50.0),
    }
}

fn correlation() -> Correlation {
    let pair = |a: &str, b: &str, coefficient: f64, word: &str| CorrelatedPair {
        a: a.into(),
        b: b.into(),
        coefficient,
        interval: Measured::Value(Interval::around(coefficient, 0.08)),
        seconds: 290,
        effective_seconds: 121.4,
        p: 0.0001,
        significant: word != "not shown",
        word: word.into(),
    };
    Correlation {
        pairs: vec![
            pair("lightrag", "vector_db", 0.82, "together"),
            pair("cache_l1", "lightrag", -0.41, "opposite"),
            pair("cache_l1", "vector_db", 0.1, "not shown"),
        ],
        left_out: vec![PairLeftOut {
            a: "cache_l2".into(),
            b: "lightrag".into(),
            reason: "12 seconds in common, at least 30 needed".into(),
        }],
    }
}

fn slow_time_spent() -> SlowTimeSpent {
    let excess = |component: &str, excess_ms: f64, share: f64| TimeExcess {
        component: component.into(),
        excess_ms,
        share,
    };
    SlowTimeSpent {
        above_ms: 972.9,
        slow: fixture::run_summary().time_spent.value().unwrap().clone(),
        excess: vec![
            excess("lightrag", 812.0, 0.812),
            excess("unattributed", 190.0, 0.19),
            excess("cache_l1", -2.0, -0.002),
        ],
    }
}

fn recommendations() -> Vec<Recommendation> {
    vec![
        Recommendation {
            rule: "tail_in_one_component".into(),
            subject: "lightrag".into(),
            severity: Severity::High,
            text:
                "LightRAG makes slow requests slow: 81.20 % of their extra time is spent in it. Look at its \
                   slowest calls first, then limit how long one may take."
                    .into(),
            brief: "LightRAG makes slow requests slow: look at its slowest calls first".into(),
            number: 0.812,
            unit: Unit::Ratio,
            target: None,
            evidence: vec![
                "Requests above 973 ms spend 812 ms more in lightrag than the others.".into(),
                "8 of 412 requests timed out.".into(),
            ],
            action: "Look at its slowest calls first, then limit how long one may take.".into(),
            expected_effect: Measured::undefined("not known from the recording"),
        },
        Recommendation {
            rule: "cache_tier_below_target".into(),
            subject: "cache_l2".into(),
            severity: Severity::Medium,
            text: "L2 hit rate 50.00 %, target 70.00 %: keep its entries longer.".into(),
            brief: "L2 hit rate 50.00 % (target > 70.00 %): keep its entries longer".into(),
            number: 0.5,
            unit: Unit::Ratio,
            target: Some(0.7),
            evidence: vec!["36 of 72 look-ups missed.".into()],
            action: "Keep its entries longer.".into(),
            expected_effect: Measured::Value("about 14 fewer calls of LightRAG".into()),
        },
    ]
}

//! Recommendations: each rule at its limit, no finding twice, and what simulated runs with known truth are told.

mod causes;
mod laws;
mod limits;
mod limits_of_parts;
mod limits_of_the_run;
mod runs;

use super::{Facts, Recommendation, recommend};
use crate::config::Config;
use crate::judge::{
    self, Correlation, Leak, Regression, Severity, Steadiness, Trend, TrendEvidence, TrendWord,
};
use crate::summary::{Measured, Retries, RunSummary, fixture};
use crate::units::{Scale, Unit};

/// All that recommendations rest on, owned, so that a test can change it.
#[derive(Debug, Clone)]
struct Case {
    summary: RunSummary,
    config: Config,
    trends: Vec<Trend>,
    leak: Measured<Leak>,
    correlation: Measured<Correlation>,
    regression: Option<Regression>,
    steadiness: Option<Steadiness>,
}

impl Case {
    fn of(summary: RunSummary) -> Self {
        Self {
            summary,
            config: Config::defaults(),
            trends: Vec::new(),
            leak: Measured::undefined("not judged"),
            correlation: Measured::undefined("not judged"),
            regression: None,
            steadiness: None,
        }
    }

    /// The fixture's run, changed.
    fn changed(change: impl FnOnce(&mut RunSummary)) -> Self {
        let mut summary = fixture::run_summary();
        change(&mut summary);
        Self::of(summary)
    }

    /// A run with nothing to mend, changed.
    fn quiet(change: impl FnOnce(&mut RunSummary)) -> Self {
        Self::changed(|run| {
            let lightrag = value(&mut run.lightrag);
            (lightrag.overall.counts.ok, lightrag.overall.counts.failed) = (990, 10);
            lightrag.overall.counts.finished = 1000;
            let calls = fixture::lightrag_calls(run);
            (calls.counts.ok, calls.counts.failed, calls.counts.finished) = (990, 10, 1000);
            calls.success_rate = Measured::Value(0.99);
            let cache = value(&mut run.cache);
            (cache.tiers[1].hits, cache.tiers[1].misses) = (60, 12);
            cache.tiers[1].hit_rate = Measured::Value(60.0 / 72.0);
            cache.effectiveness = Measured::Value(0.85);
            let breaker = value(&mut run.breaker);
            breaker.availability_percent = Measured::Value(97.5);
            breaker.breakers[0].availability_percent = Measured::Value(97.5);
            value(&mut run.resources.memory).growth_mb_per_100_users = Measured::Value(40.0);
            change(run);
        })
    }

    fn recommend(&self) -> Vec<Recommendation> {
        let config = self.config.with_run_overrides(&self.summary.identity.metadata.targets).unwrap();
        let targets = judge::judge_targets(&self.summary, &config);
        let health = judge::judge_health(&self.summary, &config, &targets);
        let facts = Facts {
            summary: &self.summary,
            targets: &targets,
            health: &health,
            trends: &self.trends,
            leak: &self.leak,
            correlation: &self.correlation,
            regression: self.regression.as_ref(),
            steadiness: self.steadiness.as_ref(),
        };
        recommend(&facts, &config)
    }

    /// The recommendation of this rule and subject, if there is one.
    fn says(&self, rule: &str, subject: &str) -> Option<Recommendation> {
        self.recommend().into_iter().find(|found| found.rule == rule && found.subject == subject)
    }
}

fn value<T>(measured: &mut Measured<T>) -> &mut T {
    match measured {
        Measured::Value(value) => value,
        Measured::Undefined(reason) => panic!("undefined: {}", reason.reason()),
    }
}

/// The rule speaks of `subject` after `beyond`, and not after any of `silent`.
fn check(rule: &str, subject: &str, beyond: impl Fn(&mut Case), silent: &[&dyn Fn(&mut Case)]) {
    let of = |change: &dyn Fn(&mut Case)| {
        let mut case = Case::quiet(|_| {});
        change(&mut case);
        case.recommend()
    };
    let found = of(&beyond);
    let is_said = found.iter().any(|said| said.rule == rule && said.subject == subject);
    assert!(is_said, "{rule} is silent beyond its limit: {found:#?}");
    for (index, change) in silent.iter().enumerate() {
        let found = of(change);
        let is_said = found.iter().any(|said| said.rule == rule);
        assert!(!is_said, "{rule} speaks in case {index}: {found:#?}");
    }
}

/// Look-ups of the first tier.
fn tier(hits: u64, misses: u64) -> impl Fn(&mut Case) {
    move |case: &mut Case| {
        let tier = &mut value(&mut case.summary.cache).tiers[0];
        (tier.hits, tier.misses) = (hits, misses);
        tier.hit_rate = Measured::ratio(hits as f64, (hits + misses) as f64, "no look-ups");
    }
}

fn trend(metric: &str, word: TrendWord, change: f64) -> Trend {
    Trend {
        metric: metric.into(),
        unit: Unit::Ratio,
        direction: Measured::Value(word),
        evidence: Measured::Value(TrendEvidence {
            points: 20,
            bin_s: 1.0,
            slope_per_min: change * 3.0,
            slope_interval_per_min: Measured::undefined("not asked"),
            change: Measured::Value(change),
            change_interval: Measured::undefined("not asked"),
            change_scale: Scale::Points,
            margin: 0.01,
            p: 0.001,
            coefficient_of_variation: Measured::undefined("not asked"),
            variation_beyond_counting: Measured::undefined("not asked"),
        }),
        recent_values: Vec::new(),
    }
}

#[test]
fn a_run_with_nothing_to_mend_is_told_nothing() {
    assert_eq!(Case::quiet(|_| {}).recommend(), []);
}

#[test]
fn the_table_stands_in_the_order_of_the_settings() {
    let settings: toml::Table = crate::config::DEFAULT_TOML.parse().unwrap();
    let named: Vec<&String> = settings["advice"]["rules"].as_table().unwrap().keys().collect();
    let rules: Vec<&str> = super::rules::RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, rules);
}

#[test]
fn a_rule_that_is_switched_off_says_nothing_and_a_cap_is_kept() {
    let slow = || Case::quiet(|run| run.requests.all = fixture::distribution(&vec![9000.0; 412]));
    assert_eq!(slow().says("p95_above_target", "request").unwrap().severity, Severity::Critical);
    let mut capped = slow();
    capped.config.advice.rules.get_mut("p95_above_target").unwrap().at_most = Severity::Medium;
    assert_eq!(capped.says("p95_above_target", "request").unwrap().severity, Severity::Medium);
    capped.config.advice.rules.get_mut("p95_above_target").unwrap().enabled = false;
    assert_eq!(capped.recommend(), []);
}

#[test]
fn the_gravest_comes_first_then_what_misses_most_then_the_name() {
    let case = Case::quiet(|run| {
        run.requests.all = fixture::distribution(&vec![9000.0; 412]);
        run.retries[0] = Retries { calls: 1000, retried: 110, share: 0.11, ..run.retries[0].clone() };
        let memory = value(&mut run.resources.memory);
        memory.growth_mb_per_100_users = Measured::Value(80.0);
        value(&mut run.resources.cpu).mean_share_of_machine = Measured::Value(0.95);
    });
    let order: Vec<(String, Severity)> =
        case.recommend().into_iter().map(|found| (found.rule, found.severity)).collect();
    let wanted = [
        ("p95_above_target", Severity::Critical),
        ("memory_growth_above_target", Severity::High),
        ("cpu_busy", Severity::Medium),
        ("retry_storm", Severity::Low),
    ];
    assert_eq!(order, wanted.map(|(rule, severity)| (rule.to_owned(), severity)));
}

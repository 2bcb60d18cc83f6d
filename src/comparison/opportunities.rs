//! Where there is most to gain: the reference's three rules over the runs of a group.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ComparedRun;
use crate::config::Config;
use crate::judge::{self, Load, LoadAxis, Severity};
use crate::stats::quantile::type7_select;
use crate::units::Unit;

/// The run that stands out most of its group, with what it misses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opportunity {
    /// `cache_hit_rate_low`, `lightrag_success_low`, `resource_efficiency_low`.
    pub rule: String,
    pub run_id: String,
    pub metric: String,
    pub value: f64,
    pub unit: Unit,
    /// What the value falls short of.
    pub target: f64,
    pub severity: Severity,
    pub action: String,
    /// All of it as one sentence.
    pub text: String,
}

/// One rule: the lowest of a metric.
struct Rule {
    name: &'static str,
    metric: &'static str,
    /// As a person reads it.
    title: &'static str,
    unit: Unit,
    severity: Severity,
    action: &'static str,
}

const CACHE: Rule = Rule {
    name: "cache_hit_rate_low",
    metric: "cache/lookup_hit_rate",
    title: "cache hit rate",
    unit: Unit::Ratio,
    severity: Severity::High,
    action: "Keep more entries or keep them longer, and warm the cache before the load.",
};
const LIGHTRAG: Rule = Rule {
    name: "lightrag_success_low",
    metric: "lightrag/success_rate",
    title: "LightRAG success",
    unit: Unit::Ratio,
    severity: Severity::Critical,
    action: "See which errors it returns in this run's own report, and mend or limit those calls first.",
};
const PER_CPU: Rule = Rule {
    name: "resource_efficiency_low",
    metric: "resources/throughput_per_cpu_percent",
    title: "throughput per % of a core",
    unit: Unit::Number,
    severity: Severity::Medium,
    action: "Look at what this run does besides answering: profile it against a run of the same load.",
};
const PER_GROWTH: Rule = Rule {
    metric: "resources/throughput_per_growth_mb",
    title: "throughput per MB of memory growth",
    action: "Look at what this run keeps in memory, beside a run of the same load.",
    ..PER_CPU
};

/// Gravest first; empty where nothing falls short.
pub fn find(runs: &[&ComparedRun], axis: LoadAxis, config: &Config) -> Vec<Opportunity> {
    let settings = &config.opportunities;
    let lightrag = Metric::of_shares(
        runs,
        |run| run.lightrag_success_rate.number().map(|rate| (rate, run.lightrag_calls)),
        settings.lightrag_success_below,
        config,
    );
    let cache = Metric::of_shares(
        runs,
        |run| run.cache_hit_rate.number().map(|rate| (rate, run.cache_lookups)),
        settings.cache_hit_rate_below,
        config,
    );
    let found = [
        lightrag.opportunity(&LIGHTRAG, settings.lightrag_success_below),
        cache.opportunity(&CACHE, settings.cache_hit_rate_below),
        efficiency(runs, axis, config),
    ];
    found.into_iter().flatten().collect()
}

/// The least efficient run of its load: what a run does beside answering weighs more the less it is asked.
fn efficiency(runs: &[&ComparedRun], axis: LoadAxis, config: &Config) -> Option<Opportunity> {
    let settings = &config.opportunities;
    let mut levels: BTreeMap<Option<Load>, Vec<&ComparedRun>> = BTreeMap::new();
    for run in runs {
        let load = run.load_point.load(axis, &config.scalability);
        levels.entry(load.value().copied()).or_default().push(run);
    }
    let of_level = |runs: &Vec<&ComparedRun>| {
        let per_cpu = Metric::of(runs, |run| run.throughput_per_cpu_percent.number());
        let per_growth = Metric::of(runs, |run| run.throughput_per_growth_mb.number());
        // Memory that did not grow has no efficiency: CPU speaks where the runs have it.
        let (rule, efficiency) =
            if per_cpu.values.is_empty() { (PER_GROWTH, per_growth) } else { (PER_CPU, per_cpu) };
        let is_enough = efficiency.values.len() >= settings.min_runs_for_efficiency;
        let median = efficiency.median().filter(|_| is_enough)?;
        efficiency.opportunity(&rule, median * settings.efficiency_of_median_below)
    };
    let shortfall = |found: &Opportunity| found.value / found.target;
    levels.values().filter_map(of_level).min_by(|a, b| shortfall(a).total_cmp(&shortfall(b)))
}

/// A metric over the runs that have it.
struct Metric<'a> {
    values: Vec<(&'a str, f64)>,
    /// Runs with too few calls are left out.
    is_of_some: bool,
}

impl<'a> Metric<'a> {
    fn of(runs: &[&'a ComparedRun], metric: fn(&ComparedRun) -> Option<f64>) -> Self {
        let value = |run: &&'a ComparedRun| Some((run.run_id.as_str(), metric(run)?));
        Self { values: runs.iter().filter_map(value).collect(), is_of_some: false }
    }

    /// A share of so many calls. Of a handful it is low by chance, unless they prove that it falls short: such runs are left out.
    fn of_shares(
        runs: &[&'a ComparedRun],
        share: fn(&ComparedRun) -> Option<(f64, u64)>,
        target: f64,
        config: &Config,
    ) -> Self {
        let known: Vec<(&'a str, f64, u64)> = runs
            .iter()
            .filter_map(|run| share(run).map(|(share, of)| (run.run_id.as_str(), share, of)))
            .collect();
        let counts = |(_, share, of): &&(&str, f64, u64)| {
            *of >= config.opportunities.min_calls
                || judge::is_surely_below(*share, *of, target, config.target_conditions.proof_alpha)
        };
        let values: Vec<(&str, f64)> =
            known.iter().filter(counts).map(|(run, share, _)| (*run, *share)).collect();
        Self { is_of_some: values.len() < known.len(), values }
    }

    fn median(&self) -> Option<f64> {
        let mut values: Vec<f64> = self.values.iter().map(|(_, value)| *value).collect();
        type7_select(&mut values, &[0.5])?.first().copied()
    }

    /// The lowest value, of equal ones that of the smallest id, where it falls short of `target`.
    fn opportunity(&self, rule: &Rule, target: f64) -> Option<Opportunity> {
        let lowest = self.values.iter().min_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(b.0)));
        let (run_id, value) = *lowest.filter(|(_, value)| *value < target)?;
        let numbers = format!("{}, wanted {} or more", rule.unit.print(value), rule.unit.print(target));
        let of = if self.is_of_some { " of the runs with enough calls" } else { "" };
        Some(Opportunity {
            rule: rule.name.to_owned(),
            run_id: run_id.to_owned(),
            metric: rule.metric.to_owned(),
            value,
            unit: rule.unit,
            target,
            severity: rule.severity,
            action: rule.action.to_owned(),
            text: format!("{run_id} has the lowest {}{of}: {numbers}. {}", rule.title, rule.action),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::run;
    use super::*;
    use crate::summary::Measured;

    fn with(id: &str, cache: f64, lightrag: f64, per_cpu: f64) -> ComparedRun {
        ComparedRun {
            cache_hit_rate: Measured::Value(cache),
            lightrag_success_rate: Measured::Value(lightrag),
            throughput_per_cpu_percent: Measured::Value(per_cpu),
            ..run(id, 10)
        }
    }

    fn found(runs: &[ComparedRun]) -> Vec<(String, String)> {
        let runs: Vec<&ComparedRun> = runs.iter().collect();
        let found = find(&runs, LoadAxis::Users, &Config::defaults());
        found.into_iter().map(|found| (found.rule, found.run_id)).collect()
    }

    #[test]
    fn the_lowest_of_each_metric_is_named_where_it_falls_short_gravest_first() {
        let runs = [with("a", 0.69, 0.96, 1.0), with("b", 0.75, 0.94, 0.5), with("c", 0.60, 0.99, 1.1)];
        let wanted =
            [("lightrag_success_low", "b"), ("cache_hit_rate_low", "c"), ("resource_efficiency_low", "b")];
        assert_eq!(found(&runs), wanted.map(|(rule, run)| (rule.to_owned(), run.to_owned())));
    }

    #[test]
    fn what_reaches_its_target_or_is_not_known_is_no_opportunity() {
        assert_eq!(
            found(&[with("a", 0.70, 0.95, 1.0), with("b", 0.8, 1.0, 1.0), with("c", 0.8, 1.0, 1.0)]),
            []
        );
        let mut none = with("a", 0.0, 0.0, 0.0);
        none.cache_hit_rate = Measured::undefined("no cache");
        none.lightrag_success_rate = Measured::undefined("no lightrag");
        assert_eq!(found(&[none]), []);
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn a_share_of_a_handful_of_calls_is_no_opportunity() {
        let mut few = with("a", 0.6, 0.9, 1.0);
        (few.cache_lookups, few.lightrag_calls) = (30, 30);
        assert_eq!(found(&[few, with("b", 0.8, 1.0, 1.0)]), []);
    }

    #[test]
    fn an_outage_of_a_handful_of_calls_is_one() {
        let mut few = with("a", 0.8, 0.0, 1.0);
        few.lightrag_calls = 5;
        assert_eq!(
            found(&[few, with("b", 0.8, 1.0, 1.0)]),
            [("lightrag_success_low".to_owned(), "a".to_owned())]
        );
    }

    #[test]
    fn efficiency_is_compared_among_runs_of_one_load() {
        let of = |id: &str, users: u32, per_cpu: f64| {
            let mut run = with(id, 0.8, 1.0, per_cpu);
            run.load_point.users = Measured::Value(users);
            run
        };
        let idle = [of("a", 10, 0.2), of("b", 100, 1.0), of("c", 100, 1.1), of("d", 100, 1.0)];
        assert_eq!(found(&idle), []);
        let slow = [of("a", 10, 0.2), of("b", 100, 0.6), of("c", 100, 1.1), of("d", 100, 1.0)];
        assert_eq!(found(&slow), [("resource_efficiency_low".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn of_equal_values_the_smallest_id_is_named() {
        let runs = [with("b", 0.5, 1.0, 1.0), with("a", 0.5, 1.0, 1.0)];
        assert_eq!(found(&runs), [("cache_hit_rate_low".to_owned(), "a".to_owned())]);
    }
}

//! Where there is most to gain: the reference's three rules over the runs of a group.

use serde::Serialize;

use super::ComparedRun;
use crate::config::OpportunitySettings;
use crate::judge::Severity;
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
    action: "Look at what this run does beside answering: profile it against a run of the same load.",
};
const PER_GROWTH: Rule = Rule {
    metric: "resources/throughput_per_growth_mb",
    title: "throughput per MB of memory growth",
    action: "Look at what this run keeps in memory, beside a run of the same load.",
    ..PER_CPU
};

/// Gravest first; empty where nothing falls short.
pub fn find(runs: &[&ComparedRun], settings: &OpportunitySettings) -> Vec<Opportunity> {
    let of = |metric: fn(&ComparedRun) -> Option<f64>| Metric::of(runs, metric);
    // Of hundreds of runs, one share of a handful of calls is low by chance alone.
    let enough = |calls: fn(&ComparedRun) -> u64| -> Vec<&ComparedRun> {
        runs.iter().copied().filter(|run| calls(run) >= settings.min_calls).collect()
    };
    let cache = Metric::of(&enough(|run| run.cache_lookups), |run| run.cache_hit_rate.number());
    let lightrag = Metric::of(&enough(|run| run.lightrag_calls), |run| run.lightrag_success_rate.number());
    let per_cpu = of(|run| run.throughput_per_cpu_percent.number());
    let per_growth = of(|run| run.throughput_per_growth_mb.number());
    // Memory that did not grow has no efficiency: CPU speaks where the runs have it.
    let (rule, efficiency) =
        if per_cpu.values.is_empty() { (PER_GROWTH, per_growth) } else { (PER_CPU, per_cpu) };
    let efficiency_target = efficiency
        .median()
        .filter(|_| efficiency.values.len() >= settings.min_runs_for_efficiency)
        .map(|median| median * settings.efficiency_of_median_below);
    let found = [
        lightrag.opportunity(&LIGHTRAG, Some(settings.lightrag_success_below)),
        cache.opportunity(&CACHE, Some(settings.cache_hit_rate_below)),
        efficiency.opportunity(&rule, efficiency_target),
    ];
    found.into_iter().flatten().collect()
}

/// A metric over the runs that have it.
struct Metric<'a> {
    values: Vec<(&'a str, f64)>,
}

impl<'a> Metric<'a> {
    fn of(runs: &[&'a ComparedRun], metric: fn(&ComparedRun) -> Option<f64>) -> Self {
        let value = |run: &&'a ComparedRun| Some((run.run_id.as_str(), metric(run)?));
        Self { values: runs.iter().filter_map(value).collect() }
    }

    fn median(&self) -> Option<f64> {
        let mut values: Vec<f64> = self.values.iter().map(|(_, value)| *value).collect();
        type7_select(&mut values, &[0.5])?.first().copied()
    }

    /// The lowest value, of equal ones that of the smallest id, where it falls short of `target`.
    fn opportunity(&self, rule: &Rule, target: Option<f64>) -> Option<Opportunity> {
        let target = target?;
        let lowest = self.values.iter().min_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(b.0)));
        let (run_id, value) = *lowest.filter(|(_, value)| *value < target)?;
        let numbers = format!("{}, wanted {} or more", rule.unit.print(value), rule.unit.print(target));
        Some(Opportunity {
            rule: rule.name.to_owned(),
            run_id: run_id.to_owned(),
            metric: rule.metric.to_owned(),
            value,
            unit: rule.unit,
            target,
            severity: rule.severity,
            action: rule.action.to_owned(),
            text: format!("{run_id} has the lowest {}: {numbers}. {}", rule.title, rule.action),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::run;
    use super::*;
    use crate::config::Config;
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
        let found = find(&runs, &Config::defaults().opportunities);
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
        let mut few = with("a", 0.1, 0.1, 1.0);
        (few.cache_lookups, few.lightrag_calls) = (99, 99);
        assert_eq!(found(&[few, with("b", 0.8, 1.0, 1.0)]), []);
    }

    #[test]
    fn of_equal_values_the_smallest_id_is_named() {
        let runs = [with("b", 0.5, 1.0, 1.0), with("a", 0.5, 1.0, 1.0)];
        assert_eq!(found(&runs), [("cache_hit_rate_low".to_owned(), "a".to_owned())]);
    }
}

//! What more load costs: each run and each level against the level with the least load.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ComparedRun;
use crate::config::ScalabilitySettings;
use crate::judge::{Load, LoadAxis};
use crate::stats::moments::{coefficient_of_variation, mean, standard_deviation};
use crate::summary::Measured;

/// The runs of a group against those of its smallest level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Degradation {
    /// What `load` is: users, or requests offered per second.
    pub axis: LoadAxis,
    /// The least load of any run.
    pub reference_load: Load,
    pub reference_runs: Vec<String>,
    /// One per load, ascending; the first is the reference.
    pub levels: Vec<LevelChange>,
    /// One per run that names its load, by load and id; those of the reference level are among them.
    pub runs: Vec<RunChange>,
    /// Runs that do not name their load.
    pub left_out: Vec<String>,
}

/// The runs of one load, which are repetitions of one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelChange {
    pub load: Load,
    pub runs: Vec<String>,
    /// Means over the runs.
    pub mean_ms: Measured<f64>,
    pub p95_ms: Measured<f64>,
    pub success_rate: Measured<f64>,
    /// Against the reference level: 0.1 is 10 % slower …
    pub mean_change: Measured<f64>,
    pub p95_change: Measured<f64>,
    /// … and -0.01 one point less success.
    pub success_change: Measured<f64>,
    /// What repetitions differ by: standard deviation of one run, per mean …
    pub mean_spread: Measured<f64>,
    pub p95_spread: Measured<f64>,
    /// … and in shares.
    pub success_spread: Measured<f64>,
}

/// One run against the mean of the reference level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunChange {
    pub run_id: String,
    pub load: Load,
    /// It is of the reference level: what differs there is noise.
    pub is_reference: bool,
    pub mean_change: Measured<f64>,
    pub p95_change: Measured<f64>,
    pub success_change: Measured<f64>,
}

/// The numbers of a run or a level that are put side by side.
struct Numbers {
    mean_ms: Measured<f64>,
    p95_ms: Measured<f64>,
    success_rate: Measured<f64>,
}

/// Undefined where there is nothing to compare: fewer than two levels.
pub fn degrade(
    runs: &[&ComparedRun],
    axis: LoadAxis,
    settings: &ScalabilitySettings,
) -> Measured<Degradation> {
    let mut levels: BTreeMap<Load, Vec<&ComparedRun>> = BTreeMap::new();
    let mut left_out: Vec<String> = Vec::new();
    for run in runs {
        match run.load_point.load(axis, settings) {
            Measured::Value(load) => levels.entry(load).or_default().push(run),
            Measured::Undefined(_) => left_out.push(run.run_id.clone()),
        }
    }
    levels.values_mut().for_each(|runs| runs.sort_by(|a, b| a.run_id.cmp(&b.run_id)));
    left_out.sort();
    let Some((&least, reference)) = levels.first_key_value() else {
        return Measured::undefined("no run names its load");
    };
    if levels.len() < 2 {
        return Measured::undefined(format!(
            "all runs are of {}: there is no other load to compare",
            axis.print(least)
        ));
    }
    let base = Numbers::of_level(reference);
    let run = |load: Load, found: &ComparedRun| {
        let numbers = Numbers::of_run(found);
        RunChange {
            run_id: found.run_id.clone(),
            load,
            is_reference: load == least,
            mean_change: relative(&numbers.mean_ms, &base.mean_ms),
            p95_change: relative(&numbers.p95_ms, &base.p95_ms),
            success_change: points(&numbers.success_rate, &base.success_rate),
        }
    };
    Measured::Value(Degradation {
        axis,
        reference_load: least,
        reference_runs: ids(reference),
        runs: levels
            .iter()
            .flat_map(|(&load, runs)| runs.iter().map(move |found| (load, *found)))
            .map(|(load, found)| run(load, found))
            .collect(),
        levels: levels.iter().map(|(&load, runs)| level(load, runs, &base)).collect(),
        left_out,
    })
}

fn level(load: Load, runs: &[&ComparedRun], base: &Numbers) -> LevelChange {
    let numbers = Numbers::of_level(runs);
    let single = "a single run: repetitions would show their spread";
    let spread = |of: fn(&ComparedRun) -> &Measured<f64>, how: fn(&[f64]) -> Option<f64>| {
        Measured::or(how(&values(runs, of)), single)
    };
    LevelChange {
        load,
        runs: ids(runs),
        mean_change: relative(&numbers.mean_ms, &base.mean_ms),
        p95_change: relative(&numbers.p95_ms, &base.p95_ms),
        success_change: points(&numbers.success_rate, &base.success_rate),
        mean_spread: spread(|run| &run.mean_ms, coefficient_of_variation),
        p95_spread: spread(|run| &run.p95_ms, coefficient_of_variation),
        success_spread: spread(|run| &run.success_rate, standard_deviation),
        mean_ms: numbers.mean_ms,
        p95_ms: numbers.p95_ms,
        success_rate: numbers.success_rate,
    }
}

impl Numbers {
    fn of_run(run: &ComparedRun) -> Self {
        Self {
            mean_ms: run.mean_ms.clone(),
            p95_ms: run.p95_ms.clone(),
            success_rate: run.success_rate.clone(),
        }
    }

    fn of_level(runs: &[&ComparedRun]) -> Self {
        let over = |of: fn(&ComparedRun) -> &Measured<f64>| {
            Measured::or(mean(&values(runs, of)), "no run of this level has it")
        };
        Self {
            mean_ms: over(|run| &run.mean_ms),
            p95_ms: over(|run| &run.p95_ms),
            success_rate: over(|run| &run.success_rate),
        }
    }
}

fn values(runs: &[&ComparedRun], of: fn(&ComparedRun) -> &Measured<f64>) -> Vec<f64> {
    runs.iter().filter_map(|run| of(run).number()).collect()
}

fn relative(value: &Measured<f64>, base: &Measured<f64>) -> Measured<f64> {
    value.clone().and_then(|value| {
        base.clone()
            .and_then(|base| Measured::ratio(value - base, base, "the response time at the least load is 0"))
    })
}

fn points(value: &Measured<f64>, base: &Measured<f64>) -> Measured<f64> {
    value.clone().and_then(|value| base.clone().map(|base| value - base))
}

fn ids(runs: &[&ComparedRun]) -> Vec<String> {
    runs.iter().map(|run| run.run_id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::measured;
    use super::*;
    use crate::config::Config;

    fn degraded(runs: &[ComparedRun]) -> Measured<Degradation> {
        degrade(&runs.iter().collect::<Vec<_>>(), LoadAxis::Users, &Config::defaults().scalability)
    }

    #[test]
    fn each_run_is_put_beside_the_mean_of_the_runs_with_the_fewest_users() {
        let runs = [
            measured("many", 100, 400.0, 0.95),
            measured("few_b", 10, 220.0, 0.99),
            measured("few_a", 10, 180.0, 1.0),
        ];
        let found = degraded(&runs);
        let found = found.value().unwrap();
        assert_eq!((found.reference_load, found.reference_runs.len()), (Load(10.0), 2));
        let many = found.runs.last().unwrap();
        assert!((many.mean_change.number().unwrap() - 1.0).abs() < 1e-12, "{many:?}");
        assert!((many.success_change.number().unwrap() + 0.045).abs() < 1e-12, "{many:?}");
        assert!(found.runs[0].is_reference && found.runs[1].is_reference && !many.is_reference);
        let [few, level] = found.levels.as_slice() else { panic!("{found:?}") };
        assert_eq!(few.mean_change.number(), Some(0.0));
        assert!((few.mean_spread.number().unwrap() - 800f64.sqrt() / 200.0).abs() < 1e-12);
        assert!(level.mean_spread.reason().unwrap().contains("a single run"));
    }

    #[test]
    fn without_two_loads_there_is_nothing_to_say() {
        assert_eq!(degraded(&[]).reason(), Some("no run names its load"));
        let same = degraded(&[measured("a", 10, 1.0, 1.0), measured("b", 10, 2.0, 1.0)]);
        assert!(same.reason().unwrap().starts_with("all runs are of 10 users"), "{same:?}");
        let mut unknown = measured("c", 20, 2.0, 1.0);
        unknown.load_point.users = Measured::undefined("not named");
        assert!(degraded(&[measured("a", 10, 1.0, 1.0), unknown]).value().is_none());
    }

    #[test]
    fn a_run_without_a_number_does_not_hide_the_others() {
        let mut none = measured("b", 20, 2.0, 1.0);
        none.mean_ms = Measured::undefined("no durations");
        let found = degraded(&[measured("a", 10, 1.0, 1.0), none, measured("c", 30, 3.0, 1.0)]);
        let found = found.value().unwrap();
        assert_eq!(found.runs[1].mean_change.reason(), Some("no durations"));
        assert_eq!(found.runs[2].mean_change.number(), Some(2.0));
    }
}

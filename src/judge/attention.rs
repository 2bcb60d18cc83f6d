//! What is wrong with a run beyond doubt, and the word for it: never milder than the worst of that.

use super::{ComponentHealth, Grade, Health, Leak, TargetOutcome, TargetVerdict};
use crate::config::GradeSettings;
use crate::summary::Measured;

/// What keeps a run from being healthy, worst first: its grade, components that are critical or failing, a suspected leak, missed
/// targets of the gate.
pub fn concerns(
    grade: &Measured<Grade>,
    health: &[ComponentHealth],
    leak: &Measured<Leak>,
    targets: &[TargetVerdict],
    settings: &GradeSettings,
) -> Vec<String> {
    let grade = grade.value().filter(|grade| !settings.healthy.contains(&grade.grade));
    let mut concerns: Vec<String> = grade.map(|grade| format!("grade {}", grade.grade)).into_iter().collect();
    let mut grave: Vec<(Health, &str)> = health
        .iter()
        .filter(|found| found.is_grave)
        .filter_map(|found| Some((*found.health.value()?, found.component.as_str())))
        .collect();
    // Stable: of one word in the order of the components.
    grave.sort_by_key(|(word, _)| std::cmp::Reverse(*word));
    concerns.extend(grave.into_iter().map(|(word, component)| format!("{component} {}", word.word())));
    let is_leaking = leak.value().is_some_and(|leak| leak.suspected);
    concerns.extend(is_leaking.then(|| "memory leak suspected".to_owned()));
    let missed = targets
        .iter()
        .filter(|target| target.gate && target.applies && target.outcome == TargetOutcome::Fail);
    concerns.extend(missed.map(|target| format!("target {} missed", target.name)));
    concerns
}

/// `healthy` or `needs_attention`.
pub fn system_health(grade: &Measured<Grade>, concerns: &[String]) -> Measured<String> {
    if concerns.is_empty() {
        grade.as_ref().map(|_| "healthy".to_owned())
    } else {
        Measured::Value("needs_attention".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::judge::{judge_health, judge_targets};
    use crate::summary::{RunSummary, fixture};

    fn judged(run: &RunSummary, config: &Config, grade: &str) -> (Vec<String>, Measured<String>) {
        let targets = judge_targets(run, config);
        let health = judge_health(run, config, &targets);
        let grade = match super::super::grade_run(&run.requests, &config.grade) {
            Measured::Value(found) => Measured::Value(Grade { grade: grade.into(), ..found }),
            undefined => undefined,
        };
        let leak = Measured::undefined("too few samples");
        let concerns = concerns(&grade, &health, &leak, &targets, &config.grade);
        let word = system_health(&grade, &concerns);
        (concerns, word)
    }

    fn healthy() -> RunSummary {
        let mut run = fixture::run_summary();
        run.cache = Measured::undefined("no cache rows in this run");
        run.lightrag = Measured::undefined("no lightrag calls in this run");
        run.breaker = Measured::undefined("no circuit_breaker rows in this run");
        run.fallback = Measured::undefined("no attempt at any level");
        run
    }

    #[test]
    fn only_a_plus_a_and_b_are_healthy() {
        for (grade, wanted) in
            [("A+", "healthy"), ("B", "healthy"), ("C", "needs_attention"), ("F", "needs_attention")]
        {
            let (_, word) = judged(&healthy(), &Config::defaults(), grade);
            assert_eq!(word.value().unwrap(), wanted, "{grade}");
        }
    }

    #[test]
    fn a_critical_component_or_a_missed_target_of_the_gate_is_no_health_whatever_the_grade() {
        let mut run = healthy();
        run.cache = fixture::run_summary().cache;
        let Measured::Value(cache) = &mut run.cache else { panic!("the fixture has it") };
        (cache.lookup_hit_rate, cache.lookups) = (Measured::Value(0.3), 1_000);
        let (concerns, word) = judged(&run, &Config::defaults(), "B");
        assert_eq!(
            (concerns.join(", "), word.value().unwrap().as_str()),
            ("cache failing".into(), "needs_attention")
        );
        let mut config = Config::defaults();
        let target = config.targets.get_mut("p95_response_time_ms").unwrap();
        (target.gate, target.below) = (true, Some(1.0));
        let (concerns, _) = judged(&healthy(), &config, "A");
        assert_eq!(concerns, ["target p95_response_time_ms missed"]);
    }

    #[test]
    fn a_handful_of_look_ups_makes_no_component_critical_beyond_doubt() {
        let mut run = healthy();
        run.cache = fixture::run_summary().cache;
        let Measured::Value(cache) = &mut run.cache else { panic!("the fixture has it") };
        cache.effectiveness = Measured::Value(0.9);
        (cache.lookup_hit_rate, cache.lookups) = (Measured::Value(0.6), 5);
        assert_eq!(judged(&run, &Config::defaults(), "B").0, Vec::<String>::new());
    }
}

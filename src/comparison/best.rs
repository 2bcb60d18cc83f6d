//! The best run of a group, and whether it may serve as a baseline.

use serde::Serialize;

use super::{ComparedRun, ranking};
use crate::exit_code::ExitCode;
use crate::summary::Measured;

/// The first of a group's ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Best {
    /// Undefined where no run of the group has a grade.
    pub run_id: Measured<String>,
    /// Why it must not become a baseline; null where it may. A worse run never takes its place in silence.
    pub not_fit: Option<String>,
    /// It was judged clean, and only deserves no trust: whoever wants it may have it.
    #[serde(skip)]
    pub may_be_allowed: bool,
}

impl Best {
    pub fn of(runs: &[&ComparedRun]) -> Self {
        let best =
            runs.iter().min_by(|a, b| ranking::compare(a, b)).filter(|run| run.grade.value().is_some());
        match best {
            None => Self {
                run_id: Measured::undefined("no run has a grade"),
                not_fit: Some("no run has a grade".to_owned()),
                may_be_allowed: false,
            },
            Some(best) => Self {
                run_id: Measured::Value(best.run_id.clone()),
                not_fit: refusal(best).or_else(|| best.untrusted.clone()),
                may_be_allowed: best.exit_code == ExitCode::Clean,
            },
        }
    }
}

/// What was not judged clean is no measure for later runs.
fn refusal(best: &ComparedRun) -> Option<String> {
    if best.exit_code == ExitCode::Clean {
        return None;
    }
    let reason = best.findings.first().map_or("it was not judged clean", |(_, reason)| reason.as_str());
    Some(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{graded, run};
    use super::*;

    fn best(runs: &[ComparedRun]) -> Best {
        Best::of(&runs.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_best_run_is_the_first_of_the_ranking_also_when_it_is_not_fit() {
        let mut failed = graded("best", 100, 400.0, 1.0);
        failed.findings = vec![(ExitCode::GateFailed, "gate: it regressed".into())];
        failed.exit_code = ExitCode::GateFailed;
        let found = best(&[graded("second", 90, 400.0, 1.0), failed]);
        assert_eq!(found.run_id.value().map(String::as_str), Some("best"));
        assert_eq!(found.not_fit.as_deref(), Some("gate: it regressed"));
        assert_eq!(best(&[graded("second", 90, 400.0, 1.0)]).not_fit, None);
    }

    #[test]
    fn a_best_run_that_is_not_steady_may_be_allowed_and_one_that_fails_may_not() {
        let mut unsteady = graded("best", 100, 400.0, 1.0);
        unsteady.untrusted = Some("it is not steady".into());
        let found = best(&[unsteady.clone()]);
        assert_eq!((found.not_fit.as_deref(), found.may_be_allowed), (Some("it is not steady"), true));
        unsteady.findings = vec![(ExitCode::GateFailed, "gate: it regressed".into())];
        unsteady.exit_code = ExitCode::GateFailed;
        let found = best(&[unsteady]);
        assert_eq!((found.not_fit.as_deref(), found.may_be_allowed), (Some("gate: it regressed"), false));
    }

    #[test]
    fn without_a_grade_there_is_no_best_run() {
        let mut none = run("a", 10);
        none.grade = Measured::undefined("no requests");
        assert!(best(&[none]).run_id.value().is_none());
        assert!(best(&[]).not_fit.is_some());
    }
}

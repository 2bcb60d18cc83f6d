//! Whether a run may be the measure of later ones.

use super::Analysis;
use crate::config::FAIL;
use crate::judge::{self, SteadyWord};
use crate::summary::Measured;

impl Analysis {
    /// Why later runs should not be measured by this one: too much of it is not known, it has no grade or the worst one, too few requests, or was not
    /// steady. That nobody can tell whether it was is no reason.
    pub fn untrusted(&self) -> Option<String> {
        if let Some(fault) = judge::recording_faults(&self.summary, &self.config.run).first() {
            return Some(format!("it could not be judged: {fault}"));
        }
        let grade = match &self.grade {
            Measured::Undefined(undefined) => {
                return Some(format!("it has no grade: {}", undefined.reason()));
            }
            Measured::Value(grade) => grade,
        };
        if grade.grade == FAIL {
            return Some(format!("its grade is {FAIL}"));
        }
        if grade.low_sample {
            let least = self.config.grade.min_requests;
            return Some(format!("its grade rests on fewer than {least} requests"));
        }
        let is_unsteady = self.steadiness.word == SteadyWord::NotSteady;
        is_unsteady.then(|| format!("it is not steady: judged {}", self.steadiness.because))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    fn untrusted(change: impl FnOnce(&mut Analysis)) -> Option<String> {
        let mut analysis = Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap();
        change(&mut analysis);
        analysis.untrusted()
    }

    fn with_grade(change: impl FnOnce(&mut crate::judge::Grade)) -> Option<String> {
        untrusted(|analysis| {
            if let Measured::Value(grade) = &mut analysis.grade {
                change(grade);
            }
        })
    }

    #[test]
    fn a_steady_run_with_a_grade_of_enough_requests_is_trusted() {
        assert_eq!(untrusted(|_| ()), None);
        let unknown = |analysis: &mut Analysis| {
            analysis.steadiness.word = SteadyWord::CannotTell;
            analysis.steadiness.is_trusted = false;
        };
        assert_eq!(untrusted(unknown), None, "nobody can tell");
    }

    #[test]
    fn what_is_no_measure_of_others_says_why() {
        let none = untrusted(|analysis| analysis.grade = Measured::undefined("the run has no requests"));
        assert_eq!(none.as_deref(), Some("it has no grade: the run has no requests"));
        assert_eq!(with_grade(|grade| grade.grade = "F".into()).as_deref(), Some("its grade is F"));
        let few = with_grade(|grade| grade.low_sample = true);
        assert_eq!(few.as_deref(), Some("its grade rests on fewer than 200 requests"));
        let unsteady = untrusted(|analysis| analysis.steadiness.word = SteadyWord::NotSteady);
        assert_eq!(unsteady.as_deref(), Some("it is not steady: judged the whole run of 20 s: steady"));
    }
}

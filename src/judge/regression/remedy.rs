//! What would let a run pass that cannot be judged yet: repeats, judged together.

use super::delta::Delta;
use crate::config::RegressionSettings;
use crate::units;

/// Numbers of runs judged together that are worth a try.
const WORTH_A_TRY: [usize; 3] = [2, 3, 5];

/// How many repeats would exclude `limit`, were the estimate to stay.
pub fn to_exclude(delta: &Delta, limit: f64, settings: &RegressionSettings) -> String {
    let excludes = |runs: &usize| {
        *runs > delta.judged_runs && delta.at_most_with(*runs, settings).is_some_and(|most| most < limit)
    };
    if delta.harm >= limit {
        return REPEAT.to_owned();
    }
    match WORTH_A_TRY.iter().find(|runs| excludes(runs)).map(|runs| runs - delta.judged_runs) {
        Some(1) => "one repeat, judged together, would probably exclude it".to_owned(),
        Some(repeats) => {
            format!("{} repeats, judged together, would probably exclude it", units::count(repeats as u64))
        }
        None => "record longer runs, or compare with a baseline of more runs".to_owned(),
    }
}

/// Where the estimate itself is what worries.
pub const REPEAT: &str = "repeat the run; both count together";

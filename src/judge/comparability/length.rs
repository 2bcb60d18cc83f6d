//! Runs of like length: a long run wanders less than a short one, so the one must not be measured by the other.

use super::sides::UNKNOWN;
use super::{Field, MOST_NAMED};
use crate::baseline::RunRecord;
use crate::config::RegressionSettings;
use crate::judge::verdicts::{FieldComparison, FieldWord};
use crate::units::{self, some_of};

/// Keeps of `baseline` the runs whose judged windows are about as long as those of all `judged` ones, and says which were
/// left out. Where none is left, that blocks. A run of unknown length stays.
pub fn keep_of_like_length<'a>(
    judged: &[&RunRecord],
    baseline: Vec<&'a RunRecord>,
    allowed: &[Field],
    settings: &RegressionSettings,
) -> (Vec<&'a RunRecord>, FieldComparison) {
    let fits = |run: &&&RunRecord| judged.iter().all(|other| are_alike(run, other, settings));
    let others: Vec<&RunRecord> = baseline.iter().filter(|run| !fits(run)).copied().collect();
    let is_allowed = allowed.contains(&Field::Length);
    let blocks = !is_allowed && !others.is_empty() && others.len() == baseline.len();
    let word = match (others.is_empty(), blocks) {
        (true, _) if baseline.iter().chain(judged).all(|run| run.window_s.is_none()) => {
            FieldWord::UnknownInBoth
        }
        (true, _) => FieldWord::Same,
        (false, true) => FieldWord::Different,
        (false, false) => FieldWord::Allowed,
    };
    let kept: Vec<&RunRecord> =
        if is_allowed || blocks { baseline.clone() } else { baseline.iter().filter(fits).copied().collect() };
    let left_out = kept.len() < baseline.len();
    let field = FieldComparison {
        field: Field::Length.name().to_owned(),
        baseline: lengths(&baseline),
        current: lengths(judged),
        word,
        blocks,
        differences: difference(&others, judged, left_out).into_iter().collect(),
        remedy: blocks.then(|| {
            format!(
                "judged windows may differ by a factor of {}: record runs as long as the baseline's, or save a baseline of runs \
                 of this length",
                settings.max_length_ratio
            )
        }),
    };
    (kept, field)
}

fn are_alike(a: &RunRecord, b: &RunRecord, settings: &RegressionSettings) -> bool {
    match (a.window_s, b.window_s) {
        (Some(a), Some(b)) => a.max(b) <= settings.max_length_ratio * a.min(b),
        _ => true,
    }
}

/// `60 s … 80 s`.
fn lengths(runs: &[&RunRecord]) -> Option<String> {
    let known: Vec<f64> = runs.iter().filter_map(|run| run.window_s).collect();
    let (least, most) = (known.iter().copied().reduce(f64::min)?, known.iter().copied().reduce(f64::max)?);
    let (least, most) = (units::duration_s(least), units::duration_s(most));
    Some(if least == most { least } else { format!("{least} … {most}") })
}

/// `60 s vs 5 min (a, b), left out`.
fn difference(others: &[&RunRecord], judged: &[&RunRecord], left_out: bool) -> Option<String> {
    let ids: Vec<&str> = others.iter().map(|run| run.run_id.as_str()).collect();
    let current = lengths(judged).unwrap_or_else(|| UNKNOWN.to_owned());
    let beside = if left_out { ", left out" } else { "" };
    Some(format!("{} vs {current} ({}){beside}", lengths(others)?, some_of(&ids, MOST_NAMED)))
}

//! Whose share of the requests' time grows with the load.

use std::collections::BTreeSet;

use super::RunNumbers;
use crate::config::AcrossRunsSettings;
use crate::judge::verdicts::{RunLeftOut, ShareOverLoad, SharesOverLoad};
use crate::stats::correlation::spearman;
use crate::stats::distributions::{student_t_quantile, student_t_upper_tail};
use crate::stats::interval::Interval;
use crate::stats::least_squares::line;
use crate::stats::moments::mean;
use crate::stats::multiple::holm;
use crate::summary::Measured;
use crate::units::percent;

const USERS: f64 = 100.0;

/// A run that has both, with its users.
type Loaded<'a> = (u32, &'a RunNumbers);

/// The slope of each component's share over the users; undefined below the configured number of levels.
pub fn over_load(runs: &[&RunNumbers], settings: &AcrossRunsSettings) -> Measured<SharesOverLoad> {
    let (mut used, mut left_out): (Vec<Loaded<'_>>, Vec<RunLeftOut>) = (Vec::new(), Vec::new());
    for run in runs {
        match (run.users, run.shares.is_empty()) {
            (Some(users), false) => used.push((users, run)),
            (None, _) => left_out.push(without(run, "the metadata names no number of users")),
            (_, true) => left_out.push(without(run, "where its requests' time went is unknown")),
        }
    }
    let levels: BTreeSet<u32> = used.iter().map(|(users, _)| *users).collect();
    let found = levels.len() as u64;
    let (Some(smallest), Some(largest)) = (levels.first(), levels.last()) else {
        return Measured::undefined("no run has both users and time spent per component");
    };
    if found < settings.min_levels {
        let least = settings.min_levels;
        return Measured::undefined(format!("load levels: {found}, at least {least} needed"));
    }
    let names: BTreeSet<&str> =
        used.iter().flat_map(|(_, run)| run.shares.iter().map(|(component, _)| component.as_str())).collect();
    let mut components: Vec<Tested> = names
        .into_iter()
        .filter_map(|component| test(component, &used, (*smallest, *largest), settings))
        .collect();
    adjust(&mut components, settings);
    let mut components: Vec<ShareOverLoad> = components.into_iter().map(|tested| tested.share).collect();
    components.sort_by(|a, b| {
        b.slope_per_100_users.total_cmp(&a.slope_per_100_users).then_with(|| a.component.cmp(&b.component))
    });
    let growing = components.iter().find(|share| share.word == "grows").map(|share| share.component.clone());
    Measured::Value(SharesOverLoad {
        levels: found,
        runs: used.len() as u64,
        left_out,
        growing: Measured::or(growing, "no component's share grows by more than noise"),
        components,
    })
}

fn without(run: &RunNumbers, reason: &str) -> RunLeftOut {
    RunLeftOut { run_id: run.run_id.clone(), reason: reason.to_owned() }
}

struct Tested {
    share: ShareOverLoad,
    /// Of a slope at least as steep where there is none; `None` where nothing is left to judge it by.
    p: Option<f64>,
}

fn test(
    component: &str,
    used: &[Loaded<'_>],
    (smallest, largest): (u32, u32),
    settings: &AcrossRunsSettings,
) -> Option<Tested> {
    // Shares add up to 1: a component that a run does not name took none of its time.
    let share_of = |run: &RunNumbers| {
        run.shares.iter().find(|(name, _)| name == component).map_or(0.0, |(_, share)| *share)
    };
    let (x, y): (Vec<f64>, Vec<f64>) =
        used.iter().map(|(users, run)| (f64::from(*users) / USERS, share_of(run))).unzip();
    let line = line(&x, &y)?;
    let freedom = x.len() as f64 - 2.0;
    let error = line.slope_standard_error;
    let interval = error.and_then(|error| {
        let t = student_t_quantile(0.5 + settings.confidence / 2.0, freedom)?;
        Some(Interval::around(line.slope, t * error))
    });
    let p = error
        .filter(|error| *error > 0.0)
        .and_then(|error| Some(2.0 * student_t_upper_tail((line.slope / error).abs(), freedom)?));
    let at = |level: u32| {
        let shares: Vec<f64> =
            used.iter().filter(|(users, _)| *users == level).map(|(_, run)| share_of(run)).collect();
        mean(&shares).unwrap_or(0.0)
    };
    let share = ShareOverLoad {
        component: component.to_owned(),
        smallest_level_share: at(smallest),
        largest_level_share: at(largest),
        slope_per_100_users: line.slope,
        interval: Measured::or(interval, "too few runs"),
        spearman: Measured::or(spearman(&x, &y), "the share does not vary"),
        adjusted_p: Measured::undefined("the share does not vary about its line"),
        word: "not shown".to_owned(),
    };
    Some(Tested { share, p })
}

fn adjust(components: &mut [Tested], settings: &AcrossRunsSettings) {
    let (indices, p): (Vec<usize>, Vec<f64>) =
        components.iter().enumerate().filter_map(|(index, tested)| Some((index, tested.p?))).unzip();
    for (index, adjusted) in indices.into_iter().zip(holm(&p)) {
        let share = &mut components[index].share;
        share.adjusted_p = Measured::Value(adjusted);
        let is_shown = adjusted < settings.alpha;
        share.word = match (is_shown, share.slope_per_100_users > 0.0) {
            (false, _) => "not shown",
            (true, true) => "grows",
            (true, false) => "shrinks",
        }
        .to_owned();
    }
}

pub fn sentence(shares: &Measured<SharesOverLoad>) -> String {
    let shares = match shares {
        Measured::Value(shares) => shares,
        Measured::Undefined(undefined) => {
            return format!(
                "Which component's share of the time grows with load is unknown: {}.",
                undefined.reason()
            );
        }
    };
    let basis = format!("{} levels, {} runs", shares.levels, shares.runs);
    let grown = shares.growing.value();
    match shares.components.iter().find(|share| Some(&share.component) == grown) {
        None => format!(
            "No component's share of the requests' time grows with load by more than noise ({basis})."
        ),
        Some(share) => format!(
            "The share of {} in the requests' time grows most with load: from {} at the fewest users to {} at the most, \
             {:+.1} points per 100 users ({basis}).",
            share.component,
            percent(share.smallest_level_share * 100.0),
            percent(share.largest_level_share * 100.0),
            share.slope_per_100_users * 100.0
        ),
    }
}

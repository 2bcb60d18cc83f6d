//! The seed's targets of scaling: throughput linear in the users, and little memory for each of them.

use super::LoadPoint;
use super::levels::{Level, Noises, log_throughput, samples};
use crate::config::Config;
use crate::judge::verdicts::{
    LinearLevel, LinearScaling, LoadAxis, LoadLevel, MemoryScaling, RunMemory, TargetOutcome,
};
use crate::stats::distributions::student_t_quantile;
use crate::stats::interval::Interval;
use crate::stats::least_squares::line;
use crate::summary::Measured;
use crate::units::{Unit, percent};

/// Does each level up to the target keep the smallest level's throughput per user?
///
/// A level passes while it falls short by no more than the tolerance, fails where it does so beyond noise, and cannot be
/// told in between.
pub fn linear_scaling(
    levels: &[LoadLevel],
    grouped: &[Level<'_>],
    axis: LoadAxis,
    noises: &Noises,
    config: &Config,
) -> LinearScaling {
    let settings = &config.scalability;
    let known: Vec<(u32, f64, Option<f64>)> = levels
        .iter()
        .zip(grouped)
        .filter_map(|(level, (load, runs))| {
            let users = load.users(axis).filter(|users| *users <= settings.linear_up_to_users)?;
            let rate = level.ok_per_s.number()?;
            let reach = noises.throughput.reach(&samples(runs, log_throughput), settings.confidence);
            Some((users, rate, reach))
        })
        .collect();
    let reaches_target = levels.iter().any(|level| {
        let users = level.load.users(axis);
        users.is_some_and(|users| users >= settings.linear_up_to_users) && level.ok_per_s.value().is_some()
    });
    let mut verdict = LinearScaling {
        outcome: TargetOutcome::CannotTell,
        up_to_users: settings.linear_up_to_users,
        tolerance: settings.linear_tolerance,
        from_users: known.first().map(|(users, ..)| *users),
        levels: Vec::new(),
        because: String::new(),
    };
    if let Some(smallest) = known.first().filter(|(_, rate, _)| *rate > 0.0) {
        verdict.levels =
            known[1..].iter().map(|level| linear_level(level, smallest, settings.linear_tolerance)).collect();
    }
    if axis == LoadAxis::OfferedPerS {
        verdict.because = "the levels are of offered rates, not of users".to_owned();
        return verdict;
    }
    (verdict.outcome, verdict.because) = linear_outcome(&verdict, known.len() as u64, reaches_target, config);
    verdict
}

type KnownLevel = (u32, f64, Option<f64>);

fn linear_level(
    (users, rate, reach): &KnownLevel,
    (least_users, least_rate, least_reach): &KnownLevel,
    tolerance: f64,
) -> LinearLevel {
    let predicted = least_rate * f64::from(*users) / f64::from(*least_users);
    let share = rate / predicted;
    let interval = reach.zip(*least_reach).filter(|_| share > 0.0).map(|(reach, least_reach)| {
        Interval::around(share.ln(), reach.hypot(least_reach)).map(|log| 1.0 - log.exp())
    });
    let shortfall = 1.0 - share;
    let is_beyond_noise = interval.is_none_or(|interval| interval.low > tolerance);
    LinearLevel {
        users: *users,
        ok_per_s: *rate,
        predicted_per_s: predicted,
        shortfall,
        interval: Measured::or(
            interval,
            "no run has an uncertainty of its throughput, or nothing got through",
        ),
        outcome: match (shortfall <= tolerance, is_beyond_noise) {
            (true, _) => TargetOutcome::Pass,
            (false, true) => TargetOutcome::Fail,
            (false, false) => TargetOutcome::CannotTell,
        },
    }
}

fn linear_outcome(
    verdict: &LinearScaling,
    known: u64,
    reaches_target: bool,
    config: &Config,
) -> (TargetOutcome, String) {
    let settings = &config.scalability;
    let of = |outcome| verdict.levels.iter().filter(move |level| level.outcome == outcome);
    // One level that falls short beyond noise is enough, however few there are.
    if let Some(first) = of(TargetOutcome::Fail).next() {
        return (TargetOutcome::Fail, format!("first at {}", short_text(first)));
    }
    let up_to = settings.linear_up_to_users;
    if known < settings.linear_min_levels {
        let least = settings.linear_min_levels;
        return (
            TargetOutcome::CannotTell,
            format!("levels up to {up_to} users: {known}, at least {least} needed"),
        );
    }
    if !reaches_target {
        return (TargetOutcome::CannotTell, format!("no level of {up_to} users or more was tested"));
    }
    if let Some(doubtful) = of(TargetOutcome::CannotTell).max_by(|a, b| a.shortfall.total_cmp(&b.shortfall)) {
        return (TargetOutcome::CannotTell, format!("{}, within the noise", short_text(doubtful)));
    }
    match verdict.levels.iter().max_by(|a, b| a.shortfall.total_cmp(&b.shortfall)) {
        Some(worst) => (TargetOutcome::Pass, short_text(worst)),
        None => (TargetOutcome::CannotTell, "nothing got through at the smallest level".to_owned()),
    }
}

fn short_text(level: &LinearLevel) -> String {
    let side = if level.shortfall >= 0.0 { "below" } else { "above" };
    format!(
        "{} users: {}, {} {side} the linear {}",
        level.users,
        Unit::PerSecond.print(level.ok_per_s),
        percent(level.shortfall.abs() * 100.0),
        Unit::PerSecond.print(level.predicted_per_s)
    )
}

/// Does memory grow with the users by less than the target? By the slope over the levels where there are enough of them, since
/// a growth that every run has, whatever its users, is none per user; else by each run.
pub fn memory_scaling(grouped: &[Level<'_>], config: &Config) -> MemoryScaling {
    let limit = config.targets.get("memory_growth_mb_per_100_users").and_then(|target| target.below);
    let mut runs: Vec<RunMemory> =
        grouped.iter().flat_map(|(_, runs)| runs.iter().filter_map(|run| run_memory(run, limit))).collect();
    // Stable: of one number of users in the order of the levels.
    runs.sort_by_key(|run| run.users);
    let mut users: Vec<u32> = runs.iter().map(|run| run.users).collect();
    users.dedup();
    let (levels, least) = (users.len() as u64, config.scalability.memory_min_levels);
    let slope = (levels >= least).then(|| slope(&runs, config.scalability.confidence)).flatten();
    let reason = format!("levels with memory samples: {levels}, at least {least} needed");
    let (outcome, because) = memory_outcome(slope, &runs, limit, &reason);
    MemoryScaling {
        outcome,
        limit_mb_per_100_users: limit,
        slope_mb_per_100_users: Measured::or(slope.map(|(slope, _)| slope), reason.clone()),
        interval: match slope {
            Some((_, interval)) => Measured::or(interval, "the runs lie on a line: no noise to estimate"),
            None => Measured::undefined(reason),
        },
        runs,
        because,
    }
}

const USERS: f64 = 100.0;
/// A slope's error below this share of it is rounding.
const EXACT: f64 = 1e-9;

fn run_memory(run: &LoadPoint, limit: Option<f64>) -> Option<RunMemory> {
    let users = run.users.value().copied()?;
    let (growth_mb, per_100) = (run.memory_growth_mb.number()?, run.memory_growth_mb_per_100_users.number()?);
    let outcome = match limit {
        None => TargetOutcome::CannotTell,
        Some(limit) if per_100 < limit => TargetOutcome::Pass,
        Some(_) => TargetOutcome::Fail,
    };
    Some(RunMemory {
        run_id: run.run_id.clone(),
        users,
        growth_mb,
        growth_mb_per_100_users: per_100,
        outcome,
    })
}

/// MB per 100 users by least squares over the runs.
fn slope(runs: &[RunMemory], confidence: f64) -> Option<(f64, Option<Interval>)> {
    let (x, y): (Vec<f64>, Vec<f64>) =
        runs.iter().map(|run| (f64::from(run.users) / USERS, run.growth_mb)).unzip();
    let line = line(&x, &y)?;
    // Points on a line tell nothing of its errors.
    let interval =
        line.slope_standard_error.filter(|error| *error > EXACT * line.slope.abs()).and_then(|error| {
            let t = student_t_quantile(0.5 + confidence / 2.0, x.len() as f64 - 2.0)?;
            Some(Interval::around(line.slope, t * error))
        });
    Some((line.slope, interval))
}

fn memory_outcome(
    slope: Option<(f64, Option<Interval>)>,
    runs: &[RunMemory],
    limit: Option<f64>,
    reason: &str,
) -> (TargetOutcome, String) {
    let Some(limit) = limit else {
        return (TargetOutcome::CannotTell, "there is no target for memory per 100 users".to_owned());
    };
    let print = |value: f64| Unit::Megabytes.print(value);
    if let Some((slope, interval)) = slope {
        let text = match interval {
            Some(found) => {
                format!("{} per 100 users ({} … {})", print(slope), print(found.low), print(found.high))
            }
            None => format!("{} per 100 users", print(slope)),
        };
        return match (slope < limit, interval.is_none_or(|interval| interval.low >= limit)) {
            (true, _) => (TargetOutcome::Pass, text),
            (false, true) => (TargetOutcome::Fail, text),
            (false, false) => (TargetOutcome::CannotTell, format!("{text}, within the noise")),
        };
    }
    let worst = runs.iter().max_by(|a, b| a.growth_mb_per_100_users.total_cmp(&b.growth_mb_per_100_users));
    match worst {
        None => (TargetOutcome::CannotTell, "no run has memory samples and users".to_owned()),
        Some(worst) => {
            let growth = print(worst.growth_mb_per_100_users);
            (
                worst.outcome,
                format!("{reason}; alone, {} grows by {growth} per 100 users at worst", worst.run_id),
            )
        }
    }
}

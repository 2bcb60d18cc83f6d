//! Does the memory of the service leak? The floor of its memory rises, and would pass the target before long.

use super::verdicts::Leak;
use crate::config::Config;
use crate::stats::floor::floor_slope;
use crate::summary::{Measured, RunSummary};

const US_PER_MIN: f64 = 60e6;
const S_PER_MIN: f64 = 60.0;
/// The target that a growth is held against.
const TARGET: &str = "memory_growth_mb_per_100_users";

/// The verdict over the judged window. Undefined without memory samples, with too few of them, or without a limit: the
/// target is per 100 users.
pub fn judge_leak(summary: &RunSummary, config: &Config) -> Measured<Leak> {
    let series = &summary.series.service_memory_mb;
    if series.is_empty() {
        return Measured::undefined("no memory samples of the service");
    }
    let (minutes, memory_mb): (Vec<f64>, Vec<f64>) =
        series.iter().map(|&(at_us, mb)| (at_us as f64 / US_PER_MIN, mb)).unzip();
    let settings = &config.leak;
    let window_min = settings.floor_window_s / S_PER_MIN;
    let Some(floor) = floor_slope(&minutes, &memory_mb, window_min, settings.confidence) else {
        let reason = format!("fewer than 10 stretches of {} s of memory samples", settings.floor_window_s);
        return Measured::undefined(reason);
    };
    limit_mb(summary, config).map(|limit_mb| {
        let projected_growth_mb = floor.slope * settings.horizon_min;
        Leak {
            suspected: floor.interval.low > 0.0 && projected_growth_mb > limit_mb,
            slope_mb_per_min: floor.slope,
            interval_mb_per_min: floor.interval,
            points: floor.points as u64,
            projected_growth_mb,
            horizon_min: settings.horizon_min,
            limit_mb: Measured::Value(limit_mb),
        }
    })
}

/// The target for all users of the run, MB.
fn limit_mb(summary: &RunSummary, config: &Config) -> Measured<f64> {
    let per_100 = config.targets.get(TARGET).and_then(|target| target.below);
    let users = summary.identity.metadata.users.filter(|&users| users > 0);
    match (per_100, users) {
        (Some(per_100), Some(users)) => Measured::Value(per_100 * f64::from(users) / 100.0),
        (None, _) => Measured::undefined(format!("no target {TARGET} in the settings")),
        (_, None) => Measured::undefined("the number of users is unknown, and the target is per 100 users"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::fixture;

    /// 10 min of memory: a floor that rises by `mb_per_min` under a saw-tooth of 40 MB a minute.
    fn run(mb_per_min: f64) -> RunSummary {
        let mut run = fixture::run_summary();
        run.identity.metadata.users = Some(50);
        run.series.service_memory_mb = (0..6_000)
            .map(|tick| {
                let minutes = f64::from(tick) / 600.0;
                let at_us = fixture::START_US + i64::from(tick) * 100_000;
                (at_us, 300.0 + mb_per_min * minutes + 40.0 * (minutes * 6.0).fract())
            })
            .collect();
        run
    }

    #[test]
    fn a_rising_floor_is_a_leak_and_a_saw_tooth_is_none() {
        let config = Config::defaults();
        let mut settings = config.clone();
        settings.leak.floor_window_s = 10.0;
        let found = judge_leak(&run(2.0), &settings);
        let leak = found.value().unwrap();
        assert!(leak.suspected, "{leak:?}");
        assert!((leak.slope_mb_per_min - 2.0).abs() < 0.01, "{leak:?}");
        // 50 users, 50 MB per 100: 25 MB. 2 MB/min make 120 MB in an hour.
        assert_eq!(leak.limit_mb, Measured::Value(25.0));
        assert!((leak.projected_growth_mb - 120.0).abs() < 1.0);
        assert!(!judge_leak(&run(0.0), &settings).value().unwrap().suspected);
        // It rises for certain, but would take more than an hour to matter.
        assert!(!judge_leak(&run(0.2), &settings).value().unwrap().suspected);
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let config = Config::defaults();
        let mut unknown = run(2.0);
        unknown.identity.metadata.users = None;
        assert!(judge_leak(&unknown, &config).reason().unwrap().contains("users is unknown"));
        let mut short = run(2.0);
        short.series.service_memory_mb.truncate(300);
        assert!(judge_leak(&short, &config).reason().unwrap().contains("fewer than 10 stretches"));
        short.series.service_memory_mb.clear();
        assert_eq!(judge_leak(&short, &config).reason(), Some("no memory samples of the service"));
    }
}

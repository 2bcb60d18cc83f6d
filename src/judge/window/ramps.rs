//! Ramp-up and ramp-down, by the sampled number of users.

use std::collections::BTreeMap;

use crate::config::WindowSettings;
use crate::summary::RunTimeline;

/// Between which instants the number of users is at its height. µs since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plateau {
    pub from_us: i64,
    /// `None` where the last sample is still at the height.
    pub until_us: Option<i64>,
}

/// The stretch from the first instant at which the users reach `ramp_users_share` of their maximum to the last at
/// which they leave it. `None` where no number of users was sampled, or nobody was there; and for an open-loop run,
/// whose users are as many as wait for an answer, not the load.
pub fn plateau(whole: &RunTimeline, settings: &WindowSettings) -> Option<Plateau> {
    if whole.load_model.as_deref() == Some("open") {
        return None;
    }
    let users = settings.user_metrics.iter().find_map(|metric| users_over_time(whole, metric))?;
    let most = users.iter().map(|&(_, users)| users).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let is_high = |&(_, users): &(i64, f64)| users >= settings.ramp_users_share * most;
    let first = users.iter().position(is_high)?;
    let last = users.iter().rposition(is_high)?;
    Some(Plateau { from_us: users[first].0, until_us: users.get(last + 1).map(|&(at_us, _)| at_us) })
}

/// The sum over all streams of `metric` at each instant at which one of them was sampled, each with its latest value.
fn users_over_time(whole: &RunTimeline, metric: &str) -> Option<Vec<(i64, f64)>> {
    let series = &whole.series;
    let asked: Vec<Option<&str>> =
        series.metrics.iter().map(|label| is_of(label, metric).then_some(label.as_str())).collect();
    let mut latest: BTreeMap<&str, f64> = BTreeMap::new();
    let mut users: Vec<(i64, f64)> = Vec::new();
    for sample in series.samples.iter() {
        let Some(label) = sample.among(&asked) else { continue };
        latest.insert(label, sample.value);
        let sum = latest.values().sum();
        match users.last_mut() {
            Some(last) if last.0 == sample.at_us => last.1 = sum,
            _ => users.push((sample.at_us, sum)),
        }
    }
    (!users.is_empty()).then_some(users)
}

/// A sample is labelled `metric`, `component.metric`, and `[instance]` behind either.
fn is_of(label: &str, metric: &str) -> bool {
    let name = label.split('[').next().unwrap_or_default();
    name.strip_suffix(metric).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::{SamplePoint, SamplePoints, fixture};

    fn plateau_of(samples: &[(i64, &str, f64)], load_model: &str) -> Option<Plateau> {
        let mut run = fixture::timeline();
        run.load_model = Some(load_model.into());
        run.series.metrics = samples.iter().map(|(_, label, _)| (*label).into()).collect();
        let points = samples.iter().zip(0..);
        let points = points.map(|(&(at_us, _, value), metric)| SamplePoint { at_us, value, metric });
        run.series.samples = SamplePoints::new(points.collect(), 0);
        plateau(&run, &Config::defaults().window)
    }

    #[test]
    fn the_ramps_end_and_begin_at_the_share_of_the_most_users() {
        let users = "active_users[gen]";
        let samples =
            [(0, users, 5.0), (1, users, 19.0), (2, users, 20.0), (3, users, 19.5), (4, users, 10.0)];
        assert_eq!(plateau_of(&samples, "closed"), Some(Plateau { from_us: 1, until_us: Some(4) }));
        assert_eq!(plateau_of(&samples[..3], "closed"), Some(Plateau { from_us: 1, until_us: None }));
        assert_eq!(plateau_of(&samples, "open"), None, "waiting users are no load");
    }

    #[test]
    fn users_of_several_load_generators_add_up_whatever_component_reports_them() {
        let (a, b) = ("load.active_users[a]", "load.active_users[b]");
        let samples = [(0, a, 10.0), (1, b, 10.0), (2, a, 0.0), (3, b, 0.0)];
        assert_eq!(plateau_of(&samples, "closed"), Some(Plateau { from_us: 1, until_us: Some(2) }));
    }

    #[test]
    fn without_users_there_is_no_ramp() {
        assert_eq!(plateau_of(&[(0, "inactive_users", 5.0), (1, "threads[a]", 3.0)], "closed"), None);
        assert_eq!(plateau_of(&[(0, "active_users", 0.0)], "closed"), None);
    }
}

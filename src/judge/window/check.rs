//! Was the window steady? Its quarters must agree, as far as their noise lets one see.

use super::compare::{Compared, Limits, PARTS_PER_QUARTER, QUARTERS};
use super::overload::overload;
use crate::config::WindowSettings;
use crate::judge::{Overload, SteadyCheck, SteadyWord};
use crate::summary::{LoadSeconds, Measured, PartOfLoad, Parts};
use crate::units::Unit;

const PARTS: usize = QUARTERS * PARTS_PER_QUARTER;

/// What the check of a window saw.
pub struct Check {
    pub checks: Vec<SteadyCheck>,
    pub overload: Option<Overload>,
    /// Why nothing can be told, however well the quarters agree.
    pub obstacle: Option<String>,
}

impl Check {
    pub fn without_requests() -> Self {
        Self { checks: Vec::new(), overload: None, obstacle: Some("the run has no requests".to_owned()) }
    }

    /// Compares the quarters of [start, end).
    pub fn of(
        load: &LoadSeconds,
        parts: &impl Parts,
        (start_us, end_us): (i64, i64),
        settings: &WindowSettings,
    ) -> Self {
        let steady = &settings.steady;
        let length_us = i128::from(end_us.saturating_sub(start_us));
        let edge = |index: usize| {
            let since_us = length_us * index as i128 / PARTS as i128;
            start_us.saturating_add(i64::try_from(since_us).unwrap_or(i64::MAX))
        };
        let edges_us: Vec<i64> = (0..=PARTS).map(edge).collect();
        let parts = parts.parts(&edges_us);
        let part_s = length_us as f64 / PARTS as f64 / 1e6;
        let has_p95 = |part: &PartOfLoad| part.timed >= steady.min_requests_per_p95;
        let values = |of: &dyn Fn(&PartOfLoad) -> Option<f64>| parts.iter().map(of).collect::<Vec<_>>();
        let checks = vec![
            Compared {
                metric: "mean_response_time",
                label: "mean response time",
                unit: Unit::Milliseconds,
                values: values(&|part| part.mean_ok_ms),
            }
            .check(steady.max_mean_difference, &Limits::of(steady)),
            Compared {
                metric: "p95_response_time",
                label: "P95",
                unit: Unit::Milliseconds,
                values: values(&|part| part.p95_ms.filter(|_| has_p95(part))),
            }
            .check(steady.max_p95_difference, &Limits::of(steady)),
            Compared {
                metric: "ok_per_s",
                label: "successful requests per second",
                unit: Unit::PerSecond,
                values: values(&|part| Some(part.ok_ends as f64 / part_s)),
            }
            .check(steady.max_ok_difference, &Limits::of(steady)),
            failures(&parts, settings),
        ];
        let ok = parts.iter().map(|part| part.ok).sum();
        let (first, until) = (load.first_from(start_us), load.whole_until(end_us));
        Self {
            checks,
            overload: overload(load, first, until, &settings.overload),
            obstacle: too_little(length_us as f64 / 1e6, ok, settings),
        }
    }

    pub fn word(&self) -> SteadyWord {
        let is_any = |word: SteadyWord| self.checks.iter().any(|check| check.word == word);
        if self.overload.is_some() || is_any(SteadyWord::NotSteady) {
            SteadyWord::NotSteady
        } else if self.obstacle.is_some() || is_any(SteadyWord::CannotTell) {
            SteadyWord::CannotTell
        } else {
            SteadyWord::Steady
        }
    }

    /// The word for people, with the reason for it where it is not steady.
    pub fn told(&self) -> String {
        match self.word() {
            SteadyWord::Steady => "steady".to_owned(),
            SteadyWord::NotSteady => {
                let overload = self.overload.as_ref().map(told);
                format!("not steady: {}", overload.unwrap_or_else(|| self.reason(SteadyWord::NotSteady)))
            }
            SteadyWord::CannotTell => match &self.obstacle {
                Some(obstacle) => obstacle.clone(),
                None => {
                    format!("steadiness unknown: {}", self.reason(SteadyWord::CannotTell))
                }
            },
        }
    }

    pub fn overload(&self) -> Measured<Overload> {
        Measured::or(self.overload, "completions keep up with arrivals")
    }

    /// Of the check with this word that is furthest beyond its limit.
    fn reason(&self, word: SteadyWord) -> String {
        let beyond = |check: &SteadyCheck| check.difference.number().unwrap_or(0.0) / check.limit;
        let with = self.checks.iter().filter(|check| check.word == word);
        let worst = with.max_by(|a, b| beyond(a).total_cmp(&beyond(b)));
        worst.and_then(|check| check.reason.clone()).unwrap_or_default()
    }
}

fn told(overload: &Overload) -> String {
    format!(
        "arrivals exceed completions by {}: {:.0} requests in flight at the end, and growing",
        Unit::Ratio.print(overload.excess),
        overload.in_flight
    )
}

fn too_little(length_s: f64, ok: u64, settings: &WindowSettings) -> Option<String> {
    let (seconds, least) = (length_s.floor(), settings.min_seconds);
    if seconds < least as f64 {
        return Some(format!("too short to judge steadiness: {seconds} s, at least {least} s needed"));
    }
    let least = settings.min_ok;
    (ok < least)
        .then(|| format!("too few requests to judge steadiness: {ok} successful, at least {least} needed"))
}

/// The shares of failures: a difference in points, where the numbers differ, too.
fn failures(parts: &[PartOfLoad], settings: &WindowSettings) -> SteadyCheck {
    let steady = &settings.steady;
    let quarters: Vec<(u64, u64)> = parts
        .chunks(PARTS_PER_QUARTER)
        .map(|quarter| {
            let not_ok = quarter.iter().map(|part| part.not_ok).sum();
            (not_ok, quarter.iter().map(|part| part.ok).sum::<u64>() + not_ok)
        })
        .filter(|&(_, known)| known > 0)
        .collect();
    let shares: Vec<f64> = quarters.iter().map(|&(not_ok, known)| not_ok as f64 / known as f64).collect();
    let number = |of: fn(u64, u64) -> u64| quarters.iter().map(|&(not_ok, _)| not_ok).reduce(of).unwrap_or(0);
    let (low, high) = (
        shares.iter().copied().fold(f64::INFINITY, f64::min),
        shares.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let differs = high - low > steady.max_failure_difference
        && number(u64::max) - number(u64::min) >= steady.min_failures;
    let word = if differs { SteadyWord::NotSteady } else { SteadyWord::Steady };
    let reason = format!(
        "between {} and {} of the requests fail, quarter by quarter",
        Unit::Ratio.print(low),
        Unit::Ratio.print(high)
    );
    SteadyCheck {
        metric: "failure_rate".to_owned(),
        unit: Unit::Ratio,
        word,
        difference: Measured::or(
            (!shares.is_empty()).then_some(high - low),
            "no request of which it is known how it ended",
        ),
        quarters: if shares.len() == QUARTERS { shares } else { Vec::new() },
        limit: steady.max_failure_difference,
        noise: Measured::undefined("failures count as they are"),
        half_width: Measured::undefined("failures count as they are"),
        reason: differs.then_some(reason),
    }
}

//! What changed for good over the nights of a level: change points, each with its likely culprits, acknowledged or not.

use super::acknowledged::{Acknowledged, Acknowledgements};
use super::nights::Level;
use crate::config::{HistorySettings, MetricRule, Worse};
use crate::stats::change_points::{ChangeLimits, ChangePoint, ChangeScale, change_points, hampel};
use crate::stats::robust::median;
use crate::units::{ChangeUnit, Scale, Unit};

/// One metric over the nights of a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// `component/metric`.
    pub metric: String,
    pub unit: Unit,
    pub scale: Scale,
    /// Nights that have it, in the order of time.
    pub points: Vec<Point>,
    /// Indices of points from which on the numbers mean something else than before: no change is told across them.
    pub cuts: Vec<usize>,
    pub changes: Vec<Change>,
    /// The least change that is told, in the unit of the values: what is smaller does not matter.
    pub least_change: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its index in the level's nights.
    pub night: usize,
    pub value: f64,
}

/// The value changed from one night to the next, and stayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Index of the first point of the new level; the culprit came in after the point before it.
    pub point: usize,
    /// Mean values before and after.
    pub before: f64,
    pub after: f64,
    pub is_worse: bool,
    /// Two-sided.
    pub p: f64,
    pub acknowledged: Option<Acknowledged>,
}

impl Series {
    /// The metric over the nights of `level`; none where no night has it.
    pub fn of(
        level: &Level<'_>,
        metric: &str,
        rule: &MetricRule,
        acknowledgements: &Acknowledgements,
        settings: &HistorySettings,
    ) -> Option<Self> {
        let nights = level.nights.iter().enumerate();
        let points: Vec<Point> =
            nights.filter_map(|(night, runs)| Some(Point { night, value: runs.value(metric)? })).collect();
        let unit = level.nights.iter().find_map(|night| night.metrics(metric).next())?.unit;
        let mut series = Self {
            metric: metric.to_owned(),
            unit,
            scale: rule.change,
            cuts: cuts(level, &points),
            changes: Vec::new(),
            least_change: least_change(&points, rule, settings),
            points,
        };
        series.changes = series.find_changes(rule, settings);
        for change in &mut series.changes {
            let dates: Vec<&str> =
                series.points.iter().map(|point| level.nights[point.night].date.as_str()).collect();
            change.acknowledged =
                acknowledgements.of(metric, level.conditions.users, change.point, &dates).cloned();
        }
        Some(series)
    }

    /// Between each two cuts.
    fn find_changes(&self, rule: &MetricRule, settings: &HistorySettings) -> Vec<Change> {
        let limits = limits(rule, settings);
        let starts = std::iter::once(0).chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain([self.points.len()]);
        let mut changes = Vec::new();
        for (start, end) in starts.zip(ends) {
            let values: Vec<f64> = self.points[start..end].iter().map(|point| point.value).collect();
            let filtered = hampel(&values, settings.odd_window_nights, settings.odd_from_deviations);
            let found = change_points(&filtered, &limits);
            changes.extend(found.into_iter().map(|point| Change::of(point, start, rule)));
        }
        changes
    }

    /// What the change is, on the scale of the metric: 0.22 is +22 %.
    pub fn change_of(&self, change: &Change) -> f64 {
        match self.scale {
            Scale::Relative => change.after / change.before - 1.0,
            Scale::Points | Scale::Amount => change.after - change.before,
        }
    }

    /// How its changes print.
    pub fn change_unit(&self) -> ChangeUnit {
        ChangeUnit::of(self.scale, self.unit)
    }
}

impl Change {
    fn of(found: ChangePoint, start: usize, rule: &MetricRule) -> Self {
        let rises = found.after > found.before;
        Self {
            point: start + found.index,
            before: found.before,
            after: found.after,
            is_worse: rises == (rule.worse == Worse::Higher),
            p: found.p,
            acknowledged: None,
        }
    }
}

/// Of what is compared by its ratio a share of it, of all else what does not matter in a comparison, either.
fn limits(rule: &MetricRule, settings: &HistorySettings) -> ChangeLimits {
    let (size, scale) = match rule.change {
        Scale::Relative => (settings.min_change, ChangeScale::Relative),
        Scale::Points | Scale::Amount => (rule.margin, ChangeScale::Absolute),
    };
    ChangeLimits { window: settings.window_nights, p: settings.p, size, scale }
}

fn least_change(points: &[Point], rule: &MetricRule, settings: &HistorySettings) -> f64 {
    let limits = limits(rule, settings);
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    match limits.scale {
        ChangeScale::Relative => limits.size * median(&values).unwrap_or_default().abs(),
        ChangeScale::Absolute => limits.size,
    }
}

/// Where the numbers of a night mean something else than those of the night before.
fn cuts(level: &Level<'_>, points: &[Point]) -> Vec<usize> {
    let meaning = |point: &Point| level.nights[point.night].runs[0].meaning();
    let differs = |&index: &usize| meaning(&points[index]) != meaning(&points[index - 1]);
    (1..points.len()).filter(differs).collect()
}

//! How an entry of the catalogue is written: a metric and the function that reads it.

use super::metric::{Better, Metric, Name, Population, Span};
use super::reading::Reading;
use crate::summary::Distribution;
use crate::units::Scale;
use crate::units::Unit;

/// A metric and how it is read from a `T`.
pub struct Entry<T: 'static> {
    pub metric: Metric,
    pub read: Read<T>,
}

/// A number, or one for each quantile or word.
pub enum Read<T: 'static> {
    Number(fn(&T) -> Reading),
    Quantiles(fn(&T) -> &Distribution),
    Words(fn(&T) -> Vec<(String, Reading)>),
}

/// A number.
pub const fn entry<T>(metric: Metric, read: fn(&T) -> Reading) -> Entry<T> {
    Entry { metric, read: Read::Number(read) }
}

/// All measured quantiles of a distribution of times.
pub const fn quantiles<T>(
    prefix: &'static str,
    population: Population,
    meaning: &'static str,
    read: fn(&T) -> &Distribution,
) -> Entry<T> {
    let metric = named(Name::Quantiles(prefix), Unit::Milliseconds, population, meaning).lower();
    Entry { metric, read: Read::Quantiles(read) }
}

/// A number for each word that occurs.
pub const fn words<T>(metric: Metric, read: fn(&T) -> Vec<(String, Reading)>) -> Entry<T> {
    Entry { metric, read: Read::Words(read) }
}

/// A metric of which neither direction is better, over the judged window.
pub const fn metric(name: &'static str, unit: Unit, population: Population, meaning: &'static str) -> Metric {
    named(Name::One(name), unit, population, meaning)
}

pub const fn named(name: Name, unit: Unit, population: Population, meaning: &'static str) -> Metric {
    let scale = match unit {
        Unit::Ratio => Scale::Points,
        Unit::Megabytes | Unit::MegabytesPerMinute | Unit::Kilobytes => Scale::Amount,
        _ => Scale::Relative,
    };
    Metric {
        name,
        population,
        span: Span::Judged,
        unit,
        scale,
        better: Better::Neither,
        is_compared: false,
        is_headline: false,
        meaning,
    }
}

impl Metric {
    pub const fn lower(mut self) -> Self {
        self.better = Better::Lower;
        self
    }

    pub const fn higher(mut self) -> Self {
        self.better = Better::Higher;
        self
    }

    pub const fn relative(mut self) -> Self {
        self.scale = Scale::Relative;
        self
    }

    pub const fn compared(mut self) -> Self {
        self.is_compared = true;
        self
    }

    pub const fn headline(mut self) -> Self {
        self.is_headline = true;
        self
    }
}

impl<T> Entry<T> {
    pub const fn headline(mut self) -> Self {
        self.metric = self.metric.headline();
        self
    }

    pub const fn compared(mut self) -> Self {
        self.metric = self.metric.compared();
        self
    }
}

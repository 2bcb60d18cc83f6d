//! A number as read from a run: its value, how many calls or samples it rests on, and whether these are enough.

use std::borrow::Cow;

use crate::summary::{Distribution, Measured};

/// A number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Undefined with its reason.
    pub value: Measured<f64>,
    /// Calls or samples that it rests on; none where it is not a matter of counting.
    pub n: Option<u64>,
    pub guard: Guard,
}

/// Whether a number rests on enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Not a matter of counting.
    Enough,
    /// A share of so many: it needs as many beyond a limit as a quantile needs beyond itself.
    ShareOf(u64),
    /// A quantile, which says so itself.
    Quantile { low_sample: bool },
}

impl Reading {
    pub fn undefined(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(&Measured::undefined(reason))
    }

    /// A number that is not a matter of counting.
    pub fn plain(value: &Measured<f64>) -> Self {
        Self { value: value.clone(), n: None, guard: Guard::Enough }
    }

    pub fn known(value: f64) -> Self {
        Self::plain(&Measured::Value(value))
    }

    pub fn count(count: u64) -> Self {
        Self::known(count as f64)
    }

    pub fn counted(count: &Measured<u64>) -> Self {
        Self::plain(&count.as_ref().map(|&count| count as f64))
    }

    /// A mean over `n`.
    pub fn over(value: &Measured<f64>, n: u64) -> Self {
        Self { n: Some(n), ..Self::plain(value) }
    }

    /// A share of `of`.
    pub fn share(value: &Measured<f64>, of: u64) -> Self {
        Self { value: value.clone(), n: Some(of), guard: Guard::ShareOf(of) }
    }

    /// The quantile `q` of a distribution.
    pub fn quantile(distribution: &Distribution, q: f64) -> Self {
        let low_sample = distribution.quantile(q).is_some_and(|quantile| quantile.low_sample);
        Self {
            value: distribution.measured_ms(q),
            n: Some(distribution.n),
            guard: Guard::Quantile { low_sample },
        }
    }
}

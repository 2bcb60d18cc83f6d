//! Values of a line that come in several JSON forms: whole numbers, real numbers, instants.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// Above this not every whole number has a float: 2^53.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number that is not negative; also as a float without fraction (pandas turns ids into floats).
#[derive(Debug, Clone, Copy)]
pub struct Whole(pub u64);

/// A finite number. (JSON has no NaN; one that overflows is refused by the reader of JSON.)
#[derive(Debug, Clone, Copy)]
pub struct Real(pub f64);

/// µs since 1970: a number (a fraction is cut off) or RFC 3339 text with its zone.
#[derive(Debug, Clone, Copy)]
pub struct Instant(pub i64);

struct WholeVisitor;
struct RealVisitor;
struct InstantVisitor;

macro_rules! by_visitor {
    ($($value:ident by $visitor:ident,)*) => { $(
        impl<'de> Deserialize<'de> for $value {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any($visitor).map($value)
            }
        }
    )* };
}

by_visitor! { Whole by WholeVisitor, Real by RealVisitor, Instant by InstantVisitor, }

impl Visitor<'_> for WholeVisitor {
    type Value = u64;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a whole number that is not negative")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        if number.fract() == 0.0 && (0.0..=LARGEST_EXACT).contains(&number) {
            Ok(number as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

impl Visitor<'_> for RealVisitor {
    type Value = f64;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a finite number")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        if number.is_finite() { Ok(number) } else { Err(E::invalid_value(Unexpected::Float(number), &self)) }
    }
}

impl Visitor<'_> for InstantVisitor {
    type Value = i64;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("µs since 1970, or RFC 3339 text with its zone such as \"2026-01-31T12:00:00.25Z\"")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        if number.abs() <= LARGEST_EXACT {
            Ok(number.floor() as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        let instant: jiff::Timestamp =
            text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        Ok(instant.as_microsecond())
    }
}

//! A number that may be undefined, and then says why.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A measured value, or the reason why there is none. Never 0, NaN or 100 % in its place.
///
/// Serialises as the value, or as `{"undefined": "reason"}`, which `report::json` turns into `null` and an
/// entry of the report's `undefined` map.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured<T> {
    Value(T),
    Undefined(Undefined),
}

/// Why a number is undefined: a short phrase for people, "no events", "no column duration_ms".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undefined {
    #[serde(rename = "undefined")]
    reason: Cow<'static, str>,
}

impl Undefined {
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into() }
    }

    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl<T> Measured<T> {
    pub fn undefined(reason: impl Into<Cow<'static, str>>) -> Self {
        Measured::Undefined(Undefined::new(reason))
    }

    /// `value`, or undefined for `reason` when there is none.
    pub fn or(value: Option<T>, reason: impl Into<Cow<'static, str>>) -> Self {
        match value {
            Some(value) => Measured::Value(value),
            None => Measured::undefined(reason),
        }
    }

    pub fn value(&self) -> Option<&T> {
        match self {
            Measured::Value(value) => Some(value),
            Measured::Undefined(_) => None,
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Measured::Value(_) => None,
            Measured::Undefined(undefined) => Some(undefined.reason()),
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Measured<U> {
        match self {
            Measured::Value(value) => Measured::Value(f(value)),
            Measured::Undefined(undefined) => Measured::Undefined(undefined),
        }
    }

    pub fn and_then<U>(self, f: impl FnOnce(T) -> Measured<U>) -> Measured<U> {
        match self {
            Measured::Value(value) => f(value),
            Measured::Undefined(undefined) => Measured::Undefined(undefined),
        }
    }

    pub fn as_ref(&self) -> Measured<&T> {
        match self {
            Measured::Value(value) => Measured::Value(value),
            Measured::Undefined(undefined) => Measured::Undefined(undefined.clone()),
        }
    }
}

impl Measured<f64> {
    /// `numerator / denominator`, undefined for `reason` when the denominator is 0 or the result not finite.
    pub fn ratio(numerator: f64, denominator: f64, reason: impl Into<Cow<'static, str>>) -> Self {
        let ratio = numerator / denominator;
        Measured::or((denominator != 0.0 && ratio.is_finite()).then_some(ratio), reason)
    }

    /// The plain number, for arithmetic that ends in another `Measured`.
    pub fn number(&self) -> Option<f64> {
        self.value().copied()
    }
}

impl<T: Serialize> Serialize for Measured<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Measured::Value(value) => value.serialize(serializer),
            Measured::Undefined(undefined) => undefined.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Measured<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Undefined(Undefined),
            Value(T),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Undefined(undefined) => Measured::Undefined(undefined),
            Either::Value(value) => Measured::Value(value),
        })
    }
}

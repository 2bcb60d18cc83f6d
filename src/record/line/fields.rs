//! The keys of a line, typed: read in one pass, unknown ones noted and skipped.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::value::{Instant, Real, Whole};
use crate::run::Event;
use crate::run::columns::{At, COLUMNS, Column, TIMES_US, run_columns};

/// All keys that a line may have, before they are checked against each other.
#[derive(Debug, Default)]
pub struct RawLine<E> {
    /// Those that are columns.
    pub event: E,
    pub role: Option<String>,
    pub pid: Option<u64>,
    pub meta: Option<Value>,
    pub unknown_keys: Vec<String>,
}

/// The columns of a line.
pub trait RawColumns: Default {
    type Event;

    /// Takes the value of `key`; false when that is no column.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;

    /// The event, once its values are checked. `arrival_us` (µs since 1970) stands in for a missing `ts`, less the
    /// duration.
    fn into_event(self, arrival_us: Option<i64>) -> Result<Self::Event, String>;
}

/// How a value comes in a line.
#[rustfmt::skip]
macro_rules! raw {
    (Time) => { Instant };
    (Word) => { String };
    (Text) => { String };
    (Measure) => { Real };
    (Number) => { Real };
    ($whole:ident) => { Whole };
}

macro_rules! define_raw_event {
    ({ $($must:ident: $must_kind:ident)* } $($name:ident: $kind:ident)*) => {
        /// The columns of the contract as a line has them.
        #[derive(Debug, Default)]
        pub struct RawEvent {
            $(pub $must: Option<raw!($must_kind)>,)*
            $(pub $name: Option<raw!($kind)>,)*
        }

        impl RawColumns for RawEvent {
            type Event = Event;

            fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
                match key {
                    $(stringify!($must) => self.$must = value(map, key)?,)*
                    $(stringify!($name) => self.$name = value(map, key)?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn into_event(self, arrival_us: Option<i64>) -> Result<Event, String> {
                Ok(Event {
                    ts: start_us(self.ts, self.duration_ms, arrival_us)?,
                    component: self.component.filter(|name| !name.is_empty()).ok_or("`component` is empty")?,
                    $($name: self.$name.map(|raw| raw.check(&COLUMNS[At::$name as usize])).transpose()?,)*
                })
            }
        }
    };
}

run_columns!(define_raw_event);

impl<'de, E: RawColumns> Deserialize<'de> for RawLine<E> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(LineVisitor(RawLine::default()))
    }
}

struct LineVisitor<E>(RawLine<E>);

/// A key, without a copy where it stands in the line as it is.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, E: RawColumns> Visitor<'de> for LineVisitor<E> {
    type Value = RawLine<E>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawLine<E>, A::Error> {
        let LineVisitor(mut raw) = self;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "role" => raw.role = value(&mut map, "role")?,
                "pid" => raw.pid = value::<Whole, A>(&mut map, "pid")?.map(|pid| pid.0),
                "meta" => raw.meta = value(&mut map, "meta")?,
                column if raw.event.take(column, &mut map)? => {}
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    raw.unknown_keys.push(key.into_owned());
                }
            }
        }
        Ok(raw)
    }
}

/// The value of `key`; an error names the key.
pub fn value<'de, T, A>(map: &mut A, key: &str) -> Result<Option<T>, A::Error>
where
    T: Deserialize<'de>,
    A: MapAccess<'de>,
{
    map.next_value().map_err(|error| A::Error::custom(format_args!("`{key}`: {error}")))
}

pub fn start_us(
    ts: Option<Instant>,
    duration_ms: Option<Real>,
    arrival_us: Option<i64>,
) -> Result<i64, String> {
    let ts = match (ts, arrival_us) {
        (Some(ts), _) => ts,
        // The cast saturates, so that a silly duration ends outside the range.
        (None, Some(arrival)) => {
            let duration_us = duration_ms.map_or(0.0, |duration| duration.0.max(0.0) * 1000.0) as i64;
            Instant(arrival.saturating_sub(duration_us))
        }
        (None, None) => return Err("`ts` is missing, and a file has no time of arrival".to_owned()),
    };
    ts.check(&COLUMNS[At::ts as usize])
}

/// A value as a line has it, for one of type `V` in the event.
pub trait Raw<V> {
    /// The value; otherwise what is wrong with it.
    fn check(self, column: &Column) -> Result<V, String>;
}

impl Raw<String> for String {
    fn check(self, _: &Column) -> Result<String, String> {
        Ok(self)
    }
}

impl Raw<i64> for Instant {
    fn check(self, column: &Column) -> Result<i64, String> {
        let (Instant(us), name) = (self, column.name);
        if TIMES_US.contains(&us) {
            Ok(us)
        } else {
            Err(format!("`{name}` {us} lies outside 2000 to 2100 when read as µs since 1970"))
        }
    }
}

impl Raw<f64> for Real {
    fn check(self, column: &Column) -> Result<f64, String> {
        let (Real(number), Column { name, least, most, .. }) = (self, column);
        match number {
            _ if number < *least => Err(format!("`{name}` is {number}, below {least}")),
            _ if number > *most => Err(format!("`{name}` is {number}, above {most}")),
            _ => Ok(number),
        }
    }
}

impl<T: TryFrom<u64>> Raw<T> for Whole {
    fn check(self, column: &Column) -> Result<T, String> {
        let (Whole(number), name) = (self, column.name);
        T::try_from(number).map_err(|_| format!("`{name}` is {number}, too large"))
    }
}

#[cfg(test)]
pub(crate) use {define_raw_event, raw};

//! The keys of a line, typed: read in one pass, unknown ones noted and skipped.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::value::{Instant, Real, Whole};
use crate::run::Event;
use crate::run::columns::{At, COLUMNS, Column, TIMES_US, Typed, kinds, run_columns};

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

/// How the values of a kind of column come in a line.
pub trait InLine: Typed {
    type Raw: for<'de> Deserialize<'de>;

    /// The value for the event; otherwise what is wrong with it.
    fn check(raw: Self::Raw, column: &Column) -> Result<Self::Value, String>;
}

macro_rules! define_raw_event {
    (
        required { $($must:ident: $must_kind:ident),* }
        optional { $($name:ident: $kind:ident),* }
    ) => {
        /// The columns of the contract as a line has them.
        #[derive(Debug, Default)]
        pub struct RawEvent {
            $(pub $must: Option<<kinds::$must_kind as InLine>::Raw>,)*
            $(pub $name: Option<<kinds::$kind as InLine>::Raw>,)*
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
                    $($name: checked::<kinds::$kind>(self.$name, &COLUMNS[At::$name as usize])?,)*
                })
            }
        }
    };
}

run_columns!(define_raw_event);

#[cfg(test)]
pub(crate) use define_raw_event;

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

pub fn checked<K: InLine>(raw: Option<K::Raw>, column: &Column) -> Result<Option<K::Value>, String> {
    raw.map(|raw| K::check(raw, column)).transpose()
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
    kinds::Time::check(ts, &COLUMNS[At::ts as usize])
}

impl InLine for kinds::Time {
    type Raw = Instant;

    fn check(Instant(us): Instant, column: &Column) -> Result<i64, String> {
        if TIMES_US.contains(&us) {
            Ok(us)
        } else {
            Err(format!("`{}` {us} lies outside 2000 to 2100 when read as µs since 1970", column.name))
        }
    }
}

macro_rules! in_line {
    ($($raw:ident by $check:ident: $($kind:ident)*;)*) => { $($(
        impl InLine for kinds::$kind {
            type Raw = $raw;

            fn check(raw: $raw, column: &Column) -> Result<Self::Value, String> {
                $check(raw, column)
            }
        }
    )*)* };
}

in_line! {
    String by as_it_is: Word Text;
    Real by in_range: Measure Number;
    Whole by not_too_large: Id Hash SmallId SmallCount Count;
}

fn as_it_is(text: String, _: &Column) -> Result<String, String> {
    Ok(text)
}

fn in_range(Real(number): Real, column: &Column) -> Result<f64, String> {
    let (Column { name, .. }, (from, to)) = (column, column.range);
    match number {
        _ if number < from => Err(format!("`{name}` is {number}, below {from}")),
        _ if number > to => Err(format!("`{name}` is {number}, above {to}")),
        _ => Ok(number),
    }
}

fn not_too_large<T: TryFrom<u64>>(Whole(number): Whole, column: &Column) -> Result<T, String> {
    T::try_from(number).map_err(|_| format!("`{}` is {number}, too large", column.name))
}

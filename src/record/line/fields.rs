//! The keys of a line, typed: read in one pass, unknown ones noted and skipped.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::value::{Instant, Real, Whole};

/// All keys that a line may have, before they are checked against each other.
#[derive(Debug, Default)]
pub struct RawLine {
    pub ts: Option<i64>,
    pub component: Option<String>,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    pub duration_ms: Option<f64>,
    pub value: Option<f64>,
    pub instance: Option<String>,
    pub request_id: Option<u64>,
    pub user_id: Option<u64>,
    pub answered_by: Option<String>,
    pub attempt: Option<u64>,
    pub scheduled_ts: Option<i64>,
    pub queue_ms: Option<f64>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub ttft_ms: Option<f64>,
    pub cost_usd: Option<f64>,
    pub quality: Option<f64>,
    pub key: Option<u64>,
    pub detail: Option<String>,
    pub role: Option<String>,
    pub pid: Option<u64>,
    pub meta: Option<Value>,
    pub unknown_keys: Vec<String>,
}

/// A key of a line; the known ones are matched without a copy.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Ts,
    Component,
    Operation,
    Outcome,
    DurationMs,
    Value,
    Instance,
    RequestId,
    UserId,
    AnsweredBy,
    Attempt,
    ScheduledTs,
    QueueMs,
    TokensIn,
    TokensOut,
    TtftMs,
    CostUsd,
    Quality,
    Key,
    Detail,
    Role,
    Pid,
    Meta,
    Unknown(String),
}

impl<'de> Deserialize<'de> for RawLine {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = RawLine;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawLine, A::Error> {
        let mut raw = RawLine::default();
        while let Some(key) = map.next_key::<Field>()? {
            match key {
                Field::Ts => raw.ts = instant(&mut map, "ts")?,
                Field::Component => raw.component = value(&mut map, "component")?,
                Field::Operation => raw.operation = value(&mut map, "operation")?,
                Field::Outcome => raw.outcome = value(&mut map, "outcome")?,
                Field::DurationMs => raw.duration_ms = real(&mut map, "duration_ms")?,
                Field::Value => raw.value = real(&mut map, "value")?,
                Field::Instance => raw.instance = value(&mut map, "instance")?,
                Field::RequestId => raw.request_id = whole(&mut map, "request_id")?,
                Field::UserId => raw.user_id = whole(&mut map, "user_id")?,
                Field::AnsweredBy => raw.answered_by = value(&mut map, "answered_by")?,
                Field::Attempt => raw.attempt = whole(&mut map, "attempt")?,
                Field::ScheduledTs => raw.scheduled_ts = instant(&mut map, "scheduled_ts")?,
                Field::QueueMs => raw.queue_ms = real(&mut map, "queue_ms")?,
                Field::TokensIn => raw.tokens_in = whole(&mut map, "tokens_in")?,
                Field::TokensOut => raw.tokens_out = whole(&mut map, "tokens_out")?,
                Field::TtftMs => raw.ttft_ms = real(&mut map, "ttft_ms")?,
                Field::CostUsd => raw.cost_usd = real(&mut map, "cost_usd")?,
                Field::Quality => raw.quality = real(&mut map, "quality")?,
                Field::Key => raw.key = whole(&mut map, "key")?,
                Field::Detail => raw.detail = value(&mut map, "detail")?,
                Field::Role => raw.role = value(&mut map, "role")?,
                Field::Pid => raw.pid = whole(&mut map, "pid")?,
                Field::Meta => raw.meta = value(&mut map, "meta")?,
                Field::Unknown(name) => {
                    map.next_value::<IgnoredAny>()?;
                    raw.unknown_keys.push(name);
                }
            }
        }
        Ok(raw)
    }
}

/// The value of `key`; an error names the key.
fn value<'de, T, A>(map: &mut A, key: &str) -> Result<Option<T>, A::Error>
where
    T: Deserialize<'de>,
    A: MapAccess<'de>,
{
    map.next_value().map_err(|error| A::Error::custom(format_args!("`{key}`: {error}")))
}

fn whole<'de, A: MapAccess<'de>>(map: &mut A, key: &str) -> Result<Option<u64>, A::Error> {
    Ok(value::<Whole, A>(map, key)?.map(|whole| whole.0))
}

fn real<'de, A: MapAccess<'de>>(map: &mut A, key: &str) -> Result<Option<f64>, A::Error> {
    Ok(value::<Real, A>(map, key)?.map(|real| real.0))
}

fn instant<'de, A: MapAccess<'de>>(map: &mut A, key: &str) -> Result<Option<i64>, A::Error> {
    Ok(value::<Instant, A>(map, key)?.map(|instant| instant.0))
}

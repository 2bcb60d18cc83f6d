//! One line of JSON from the test: an event, a process that says who it is, or metadata of the run.

use serde_json::{Map, Value};

use crate::run::{Event, RunMetadata};

mod fields;
mod value;

use fields::RawLine;

/// What a line says.
#[derive(Debug, PartialEq)]
pub enum Line {
    Event(Box<Event>),
    Role(Announcement),
    /// Keys to merge into the run's metadata.
    Metadata(Map<String, Value>),
}

/// A process names itself: `{"role":"service","instance":"cmo-service","pid":1234}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    pub pid: i32,
    pub instance: String,
    pub role: String,
    /// When the line came, µs since 1970: tells two processes with one pid apart.
    pub arrival_us: Option<i64>,
}

/// A line that was understood, with the keys that were ignored.
#[derive(Debug, PartialEq)]
pub struct Parsed {
    pub line: Line,
    pub unknown_keys: Vec<String>,
}

/// Roles of the run file's contract.
const ROLES: [&str; 4] = ["service", "load_generator", "model", "other"];
/// 2000-01-01 and 2100-01-01, the run file's bounds for time stamps, µs since 1970.
const EARLIEST_US: i64 = 946_684_800_000_000;
const LATEST_US: i64 = 4_102_444_800_000_000;

/// Understands one line. `arrival_us` (µs since 1970) stands in for a missing `ts`, less the duration; a file
/// has no arrival.
///
/// # Errors
/// Says what is wrong with the line, in one sentence.
pub fn parse(text: &[u8], arrival_us: Option<i64>) -> Result<Parsed, String> {
    let mut raw: RawLine = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut unknown_keys = std::mem::take(&mut raw.unknown_keys);
    if raw.component.is_some() {
        let stray = [("role", raw.role.is_some()), ("pid", raw.pid.is_some()), ("meta", raw.meta.is_some())];
        unknown_keys.extend(stray.iter().filter(|(_, there)| *there).map(|(key, _)| (*key).to_owned()));
        return Ok(Parsed { line: Line::Event(Box::new(event(raw, arrival_us)?)), unknown_keys });
    }
    if let Some(meta) = raw.meta {
        return Ok(Parsed { line: Line::Metadata(metadata(meta)?), unknown_keys });
    }
    if raw.role.is_some() || raw.pid.is_some() {
        return Ok(Parsed { line: Line::Role(announcement(raw, arrival_us)?), unknown_keys });
    }
    Err("neither an event (`component` is missing), nor a role, nor metadata".to_owned())
}

fn event(raw: RawLine, arrival_us: Option<i64>) -> Result<Event, String> {
    let event = Event {
        ts: start_us(&raw, arrival_us)?,
        component: raw.component.filter(|name| !name.is_empty()).ok_or("`component` is empty")?,
        operation: raw.operation,
        outcome: raw.outcome,
        duration_ms: not_negative("duration_ms", raw.duration_ms)?,
        value: raw.value,
        instance: raw.instance,
        request_id: raw.request_id,
        user_id: whole("user_id", raw.user_id)?,
        answered_by: raw.answered_by,
        attempt: whole("attempt", raw.attempt)?,
        scheduled_ts: raw.scheduled_ts.map(|ts| in_range("scheduled_ts", ts)).transpose()?,
        queue_ms: not_negative("queue_ms", raw.queue_ms)?,
        tokens_in: whole("tokens_in", raw.tokens_in)?,
        tokens_out: whole("tokens_out", raw.tokens_out)?,
        ttft_ms: not_negative("ttft_ms", raw.ttft_ms)?,
        cost_usd: not_negative("cost_usd", raw.cost_usd)?,
        quality: not_negative("quality", raw.quality)?,
        key: raw.key,
        detail: raw.detail,
    };
    match event.quality {
        Some(quality) if quality > 1.0 => Err(format!("`quality` is {quality}, above 1")),
        _ => Ok(event),
    }
}

fn start_us(raw: &RawLine, arrival_us: Option<i64>) -> Result<i64, String> {
    let ts = match (raw.ts, arrival_us) {
        (Some(ts), _) => ts,
        // The cast saturates, so that a silly duration ends outside the range.
        (None, Some(arrival)) => {
            arrival.saturating_sub((raw.duration_ms.unwrap_or(0.0).max(0.0) * 1000.0) as i64)
        }
        (None, None) => return Err("`ts` is missing, and a file has no time of arrival".to_owned()),
    };
    in_range("ts", ts)
}

fn in_range(key: &str, ts: i64) -> Result<i64, String> {
    if (EARLIEST_US..LATEST_US).contains(&ts) {
        Ok(ts)
    } else {
        Err(format!("`{key}` {ts} lies outside 2000 to 2100 when read as µs since 1970"))
    }
}

fn whole<T: TryFrom<u64>>(key: &str, number: Option<u64>) -> Result<Option<T>, String> {
    number
        .map(|number| T::try_from(number).map_err(|_| format!("`{key}` is {number}, too large")))
        .transpose()
}

fn not_negative(key: &str, number: Option<f64>) -> Result<Option<f64>, String> {
    match number {
        Some(number) if number < 0.0 => Err(format!("`{key}` is {number}, below 0")),
        _ => Ok(number),
    }
}

fn announcement(raw: RawLine, arrival_us: Option<i64>) -> Result<Announcement, String> {
    let role = raw.role.ok_or("`role` is missing beside `pid`")?;
    if !ROLES.contains(&role.as_str()) {
        return Err(format!("`role` is {role:?}; known are {}", ROLES.join(", ")));
    }
    let pid = raw.pid.ok_or("`pid` is missing beside `role`")?;
    let pid = i32::try_from(pid).map_err(|_| format!("`pid` is {pid}, too large"))?;
    let instance =
        raw.instance.filter(|name| !name.is_empty()).ok_or("`instance` is missing beside `role`")?;
    Ok(Announcement { pid, instance, role, arrival_us })
}

/// Each fragment must be valid metadata by itself: then all of them merged are, too.
fn metadata(meta: Value) -> Result<Map<String, Value>, String> {
    let Value::Object(keys) = meta else { return Err("`meta` is no object".to_owned()) };
    match serde_json::from_value::<RunMetadata>(Value::Object(keys.clone())) {
        Ok(_) => Ok(keys),
        Err(error) => Err(format!("`meta` does not fit the run's metadata: {error}")),
    }
}

#[cfg(test)]
mod tests;

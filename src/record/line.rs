//! One line of JSON from the test: an event, a process that says who it is, or metadata of the run.

use serde_json::{Map, Value};

use crate::run::{Event, RunMetadata};

mod fields;
mod value;

use fields::{RawColumns, RawEvent, RawLine};

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

/// Understands one line. `arrival_us` (µs since 1970) stands in for a missing `ts`, less the duration; a file
/// has no arrival.
///
/// # Errors
/// Says what is wrong with the line, in one sentence.
pub fn parse(text: &[u8], arrival_us: Option<i64>) -> Result<Parsed, String> {
    let mut raw: RawLine<RawEvent> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut unknown_keys = std::mem::take(&mut raw.unknown_keys);
    if raw.event.component.is_some() {
        let stray = [("role", raw.role.is_some()), ("pid", raw.pid.is_some()), ("meta", raw.meta.is_some())];
        unknown_keys.extend(stray.iter().filter(|(_, there)| *there).map(|(key, _)| (*key).to_owned()));
        return Ok(Parsed { line: Line::Event(Box::new(raw.event.into_event(arrival_us)?)), unknown_keys });
    }
    if let Some(meta) = raw.meta {
        return Ok(Parsed { line: Line::Metadata(metadata(meta)?), unknown_keys });
    }
    if raw.role.is_some() || raw.pid.is_some() {
        return Ok(Parsed { line: Line::Role(announcement(raw, arrival_us)?), unknown_keys });
    }
    Err("neither an event (`component` is missing), nor a role, nor metadata".to_owned())
}

fn announcement(raw: RawLine<RawEvent>, arrival_us: Option<i64>) -> Result<Announcement, String> {
    let role = raw.role.ok_or("`role` is missing beside `pid`")?;
    if !ROLES.contains(&role.as_str()) {
        return Err(format!("`role` is {role:?}; known are {}", ROLES.join(", ")));
    }
    let pid = raw.pid.ok_or("`pid` is missing beside `role`")?;
    let pid = i32::try_from(pid).map_err(|_| format!("`pid` is {pid}, too large"))?;
    let instance =
        raw.event.instance.filter(|name| !name.is_empty()).ok_or("`instance` is missing beside `role`")?;
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

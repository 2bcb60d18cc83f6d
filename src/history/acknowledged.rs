//! Changes that somebody knows of and explained: they are told, but no longer call for anything until a date.

use std::fs;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::error::HistoryError;
use super::folder::{lock, put};
use super::store::History;

/// The file beside the nights.
const FILE: &str = "acknowledged.json";
/// Of the file.
const SCHEMA_VERSION: u32 = 1;

/// A change point moves as nights are added: an acknowledgement is of the one within so many nights.
const NEAR_NIGHTS: usize = 2;

/// All of them, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgements {
    schema_version: u32,
    pub acknowledged: Vec<Acknowledged>,
}

/// One change, and why it is no news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// `component/metric`.
    pub metric: String,
    /// At this load alone; at all levels where none is named.
    pub users: Option<u32>,
    /// The first night of the change, `2026-11-15`.
    pub night: String,
    pub reason: String,
    /// The last day on which it counts.
    pub until: String,
    /// RFC 3339, UTC.
    pub acknowledged_at: String,
}

impl History {
    /// What was acknowledged; nothing where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is something else.
    pub fn acknowledgements(&self) -> Result<Acknowledgements, HistoryError> {
        let path = self.folder().join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Acknowledgements::default()),
            Err(source) => return Err(HistoryError::Unreadable { path, source }),
            Ok(text) => text,
        };
        let known: Acknowledgements = serde_json::from_str(&text).map_err(|error| {
            HistoryError::NotAcknowledgements { path: path.clone(), reason: error.to_string() }
        })?;
        if known.schema_version > SCHEMA_VERSION {
            let reason =
                format!("schema_version {}, this build knows {SCHEMA_VERSION}", known.schema_version);
            return Err(HistoryError::NotAcknowledgements { path, reason });
        }
        Ok(known)
    }

    /// Adds one, in the place of an earlier one of the same change.
    ///
    /// # Errors
    /// When the file cannot be read or written; then it is as it was.
    pub fn acknowledge(&self, new: Acknowledged) -> Result<(), HistoryError> {
        let _lock = lock(self.folder())?;
        let mut known = self.acknowledgements()?;
        known.schema_version = SCHEMA_VERSION;
        let is_same =
            |old: &Acknowledged| (&old.metric, old.users, &old.night) == (&new.metric, new.users, &new.night);
        known.acknowledged.retain(|old| !is_same(old));
        known.acknowledged.push(new);
        let text = serde_json::to_string_pretty(&known)
            .map_err(|error| HistoryError::Unencodable { reason: error.to_string() })?;
        put(self.folder(), FILE, format!("{text}\n").as_bytes()).map(drop)
    }
}

impl Acknowledgements {
    /// Those that still count on this day.
    pub fn on(mut self, today: &str) -> Self {
        self.acknowledged.retain(|known| known.until.as_str() >= today);
        self
    }

    /// That of the change which begins with the night `index` of these `dates`.
    pub fn of(
        &self,
        metric: &str,
        users: Option<u32>,
        index: usize,
        dates: &[&str],
    ) -> Option<&Acknowledged> {
        let is_near = |known: &&Acknowledged| {
            let night = dates.partition_point(|date| *date < known.night.as_str());
            known.metric == metric
                && (known.users.is_none() || known.users == users)
                && night < dates.len()
                && night.abs_diff(index) <= NEAR_NIGHTS
        };
        self.acknowledged.iter().rev().find(is_near)
    }
}

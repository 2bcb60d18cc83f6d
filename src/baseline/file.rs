//! A baseline as a JSON file: written for review, read with suspicion.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::digest::digest;
use super::error::BaselineError;
use super::sanity::find_nonsense;
use super::spelling::is_spelt_alike;
use super::{Baseline, RunRecord, SCHEMA_VERSION, groups, layout};
use crate::run::RunId;

/// A baseline of a thousand runs takes a tenth of this: what is larger is something else, and is not read.
const MOST_BYTES: u64 = 200_000_000;

/// What stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    schema_version: u32,
    name: Cow<'a, str>,
    saved_at: Cow<'a, str>,
    tool: Cow<'a, str>,
    /// Digest of all the rest (`digest(&Baseline)`): of what it says, not of how it is set. Each word must be spelt
    /// as we spell it, too.
    checksum: Cow<'a, str>,
    runs: Cow<'a, [RunRecord]>,
}

/// What every version has.
#[derive(Deserialize)]
struct Header {
    schema_version: Option<u64>,
}

/// Whose numbers an older version holds.
#[derive(Deserialize)]
struct RunsOfAny {
    runs: Vec<RunOfAny>,
}

#[derive(Deserialize)]
struct RunOfAny {
    run_id: String,
}

impl Baseline {
    /// A baseline of `runs`, in order. `saved_at` in RFC 3339.
    ///
    /// # Errors
    /// When the name is none, there are no runs, one occurs twice, or one holds what cannot have been measured.
    pub fn new(name: &str, saved_at: &str, tool: &str, runs: Vec<RunRecord>) -> Result<Self, BaselineError> {
        if !super::is_name(name) {
            return Err(BaselineError::BadName { name: name.to_owned() });
        }
        let baseline = Self {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            saved_at: saved_at.to_owned(),
            tool: tool.to_owned(),
            runs,
        }
        .in_order();
        match find_nonsense(&baseline) {
            Some(reason) => Err(BaselineError::Unsaveable { name: name.to_owned(), reason }),
            None => Ok(baseline),
        }
    }

    /// This baseline with more runs, saved at another time.
    ///
    /// # Errors
    /// When it holds one of them, also under another id, or one holds what cannot have been measured.
    pub fn with(self, more: Vec<RunRecord>, saved_at: &str, tool: &str) -> Result<Self, BaselineError> {
        let is_known = |run: &&RunRecord| {
            self.runs.iter().any(|known| known.run_id == run.run_id || run.is_copy_of(known))
        };
        let known: Vec<String> = more.iter().filter(is_known).map(|run| run.run_id.clone()).collect();
        if !known.is_empty() {
            return Err(BaselineError::Holds { name: self.name, runs: known });
        }
        Self::new(&self.name, saved_at, tool, [self.runs, more].concat())
    }

    /// Whole days since it was saved, or since a run was added to it; none where `now`, in RFC 3339, is no time.
    pub fn age_days(&self, now: &str) -> Option<i64> {
        const DAY_S: i64 = 86_400;
        let at = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
        Some((at(now)? - at(&self.saved_at)?).max(0) / DAY_S)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// When it would not be read back as it is.
    pub fn to_text(&self) -> Result<String, BaselineError> {
        let unsaveable = |reason: String| BaselineError::Unsaveable { name: self.name.clone(), reason };
        let text = self.render(&digest(self)).map_err(|error| unsaveable(error.to_string()))?;
        // Infinite numbers, say, would become null.
        let back =
            Self::parse(text.as_bytes(), Path::new("-")).map_err(|error| unsaveable(error.to_string()))?;
        if back == *self { Ok(text) } else { Err(unsaveable("it would be read back as another".to_owned())) }
    }

    fn render(&self, checksum: &str) -> serde_json::Result<String> {
        layout::pretty(&Document {
            schema_version: self.schema_version,
            name: Cow::Borrowed(&self.name),
            saved_at: Cow::Borrowed(&self.saved_at),
            tool: Cow::Borrowed(&self.tool),
            checksum: Cow::Borrowed(checksum),
            runs: Cow::Borrowed(&self.runs),
        })
    }

    /// Reads the file at `path`, whose name must be that of the baseline.
    ///
    /// # Errors
    /// When it cannot be read, is no baseline, of a newer version, damaged, or changed after it was saved.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let bytes = read_bytes(path)?;
        let baseline = Self::parse(&bytes, path)?;
        if path.file_stem().is_none_or(|stem| stem != baseline.name.as_str()) {
            return Err(BaselineError::OtherName { path: path.to_owned(), found: baseline.name });
        }
        Ok(baseline)
    }

    /// The baseline in `bytes`, which came from `path`.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, BaselineError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| BaselineError::NotJson { path: path.to_owned(), reason: error.to_string() })?;
        check_version(text, path)?;
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| parse_error(&error, path))?;
        let baseline = Self {
            schema_version: document.schema_version,
            name: document.name.into_owned(),
            saved_at: document.saved_at.into_owned(),
            tool: document.tool.into_owned(),
            runs: document.runs.into_owned(),
        }
        .in_order();
        if let Some(reason) = find_nonsense(&baseline) {
            return Err(BaselineError::Nonsense { path: path.to_owned(), reason });
        }
        let is_ours = |ours: String| is_spelt_alike(&ours, text);
        if digest(&baseline) != document.checksum || !baseline.render(&document.checksum).is_ok_and(is_ours) {
            return Err(BaselineError::Changed { path: path.to_owned() });
        }
        Ok(baseline)
    }

    /// Runs and metrics in their order, whatever order they came in.
    fn in_order(mut self) -> Self {
        self.runs.sort_by(groups::order);
        for run in &mut self.runs {
            run.metrics.sort_by(|a, b| (&a.component, &a.name).cmp(&(&b.component, &b.name)));
        }
        self
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, BaselineError> {
    let unreadable = |source| BaselineError::Unreadable { path: path.to_owned(), source };
    // A pipe would keep us waiting, a device never end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if read as u64 > MOST_BYTES {
        let bytes = std::fs::metadata(path).map_or(MOST_BYTES + 1, |file| file.len());
        return Err(BaselineError::TooLarge { path: path.to_owned(), bytes });
    }
    Ok(bytes)
}

/// Another version is told before what is new in it can look like damage.
fn check_version(text: &str, path: &Path) -> Result<(), BaselineError> {
    let header: Header = serde_json::from_str(text).map_err(|error| parse_error(&error, path))?;
    let (path, known) = (path.to_owned(), SCHEMA_VERSION);
    match header.schema_version {
        Some(found) if found > u64::from(known) => Err(BaselineError::Newer { path, found, known }),
        Some(found) if (1..u64::from(known)).contains(&found) => {
            let runs = serde_json::from_str::<RunsOfAny>(text).map_or_else(|_| Vec::new(), |all| all.runs);
            let runs = runs.into_iter().map(|run| run.run_id).filter(|id| RunId::new(id).is_some()).collect();
            Err(BaselineError::Older { path, found, known, runs })
        }
        Some(1..) => Ok(()),
        Some(0) => Err(BaselineError::NotABaseline { path, reason: "schema_version 0".to_owned() }),
        None => Err(BaselineError::NotABaseline { path, reason: "it has no `schema_version`".to_owned() }),
    }
}

fn parse_error(error: &serde_json::Error, path: &Path) -> BaselineError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match error.classify() {
        Category::Data => BaselineError::NotABaseline { path, reason },
        Category::Syntax | Category::Eof | Category::Io => BaselineError::NotJson { path, reason },
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;

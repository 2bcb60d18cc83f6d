//! What every command gets: settings, where they come from, how much to say, and the time.

use std::path::Path;
use std::sync::Arc;

use crate::analysis::Provenance;
use crate::cli::Common;
use crate::config::{ConfigError, Layers};
use crate::measure::Rooms;
use crate::report::Paper;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

impl Verbosity {
    pub fn is_quiet(self) -> bool {
        self == Verbosity::Quiet
    }

    /// Says a detail, made only when it is wanted.
    pub fn detail(self, text: impl FnOnce() -> String) {
        if self == Verbosity::Verbose {
            super::say(&text());
        }
    }
}

/// Settings and surroundings of one call.
#[derive(Debug, Clone)]
pub struct Session {
    /// The settings with their origins.
    pub layers: Layers,
    pub provenance: Provenance,
    pub verbosity: Verbosity,
    /// What texts for people are laid out for.
    pub paper: Paper,
    /// Where runs are measured, one after the other.
    pub rooms: Arc<Rooms>,
}

impl Session {
    /// # Errors
    /// When the settings file cannot be used.
    pub fn new(common: &Common) -> Result<Self, ConfigError> {
        let layers = Layers::load(common.config.as_deref(), Path::new("."))?;
        let verbosity = match (common.quiet, common.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        if !verbosity.is_quiet() {
            layers.warnings.iter().for_each(|warning| super::say_warning(warning));
        }
        let provenance = Provenance {
            generated_at: generated_at().to_string(),
            tool: concat!("cmo-metrics ", env!("CARGO_PKG_VERSION")).to_owned(),
            config_file: layers.file.as_ref().map(|path| path.display().to_string()),
        };
        verbosity.detail(|| match &provenance.config_file {
            Some(file) => format!("settings from {file} over the defaults"),
            None => "settings: the defaults".to_owned(),
        });
        let paper = Paper::new(columns(), common.ascii);
        Ok(Self { layers, provenance, verbosity, paper, rooms: Arc::default() })
    }
}

/// Now, or `SOURCE_DATE_EPOCH` (seconds since 1970) where it is set, so that a report can be made again byte for
/// byte. See <https://reproducible-builds.org/specs/source-date-epoch/>.
fn generated_at() -> jiff::Timestamp {
    std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .unwrap_or_else(jiff::Timestamp::now)
}

/// How wide stdout is: what `COLUMNS` says, else the terminal; `None` for a pipe or a file.
fn columns() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let measured = || {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        Some(usize::from(size.ws_col))
    };
    said.or_else(measured).filter(|columns| *columns > 0)
}

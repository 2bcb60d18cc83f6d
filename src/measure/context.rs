//! What every question needs at the end: the run's words, settings, metadata and window.

use super::words::Words;
use crate::config::MeasureSettings;
use crate::run::RunMetadata;
use crate::summary::Window;

pub(super) struct Context<'a> {
    pub(super) words: &'a Words,
    pub(super) settings: &'a MeasureSettings,
    pub(super) metadata: &'a RunMetadata,
    pub(super) window: &'a Window,
}

//! LightRAG: its calls, which are those of any component, by query mode and by failure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ComponentCalls, Measured};

/// Calls of LightRAG.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lightrag {
    pub overall: ComponentCalls,
    /// By query mode, sorted.
    pub by_mode: Vec<ModeShare>,
    /// Finished calls by failure word: every configured category stands here, also with 0.
    pub errors: BTreeMap<String, u64>,
}

/// One query mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeShare {
    pub mode: String,
    /// Share of all finished calls, 0..1.
    pub share: Measured<f64>,
    pub calls: ComponentCalls,
}

//! What the runs of a comparison are compared with for regressions.

use serde::Serialize;

use crate::judge::Severity;

/// What each run was compared with for regressions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reference {
    Nothing,
    Baseline {
        name: String,
        saved_at: String,
        /// Whole days since then; none where nobody told the time.
        #[serde(skip_serializing_if = "Option::is_none")]
        age_days: Option<i64>,
        fail_on: Severity,
        /// Fields, as on the command line.
        allow_different: Vec<String>,
    },
    /// One run, measured first; it is not compared with itself.
    Run {
        run_id: String,
        path: String,
        fail_on: Severity,
        /// Fields, as on the command line.
        allow_different: Vec<String>,
    },
    /// It was asked for and cannot be used.
    Fault {
        reason: String,
    },
}

//! 3 Judging: pure functions from a summary and the settings to verdicts.

mod verdicts;

pub use verdicts::*;

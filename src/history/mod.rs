//! The nights behind the gate: one row for each judged run and metric, kept beside the baselines, and what changed over them.

mod acknowledged;
mod band;
mod changes;
mod error;
mod folder;
mod judged_run;
mod nights;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub use acknowledged::{Acknowledged, Acknowledgements};
pub use changes::{Change, Point, Series};
pub use error::HistoryError;
pub use folder::NIGHTS;
pub use judged_run::{JudgedRun, Told};
pub use nights::{Level, Night, date_of};
pub use store::{Appended, Found, History};

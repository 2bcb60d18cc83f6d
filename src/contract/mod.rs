//! Words of the run file's contract that travel from reading to reports: metadata, classes of outcomes, faults of rows.

mod metadata;
mod outcome;
mod row_fault;

pub use metadata::{BreakerSettings, DeclaredTotals, MetadataOrigin, RunMetadata, SCHEMA_VERSION};
pub use outcome::OutcomeClass;
pub use row_fault::RowFault;

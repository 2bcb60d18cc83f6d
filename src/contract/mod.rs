//! Words of the run file's contract that travel from reading to reports: metadata, classes of outcomes, faults of rows.

mod components;
mod metadata;
mod outcome;
mod row_fault;

pub use components::COMPONENTS;
pub use metadata::{
    BREAKER_KEYS, BreakerRule, BreakerSettings, DeclaredTotals, METADATA_KEYS, MetadataOrigin, RunMetadata,
    SCHEMA_VERSION, TOTALS_KEYS,
};
pub use outcome::{OTHER, OutcomeClass};
pub use row_fault::RowFault;

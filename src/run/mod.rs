//! 1 The run file: columns, metadata, read (file → frames), write, check. The contract of a recorded run.

mod batch;
mod check;
mod checksum;
mod clock;
pub(crate) mod columns;
mod decode;
mod digest;
mod duplicates;
mod error;
pub(crate) mod event;
mod file;
mod fold;
mod footer;
mod frame;
mod group;
mod guard;
mod load_report;
mod locate;
mod metadata_files;
mod name_counts;
mod name_tally;
mod names;
mod operations;
mod order;
mod pages;
mod part;
mod row_hash;
mod run_id;
mod schema;
mod schema_depth;
mod source;
mod stream_counts;
#[cfg(test)]
mod tests;
mod thrift;
mod unfinished;
mod unknown;
pub(crate) mod write;

pub use crate::contract::{
    BreakerRule, BreakerSettings, DeclaredTotals, MetadataOrigin, OutcomeClass, RowFault, RunMetadata,
    SCHEMA_VERSION,
};
pub use batch::{Batch, Lexicon};
pub use check::{CheckReport, Finding, Severity, check, refused};
pub use checksum::{CHECKSUM_KEY, Integrity, verify};
pub use columns::{COLUMNS, describe_columns};
pub use decode::{DUPLICATE_ROW, Plausible};
pub use error::RunError;
pub use event::Event;
pub use file::RunFile;
pub use guard::guard;
pub use load_report::LoadReport;
pub use locate::locate;
pub use run_id::RunId;
pub use source::RunSource;
pub use unfinished::writers_of;
pub use unknown::describe_line_keys;
#[cfg(test)]
pub(crate) use write::read_back;
pub use write::{Code, METADATA_KEY, Row, RunWriter, WriteError, Written};

//! 1 The run file: columns, metadata, read (file → frames), write, check. The contract of a recorded run.

mod batch;
mod event;
mod metadata;

pub use batch::{Batch, Lexicon};
pub use event::Event;
pub use metadata::{BreakerSettings, DeclaredTotals, MetadataOrigin, RunMetadata, SCHEMA_VERSION};

//! Records a run: starts a command, samples its process tree, takes its events in, writes the run file.
//!
//! `session` is the order of things; `command` starts and watches, `sampler` and `tree` look at processes,
//! `collector`, `events_file`, `intake` and `line` take events in, `names`, `rows` and `describe` turn it all into a
//! run file.

mod clock;
mod collector;
mod command;
mod describe;
mod environment;
mod error;
mod events_file;
mod intake;
mod line;
mod line_buffer;
mod names;
mod plan;
mod rows;
mod sampler;
mod session;
mod tree;
mod writer;

pub use collector::SOCKET_VARIABLE;
pub use command::{Ending, Leftovers};
pub use describe::Statistics;
pub use error::{RECORDER_FAILED, RecordError};
pub use events_file::read_lines;
pub use intake::{IntakeCounts, Malformed};
pub use plan::{Plan, file_and_id};
pub use session::{Recorded, record};

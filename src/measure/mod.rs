//! 2 Measuring: batches of rows → `RunSummary`. A fold: `update`, `merge`, `finish`; one file a question.
//!
//! Merging in any order gives the same summary: what is collected has no order, what has an order is sorted by
//! content at the end, and sums are exact.

use crate::config::Config;
use crate::run::{Plausible, RunError, RunFile};

mod breaker;
mod by_request;
mod cache;
mod call_kind;
mod calls;
mod calls_in_a_row;
mod comparable;
mod components;
mod context;
mod counts;
mod coverage;
mod data_quality;
mod distribution;
mod durations;
mod ended_requests;
mod error_causes;
mod errors;
mod fallback;
mod goodput;
mod ids;
mod lightrag;
mod load;
mod measurer;
mod memo;
mod messages;
mod model_calls;
mod part;
mod plausible;
mod prepared;
mod process_sums;
mod recording;
mod request_calls;
mod request_spans;
mod request_sums;
mod requests;
mod resources;
mod retries;
mod room;
mod rooms;
mod rows;
mod samples;
mod shape;
mod silence;
mod slow_traces;
mod sorting;
mod span;
mod sparse;
mod spending;
mod throughput;
mod time_spent;
mod timed_flag;
mod timeline;
mod unanswered;
mod usage;
mod words;

#[cfg(test)]
mod tests;

pub use measurer::Measurer;
pub use prepared::Prepared;
pub use recording::{Identity, Recording};
use rooms::Room;
pub use rooms::Rooms;
pub use span::WindowSpan;

/// Reads all of a run, row groups in parallel, into one of the rooms. Numbers of the whole and of parts of it come from the
/// [`Recording`].
///
/// # Errors
/// When the run cannot be read, or has more faulty rows than the settings allow.
pub fn read<'a>(run: &'a RunFile, config: &Config, rooms: &Rooms) -> Result<Recording<'a>, RunError> {
    let recording = read_plausible(run, &Plausible::default(), config, rooms)?;
    match recording.plausible() {
        None => Ok(recording),
        // Seldom: a few rows are not of the run, and leave no trace in what is read anew.
        Some(plausible) => {
            rooms.take_back(recording);
            read_plausible(run, &plausible, config, rooms)
        }
    }
}

fn read_plausible<'a>(
    run: &'a RunFile,
    plausible: &Plausible,
    config: &Config,
    rooms: &Rooms,
) -> Result<Recording<'a>, RunError> {
    let (measurer, load) = run.fold_plausible(
        plausible,
        |rows| {
            // What is merged into another one stays small.
            let room = if rows > 0 { rooms.take() } else { Room::default() };
            Measurer::new(run.lexicon()).expecting(rows, room)
        },
        |measurer, batch| measurer.update(batch),
        |measurer, other| measurer.merge(other),
    )?;
    let identity =
        Identity { run_id: run.run_id(), metadata: run.metadata(), metadata_origin: run.metadata_origin() };
    Ok(measurer.finish(identity, load, config))
}

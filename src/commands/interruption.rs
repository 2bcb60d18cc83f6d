//! What SIGINT and SIGTERM do to a job: nothing half is left, what stood before stays, and it is said.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::progress;
use crate::staging;

/// A shell sees 128 and the number of the signal.
const SIGNAL_BASE: i32 = 128;

/// From now on the first signal ends the process in order, and a second one at once.
///
/// # Errors
/// When no handler can be set up.
pub fn watch(job: &'static str) -> io::Result<()> {
    let is_second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: at the first signal the condition is not yet true when it is looked at.
        signal_hook::flag::register_conditional_shutdown(signal, SIGNAL_BASE + signal, is_second.clone())?;
        signal_hook::flag::register(signal, is_second.clone())?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(job, signal);
        }
    })?;
    Ok(())
}

/// What was staged cannot be put in its place once a signal came: that error must not end the process before the signal does,
/// whose exit code it is to have.
pub fn let_it_end() {
    /// Far longer than it takes.
    const LONGEST: Duration = Duration::from_secs(30);
    if staging::is_over() {
        std::thread::sleep(LONGEST);
    }
}

fn end(job: &str, signal: i32) -> ! {
    // First of all: from here on nothing is put in its place any more.
    staging::abandon();
    progress::clear();
    let name = if signal == SIGINT { "SIGINT" } else { "SIGTERM" };
    super::say(&format!("{job} was interrupted by {name}{}", progress::so_far()));
    super::say("  what was finished stays; what was in the making is removed");
    process::exit(SIGNAL_BASE + signal)
}

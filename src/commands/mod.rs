//! One file a command: the only place where stages meet.

pub mod analyze;
mod asked;
pub mod baseline;
pub mod check;
pub mod compare;
pub mod config;
pub mod history;
mod interruption;
mod junit;
mod pipeline;
mod progress;
pub mod record;
pub mod schema;
pub mod session;
pub mod simulate;

use std::io::{self, ErrorKind, Write};

use crate::report::printable;

pub use interruption::let_it_end as let_interruption_end;

/// Prints data. Whoever reads it may stop reading (`| head`): that is no error, and the exit code must still be
/// that of what was found.
pub(crate) fn print(out: &mut impl Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Says something to the person at the terminal; stdout is for data. Where nobody can be told (stderr is closed or
/// its disk full), the exit code still tells.
pub fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// The same of a text that holds what was typed, or came from a file: nothing in it steers the terminal.
pub fn say_printable(text: &str) {
    say(&printable(text));
}

/// Says what went wrong and how to mend it. What was typed, or came from a file, may hold anything.
pub fn say_error(message: &str, remedy: Option<&str>) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    say(&format!("{red}error:{red:#} {}", printable(message)));
    if let Some(remedy) = remedy {
        say(&format!("  {}", printable(remedy)));
    }
}

/// Says what weakens a result but does not prevent it.
pub fn say_warning(message: &str) {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    say(&format!("{yellow}warning:{yellow:#} {}", printable(message)));
}

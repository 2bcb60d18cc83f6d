//! The command under test: started, watched, its signals passed on, its leftovers ended.
//!
//! A terminal sends its signals (Ctrl-C) to the command as well, so they are not passed on; those that somebody
//! sent to the recorder alone are. A second one kills the whole tree. Signals that were ignored when the recorder
//! started (`nohup`, `&` in a script) stay ignored, also for the command.

use std::ffi::OsString;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, set_child_subreaper, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};

use super::RecordError;
use super::collector::SOCKET_VARIABLE;
use super::tree::ProcessTree;

/// How often the end of leftover processes is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A shell's code for a death by signal: this plus the signal's number.
const DEATH_BY_SIGNAL: i32 = 128;

/// A started command.
pub struct Watched {
    pid: i32,
    signals: SignalsInfo<WithOrigin>,
    ending: Option<Ending>,
    /// Signals that asked for an end.
    requests: u32,
}

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exited(i32),
    Signalled(i32),
}

/// Processes that the command left behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Leftovers {
    /// Got SIGTERM after the grace.
    pub terminated: usize,
    /// Still alive after that; they were left alone.
    pub remaining: usize,
}

impl Ending {
    /// The exit code that is passed on: the command's, or 128 plus the signal.
    pub fn exit_code(self) -> u8 {
        let code = match self {
            Ending::Exited(code) => code,
            Ending::Signalled(signal) => DEATH_BY_SIGNAL + signal,
        };
        u8::try_from(code).unwrap_or(u8::MAX)
    }

    fn of(status: WaitStatus) -> Option<Self> {
        let exited = status.exit_status().map(Ending::Exited);
        exited.or_else(|| status.terminating_signal().map(Ending::Signalled))
    }
}

impl Watched {
    /// Starts `command` with the path of the event socket in its environment; input and output are ours.
    /// From here on orphans of the tree become children of this process.
    ///
    /// # Errors
    /// When the command is not there or cannot be started, or signals cannot be watched.
    pub fn start(command: &[OsString], socket: &Path) -> Result<Self, RecordError> {
        let signals = watch_signals().map_err(RecordError::Supervise)?;
        let own = Pid::from_raw(own_pid());
        set_child_subreaper(own).map_err(|error| RecordError::Supervise(error.into()))?;
        let (program, arguments) = command.split_first().ok_or(RecordError::NoCommand)?;
        let child = Command::new(program)
            .args(arguments)
            .env(SOCKET_VARIABLE, socket)
            .spawn()
            .map_err(|error| start_failed(error, &program.to_string_lossy()))?;
        // The child is waited for together with the orphans, not through its handle.
        Ok(Self { pid: child.id() as i32, signals, ending: None, requests: 0 })
    }

    /// Waits for the command's end and passes signals on meanwhile.
    pub fn wait(&mut self) -> Ending {
        loop {
            if let Some(ending) = self.ending {
                return ending;
            }
            let origins: Vec<Origin> = self.signals.wait().collect();
            self.handle(&origins);
        }
    }

    /// Waits `grace` for the command's descendants, sends SIGTERM to those that are left, and waits once more.
    pub fn end_leftovers(&mut self, grace: Duration) -> Leftovers {
        if self.await_descendants(grace).is_empty() {
            return Leftovers::default();
        }
        let terminated = signal_descendants(Signal::TERM);
        Leftovers { terminated, remaining: self.await_descendants(grace).len() }
    }

    fn await_descendants(&mut self, grace: Duration) -> Vec<i32> {
        let deadline = Instant::now() + grace;
        loop {
            let origins: Vec<Origin> = self.signals.pending().collect();
            self.handle(&origins);
            let left = descendants();
            // After the look: one that it passed over as dead leaves no zombie behind.
            self.reap();
            if left.is_empty() || Instant::now() >= deadline {
                return left;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn handle(&mut self, origins: &[Origin]) {
        for origin in origins {
            match origin.signal {
                SIGCHLD => self.reap(),
                signal => self.end_on(signal, origin.cause),
            }
        }
    }

    /// Takes the status of everyone who ended: of the command, and of orphans that came to us.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid.as_raw_pid() == self.pid {
                self.ending = self.ending.or(Ending::of(status));
            }
        }
    }

    fn end_on(&mut self, signal: i32, cause: Cause) {
        self.requests += 1;
        if self.requests > 1 {
            signal_descendants(Signal::KILL);
        } else if cause != Cause::Kernel && self.ending.is_none() {
            signal_named(signal).into_iter().for_each(|signal| send(self.pid, signal));
        }
    }
}

fn watch_signals() -> Result<SignalsInfo<WithOrigin>, Error> {
    let status = procfs::process::Process::myself().and_then(|process| process.status());
    let ignored = status.map_err(Error::other)?.sigign;
    let is_heard = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let watched = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(is_heard).chain([SIGCHLD]);
    SignalsInfo::new(watched)
}

fn signal_named(number: i32) -> Option<Signal> {
    match number {
        SIGHUP => Some(Signal::HUP),
        SIGINT => Some(Signal::INT),
        SIGQUIT => Some(Signal::QUIT),
        SIGTERM => Some(Signal::TERM),
        _ => None,
    }
}

/// Pids of all living processes below this one.
fn descendants() -> Vec<i32> {
    let mut tree = ProcessTree::below(own_pid());
    match tree.scan() {
        Ok(_) => tree.pids(),
        Err(_) => Vec::new(),
    }
}

/// Sends `signal` to all descendants; returns how many there were.
fn signal_descendants(signal: Signal) -> usize {
    let pids = descendants();
    pids.iter().for_each(|&pid| send(pid, signal));
    pids.len()
}

fn send(pid: i32, signal: Signal) {
    // One that has just ended cannot be signalled, and need not be.
    let _ = Pid::from_raw(pid).map(|pid| kill_process(pid, signal));
}

/// Pid of the recorder.
pub fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

fn start_failed(error: Error, command: &str) -> RecordError {
    match error.kind() {
        ErrorKind::NotFound => RecordError::NotFound { command: command.to_owned() },
        _ => RecordError::NotExecutable { command: command.to_owned(), error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_commands_or_128_and_the_signal() {
        assert_eq!(Ending::Exited(0).exit_code(), 0);
        assert_eq!(Ending::Exited(7).exit_code(), 7);
        assert_eq!(Ending::Signalled(9).exit_code(), 137);
        assert_eq!(Ending::Signalled(15).exit_code(), 143);
    }
}

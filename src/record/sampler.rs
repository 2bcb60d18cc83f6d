//! Samples the process tree in a thread of its own, at absolute deadlines.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::clock::{Deadlines, now_us, thread_cpu_ms};
use super::tree::{ProcessFacts, ProcessTree, Scan};

/// All that was sampled.
#[derive(Debug, Default)]
pub struct Samples {
    pub processes: Vec<ProcessFacts>,
    pub scans: Vec<Scan>,
    /// Deadlines that passed without a sample.
    pub missed_ticks: u64,
    /// CPU time of the sampler's thread, ms.
    pub cpu_ms: f64,
    /// What ended the sampling before its time.
    pub fault: Option<String>,
}

/// A running sampler.
#[derive(Debug)]
pub struct Sampler {
    stop: Sender<()>,
    thread: Option<JoinHandle<Samples>>,
}

impl Sampler {
    /// Samples the processes below the recorder itself (`recorder` is its pid) from now on, every `interval`.
    pub fn start(recorder: i32, interval: Duration) -> Self {
        let (stop, stopped) = channel();
        let builder = std::thread::Builder::new().name("sampler".into());
        let thread = builder.spawn(move || sample(ProcessTree::below(recorder), interval, &stopped));
        Self { stop, thread: thread.ok() }
    }

    /// Ends the sampling. A fault is told with the samples: the command ran, its events must not be lost.
    pub fn stop(self) -> Samples {
        // The thread may have ended by itself with a fault: then nobody listens.
        let _ = self.stop.send(());
        let samples = self.thread.and_then(|thread| thread.join().ok());
        samples.unwrap_or_else(|| Samples {
            fault: Some("the sampler's thread could not be started, or broke down".to_owned()),
            ..Samples::default()
        })
    }
}

fn sample(mut tree: ProcessTree, interval: Duration, stopped: &Receiver<()>) -> Samples {
    let mut samples = Samples::default();
    let mut deadlines = Deadlines::starting_at(Instant::now(), now_us(), interval);
    // The first scan comes at once: a command that lives for a moment has a sample, too.
    loop {
        match tree.scan() {
            Ok(scan) => samples.scans.push(scan),
            Err(error) => {
                samples.fault = Some(format!("processes could not be listed in /proc: {error}"));
                break;
            }
        }
        samples.missed_ticks += deadlines.pass(Instant::now());
        if !sleep_until(deadlines.next(), stopped) {
            break;
        }
    }
    samples.processes = tree.into_facts();
    samples.cpu_ms = thread_cpu_ms();
    samples
}

/// Sleeps until `deadline`; false when the sampling is to end.
fn sleep_until(deadline: Instant, stopped: &Receiver<()>) -> bool {
    let wait = deadline.saturating_duration_since(Instant::now());
    stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout)
}

//! Listens on a Unix socket for the lines of many clients, in one thread.

use std::io::{ErrorKind, Read};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::RecordError;
use super::clock::now_us;
use super::intake::Intake;
use super::line_buffer::LineBuffer;
use crate::run::Event;

/// Name of the environment variable that tells the command the path of the socket.
pub const SOCKET_VARIABLE: &str = "CMO_METRICS_SOCKET";

/// How long the thread sleeps at most before it looks whether it is to end.
const IDLE: Duration = Duration::from_millis(50);
/// Least time between two looks at the sockets: waking for each of thousands of lines a second costs ten times
/// the CPU of taking them. A socket holds some hundred lines meanwhile; an arrival is at most this late.
const PACE: Duration = Duration::from_millis(10);
/// What is read from a client at once, bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Reads from one client before the next one has its turn.
const READS_PER_TURN: usize = 4;

/// A running collector. Its socket lies in a private folder that vanishes with it.
#[derive(Debug)]
pub struct Collector {
    path: PathBuf,
    closing: Arc<AtomicBool>,
    thread: JoinHandle<Intake>,
    _folder: tempfile::TempDir,
}

impl Collector {
    /// Opens the socket; events go to `sink` in batches. Lines have at most `max_line_bytes`. After the call
    /// of `finish` clients may send for another `grace`.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn start(
        sink: SyncSender<Vec<Event>>,
        max_line_bytes: usize,
        grace: Duration,
    ) -> Result<Self, RecordError> {
        let failed = |path: &Path, error| RecordError::Socket { path: path.to_owned(), error };
        let folder = tempfile::Builder::new()
            .prefix("cmo-metrics-")
            .tempdir()
            .map_err(|error| failed(&std::env::temp_dir(), error))?;
        let path = folder.path().join("events.sock");
        let listener = UnixListener::bind(&path).map_err(|error| failed(&path, error))?;
        listener.set_nonblocking(true).map_err(|error| failed(&path, error))?;
        let closing = Arc::new(AtomicBool::new(false));
        let desk =
            Desk { listener, clients: Vec::new(), connected: 0, max_line_bytes, intake: Intake::default() };
        let seen = closing.clone();
        let thread = std::thread::Builder::new()
            .name("collector".into())
            .spawn(move || desk.serve(&sink, &seen, grace))
            .map_err(|error| failed(&path, error))?;
        Ok(Self { path, closing, thread, _folder: folder })
    }

    /// Path of the socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes what the clients still send, until all have hung up or the grace is over. None: it broke down, and
    /// counts, roles and metadata are lost.
    pub fn finish(self) -> Option<Intake> {
        self.closing.store(true, Ordering::Release);
        self.thread.join().ok()
    }
}

/// The collector's side of the socket.
#[derive(Debug)]
struct Desk {
    listener: UnixListener,
    clients: Vec<Client>,
    /// Clients so far.
    connected: u64,
    max_line_bytes: usize,
    intake: Intake,
}

#[derive(Debug)]
struct Client {
    stream: UnixStream,
    buffer: LineBuffer,
    open: bool,
}

impl Desk {
    fn serve(mut self, sink: &SyncSender<Vec<Event>>, closing: &AtomicBool, grace: Duration) -> Intake {
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut deadline = None;
        loop {
            // Read before the sockets are: what was sent before the command ended is then surely seen below.
            let ending = closing.load(Ordering::Acquire);
            let news = self.wait();
            let moved = news && self.turn(&mut chunk);
            if self.intake.waiting() > 0 {
                // A writer that failed no longer listens; it reports its failure itself.
                let _ = sink.send(self.intake.fetch_events());
            }
            if news {
                std::thread::sleep(PACE);
            }
            if ending && !moved {
                let end = *deadline.get_or_insert_with(|| Instant::now() + grace);
                if self.clients.is_empty() || Instant::now() >= end {
                    break;
                }
            } else if ending && deadline.is_some_and(|end| Instant::now() >= end) {
                break;
            }
        }
        self.clients.iter_mut().for_each(|client| client.buffer.finish(Some(now_us()), &mut self.intake));
        let _ = sink.send(self.intake.fetch_events());
        self.intake
    }

    /// Sleeps until a client calls or sends; false when none did.
    fn wait(&self) -> bool {
        let mut waiting = vec![PollFd::new(&self.listener, PollFlags::IN)];
        waiting.extend(self.clients.iter().map(|client| PollFd::new(&client.stream, PollFlags::IN)));
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(IDLE.subsec_nanos()) };
        // An interrupted wait is as good as one that ran out.
        poll(&mut waiting, Some(&timeout)).is_ok_and(|count| count > 0)
    }

    /// Lets in who calls and reads from every client; false when nothing came.
    fn turn(&mut self, chunk: &mut [u8]) -> bool {
        let mut moved = self.accept();
        for client in &mut self.clients {
            moved |= client.read(chunk, &mut self.intake);
        }
        self.clients.retain(|client| client.open);
        moved
    }

    fn accept(&mut self) -> bool {
        let before = self.connected;
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                self.connected += 1;
                let buffer = LineBuffer::new(format!("client {}", self.connected), self.max_line_bytes);
                self.clients.push(Client { stream, buffer, open: true });
            }
        }
        self.connected > before
    }
}

impl Client {
    /// Reads what is there, at most a few chunks; false when nothing was.
    fn read(&mut self, chunk: &mut [u8], intake: &mut Intake) -> bool {
        for turn in 0..READS_PER_TURN {
            match self.stream.read(chunk) {
                Ok(0) => {
                    self.buffer.finish(Some(now_us()), intake);
                    self.open = false;
                    return true;
                }
                Ok(count) => self.buffer.feed(&chunk[..count], Some(now_us()), intake),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return turn > 0,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.buffer.finish(Some(now_us()), intake);
                    self.open = false;
                    return true;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::*;

    const GRACE: Duration = Duration::from_millis(300);

    fn started() -> (Collector, Receiver<Vec<Event>>) {
        let (sink, events) = sync_channel(10_000);
        (Collector::start(sink, 1000, GRACE).expect("a collector"), events)
    }

    fn count(events: &Receiver<Vec<Event>>) -> usize {
        events.try_iter().map(|batch| batch.len()).sum()
    }

    #[test]
    fn many_clients_at_once_lose_nothing() {
        let (collector, events) = started();
        let path = collector.path().to_owned();
        std::thread::scope(|scope| {
            for client in 0..20 {
                let path = &path;
                scope.spawn(move || {
                    let mut stream = UnixStream::connect(path).expect("a connection");
                    for request in 0..200 {
                        let line = format!("{{\"component\":\"c{client}\",\"request_id\":{request}}}\n");
                        stream.write_all(line.as_bytes()).expect("sent");
                    }
                });
            }
        });
        let intake = collector.finish().expect("an intake");
        assert_eq!(intake.counts.events, 4000);
        assert_eq!(intake.counts.malformed, 0);
        assert_eq!(count(&events), 4000);
    }

    #[test]
    fn what_a_client_sent_before_it_hung_up_is_taken_after_the_end() {
        let (collector, events) = started();
        let mut stream = UnixStream::connect(collector.path()).expect("a connection");
        stream.write_all(b"{\"component\":\"a\"}\n{\"component\":\"b\"}").expect("sent");
        drop(stream);
        assert_eq!(collector.finish().expect("an intake").counts.events, 2);
        assert_eq!(count(&events), 2);
    }

    #[test]
    fn a_client_that_never_hangs_up_is_waited_for_no_longer_than_the_grace() {
        let (collector, events) = started();
        let mut stream = UnixStream::connect(collector.path()).expect("a connection");
        stream.write_all(b"{\"component\":\"a\"}\n{\"component\"").expect("sent");
        let begin = Instant::now();
        let intake = collector.finish().expect("an intake");
        assert!(begin.elapsed() >= GRACE);
        assert!(begin.elapsed() < GRACE * 20);
        assert_eq!((intake.counts.events, intake.counts.malformed), (1, 1));
        assert_eq!(count(&events), 1);
    }

    #[test]
    fn without_clients_the_end_comes_at_once_and_the_socket_vanishes() {
        let (collector, _events) = started();
        let path = collector.path().to_owned();
        assert!(path.exists());
        assert_eq!(collector.finish().expect("an intake").counts.lines, 0);
        assert!(!path.exists());
    }
}

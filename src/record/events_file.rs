//! Reads a file of events, line by line.

use std::io::Read;
use std::path::Path;

use super::intake::{Intake, IntakeCounts};
use super::line_buffer::LineBuffer;
use crate::run::Event;

/// What is read from an events file at once, bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads a file of lines into `intake`; `sink` gets the events chunk by chunk.
///
/// # Errors
/// When the file cannot be opened or read; what was read before counts.
pub fn read_file(
    path: &Path,
    max_line_bytes: usize,
    intake: &mut Intake,
    sink: &mut dyn FnMut(Vec<Event>),
) -> std::io::Result<()> {
    let source = path.display().to_string();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = LineBuffer::new(source, max_line_bytes);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        buffer.feed(&chunk[..count], None, intake);
        sink(intake.fetch_events());
    }
    buffer.finish(None, intake);
    sink(intake.fetch_events());
    Ok(())
}

/// Reads lines that nobody sent and that stand in no file: the events, and what became of the others.
pub fn read_lines(bytes: &[u8], max_line_bytes: usize) -> (Vec<Event>, IntakeCounts) {
    let (mut intake, mut buffer) = (Intake::default(), LineBuffer::new("lines".to_owned(), max_line_bytes));
    buffer.feed(bytes, None, &mut intake);
    buffer.finish(None, &mut intake);
    (intake.fetch_events(), intake.counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_last_line_even_without_line_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("events.jsonl");
        let line = r#"{"component":"a","ts":1700000000000000}"#;
        std::fs::write(&path, format!("{line}\n\n{line}\r\n{line}")).expect("written");
        let (mut intake, mut count) = (Intake::default(), 0);
        read_file(&path, 1000, &mut intake, &mut |events| count += events.len()).expect("read");
        assert_eq!((count, intake.counts.events, intake.counts.malformed), (3, 3, 0));
    }
}

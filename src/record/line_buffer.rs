//! Cuts a client's bytes into lines, with bounded memory.

use super::intake::Intake;

/// The unfinished line of one source.
#[derive(Debug)]
pub struct LineBuffer {
    source: String,
    rest: Vec<u8>,
    /// The line is longer than `max_bytes`; its end is looked for.
    overlong: bool,
    max_bytes: usize,
    lines: u64,
}

impl LineBuffer {
    pub fn new(source: String, max_bytes: usize) -> Self {
        Self { source, rest: Vec::new(), overlong: false, max_bytes, lines: 0 }
    }

    /// Hands every line that ends in `bytes` to `intake` and keeps the rest for the next call.
    pub fn feed(&mut self, bytes: &[u8], arrival_us: Option<i64>, intake: &mut Intake) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            match piece.split_last() {
                Some((b'\n', line)) => self.end_line(line, arrival_us, intake),
                _ => self.keep(piece),
            }
        }
    }

    /// Takes what is left as the last line: the source ended.
    pub fn finish(&mut self, arrival_us: Option<i64>, intake: &mut Intake) {
        if self.overlong || !self.rest.is_empty() {
            self.end_line(&[], arrival_us, intake);
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = self.max_bytes.saturating_sub(self.rest.len());
        self.overlong |= piece.len() > room;
        self.rest.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn end_line(&mut self, end: &[u8], arrival_us: Option<i64>, intake: &mut Intake) {
        self.lines += 1;
        if self.rest.is_empty() && end.len() <= self.max_bytes {
            // The usual case: the whole line stands in the bytes that were read, no copy is needed.
            return intake.take(end, arrival_us, &self.source, self.lines);
        }
        self.keep(end);
        if self.overlong {
            let error = format!("longer than {} bytes", self.max_bytes);
            intake.refuse(&self.rest, error, &self.source, self.lines);
        } else {
            intake.take(&self.rest, arrival_us, &self.source, self.lines);
        }
        self.rest.clear();
        self.overlong = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = br#"{"component":"a","detail":"some text"}"#;
    const ARRIVAL_US: Option<i64> = Some(1_700_000_000_000_000);

    #[test]
    fn lines_are_the_same_however_the_bytes_are_cut() {
        let text = [LINE, b"\n", LINE, b"\r\n\n", LINE].concat();
        for cut in 1..text.len() {
            let mut intake = Intake::default();
            let mut buffer = LineBuffer::new("client 1".into(), 100);
            for piece in text.chunks(cut) {
                buffer.feed(piece, ARRIVAL_US, &mut intake);
            }
            buffer.finish(ARRIVAL_US, &mut intake);
            assert_eq!((intake.counts.events, intake.counts.malformed), (3, 0), "pieces of {cut}");
        }
    }

    #[test]
    fn an_overlong_line_is_one_fault_in_bounded_memory_and_the_next_line_counts() {
        for piece_length in [7, 64, 100_000] {
            let mut intake = Intake::default();
            let mut buffer = LineBuffer::new("client 1".into(), 100);
            let text = [&b"x".repeat(50_000)[..], b"\n", LINE, b"\n"].concat();
            for piece in text.chunks(piece_length) {
                buffer.feed(piece, ARRIVAL_US, &mut intake);
                assert!(buffer.rest.len() <= 100);
            }
            assert_eq!((intake.counts.events, intake.counts.malformed), (1, 1));
            assert!(intake.counts.first_malformed.expect("an example").error.contains("100 bytes"));
        }
    }

    #[test]
    fn a_line_of_just_the_longest_length_is_taken() {
        let mut intake = Intake::default();
        let mut buffer = LineBuffer::new("client 1".into(), LINE.len());
        buffer.feed(&LINE[..5], ARRIVAL_US, &mut intake);
        buffer.feed(&[&LINE[5..], b"\n"].concat(), ARRIVAL_US, &mut intake);
        assert_eq!((intake.counts.events, intake.counts.malformed), (1, 0));
    }
}

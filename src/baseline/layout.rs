//! JSON for review: one key a line, but numbers of a list side by side, so that a diff shows what changed.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// `value` as JSON with a line end behind it.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Layout::default()))?;
    text.push(b'\n');
    // What the serializer writes is always UTF-8: names come from `str`, the rest is ASCII.
    Ok(String::from_utf8_lossy(&text).into_owned())
}

const INDENT: &[u8] = b"  ";

/// Objects are broken into lines; a list only where it holds objects or lists.
#[derive(Debug, Default)]
struct Layout {
    /// For each open object or list: was it broken into lines?
    broken: Vec<bool>,
    /// Right before an item of a list: is it one behind another?
    next_item: Option<bool>,
}

impl Layout {
    fn break_line(&self, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        writer.write_all(b"\n")?;
        self.broken.iter().try_for_each(|_| writer.write_all(INDENT))
    }

    /// An object or a list as item of a list stands on a line of its own.
    fn begin(&mut self, writer: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        if self.next_item.take().is_some() {
            self.break_line(writer)?;
            self.mark_broken();
        }
        self.broken.push(false);
        writer.write_all(bracket)
    }

    fn end(&mut self, writer: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        if self.broken.pop() == Some(true) {
            self.break_line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn mark_broken(&mut self) {
        if let Some(last) = self.broken.last_mut() {
            *last = true;
        }
    }

    fn space_items(&mut self, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if self.next_item.take() == Some(true) { writer.write_all(b" ") } else { Ok(()) }
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next_item = Some(!first);
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.next_item = None;
        Ok(())
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        self.space_items(writer)?;
        // Display of the default: shortest digits that read back as the same number, always with a point or exponent.
        serde_json::ser::CompactFormatter.write_f64(writer, value)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.mark_broken();
        if !first {
            writer.write_all(b",")?;
        }
        self.break_line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_broken_into_lines_and_numbers_are_not() {
        let value = json!({
            "name": "a", "empty": {}, "none": [], "values": [1.5, 0.1, -2e-300],
            "runs": [{"id": "x", "environment": {"os": "linux"}}, {"id": "y"}], "lists": [[1.0], [2.0, 3.0]]
        });
        let wanted = r#"{
  "name": "a",
  "empty": {},
  "none": [],
  "values": [1.5, 0.1, -2e-300],
  "runs": [
    {
      "id": "x",
      "environment": {
        "os": "linux"
      }
    },
    {
      "id": "y"
    }
  ],
  "lists": [
    [1.0],
    [2.0, 3.0]
  ]
}
"#;
        let text = pretty(&value).unwrap();
        assert_eq!(text, wanted);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}

//! A bounded walk over compact thrift, the form of Parquet's footer and page headers.
//!
//! Nothing is allocated and nothing believed: each step is `None` when the bytes end or make no sense.
//! Protocol: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

use std::ops::Range;

/// Parquet's own structures nest seven deep; a damaged one must not exhaust the stack.
const MAX_DEPTH: u32 = 32;

/// How a value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Bool,
    Byte,
    Varint,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl Layout {
    fn of(nibble: u8) -> Option<Layout> {
        Some(match nibble {
            1 | 2 => Layout::Bool,
            3 => Layout::Byte,
            4..=6 => Layout::Varint,
            7 => Layout::Double,
            8 => Layout::Binary,
            9 | 10 => Layout::List,
            11 => Layout::Map,
            12 => Layout::Struct,
            13 => Layout::Uuid,
            _ => return None,
        })
    }
}

/// A position in compact thrift.
#[derive(Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0 }
    }

    /// Bytes passed so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next field of a structure: sets its id, gives its layout; the inner none ends the structure.
    pub fn field(&mut self, id: &mut i64) -> Option<Option<Layout>> {
        let header = self.byte()?;
        if header == 0 {
            return Some(None);
        }
        *id = match header >> 4 {
            0 => self.integer()?,
            delta => id.checked_add(i64::from(delta))?,
        };
        Some(Some(Layout::of(header & 0x0f)?))
    }

    /// Number and layout of the elements of a list that begins here.
    pub fn list(&mut self) -> Option<(u64, Layout)> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.varint()? } else { u64::from(header >> 4) };
        // Some writers give an empty list no element type.
        let layout = if count == 0 { Layout::Byte } else { Layout::of(header & 0x0f)? };
        Some((count, layout))
    }

    /// A zigzag number.
    pub fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Where the bytes of a string lie.
    pub fn binary(&mut self) -> Option<Range<usize>> {
        let length = self.varint()?;
        self.advance(length)
    }

    /// Passes over one value.
    pub fn skip(&mut self, layout: Layout) -> Option<()> {
        self.skip_below(layout, 0)
    }

    fn skip_below(&mut self, layout: Layout, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match layout {
            // A bool field holds its value in its header.
            Layout::Bool => Some(()),
            Layout::Byte => self.byte().map(|_| ()),
            Layout::Varint => self.varint().map(|_| ()),
            Layout::Double => self.advance(8).map(|_| ()),
            Layout::Uuid => self.advance(16).map(|_| ()),
            Layout::Binary => self.binary().map(|_| ()),
            Layout::List => self.skip_list(depth),
            Layout::Map => self.skip_map(depth),
            Layout::Struct => self.skip_struct(depth),
        }
    }

    fn skip_struct(&mut self, depth: u32) -> Option<()> {
        let mut id = 0;
        while let Some(layout) = self.field(&mut id)? {
            self.skip_below(layout, depth + 1)?;
        }
        Some(())
    }

    fn skip_list(&mut self, depth: u32) -> Option<()> {
        let (count, layout) = self.list()?;
        for _ in 0..count {
            self.skip_element(layout, depth)?;
        }
        Some(())
    }

    fn skip_map(&mut self, depth: u32) -> Option<()> {
        let count = self.varint()?;
        if count == 0 {
            return Some(());
        }
        let layouts = self.byte()?;
        let (key, value) = (Layout::of(layouts >> 4)?, Layout::of(layouts & 0x0f)?);
        for _ in 0..count {
            self.skip_element(key, depth)?;
            self.skip_element(value, depth)?;
        }
        Some(())
    }

    /// In a list or map each element takes a byte at least, a bool too: so that no count outlasts the bytes.
    fn skip_element(&mut self, layout: Layout, depth: u32) -> Option<()> {
        let layout = if layout == Layout::Bool { Layout::Byte } else { layout };
        self.skip_below(layout, depth + 1)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn advance(&mut self, count: u64) -> Option<Range<usize>> {
        let end = self.at.checked_add(usize::try_from(count).ok()?)?;
        self.bytes.get(self.at..end)?;
        let range = self.at..end;
        self.at = end;
        Some(range)
    }
}

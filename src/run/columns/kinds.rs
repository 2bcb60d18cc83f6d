//! What a column may hold: how it is converted and checked, and the types that stand for it.

use arrow_schema::{DataType, TimeUnit};

/// What a column holds, and so how it is converted and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// µs since 1970, Int64.
    Time,
    /// Codes of the run's lexicon, UInt32.
    Word,
    /// Free text, String.
    Text,
    /// Float64; NaN is a null, what is negative or infinite a fault of the row.
    Measure,
    /// Float64; NaN is a null, infinity a fault.
    Number,
    /// UInt64; a signed id is its bits, a text its number or hash; where it comes as float, NaN is a null.
    Id,
    /// The same in UInt32; of a wider one the hash.
    SmallId,
    /// UInt32, at most `u8::MAX`; a count.
    SmallCount,
    /// UInt32; a count.
    Count,
}

impl Kind {
    /// Whether values of `found` are taken for this kind without loss of meaning.
    pub fn accepts(self, found: &DataType) -> bool {
        match (self, found) {
            (_, DataType::Dictionary(_, value)) => self.accepts(value),
            (Kind::Time, found) => matches!(found, DataType::Timestamp(..)),
            (Kind::Word | Kind::Text, found) => is_text(found) || is_bytes(found),
            (Kind::Id | Kind::SmallId, found) if is_text(found) || is_bytes(found) => true,
            (Kind::Id | Kind::SmallId, DataType::FixedSizeBinary(_)) => true,
            (_, found) => found.is_numeric(),
        }
    }

    /// The type that we write.
    pub fn written(self) -> DataType {
        match self {
            Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Word => word_type(),
            Kind::Text => DataType::Utf8,
            Kind::Measure | Kind::Number => DataType::Float64,
            Kind::Id => DataType::UInt64,
            Kind::SmallCount => DataType::UInt8,
            Kind::SmallId | Kind::Count => DataType::UInt32,
        }
    }

    /// The type to convert to, for messages and documents.
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Time => "a timestamp (µs, UTC)",
            Kind::Word | Kind::Text => "a string",
            Kind::Measure | Kind::Number => "a number (float64)",
            Kind::Id => "an integer (uint64) or a text",
            Kind::SmallCount => "an integer (uint8)",
            Kind::SmallId => "an integer (uint32) or a text",
            Kind::Count => "an integer (uint32)",
        }
    }
}

/// Words with the distinct ones stored once.
pub fn word_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Any of Arrow's string types.
pub fn is_text(found: &DataType) -> bool {
    matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Any of Arrow's types of bytes, which hold text as often as not.
pub fn is_bytes(found: &DataType) -> bool {
    matches!(found, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

/// What an event has of a column of some kind.
#[rustfmt::skip]
macro_rules! value_type {
    (Time) => { i64 };
    (Word) => { String };
    (Text) => { String };
    (Measure) => { f64 };
    (Number) => { f64 };
    (Id) => { u64 };
    (SmallId) => { u32 };
    (SmallCount) => { u8 };
    (Count) => { u32 };
}

pub(crate) use value_type;

//! What a column may hold: how it is converted and checked, and the types that stand for it.

use std::fmt::Debug;

use arrow::datatypes::{DataType, TimeUnit};

/// What a column holds, and so how it is converted and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// µs since 1970, Int64.
    Time,
    /// Codes of the run's lexicon, UInt32.
    Word,
    /// Free text, String.
    Text,
    /// Float64; what is negative or not finite is a fault of the row.
    Measure,
    /// Float64; NaN is a null, infinity a fault.
    Number,
    /// UInt64; where it comes as float, NaN is a null.
    Id,
    /// An id that may come signed, as languages without unsigned integers make hashes: its bits are the hash.
    Hash,
    /// UInt32, at most `u32::MAX`; an id.
    SmallId,
    /// UInt32, at most the number; a count.
    Count(u32),
}

impl Kind {
    /// Whether values of `found` are taken for this kind without loss of meaning.
    pub fn accepts(self, found: &DataType) -> bool {
        match (self, found) {
            (_, DataType::Dictionary(_, value)) => self.accepts(value),
            (Kind::Time, found) => matches!(found, DataType::Timestamp(..)),
            (Kind::Word | Kind::Text, found) => is_text(found),
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
            Kind::Id | Kind::Hash => DataType::UInt64,
            Kind::Count(SMALL) => DataType::UInt8,
            Kind::SmallId | Kind::Count(_) => DataType::UInt32,
        }
    }

    /// The type that we write, as documents have it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Time => "timestamp(µs, UTC)",
            Kind::Word | Kind::Text => "string",
            Kind::Measure | Kind::Number => "float64",
            Kind::Id | Kind::Hash => "uint64",
            Kind::Count(SMALL) => "uint8",
            Kind::SmallId | Kind::Count(_) => "uint32",
        }
    }

    /// The type to convert to, for messages.
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Time => "a timestamp (µs, UTC)",
            Kind::Word | Kind::Text => "a string",
            Kind::Measure | Kind::Number => "a number (float64)",
            Kind::Id | Kind::Hash => "an integer (uint64)",
            Kind::Count(SMALL) => "an integer (uint8)",
            Kind::SmallId | Kind::Count(_) => "an integer (uint32)",
        }
    }
}

/// Limit of a count that is written in one byte.
const SMALL: u32 = u8::MAX as u32;

/// Words with the distinct ones stored once.
pub fn word_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Any of Arrow's string types.
pub fn is_text(found: &DataType) -> bool {
    matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A kind as a type, for what is compiled for each column.
pub trait Typed {
    const KIND: Kind;
    /// What an event has of it.
    type Value: Clone + Debug + Default + PartialEq;
}

macro_rules! typed {
    ($($name:ident: $value:ty = $kind:expr;)*) => { $(
        #[derive(Debug)]
        pub enum $name {}

        impl Typed for $name {
            const KIND: Kind = $kind;
            type Value = $value;
        }
    )* };
}

typed! {
    Time: i64 = Kind::Time;
    Word: String = Kind::Word;
    Text: String = Kind::Text;
    Measure: f64 = Kind::Measure;
    Number: f64 = Kind::Number;
    Id: u64 = Kind::Id;
    Hash: u64 = Kind::Hash;
    SmallId: u32 = Kind::SmallId;
    SmallCount: u8 = Kind::Count(SMALL);
    Count: u32 = Kind::Count(u32::MAX);
}

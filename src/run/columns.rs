//! The columns of the contract: their names, kinds and the types that are taken for them.

use arrow::datatypes::DataType;

/// Earliest timestamp of the contract, 2000-01-01 UTC, µs since 1970.
pub const FIRST_TS_US: i64 = 946_684_800_000_000;
/// End of the contract's timestamps (exclusive), 2100-01-01 UTC, µs since 1970.
pub const END_TS_US: i64 = 4_102_444_800_000_000;
/// Floats below this are exact integers: 2^53.
pub const EXACT_FLOATS_BELOW: f64 = 9_007_199_254_740_992.0;

/// What a column holds, and so how it is converted and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// µs since 1970, Int64.
    Time,
    /// Codes of the run's lexicon, UInt32.
    Word,
    /// Free text, String.
    Text,
    /// Float64; what is negative or not finite is a fault of the row. The word names it in the reason.
    Measure(&'static str),
    /// Float64; NaN is a null, infinity a fault.
    Number,
    /// UInt64; where it comes as float, NaN is a null.
    Id,
    /// UInt32, at most `u32::MAX`; an id.
    SmallId,
    /// UInt32, at most the number; a count.
    Count(u32),
}

/// One column of the contract.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

const fn required(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false }
}

/// All columns, in the contract's order.
pub const COLUMNS: [Column; 20] = [
    required("ts", Kind::Time),
    required("component", Kind::Word),
    optional("operation", Kind::Word),
    optional("outcome", Kind::Word),
    optional("duration_ms", Kind::Measure("duration")),
    optional("value", Kind::Measure("value")),
    optional("instance", Kind::Word),
    optional("request_id", Kind::Id),
    optional("user_id", Kind::SmallId),
    optional("answered_by", Kind::Word),
    optional("attempt", Kind::Count(u8::MAX as u32)),
    optional("scheduled_ts", Kind::Time),
    optional("queue_ms", Kind::Number),
    optional("tokens_in", Kind::Count(u32::MAX)),
    optional("tokens_out", Kind::Count(u32::MAX)),
    optional("ttft_ms", Kind::Number),
    optional("cost_usd", Kind::Number),
    optional("quality", Kind::Number),
    optional("key", Kind::Id),
    optional("detail", Kind::Text),
];

/// Indices of some columns in [`COLUMNS`].
pub const TS: usize = 0;
pub const COMPONENT: usize = 1;
pub const OPERATION: usize = 2;
pub const INSTANCE: usize = 6;
pub const KEY: usize = 18;

/// Index of the column `name` in [`COLUMNS`].
pub fn index_of(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
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

    /// The type to convert to, for messages.
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Time => "a timestamp (µs, UTC)",
            Kind::Word | Kind::Text => "a string",
            Kind::Measure(_) | Kind::Number => "a number (float64)",
            Kind::Id => "an integer (uint64)",
            Kind::SmallId => "an integer (uint32)",
            Kind::Count(limit) if limit == u8::MAX as u32 => "an integer (uint8)",
            Kind::Count(_) => "an integer (uint32)",
        }
    }
}

/// Any of Arrow's string types.
pub fn is_text(found: &DataType) -> bool {
    matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

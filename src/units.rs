//! How each quantity prints: one way per unit, the same in every report.
//!
//! Plain ASCII, a comma between thousands, UTC times. A number that is not finite prints as `–`: it should
//! have been undefined, and a report must not show it as a number.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod change;

pub use change::{ChangeUnit, Scale};

/// What stands in the place of a number that is undefined.
pub const NONE: &str = "–";

/// `1 call`, `2 calls`, `1,234 calls`.
pub fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", count(number)) }
}

/// The unit of a number, as it stands in tables and verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Milliseconds,
    Seconds,
    /// A share 0..1; prints as percent.
    Ratio,
    /// 0..100.
    Percent,
    Megabytes,
    MegabytesPerMinute,
    Kilobytes,
    PerSecond,
    Usd,
    /// Number of things.
    Count,
    /// A number without a unit, or whose unit stands in its name.
    Number,
}

impl Unit {
    /// The word for it in tables (`ms`, `ratio`, …).
    pub fn word(self) -> &'static str {
        match self {
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Ratio => "ratio",
            Unit::Percent => "percent",
            Unit::Megabytes => "mb",
            Unit::MegabytesPerMinute => "mb_per_min",
            Unit::Kilobytes => "kb",
            Unit::PerSecond => "per_s",
            Unit::Usd => "usd",
            Unit::Count => "count",
            Unit::Number => "number",
        }
    }

    const ALL: [Unit; 11] = [
        Unit::Milliseconds,
        Unit::Seconds,
        Unit::Ratio,
        Unit::Percent,
        Unit::Megabytes,
        Unit::MegabytesPerMinute,
        Unit::Kilobytes,
        Unit::PerSecond,
        Unit::Usd,
        Unit::Count,
        Unit::Number,
    ];

    /// `value` with its unit, for people.
    pub fn print(self, value: f64) -> String {
        match self {
            Unit::Milliseconds => with_unit(value, "ms"),
            Unit::Seconds => with_unit(value, "s"),
            Unit::Ratio => percent(value * 100.0),
            Unit::Percent => percent(value),
            Unit::Megabytes => with_unit(value, "MB"),
            Unit::MegabytesPerMinute => with_unit(value, "MB/min"),
            Unit::Kilobytes => with_unit(value, "KB"),
            Unit::PerSecond => with_unit(value, "/s"),
            Unit::Usd => usd(value),
            Unit::Count => significant(value, 0),
            Unit::Number => number(value),
        }
    }
}

/// As its word.
impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Unit::ALL.into_iter().find(|unit| unit.word() == word);
        known.ok_or_else(|| serde::de::Error::custom(format!("`{word}` is no unit")))
    }
}

/// `1.23`, `12.3`, `123`, `1,234`: three digits that matter, never fewer before the point.
pub fn number(value: f64) -> String {
    // Rounded first, so that 9.999 becomes 10.0 and not 10.00.
    let magnitude = format!("{:.2e}", value.abs()).parse().unwrap_or(value.abs());
    let decimals = if magnitude < 10.0 {
        2
    } else if magnitude < 100.0 {
        1
    } else {
        0
    };
    significant(value, decimals)
}

/// A number that may be tiny, with three digits that matter: `0.0277`, `1.04e-4`, `0`.
pub fn small_number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        NONE.to_owned()
    } else if magnitude == 0.0 {
        "0".to_owned()
    } else if magnitude >= 1.0 {
        number(value)
    } else if magnitude >= 0.001 {
        let decimals = 2 - magnitude.log10().floor() as i32;
        significant(value, decimals.unsigned_abs() as usize)
    } else {
        format!("{value:.2e}")
    }
}

/// A coefficient -1..1, with its sign: `+0.82`.
pub fn coefficient(value: f64) -> String {
    let text = significant(value, 2);
    if text == NONE || text.starts_with('-') { text } else { format!("+{text}") }
}

/// A count with a comma between thousands: `1,234,567`.
pub fn count(value: u64) -> String {
    group(&value.to_string())
}

/// `1 day old`, `45 days old`.
pub fn days_old(days: i64) -> String {
    format!("{} old", counted(days.unsigned_abs(), "day"))
}

/// The first names of a list, up to `most`, and how many more there are: `a, b and 5 more`.
pub fn some_of(names: &[impl AsRef<str>], most: usize) -> String {
    let shown = names.iter().take(most).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", count(more as u64)),
    }
}

/// `99.95 %`: two decimals, cut rather than rounded next to 100 so that 99.999 is not shown as 100.
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let is_nearly_all = (99.995..100.0).contains(&value);
    let is_nearly_none = value > 0.0 && value < 0.005;
    if is_nearly_all {
        "> 99.99 %".to_owned()
    } else if is_nearly_none {
        "< 0.01 %".to_owned()
    } else {
        format!("{} %", significant(value, 2))
    }
}

/// `$1.23`, `$0.0042`: cents for sums, four digits that matter for the cost of one call.
pub fn usd(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = if magnitude == 0.0 || magnitude >= 0.995 {
        2
    } else if magnitude >= 0.01 {
        4
    } else {
        6
    };
    match significant(value, decimals) {
        text if text == NONE => text,
        text => match text.strip_prefix('-') {
            Some(text) => format!("-${text}"),
            None => format!("${text}"),
        },
    }
}

/// A length of time for people: `12 s`, `12.3 s`, `5 min 3 s`, `2 h 5 min`.
pub fn duration_s(value: f64) -> String {
    if !value.is_finite() || value < 0.0 {
        return NONE.to_owned();
    }
    if value < 59.95 {
        let is_whole = value.fract() == 0.0;
        return if is_whole { format!("{value} s") } else { with_unit(value, "s") };
    }
    let seconds = value.round() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{} h {minutes} min", count(hours)) } else { format!("{minutes} min {seconds} s") }
}

/// An instant, µs since 1970, to the second: `2025-03-01 12:00:00 UTC`.
pub fn instant(at_us: i64) -> String {
    match Timestamp::from_microsecond(at_us) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => NONE.to_owned(),
    }
}

/// A time in RFC 3339 as all times are shown; what is none stays as it is.
pub fn instant_of_text(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => instant(at.as_microsecond()),
        Err(_) => text.to_owned(),
    }
}

/// An instant, µs since 1970, in RFC 3339 with microseconds; `None` outside years −9999–9999.
pub fn rfc3339(at_us: i64) -> Option<String> {
    let at = Timestamp::from_microsecond(at_us).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

fn with_unit(value: f64, unit: &str) -> String {
    let text = number(value);
    if text == NONE { text } else { format!("{text} {unit}") }
}

fn significant(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let is_zero = text.bytes().all(|byte| byte == b'0' || byte == b'.');
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    format!("{sign}{}{fraction}", group(whole))
}

fn group(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_the_first_names_are_told() {
        assert_eq!(some_of(&["a", "b"], 2), "a, b");
        assert_eq!(some_of(&["a".to_owned(), "b".to_owned(), "c".to_owned()], 2), "a, b and 1 more");
        assert_eq!(some_of(&vec!["a"; 1_235], 1), "a and 1,234 more");
        assert_eq!(some_of(&[] as &[&str], 2), "");
    }

    #[test]
    fn numbers_print_three_digits_that_matter() {
        for (value, wanted) in [
            (0.0, "0.00"),
            (-0.001, "0.00"),
            (1.234, "1.23"),
            (9.999, "10.0"),
            (12.345, "12.3"),
            (99.96, "100"),
            (123.4, "123"),
            (1234.5, "1,234"),
            (-1_234_567.8, "-1,234,568"),
            (f64::NAN, NONE),
            (f64::INFINITY, NONE),
        ] {
            assert_eq!(number(value), wanted, "{value}");
        }
    }

    #[test]
    fn small_numbers_keep_three_digits_that_matter() {
        for (value, wanted) in [
            (0.0277285, "0.0277"),
            (0.0001044, "1.04e-4"),
            (-0.5, "-0.500"),
            (0.0, "0"),
            (12.345, "12.3"),
            (f64::NAN, NONE),
        ] {
            assert_eq!(small_number(value), wanted, "{value}");
        }
    }

    #[test]
    fn each_unit_prints_in_its_own_way() {
        for (unit, value, wanted) in [
            (Unit::Milliseconds, 1234.0, "1,234 ms"),
            (Unit::Milliseconds, 0.5, "0.50 ms"),
            (Unit::Ratio, 0.9601, "96.01 %"),
            (Unit::Ratio, 0.99999, "> 99.99 %"),
            (Unit::Ratio, 0.00001, "< 0.01 %"),
            (Unit::Ratio, 1.0, "100.00 %"),
            (Unit::Percent, 98.5, "98.50 %"),
            (Unit::Megabytes, 23.5, "23.5 MB"),
            (Unit::PerSecond, 15.2, "15.2 /s"),
            (Unit::Usd, 12.3, "$12.30"),
            (Unit::Usd, 0.023, "$0.0230"),
            (Unit::Usd, -0.000_5, "-$0.000500"),
            (Unit::Count, 12345.0, "12,345"),
            (Unit::Ratio, f64::NAN, NONE),
            (Unit::Usd, f64::NAN, NONE),
        ] {
            assert_eq!(unit.print(value), wanted, "{unit:?} {value}");
        }
    }

    #[test]
    fn words_lead_back_to_their_unit() {
        for unit in Unit::ALL {
            let word = serde_json::to_string(&unit).unwrap();
            assert_eq!(serde_json::from_str::<Unit>(&word).unwrap(), unit);
        }
        assert!(serde_json::from_str::<Unit>("\"furlong\"").is_err());
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(instant(1_740_830_400_123_456), "2025-03-01 12:00:00 UTC");
        assert_eq!(rfc3339(1_740_830_400_123_456).as_deref(), Some("2025-03-01T12:00:00.123456Z"));
        assert_eq!(instant(i64::MAX), NONE);
        assert_eq!(instant_of_text("2025-03-01T12:00:00.5Z"), "2025-03-01 12:00:00 UTC");
        assert_eq!(instant_of_text("yesterday"), "yesterday");
        assert_eq!(duration_s(12.34), "12.3 s");
        assert_eq!(duration_s(20.0), "20 s");
        assert_eq!(duration_s(59.99), "1 min 0 s");
        assert_eq!(duration_s(303.2), "5 min 3 s");
        assert_eq!(duration_s(7500.0), "2 h 5 min");
    }
}

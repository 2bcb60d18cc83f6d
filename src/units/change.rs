//! How a change prints: always with its sign, on the scale that it was measured on.

use serde::{Deserialize, Serialize};

use super::{NONE, Unit, number, significant, usd};

/// The scale on which two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By their ratio: 0.1 is +10 %.
    Relative,
    /// By their difference, of two shares 0..1: 0.01 is one point.
    Points,
    /// By their difference, in their own unit.
    Amount,
}

impl Scale {
    /// As it stands in settings and tables.
    pub fn word(self) -> &'static str {
        match self {
            Scale::Relative => "relative",
            Scale::Points => "points",
            Scale::Amount => "amount",
        }
    }
}

/// The scale of a change, with the unit of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeUnit {
    /// To the value before: 0.1 is +10 %.
    Relative,
    /// Difference of two shares 0..1: 0.01 is one point.
    Points,
    /// Difference in the value's own unit.
    Amount(Unit),
}

impl ChangeUnit {
    /// How a change on this scale prints, of values of this unit.
    pub fn of(scale: Scale, unit: Unit) -> Self {
        match (scale, unit) {
            (Scale::Relative, _) => ChangeUnit::Relative,
            // A difference of shares is no share of anything.
            (Scale::Points, _) | (_, Unit::Ratio) => ChangeUnit::Points,
            (Scale::Amount, unit) => ChangeUnit::Amount(unit),
        }
    }

    /// `+24.3 %`, `-1.20 points`, `+7.50 MB`.
    pub fn print(self, change: f64) -> String {
        self.with_suffix(self.signed(change))
    }

    /// `+3.1 … +22.0`: for a column beside the change, which says the unit.
    pub fn print_range(self, low: f64, high: f64) -> String {
        format!("{} … {}", self.signed(low), self.signed(high))
    }

    /// `(+3.1 … +22.0 %)`: for a sentence.
    pub fn print_interval(self, low: f64, high: f64) -> String {
        format!("({})", self.with_suffix(self.print_range(low, high)))
    }

    /// `+12.3 ms/min`.
    pub fn print_per_min(self, slope: f64) -> String {
        match self.suffix() {
            "" | " /s" => format!("{} per min", self.print(slope)),
            _ => format!("{}/min", self.print(slope)),
        }
    }

    fn with_suffix(self, text: String) -> String {
        if text == NONE { text } else { text + self.suffix() }
    }

    fn signed(self, change: f64) -> String {
        let text = match self {
            ChangeUnit::Relative => significant(change * 100.0, 1),
            ChangeUnit::Points => significant(change * 100.0, 2),
            ChangeUnit::Amount(Unit::Percent) => significant(change, 2),
            ChangeUnit::Amount(Unit::Usd) => usd(change),
            ChangeUnit::Amount(_) => number(change),
        };
        if text == NONE || text.starts_with('-') { text } else { format!("+{text}") }
    }

    fn suffix(self) -> &'static str {
        match self {
            ChangeUnit::Relative => " %",
            ChangeUnit::Points | ChangeUnit::Amount(Unit::Ratio | Unit::Percent) => " points",
            ChangeUnit::Amount(unit) => match unit {
                Unit::Milliseconds => " ms",
                Unit::Seconds => " s",
                Unit::Megabytes => " MB",
                Unit::MegabytesPerMinute => " MB/min",
                Unit::Kilobytes => " KB",
                Unit::PerSecond => " /s",
                Unit::Ratio | Unit::Percent | Unit::Usd | Unit::Count | Unit::Number => "",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_prints_with_its_sign_on_its_scale() {
        for (unit, change, wanted) in [
            (ChangeUnit::Relative, 0.243, "+24.3 %"),
            (ChangeUnit::Relative, -0.0001, "+0.0 %"),
            (ChangeUnit::Relative, 12.345, "+1,234.5 %"),
            (ChangeUnit::Points, -0.012, "-1.20 points"),
            (ChangeUnit::Amount(Unit::Megabytes), 7.5, "+7.50 MB"),
            (ChangeUnit::Amount(Unit::Usd), -0.5, "-$0.5000"),
            (ChangeUnit::Amount(Unit::Percent), 3.0, "+3.00 points"),
            (ChangeUnit::Amount(Unit::Number), 3.0, "+3.00"),
            (ChangeUnit::Relative, f64::NAN, NONE),
        ] {
            assert_eq!(unit.print(change), wanted, "{unit:?} {change}");
        }
    }

    #[test]
    fn an_interval_names_its_unit_once() {
        assert_eq!(ChangeUnit::Relative.print_interval(0.031, 0.22), "(+3.1 … +22.0 %)");
        assert_eq!(ChangeUnit::Points.print_range(-0.031, 0.004), "-3.10 … +0.40");
        assert_eq!(ChangeUnit::Amount(Unit::Megabytes).print_interval(1.0, 12.0), "(+1.00 … +12.0 MB)");
    }

    #[test]
    fn a_slope_is_per_minute() {
        assert_eq!(ChangeUnit::Amount(Unit::Milliseconds).print_per_min(12.3), "+12.3 ms/min");
        assert_eq!(ChangeUnit::Points.print_per_min(-0.002), "-0.20 points/min");
        assert_eq!(ChangeUnit::Amount(Unit::PerSecond).print_per_min(0.5), "+0.50 /s per min");
        assert_eq!(ChangeUnit::Amount(Unit::Count).print_per_min(0.5), "+0.50 per min");
    }

    #[test]
    fn words_lead_to_the_scale() {
        assert_eq!(ChangeUnit::of(Scale::Relative, Unit::Ratio), ChangeUnit::Relative);
        assert_eq!(ChangeUnit::of(Scale::Points, Unit::Ratio), ChangeUnit::Points);
        assert_eq!(ChangeUnit::of(Scale::Amount, Unit::Megabytes), ChangeUnit::Amount(Unit::Megabytes));
        assert_eq!(ChangeUnit::of(Scale::Amount, Unit::Ratio), ChangeUnit::Points);
    }
}

//! How much was asked of a run: users, or requests offered per second.

use std::cmp::Ordering;

use serde::{Serialize, Serializer};

use crate::units::{Unit, count, number};

/// What levels of load are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadAxis {
    Users,
    /// Open-loop runs at different target rates: requests offered per second.
    OfferedPerS,
}

/// A level of load: whole users, or a rate.
#[derive(Debug, Clone, Copy)]
pub struct Load(pub f64);

impl LoadAxis {
    /// `63 users`, `8.50 /s`.
    pub fn print(self, load: Load) -> String {
        match self {
            LoadAxis::Users if load.0 == 1.0 => "1 user".to_owned(),
            LoadAxis::Users => format!("{} users", self.number(load)),
            LoadAxis::OfferedPerS => Unit::PerSecond.print(load.0),
        }
    }

    /// Without the unit.
    pub fn number(self, load: Load) -> String {
        match self {
            LoadAxis::Users => count(load.0.round() as u64),
            LoadAxis::OfferedPerS => number(load.0),
        }
    }

    /// The heading of a column of levels.
    pub fn column(self) -> &'static str {
        match self {
            LoadAxis::Users => "users",
            LoadAxis::OfferedPerS => "offered /s",
        }
    }

    /// At least `load`, at most `load`: users are whole.
    pub fn round_down(self, load: f64) -> f64 {
        if self == LoadAxis::Users { load.floor() } else { load }
    }

    pub fn round_up(self, load: f64) -> f64 {
        if self == LoadAxis::Users { load.ceil() } else { load }
    }
}

impl Load {
    /// The users that it is; none of a rate.
    pub fn users(self, axis: LoadAxis) -> Option<u32> {
        (axis == LoadAxis::Users).then_some(self.0 as u32)
    }
}

impl PartialEq for Load {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Load {}

impl PartialOrd for Load {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Load {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Whole ones as integers: users are counted.
impl Serialize for Load {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && (0.0..=LARGEST).contains(&self.0) {
            serializer.serialize_u64(self.0 as u64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_whole_and_rates_have_their_unit() {
        let (users, rate) = (LoadAxis::Users, LoadAxis::OfferedPerS);
        assert_eq!(
            [users.print(Load(1.0)), users.print(Load(1234.0)), rate.print(Load(8.5))],
            ["1 user", "1,234 users", "8.50 /s"]
        );
        let json = serde_json::to_string(&[Load(63.0), Load(8.5)]).unwrap();
        assert_eq!(json, "[63,8.5]");
        assert_eq!((users.round_down(8.7), users.round_up(8.2), rate.round_down(8.7)), (8.0, 9.0, 8.7));
    }
}

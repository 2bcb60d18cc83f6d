//! Bounds of a single number: what does not keep them is a fault of its key.

use super::error::Fault;

pub type Checked = Result<(), Fault>;

pub fn share(key: &str, value: f64) -> Checked {
    hold(key, value, (0.0..=1.0).contains(&value), "within 0..1")
}

pub fn percent(key: &str, value: f64) -> Checked {
    hold(key, value, (0.0..=100.0).contains(&value), "within 0..100")
}

pub fn positive(key: &str, value: f64) -> Checked {
    hold(key, value, value.is_finite() && value > 0.0, "above 0")
}

pub fn not_negative(key: &str, value: f64) -> Checked {
    hold(key, value, value.is_finite() && value >= 0.0, "0 or more")
}

pub fn finite(key: &str, value: f64) -> Checked {
    hold(key, value, value.is_finite(), "a number")
}

pub fn probability(key: &str, value: f64) -> Checked {
    hold(key, value, value > 0.0 && value < 1.0, "between 0 and 1")
}

pub fn at_least(key: &str, value: u64, least: u64) -> Checked {
    hold(key, value as f64, value >= least, &format!("{least} or more"))
}

pub fn at_least_one(key: &str, value: u64) -> Checked {
    hold(key, value as f64, value >= 1, "1 or more")
}

pub fn hold(key: &str, value: f64, holds: bool, wanted: &str) -> Checked {
    if holds { Ok(()) } else { Err(Fault::new(key, format!("must be {wanted}, is {value}"))) }
}

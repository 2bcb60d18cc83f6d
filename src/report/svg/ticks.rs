//! Where an axis has ticks, and what stands at them.

use crate::report::outline::{Axis, Clock, Scale};
use crate::units::{self, Unit};

/// Steps of a clock, s.
const CLOCK_S: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0,
    43_200.0,
];

/// Steps of a calendar, days.
const DATE_DAYS: [f64; 8] = [1.0, 2.0, 7.0, 14.0, 28.0, 56.0, 182.0, 364.0];

/// At most about `most` of them, with their words.
pub fn ticks(axis: &Axis, most: usize) -> Vec<(f64, String)> {
    let values = match axis.scale {
        Scale::Linear => multiples(axis.range, round_step((axis.range.1 - axis.range.0) / most as f64)),
        Scale::Time => multiples(axis.range, clock_step((axis.range.1 - axis.range.0) / most as f64)),
        Scale::Date => multiples(axis.range, date_step((axis.range.1 - axis.range.0) / most as f64)),
        Scale::Log => powers(axis.range, most),
    };
    values.into_iter().map(|value| (value, label(axis, value))).collect()
}

fn multiples((low, high): (f64, f64), step: f64) -> Vec<f64> {
    if !(step.is_finite() && step > 0.0 && low.is_finite() && high > low) {
        return Vec::new();
    }
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).clamp(-1.0, 100.0);
    (0..=count as i64).map(|index| (first + index as f64) * step).filter(|_| count >= 0.0).collect()
}

fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|&step| step >= least * 0.999_999)
        .unwrap_or(least)
}

fn clock_step(least: f64) -> f64 {
    if least < CLOCK_S[0] {
        return round_step(least);
    }
    CLOCK_S.into_iter().find(|&step| step >= least).unwrap_or_else(|| round_step(least))
}

/// Whole days.
fn date_step(least: f64) -> f64 {
    DATE_DAYS.into_iter().find(|&step| step >= least).unwrap_or_else(|| round_step(least))
}

fn powers((low, high): (f64, f64), most: usize) -> Vec<f64> {
    if !(low > 0.0 && high > low && high.is_finite()) {
        return Vec::new();
    }
    let decades = (high / low).log10();
    let within = if decades * 3.0 <= most as f64 { &[1.0, 2.0, 5.0][..] } else { &[1.0] };
    let every = (decades / most as f64).ceil().max(1.0) as i32;
    let powers = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let powers = powers.filter(|power| power % every == 0);
    let values = powers.flat_map(|power| within.iter().map(move |step| step * 10f64.powi(power)));
    values.filter(|value| (low * 0.999..=high * 1.001).contains(value)).collect()
}

fn label(axis: &Axis, value: f64) -> String {
    match (axis.scale, axis.unit) {
        (Scale::Time, _) => clock(value, axis.range.1),
        (Scale::Date, _) => date(value),
        (_, Unit::Milliseconds) if value >= 1000.0 => format!("{} s", plain(value / 1000.0)),
        (_, Unit::Milliseconds) if value == 0.0 => "0".to_owned(),
        (_, Unit::Milliseconds) if value < 1.0 => format!("{} µs", plain(value * 1000.0)),
        (_, Unit::Milliseconds) => format!("{} ms", plain(value)),
        (_, Unit::Ratio) => format!("{} %", plain(value * 100.0)),
        (_, Unit::Percent) => format!("{} %", plain(value)),
        _ => plain(value),
    }
}

/// Without digits that say nothing.
fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        let count = units::count(rounded.abs() as u64);
        if rounded < 0.0 { format!("−{count}") } else { count }
    } else {
        rounded.to_string().replace('-', "−")
    }
}

/// A time since the start, in a run that ends at `end_s`.
fn clock(value_s: f64, end_s: f64) -> String {
    let whole = value_s.max(0.0).round() as u64;
    match Clock::of(end_s) {
        Clock::Seconds => plain(value_s),
        Clock::Minutes => format!("{}:{:02}", whole / 60, whole % 60),
        Clock::Hours => format!("{}:{:02}", whole / 3600, whole / 60 % 60),
    }
}

/// `11-15`: the day of a year.
fn date(days: f64) -> String {
    let at = jiff::Timestamp::from_second((days * 86_400.0) as i64);
    at.map_or_else(|_| String::new(), |at| at.strftime("%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(axis: &Axis, most: usize) -> Vec<String> {
        ticks(axis, most).into_iter().map(|(_, word)| word).collect()
    }

    fn axis(unit: Unit, scale: Scale, range: (f64, f64)) -> Axis {
        Axis::new("", unit, scale, range)
    }

    #[test]
    fn ticks_are_round_and_carry_their_unit() {
        assert_eq!(words(&axis(Unit::PerSecond, Scale::Linear, (0.0, 150.0)), 4), ["0", "50", "100", "150"]);
        assert_eq!(words(&axis(Unit::Ratio, Scale::Linear, (0.0, 1.0)), 4), ["0 %", "50 %", "100 %"]);
        assert_eq!(
            words(&axis(Unit::Number, Scale::Linear, (-0.4, 0.4)), 4),
            ["−0.4", "−0.2", "0", "0.2", "0.4"]
        );
        assert_eq!(
            words(&axis(Unit::Milliseconds, Scale::Log, (0.4, 12_000.0)), 6),
            ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]
        );
        assert_eq!(
            words(&axis(Unit::Milliseconds, Scale::Log, (90.0, 600.0)), 6),
            ["100 ms", "200 ms", "500 ms"]
        );
    }

    #[test]
    fn a_clock_counts_in_seconds_minutes_or_hours() {
        assert_eq!(
            words(&axis(Unit::Seconds, Scale::Time, (0.0, 300.0)), 6),
            ["0", "60", "120", "180", "240", "300"]
        );
        assert_eq!(
            words(&axis(Unit::Seconds, Scale::Time, (0.0, 1200.0)), 5),
            ["0:00", "5:00", "10:00", "15:00", "20:00"]
        );
        assert_eq!(
            words(&axis(Unit::Seconds, Scale::Time, (0.0, 28_800.0)), 4),
            ["0:00", "2:00", "4:00", "6:00", "8:00"]
        );
    }

    #[test]
    fn nights_are_dated() {
        let range = (20_758.0, 20_788.0);
        assert_eq!(words(&axis(Unit::Number, Scale::Date, range), 3), ["11-05", "11-19"]);
    }

    #[test]
    fn an_axis_without_extent_has_no_ticks() {
        for range in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            for scale in [Scale::Linear, Scale::Log, Scale::Time] {
                assert!(ticks(&axis(Unit::Number, scale, range), 5).len() <= 1, "{range:?} {scale:?}");
            }
        }
    }
}

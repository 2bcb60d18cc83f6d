//! Where a quantity passes its limit between two levels, and how far that may be off for want of a level between them.

/// By how much a quantity exceeds its limit at each level: below 0 it holds.
pub struct Curve {
    pub load: Vec<f64>,
    pub excess: Vec<f64>,
    /// The excess is the logarithm of value / limit.
    pub is_logarithm: bool,
}

/// The load at which the limit is passed: on the chord, and the range of what other curves would give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    pub at: f64,
    pub from: f64,
    pub to: f64,
}

/// The first crossing of several quantities between level `index` − 1, where all hold, and `index`, where one fails.
pub fn crossing(curves: &[Curve], index: usize) -> Option<Crossing> {
    let found = curves.iter().filter_map(|curve| curve.crossing(index));
    found.reduce(|one, other| Crossing {
        at: one.at.min(other.at),
        from: one.from.min(other.from),
        to: one.to.min(other.to),
    })
}

impl Curve {
    /// `None` where it does not cross there.
    ///
    /// The chord is the simplest curve between the two levels. A curve that bends one way lies between the chord and the
    /// continuations of the chords beside it, so these bound the crossing: the one from the left where the curve goes on as
    /// before and rises late, the one from the right where it rises at once. Without a level on the left it may rise as late
    /// as the failing level; without one on the right, or where it is flat there, a time may rise straight, not in proportion.
    fn crossing(&self, index: usize) -> Option<Crossing> {
        let before = index.checked_sub(1)?;
        let (low, high) = (self.load[before], self.load[index]);
        let (holding, failing) = (self.excess[before], self.excess[index]);
        let crosses = holding < 0.0 && failing >= 0.0;
        if !crosses {
            return None;
        }
        let at = low + (high - low) * chord(holding, failing);
        let left = before.checked_sub(1).map(|further| {
            let slope = (holding - self.excess[further]) / (low - self.load[further]);
            if slope > 0.0 { low - holding / slope } else { high }
        });
        let right = self.load.get(index + 1).map(|further| {
            let slope = (self.excess[index + 1] - failing) / (further - high);
            if slope > 0.0 { high - failing / slope } else { low }
        });
        let straight = low + (high - low) * self.straight(holding, failing);
        let candidates = [at, left.unwrap_or(high), right.unwrap_or(straight), straight];
        let inside = candidates.map(|load| load.clamp(low, high));
        Some(Crossing {
            at,
            from: inside.into_iter().fold(at, f64::min),
            to: inside.into_iter().fold(at, f64::max),
        })
    }

    /// Where the value itself, not its logarithm, would pass the limit on a straight line.
    fn straight(&self, holding: f64, failing: f64) -> f64 {
        if self.is_logarithm { chord(holding.exp_m1(), failing.exp_m1()) } else { chord(holding, failing) }
    }
}

/// Share of the way at which a straight line from `holding` < 0 to `failing` ≥ 0 is at 0.
fn chord(holding: f64, failing: f64) -> f64 {
    let share = -holding / (failing - holding);
    if share.is_finite() { share } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(users: &[f64], excess: &[f64]) -> Curve {
        Curve { load: users.to_vec(), excess: excess.to_vec(), is_logarithm: false }
    }

    #[test]
    fn a_straight_course_leaves_no_doubt() {
        let found = curve(&[10.0, 20.0, 30.0, 40.0], &[-1.5, -0.5, 0.5, 1.5]).crossing(2).unwrap();
        assert_eq!((found.at, found.from, found.to), (25.0, 25.0, 25.0));
    }

    #[test]
    fn a_course_that_bends_lies_between_its_chord_and_its_neighbours() {
        // y = (u/10)² − 5 crosses at 22.36.
        let square = |users: f64| (users / 10.0).powi(2) - 5.0;
        let users = [10.0, 20.0, 30.0, 40.0];
        let found = curve(&users, &users.map(square)).crossing(2).unwrap();
        assert!(found.from <= 22.36 && 22.36 <= found.to && found.to < 24.5, "{found:?}");
    }

    #[test]
    fn without_neighbours_the_crossing_may_be_as_late_as_the_failing_level() {
        let found = curve(&[10.0, 20.0], &[-1.0, 1.0]).crossing(1).unwrap();
        assert_eq!((found.at, found.from, found.to), (15.0, 15.0, 20.0));
        let times = Curve { is_logarithm: true, ..curve(&[10.0, 20.0], &[-(2f64.ln()), 3f64.ln()]) };
        // From half the limit to three times it: straight after 0.5/2.5 of the way, in proportion after ln 2/ln 6.
        let found = times.crossing(1).unwrap();
        assert!(
            (found.from - 12.0).abs() < 1e-9 && (found.at - 13.868_528_072_345).abs() < 1e-9,
            "{found:?}"
        );
    }

    #[test]
    fn the_first_of_two_quantities_decides() {
        let users = [10.0, 20.0];
        let found = crossing(&[curve(&users, &[-1.0, 1.0]), curve(&users, &[-1.0, 9.0])], 1).unwrap();
        assert_eq!(found.at, 11.0);
        assert_eq!(crossing(&[curve(&users, &[-1.0, -0.5])], 1), None);
    }

    proptest! {
        #[test]
        fn a_crossing_lies_between_its_levels(
            excess in prop::collection::vec(-3f64..3.0, 2..7), holding in -3f64..-1e-6, failing in 0f64..3.0, index in 1usize..6
        ) {
            let index = index.min(excess.len() - 1);
            let mut excess = excess;
            excess[index - 1] = holding;
            excess[index] = failing;
            let users: Vec<f64> = (1..=excess.len()).map(|level| 10.0 * level as f64).collect();
            let found = Curve { load: users.clone(), excess, is_logarithm: true }.crossing(index).unwrap();
            prop_assert!(users[index - 1] <= found.from && found.from <= found.at);
            prop_assert!(found.at <= found.to && found.to <= users[index]);
        }
    }
}

//! Do the quarters of a number agree? Each has five parts, whose spread within the quarters tells the noise.

use crate::config::SteadySettings;
use crate::judge::{SteadyCheck, SteadyWord};
use crate::stats::distributions::student_t_quantile;
use crate::stats::moments::{mean, standard_deviation};
use crate::summary::Measured;
use crate::units::Unit;

pub const QUARTERS: usize = 4;
pub const PARTS_PER_QUARTER: usize = 5;
/// Pairs of four quarters.
const PAIRS: f64 = 6.0;
const CONFIDENCE: f64 = 0.95;

/// What decides between the words.
pub struct Limits {
    alpha: f64,
    doubt_alpha: f64,
    max_noise: f64,
    min_parts: usize,
}

impl Limits {
    pub fn of(settings: &SteadySettings) -> Self {
        let SteadySettings { alpha, doubt_alpha, max_noise, min_parts, .. } = *settings;
        Self { alpha, doubt_alpha, max_noise, min_parts }
    }
}

/// A number of each part of the window, for people and for programs.
pub struct Compared {
    pub metric: &'static str,
    pub label: &'static str,
    pub unit: Unit,
    pub values: Vec<Option<f64>>,
}

impl Compared {
    /// Whether the quarters agree within `limit`, relative to their mean.
    pub fn check(&self, limit: f64, limits: &Limits) -> SteadyCheck {
        match Spread::of(&self.values, limits.min_parts) {
            None => self.undefined(limit),
            Some(spread) => self.judged(&spread, limit, limits),
        }
    }

    fn undefined(&self, limit: f64) -> SteadyCheck {
        let reason = "too few requests in its parts";
        SteadyCheck {
            metric: self.metric.to_owned(),
            unit: self.unit,
            word: SteadyWord::CannotTell,
            quarters: Vec::new(),
            difference: Measured::undefined(reason),
            limit,
            noise: Measured::undefined(reason),
            half_width: Measured::undefined(reason),
            reason: Some(format!("{} has too few requests", self.label)),
        }
    }

    fn judged(&self, spread: &Spread, limit: f64, limits: &Limits) -> SteadyCheck {
        let (noise, doubt) = (spread.noise(limits.alpha), spread.noise(limits.doubt_alpha));
        let difference = spread.difference;
        let is_beyond = |noise: Option<f64>| noise.is_none_or(|noise| difference > noise);
        let (word, reason) = if difference <= limit {
            (SteadyWord::Steady, None)
        } else if is_beyond(noise) {
            (SteadyWord::NotSteady, Some(self.differs(spread, limit, noise)))
        } else if spread.half_width > limits.max_noise {
            let known = Unit::Ratio.print(spread.half_width);
            let reason = format!("{} is known only to ±{known}: a longer run is needed", self.label);
            (SteadyWord::CannotTell, Some(reason))
        } else if is_beyond(doubt) {
            let differs = self.differs(spread, limit, noise);
            (SteadyWord::CannotTell, Some(format!("{differs}: a longer run is needed")))
        } else {
            (SteadyWord::Steady, None)
        };
        SteadyCheck {
            metric: self.metric.to_owned(),
            unit: self.unit,
            word,
            quarters: spread.quarters.to_vec(),
            difference: Measured::Value(difference),
            limit,
            noise: Measured::or(noise, "the noise is unknown"),
            half_width: Measured::Value(spread.half_width),
            reason,
        }
    }

    /// `P95 fell from 24.0 ms to 8.00 ms: still warming up (100.45 % of its mean, limit 15.00 %, noise up to 9.00 %)`.
    fn differs(&self, spread: &Spread, limit: f64, noise: Option<f64>) -> String {
        let ratio = |value| Unit::Ratio.print(value);
        let noise = noise.map(|noise| format!(", noise up to {}", ratio(noise))).unwrap_or_default();
        format!(
            "{} {} ({} of its mean, limit {}{noise})",
            self.label,
            self.movement(&spread.quarters),
            ratio(spread.difference),
            ratio(limit),
        )
    }

    /// From the first quarter to the last where it went one way, else between which quarters' means it varies.
    fn movement(&self, quarters: &[f64; QUARTERS]) -> String {
        let [first, second, third, last] = *quarters;
        let print = |value| self.unit.print(value);
        let (rises, falls) = (
            first < second && second < third && third < last,
            first > second && second > third && third > last,
        );
        // What warms up does so ever more slowly.
        let settles = (first - second).abs() >= (third - last).abs();
        let is_time = self.unit == Unit::Milliseconds;
        let why = if settles && if is_time { falls } else { rises } { ": still warming up" } else { "" };
        if rises || falls {
            let verb = if rises { "rose" } else { "fell" };
            return format!("{verb} from {} to {}{why}", print(first), print(last));
        }
        let [low, high] = [f64::min, f64::max].map(|pick| quarters.iter().copied().fold(first, pick));
        format!("varied between {} and {} from quarter to quarter", print(low), print(high))
    }
}

/// How much a number varies within the quarters and among them, relative to its mean.
struct Spread {
    quarters: [f64; QUARTERS],
    difference: f64,
    /// Of a quarter's mean.
    standard_error: f64,
    degrees_of_freedom: f64,
    half_width: f64,
}

impl Spread {
    /// `None` where a quarter has fewer than `min_parts` values, or the mean is not above 0.
    fn of(values: &[Option<f64>], min_parts: usize) -> Option<Self> {
        let by_quarter: Vec<Vec<f64>> =
            values.chunks(PARTS_PER_QUARTER).map(|parts| parts.iter().flatten().copied().collect()).collect();
        if by_quarter.len() != QUARTERS || by_quarter.iter().any(|parts| parts.len() < min_parts) {
            return None;
        }
        let all = by_quarter.concat();
        let level = mean(&all).filter(|&level| level > 0.0)?;
        let quarters: Vec<f64> = by_quarter.iter().filter_map(|parts| mean(parts)).collect();
        let quarters: [f64; QUARTERS] = quarters.try_into().ok()?;
        let squares: f64 = by_quarter
            .iter()
            .zip(quarters)
            .flat_map(|(parts, mean)| parts.iter().map(move |value| (value - mean).powi(2)))
            .sum();
        let degrees_of_freedom = (all.len() - QUARTERS) as f64;
        let per_part = by_quarter.iter().map(|parts| 1.0 / parts.len() as f64).sum::<f64>() / QUARTERS as f64;
        let t = student_t_quantile(1.0 - (1.0 - CONFIDENCE) / 2.0, all.len() as f64 - 1.0)?;
        let [low, high] = [f64::min, f64::max].map(|pick| quarters.into_iter().fold(quarters[0], pick));
        Some(Self {
            quarters,
            difference: (high - low) / level,
            standard_error: (squares / degrees_of_freedom * per_part).sqrt() / level,
            degrees_of_freedom,
            half_width: t * standard_deviation(&all)? / (all.len() as f64).sqrt() / level,
        })
    }

    /// The range of the quarters that noise exceeds with at most this probability: t(1 − α/12; ν)·√2·se, by Bonferroni over
    /// the pairs.
    fn noise(&self, alpha: f64) -> Option<f64> {
        let t = student_t_quantile(1.0 - alpha / PAIRS / 2.0, self.degrees_of_freedom)?;
        Some(t * std::f64::consts::SQRT_2 * self.standard_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// The quarters' levels, each part `swing` above or below in turn.
    fn check(levels: [f64; 4], swing: f64) -> SteadyCheck {
        let signs = [1.0, -1.0, 0.0, 1.0, -1.0];
        let values = levels.iter().flat_map(|level| signs.map(|sign| Some(level + sign * swing))).collect();
        let compared =
            Compared { metric: "p95_response_time", label: "P95", unit: Unit::Milliseconds, values };
        compared.check(0.15, &Limits::of(&Config::defaults().window.steady))
    }

    fn word(levels: [f64; 4], swing: f64) -> SteadyWord {
        check(levels, swing).word
    }

    #[test]
    fn quarters_within_the_limit_agree_whatever_the_noise() {
        assert_eq!(word([100.0, 107.0, 100.0, 114.0], 0.0), SteadyWord::Steady);
        assert_eq!(word([100.0, 100.0, 100.0, 100.0], 80.0), SteadyWord::Steady);
    }

    #[test]
    fn a_difference_beyond_limit_and_noise_is_not_steady() {
        let found = check([100.0, 100.0, 100.0, 120.0], 1.0);
        assert_eq!(found.word, SteadyWord::NotSteady);
        assert_eq!(found.quarters, [100.0, 100.0, 100.0, 120.0]);
        let difference = 20.0 / 105.0;
        assert!((found.difference.number().unwrap() - difference).abs() < 1e-12);
        // Within each quarter the squares sum to 4. scipy: t.ppf(1 - .003/12, 16) = 4.3463489 …
        let noise = found.noise.number().unwrap();
        let t = student_t_quantile(1.0 - 0.003 / 12.0, 16.0).unwrap();
        assert!((noise - t * (2.0f64 * (16.0 / 16.0) / 5.0).sqrt() / 105.0).abs() < 1e-12, "{noise}");
        assert!(
            found
                .reason
                .unwrap()
                .starts_with("P95 varied between 100 ms and 120 ms from quarter to quarter (19.05 % of its mean, limit 15.00 %, noise up to")
        );
    }

    #[test]
    fn a_number_that_went_one_way_is_told_from_its_first_quarter_to_its_last() {
        let reason = |levels| check(levels, 0.1).reason.unwrap();
        assert!(
            reason([24.0, 12.0, 9.0, 8.0])
                .starts_with("P95 fell from 24.0 ms to 8.00 ms: still warming up (")
        );
        assert!(reason([24.0, 22.0, 20.0, 8.0]).starts_with("P95 fell from 24.0 ms to 8.00 ms ("));
        assert!(reason([8.0, 12.0, 16.0, 24.0]).starts_with("P95 rose from 8.00 ms to 24.0 ms ("));
    }

    #[test]
    fn a_difference_that_noise_explains_is_not_told_when_noise_is_large_or_the_difference_rare() {
        let rare = check([100.0, 100.0, 100.0, 120.0], 9.0);
        assert_eq!(rare.word, SteadyWord::CannotTell);
        assert!(rare.reason.unwrap().ends_with("a longer run is needed"));
        let noisy = check([100.0, 100.0, 100.0, 120.0], 40.0);
        assert_eq!(noisy.word, SteadyWord::CannotTell);
        let said = noisy.reason.unwrap();
        assert!(
            said.starts_with("P95 is known only to ±") && said.ends_with(": a longer run is needed"),
            "{said}"
        );
    }

    #[test]
    fn a_difference_that_noise_explains_easily_agrees_where_the_number_is_known_well() {
        let found = check([100.0, 100.0, 100.0, 116.0], 18.0);
        let half_width = found.half_width.number().unwrap();
        assert_eq!((found.word, half_width < 0.1), (SteadyWord::Steady, true), "{half_width}");
    }

    #[test]
    fn a_quarter_with_one_part_tells_nothing() {
        let mut values = vec![Some(1.0); 20];
        values[6..10].fill(None);
        assert!(Spread::of(&values, 2).is_none());
        values[6] = Some(1.0);
        let spread = Spread::of(&values, 2).unwrap();
        assert_eq!((spread.degrees_of_freedom, spread.difference), (13.0, 0.0));
        assert!(Spread::of(&[Some(0.0); 20], 2).is_none(), "nothing is relative to 0");
    }
}

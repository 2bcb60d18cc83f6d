//! Random draws of the simulation: one seeded ChaCha8 stream per purpose.
//!
//! A stream of its own for each purpose keeps runs comparable: more failures do not change when users arrive.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// What a stream is for. The numbers are part of the bytes of a run: don't renumber.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    Arrivals = 1,
    Caches = 2,
    Models = 3,
    Failures = 4,
    Samples = 5,
    Environment = 6,
}

/// One stream of draws.
#[derive(Debug, Clone)]
pub struct Draws {
    random: ChaCha8Rng,
}

impl Draws {
    pub fn new(seed: u64, purpose: Purpose) -> Draws {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(purpose as u64);
        Draws { random }
    }

    /// Even over 0 (included) to 1 (excluded).
    pub fn uniform(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 * (-53f64).exp2()
    }

    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.uniform()
    }

    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.random)
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.random);
        mean * unit
    }

    /// Log-normal with this mean; `sigma` is the standard deviation of the logarithm.
    pub fn log_normal(&mut self, mean: f64, sigma: f64) -> f64 {
        mean * (sigma * self.normal() - sigma * sigma / 2.0).exp()
    }

    /// An index drawn by `shares`, which add up to 1.
    pub fn pick(&mut self, shares: &[f64]) -> usize {
        let mut left = self.uniform();
        for (index, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return index;
            }
        }
        shares.len() - 1
    }

    pub fn sample<D: Distribution<f64>>(&mut self, distribution: &D) -> f64 {
        distribution.sample(&mut self.random)
    }
}

#[cfg(test)]
mod tests {
    use super::{Draws, Purpose};

    #[test]
    fn a_log_normal_has_the_mean_that_was_asked_for() {
        let mut draws = Draws::new(1, Purpose::Models);
        let count = 200_000;
        let mean = (0..count).map(|_| draws.log_normal(250.0, 0.4)).sum::<f64>() / f64::from(count);
        assert!((mean - 250.0).abs() < 1.5, "{mean}");
    }

    #[test]
    fn the_first_draws_of_a_seed_never_change() {
        let mut draws = Draws::new(42, Purpose::Arrivals);
        let first = [draws.uniform(), draws.uniform(), draws.exponential(1.0), draws.normal()];
        assert_eq!(first.map(|x| (x * 1e6) as i64), [716_791, 166_910, 673_751, 1_912_043]);
    }

    #[test]
    fn shares_are_met() {
        let mut draws = Draws::new(3, Purpose::Caches);
        let mut counts = [0; 3];
        for _ in 0..100_000 {
            counts[draws.pick(&[0.6, 0.3, 0.1])] += 1;
        }
        assert!((counts[0] - 60_000i32).abs() < 800 && (counts[2] - 10_000i32).abs() < 500, "{counts:?}");
    }
}

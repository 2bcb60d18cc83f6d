//! What blocks of bins look like in the second half of the load: between which values the mean of one more lies.

use super::bins::Series;
use crate::config::CutSettings;
use crate::stats::distributions::student_t_quantile;
use crate::stats::robust::{median, spread_about};

/// The prediction interval of the mean of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub middle: f64,
    /// Never less than the tolerance.
    pub half_width: f64,
    /// Bins of a block.
    pub len: usize,
}

impl Band {
    /// Of blocks of `len` bins: m ± max(tolerance, t(1 − α/2; b − 1)·sd·√(1 + 1/b)) over the b blocks of the second half but
    /// for its end, with m their median and sd their spread about it. `None` with too few of them.
    pub fn of(series: &Series, len: usize, tolerance: f64, settings: &CutSettings) -> Option<Self> {
        let bins = series.values.len();
        let end = (settings.reference_end_share * bins as f64) as usize;
        let blocks = series.blocks(len, bins / 2, end);
        if blocks.len() < settings.min_blocks {
            return None;
        }
        let middle = median(&blocks)?;
        let count = blocks.len() as f64;
        let t = student_t_quantile(1.0 - settings.alpha / 2.0, count - 1.0)?;
        let noise = t * spread_about(middle, &blocks)? * (1.0 + 1.0 / count).sqrt();
        Some(Self { middle, half_width: noise.max(tolerance), len })
    }
}

/// Bins of a block that is one of `blocks` parts of all of them.
pub fn block_len(bins: usize, blocks: usize) -> usize {
    ((bins as f64 / blocks as f64).round() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_block_lies_in_the_band_of_the_second_half_but_for_its_end() {
        let settings = Config::defaults().window.cut;
        // Blocks of two bins from 20 to 36 have the means 1 … 8; what lies before and behind does not matter.
        let value = |bin: usize| if (20..36).contains(&bin) { (bin / 2 - 9) as f64 } else { 100.0 };
        let series = Series { values: (0..40).map(|bin| Some(value(bin))).collect() };
        let band = Band::of(&series, 2, 0.02, &settings).unwrap();
        // scipy: t.ppf(.995, 7) * 1.482602218505602 * 2 * sqrt(9/8) = 3.4994832973504928 * 3.1450755...
        let expected = 3.499_483_297_350_493 * 1.482_602_218_505_602 * 2.0 * 1.125f64.sqrt();
        assert_eq!(band.middle, 4.5);
        assert!((band.half_width - expected).abs() < 1e-9, "{band:?}, {expected}");
        assert_eq!(Band::of(&series, 5, 0.02, &settings), None, "three blocks tell no spread");
    }

    #[test]
    fn without_any_noise_the_tolerance_remains() {
        let series = Series { values: vec![Some(2.0); 60] };
        let band = Band::of(&series, 1, 0.02, &Config::defaults().window.cut).unwrap();
        assert_eq!((band.middle, band.half_width), (2.0, 0.02));
        assert_eq!(
            [block_len(300, 60), block_len(150, 60), block_len(50, 60), block_len(50, 20)],
            [5, 3, 1, 3]
        );
    }
}

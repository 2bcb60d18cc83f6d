//! Statistics as a pure leaf: slices in, `Option<number>` out; no Polars, no domain words, no clock.

pub mod autocorrelation;
pub mod change_points;
pub mod correlation;
pub mod distributions;
pub mod flags;
pub mod floor;
pub mod interval;
pub mod kendall_variance;
pub mod least_squares;
pub mod moments;
pub mod multiple;
pub mod permutation;
pub mod proportion;
pub mod quantile;
mod ranks;
pub mod robust;
mod root;
pub mod scalability;
pub mod sum;
pub mod theil_sen;
pub mod trend_slope;

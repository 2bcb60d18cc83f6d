//! The figures of a comparison: each is made in one file, as data, or there is a reason why it is not.

mod axes;
mod capacity;
mod changes;
mod degradation;
mod levels;
mod scaling;
#[cfg(test)]
mod tests;

pub use capacity::capacity;
pub use changes::changes;
pub use degradation::degradation;
pub use levels::levels;
pub use scaling::scaling;

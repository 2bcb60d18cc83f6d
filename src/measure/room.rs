//! Room for values of which more will come: what grows step by step is copied at each step.

/// The part of all rows, by its inverse, that tells how the others are shared out.
const LEAST_SEEN: u64 = 16;
/// They are not shared out evenly.
const SPARE: f64 = 1.05;

/// How many times as many rows there will be as there are; nothing where nobody knows or too few are there.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToCome(Option<f64>);

impl ToCome {
    /// After `seen` of `expected` rows.
    pub fn after(seen: u64, expected: u64) -> Self {
        let times = expected as f64 / seen as f64;
        Self(Some(times).filter(|&times| times >= 1.0 && seen >= expected / LEAST_SEEN))
    }

    /// Makes room for `more` values, and for all that will come; where there is not so much, it grows as they come. Room
    /// that is not used costs nothing.
    pub fn make_room<T>(self, values: &mut Vec<T>, more: usize) {
        let needed = values.len() + more;
        if let Some(times) = self.0.filter(|_| needed > values.capacity()) {
            let _ = values.try_reserve_exact((needed as f64 * times * SPARE) as usize - values.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_for_all_once_enough_have_come() {
        let mut values = vec![0u8; 10];
        ToCome::after(10, 1_000).make_room(&mut values, 10);
        assert!(values.capacity() < 20);
        ToCome::after(100, 1_000).make_room(&mut values, 10);
        assert!((200..400).contains(&values.capacity()));
        // Nobody knows how many come.
        let before = values.capacity();
        ToCome::after(100, 0).make_room(&mut values, before);
        ToCome::default().make_room(&mut values, before);
        assert_eq!(values.capacity(), before);
        // More than there is: nothing happens.
        ToCome::after(1, 8).make_room(&mut vec![0u64; 1], usize::MAX / 16);
    }
}

//! Flags by time, of entries that come in any order.

use super::super::timed_flag::TimedFlag;
use crate::stats::flags::Flags;

/// Few enough that sorting a stretch of them is mostly a matter of insertions.
const ENTRIES_PER_STRETCH: usize = 16;

/// The flags by time, those of one instant with the unset ones first.
///
/// They are laid out by even stretches of time before each is sorted: what was joined by request comes nearly in order.
pub fn in_order(entries: &[TimedFlag]) -> Flags {
    let flags = |entries: &[TimedFlag]| entries.iter().map(|entry| entry.flag()).collect();
    if entries.is_sorted() {
        return flags(entries);
    }
    let times_us = || entries.iter().map(|entry| entry.at_us());
    let (first_us, last_us) = (times_us().min().unwrap_or(0), times_us().max().unwrap_or(0));
    let wanted = (entries.len() / ENTRIES_PER_STRETCH).max(1) as u64;
    let shift = ((last_us - first_us) / wanted).checked_ilog2().map_or(0, |bits| bits + 1);
    let stretch = |at_us: u64| ((at_us - first_us) >> shift) as usize;
    let mut begins = vec![0usize; stretch(last_us) + 1];
    times_us().for_each(|at_us| begins[stretch(at_us)] += 1);
    let mut total = 0;
    for begin in &mut begins {
        total += std::mem::replace(begin, total);
    }
    let mut sorted = vec![TimedFlag::default(); entries.len()];
    for entry in entries {
        let index = &mut begins[stretch(entry.at_us())];
        sorted[*index] = *entry;
        *index += 1;
    }
    // Each beginning has moved to the end of its stretch, which is where the next one begins.
    let mut from = 0;
    for end in begins {
        sorted[from..end].sort_unstable();
        from = end;
    }
    flags(&sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn laying_out_by_time_gives_what_sorting_gives(
            entries in prop::collection::vec((0i64..5_000_000, any::<bool>()), 0..300),
            scale in prop::sample::select(vec![1i64, 50_000, 1_000_000_000]),
            start_us in prop::sample::select(vec![0i64, 1_700_000_000_000_000]),
        ) {
            let at_us = |at: i64| start_us + at / 1_000 * scale;
            let entries: Vec<TimedFlag> =
                entries.into_iter().map(|(at, flag)| TimedFlag::new(at_us(at), flag)).collect();
            let mut sorted = entries.clone();
            sorted.sort_unstable();
            prop_assert_eq!(in_order(&entries), in_order(&sorted));
            let mut backwards = sorted.clone();
            backwards.reverse();
            prop_assert_eq!(in_order(&backwards), sorted.into_iter().map(TimedFlag::flag).collect());
        }
    }
}

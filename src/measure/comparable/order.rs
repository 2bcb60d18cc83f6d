//! Flags by time, of entries that come in any order.

use crate::stats::flags::Flags;

/// Few enough that sorting a stretch of them is mostly a matter of insertions.
const ENTRIES_PER_STRETCH: usize = 16;

/// The flags by time, those of one instant with the unset ones first. `entries` are (µs since 1970, flag).
///
/// They are laid out by even stretches of time before each is sorted: what was joined by request comes nearly in order.
pub(super) fn in_order(entries: &[(i64, bool)]) -> Flags {
    if entries.is_sorted() {
        return entries.iter().map(|&(_, flag)| flag).collect();
    }
    let times_us = || entries.iter().map(|&(at_us, _)| at_us);
    let (first_us, last_us) = (times_us().min().unwrap_or(0), times_us().max().unwrap_or(0));
    let wanted = (entries.len() / ENTRIES_PER_STRETCH).max(1) as u64;
    let shift = (last_us.abs_diff(first_us) / wanted).checked_ilog2().map_or(0, |bits| bits + 1);
    let stretch = |at_us: i64| (at_us.abs_diff(first_us) >> shift) as usize;
    let mut begins = vec![0usize; stretch(last_us) + 1];
    times_us().for_each(|at_us| begins[stretch(at_us)] += 1);
    let mut total = 0;
    for begin in &mut begins {
        total += std::mem::replace(begin, total);
    }
    // Time and flag in one number: times of a run lie in the years 2000 to 2100, which leaves a bit.
    let mut keys = vec![0u64; entries.len()];
    for &(at_us, flag) in entries {
        let place = &mut begins[stretch(at_us)];
        keys[*place] = at_us.abs_diff(first_us) << 1 | u64::from(flag);
        *place += 1;
    }
    // Each beginning has moved to the end of its stretch, which is where the next one begins.
    let mut from = 0;
    for end in begins {
        keys[from..end].sort_unstable();
        from = end;
    }
    keys.into_iter().map(|key| key & 1 != 0).collect()
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
            start_us in prop::sample::select(vec![-7i64, 1_700_000_000_000_000]),
        ) {
            let entries: Vec<(i64, bool)> =
                entries.into_iter().map(|(at, flag)| (start_us + at / 1_000 * scale, flag)).collect();
            let mut sorted = entries.clone();
            sorted.sort_unstable();
            prop_assert_eq!(in_order(&entries), in_order(&sorted));
            let mut backwards = sorted.clone();
            backwards.reverse();
            prop_assert_eq!(in_order(&backwards), sorted.into_iter().map(|(_, flag)| flag).collect());
        }
    }
}

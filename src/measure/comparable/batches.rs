//! Contiguous groups of whole seconds: what the interval of an autocorrelated series is made from.

use std::ops::Range;

use crate::config::RegressionSettings;
use crate::summary::{Measured, Spread};

/// Cuts a series into as many batches as the settings want, fewer where a batch would hold less than
/// `wanted_per_batch` samples; never in the midst of a second. `seconds` are the seconds of the samples, ascending.
///
/// The batches hold about the same number of samples each. Undefined when the least number of batches cannot be filled.
pub(super) fn by_count(
    seconds: &[usize],
    wanted_per_batch: f64,
    settings: &RegressionSettings,
) -> Measured<Vec<Range<usize>>> {
    let enough = |batches: &Vec<Range<usize>>| {
        batches.len() >= settings.min_batches
            && batches.iter().all(|batch| batch.len() as f64 >= wanted_per_batch * (1.0 - ROUNDING))
    };
    let affordable = (seconds.len() as f64 / wanted_per_batch * (1.0 + ROUNDING)).floor() as usize;
    let most = settings.batches.min(affordable);
    let found = (settings.min_batches..=most).rev().map(|wanted| cut(seconds, wanted)).find(enough);
    let needed = (wanted_per_batch * settings.min_batches as f64).ceil();
    let reason = if affordable < settings.min_batches {
        format!("samples: {}, at least {needed} needed for {} batches", seconds.len(), settings.min_batches)
    } else {
        format!("the samples lie in too few seconds for {} batches", settings.min_batches)
    };
    Measured::or(found, reason)
}

/// 1 − 0.95 is a little more than 0.05 as a double: 100 samples are enough for 5 beyond the P95.
const ROUNDING: f64 = 1e-9;

/// Each second goes to the batch in which the middle of its samples falls; batches without a second vanish.
fn cut(seconds: &[usize], wanted: usize) -> Vec<Range<usize>> {
    let mut batches: Vec<(usize, Range<usize>)> = Vec::with_capacity(wanted);
    let mut start = 0;
    for second in seconds.chunk_by(|a, b| a == b) {
        let end = start + second.len();
        // (start + end)/2 of n samples, in units of n/wanted.
        let number = (start + end) * wanted / (2 * seconds.len());
        match batches.last_mut() {
            Some((last, range)) if *last == number => range.end = end,
            _ => batches.push((number, start..end)),
        }
        start = end;
    }
    batches.into_iter().map(|(_, range)| range).collect()
}

/// Cuts `length_s` whole seconds into batches of the same length (to a second).
pub(super) fn by_time(length_s: usize, settings: &RegressionSettings) -> Measured<Vec<Range<usize>>> {
    let wanted = settings.batches.min(length_s);
    if wanted < settings.min_batches {
        return Measured::undefined(format!(
            "{length_s} whole seconds, at least {} needed for as many batches",
            settings.min_batches
        ));
    }
    Measured::Value(
        (0..wanted).map(|batch| batch * length_s / wanted..(batch + 1) * length_s / wanted).collect(),
    )
}

/// The value of each batch; undefined as soon as one batch has none.
pub(super) fn spread(
    batches: Measured<Vec<Range<usize>>>,
    mut value: impl FnMut(Range<usize>) -> Option<f64>,
) -> Measured<Spread> {
    batches.and_then(|batches| {
        let values: Option<Vec<f64>> = batches.into_iter().map(&mut value).collect();
        Measured::or(values.map(|values| Spread::Batches { values }), "a batch without a value")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    #[test]
    fn batches_are_as_many_as_the_samples_fill() {
        let settings = Config::defaults().regression;
        let lengths = |per_second: usize, wanted: f64| {
            let seconds: Vec<usize> = (0..100).flat_map(|second| vec![second; per_second]).collect();
            by_count(&seconds, wanted, &settings).value().map(|batches| batches.len())
        };
        // 100 s of 20: 2,000 samples are 20 batches of 100 (P95), 500 each (P99) would be 4.
        assert_eq!(lengths(20, 100.0), Some(20));
        assert_eq!(lengths(20, 500.0), None);
        assert_eq!(lengths(10, 100.0), Some(10));
    }

    #[test]
    fn too_few_samples_say_how_many_it_takes() {
        let seconds: Vec<usize> = (0..100).collect();
        let batches = by_count(&seconds, 100.0, &Config::defaults().regression);
        assert_eq!(batches.reason(), Some("samples: 100, at least 800 needed for 8 batches"));
        let one_second = by_count(&[0; 5_000], 100.0, &Config::defaults().regression);
        assert_eq!(one_second.reason(), Some("the samples lie in too few seconds for 8 batches"));
    }

    #[test]
    fn stretches_of_time_are_even_to_a_second() {
        let settings = Config::defaults().regression;
        let batches = by_time(47, &settings);
        let lengths: Vec<usize> = batches.value().unwrap().iter().map(Range::len).collect();
        assert_eq!((lengths.len(), lengths.iter().sum::<usize>()), (20, 47));
        assert!(lengths.iter().all(|length| (2..=3).contains(length)), "{lengths:?}");
        assert!(by_time(7, &settings).value().is_none());
    }

    proptest! {
        #[test]
        fn every_sample_is_in_one_batch_and_no_second_in_two(
            counts in prop::collection::vec(0usize..40, 30..200),
        ) {
            let seconds: Vec<usize> = counts.iter().enumerate().flat_map(|(s, &n)| vec![s; n]).collect();
            if let Some(batches) = by_count(&seconds, 20.0, &Config::defaults().regression).value() {
                prop_assert_eq!(batches.first().unwrap().start, 0);
                prop_assert_eq!(batches.last().unwrap().end, seconds.len());
                for pair in batches.windows(2) {
                    prop_assert_eq!(pair[0].end, pair[1].start);
                    prop_assert!(seconds[pair[0].end - 1] < seconds[pair[1].start]);
                }
                prop_assert!(batches.iter().all(|batch| batch.len() >= 20));
            }
        }
    }
}

//! Contiguous groups of whole seconds: what the interval of an autocorrelated series is made from.

use std::ops::Range;

use rayon::prelude::*;

use crate::config::RegressionSettings;
use crate::summary::{Measured, Spread};

/// How many samples lie in each whole second that has any.
#[derive(Debug, Default)]
pub struct Seconds {
    /// Whole seconds since the window's start, ascending, with the number of samples up to the end of each.
    ends: Vec<(usize, usize)>,
}

impl Seconds {
    /// Adds samples of a second that is not before the last one.
    pub fn add(&mut self, second: usize, samples: usize) {
        let total = self.samples() + samples;
        match self.ends.last_mut() {
            Some((last, end)) if *last == second => *end = total,
            _ if samples == 0 => {}
            _ => self.ends.push((second, total)),
        }
    }

    pub fn samples(&self) -> usize {
        self.ends.last().map_or(0, |&(_, end)| end)
    }

    /// The longest stretch of seconds without a sample, as a share of all `length_s` seconds.
    pub fn longest_pause(&self, length_s: usize) -> f64 {
        let mut free_from = 0;
        let mut longest = 0;
        for second in self.ends.iter().map(|&(second, _)| second).chain([length_s]) {
            longest = longest.max(second.min(length_s).saturating_sub(free_from));
            free_from = second + 1;
        }
        longest as f64 / length_s as f64
    }

    pub fn samples_in(&self, seconds: &Range<usize>) -> usize {
        let before = |second: usize| {
            let index = self.ends.partition_point(|&(other, _)| other < second);
            if index == 0 { 0 } else { self.ends[index - 1].1 }
        };
        before(seconds.end) - before(seconds.start)
    }
}

/// Seconds, ascending, each with a number of samples.
impl FromIterator<(usize, usize)> for Seconds {
    fn from_iter<I: IntoIterator<Item = (usize, usize)>>(seconds: I) -> Self {
        let mut counted = Self::default();
        seconds.into_iter().for_each(|(second, samples)| counted.add(second, samples));
        counted
    }
}

/// The seconds of samples, ascending.
impl FromIterator<usize> for Seconds {
    fn from_iter<I: IntoIterator<Item = usize>>(seconds: I) -> Self {
        seconds.into_iter().map(|second| (second, 1)).collect()
    }
}

/// A contiguous group of samples. The batches of a series share out all samples, and all seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Indices of its samples by time.
    pub samples: Range<usize>,
    /// From its first second with a sample, the first batch from 0, up to that of the next batch, the last without end.
    pub seconds: Range<usize>,
}

/// Cuts a series into as many batches as the settings want, fewer where a batch would hold less than
/// `wanted_per_batch` samples; never in the midst of a second.
///
/// The batches hold about the same number of samples each. Undefined when the least number of batches cannot be filled.
pub fn by_count(
    seconds: &Seconds,
    wanted_per_batch: f64,
    settings: &RegressionSettings,
) -> Measured<Vec<Batch>> {
    let samples = seconds.samples();
    let enough = |batches: &Vec<Batch>| {
        batches.len() >= settings.min_batches
            && batches.iter().all(|batch| batch.samples.len() as f64 >= wanted_per_batch * (1.0 - ROUNDING))
    };
    let affordable = (samples as f64 / wanted_per_batch * (1.0 + ROUNDING)).floor() as usize;
    let most = settings.batches.min(affordable);
    let found = (settings.min_batches..=most).rev().map(|wanted| cut(seconds, wanted)).find(enough);
    let needed = (wanted_per_batch * settings.min_batches as f64).ceil();
    let reason = if affordable < settings.min_batches {
        format!("samples: {samples}, at least {needed} needed for {} batches", settings.min_batches)
    } else {
        format!("the samples lie in too few seconds for {} batches", settings.min_batches)
    };
    Measured::or(found, reason)
}

/// 1 − 0.95 is a little more than 0.05 as a double: 100 samples are enough for 5 beyond the P95.
const ROUNDING: f64 = 1e-9;

/// Each second goes to the batch in which the middle of its samples falls; batches without a second vanish.
fn cut(seconds: &Seconds, wanted: usize) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::with_capacity(wanted);
    let (mut start, mut last) = (0, None);
    for &(second, end) in &seconds.ends {
        // (start + end)/2 of n samples, in units of n/wanted.
        let number = (start + end) * wanted / (2 * seconds.samples());
        match batches.last_mut() {
            Some(batch) if last == Some(number) => batch.samples.end = end,
            None => batches.push(Batch { samples: start..end, seconds: 0..usize::MAX }),
            Some(before) => {
                before.seconds.end = second;
                batches.push(Batch { samples: start..end, seconds: second..usize::MAX });
            }
        }
        (start, last) = (end, Some(number));
    }
    batches
}

/// Cuts `length_s` whole seconds into batches of the same length (to a second).
pub fn by_time(length_s: usize, settings: &RegressionSettings) -> Measured<Vec<Range<usize>>> {
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
pub fn spread<B: Send>(
    batches: Measured<Vec<B>>,
    value: impl Fn(B) -> Option<f64> + Send + Sync,
) -> Measured<Spread> {
    batches.and_then(|batches| {
        let values: Vec<Option<f64>> = batches.into_par_iter().map(value).collect();
        spread_of(values)
    })
}

/// The spread of the values of batches; undefined as soon as one is missing.
pub fn spread_of(values: impl IntoIterator<Item = Option<f64>>) -> Measured<Spread> {
    let values: Option<Vec<f64>> = values.into_iter().collect();
    Measured::or(values.map(|values| Spread::Batches { values }), "a batch without a value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    #[test]
    fn the_longest_pause_counts_both_ends() {
        let seconds: Seconds = [3, 4, 10, 11].into_iter().collect();
        assert_eq!(
            [12, 20, 40].map(|length_s| seconds.longest_pause(length_s) * length_s as f64),
            [5.0, 8.0, 28.0]
        );
        assert_eq!(Seconds::default().longest_pause(7), 1.0);
    }

    #[test]
    fn batches_are_as_many_as_the_samples_fill() {
        let settings = Config::defaults().regression;
        let lengths = |per_second: usize, wanted: f64| {
            let seconds: Seconds = (0..100).flat_map(|second| vec![second; per_second]).collect();
            by_count(&seconds, wanted, &settings).value().map(|batches| batches.len())
        };
        // 100 s of 20: 2,000 samples are 20 batches of 100 (P95), 500 each (P99) would be 4.
        assert_eq!(lengths(20, 100.0), Some(20));
        assert_eq!(lengths(20, 500.0), None);
        assert_eq!(lengths(10, 100.0), Some(10));
    }

    #[test]
    fn too_few_samples_say_how_many_it_takes() {
        let seconds: Seconds = (0..100).collect();
        let batches = by_count(&seconds, 100.0, &Config::defaults().regression);
        assert_eq!(batches.reason(), Some("samples: 100, at least 800 needed for 8 batches"));
        let one_second = by_count(&Seconds::from_iter([0; 5_000]), 100.0, &Config::defaults().regression);
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
            let counted = seconds.iter().copied().collect();
            if let Some(batches) = by_count(&counted, 20.0, &Config::defaults().regression).value() {
                let (first, last) = (batches.first().unwrap(), batches.last().unwrap());
                prop_assert_eq!((first.samples.start, last.samples.end), (0, seconds.len()));
                prop_assert_eq!((first.seconds.start, last.seconds.end), (0, usize::MAX));
                for pair in batches.windows(2) {
                    prop_assert_eq!(pair[0].samples.end, pair[1].samples.start);
                    prop_assert_eq!(pair[0].seconds.end, pair[1].seconds.start);
                    prop_assert!(seconds[pair[0].samples.end - 1] < seconds[pair[1].samples.start]);
                }
                for batch in batches {
                    prop_assert!(batch.samples.len() >= 20);
                    prop_assert!(seconds[batch.samples.clone()].iter().all(|s| batch.seconds.contains(s)));
                    prop_assert_eq!(counted.samples_in(&batch.seconds), batch.samples.len());
                }
            }
        }

        #[test]
        fn whole_seconds_are_cut_as_their_samples_one_by_one(
            counts in prop::collection::vec(0usize..40, 1..200), wanted in 1usize..30,
        ) {
            let seconds: Vec<usize> = counts.iter().enumerate().flat_map(|(s, &n)| vec![s; n]).collect();
            let number = |first: usize, behind: usize| (first + behind) * wanted / (2 * seconds.len());
            let mut batches: Vec<(usize, Range<usize>)> = Vec::new();
            for (index, second) in seconds.iter().enumerate() {
                let first = seconds.partition_point(|other| other < second);
                let number = number(first, seconds.partition_point(|other| other <= second));
                match batches.last_mut() {
                    Some((last, range)) if *last == number => range.end = index + 1,
                    _ => batches.push((number, index..index + 1)),
                }
            }
            let found = cut(&seconds.iter().copied().collect(), wanted);
            let expected: Vec<Range<usize>> = batches.into_iter().map(|(_, range)| range).collect();
            prop_assert_eq!(found.into_iter().map(|batch| batch.samples).collect::<Vec<_>>(), expected);
        }
    }
}

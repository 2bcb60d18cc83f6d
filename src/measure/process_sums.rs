//! What the processes of a role use together: each counts while it lives.

use std::ops::Range;

use super::context::Context;
use super::samples::{Samples, Stream};

const US_PER_MS: f64 = 1e3;

/// What a process is in the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Service,
    LoadGenerator,
    Other,
}

impl Role {
    /// An instance without a role is the service: most runs sample nothing else.
    pub fn of(stream: &Stream) -> Self {
        match stream.role.as_deref() {
            None | Some("service") => Role::Service,
            Some("load_generator") => Role::LoadGenerator,
            Some(_) => Role::Other,
        }
    }
}

/// The sum over the instances of `role` at each instant at which one of them was sampled, and 0 where others were and
/// none of them lived: (µs since 1970, value).
///
/// An instance lives from half a sampling interval before its first sample to half an interval behind its last, and
/// has its latest value: processes come and go, and are not all sampled at one instant.
pub fn summed(samples: &Samples, metrics: &[String], role: Role, context: &Context<'_>) -> Vec<(i64, f64)> {
    let processes = || samples.streams.iter().filter(|stream| stream.component == "process");
    let streams: Vec<&Stream> =
        processes().filter(|stream| metrics.contains(&stream.metric) && Role::of(stream) == role).collect();
    let interval_us = (samples.interval_ms(context) * US_PER_MS) as i64;
    let Some(sampled_us) = sampled_throughout(&streams, interval_us) else { return Vec::new() };
    let sampled = processes().flat_map(|stream| stream.points.iter().map(|&(at_us, _)| at_us));
    let mut instants_us: Vec<i64> = sampled.filter(|at_us| sampled_us.contains(at_us)).collect();
    // The stable sort merges: each stream is in order.
    instants_us.sort();
    instants_us.dedup();
    let mut sums: Vec<Sum> =
        instants_us.into_iter().map(|at_us| Sum { at_us, value: 0.0, is_own: false, living: 0 }).collect();
    streams.iter().for_each(|stream| add(&mut sums, &stream.points, interval_us / 2));
    sums.iter().filter(|sum| sum.is_own || sum.living == 0).map(|sum| (sum.at_us, sum.value)).collect()
}

/// Of one instant.
struct Sum {
    at_us: i64,
    value: f64,
    /// One of the instances was sampled.
    is_own: bool,
    living: usize,
}

/// From when to when (exclusive) all of those that are there at the beginning and at the end are sampled. Within the
/// first and the last interval one is sampled after the other, and a sum of half of them is none.
fn sampled_throughout(streams: &[&Stream], interval_us: i64) -> Option<Range<i64>> {
    let firsts_us = || streams.iter().map(|stream| stream.points[0].0);
    let lasts_us = || streams.iter().map(|stream| stream.points[stream.points.len() - 1].0);
    let (first_us, last_us) = (firsts_us().min()?, lasts_us().max()?);
    let all_begun_us = firsts_us().filter(|&at_us| at_us < first_us.saturating_add(interval_us)).max()?;
    let none_ended_us = lasts_us().filter(|&at_us| at_us > last_us.saturating_sub(interval_us)).min()?;
    let half_us = interval_us / 2;
    let throughout = all_begun_us.saturating_sub(half_us)..none_ended_us.saturating_add(half_us.max(1));
    Some(if throughout.is_empty() { first_us..last_us.saturating_add(1) } else { throughout })
}

fn add(sums: &mut [Sum], points: &[(i64, f64)], half_us: i64) {
    let (first_us, last_us) = (points[0].0, points[points.len() - 1].0);
    let born = sums.partition_point(|sum| sum.at_us < first_us.saturating_sub(half_us));
    let mut next = 0;
    let mut latest = points[0].1;
    for sum in &mut sums[born..] {
        while next < points.len() && points[next].0 <= sum.at_us {
            latest = points[next].1;
            sum.is_own |= points[next].0 == sum.at_us;
            next += 1;
        }
        if sum.at_us > last_us && sum.at_us - last_us >= half_us {
            break;
        }
        sum.value += latest;
        sum.living += 1;
    }
}

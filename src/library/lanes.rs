//! How many runs are under way at once, and how many threads each of them has.
//!
//! A lane takes one run after the other. While what was measured of one is judged and written, which takes little memory and
//! leaves threads idle, the next one is read.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::run::RunSource;

/// A larger run (some two million events) takes so much memory while it is measured that not every thread may have one.
const LARGE_BYTES: u64 = 16 << 20;
/// Threads of a lane of large runs: the parts of one run keep two of them busy.
const THREADS_OF_LARGE: usize = 2;

/// Does `first` and then `then` with each run; what comes of it is in any order.
pub fn pass<B: Send, R: Send>(
    runs: &[RunSource],
    first: impl Fn(usize, &RunSource) -> B + Sync,
    then: impl Fn(B) -> R + Sync,
) -> Vec<R> {
    let is_large = |(_, run): &(usize, &RunSource)| run.bytes() > LARGE_BYTES;
    let (large, small): (Vec<_>, Vec<_>) = runs.iter().enumerate().partition(is_large);
    let mut done = in_lanes(&large, THREADS_OF_LARGE, &first, &then);
    done.extend(in_lanes(&small, 1, &first, &then));
    done
}

/// As many lanes as there are threads for, of `threads` each; where runs are few, each has more.
fn in_lanes<B: Send, R: Send>(
    runs: &[(usize, &RunSource)],
    threads: usize,
    first: &(impl Fn(usize, &RunSource) -> B + Sync),
    then: &(impl Fn(B) -> R + Sync),
) -> Vec<R> {
    let all_threads = rayon::current_num_threads();
    let lanes = (all_threads / threads).clamp(1, runs.len().max(1));
    let next = AtomicUsize::new(0);
    let lane = || {
        let begin = || {
            let &(index, run) = runs.get(next.fetch_add(1, Ordering::Relaxed))?;
            Some(first(index, run))
        };
        let (mut done, mut begun) = (Vec::new(), begin());
        while let Some(current) = begun {
            let (result, following) = rayon::join(|| then(current), begin);
            done.push(result);
            begun = following;
        }
        done
    };
    if lanes == 1 {
        return rayon::scope(|_| lane());
    }
    std::thread::scope(|scope| {
        let in_its_pool = || {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(all_threads / lanes).use_current_thread().build();
            match pool {
                Ok(pool) => pool.install(lane),
                // Then it shares the pool of all.
                Err(_) => lane(),
            }
        };
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(in_its_pool)).collect();
        let joined = lanes.into_iter().map(|lane| lane.join());
        joined.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Mutex;

    use super::*;
    use crate::run::locate;

    #[test]
    fn each_run_passes_once_and_at_most_two_of_a_lane_are_under_way() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let runs: Vec<RunSource> =
            locate(&[data.display().to_string()], Path::new(".")).into_iter().flatten().collect();
        let numbered: Vec<(usize, &RunSource)> = runs.iter().enumerate().collect();
        assert!(numbered.len() > 3);
        for (all_threads, threads, lanes) in
            [(1, 1, 1), (1, 2, 1), (2, 1, 2), (2, 2, 1), (7, 2, 3), (64, 1, runs.len())]
        {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(all_threads).build().unwrap();
            // Those that `first` has begun and `then` has not ended: of each lane one, and the one after it.
            let under_way = Mutex::new((0usize, 0usize));
            let first = |index: usize, _: &RunSource| {
                let mut under_way = under_way.lock().unwrap();
                under_way.0 += 1;
                under_way.1 = under_way.1.max(under_way.0);
                index
            };
            let then = |index: usize| {
                under_way.lock().unwrap().0 -= 1;
                index
            };
            let mut done = pool.install(|| in_lanes(&numbered, threads, &first, &then));
            done.sort_unstable();
            assert_eq!(done, (0..runs.len()).collect::<Vec<_>>());
            assert!(pool.install(|| in_lanes(&[], threads, &first, &then)).is_empty());
            let most = under_way.into_inner().unwrap().1;
            assert!(most <= 2 * lanes, "{most} under way in {lanes} lanes of {all_threads} threads");
        }
    }
}

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
pub(super) fn pass<B: Send, R: Send>(
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
            let &(place, run) = runs.get(next.fetch_add(1, Ordering::Relaxed))?;
            Some(first(place, run))
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

//! Whether a run fits into the memory that is left: one that does not would take the whole job down, with all other runs.
//!
//! Before it is read, by its rows; while it is read, by what is held, whatever it is: names, texts, ids, ticks. A limit of the
//! address space (`ulimit -v`) counts, too: where an allocation fails the process ends without a word.

use std::fs;
use std::path::Path;

use procfs::Current;
use procfs::process::{Process, StatM};
use rustix::process::{Resource, getrlimit};

const CGROUPS: &str = "/sys/fs/cgroup";
/// Reading stops while so much is left, bytes: the batches that are under way, and what is said at the end, need room.
const RESERVE: u64 = 48 << 20;
/// After reading, the numbers of a run are sorted and summed up beside what is held: it takes at most so large a part of that
/// again.
const MEASURING_PART: u64 = 4;

/// A run that needs more memory than there is, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "its {rows} rows need about {:.1} GB of memory, {:.1} GB are available",
    *.needed as f64 / 1e9,
    *.available as f64 / 1e9
)]
pub struct TooLarge {
    rows: u64,
    needed: u64,
    available: u64,
}

impl TooLarge {
    pub const REMEDY: &str = "measure it on a machine with more memory, or split it by time into several runs; \
                                     `run.memory_bytes_per_row` is what a row is taken to need (0: do not look)";
}

/// Looks whether the memory that is available will do for the run alone; where nobody knows how much that is, it will.
///
/// # Errors
/// When it will not.
pub fn look_at(rows: u64, bytes_per_row: u64) -> Result<(), TooLarge> {
    match bytes_per_row {
        0 => Ok(()),
        _ => available().map_or(Ok(()), |available| compare(rows, bytes_per_row, available)),
    }
}

fn compare(rows: u64, bytes_per_row: u64, available: u64) -> Result<(), TooLarge> {
    let needed = rows.saturating_mul(bytes_per_row);
    if needed <= available { Ok(()) } else { Err(TooLarge { rows, needed, available }) }
}

/// Is so little left that reading must stop?
pub fn is_scarce() -> bool {
    let Some(own) = own() else { return false };
    let resident = own.resident.saturating_mul(procfs::page_size());
    left(&own).is_some_and(|left| left < RESERVE.saturating_add(resident / MEASURING_PART))
}

/// Of the machine, of the control group that the job runs in or of the address space, whichever is least; with what we hold
/// ourselves, since a run is measured in the memory of the one before.
fn available() -> Option<u64> {
    let own = own();
    let held = own.as_ref().map_or(0, |own| own.resident.saturating_mul(procfs::page_size()));
    Some(left(&own?)?.saturating_add(held))
}

fn own() -> Option<StatM> {
    Process::myself().and_then(|process| process.statm()).ok()
}

fn left(own: &StatM) -> Option<u64> {
    let of_machine = procfs::Meminfo::current().ok().and_then(|memory| memory.mem_available);
    let used = own.size.saturating_mul(procfs::page_size());
    let of_address_space = getrlimit(Resource::As).current.map(|limit| limit.saturating_sub(used));
    [of_machine, of_group(&group(), Path::new(CGROUPS)), of_address_space].into_iter().flatten().min()
}

/// The path of our control group, version 2; empty where there is none.
fn group() -> String {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default().to_owned()
}

/// What is left of the limits of a group and of those above it, which hold for it too.
fn of_group(group: &str, root: &Path) -> Option<u64> {
    let folder = root.join(group);
    let folders = folder.ancestors().take_while(|folder| folder.starts_with(root));
    folders.filter_map(left_of).min()
}

/// What is left of the limit of one group; pages of files can be given back.
fn left_of(folder: &Path) -> Option<u64> {
    let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    let (limit, used) = (number("memory.max")?, number("memory.current")?);
    let statistics = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let files = statistics.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse().ok());
    Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_needs_more_than_there_is_says_how_much() {
        assert_eq!(compare(1_000_000, 100, 100_000_000), Ok(()));
        let too_large = compare(100_000_000, 100, 8_000_000_000).unwrap_err();
        let text = "its 100000000 rows need about 10.0 GB of memory, 8.0 GB are available";
        assert_eq!(too_large.to_string(), text);
        assert!(compare(u64::MAX, 100, u64::MAX - 1).is_err());
        assert_eq!(look_at(u64::MAX, 0), Ok(()));
    }

    #[test]
    fn the_tightest_limit_of_a_group_and_those_above_it_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        fs::create_dir_all(root.path().join("jobs/night")).unwrap();
        assert_eq!(of_group("jobs/night", root.path()), None);
        write("jobs/night/memory.max", "max\n");
        write("jobs/night/memory.current", "500\n");
        assert_eq!(of_group("jobs/night", root.path()), None);
        write("jobs/memory.max", "2000\n");
        write("jobs/memory.current", "700\n");
        write("jobs/memory.stat", "anon 400\ninactive_file 300\n");
        assert_eq!(of_group("jobs/night", root.path()), Some(1600));
        write("jobs/night/memory.max", "900\n");
        assert_eq!(of_group("jobs/night", root.path()), Some(400));
        // More is used than the limit allows, as where it was lowered.
        write("jobs/night/memory.current", "1000\n");
        assert_eq!(of_group("jobs/night", root.path()), Some(0));
    }
}

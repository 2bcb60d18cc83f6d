//! The command's process tree, read from `/proc`.
//!
//! A process belongs to the tree when its parent does, or when its parent is the recorder: the recorder takes
//! in orphans of the tree (child subreaper), so that none escapes. Only new processes are looked at beside the
//! members: a scan lists `/proc` and reads one small file a member.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use procfs::process::{Process, Stat};

use super::clock::{now_us, uptime_s};

/// Every so many scans all processes are looked at again, in case an outsider's pid was reused.
const FULL_SCAN_EVERY: u64 = 10;
/// Starts of processes are counted in ticks of 10 ms.
const START_RESOLUTION_S: f64 = 0.01;

/// A process that was seen in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessFacts {
    pub pid: i32,
    /// Index of its parent when it was first seen; none for the command itself and for orphans.
    pub parent: Option<usize>,
    /// Its name as the kernel keeps it, the last that was seen (at most 15 bytes).
    pub comm: String,
    /// First and last sample, µs since 1970.
    pub first_us: i64,
    pub last_us: i64,
}

/// One process at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Index among the processes seen.
    pub process: usize,
    /// CPU time since the scan before, 100 = one core; none where there is nothing to compare with.
    pub cpu_percent: Option<f64>,
    pub rss_bytes: u64,
    pub threads: u64,
}

/// All processes of the tree at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// µs since 1970.
    pub ts: i64,
    pub readings: Vec<Reading>,
}

/// The tree below one process, as far as it is known.
#[derive(Debug)]
pub struct ProcessTree {
    recorder: i32,
    members: HashMap<i32, Member>,
    outsiders: HashSet<i32>,
    facts: Vec<ProcessFacts>,
    scans: u64,
    before: Option<Moment>,
}

/// An open process: a handle stays with its process, also when the pid is reused.
#[derive(Debug)]
struct Member {
    process: Process,
    index: usize,
    cpu_ticks: u64,
    /// When `cpu_ticks` was read; none: not yet.
    read_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Moment {
    at: Instant,
    uptime_s: f64,
}

impl ProcessTree {
    /// The tree below `recorder` (a pid), nothing seen yet.
    pub fn below(recorder: i32) -> Self {
        Self {
            recorder,
            members: HashMap::new(),
            outsiders: HashSet::new(),
            facts: Vec::new(),
            scans: 0,
            before: None,
        }
    }

    /// Reads every process of the tree, the new ones included.
    ///
    /// # Errors
    /// When `/proc` cannot be listed.
    pub fn scan(&mut self) -> std::io::Result<Scan> {
        let (ts, moment) = (now_us(), Moment { at: Instant::now(), uptime_s: uptime_s() });
        let listed = list_pids()?;
        self.forget(&listed);
        self.adopt(&listed, ts);
        let readings = self.read_members(ts);
        self.before = Some(moment);
        self.scans += 1;
        Ok(Scan { ts, readings })
    }

    /// The pids of the members at the last scan, children before their parents as far as pids tell.
    pub fn pids(&self) -> Vec<i32> {
        let mut pids: Vec<i32> = self.members.keys().copied().collect();
        pids.sort_unstable_by(|a, b| b.cmp(a));
        pids
    }

    /// Every process that was ever seen, in the order of their first sample.
    pub fn into_facts(self) -> Vec<ProcessFacts> {
        self.facts
    }

    fn forget(&mut self, listed: &HashSet<i32>) {
        self.members.retain(|pid, _| listed.contains(pid));
        match self.scans % FULL_SCAN_EVERY {
            0 => self.outsiders.clear(),
            _ => self.outsiders.retain(|pid| listed.contains(pid)),
        }
    }

    /// Takes new processes whose parent is known into the tree, until no more are found.
    fn adopt(&mut self, listed: &HashSet<i32>, ts: i64) {
        let mut candidates: Vec<(Process, Stat)> = listed
            .iter()
            .filter(|pid| **pid != self.recorder)
            .filter(|pid| !self.members.contains_key(pid) && !self.outsiders.contains(pid))
            .filter_map(|&pid| open(pid))
            .collect();
        candidates.sort_unstable_by_key(|(_, stat)| (stat.starttime, stat.pid));
        loop {
            let count = candidates.len();
            let (inside, outside) = candidates
                .into_iter()
                .partition(|(_, stat)| stat.ppid == self.recorder || self.members.contains_key(&stat.ppid));
            candidates = outside;
            let inside: Vec<(Process, Stat)> = inside;
            inside.into_iter().for_each(|(process, stat)| self.add(process, &stat, ts));
            if candidates.len() == count {
                break;
            }
        }
        // A parent that is not listed started during the listing, or has just ended: look again next time.
        let outsiders = candidates.iter().map(|(_, stat)| stat);
        let settled = outsiders.filter(|stat| stat.ppid == 0 || listed.contains(&stat.ppid));
        self.outsiders.extend(settled.map(|stat| stat.pid));
    }

    fn add(&mut self, process: Process, stat: &Stat, ts: i64) {
        let index = self.facts.len();
        let parent = self.members.get(&stat.ppid).map(|member| member.index);
        let comm = stat.comm.clone();
        self.facts.push(ProcessFacts { pid: stat.pid, parent, comm, first_us: ts, last_us: ts });
        // Born since the scan before: all its CPU time belongs to this interval.
        let start_s = stat.starttime as f64 / procfs::ticks_per_second() as f64;
        let read_at = self
            .before
            .filter(|before| start_s + START_RESOLUTION_S >= before.uptime_s)
            .map(|before| before.at);
        self.members.insert(stat.pid, Member { process, index, cpu_ticks: 0, read_at });
    }

    /// Reads the members; those that ended (zombies too) leave the tree.
    fn read_members(&mut self, ts: i64) -> Vec<Reading> {
        let mut readings = Vec::with_capacity(self.members.len());
        let (facts, outsiders) = (&mut self.facts, &mut self.outsiders);
        self.members.retain(|&pid, member| {
            let Some(stat) = member.process.stat().ok().filter(is_alive) else {
                outsiders.insert(pid);
                return false;
            };
            readings.push(member.read(&stat));
            let fact = &mut facts[member.index];
            fact.last_us = ts;
            if fact.comm != stat.comm {
                fact.comm = stat.comm;
            }
            true
        });
        readings.sort_unstable_by_key(|reading| reading.process);
        readings
    }
}

impl Member {
    fn read(&mut self, stat: &Stat) -> Reading {
        let now = Instant::now();
        let cpu_ticks = stat.utime + stat.stime;
        let spent_ticks = cpu_ticks.saturating_sub(self.cpu_ticks);
        let cpu_percent = self.read_at.and_then(|before| {
            cpu_percent(spent_ticks, procfs::ticks_per_second(), (now - before).as_secs_f64())
        });
        (self.cpu_ticks, self.read_at) = (cpu_ticks, Some(now));
        Reading {
            process: self.index,
            cpu_percent,
            rss_bytes: stat.rss * procfs::page_size(),
            threads: u64::try_from(stat.num_threads).unwrap_or(0),
        }
    }
}

/// CPU time of `spent_ticks` in `elapsed_s`, 100 = one core; none for an empty interval.
fn cpu_percent(spent_ticks: u64, ticks_per_s: u64, elapsed_s: f64) -> Option<f64> {
    (elapsed_s > 0.0).then(|| spent_ticks as f64 / ticks_per_s as f64 / elapsed_s * 100.0)
}

fn open(pid: i32) -> Option<(Process, Stat)> {
    let process = Process::new(pid).ok()?;
    let stat = process.stat().ok()?;
    Some((process, stat))
}

fn is_alive(stat: &Stat) -> bool {
    !matches!(stat.state, 'Z' | 'X' | 'x')
}

fn list_pids() -> std::io::Result<HashSet<i32>> {
    let entries = std::fs::read_dir("/proc")?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect())
}

#[cfg(test)]
mod tests;

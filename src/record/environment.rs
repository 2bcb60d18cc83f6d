//! The machine and the source tree of a run. No names of users or hosts: run files are passed around.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use procfs::Current;
use serde_json::{Value, json};

const KB_PER_MB: f64 = 1000.0;
const BYTES_PER_KB: f64 = 1000.0;

/// Cores, memory (MB of 10^6 bytes), system; what cannot be read is absent.
pub fn environment() -> BTreeMap<String, Value> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let cpus = std::thread::available_parallelism().map(usize::from).ok();
    let host_class = cpus.map_or_else(|| format!("{os}-{arch}"), |cpus| format!("{os}-{arch}-{cpus}cpu"));
    let memory_mb = procfs::Meminfo::current()
        .ok()
        .map(|memory| (memory.mem_total as f64 / BYTES_PER_KB / KB_PER_MB).round() as u64);
    let kernel =
        std::fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_owned());
    let entries = [
        ("host_class", json!(host_class)),
        ("cpus", json!(cpus)),
        ("memory_mb", json!(memory_mb)),
        ("os", json!(os)),
        ("kernel", json!(kernel)),
        ("arch", json!(arch)),
    ];
    entries
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Commit and branch of the working folder, where it is in a Git repository; a detached head has no branch.
pub fn git_state() -> (Option<String>, Option<String>) {
    let commit = git(&["rev-parse", "--verify", "--quiet", "HEAD"]);
    let branch = git(&["rev-parse", "--abbrev-ref", "HEAD"]).filter(|branch| branch != "HEAD");
    match commit {
        Some(commit) => (Some(commit), branch),
        None => (None, None),
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_class_of_machine_and_no_host() {
        let environment = environment();
        assert!(environment["cpus"].as_u64().is_some_and(|cpus| cpus > 0));
        assert!(environment["memory_mb"].as_u64().is_some_and(|memory| memory > 0));
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let class = environment["host_class"].as_str().expect("a class");
        assert!(class.ends_with("cpu") && class != host.trim());
    }
}

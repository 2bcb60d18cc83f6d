//! The process tree against real processes of this machine.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;

/// A process that does not outlive its test, also when the test fails.
struct Shell(Child);

impl Shell {
    fn id(&self) -> u32 {
        self.0.id()
    }

    fn end(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("reaped");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn shell(script: &str) -> Shell {
    let mut command = Command::new("sh");
    Shell(
        command.args(["-c", script]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh starts"),
    )
}

fn tree_of_this_test() -> ProcessTree {
    ProcessTree::below(std::process::id() as i32)
}

fn index_of(tree: &ProcessTree, pid: u32) -> usize {
    tree.facts.iter().position(|fact| fact.pid == pid as i32).expect("the process was seen")
}

#[test]
fn cpu_percent_counts_one_core_as_100() {
    assert_eq!(cpu_percent(10, 100, 0.1), Some(100.0));
    assert_eq!(cpu_percent(5, 100, 0.1), Some(50.0));
    assert_eq!(cpu_percent(30, 100, 0.15), Some(200.0));
    assert_eq!(cpu_percent(0, 100, 0.1), Some(0.0));
    assert_eq!(cpu_percent(1, 100, 0.0), None);
}

#[test]
fn children_and_grandchildren_are_found_with_their_parent() {
    let mut child = shell("sh -c 'sleep 5; true' & wait");
    let mut tree = tree_of_this_test();
    let deadline = Instant::now() + Duration::from_secs(5);
    let sleeper = loop {
        tree.scan().expect("a scan");
        let below = |index: usize, root: usize| tree.facts[index].parent == Some(root);
        let root = index_of(&tree, child.id());
        let middle = (0..tree.facts.len()).find(|&index| below(index, root));
        let sleeper = middle.and_then(|middle| (0..tree.facts.len()).find(|&index| below(index, middle)));
        if let Some(sleeper) = sleeper.filter(|&sleeper| tree.facts[sleeper].comm == "sleep") {
            break sleeper;
        }
        assert!(Instant::now() < deadline, "{:?}", tree.facts);
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(tree.pids().contains(&tree.facts[sleeper].pid));
    child.end();
}

#[test]
fn a_process_that_ended_leaves_the_tree_even_as_a_zombie() {
    let mut child = shell("exit 0");
    let pid = child.id() as i32;
    let mut tree = tree_of_this_test();
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        tree.scan().expect("a scan");
        if !tree.pids().contains(&pid) {
            break;
        }
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists(), "it was not reaped yet");
    child.0.wait().expect("reaped");
}

#[test]
fn a_first_sample_has_memory_and_threads_and_the_second_cpu_too() {
    let mut child = shell("while :; do :; done");
    let mut tree = tree_of_this_test();
    let first = tree.scan().expect("a scan");
    let index = index_of(&tree, child.id());
    let reading_of =
        |scan: &Scan| *scan.readings.iter().find(|reading| reading.process == index).expect("it");
    assert_eq!(reading_of(&first).cpu_percent, None);
    assert_eq!(reading_of(&first).threads, 1);
    std::thread::sleep(Duration::from_millis(300));
    let second = reading_of(&tree.scan().expect("a scan"));
    // The kernel counts pages per CPU and adds them up late: right after its start a process may show none.
    assert!(second.rss_bytes > 0);
    // Other work on the machine may slow the loop down, but not make it faster than a core.
    assert!(second.cpu_percent.is_some_and(|cpu| cpu > 0.0 && cpu < 150.0), "{second:?}");
    child.end();
}

#[test]
fn a_process_born_between_two_scans_has_cpu_at_once() {
    let mut tree = tree_of_this_test();
    tree.scan().expect("a scan");
    std::thread::sleep(Duration::from_millis(50));
    let mut child = shell("while :; do :; done");
    std::thread::sleep(Duration::from_millis(50));
    let scan = tree.scan().expect("a scan");
    let index = index_of(&tree, child.id());
    let reading = scan.readings.iter().find(|reading| reading.process == index).expect("it");
    assert!(reading.cpu_percent.is_some());
    child.end();
}

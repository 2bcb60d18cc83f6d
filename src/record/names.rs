//! Which instance and role each sampled process gets, once everything is known.

use std::collections::BTreeMap;

use super::line::Announcement;
use super::tree::ProcessFacts;

/// Role of the processes of a command in which none announced itself: the command is what is tested.
const ROLE_ALONE: &str = "service";
/// Role of processes that did not announce themselves, where others did.
const ROLE_UNANNOUNCED: &str = "other";

/// Instance and role of the processes.
#[derive(Debug, PartialEq)]
pub struct Names {
    /// Instance name of each process, in the order of the processes.
    pub instances: Vec<String>,
    /// Role of each instance, also of those that announced themselves and were never sampled.
    pub roles: BTreeMap<String, String>,
}

/// Names the processes.
///
/// One that announced itself has that name and role. Its descendants without an announcement of their own have
/// its role and are called `<its instance>/<comm>-<pid>`. All others are `<comm>-<pid>`, with the role `other`,
/// or `service` when there was no announcement at all. `slack_us` is how long after its announcement a process
/// may have its first sample: one interval.
pub fn name(processes: &[ProcessFacts], announcements: &[Announcement], slack_us: i64) -> Names {
    let announced = announced(processes, announcements, slack_us);
    let mut names = Names { instances: Vec::with_capacity(processes.len()), roles: BTreeMap::new() };
    let mut roles: Vec<String> = Vec::with_capacity(processes.len());
    let mut inherits: Vec<bool> = Vec::with_capacity(processes.len());
    for (index, process) in processes.iter().enumerate() {
        let own = format!("{}-{}", process.comm, process.pid);
        // Parents stand before their children: they are named already.
        let parent = process.parent.filter(|&parent| inherits[parent]);
        let (instance, role) = match (announced[index], parent) {
            (Some(said), _) => (distinct(said, index, processes, &names.instances), said.role.clone()),
            (None, Some(parent)) => (format!("{}/{own}", names.instances[parent]), roles[parent].clone()),
            (None, None) if announcements.is_empty() => (own, ROLE_ALONE.to_owned()),
            (None, None) => (own, ROLE_UNANNOUNCED.to_owned()),
        };
        inherits.push(announced[index].is_some() || parent.is_some());
        names.roles.insert(instance.clone(), role.clone());
        names.instances.push(instance);
        roles.push(role);
    }
    for said in announcements {
        names.roles.entry(said.instance.clone()).or_insert_with(|| said.role.clone());
    }
    names
}

/// The announcement of each process: the last that came for its pid while it lived.
fn announced<'a>(
    processes: &[ProcessFacts],
    announcements: &'a [Announcement],
    slack_us: i64,
) -> Vec<Option<&'a Announcement>> {
    let mut announced = vec![None; processes.len()];
    for said in announcements {
        let came = said.arrival_us.unwrap_or(i64::MAX).saturating_add(slack_us);
        let mut candidates = processes.iter().enumerate().filter(|(_, process)| process.pid == said.pid);
        let first = candidates.clone().next();
        let speaker = candidates.rfind(|(_, process)| process.first_us <= came).or(first);
        if let Some((index, _)) = speaker {
            announced[index] = Some(said);
        }
    }
    announced
}

/// The announced name, with the pid when a process that lived at the same time has it already.
fn distinct(said: &Announcement, index: usize, processes: &[ProcessFacts], taken: &[String]) -> String {
    let this = &processes[index];
    let clash = taken.iter().zip(processes).any(|(instance, other)| {
        *instance == said.instance && other.first_us <= this.last_us && this.first_us <= other.last_us
    });
    if clash { format!("{}-{}", said.instance, said.pid) } else { said.instance.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: Option<usize>, comm: &str, first_us: i64, last_us: i64) -> ProcessFacts {
        ProcessFacts { pid, parent, comm: comm.into(), first_us, last_us }
    }

    fn said(pid: i32, instance: &str, role: &str, arrival_us: i64) -> Announcement {
        Announcement { pid, instance: instance.into(), role: role.into(), arrival_us: Some(arrival_us) }
    }

    #[test]
    fn where_nobody_says_a_role_all_are_the_service() {
        let processes = [process(1, None, "sh", 0, 9), process(2, Some(0), "python", 1, 9)];
        let names = name(&processes, &[], 0);
        assert_eq!(names.instances, ["sh-1", "python-2"]);
        assert!(names.roles.values().all(|role| role == "service"));
    }

    #[test]
    fn descendants_inherit_and_the_unannounced_are_other() {
        let processes = [
            process(1, None, "sh", 0, 900),
            process(2, Some(0), "python", 10, 900),
            process(3, Some(1), "worker", 20, 900),
            process(4, Some(2), "sh", 30, 900),
            process(5, Some(0), "locust", 40, 900),
        ];
        let said = [said(2, "api", "service", 500), said(5, "load", "load_generator", 500)];
        let names = name(&processes, &said, 100);
        assert_eq!(names.instances, ["sh-1", "api", "api/worker-3", "api/worker-3/sh-4", "load"]);
        let roles: Vec<&str> =
            names.instances.iter().map(|instance| names.roles[instance].as_str()).collect();
        assert_eq!(roles, ["other", "service", "service", "service", "load_generator"]);
    }

    #[test]
    fn a_reused_pid_is_told_apart_by_time() {
        let processes = [process(7, None, "old", 0, 1000), process(7, None, "new", 5000, 9000)];
        let early = name(&processes, &[said(7, "first", "service", 500)], 100);
        assert_eq!(early.instances, ["first", "new-7"]);
        let late = name(&processes, &[said(7, "second", "service", 4950)], 100);
        assert_eq!(late.instances, ["old-7", "second"]);
    }

    #[test]
    fn a_restart_keeps_its_name_and_two_at_once_are_told_apart() {
        let processes =
            [process(1, None, "a", 0, 100), process(2, None, "a", 200, 900), process(3, None, "a", 300, 900)];
        let said =
            [said(1, "api", "service", 50), said(2, "api", "service", 210), said(3, "api", "service", 310)];
        assert_eq!(name(&processes, &said, 0).instances, ["api", "api", "api-3"]);
    }

    #[test]
    fn the_last_announcement_counts_and_one_without_samples_keeps_its_role() {
        let processes = [process(1, None, "a", 0, 900)];
        let said =
            [said(1, "x", "other", 50), said(1, "y", "service", 60), said(99, "gone", "load_generator", 70)];
        let names = name(&processes, &said, 0);
        assert_eq!(names.instances, ["y"]);
        assert_eq!(names.roles["gone"], "load_generator");
    }
}

//! Samples as rows of the run file.
//!
//! A process has the component `process` and its instance. The sum over the tree has a component of its own,
//! `process_tree`, and no instance: whoever adds up `process` by role must not count it twice.

use super::names::Names;
use super::tree::{Reading, Scan};
use crate::run::Event;

const PROCESS: &str = "process";
const PROCESS_TREE: &str = "process_tree";
const BYTES_PER_MB: f64 = 1e6;

/// Calls `push` with the rows of one scan: each process, then their sum.
///
/// Memory in MB of 10^6 bytes, resident; pages that processes share count for each of them, in the sum too.
/// CPU: 100 = one core. The sum counts what was seen: time of a process after its last sample is in no row, and
/// the sum has no CPU row where no process has one. A scan that found no process has no rows.
///
/// # Errors
/// Those of `push`.
pub fn push_rows<E>(
    scan: &Scan,
    names: &Names,
    mut push: impl FnMut(&Event) -> Result<(), E>,
) -> Result<(), E> {
    if scan.readings.is_empty() {
        return Ok(());
    }
    for reading in &scan.readings {
        let instance = &names.instances[reading.process];
        for (operation, value) in metrics(reading) {
            push(&row(scan.ts, PROCESS, operation, value, Some(instance)))?;
        }
    }
    for (operation, value) in sums(&scan.readings) {
        push(&row(scan.ts, PROCESS_TREE, operation, value, None))?;
    }
    Ok(())
}

fn metrics(reading: &Reading) -> impl Iterator<Item = (&'static str, f64)> {
    let cpu = reading.cpu_percent.map(|cpu| ("cpu_percent", cpu));
    let memory = ("memory_rss_mb", reading.rss_bytes as f64 / BYTES_PER_MB);
    cpu.into_iter().chain([memory, ("threads", reading.threads as f64)])
}

fn sums(readings: &[Reading]) -> impl Iterator<Item = (&'static str, f64)> {
    let cpu = readings.iter().filter_map(|reading| reading.cpu_percent).reduce(|a, b| a + b);
    let rss_bytes: u64 = readings.iter().map(|reading| reading.rss_bytes).sum();
    let threads: u64 = readings.iter().map(|reading| reading.threads).sum();
    let rest = [
        ("memory_rss_mb", rss_bytes as f64 / BYTES_PER_MB),
        ("threads", threads as f64),
        ("processes", readings.len() as f64),
    ];
    cpu.map(|cpu| ("cpu_percent", cpu)).into_iter().chain(rest)
}

fn row(ts: i64, component: &str, operation: &str, value: f64, instance: Option<&String>) -> Event {
    Event {
        ts,
        component: component.to_owned(),
        operation: Some(operation.to_owned()),
        value: Some(value),
        instance: instance.cloned(),
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn rows_of(readings: Vec<Reading>) -> Vec<(String, String, Option<String>, f64)> {
        let names = Names { instances: vec!["a".into(), "b".into()], roles: BTreeMap::new() };
        let mut rows = Vec::new();
        let done: Result<(), Infallible> = push_rows(&Scan { ts: 5, readings }, &names, |event| {
            assert_eq!(event.ts, 5);
            let operation = event.operation.clone().unwrap_or_default();
            rows.push((
                event.component.clone(),
                operation,
                event.instance.clone(),
                event.value.unwrap_or(-1.0),
            ));
            Ok(())
        });
        assert_eq!(done, Ok(()));
        rows
    }

    #[test]
    fn each_process_has_its_rows_and_the_sum_stands_apart() {
        let rows = rows_of(vec![
            Reading { process: 0, cpu_percent: Some(30.0), rss_bytes: 2_000_000, threads: 3 },
            Reading { process: 1, cpu_percent: None, rss_bytes: 500_000, threads: 1 },
        ]);
        let text: Vec<String> = rows
            .iter()
            .map(|(component, operation, instance, value)| {
                format!("{component} {operation} {} {value}", instance.as_deref().unwrap_or("-"))
            })
            .collect();
        let expected = [
            "process cpu_percent a 30",
            "process memory_rss_mb a 2",
            "process threads a 3",
            "process memory_rss_mb b 0.5",
            "process threads b 1",
            "process_tree cpu_percent - 30",
            "process_tree memory_rss_mb - 2.5",
            "process_tree threads - 4",
            "process_tree processes - 2",
        ];
        assert_eq!(text, expected);
    }

    #[test]
    fn a_sum_without_any_cpu_has_no_cpu_row_and_an_empty_tree_no_rows() {
        let newborn = Reading { process: 0, cpu_percent: None, rss_bytes: 1, threads: 1 };
        assert!(rows_of(vec![newborn]).iter().all(|row| row.1 != "cpu_percent"));
        assert!(rows_of(Vec::new()).is_empty());
    }
}

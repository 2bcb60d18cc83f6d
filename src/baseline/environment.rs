//! The class of machine that a run took place on, out of the free-form `environment` of its metadata.

use std::collections::BTreeMap;

use serde_json::Value;

/// Key of the memory in the class, MB (10^6 bytes); it is compared within a tolerance.
pub const MEMORY_MB: &str = "memory_mb";

/// The parts of the class, each with the keys under which it is found, the first that is there counts. Versions of
/// software are left out, since a comparison may be about them, and names of hosts, since a class has many.
const PARTS: [(&str, &[&str]); 7] = [
    ("host_class", &["host_class", "machine_class", "environment_class", "class"]),
    ("instance_type", &["instance_type", "machine_type", "vm_size", "flavor"]),
    ("cpus", &["cpus", "cpu_count", "cpu_cores", "cores", "vcpus", "n_cpus", "num_cpus", "nproc"]),
    ("cpu_model", &["cpu_model", "cpu_name", "cpu_model_name", "cpu"]),
    ("os", &["os", "os_name", "operating_system", "system", "platform"]),
    ("arch", &["arch", "architecture", "cpu_arch", "machine"]),
    ("gpu", &["gpu", "gpus", "gpu_model", "gpu_name", "gpu_type"]),
];

/// The same for the memory, with the unit of the number in MB.
const MEMORY: [(&str, f64); 15] = [
    ("memory_mb", 1.0),
    ("memory_total_mb", 1.0),
    ("mem_mb", 1.0),
    ("ram_mb", 1.0),
    ("memory_gb", 1000.0),
    ("memory_total_gb", 1000.0),
    ("ram_gb", 1000.0),
    ("memory_mib", 1.048_576),
    ("memory_gib", 1_073.741_824),
    ("memory_kb", 0.001),
    ("memory_bytes", 1e-6),
    ("memory_total_bytes", 1e-6),
    ("memory_total", 1.0),
    ("memory", 1.0),
    ("ram", 1.0),
];

/// Units behind a number in a text, in MB.
const UNITS: [(&str, f64); 9] = [
    ("gib", 1_073.741_824),
    ("mib", 1.048_576),
    ("kib", 0.001_024),
    ("gb", 1000.0),
    ("mb", 1.0),
    ("kb", 0.001),
    ("g", 1000.0),
    ("m", 1.0),
    ("b", 1e-6),
];

/// Keys whose values say nothing of the machine, whatever they are called inside.
const NOT_THE_MACHINE: [&str; 5] = ["software", "versions", "packages", "env", "variables"];

/// Only where nothing else is known: it changes with every update.
const KERNEL: [&str; 2] = ["kernel", "kernel_version"];

/// What makes the class, as text, by part. Empty: nothing is known.
pub fn environment_class(environment: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let facts = facts(environment);
    let first = |keys: &[&str]| keys.iter().find_map(|key| facts.get(*key).and_then(plain));
    let mut class: BTreeMap<String, String> =
        PARTS.iter().filter_map(|(part, keys)| Some(((*part).to_owned(), first(keys)?))).collect();
    if let Some(memory) = MEMORY.iter().find_map(|(key, unit)| megabytes(facts.get(*key)?, *unit)) {
        class.insert(MEMORY_MB.to_owned(), format!("{}", memory.round()));
    }
    if let Some(os) = class.get_mut("os") {
        *os = without_version(os).to_owned();
    }
    if class.is_empty() {
        class.extend(first(&KERNEL).map(|kernel| ("kernel".to_owned(), kernel)));
    }
    class
}

/// `linux-6.18-x86_64` → `linux`.
fn without_version(os: &str) -> &str {
    let version =
        os.match_indices([' ', '-']).find(|(at, _)| os[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    version.map_or(os, |(at, _)| &os[..at])
}

/// All values by lower-case key; those of objects under `object_key`.
fn facts(environment: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    for (key, value) in environment {
        let key = normal(key);
        match value {
            _ if NOT_THE_MACHINE.contains(&key.as_str()) => {}
            Value::Object(inner) => {
                facts.extend(
                    inner.iter().map(|(name, value)| (format!("{key}_{}", normal(name)), value.clone())),
                );
            }
            value => {
                facts.insert(key, value.clone());
            }
        }
    }
    facts
}

fn normal(key: &str) -> String {
    key.trim().to_lowercase().replace(['-', ' ', '.'], "_")
}

/// A text or a number as text; case and outer spaces mean nothing.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) => match number.as_f64() {
            Some(whole) if whole.fract() == 0.0 => format!("{whole}"),
            _ => number.to_string(),
        },
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn megabytes(value: &Value, unit_mb: f64) -> Option<f64> {
    let megabytes = match value {
        Value::Number(number) => number.as_f64()? * unit_mb,
        Value::String(text) => {
            let text = text.trim().to_lowercase();
            let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
            let (number, unit_mb) = match unit {
                Some((unit, unit_mb)) => (text.trim_end_matches(unit), *unit_mb),
                None => (text.as_str(), unit_mb),
            };
            number.trim().replace(['_', ','], "").parse::<f64>().ok()? * unit_mb
        }
        _ => return None,
    };
    (megabytes.is_finite() && megabytes > 0.0).then_some(megabytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(environment: Value) -> BTreeMap<String, String> {
        environment_class(&serde_json::from_value(environment).unwrap())
    }

    fn parts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_our_recorder_writes_keeps_the_machine_and_drops_versions() {
        let recorded = json!({
            "arch": "x86_64", "cpus": 2, "host_class": "linux-x86_64-2cpu", "kernel": "6.18.44",
            "memory_mb": 25277, "os": "linux", "software": {"python": "3.11.7", "os": "other"}
        });
        let wanted = parts(&[
            ("arch", "x86_64"),
            ("cpus", "2"),
            ("host_class", "linux-x86_64-2cpu"),
            ("memory_mb", "25277"),
            ("os", "linux"),
        ]);
        assert_eq!(class(recorded), wanted);
        assert_eq!(class(json!({"host_class": "simulated"})), parts(&[("host_class", "simulated")]));
    }

    #[test]
    fn what_others_write_means_the_same() {
        let others = json!({
            "hostname": "worker-17", "CPU": {"Model": "AMD EPYC 7B13", "cores": 4.0}, "RAM": "16 GiB",
            "Operating System": "Linux", "machine": "aarch64", "python": "3.12", "tags": ["a"]
        });
        let wanted = parts(&[
            ("arch", "aarch64"),
            ("cpu_model", "amd epyc 7b13"),
            ("cpus", "4"),
            ("memory_mb", "17180"),
            ("os", "linux"),
        ]);
        assert_eq!(class(others), wanted);
    }

    #[test]
    fn memory_is_megabytes_in_whatever_unit_it_was_written() {
        let cases = [
            (json!({"memory": "16 GB"}), "16000"),
            (json!({"memory_gib": 16}), "17180"),
            (json!({"memory_bytes": 17_179_869_184_u64}), "17180"),
            (json!({"memory": "16384 MiB"}), "17180"),
            (json!({"memory": "16,000"}), "16000"),
            (json!({"memory_gb": "16"}), "16000"),
        ];
        for (environment, memory) in cases {
            assert_eq!(class(environment.clone()), parts(&[(MEMORY_MB, memory)]), "{environment}");
        }
        for nonsense in [json!({"memory": "plenty"}), json!({"memory_mb": -1}), json!({"memory": [1]})] {
            assert_eq!(class(nonsense.clone()), parts(&[]), "{nonsense}");
        }
    }

    #[test]
    fn the_kernel_counts_only_where_it_is_all_there_is() {
        assert_eq!(class(json!({"kernel": "6.1", "python": "3.12"})), parts(&[("kernel", "6.1")]));
        assert_eq!(class(json!({"kernel": "6.1", "os": "linux"})), parts(&[("os", "linux")]));
        assert_eq!(class(json!({"software": {"cpus": 2}, "hostname": "a"})), parts(&[]));
        for os in ["Linux", "linux-6.18.44-x86_64-with-glibc2.36", "Linux 6.18"] {
            assert_eq!(class(json!({"platform": os})), parts(&[("os", "linux")]), "{os}");
        }
    }
}

//! What the tests of the command line share: a folder to work in, calls as a user types them, and run files.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

pub mod files;
pub mod nights;
pub mod unusable;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A working folder of its own.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// How a call ended, and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a text file, with the folders above it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    /// `program arguments…` in this folder, with nothing in the environment that changes what we say.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).args(arguments);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "SOURCE_DATE_EPOCH", "RAYON_NUM_THREADS"] {
            command.env_remove(name);
        }
        command
    }

    /// `cmo-metrics arguments…`.
    pub fn call(&self, arguments: &[&str]) -> Said {
        self.call_with(arguments, &[])
    }

    /// `cmo-metrics arguments…` with these variables in the environment.
    pub fn call_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_cmo-metrics"), arguments);
        command.envs(environment.iter().copied());
        Said::of(command)
    }

    /// A shell script in which `cmo-metrics` is our program.
    pub fn shell(&self, script: &str) -> Said {
        let program = Path::new(env!("CARGO_BIN_EXE_cmo-metrics"));
        let mut command = self.command("sh", &["-c", script]);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", program.parent().unwrap().display()));
        Said::of(command)
    }

    /// A simulated run of 50 users as `data/<name>.parquet`.
    pub fn simulate(&self, scenario: &str, name: &str, duration_s: u32) {
        let out = format!("data/{name}.parquet");
        let duration = duration_s.to_string();
        let said = self.call(&["simulate", scenario, "--duration", &duration, "--out", &out, "--quiet"]);
        assert_eq!(said.code, 0, "{said:?}");
    }
}

impl Said {
    pub fn of(command: Command) -> Said {
        let output =
            assert_cmd::Command::from(command).timeout(std::time::Duration::from_secs(120)).output().unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Fails unless `text` holds each of `fragments`.
#[track_caller]
pub fn assert_holds(text: &str, fragments: &[&str]) {
    for fragment in fragments {
        assert!(text.contains(fragment), "{fragment:?} is not in:\n{text}");
    }
}

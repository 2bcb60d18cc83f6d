//! The cron job in `examples/nightly` does what it says, with the program that it calls.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::files::requests;
use crate::support::{Bench, Said, assert_holds};

pub fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nightly").join(name)).unwrap()
}

/// What makes the gate of a short run tell: P95 alone, with room.
const PASSES: &str = "[regression.metrics]\n\
    \"request/ok_per_s\" = { gate = false }\n\
    \"request/success_rate\" = { gate = false }\n\
    \"lightrag/success_rate\" = { gate = false }\n\
    \"resources/memory_growth_mb\" = { gate = false }\n\
    \"request/ok_p95_ms\" = { margin = 5.0, medium = 6.0, high = 7.0, gate = true }\n";
const FAILS: &str = "[targets]\np95_response_time_ms = { below = 0.001, gate = true }\n";

/// Runs and a baseline.
fn checkout() -> Bench {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 60);
    bench.write("cmo-metrics.toml", PASSES);
    assert_eq!(bench.call(&["baseline", "save", "run", "--name", "production", "--quiet"]).code, 0);
    bench
}

/// The same with what makes the job end with each code.
fn scenes() -> [(i32, Bench); 3] {
    let (clean, unjudged, failed) = (checkout(), checkout(), checkout());
    unjudged.write("data/broken.parquet", "text");
    failed.write("data/broken.parquet", "text");
    failed.write("cmo-metrics.toml", &format!("{PASSES}{FAILS}"));
    [(0, clean), (3, unjudged), (99, failed)]
}

#[track_caller]
pub fn assert_parses(script: &str) {
    let bench = Bench::new();
    bench.write("script.sh", script);
    for shell in [&["bash", "-n"][..], &["sh", "-n"]] {
        let checked = bench.command(shell[0], &[shell[1], "script.sh"]).output().unwrap();
        assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}\n{script}");
    }
}

/// The script of the cron job with a mailer that writes what it was given into `mail`.
fn nightly(bench: &Bench) -> Command {
    let path = Path::new(env!("CARGO_BIN_EXE_cmo-metrics")).parent().unwrap().display().to_string();
    bench.write("mailer.sh", "#!/bin/sh\n{ echo \"$@\"; cat; } > mail\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bench.path("mailer.sh"), executable).unwrap();
    bench.write("nightly.sh", &example("nightly.sh"));
    let mut command = bench.command("sh", &["nightly.sh"]);
    command.env("PATH", format!("{path}:{}", std::env::var("PATH").unwrap_or_default()));
    command.env("CMO_MAILER", "./mailer.sh");
    command
}

fn has_flock() -> bool {
    let is_there = Command::new("flock").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("skipped: there is no flock here");
    }
    is_there
}

#[test]
fn the_cron_job_keeps_summary_and_log_and_sends_mail_only_when_something_is_wrong() {
    assert_parses(&example("nightly.sh"));
    let line = example("crontab").lines().last().unwrap().to_owned();
    assert_holds(&line, &["15 3 * * * ", "examples/nightly/nightly.sh"]);
    if !has_flock() {
        return;
    }
    for (code, bench) in scenes() {
        let mut command = nightly(&bench);
        command.env("CMO_MAIL_TO", "someone@example.org");
        let said = Said::of(command);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (code, "", ""));
        let logs = fs::read_dir(bench.path("logs")).unwrap().count();
        assert_eq!(logs, 3, "summary, log and lock");
        assert_eq!(bench.path("mail").exists(), code != 0);
        if code != 0 {
            let mail = String::from_utf8(bench.read("mail")).unwrap();
            let subject = if code == 99 { "GATE FAILED" } else { "some runs could not be judged" };
            assert_holds(&mail, &[&format!("-s cmo-metrics nightly: {subject} someone@example.org\n")]);
            assert_holds(&mail, &["| run |", "error: data/broken.parquet: not a Parquet file"]);
        }
        // Without an address it prints, and cron sends that.
        let said = Said::of(nightly(&bench));
        assert_eq!((said.code, said.out.is_empty()), (code, code == 0), "{said:?}");
    }
}

#[test]
fn a_second_cron_job_steps_back_and_a_signal_reaches_the_first() {
    if !has_flock() {
        return;
    }
    let bench = checkout();
    // Long enough to be met at work.
    for run in 0..40 {
        bench.write_columns(&format!("data/more_{run}.parquet"), requests(5_000));
    }
    let first = nightly(&bench).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begin = Instant::now();
    while !bench.path("logs/nightly.lock").exists() {
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
    // The program has to be up before it can listen.
    std::thread::sleep(Duration::from_millis(300));
    let second = Said::of(nightly(&bench));
    assert_eq!(second.code, 75, "{second:?}");
    assert_holds(&second.err, &["still at work"]);
    kill_process(Pid::from_child(&first), Signal::TERM).unwrap();
    let ended = first.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(143), "{ended:?}");
    assert_holds(
        &String::from_utf8(ended.stdout).unwrap(),
        &["nightly: interrupted", "compare was interrupted by SIGTERM"],
    );
    assert_eq!(Said::of(nightly(&bench)).code, 3, "the lock went with the job");
}

//! `cmo-metrics record` as a user types it: what it runs, what it passes on, and what stands in the file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

type Row = BTreeMap<String, Field>;

/// A folder of its own in which the recorder runs.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn record(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        assert_cmd::Command::from(self.command(arguments)).timeout(Duration::from_secs(60)).assert()
    }

    /// `record --name run <arguments>` in this folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cmo-metrics"));
        command.current_dir(self.folder.path()).args(["record", "--name", "run"]).args(arguments);
        command
    }

    fn file(&self) -> PathBuf {
        self.path("data/run.parquet")
    }

    fn rows(&self) -> Vec<Row> {
        let reader = open(&self.file());
        let rows = reader.get_row_iter(None).expect("rows");
        rows.map(|row| row.expect("a row").into_columns().into_iter().collect()).collect()
    }

    fn metadata(&self) -> Value {
        let reader = open(&self.file());
        let pairs = reader.metadata().file_metadata().key_value_metadata().expect("metadata").clone();
        let json = pairs.into_iter().find(|pair| pair.key == "cmo.run").and_then(|pair| pair.value);
        serde_json::from_str(&json.expect("cmo.run")).expect("JSON")
    }
}

fn open(path: &Path) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).expect("the file")).expect("Parquet")
}

fn text(row: &Row, column: &str) -> String {
    match &row[column] {
        Field::Str(text) => text.clone(),
        Field::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn number(row: &Row) -> f64 {
    match row["value"] {
        Field::Double(value) => value,
        ref other => panic!("{other:?}"),
    }
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    for code in [0, 3, 7, 255] {
        Bench::new().record(&["--", "sh", "-c", &format!("exit {code}")]).code(code);
    }
}

#[test]
fn death_by_a_signal_is_128_and_its_number() {
    let bench = Bench::new();
    bench.record(&["--", "sh", "-c", "kill -9 $$"]).code(137);
    assert_eq!(bench.metadata()["exit_code"], 137);
}

#[test]
fn a_command_that_cannot_start_is_127_or_126_and_leaves_no_file() {
    let bench = Bench::new();
    let missing = bench.record(&["--", "no-such-command-here"]).code(127);
    assert!(stderr(&missing).contains("no-such-command-here"));
    std::fs::write(bench.path("plain"), "text").expect("written");
    bench.record(&["--", "./plain"]).code(126);
    let left: Vec<_> = std::fs::read_dir(bench.path("data")).expect("data").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_existing_file_stays_unless_forced_and_the_command_does_not_run() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("data")).expect("data");
    std::fs::write(bench.file(), "precious").expect("written");
    let refused = bench.record(&["--", "touch", "ran"]).code(125);
    assert!(stderr(&refused).contains("--force"), "{}", stderr(&refused));
    assert_eq!(std::fs::read_to_string(bench.file()).expect("read"), "precious");
    assert!(!bench.path("ran").exists());
    bench.record(&["--force", "--", "touch", "ran"]).code(0);
    assert!(bench.path("ran").exists());
    assert_eq!(bench.metadata()["run_id"], "run");
}

#[test]
fn a_recorder_without_socket_or_folder_is_125_and_does_not_start_the_command() {
    let bench = Bench::new();
    let mut no_socket = bench.command(&["--", "touch", "ran"]);
    no_socket.env("TMPDIR", bench.path("nowhere"));
    assert_cmd::Command::from(no_socket).assert().code(125);
    std::fs::write(bench.path("plain"), "text").expect("written");
    bench.record(&["--out", "plain/run.parquet", "--", "touch", "ran"]).code(125);
    bench.record(&["--out", "a b.parquet", "--", "touch", "ran"]).code(125);
    assert!(!bench.path("ran").exists());
}

#[test]
fn children_that_come_and_go_are_seen_beside_the_sum() {
    let bench = Bench::new();
    bench.record(&["--", "sh", "-c", "sleep 0.5 & sleep 0.3; wait; sleep 0.3; true"]).code(0);
    let rows = bench.rows();
    let process: Vec<&Row> = rows.iter().filter(|row| text(row, "component") == "process").collect();
    let mut instances: Vec<String> = process.iter().map(|row| text(row, "instance")).collect();
    instances.sort();
    instances.dedup();
    let sleeps = instances.iter().filter(|instance| instance.starts_with("sleep-")).count();
    assert_eq!((instances.len(), sleeps), (4, 3), "{instances:?}");
    let roles = bench.metadata()["instances"].clone();
    assert!(instances.iter().all(|instance| roles[instance] == "service"), "{roles}");
    assert_sums(&rows, &process);
}

/// At each instant the sum of the tree is that of its processes.
fn assert_sums(rows: &[Row], process: &[&Row]) {
    let is_memory = |row: &&Row| text(row, "operation") == "memory_rss_mb";
    let sums = rows.iter().filter(|row| text(row, "component") == "process_tree").filter(is_memory);
    let mut count = 0;
    for sum in sums {
        let same = process.iter().copied().filter(is_memory).filter(|row| row["ts"] == sum["ts"]);
        let total: f64 = same.map(number).sum();
        assert!((number(sum) - total).abs() < 1e-9 && total > 0.0);
        assert_eq!(text(sum, "instance"), "-");
        count += 1;
    }
    assert!(count > 2, "{count}");
}

#[test]
fn an_orphan_stays_in_the_tree_and_is_ended_after_the_command() {
    let bench = Bench::new();
    // The middle shell ends at once: its child loses its parent.
    let script = "sh -c 'sleep 100 & echo $! > orphan'; sleep 1; exit 5";
    let done = bench.record(&["--", "sh", "-c", script]).code(5);
    let pid = std::fs::read_to_string(bench.path("orphan")).expect("a pid");
    let instance = format!("sleep-{}", pid.trim());
    let samples = bench.rows().iter().filter(|row| text(row, "instance") == instance).count();
    assert!(samples > 5, "{samples}");
    assert_eq!(bench.metadata()["recording"]["leftovers"]["terminated"], 1);
    assert!(stderr(&done).contains("SIGTERM"));
    assert!(!Path::new("/proc").join(pid.trim()).exists());
}

const EVENT_LINES: &str = r#"
{"ts":1700000000000000,"component":"request","operation":"ask","outcome":"ok","duration_ms":12.5,"request_id":18446744073709551615,"user_id":3,"answered_by":"lightrag","attempt":1,"scheduled_ts":"2023-11-14T22:13:20Z","tokens_in":5,"detail":"d","colour":1}
{"ts":"2023-11-15T00:13:21.000001+02:00","component":"custom"}
{"component":"no start"}
{"component":"custom","ts":1700000000000000,"attempt":256}
not json
{"meta":{"scenario":"stress","tags":{"build":"7"}}}
"#;

#[test]
fn events_from_a_file_have_the_columns_of_the_contract() {
    let bench = Bench::new();
    std::fs::write(bench.path("events.jsonl"), EVENT_LINES).expect("written");
    let arguments = ["--users", "9", "--tag", "k=v=w", "--events", "events.jsonl", "--", "true"];
    let done = bench.record(&arguments).code(0);
    let told = stderr(&done);
    assert!(told.contains("3 malformed lines; the first is line 4 of events.jsonl"), "{told}");

    let rows = bench.rows();
    let request = rows.iter().find(|row| text(row, "component") == "request").expect("the request");
    assert_eq!(request["ts"], Field::TimestampMicros(1_700_000_000_000_000));
    assert_eq!(request["scheduled_ts"], Field::TimestampMicros(1_700_000_000_000_000));
    assert_eq!(request["duration_ms"], Field::Double(12.5));
    assert_eq!(request["request_id"], Field::ULong(u64::MAX));
    assert_eq!(request["user_id"], Field::UInt(3));
    assert_eq!(request["attempt"], Field::UByte(1));
    assert_eq!((text(request, "answered_by"), text(request, "queue_ms")), ("lightrag".into(), "-".into()));
    let custom: Vec<&Row> = rows.iter().filter(|row| text(row, "component") == "custom").collect();
    assert_eq!(custom.len(), 1);
    assert_eq!(custom[0]["ts"], Field::TimestampMicros(1_700_000_001_000_001));

    let metadata = bench.metadata();
    assert_eq!((&metadata["users"], &metadata["scenario"]), (&Value::from(9), &Value::from("stress")));
    assert_eq!(
        (&metadata["tags"]["k"], &metadata["tags"]["build"]),
        (&Value::from("v=w"), &Value::from("7"))
    );
    assert_eq!(metadata["recording"]["unknown_keys"]["colour"], 1);
    assert_eq!(metadata["recording"]["malformed"], 3);
    assert_eq!((&metadata["complete"], &metadata["source"]), (&Value::from(true), &Value::from("recorder")));
}

#[test]
fn a_missing_events_file_is_125_but_the_recording_is_kept() {
    let bench = Bench::new();
    let done = bench.record(&["--events", "nowhere.jsonl", "--", "sleep", "0.2"]).code(125);
    assert!(stderr(&done).contains("nowhere.jsonl"));
    assert_eq!(bench.metadata()["exit_code"], 0);
    assert!(!bench.rows().is_empty());
}

/// The client of the test below: this very test program, started by the recorder. It does nothing elsewhere.
#[test]
fn client_of_the_socket() {
    if std::env::var_os("RECORD_TEST_CLIENT").is_none() {
        return;
    }
    let path = std::env::var_os("CMO_METRICS_SOCKET").expect("the socket's path");
    let mut stream = UnixStream::connect(path).expect("a connection");
    let role = format!(r#"{{"role":"load_generator","instance":"load","pid":{}}}"#, std::process::id());
    writeln!(stream, "{role}").expect("sent");
    let mut child = Command::new("sleep").arg("0.4").spawn().expect("a child");
    for request in 0..500 {
        let line = format!(r#"{{"component":"request","duration_ms":1000,"request_id":{request}}}"#);
        writeln!(stream, "{line}").expect("sent");
    }
    writeln!(stream, "broken").expect("sent");
    child.wait().expect("its end");
}

#[test]
fn a_process_that_says_its_role_is_not_taken_for_the_service() {
    let bench = Bench::new();
    let client = std::env::current_exe().expect("this program");
    let script = format!("'{}' --exact client_of_the_socket; sleep 0.2", client.display());
    let before = now_us();
    let mut command = bench.command(&["--", "sh", "-c", &script]);
    command.env("RECORD_TEST_CLIENT", "1");
    assert_cmd::Command::from(command).assert().code(0);
    let (after, rows, metadata) = (now_us(), bench.rows(), bench.metadata());

    let requests: Vec<&Row> = rows.iter().filter(|row| text(row, "component") == "request").collect();
    assert_eq!(requests.len(), 500);
    for request in requests {
        // Without a start it is the arrival less the duration.
        let Field::TimestampMicros(ts) = request["ts"] else { panic!("{request:?}") };
        assert!((before..after).contains(&(ts + 1_000_000)));
    }
    assert_eq!(metadata["recording"]["malformed"], 1);
    let roles = metadata["instances"].as_object().expect("roles");
    assert_eq!(roles["load"], "load_generator");
    let child = roles.iter().find(|(instance, _)| instance.starts_with("load/sleep-")).expect("its child");
    assert_eq!(child.1, "load_generator");
    assert!(roles.iter().any(|(instance, role)| instance.starts_with("sh-") && role == "other"), "{roles:?}");
    assert!(rows.iter().any(|row| text(row, "instance") == "load" && text(row, "operation") == "threads"));
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    since.as_micros() as i64
}

#[test]
fn a_signal_is_passed_on_and_the_file_is_still_written() {
    // TERM alone: whoever starts the tests in the background may have them ignore INT, HUP or QUIT.
    for (trap, code) in [("", 143), ("trap 'exit 42' TERM;", 42)] {
        let bench = Bench::new();
        let script = format!("{trap} touch ready; while :; do sleep 0.05; done");
        let mut recorder = bench.command(&["--", "sh", "-c", &script]).spawn().expect("the recorder");
        await_file(&bench.path("ready"));
        signal_to(recorder.id(), "TERM");
        assert_eq!(recorder.wait().expect("its end").code(), Some(code));
        assert_eq!(bench.metadata()["exit_code"], code);
    }
}

#[test]
fn a_second_signal_kills_a_command_that_does_not_listen() {
    let bench = Bench::new();
    let script = "trap '' TERM; touch ready; while :; do sleep 0.05; done";
    let mut recorder = bench.command(&["--", "sh", "-c", script]).spawn().expect("the recorder");
    await_file(&bench.path("ready"));
    signal_to(recorder.id(), "TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(recorder.try_wait().expect("its state"), None);
    signal_to(recorder.id(), "TERM");
    assert_eq!(recorder.wait().expect("its end").code(), Some(137));
    assert_eq!(bench.metadata()["exit_code"], 137);
}

fn await_file(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal_to(pid: u32, signal: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status().expect("sh");
    assert!(sent.success());
}

#[test]
fn input_and_output_of_the_command_are_those_of_the_recorder() {
    let bench = Bench::new();
    let mut command = bench.command(&["--", "cat"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut recorder = command.spawn().expect("started");
    recorder.stdin.take().expect("its input").write_all(b"through").expect("written");
    let output = recorder.wait_with_output().expect("its end");
    assert_eq!(output.stdout, b"through");
    assert!(String::from_utf8_lossy(&output.stderr).contains("data/run.parquet"));
}

#[test]
fn quiet_says_nothing_when_all_went_well() {
    let done = Bench::new().record(&["--quiet", "--", "true"]).code(0);
    assert_eq!(stderr(&done), "");
}

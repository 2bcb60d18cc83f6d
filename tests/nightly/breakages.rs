//! Ways in which a run in a folder can be broken, each with the word that a job must find for it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Float64Array, ListArray, TimestampMicrosecondArray};

use crate::support::Bench;
use crate::support::files::{
    Columns, requests, texts, to_batch, with, with_copies, with_duration, without, without_instant,
};

const ROWS: usize = 300;

/// One kind of breakage: makes the run `data/<stem>`, and gives the files at fault.
pub(crate) struct Breakage {
    pub(crate) stem: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) make: fn(&Maker<'_>) -> Vec<PathBuf>,
}

/// Makes one broken run.
pub(crate) struct Maker<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) stem: &'static str,
    /// A whole run file of ours, with checksum, and one of another writer.
    pub(crate) ours: &'a [u8],
    pub(crate) foreign: &'a [u8],
}

impl Maker<'_> {
    fn path(&self) -> PathBuf {
        PathBuf::from(format!("data/{}.parquet", self.stem))
    }

    fn full(&self, path: &Path) -> PathBuf {
        self.bench.path(path.to_str().unwrap())
    }

    fn bytes(&self, bytes: impl AsRef<[u8]>) -> Vec<PathBuf> {
        fs::write(self.full(&self.path()), bytes).unwrap();
        vec![self.path()]
    }

    fn columns(&self, columns: Columns) -> Vec<PathBuf> {
        self.bench.write_columns(self.path().to_str().unwrap(), columns);
        vec![self.path()]
    }

    fn metadata(&self, text: &str) -> Vec<PathBuf> {
        self.bench.write_run(self.path().to_str().unwrap(), &to_batch(requests(ROWS)), Some(text));
        vec![self.path()]
    }

    /// A copy of a file with some bytes at `share` of its length replaced.
    fn overwritten(&self, whole: &[u8], share: f64, with: &[u8]) -> Vec<PathBuf> {
        let mut bytes = whole.to_vec();
        let at = (bytes.len() as f64 * share) as usize;
        bytes[at..at + with.len()].copy_from_slice(with);
        self.bytes(bytes)
    }

    fn beside(&self, bytes: impl AsRef<[u8]>) -> Vec<PathBuf> {
        self.columns(requests(ROWS));
        let sidecar = PathBuf::from(format!("data/{}.run.json", self.stem));
        fs::write(self.full(&sidecar), bytes).unwrap();
        vec![sidecar]
    }

    fn folder(&self) -> PathBuf {
        let folder = PathBuf::from(format!("data/{}", self.stem));
        fs::create_dir_all(self.full(&folder)).unwrap();
        folder
    }

    fn parts(&self, metadata: [Option<&str>; 2], second: Columns) -> PathBuf {
        let folder = self.folder();
        let part = |number: usize| folder.join(format!("part-{number}.parquet"));
        self.bench.write_run(part(0).to_str().unwrap(), &to_batch(requests(ROWS)), metadata[0]);
        self.bench.write_run(part(1).to_str().unwrap(), &to_batch(second), metadata[1]);
        folder
    }

    /// A part folder whose second part holds these bytes.
    fn bad_part(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let part = self.parts([None, None], requests(ROWS)).join("part-1.parquet");
        fs::write(self.full(&part), bytes).unwrap();
        vec![part]
    }

    /// A file of this length that takes no room on the disk, with `ends` at its begin and end.
    fn sparse(&self, bytes: u64, ends: &[u8]) -> Vec<PathBuf> {
        let mut file = File::create(self.full(&self.path())).unwrap();
        file.write_all(ends).unwrap();
        file.set_len(bytes).unwrap();
        file.seek(SeekFrom::Start(bytes - ends.len() as u64)).unwrap();
        file.write_all(ends).unwrap();
        vec![self.path()]
    }

    /// Text under a name that is not `<stem>.parquet`.
    fn named(&self, name: impl Into<OsString>) -> Vec<PathBuf> {
        let path = Path::new("data").join(name.into());
        fs::write(self.bench.path("").join(&path), "no run").unwrap();
        vec![path]
    }
}

fn tail(bytes: &[u8], count: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.len() - count;
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

fn footer_bytes(file: &[u8]) -> usize {
    let length: [u8; 4] = file[file.len() - 8..file.len() - 4].try_into().unwrap();
    u32::from_le_bytes(length) as usize
}

fn lists() -> Arc<ListArray> {
    let rows = (0..ROWS).map(|row| Some(vec![Some(row as i32)]));
    Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows))
}

fn in_1970() -> Columns {
    with(requests(ROWS), "ts", Arc::new(TimestampMicrosecondArray::from_iter_values(0..ROWS as i64)))
}

fn some_rows() -> Vec<usize> {
    (0..ROWS).step_by(20).collect()
}

/// All of them.
#[rustfmt::skip]
pub(crate) const BREAKAGES: &[Breakage] = &[
    // No Parquet file at all.
    Breakage { stem: "zero", kind: "empty", make: |m| m.bytes("") },
    Breakage { stem: "one_byte", kind: "not_parquet", make: |m| m.bytes("P") },
    Breakage { stem: "magic_only", kind: "not_parquet", make: |m| m.bytes("PAR1") },
    Breakage { stem: "magic_twice", kind: "not_parquet", make: |m| m.bytes("PAR1PAR1") },
    Breakage { stem: "text", kind: "not_parquet", make: |m| m.bytes("ts,component\n".repeat(9)) },
    Breakage { stem: "json", kind: "not_parquet", make: |m| m.bytes(r#"{"ts": 1, "component": "request"}"#) },
    Breakage { stem: "encrypted", kind: "not_parquet", make: |m| m.bytes(tail(m.ours, 4, b"PARE")) },
    Breakage { stem: "sparse", kind: "not_parquet", make: |m| m.sparse(1 << 40, b"") },
    Breakage { stem: "sparse_magic", kind: "truncated", make: |m| m.sparse(1 << 40, b"PAR1") },
    Breakage { stem: "arrow_file", kind: "not_parquet", make: |m| m.bytes(b"ARROW1\0\0 and so on ARROW1") },
    // Cut off, at either end.
    Breakage { stem: "cut_by_one", kind: "truncated", make: |m| m.bytes(&m.ours[..m.ours.len() - 1]) },
    Breakage { stem: "cut_by_8", kind: "truncated", make: |m| m.bytes(&m.ours[..m.ours.len() - 8]) },
    Breakage { stem: "cut_in_footer", kind: "truncated", make: |m| m.bytes(&m.ours[..m.ours.len() - 200]) },
    Breakage { stem: "cut_before_footer", kind: "truncated",
        make: |m| m.bytes(&m.ours[..m.ours.len() - 8 - footer_bytes(m.ours)]) },
    Breakage { stem: "cut_in_half", kind: "truncated", make: |m| m.bytes(&m.ours[..m.ours.len() / 2]) },
    Breakage { stem: "cut_early", kind: "truncated", make: |m| m.bytes(&m.ours[..100]) },
    Breakage { stem: "head_lost", kind: "truncated", make: |m| m.bytes(&m.ours[100..]) },
    Breakage { stem: "middle_lost", kind: "damaged", make: |m| m.bytes([&m.foreign[..100], &m.foreign[2_000..]].concat()) },
    Breakage { stem: "grew", kind: "truncated", make: |m| m.bytes([m.ours, b"and more"].concat()) },
    Breakage { stem: "two_in_one", kind: "damaged", make: |m| m.bytes([m.ours, m.ours].concat()) },
    // The footer.
    Breakage { stem: "footer_too_long", kind: "damaged", make: |m| m.bytes(tail(m.ours, 8, &[0xff; 4])) },
    Breakage { stem: "footer_of_0", kind: "truncated", make: |m| m.bytes(tail(m.ours, 8, &[0; 4])) },
    Breakage { stem: "footer_zeros", kind: "truncated",
        make: |m| m.bytes(tail(m.ours, 8 + footer_bytes(m.ours), &vec![0; footer_bytes(m.ours)])) },
    Breakage { stem: "footer_noise", kind: "truncated",
        make: |m| m.bytes(tail(m.ours, 8 + footer_bytes(m.ours), &vec![0xa5; footer_bytes(m.ours)])) },
    Breakage { stem: "head_magic_gone", kind: "truncated", make: |m| m.bytes([b"XXXX", &m.ours[4..]].concat()) },
    Breakage { stem: "hole", kind: "damaged", make: |m| {
        let (rows, footer) = m.ours.split_at(m.ours.len() - 8 - footer_bytes(m.ours));
        m.bytes(rows);
        let mut file = File::options().append(true).open(m.full(&m.path())).unwrap();
        file.set_len(1 << 40).unwrap();
        file.write_all(footer).unwrap();
        vec![m.path()]
    } },
    // The pages, with our checksum and without one.
    Breakage { stem: "bit_flipped", kind: "damaged", make: |m| m.overwritten(m.ours, 0.3, &[m.ours[m.ours.len() * 3 / 10] ^ 4]) },
    Breakage { stem: "zeros_inside", kind: "damaged", make: |m| m.overwritten(m.ours, 0.4, &[0; 64]) },
    Breakage { stem: "page_header_gone", kind: "damaged", make: |m| m.overwritten(m.foreign, 0.0, &[b"PAR1".as_slice(), &[0xff; 40]].concat()) },
    // The columns.
    Breakage { stem: "no_ts", kind: "schema", make: |m| m.columns(without(requests(ROWS), "ts")) },
    Breakage { stem: "no_component", kind: "schema", make: |m| m.columns(without(requests(ROWS), "component")) },
    Breakage { stem: "ts_text", kind: "schema", make: |m| m.columns(with(requests(ROWS), "ts", texts(&vec!["10:00"; ROWS]))) },
    Breakage { stem: "duration_text", kind: "schema", make: |m| m.columns(with(requests(ROWS), "duration_ms", texts(&vec!["1 s"; ROWS]))) },
    Breakage { stem: "component_number", kind: "schema",
        make: |m| m.columns(with(requests(ROWS), "component", Arc::new(Float64Array::from(vec![1.0; ROWS])))) },
    Breakage { stem: "outcome_list", kind: "schema", make: |m| m.columns(with(requests(ROWS), "outcome", lists())) },
    // The rows.
    Breakage { stem: "no_rows", kind: "empty", make: |m| m.columns(requests(0)) },
    Breakage { stem: "all_null_ts", kind: "too_many_faults", make: |m| m.columns(without_instant(ROWS, &(0..ROWS).collect::<Vec<_>>())) },
    Breakage { stem: "some_infinite", kind: "too_many_faults", make: |m| m.columns(with_duration(ROWS, &some_rows(), f64::INFINITY)) },
    Breakage { stem: "some_negative", kind: "too_many_faults", make: |m| m.columns(with_duration(ROWS, &some_rows(), -1.0)) },
    Breakage { stem: "written_twice", kind: "too_many_faults", make: |m| m.columns(with_copies(ROWS, 20)) },
    Breakage { stem: "in_1970", kind: "too_many_faults", make: |m| m.columns(in_1970()) },
    // The metadata.
    Breakage { stem: "metadata_words", kind: "metadata", make: |m| m.metadata("users: 5") },
    Breakage { stem: "metadata_list", kind: "metadata", make: |m| m.metadata("[]") },
    Breakage { stem: "metadata_type", kind: "metadata", make: |m| m.metadata(r#"{"users": "five"}"#) },
    Breakage { stem: "metadata_newer", kind: "newer_metadata", make: |m| m.metadata(r#"{"schema_version": 99}"#) },
    Breakage { stem: "targets", kind: "targets", make: |m| { m.metadata(r#"{"targets": {"nonsense": 1}}"#) } },
    Breakage { stem: "sidecar_cut", kind: "metadata", make: |m| m.beside(r#"{"users": 5"#) },
    Breakage { stem: "sidecar_latin1", kind: "metadata", make: |m| m.beside(b"{\"test_name\": \"gr\xf6\xdfe\"}") },
    Breakage { stem: "sidecar_empty", kind: "metadata", make: |m| m.beside("") },
    Breakage { stem: "twins", kind: "duplicate_id", make: |m| {
        ["data/twin_a.parquet", "data/twin_b.parquet"].map(|path| {
            m.bench.write_run(path, &to_batch(requests(ROWS)), Some(r#"{"run_id": "twin"}"#));
            PathBuf::from(path)
        }).to_vec()
    } },
    // Folders that are, or should be, one run.
    Breakage { stem: "folder.parquet", kind: "empty_folder", make: |m| vec![m.folder()] },
    Breakage { stem: "described", kind: "empty_folder", make: |m| {
        m.bench.write("data/described/_run.json", "{}");
        vec![m.folder()]
    } },
    Breakage { stem: "part_cut", kind: "truncated", make: |m| m.bad_part(&m.foreign[..m.foreign.len() / 2]) },
    Breakage { stem: "part_empty", kind: "empty", make: |m| m.bad_part(b"") },
    Breakage { stem: "part_text", kind: "not_parquet", make: |m| m.bad_part(b"this is no part of a run") },
    Breakage { stem: "part_columns", kind: "parts_disagree",
        make: |m| vec![m.parts([None, None], with(requests(2), "ts", texts(&["a", "b"])))] },
    Breakage { stem: "part_of_another", kind: "parts_disagree",
        make: |m| vec![m.parts([Some(r#"{"users": 1}"#), Some(r#"{"users": 2}"#)], requests(ROWS))] },
    Breakage { stem: "folder_metadata", kind: "metadata", make: |m| {
        let metadata = m.parts([None, None], requests(ROWS)).join("_run.json");
        m.bench.write(metadata.to_str().unwrap(), "nonsense");
        vec![metadata]
    } },
    // What is no file.
    Breakage { stem: "dangling", kind: "vanished", make: |m| {
        symlink("nowhere", m.full(&m.path())).unwrap();
        vec![m.path()]
    } },
    Breakage { stem: "loop", kind: "unreadable", make: |m| {
        symlink("loop.parquet", m.full(&m.path())).unwrap();
        vec![m.path()]
    } },
    Breakage { stem: "fifo", kind: "not_parquet", make: |m| {
        rustix::fs::mknodat(rustix::fs::CWD, m.full(&m.path()), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        vec![m.path()]
    } },
    Breakage { stem: "socket", kind: "not_parquet", make: |m| {
        drop(UnixListener::bind(m.full(&m.path())).unwrap());
        vec![m.path()]
    } },
    Breakage { stem: "device", kind: "not_parquet", make: |m| {
        symlink("/dev/zero", m.full(&m.path())).unwrap();
        vec![m.path()]
    } },
    // Names.
    Breakage { stem: "name_of_bytes", kind: "not_parquet", make: |m| m.named(OsString::from_vec(b"caf\xe9\xff.parquet".to_vec())) },
    Breakage { stem: "name_of_255", kind: "not_parquet", make: |m| m.named(format!("{}.parquet", "n".repeat(247))) },
    Breakage { stem: "name_of_controls", kind: "not_parquet", make: |m| m.named("\u{1b}[2Jred\u{1b}[31m\nerror: all is well\r.parquet") },
    Breakage { stem: "name_of_percent", kind: "not_parquet", make: |m| m.named("%s%n {}.parquet") },
];

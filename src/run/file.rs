//! A run that is open: checked and described, its rows not yet decoded.

use std::io::ErrorKind;
use std::path::Path;

use parquet::file::metadata::ParquetMetaData;

use crate::config::RunLimits;

use super::checksum::{self, Integrity};
use super::columns::{COLUMNS, Column, Table, VALUE};
use super::decode::{Plausible, Reader, TallyLine};
use super::digest::digest_of;
use super::duplicates::{SharedRows, Span};
use super::fold::{Outcome, Steps, fold};
use super::group::{Group, Reading};
use super::guard::guard;
use super::metadata_files::{self, Loaded};
use super::name_counts::count_names;
use super::names::{Names, hash};
use super::part::{Part, part_notes};
use super::unfinished::Fingerprint;
use super::unknown::{column_notes, metadata_notes};
use super::{Batch, Lexicon, LoadReport, MetadataOrigin, RowFault, RunError, RunMetadata, RunSource};

/// A run whose files were checked. Its rows are decoded by [`RunFile::fold`].
#[derive(Debug)]
pub struct RunFile {
    source: RunSource,
    limits: RunLimits,
    loaded: Loaded,
    parts: Vec<Part>,
    table: Table,
    /// The columns of the table that any part has.
    columns: Vec<&'static Column>,
    /// Names of the columns beyond the contract that any part has, sorted.
    extra: Vec<String>,
    verified: bool,
    lexicon: Lexicon,
    /// Of all its files, before the first of them was read.
    fingerprint: Fingerprint,
}

impl RunFile {
    /// Opens and checks the files of a run: footer, checksum, metadata, columns.
    ///
    /// # Errors
    /// When one of them cannot be used; the error names file, column and remedy.
    pub fn open(source: &RunSource, limits: &RunLimits) -> Result<RunFile, RunError> {
        RunFile::open_by(COLUMNS, source, limits)
    }

    /// Opens a run of which the columns in `table` are known.
    pub(crate) fn open_by(table: Table, source: &RunSource, limits: &RunLimits) -> Result<RunFile, RunError> {
        let fingerprint = Fingerprint::of(source.all_files());
        let parts = open_parts(source, limits, table)?;
        let mut verified = true;
        for part in &parts {
            verified &= verify(part)?;
        }
        let footers: Vec<&ParquetMetaData> = parts.iter().map(Part::parquet).collect();
        let loaded = metadata_files::load(source, &footers)?;
        if !source.is_id_known || loaded.run_id.as_str() != source.run_id {
            // Nobody has looked whether another run has this id.
            return Err(RunError::Changed { path: source.path.clone() });
        }
        if parts.iter().all(|part| part.rows() == 0) {
            return Err(RunError::NoRows { path: source.path.clone() });
        }
        let mut columns: Vec<&Column> = parts.iter().flat_map(|part| part.columns.iter().copied()).collect();
        columns.sort_unstable_by_key(|column| column.index);
        columns.dedup_by_key(|column| column.index);
        let mut extra: Vec<String> = parts.iter().flat_map(|part| part.extra.iter().cloned()).collect();
        extra.sort();
        extra.dedup();
        Ok(RunFile {
            source: source.clone(),
            limits: limits.clone(),
            loaded,
            parts,
            table,
            columns,
            extra,
            verified,
            lexicon: Lexicon::default(),
            fingerprint,
        })
    }

    /// Whether the files are still those that were opened.
    ///
    /// # Errors
    /// When one of them was written, replaced or removed meanwhile: what was read may be half of each.
    pub fn check_unchanged(&self) -> Result<(), RunError> {
        if Fingerprint::of(self.source.all_files()) == self.fingerprint {
            return Ok(());
        }
        Err(RunError::Changed { path: self.source.path.clone() })
    }

    /// A checked id: `[A-Za-z0-9._-]{1,128}`, not `.` or `..`. It may name a folder.
    pub fn run_id(&self) -> &str {
        self.loaded.run_id.as_str()
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// What it is known by when it comes again: the digest of its run files.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn digest(&self) -> std::io::Result<String> {
        digest_of(&self.source.files)
    }

    pub fn metadata(&self) -> &RunMetadata {
        &self.loaded.metadata
    }

    pub fn metadata_origin(&self) -> MetadataOrigin {
        self.loaded.origin
    }

    /// The run's words; filled while it is read.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Rows of all files, those at fault included.
    pub fn rows_total(&self) -> u64 {
        self.parts.iter().map(Part::rows).sum()
    }

    /// Whether any part has the column `name` of the contract. A batch lacks those that hold nothing in its
    /// rows.
    pub fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// The columns of the contract that any part has, in its order.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// Folds all rows that can be used, pieces of the file in parallel: each row is in exactly one batch, those of a piece
    /// come in their order, and pieces are merged in the order of the file.
    ///
    /// `start` is told how many rows will come, those of the states that are merged into it among them, or 0 where nobody
    /// knows. `merge` takes all out of its second state, which is filled again. The rows may be folded twice, each time from a fresh `start` (columns beyond the contract are only read
    /// when rows are equal without them), so `update` must have no effect but on its state.
    ///
    /// # Errors
    /// When a file cannot be decoded, has no rows, or too many rows with faults.
    pub fn fold<T: Send>(
        &self,
        start: impl Fn(u64) -> T + Sync,
        update: impl Fn(&mut T, &Batch) + Sync,
        merge: impl Fn(&mut T, &mut T) + Sync,
    ) -> Result<(T, LoadReport), RunError> {
        self.fold_plausible(&Plausible::default(), start, update, merge)
    }

    /// As [`Self::fold`]; rows that are not plausible are at fault.
    ///
    /// # Errors
    /// As [`Self::fold`].
    pub fn fold_plausible<T: Send>(
        &self,
        plausible: &Plausible,
        start: impl Fn(u64) -> T + Sync,
        update: impl Fn(&mut T, &Batch) + Sync,
        merge: impl Fn(&mut T, &mut T) + Sync,
    ) -> Result<(T, LoadReport), RunError> {
        let steps = Steps { start, update, merge };
        let mut names = Names::watched(&self.limits, self.has_column(COLUMNS[VALUE].name));
        let mut result = self.fold_named(plausible, &names, &steps)?;
        if names.are_too_many() {
            names = Names::of(count_names(&self.groups(), &self.limits)?);
            result = self.fold_named(plausible, &names, &steps)?;
        }
        let Some((value, outcome)) = result else {
            return Err(RunError::NoRows { path: self.source.path.clone() });
        };
        Ok((value, self.report(&outcome, &names)?))
    }

    /// None as soon as there are more names than the limits allow.
    fn fold_named<T, S, U, M>(
        &self,
        plausible: &Plausible,
        names: &Names,
        steps: &Steps<S, U, M>,
    ) -> Result<Option<(T, Outcome)>, RunError>
    where
        T: Send,
        S: Fn(u64) -> T + Sync,
        U: Fn(&mut T, &Batch) + Sync,
        M: Fn(&mut T, &mut T) + Sync,
    {
        let for_duplicates = self.limits.drop_duplicate_rows;
        let groups = self.groups();
        let is_rough = for_duplicates && !self.extra.is_empty();
        if is_rough {
            let result = self.fold_comparing(&groups, (plausible, names, Some(&[])), steps, true)?;
            if result.is_some() || names.are_too_many() {
                return Ok(result);
            }
        }
        let extra = for_duplicates.then_some(self.extra.as_slice());
        self.fold_comparing(&groups, (plausible, names, extra), steps, false)
    }

    /// Looks for equal rows where `extra` is given: by the columns of the contract and these.
    fn fold_comparing<T, S, U, M>(
        &self,
        groups: &[Group<'_>],
        (plausible, names, extra): (&Plausible, &Names, Option<&[String]>),
        steps: &Steps<S, U, M>,
        stop_at_duplicate: bool,
    ) -> Result<Option<(T, Outcome)>, RunError>
    where
        T: Send,
        S: Fn(u64) -> T + Sync,
        U: Fn(&mut T, &Batch) + Sync,
        M: Fn(&mut T, &mut T) + Sync,
    {
        let spans: Vec<Span> = groups.iter().map(|group| group.part.span(group.group)).collect();
        let seen = extra.map(|_| SharedRows::new(&spans));
        let reading = Reading {
            table: self.table,
            plausible,
            reader: Reader { lexicon: &self.lexicon, limits: &self.limits, names },
            extra: extra.unwrap_or_default(),
            seen: seen.as_ref(),
        };
        fold(groups, &reading, steps, stop_at_duplicate)
    }

    /// All row groups that have rows, in the order of parts and in them of the file.
    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = Vec::new();
        let mut position = 0;
        for (part_index, part) in self.parts.iter().enumerate() {
            for (group, described) in part.parquet().row_groups().iter().enumerate() {
                let rows = described.num_rows() as u64;
                if rows > 0 {
                    groups.push(Group { index: groups.len(), part, part_index, group, position });
                }
                position += rows;
            }
        }
        groups
    }

    /// The report, unless too many rows are at fault.
    fn report(&self, outcome: &Outcome, names: &Names) -> Result<LoadReport, RunError> {
        let rows_total = self.rows_total();
        let faulty = outcome.tally.total();
        let faults = self.faults(outcome);
        let path = self.source.path.clone();
        let limit = self.limits.max_faulty_row_share;
        if faulty as f64 > limit * rows_total as f64 {
            return Err(RunError::TooManyFaults { path, faulty, rows: rows_total, limit, faults });
        }
        if faulty == rows_total {
            return Err(RunError::NoUsableRows { path, rows: rows_total, faults });
        }
        let missing = self.table.iter().filter(|column| !self.has_column(column.name));
        Ok(LoadReport {
            rows_total,
            rows_used: rows_total - faulty,
            faults,
            missing_columns: missing.map(|column| column.name.to_owned()).collect(),
            extra_columns: self.extra.clone(),
            notes: self.notes(outcome, names),
            integrity: if self.verified { "verified" } else { "unverified" }.to_owned(),
            complete: self.metadata().complete,
            clock_steps: outcome.clock_steps(),
        })
    }

    fn faults(&self, outcome: &Outcome) -> Vec<RowFault> {
        let to_fault = |line: TallyLine| {
            let (first_file, first_row) = self.row_at(line.first_position);
            RowFault {
                reason: line.reason,
                column: line.column.to_owned(),
                count: line.count,
                first_file,
                first_row,
            }
        };
        outcome.tally.lines(self.table).into_iter().map(to_fault).collect()
    }

    /// The file and the row in it, counted from 1, at a position in the run.
    fn row_at(&self, position: u64) -> (String, u64) {
        let mut before = 0;
        for part in &self.parts {
            if position < before + part.rows() {
                return (part.name.clone(), position - before + 1);
            }
            before += part.rows();
        }
        (String::new(), 0)
    }

    fn notes(&self, outcome: &Outcome, names: &Names) -> Vec<String> {
        let mut notes = self.loaded.notes.clone();
        notes.extend(metadata_notes(self.table, self.metadata()));
        notes.extend(part_notes(&self.parts, &self.columns));
        notes.extend(column_notes(self.table, &self.extra, |name| self.has_column(name)));
        notes.extend(self.lexicon.translations());
        notes.extend(self.lexicon.misspelt_components());
        notes.extend(outcome.operations.notes(&self.lexicon));
        let word_of =
            |name| self.lexicon.words().iter().find(|word| hash(word) == name).map(|word| word.to_string());
        notes.extend(names.kept().iter().flat_map(|kept| kept.notes(word_of)));
        for column in &outcome.incomparable {
            notes.push(format!("duplicate rows not looked for: no way to compare column {column}"));
        }
        notes
    }
}

fn open_parts(source: &RunSource, limits: &RunLimits, table: Table) -> Result<Vec<Part>, RunError> {
    let mut parts: Vec<Part> = Vec::with_capacity(source.files.len());
    for path in &source.files {
        match guard(path, || Part::open(path, limits, table)) {
            Ok(part) => parts.push(part),
            Err(error) => return Err(as_disagreement(source, &parts, error)),
        }
    }
    Ok(parts)
}

/// A part whose columns are not as the contract wants them, behind parts that are fine, disagrees with them.
fn as_disagreement(source: &RunSource, parts: &[Part], error: RunError) -> RunError {
    let Some(first) = parts.first() else { return error };
    let difference = match &error {
        RunError::WrongType { column, found, .. } => {
            let expected = first.type_of(column).unwrap_or_else(|| "missing".to_owned());
            format!("column `{column}`: {expected} and {found}")
        }
        RunError::MissingColumn { column, .. } => format!("column `{column}`, which the second lacks"),
        _ => return error,
    };
    let second = error.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    RunError::PartsDisagree { path: source.path.clone(), first: first.name.clone(), second, difference }
}

/// Whether the file carries a checksum, and it is right.
fn verify(part: &Part) -> Result<bool, RunError> {
    let path = &part.path;
    match checksum::verify(path) {
        Ok(Integrity::Verified) => Ok(true),
        Ok(Integrity::Unverified) => Ok(false),
        Ok(Integrity::Damaged { expected, found }) => Err(RunError::Damaged {
            path: path.to_owned(),
            reason: format!("its checksum is {found}, it was written with {expected}"),
        }),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(RunError::Damaged { path: path.to_owned(), reason: error.to_string() })
        }
        Err(source) => Err(RunError::Io { path: path.to_owned(), source }),
    }
}

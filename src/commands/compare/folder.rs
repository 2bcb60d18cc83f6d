//! The comparison's folder: rows come while runs are analysed, the rest at the end. A verdict does not depend on it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::analysis::{Analysis, Provenance};
use crate::commands::say_error;
use crate::comparison::Comparison;
use crate::exit_code::ExitCode;
use crate::report::comparison::{self as report, Execution};
use crate::report::{StagedFolder, StagedTables, TABLES, TablesError, WriteError, printable};

/// The folder in the making, or why it cannot be made.
pub struct Folder {
    staged: Mutex<Result<StagedFolder, WriteError>>,
    tables: Option<StagedTables>,
    /// The first that went wrong with the rows of a run.
    fault: Mutex<Option<TablesError>>,
}

impl Folder {
    /// # Errors
    /// With the exit code, when something else is in the way: said before any run is read. A disk that refuses is told at
    /// the end, when the runs are judged.
    pub fn begin(folder: &Path, provenance: &Provenance) -> Result<Self, ExitCode> {
        let staged = StagedFolder::begin(folder);
        if let Err(error @ (WriteError::NotAFolder { .. } | WriteError::NotOurs { .. })) = &staged {
            say_error(&printable(&error.to_string()), None);
            return Err(ExitCode::Unexpected);
        }
        let (tables, fault) =
            match staged.as_ref().map(|staged| StagedTables::begin(staged.path(), provenance)) {
                Ok(Ok(tables)) => (Some(tables), None),
                Ok(Err(error)) => (None, Some(TablesError::from(error))),
                Err(_) => (None, None),
            };
        Ok(Self { staged: Mutex::new(staged), tables, fault: Mutex::new(fault) })
    }

    /// Writes the rows of a run. After the first failure nothing more is written.
    pub fn add_rows(&self, analysis: &Analysis) {
        let Some(tables) = &self.tables else { return };
        if self.fault().is_some() {
            return;
        }
        let written: Vec<Result<(), TablesError>> =
            TABLES.par_iter().map(|table| tables.add(table, analysis)).collect();
        if let Some(error) = written.into_iter().find_map(Result::err) {
            self.fault().get_or_insert(error);
        }
    }

    /// Writes the rest and puts the folder in its place. What went wrong is said; then the old folder stands.
    pub fn finish(self, comparison: &Comparison, execution: &Execution<'_>) -> ExitCode {
        let Self { staged, tables, fault } = self;
        let fault = fault.into_inner().unwrap_or_else(PoisonError::into_inner);
        let staged = staged.into_inner().unwrap_or_else(PoisonError::into_inner);
        let written = staged.map_err(anyhow::Error::from).and_then(|staged| {
            let refused = |error: TablesError| match error {
                TablesError::Io(error) => anyhow::Error::from(staged.refused(error)),
                TablesError::Table(error) => anyhow::Error::from(error),
            };
            if let Some(fault) = fault {
                return Err(refused(fault));
            }
            let run_ids: Vec<&str> = comparison.runs.iter().map(|run| run.run_id.as_str()).collect();
            if let Some(tables) = &tables {
                tables.finish(&run_ids).map_err(refused)?;
            }
            for file in report::files(comparison, execution)? {
                staged.add(&file)?;
            }
            Ok(staged.commit()?)
        });
        match written {
            Ok(()) => ExitCode::Clean,
            Err(error) => {
                let message = format!("the comparison could not be written: {error:#}");
                say_error(&printable(&message), Some("what stood there is as it was; the verdict holds"));
                ExitCode::Unexpected
            }
        }
    }

    fn fault(&self) -> std::sync::MutexGuard<'_, Option<TablesError>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! A corpus: many long healthy runs at different numbers of users on one system, for measurements of speed and
//! for comparing runs.

use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::parameters::{Length, Parameters, PlanError};
use super::plan::{self, Plan};
use super::scenario::Scenario;
use super::simulate;
use crate::run::{WriteError, Written};

/// Users of the smallest and of the largest run.
const USERS: (u32, u32) = (10, 200);
/// Users think shortly, so that millions of events fit into hours instead of days.
const THINK_MS: f64 = 100.0;
/// Share of LightRAG's slots that the largest run keeps busy: it queues, the small ones do not.
const LARGEST_UTILISATION: f64 = 0.85;
const DAY_US: i64 = 86_400_000_000;

/// What a corpus holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    pub folder: PathBuf,
    pub runs: u32,
    pub events_per_run: u64,
    pub seed: u64,
    /// Start of the first run, µs since 1970; the others follow a day apart.
    pub started_at_us: i64,
}

impl Corpus {
    /// The runs with their files, in order.
    ///
    /// # Errors
    /// Too few or too many events or runs.
    pub fn plans(&self) -> Result<Vec<(PathBuf, Plan)>, PlanError> {
        if !(1..=1_000).contains(&self.runs) {
            let value = f64::from(self.runs);
            return Err(PlanError::OutOfRange { name: "the number of runs", value, from: 1.0, to: 1_000.0 });
        }
        (0..self.runs).map(|index| self.plan(index)).collect()
    }

    fn plan(&self, index: u32) -> Result<(PathBuf, Plan), PlanError> {
        let (least, most) = USERS;
        let users = least + (most - least) * index / (self.runs - 1).max(1);
        let run_id = format!("corpus_{:03}_users_{users}", index + 1);
        let path = self.folder.join(format!("{run_id}.parquet"));
        let rate_per_s = |users: u32| f64::from(users) * 1000.0 / (THINK_MS + plan::answer_ms());
        let busy = rate_per_s(most) * plan::lightrag_share() * plan::service_ms() / 1000.0;
        let parameters = Parameters {
            scenario: Scenario::Healthy,
            users,
            length: Length::Rows(self.events_per_run),
            rate_per_s: Some(rate_per_s(users)),
            // Neighbouring seeds must not share runs.
            seed: self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(index)),
            started_at_us: self.started_at_us + i64::from(index) * DAY_US,
            run_id,
            slots: Some((busy / LARGEST_UTILISATION).ceil() as u32),
            ..Parameters::new(Scenario::Healthy)
        };
        Ok((path, Plan::new(parameters)?))
    }
}

/// Writes the runs, as many at a time as there are threads. The same corpus gives the same bytes.
///
/// # Errors
/// The first that occurs; runs that were written stay.
pub fn write(plans: &[(PathBuf, Plan)], done: impl Fn(&Path) + Sync) -> Result<Vec<Written>, WriteError> {
    let write = |(path, plan): &(PathBuf, Plan)| {
        let written = simulate(plan, path)?;
        done(path);
        Ok(written)
    };
    plans.par_iter().map(write).collect()
}

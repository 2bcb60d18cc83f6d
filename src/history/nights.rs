//! Judged runs by level of load and by night: repeats of one day and commit are one night.

use super::judged_run::JudgedRun;
use crate::baseline::Conditions;
use crate::summary::ComparableMetric;

/// Digits of a commit that tell it from others.
const COMMIT_DIGITS: usize = 8;

/// All nights of one level of load.
#[derive(Debug, Clone)]
pub struct Level<'a> {
    pub conditions: &'a Conditions,
    /// In the order of time.
    pub nights: Vec<Night<'a>>,
}

/// The runs of one day and one commit, whose numbers mean the same.
#[derive(Debug, Clone)]
pub struct Night<'a> {
    /// `2026-11-15`, UTC.
    pub date: String,
    pub commit: Option<&'a str>,
    pub runs: Vec<&'a JudgedRun>,
}

impl<'a> Level<'a> {
    /// The levels of `runs`, smallest load first.
    pub fn all(runs: &'a [JudgedRun]) -> Vec<Self> {
        let mut sorted: Vec<&JudgedRun> = runs.iter().collect();
        sorted.sort_by(|a, b| {
            let groups = a.record.conditions.compare_groups(&b.record.conditions);
            groups.then_with(|| (a.instant_us(), a.key()).cmp(&(b.instant_us(), b.key())))
        });
        let levels = sorted
            .chunk_by(|a, b| a.record.conditions.is_same_group(&b.record.conditions))
            .map(|runs| Level { conditions: &runs[0].record.conditions, nights: nights(runs) });
        levels.collect()
    }

    /// `50 users, closed, scenario steady`.
    pub fn name(&self) -> String {
        self.conditions.group_text()
    }

    /// `50 users`, for a sentence.
    pub fn short_name(&self) -> String {
        self.conditions.group_parts().into_iter().next().unwrap_or_else(|| self.name())
    }

    /// The keys of all metrics that any night has, sorted.
    pub fn keys(&self) -> Vec<String> {
        let runs = self.nights.iter().flat_map(|night| &night.runs);
        let mut keys: Vec<String> =
            runs.flat_map(|run| &run.record.metrics).map(ComparableMetric::key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// A run of the same day may come between those of a night: the night stands where its first run does.
fn nights<'a>(runs: &[&'a JudgedRun]) -> Vec<Night<'a>> {
    let mut nights: Vec<Night<'a>> = Vec::new();
    for &run in runs {
        let (date, commit) = (date_of(run), run.record.git_commit.as_deref());
        let is_same = |night: &&mut Night<'_>| {
            (&night.date, night.commit) == (&date, commit) && night.runs[0].meaning() == run.meaning()
        };
        match nights.iter_mut().rev().take_while(|night| night.date == date).find(is_same) {
            Some(night) => night.runs.push(run),
            None => nights.push(Night { date, commit, runs: vec![run] }),
        }
    }
    nights
}

/// The day of a run, UTC.
pub fn date_of(run: &JudgedRun) -> String {
    let at = jiff::Timestamp::from_microsecond(run.instant_us());
    at.map_or_else(|_| "unknown".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

impl Night<'_> {
    /// The mean over its runs; none where no run has it.
    pub fn value(&self, key: &str) -> Option<f64> {
        let values: Vec<f64> = self.metrics(key).filter_map(|metric| metric.value.number()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        mean.is_finite().then_some(mean)
    }

    pub fn metrics(&self, key: &str) -> impl Iterator<Item = &ComparableMetric> {
        self.runs.iter().filter_map(move |run| run.record.metric_of(key))
    }

    /// What was said of a metric in its runs: each word once.
    pub fn verdicts(&self, key: &str) -> Vec<&str> {
        let told = self.runs.iter().filter_map(|run| run.told.get(key)?.verdict.as_deref());
        let mut words: Vec<&str> = told.collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The gravest code of its runs.
    pub fn gate_code(&self) -> i32 {
        self.runs.iter().map(|run| run.gate_code).max().unwrap_or_default()
    }

    /// The first digits of its commit.
    pub fn short_commit(&self) -> Option<String> {
        self.commit.map(|commit| commit.chars().take(COMMIT_DIGITS).collect())
    }
}

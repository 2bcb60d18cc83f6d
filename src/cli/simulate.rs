//! `simulate` on the command line.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, ValueHint};

use super::words::one_of;
use crate::run::RunId;
use crate::simulate::Scenario;

/// Writes a run of a simulated CMO whose truth is known: what a good analysis must find stands in the run's
/// metadata under `truth`. The same arguments give the same bytes.
///
/// Scenarios: healthy · drift (response times grow evenly) · step (they jump) · error-burst (LightRAG and Perplexity) ·
/// lightrag-burst (LightRAG alone) · hang (LightRAG answers no more) · breaker-flapping · leak (memory) ·
/// saturation (users rise beyond capacity) · open-loop (fixed rate, the generator stalls once).
///
/// All but the last two keep the scenario `healthy` in their metadata, so that a baseline of healthy runs judges them;
/// what went wrong stands in the truth.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    cmo-metrics simulate healthy\n  \
    cmo-metrics simulate healthy --response-factor 1.2 --seed 2 --out slower.parquet\n  \
    cmo-metrics simulate healthy --lost-share 0.03 --seed 3 --out losing.parquet\n  \
    cmo-metrics simulate step --effect 1.2 --users 100 --duration 600 --seed 7 --out data/step.parquet\n  \
    cmo-metrics simulate --corpus corpus --runs 16 --events 6250000")]
pub struct SimulateArgs {
    /// What goes wrong
    #[arg(required_unless_present = "corpus", value_parser = scenario_parser())]
    pub scenario: Option<Scenario>,
    /// Virtual users
    #[arg(long, default_value_t = 50)]
    pub users: u32,
    /// Length of the load, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120.0)]
    pub duration: f64,
    /// Requests per second: the target of open-loop, otherwise about what the users' think time is chosen for
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<f64>,
    /// Size of the effect: drift: change over the run (0.3); step: factor (1.5); bursts, breaker-flapping: failure rate
    /// (0.6, 0.7); hang: share of LightRAG's calls (1); saturation: knee as share of the users (0.5); leak: MB/min (30);
    /// open-loop: stall in seconds (2)
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub effect: Option<f64>,
    /// When a step, a burst, a hang or the stall of open-loop begins, seconds after the start [default: half of the run]
    #[arg(long, value_name = "SECONDS")]
    pub fault_at: Option<f64>,
    /// Share of LightRAG's slots that are busy on average [default: about 0.6]
    #[arg(long, value_name = "SHARE")]
    pub utilisation: Option<f64>,
    /// Factor on LightRAG's service times: a machine that is a little slower today
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub service_factor: f64,
    /// Factor on every response time, in the whole run
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub response_factor: f64,
    /// Share of the requests that fail in the end, in the whole run
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub lost_share: f64,
    /// Write no `phase` markers: which part is steady has to be found out
    #[arg(long)]
    pub no_phases: bool,
    /// Another seed is another run of the same kind
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Start of the run, RFC 3339
    #[arg(long, value_name = "TIME", default_value = "2026-01-01T00:00:00Z")]
    pub start: jiff::Timestamp,
    /// The run's id [default: the name of the file of --out, or scenario, users and seed]
    #[arg(long, value_parser = parse_name)]
    pub name: Option<RunId>,
    /// The run file [default: data/<name>.parquet]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Replace run files that exist
    #[arg(long)]
    pub force: bool,
    /// Write many long healthy runs, 10 to 200 users, into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "events",
          conflicts_with_all = ["scenario", "users", "duration", "rate", "effect", "fault_at", "utilisation", "service_factor",
                               "response_factor", "lost_share", "no_phases", "name", "out"])]
    pub corpus: Option<PathBuf>,
    /// Runs of the corpus
    #[arg(long, value_name = "N", requires = "corpus", default_value_t = 16)]
    pub runs: u32,
    /// Events in each run of the corpus
    #[arg(long, value_name = "N", requires = "corpus")]
    pub events: Option<u64>,
}

fn scenario_parser() -> impl TypedValueParser<Value = Scenario> {
    one_of(Scenario::ALL.map(|scenario| (scenario.name().into(), scenario)))
}

fn parse_name(text: &str) -> Result<RunId, &'static str> {
    RunId::new(text).ok_or("a run's id has 1 to 128 letters, digits, '.', '_' or '-'")
}

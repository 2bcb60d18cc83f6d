//! `check` on the command line.

/// Say whether these are valid run files: what is wrong, where, and how to mend it.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit codes: 0 all can be used, 3 one cannot.\n\nExamples:\n  \
                        cmo-metrics check data\n  cmo-metrics check 'data/load_*' --format json")]
pub struct CheckArgs {
    /// Files, folders, globs or run ids.
    #[arg(required = true, value_name = "RUNS")]
    pub runs: Vec<String>,
    /// One line a run with what was found below it, or a list of objects.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckFormat {
    Text,
    Json,
}

//! `config` on the command line.

use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub struct ConfigCommand {
    #[command(subcommand)]
    pub command: ConfigSubcommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigSubcommand {
    Show(ShowArgs),
}

/// Print the settings that are in force, each with its origin.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "The text output is itself a valid cmo-metrics.toml.\n\nExamples:\n  \
                        cmo-metrics config show\n  cmo-metrics config show --format json")]
pub struct ShowArgs {
    /// Lines of TOML with the origin behind each, or a list of objects.
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub format: ShowFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ShowFormat {
    Text,
    Json,
}

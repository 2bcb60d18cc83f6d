//! `schema` on the command line.

/// Print the JSON Schema (draft 2020-12) of an output.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:\n  cmo-metrics schema comparison > comparison.schema.json")]
pub struct SchemaArgs {
    /// Which output
    #[arg(value_enum)]
    pub name: SchemaName,
}

/// Outputs that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaName {
    /// comparison.json, and what `compare --format json` prints
    Comparison,
}

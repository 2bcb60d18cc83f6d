//! What two runs must share to be compared.

/// A field of `Conditions`. On the command line in kebab case: `--allow-different load-model`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What the test does
    Scenario,
    /// Configured number of users
    Users,
    /// Open or closed
    LoadModel,
    /// Requests per second that an open load asks for
    Rate,
    /// Class of machine: host class, CPUs, memory, operating system
    Environment,
    /// Settings that change measured numbers
    Config,
    /// How long the judged window is
    Length,
}

impl Field {
    /// In the order in which they are reported.
    pub const ALL: [Field; 7] = [
        Field::Scenario,
        Field::Users,
        Field::LoadModel,
        Field::Rate,
        Field::Environment,
        Field::Config,
        Field::Length,
    ];

    /// Those that are known of a run before it is judged.
    pub const OF_CONDITIONS: [Field; 6] =
        [Field::Scenario, Field::Users, Field::LoadModel, Field::Rate, Field::Environment, Field::Config];

    /// Those that make a group of runs in a baseline.
    pub const OF_GROUPS: [Field; 4] = [Field::Scenario, Field::Users, Field::LoadModel, Field::Rate];

    /// As in reports.
    pub fn name(self) -> &'static str {
        match self {
            Field::Scenario => "scenario",
            Field::Users => "users",
            Field::LoadModel => "load_model",
            Field::Rate => "rate",
            Field::Environment => "environment",
            Field::Config => "config",
            Field::Length => "length",
        }
    }

    /// As on the command line.
    pub fn argument(self) -> &'static str {
        match self {
            Field::LoadModel => "load-model",
            other => other.name(),
        }
    }
}

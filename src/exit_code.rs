//! The five exit codes: what a job that calls us can rely on.

/// How the process ends. The numbers are an interface: scripts and CI jobs branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// Judged and clean.
    Clean,
    /// An unexpected error: a bug of ours, or a machine that failed (disk full, no permission).
    Unexpected,
    /// Wrong usage or configuration; nothing was read.
    Usage,
    /// Could not judge: a run is missing, unreadable or incomplete, or there is too little data.
    CouldNotJudge,
    /// The gate failed.
    GateFailed,
}

impl ExitCode {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            ExitCode::Clean => 0,
            ExitCode::Unexpected => 1,
            ExitCode::Usage => 2,
            ExitCode::CouldNotJudge => 3,
            ExitCode::GateFailed => 99,
        }
    }

    /// The word for it in tables, the same as of a target.
    pub fn verdict(self) -> &'static str {
        match self {
            ExitCode::Clean => "pass",
            ExitCode::Unexpected | ExitCode::Usage => "error",
            ExitCode::CouldNotJudge => "cannot_tell",
            ExitCode::GateFailed => "fail",
        }
    }
}

impl serde::Serialize for ExitCode {
    /// As the number.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.code())
    }
}

//! Whose fault an error is, whether to try again, and what to do next.

/// Whose fault an error is; decides the exit code and the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The person at the keyboard can fix it (exit code 1).
    User,
    /// Stored or imported data is not what it promises to be (exit code 1).
    Data,
    /// A provider is late, unreachable or wrong (exit code 3).
    Upstream,
    /// A fault of ours (exit code 2).
    Internal,
}

impl FaultKind {
    /// Returns the process exit code of this kind (0 is kept for success).
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::User | Self::Data => 1,
            Self::Internal => 2,
            Self::Upstream => 3,
        }
    }
}

/// Whether the same call may succeed later without anybody changing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Trying again gives the same answer.
    No,
    /// Trying again later may work.
    Later,
}

/// What every room's error enum can answer about itself.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// Returns whose fault it is.
    fn kind(&self) -> FaultKind;

    /// Returns whether to try again.
    fn retry(&self) -> Retry {
        Retry::No
    }

    /// Returns one sentence that says what to do next, if there is anything to do.
    fn hint(&self) -> Option<String> {
        None
    }
}

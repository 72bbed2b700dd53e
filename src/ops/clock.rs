//! The one place that asks what time it is.

use jiff::Timestamp;

/// Returns the present moment. Everything else is given its time as an argument.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one clock of the program")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

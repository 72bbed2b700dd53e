//! Our own scale of urgency. Official risk levels (QĐ 18/2021) are quoted, never computed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How urgent an advisory is, on our own scale (agronomy notes, section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Bình thường: nothing to do but know.
    Normal,
    /// Lưu ý: watch and prepare.
    Notice,
    /// Cảnh báo: act today.
    Warning,
    /// Khẩn: act now; may go out before review, marked so.
    Emergency,
}

impl Severity {
    /// Returns the name used in tables and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Emergency => "emergency",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

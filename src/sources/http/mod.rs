//! The one polite HTTP client: every request of this room goes through [`Client::get`].
//!
//! It waits its turn at the provider's gate, asks "has it changed?" when it holds an answer, reads
//! within deadlines and size limits, judges what came, asks again by the retry table, keeps the raw
//! answer, and counts how every attempt ended. It never fails loudly: an error is a value.

pub mod archive;
pub mod attempt;
pub mod body;
pub mod caching;
pub mod client;
pub mod clock;
pub mod gate;
pub mod request;
pub mod retry;

pub use self::archive::{FolderArchive, NoArchive, RawArchive};
pub use self::client::{Client, Tally};
pub use self::clock::{Clock, FixedClock, SystemClock};
pub use self::request::{Answer, Complaint, Expect, Request};
pub use super::error::{Outcome, SourceError};

//! Where numbers come from: one file per provider — a promise, a pure parser, a thin fetch.
//!
//! The provider's own names and units stop here; the rest of Muavu sees only our tables. A parser
//! returns good rows *and* issues, and has neither network nor clock. A fetch goes through the one
//! polite client in [`http`]. Adding a provider is one file and one line in [`registry`].

pub mod archive;
pub mod error;
pub mod http;
pub mod parsed;
pub mod promise;
pub mod registry;

pub use error::SourceError;
pub use parsed::Parsed;
pub use promise::Promise;

//! Where everything is kept: the lake (Delta Lake tables of Parquet files) and the record store.
//!
//! The lake holds numbers: observations, guidance, forecasts, scores, places, issues. The record
//! store holds what people act on: runs, advisories, review events. See `decisions/0002-lake.md`.

pub mod alarms;
pub mod answers;
mod drafts;
pub mod error;
pub mod facts;
pub mod journal;
pub mod lake;
pub mod lock;
mod log;
pub mod merge;
pub mod models;
pub mod outbox;
pub mod panel_file;
pub mod people;
pub mod read;
pub mod records;
pub mod secret_file;
pub mod stamp;
pub mod standing;
pub mod subscriptions;
pub mod upkeep;
pub mod vault;
pub mod verdicts;
pub mod walk;
pub mod whole_file;

pub use error::StorageError;
pub use facts::StoredFacts;
pub use journal::Journal;
pub use lake::{LAKE_TABLES, Lake};
pub use lock::HomeLock;
pub use merge::MergeCounts;
pub use models::ModelShelf;
pub use read::Filter;
pub use records::{Records, Run};
pub use stamp::Stamp;
pub use vault::Vault;
pub use verdicts::Verdicts;
pub use walk::Mark;

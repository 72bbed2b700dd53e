//! The work of the week: rules about any quantity, and one plan for each commune and crop.
//!
//! ```text
//!  readings ─► judge      every rule in force: it speaks, is silent, or misses what it reads
//!                │
//!  conflicts ─► plan      findings merged, in the order of what can still be saved
//!                ▼
//!             telling     Vietnamese and English
//! ```
//! Rules are TOML files in `rules/` with their own cases; a new one is one file and one line in
//! [`book`]. The salt rules stay where they were: they answer a question, these name tasks.
//! No rule names a product or a dose, says when to sell, or computes an official risk level.

pub mod book;
pub mod cases;
pub mod conflict;
pub mod judge;
pub mod plan;
pub mod quantity;
pub mod reading;
pub mod rule;
pub mod telling;

pub use book::WorkBook;
pub use judge::{WorkFinding, WorkOutcome};
pub use reading::{Origin, Reading, Readings, Value};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod words_test;

//! Turns forecasts into advice a farmer can act on: rules as data, deciding, wording.
//!
//! Pure: no I/O, no clock, no randomness. It reads forecast rows that somebody else fetched
//! ([`outlook`]) and never calls `forecast`. The flow inside the room:
//! [`rulebook`] (TOML rules with their own cases) → [`judge`] (what each day is for this crop) →
//! [`decide`] (one answer per commune and crop) → [`text`] (Vietnamese and English). Everything
//! else a field asks for is a task of the week ([`work`]), which the answer carries as its plan.
//!
//! A new rule is one new file in `rules/` and one line in [`rulebook`] (salt) or [`work::book`].

pub mod alarm;
pub mod alone;
pub mod basis;
pub mod cases;
mod citing;
pub mod decide;
pub mod error;
pub mod judge;
pub mod outlook;
pub mod rule;
pub mod rulebook;
pub mod source;
pub mod stage;
pub mod text;
pub mod words;
pub mod work;

pub use basis::Basis;
pub use cases::{CaseFailure, Report, check_rules};
pub use decide::{Context, Decided, Silence, decide};
pub use error::AdvisoryError;
pub use judge::{Answer, Verdict};
pub use outlook::{CommuneInput, DayOutlook, Field, NoValue, SaltOutlook};
pub use rulebook::Rulebook;
pub use source::Confidence;
pub use stage::{Calendar, Sown};
pub use words::{Lang, Words};

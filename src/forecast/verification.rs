//! Verification of other people's archived forecasts: how often a category came true, by lead, and
//! how sure one may be of that after so few days.
//!
//! 1. [`rain_words`] reads the rain class out of a bulletin's words (codes are text: `27.1` and `5`
//!    are different codes).
//! 2. [`archive`] takes repeated rows once, drops contradictions, joins each forecast to what was
//!    observed over its area, and counts what could not be joined.
//! 3. [`events`] gives POD, FAR, CSI, HSS and frequency bias by lead, with intervals from a
//!    [`bootstrap`] over blocks of issue days: forecasts of one day for many places stand or fall
//!    together, and so do those of neighbouring days.
//! 4. [`reliability`] compares stated or learned probabilities with what happened.
//!
//! Proven on a real archive (`tests/it/verification.rs`, `shared/data/verification/imd_mumbai`).

pub mod archive;
pub mod bootstrap;
pub mod events;
pub mod rain_words;
pub mod reliability;

pub use archive::{Archive, CategoryForecast, Joined, area_event};
pub use bootstrap::{Bootstrap, Interval};
pub use events::{EventPair, EventScores, by_lead};
pub use rain_words::{CodeKey, RainClass};
pub use reliability::{BrierParts, ReliabilityBin, brier_parts, reliability};

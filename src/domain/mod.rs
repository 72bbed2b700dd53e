//! The words everybody shares: places, times, variables, quantiles, crops, severities, faults.
//!
//! Pure: no I/O, no clock. Every other room may import this one; it imports none.

pub mod as_list;
pub mod crop;
pub mod fault;
pub mod geography;
pub mod hex;
pub mod phone;
pub mod place;
pub mod qc;
pub mod quantiles;
pub mod role;
pub mod secret;
pub mod severity;
pub mod stand_in;
pub mod time;
pub mod variable;

pub use crop::{Crop, Stage};
pub use fault::{Fault, FaultKind, Retry};
pub use geography::Geography;
pub use hex::{hex, unhex};
pub use phone::{NotAPhone, Phone, PhoneForm};
pub use place::{CommuneCode, PlaceId};
pub use qc::{QcFlag, QcFlags};
pub use quantiles::{LEVELS, Quantiles};
pub use role::{Grant, Role, Scope};
pub use secret::Secret;
pub use severity::Severity;
pub use stand_in::StandIn;
pub use variable::{Resample, Step, Variable, Variables};

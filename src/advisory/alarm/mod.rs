//! Alarms from measurements: one open alarm a place and hazard, told with manners.
//!
//! Pure: the book is told what was read and what became true, with its times, and answers with
//! changes. A change has the event's own time in its text; whether it is told at once, after the
//! quiet hours or not at all is decided here too and said openly.
//!
//! The manners answer real requests (`shared/knowledge/peers.md`, 17 and b-17): update instead of
//! repeating, hysteresis, all-clear, an alarm for silence, quiet hours, a daily cap, event time.

mod book;
mod policy;
mod telling;
#[cfg(test)]
mod tests;
mod words;

pub use book::{Book, OpenAlarm};
pub use policy::{AlarmPolicy, Level};
pub use words::text;

pub use crate::frames::alarms::{AlarmChange, Hazard, Tell, Turn};

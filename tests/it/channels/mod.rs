//! The ways out, with real processes that are killed, a real gateway over HTTP, the schema of CAP
//! and the bytes of the home.

mod alarms;
pub mod gateway;
mod kills;
mod people;
mod rendering;
pub mod served;
pub mod story;
mod told;
mod zalo;

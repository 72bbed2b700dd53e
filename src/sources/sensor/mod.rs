//! Canal sensors: what a device sends over MQTT or HTTP, turned into readings of ours.
//!
//! A message of The Things Stack, of ChirpStack or of our own plain schema becomes [`Uplink`]s
//! (who, when by which clock, which named numbers); the [`Registry`] says where the device stands
//! and what its names mean; together they give [`Reading`]s. What cannot be understood becomes an
//! issue with its raw text: it is counted and kept, never dropped in silence.

mod chirpstack;
mod decode;
mod fields;
pub mod mqtt;

mod plain;
mod reading;
mod registry;
#[cfg(test)]
mod tests;
mod ttn;

pub use decode::{Decoded, Trouble, Uplink, WhoseClock, decode};
pub use fields::Fields;
pub use reading::{Arrived, Reading, readings};
pub use registry::{Device, Registry, RegistryError};

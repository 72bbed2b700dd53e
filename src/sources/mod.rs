//! Where numbers come from: one file per provider — a promise, a pure parser, a thin fetch.
//!
//! The provider's own names and units stop here; the rest of Muavu sees only our tables. A parser
//! returns good rows *and* issues, and has neither network nor clock. A fetch goes through the one
//! polite client in [`http`]. Adding a provider is one file and one line in [`registry`].

pub mod archive;
pub mod days;
pub mod error;
pub mod fetched;
pub mod gather;
pub mod http;
pub mod json;
pub mod met_norway;
pub mod mrc;
pub mod nasa_power;
pub mod noaa_oni;
pub mod open_meteo;
pub mod parsed;
pub mod promise;
pub mod registry;
pub mod sensor;
pub mod settings;
pub mod site;
pub mod units;
pub mod wfp;
pub mod world_bank;

pub use error::SourceError;
pub use parsed::Parsed;
pub use promise::Promise;

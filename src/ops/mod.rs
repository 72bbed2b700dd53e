//! Operations: settings, clock, telemetry and the doctor.

pub mod clock;
pub mod doctor;
pub mod settings;
pub mod telemetry;

pub use settings::{Settings, SettingsError};

//! Which device stands where: `devices.toml` in the home, written by whoever installs sensors.
//!
//! A device nobody entered is still heard: its readings are kept under `device:<name>`, flagged
//! that the place is unsure, until somebody says where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::domain::{CommuneCode, Fault, FaultKind, PlaceId, hex, place};

/// One device as its installer entered it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Where it stands.
    pub place: PlaceId,
    /// What people call that place; its id when nobody says.
    #[serde(default)]
    pub place_name: Option<String>,
    /// Its LoRaWAN address, by which it is known whatever the network calls it.
    #[serde(default)]
    pub dev_eui: Option<String>,
    /// SHA-256 (hex) of the token it pushes with over HTTP; without it it may not.
    #[serde(default)]
    pub token_sha256: Option<String>,
    /// How often it reads, minutes; silence is judged by it.
    #[serde(default = "ten_minutes")]
    pub every_minutes: f64,
    /// Seconds to add to its clock: a logger set to local time but marked UTC has -25200.
    #[serde(default)]
    pub clock_offset_secs: i64,
    /// Its own names for our fields, for devices whose codec cannot be changed.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Codes of the communes that take their water where it stands, as the province knows them.
    #[serde(default)]
    pub communes: Vec<CommuneCode>,
    /// Devices close enough to read the same water; they are held against each other.
    #[serde(default)]
    pub neighbours: Vec<String>,
}

/// Most water loggers report every ten minutes (the buoy of `shared/data/salinity` every 10.6).
fn ten_minutes() -> f64 {
    10.0
}

/// A registry or field table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A table shipped with the program is broken.
    #[error("{what} is broken: {reason}")]
    Broken {
        /// Which table.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The devices' file cannot be read.
    #[error("the list of devices {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The devices' file does not have its shape.
    #[error("the list of devices {} is not understood: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
}

impl Fault for RegistryError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Broken { .. } => FaultKind::Internal,
            Self::Read { .. } | Self::Parse { .. } => FaultKind::User,
        }
    }

    fn hint(&self) -> Option<String> {
        matches!(self, Self::Parse { .. }).then(|| {
            "an entry reads: [vl-sal-007] then place = \"canal:vung_liem\", every_minutes = 10"
                .to_owned()
        })
    }
}

/// All entered devices, by name and by address.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    devices: BTreeMap<Arc<str>, Device>,
    by_eui: BTreeMap<String, Arc<str>>,
    by_token: BTreeMap<String, Arc<str>>,
}

impl Registry {
    /// Returns the devices of a file; none when there is no such file.
    ///
    /// # Errors
    /// [`RegistryError::Read`] or [`RegistryError::Parse`].
    pub fn load(path: &Path) -> Result<Self, RegistryError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(RegistryError::Read { path: path.to_owned(), source }),
        };
        Self::from_toml(&text)
            .map_err(|reason| RegistryError::Parse { path: path.to_owned(), reason })
    }

    /// Returns the devices written in `text`.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let mut registry = Self::default();
        let devices: BTreeMap<String, Device> = toml::from_str(text).map_err(|e| e.to_string())?;
        for (name, device) in devices {
            if !(device.every_minutes.is_finite() && device.every_minutes > 0.0) {
                let given = device.every_minutes;
                return Err(format!("{name}: every_minutes is {given}, it must be above 0"));
            }
            let name: Arc<str> = name.into();
            if let Some(eui) = &device.dev_eui {
                let other = registry.by_eui.insert(eui.to_uppercase(), Arc::clone(&name));
                if let Some(other) = other {
                    return Err(format!("{other} and {name} have the same dev_eui {eui}"));
                }
            }
            if let Some(token) = &device.token_sha256 {
                registry.by_token.insert(token.to_lowercase(), Arc::clone(&name));
            }
            registry.devices.insert(name, device);
        }
        Ok(registry)
    }

    /// Returns the entered name and device of a sender, by address first, then by name.
    #[must_use]
    pub fn find(&self, name: &str, dev_eui: Option<&str>) -> Option<(&Arc<str>, &Device)> {
        let by_eui = dev_eui.and_then(|eui| self.by_eui.get(eui));
        self.devices.get_key_value(by_eui.map_or(name, |n| &**n))
    }

    /// Returns what people call a place.
    #[must_use]
    pub fn place_name(&self, place: &PlaceId) -> String {
        let here = self.devices.values().filter(|d| d.place == *place);
        let name = here.filter_map(|d| d.place_name.as_ref()).next();
        name.map_or_else(|| place.to_string(), Clone::clone)
    }

    /// Returns the places whose probe tells the water of a commune, in order of name.
    pub fn places_of(&self, commune: &CommuneCode) -> impl Iterator<Item = &PlaceId> {
        self.devices.values().filter(|d| d.communes.contains(commune)).map(|d| &d.place)
    }

    /// Returns the communes that take their water at a place, in order of code.
    #[must_use]
    pub fn communes_of(&self, place: &PlaceId) -> Vec<CommuneCode> {
        let here = self.devices.values().filter(|d| d.place == *place);
        let communes: BTreeSet<&CommuneCode> = here.flat_map(|d| &d.communes).collect();
        communes.into_iter().cloned().collect()
    }

    /// Returns every entered device.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Device)> {
        self.devices.iter()
    }

    /// Returns the device that may push with this token. Only hashes are kept and compared, so
    /// that neither the file nor the time an answer takes tells a token.
    #[must_use]
    pub fn holder_of(&self, token: &str) -> Option<&Arc<str>> {
        self.by_token.get(&hex(&Sha256::digest(token.as_bytes())))
    }
}

/// Returns the place of a device nobody entered.
pub(super) fn unsure_place(device: &str) -> Option<PlaceId> {
    PlaceId::new("device", &place::slug(device)).ok()
}

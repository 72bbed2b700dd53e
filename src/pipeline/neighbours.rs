//! What the public pages are told by the rooms that `publish` may not ask itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;

use super::PipelineError;
use super::advising::Crops;
use crate::advisory::{Field, Rulebook};
use crate::agronomy::moon::lunar_date;
use crate::domain::{CommuneCode, Crop, Stage};
use crate::forecast::intake::windows::windows;
use crate::publish::today::{Neighbours, Probe, Window};
use crate::sources::sensor::Registry;

/// The crops, rules, sensors and calendars of one home.
#[derive(Debug)]
pub struct HomeNeighbours {
    crops: Crops,
    rulebook: Rulebook,
    devices: PathBuf,
}

impl HomeNeighbours {
    /// Returns what is shipped, with the list of sensors at `devices`, which may not exist.
    ///
    /// # Errors
    /// [`PipelineError`] when a shipped table or rule is broken (tests keep them whole).
    pub fn shipped(devices: PathBuf) -> Result<Self, PipelineError> {
        Ok(Self { crops: Crops::shipped()?, rulebook: Rulebook::shipped()?, devices })
    }
}

impl Neighbours for HomeNeighbours {
    fn crops(&self, commune: &CommuneCode, day: Date) -> Vec<(Crop, Stage)> {
        self.crops.fields(commune, day).into_iter().map(|f| (f.crop, f.stage)).collect()
    }

    fn intake_limit(&self, crop: Crop, stage: Stage, day: Date) -> Option<f64> {
        self.rulebook.intake_limit(Field { crop, stage }, day)
    }

    fn probes(&self) -> BTreeMap<CommuneCode, Vec<Probe>> {
        // Read anew each time: an installer enters a sensor while the pages are served.
        let registry = Registry::load(&self.devices).unwrap_or_else(|error| {
            tracing::error!(%error, "the pages go without sensors");
            Registry::default()
        });
        let mut probes: BTreeMap<CommuneCode, Vec<Probe>> = BTreeMap::new();
        for (_, device) in registry.iter() {
            let probe =
                Probe { place: device.place.clone(), name: registry.place_name(&device.place) };
            for commune in &device.communes {
                let of = probes.entry(commune.clone()).or_default();
                if !of.contains(&probe) {
                    of.push(probe.clone());
                }
            }
        }
        probes
    }

    fn windows(&self, hours: &[(Timestamp, f64)], sure: f64) -> Vec<Window> {
        let ours = windows(hours, sure).into_iter();
        ours.map(|w| Window { from: w.from, until: w.until, worst: w.worst }).collect()
    }

    fn lunar(&self, day: Date) -> Option<String> {
        let lunar = lunar_date(day).ok()?;
        let leap = if lunar.leap { "n" } else { "" };
        Some(format!("{}/{}{leap}", lunar.day, lunar.month))
    }
}

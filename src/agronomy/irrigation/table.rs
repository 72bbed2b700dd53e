//! Coefficients, stages and fields of the province's crops, read from `data/reference/kc.toml`.

use serde::Deserialize;

use super::{DrainedPlan, FieldPlan, PaddyPlan, PondCalendar, PondKeeping};
use crate::agronomy::AgronomyError;
use crate::agronomy::dual_kc::{
    CropCoefficients, DualKc, DualKcParams, ReferenceCrop, SoilLayer, StageDays,
};
use crate::agronomy::paddy::{PaddyField, PondRule};
use crate::domain::Crop;

/// The table that ships with the program.
const SHIPPED: &str = include_str!("../../../data/reference/kc.toml");
/// The layout this code reads.
const VERSION: u32 = 1;
/// Coefficient of dry bare soil; FAO-56 page 149: 0.15 to 0.20.
const KC_BARE: f64 = 0.15;
/// Share of the readily available water after which orchards and vegetables are watered: all of it, as
/// FAO-56 chapter 8 schedules.
const WAIT_SHARE: f64 = 1.0;
/// Share of the surface that watering beds from ditches wets; FAO-56 table 20, basin and border.
const WETTED_SHARE: f64 = 1.0;

/// How far a figure can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Printed in the named table.
    Sourced,
    /// A printed figure of another crop.
    Proxy,
    /// General knowledge, or adapted without a local measurement.
    Unverified,
}

/// On what a crop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Paddy,
    Drained,
}

/// The water of one crop in one kind of season.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropWater {
    /// Name of the entry.
    pub id: String,
    /// The crop.
    pub crop: Crop,
    kind: Kind,
    /// Single crop coefficients.
    pub kc: CropCoefficients,
    kcb: Option<CropCoefficients>,
    /// Lengths of the stages.
    pub stages: StageDays,
    height_m: Option<(f64, f64)>,
    root_m: Option<(f64, f64)>,
    depletion_share: Option<f64>,
    /// How far the entry can be trusted.
    pub confidence: Confidence,
    /// Where each figure is from.
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ponds {
    flooded: PondMarks,
    alternate: PondMarks,
    calendar: CalendarEntry,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarEntry {
    establish_days: u32,
    flowering_before_harvest_days: u32,
    flowering_half_width_days: u32,
    drain_days: u32,
    confidence: Confidence,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PondMarks {
    refill_at_mm: f64,
    refill_to_mm: f64,
    confidence: Confidence,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaddyEntry {
    bund_mm: f64,
    percolation_mm_day: f64,
    soil_mm: f64,
    depletion_share: f64,
    drainable_share: f64,
    confidence: Confidence,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct BedEntry {
    field_capacity: f64,
    wilting_point: f64,
    evaporating_m: f64,
    readily_evaporable_mm: f64,
    confidence: Confidence,
    source: String,
}

/// All entries, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropWaterTable {
    version: u32,
    paddy: PaddyEntry,
    pond: Ponds,
    bed: BedEntry,
    crop: Vec<CropWater>,
}

impl CropWaterTable {
    /// Returns the table that ships with the program.
    ///
    /// # Errors
    /// As [`Self::parse`]; a test keeps the shipped table whole.
    pub fn shipped() -> Result<Self, AgronomyError> {
        Self::parse(SHIPPED)
    }

    /// Returns a table from TOML text.
    ///
    /// # Errors
    /// [`AgronomyError::CropWater`] when the text cannot be read, its version is another, an entry is
    /// named twice, or a figure cannot be; it says where.
    pub fn parse(text: &str) -> Result<Self, AgronomyError> {
        let broken = |reason: String| AgronomyError::CropWater { reason };
        let table: Self =
            toml::from_str(text).map_err(|error| broken(error.to_string().trim().to_owned()))?;
        if table.version != VERSION {
            return Err(broken(format!("version is {}: allowed is {VERSION}", table.version)));
        }
        for (k, entry) in table.crop.iter().enumerate() {
            if table.crop[..k].iter().any(|other| other.id == entry.id) {
                return Err(broken(format!("{} is there twice", entry.id)));
            }
            table
                .plan(entry, PondKeeping::Flooded)
                .map_err(|error| broken(format!("{}: {error}", entry.id)))?;
        }
        Ok(table)
    }

    /// Returns all entries in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[CropWater] {
        &self.crop
    }

    /// Returns what each field, pond and bed figure rests on: its name, how far to trust it, its source.
    #[must_use]
    pub fn field_sources(&self) -> [(&'static str, Confidence, &str); 5] {
        let (flooded, alternate) = (&self.pond.flooded, &self.pond.alternate);
        let calendar = &self.pond.calendar;
        [
            ("paddy", self.paddy.confidence, &self.paddy.source),
            ("pond.flooded", flooded.confidence, &flooded.source),
            ("pond.alternate", alternate.confidence, &alternate.source),
            ("pond.calendar", calendar.confidence, &calendar.source),
            ("bed", self.bed.confidence, &self.bed.source),
        ]
    }

    /// Returns the entries of a crop in the order of the file; none for a crop whose need is not known
    /// (mangosteen, nursery plants) or that is no plant.
    pub fn of(&self, crop: Crop) -> impl Iterator<Item = &CropWater> {
        self.crop.iter().filter(move |entry| entry.crop == crop)
    }

    /// Returns how an entry is watered; `keeping` counts for rice only.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when a figure cannot be, [`AgronomyError::CropWater`] when one that
    /// a crop on drained soil needs is missing.
    pub fn plan(
        &self,
        entry: &CropWater,
        keeping: PondKeeping,
    ) -> Result<FieldPlan, AgronomyError> {
        match entry.kind {
            Kind::Paddy => self.paddy_plan(entry, keeping).map(FieldPlan::Paddy),
            Kind::Drained => self.drained_plan(entry).map(FieldPlan::Drained),
        }
    }

    fn paddy_plan(
        &self,
        entry: &CropWater,
        keeping: PondKeeping,
    ) -> Result<PaddyPlan, AgronomyError> {
        let p = &self.paddy;
        let field = PaddyField {
            bund_mm: p.bund_mm,
            percolation_mm_day: p.percolation_mm_day,
            soil_mm: p.soil_mm,
            depletion_share: p.depletion_share,
            drainable_share: p.drainable_share,
        };
        field.check()?;
        let rule =
            |m: &PondMarks| PondRule { refill_at_mm: m.refill_at_mm, refill_to_mm: m.refill_to_mm };
        let c = &self.pond.calendar;
        Ok(PaddyPlan {
            field,
            kc: entry.kc,
            stages: entry.stages,
            keeping,
            flooded: rule(&self.pond.flooded),
            alternate: rule(&self.pond.alternate),
            calendar: PondCalendar {
                establish_days: c.establish_days,
                flowering_before_harvest_days: c.flowering_before_harvest_days,
                flowering_half_width_days: c.flowering_half_width_days,
                drain_days: c.drain_days,
            },
        })
    }

    fn drained_plan(&self, entry: &CropWater) -> Result<DrainedPlan, AgronomyError> {
        let missing =
            |what: &str| AgronomyError::CropWater { reason: format!("{what} is missing") };
        let soil = SoilLayer {
            field_capacity: self.bed.field_capacity,
            wilting_point: self.bed.wilting_point,
            evaporating_m: self.bed.evaporating_m,
            readily_evaporable_mm: self.bed.readily_evaporable_mm,
        };
        let balance = DualKc::new(DualKcParams {
            kcb: entry.kcb.ok_or_else(|| missing("kcb"))?,
            kc_bare: KC_BARE,
            stages: entry.stages,
            height_m: entry.height_m.ok_or_else(|| missing("height_m"))?,
            root_m: entry.root_m.ok_or_else(|| missing("root_m"))?,
            depletion_share: entry.depletion_share.ok_or_else(|| missing("depletion_share"))?,
            soil,
            reference: ReferenceCrop::Short,
        })?;
        Ok(DrainedPlan { balance, wait_share: WAIT_SHARE, wetted_share: WETTED_SHARE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_table_is_whole_and_says_its_sources() {
        let table = CropWaterTable::shipped().expect("the shipped table is whole");
        assert!(table.entries().len() >= 12);
        for entry in table.entries() {
            assert!(entry.source.len() > 10, "{}", entry.id);
            let basal_below = entry.kcb.is_none_or(|kcb| kcb.mid < entry.kc.mid);
            assert!(basal_below, "{}: a basal coefficient lies below the single one", entry.id);
        }
        for crop in [Crop::Rice, Crop::RiceShrimp, Crop::Coconut, Crop::Durian, Crop::Vegetables] {
            assert!(table.of(crop).next().is_some(), "{crop}");
        }
        assert!(table.of(Crop::Shrimp).next().is_none());
        assert!(table.field_sources().iter().all(|(_, _, source)| source.len() > 10));
    }

    #[test]
    fn a_broken_table_is_refused_with_the_place() {
        for (from, to, names) in [
            ("version = 1", "version = 2", "version"),
            ("id = \"rice_103\"", "id = \"rice_92\"", "rice_92"),
            ("depletion_share = 0.65", "depletion_share = 6.5", "coconut"),
            ("crop = \"durian\"", "crop = \"dorian\"", "dorian"),
        ] {
            let text = SHIPPED.replacen(from, to, 1);
            let error = CropWaterTable::parse(&text).expect_err(from).to_string();
            assert!(error.contains(names), "{error}");
        }
    }
}

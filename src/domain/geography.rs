//! The province's geography as shipped: communes, salinity stations, river branches.
//!
//! The tables are data (`data/reference/*.csv`, each row with its source and confidence), so that
//! a hydrologist can read and correct them without touching code.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::place::{CommuneCode, PlaceId};

/// A shipped table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table {table}: {reason}")]
pub struct GeographyError {
    /// The table's file name.
    pub table: &'static str,
    /// What was wrong, with the line.
    pub reason: String,
}

/// One of the 124 communes and wards (xã, phường) since 1 July 2025.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Commune {
    /// Five-digit code.
    pub code: CommuneCode,
    /// Name with the old tone marks, as the decree writes it.
    pub name: String,
    /// Name with the new tone marks.
    pub name_new_tone: String,
    /// `xã` or `phường`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Province before July 2025.
    pub former_province: String,
    /// A point inside, degrees north.
    pub lat: f64,
    /// A point inside, degrees east.
    pub lon: f64,
    /// Area of its outline, km².
    #[serde(rename = "polygon_area_km2")]
    pub area_km2: f64,
}

/// A river salinity station, with or without data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Station {
    /// `salinity:<id>`.
    pub place: PlaceId,
    /// Name with diacritics.
    pub name: String,
    /// River branch, empty when on none.
    pub branch: String,
    /// Distance from the mouth along the branch, km.
    pub km_from_mouth: Option<f64>,
    /// Whether it lies in the province.
    pub in_province: bool,
}

/// A river branch that carries salt into the province.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Branch {
    /// Key.
    pub branch: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Length of the traced centre line, km.
    pub length_km: f64,
    /// Decay of `ln S` per km at 10 g/L.
    pub decay_per_km: f64,
    /// Branches whose stations stand in when this one has none, by preference, parted by `;`.
    pub lenders: String,
    /// `open` or `dammed`.
    pub salt_route: String,
}

/// Where a commune takes its water from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CommuneWater {
    /// Five-digit code.
    pub code: CommuneCode,
    /// `tidal_river`, `coast`, `inland_sluiced` or `unknown`.
    pub supply: String,
    /// Its branch, empty when none is known.
    pub branch: String,
    /// Distance of its intake from the mouth, km.
    pub km_from_mouth: Option<f64>,
    /// The other branch of a commune between two.
    pub second_branch: String,
    /// Distance on the second branch, km.
    pub second_km: Option<f64>,
    /// `river`, `outside_sluice`, or `none` when no value can be given.
    pub value: String,
    /// Why no value is given, empty when one is.
    pub why_none: String,
    /// What the value means, or why there is none, for people.
    pub note_en: String,
    /// The same in Vietnamese.
    pub note_vi: String,
    /// `sourced`, `derived` or `unverified`.
    pub confidence: String,
}

/// All shipped tables of places.
#[derive(Debug, Clone)]
pub struct Geography {
    /// The 124 communes in the order of their codes.
    pub communes: Vec<Commune>,
    /// Water supply by commune.
    pub water: BTreeMap<CommuneCode, CommuneWater>,
    /// Stations by place.
    pub stations: BTreeMap<PlaceId, Station>,
    /// Branches by key.
    pub branches: BTreeMap<String, Branch>,
}

impl Geography {
    /// Returns the tables shipped with the program.
    ///
    /// # Errors
    /// [`GeographyError`] when a shipped table is broken (a test keeps them whole).
    pub fn shipped() -> Result<Self, GeographyError> {
        let mut communes: Vec<Commune> =
            table("communes.csv", include_str!("../../data/reference/communes.csv"))?;
        communes.sort_by(|a, b| a.code.cmp(&b.code));
        let water: Vec<CommuneWater> =
            table("commune_water.csv", include_str!("../../data/reference/commune_water.csv"))?;
        let stations: Vec<Station> = table(
            "salinity_stations.csv",
            include_str!("../../data/reference/salinity_stations.csv"),
        )?;
        let branches: Vec<Branch> =
            table("river_branches.csv", include_str!("../../data/reference/river_branches.csv"))?;
        Ok(Self {
            communes,
            water: water.into_iter().map(|w| (w.code.clone(), w)).collect(),
            stations: stations.into_iter().map(|s| (s.place.clone(), s)).collect(),
            branches: branches.into_iter().map(|b| (b.branch.clone(), b)).collect(),
        })
    }

    /// Returns a station's name, or its id where it has none.
    #[must_use]
    pub fn station_name<'a>(&'a self, place: &'a PlaceId) -> &'a str {
        self.stations.get(place).map_or(place.id(), |s| &s.name)
    }
}

/// Kilometres a degree of latitude.
const DEGREE_KM: f64 = 111.2;

/// Returns the distance of two points near each other (degrees north and east), km.
#[must_use]
pub fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let shrink = f64::midpoint(a.0, b.0).to_radians().cos();
    DEGREE_KM * (a.0 - b.0).hypot((a.1 - b.1) * shrink)
}

/// Reads a CSV table with a header and `#` comments into rows.
///
/// # Errors
/// [`GeographyError`] naming the table and the line.
pub fn table<T: DeserializeOwned>(
    name: &'static str,
    text: &str,
) -> Result<Vec<T>, GeographyError> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| GeographyError { table: name, reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_province_has_124_communes_and_each_has_a_word_on_its_water() {
        let geography = Geography::shipped().unwrap();
        assert_eq!(geography.communes.len(), 124);
        for commune in &geography.communes {
            let water = &geography.water[&commune.code];
            assert!(!water.note_vi.is_empty(), "{} has no note", commune.name);
            assert_eq!(water.value == "none", !water.why_none.is_empty(), "{}", commune.name);
            for branch in [&water.branch, &water.second_branch] {
                assert!(branch.is_empty() || geography.branches.contains_key(branch));
            }
        }
    }

    #[test]
    fn every_lender_is_a_branch_with_stations() {
        let geography = Geography::shipped().unwrap();
        for branch in geography.branches.values() {
            for lender in branch.lenders.split(';').filter(|l| !l.is_empty()) {
                assert!(geography.stations.values().any(|s| s.branch == lender), "{lender}");
            }
        }
    }
}

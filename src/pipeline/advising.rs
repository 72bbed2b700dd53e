//! The advise step: what the rules are told of each commune.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::PipelineError;
use super::forecasting::{Forecasts, StationState};
use super::sights::Sights;
use crate::advisory::{
    Basis, Calendar, CommuneInput, DayOutlook, Field, Lang, NoValue, SaltOutlook, Sown, Words,
};
use crate::domain::geography::table;
use crate::domain::time::add_days;
use crate::domain::{CommuneCode, Crop, Geography, PlaceId};
use crate::forecast::communes::CommuneOutlook;

/// What grows where.
#[derive(Debug, Clone, Deserialize)]
struct CropRow {
    code: CommuneCode,
    crop: Crop,
    zone: String,
}

/// The shipped tables of crops and seasons.
#[derive(Debug, Clone)]
pub struct Crops {
    rows: Vec<CropRow>,
    calendar: Calendar,
}

impl Crops {
    /// Returns the shipped tables.
    ///
    /// # Errors
    /// [`PipelineError`] when a shipped table is broken (a test keeps them whole).
    pub fn shipped() -> Result<Self, PipelineError> {
        let rows =
            table("commune_crops.csv", include_str!("../../data/reference/commune_crops.csv"))?;
        let calendar = Calendar::from_csv(include_str!("../../data/reference/crop_calendar.csv"))?;
        Ok(Self { rows, calendar })
    }

    /// Returns the crops of a commune with the sowing of its rice by the calendar, where a day lies
    /// in its season.
    #[must_use]
    pub fn sown(&self, commune: &CommuneCode, day: Date) -> Vec<(Crop, Option<Sown>)> {
        let rows = self.rows.iter().filter(|row| row.code == *commune);
        rows.map(|row| (row.crop, self.calendar.sown(row.crop, &row.zone, day))).collect()
    }

    /// Returns what grows in a commune on a day, each crop at its stage by the calendar.
    #[must_use]
    pub fn fields(&self, commune: &CommuneCode, day: Date) -> Vec<Field> {
        self.rows
            .iter()
            .filter(|row| row.code == *commune)
            .map(|row| Field {
                crop: row.crop,
                stage: self.calendar.stage(row.crop, &row.zone, day),
            })
            .collect()
    }
}

/// Returns what the rules are told of every commune, in the order of their codes.
///
/// # Errors
/// [`PipelineError::Advisory`] when a message is missing (a test keeps them whole).
pub fn inputs(
    geography: &Geography,
    crops: &Crops,
    forecasts: &Forecasts,
    sights: &Sights<'_>,
    words: &Words,
) -> Result<Vec<CommuneInput>, PipelineError> {
    let today = sights.today();
    let stations: BTreeMap<&PlaceId, &StationState> =
        forecasts.stations.iter().map(|s| (&s.place, s)).collect();
    let baseline = forecasts.gate.iter().any(|v| !v.passes);
    geography
        .communes
        .iter()
        .map(|commune| {
            let water = geography.water.get(&commune.code);
            let note = |pick: fn(&crate::domain::geography::CommuneWater) -> &String| {
                water.map(|w| pick(w).clone()).unwrap_or_default()
            };
            let mut outlook = SaltOutlook {
                commune: commune.code.clone(),
                name: format!("{} {}", title(&commune.kind), commune.name),
                days: Vec::new(),
                stations: Vec::new(),
                note_vi: note(|w| &w.note_vi),
                note_en: note(|w| &w.note_en),
                place_unverified: water.is_none_or(|w| w.confidence == "unverified"),
                baseline,
                reason_none: None,
            };
            match forecasts.communes.get(&commune.code) {
                Some(CommuneOutlook::Known { days, stations: near, borrowed }) => {
                    outlook.stations =
                        near.iter().map(|place| geography.station_name(place).to_owned()).collect();
                    let age_h = near
                        .iter()
                        .filter_map(|place| stations.get(place)?.age_h)
                        .fold(0.0, f64::max);
                    let basis = basis(&outlook.stations, *borrowed);
                    if *borrowed {
                        borrowed_note(&mut outlook, words)?;
                    }
                    outlook.days = days
                        .iter()
                        .map(|(horizon, quantiles)| DayOutlook {
                            day: add_days(today, i64::from(*horizon) - 1),
                            quantiles: *quantiles,
                            basis: basis.clone(),
                            data_age_h: age_h,
                        })
                        .collect();
                }
                Some(CommuneOutlook::Unknown { reason }) => {
                    outlook.reason_none = Some(reason.parse().unwrap_or(NoValue::StationsSilent));
                }
                None => outlook.reason_none = Some(NoValue::StationsSilent),
            }
            let readings = sights.at(commune, &crops.sown(&commune.code, today));
            let fields = crops.fields(&commune.code, today);
            Ok(CommuneInput { outlook, fields, readings })
        })
        .collect()
}

/// Says that the stations are another river's, and lets nothing of it out without a person.
fn borrowed_note(outlook: &mut SaltOutlook, words: &Words) -> Result<(), PipelineError> {
    outlook.place_unverified = true;
    let stations = outlook.stations.join(", ");
    let say = |lang| words.say(lang, "note-borrowed", &[("stations", stations.clone().into())]);
    outlook.note_vi = format!("{}. {}", outlook.note_vi, say(Lang::Vi)?);
    outlook.note_en = format!("{}. {}", outlook.note_en, say(Lang::En)?);
    Ok(())
}

fn basis(stations: &[String], borrowed: bool) -> Basis {
    let names = stations.to_vec();
    if borrowed { Basis::OtherBranch { names } } else { Basis::Stations { names } }
}

/// `xã` → `Xã`.
fn title(kind: &str) -> String {
    let mut letters = kind.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

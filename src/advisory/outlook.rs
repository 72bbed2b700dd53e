//! What the deciding reads: a commune's salinity forecast by day, and what grows there.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::AdvisoryError;
use super::basis::Basis;
use super::words::Lang;
use super::work::Readings;
use crate::domain::{CommuneCode, Crop, Quantiles, Stage};

/// The forecast of one local day at one commune's intake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayOutlook {
    /// The local day.
    pub day: Date,
    /// Quantiles of the day's maximum salinity, g/L.
    pub quantiles: Quantiles,
    /// Where the value comes from (stations, how it was carried to the commune).
    pub basis: Basis,
    /// Age of the newest measurement behind it, hours at issue.
    pub data_age_h: f64,
}

/// The forecast of one commune, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaltOutlook {
    /// The commune.
    pub commune: CommuneCode,
    /// Its name as people say it, with its kind: `Xã Quới An`.
    pub name: String,
    /// Forecast days, any order; days before the issue day are not read.
    pub days: Vec<DayOutlook>,
    /// Names of the stations behind the forecast, for the text.
    pub stations: Vec<String>,
    /// What the value stands for, or why there is none, in Vietnamese; may be empty
    /// (`note_vi` of `data/reference/commune_water.csv`).
    pub note_vi: String,
    /// The same in English (`note_en`).
    pub note_en: String,
    /// Whether the commune's place on the river is unverified; its advice stays a draft then.
    pub place_unverified: bool,
    /// Whether a plain baseline is published because the model does not beat it here.
    pub baseline: bool,
    /// Why there is no value; the days are not read then.
    pub reason_none: Option<NoValue>,
}

/// A crop at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The crop.
    pub crop: Crop,
    /// Its stage; [`Stage::Any`] for perennials and ponds, and for rice of unknown stage.
    pub stage: Stage,
}

/// One commune's forecast with the crops to answer for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommuneInput {
    /// The forecast.
    pub outlook: SaltOutlook,
    /// The crops grown there; a crop named twice is answered once, at the first stage given.
    pub fields: Vec<Field>,
    /// What is told of every other quantity, by crop; nothing for a crop left out.
    #[serde(default)]
    pub readings: BTreeMap<Crop, Readings>,
}

/// Why a commune (or a crop in it) gets no answer today. The first five stand in the column
/// `why_none` of `data/reference/commune_water.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoValue {
    /// Which gate brings its water is not known.
    NoIntakeKnown,
    /// Further up than salt water has ever been recorded.
    BeyondRecordedReach,
    /// The open coast, where river salinity says nothing.
    SeaWater,
    /// No station is near enough on its river.
    NoStationNear,
    /// Its river branch has no station.
    NoStationOnBranch,
    /// The stations it depends on have not reported.
    StationsSilent,
    /// A forecast exists, but not for tomorrow.
    NotForecast,
    /// No rule in force covers the crop at this stage.
    NoRule,
    /// No crop is recorded for the commune.
    NoCrop,
}

impl NoValue {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::NoIntakeKnown,
        Self::BeyondRecordedReach,
        Self::SeaWater,
        Self::NoStationNear,
        Self::NoStationOnBranch,
        Self::StationsSilent,
        Self::NotForecast,
        Self::NoRule,
        Self::NoCrop,
    ];

    /// Returns the name used in tables; the message is `none-<name>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoIntakeKnown => "no_intake_known",
            Self::BeyondRecordedReach => "beyond_recorded_reach",
            Self::SeaWater => "sea_water",
            Self::NoStationNear => "no_station_near",
            Self::NoStationOnBranch => "no_station_on_branch",
            Self::StationsSilent => "stations_silent",
            Self::NotForecast => "not_forecast",
            Self::NoRule => "no_rule",
            Self::NoCrop => "no_crop",
        }
    }
}

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for NoValue {
    type Err = AdvisoryError;

    fn from_str(text: &str) -> Result<Self, AdvisoryError> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or_else(|| AdvisoryError::Reason {
            given: text.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

impl SaltOutlook {
    /// Returns what the value stands for, or why there is none.
    #[must_use]
    pub fn note(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.note_vi,
            Lang::En => &self.note_en,
        }
    }

    /// Returns the days from `issue_day` on, in order of date.
    ///
    /// # Errors
    /// [`AdvisoryError::Outlook`] when a day is given twice or an age is not a number of hours.
    pub fn ahead(&self, issue_day: Date) -> Result<Vec<&DayOutlook>, AdvisoryError> {
        let broken = |reason| AdvisoryError::Outlook { commune: self.commune.to_string(), reason };
        let mut days: Vec<_> = self.days.iter().filter(|d| d.day >= issue_day).collect();
        days.sort_by_key(|d| d.day);
        if let Some(pair) = days.windows(2).find(|pair| pair[0].day == pair[1].day) {
            return Err(broken(format!("day {} is given twice", pair[0].day)));
        }
        if let Some(bad) = days.iter().find(|d| !(d.data_age_h.is_finite() && d.data_age_h >= 0.0))
        {
            return Err(broken(format!(
                "data age {} h of {} is not 0 or more hours",
                bad.data_age_h, bad.day
            )));
        }
        Ok(days)
    }
}

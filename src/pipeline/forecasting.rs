//! The salinity forecast: stations first, then the communes along the rivers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::PipelineError;
use super::issuing::{Issuer, Stamp, TargetState};
use crate::domain::time::{IssuedAt, add_days, date_of_epoch_day, day_start};
use crate::domain::{Geography, PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::communes::{CommuneOutlook, StationDays, outlooks};
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::targets::{self, Fitted, Target};
use crate::frames::Forecast;

/// The forecast table's name for the communes' values.
pub const COMMUNE_TARGET: &str = "salinity_commune";

/// How many days a station may be late and still be forecast from its last value. Beyond a
/// spring–neap half cycle the last value says nothing.
const LATE_DAYS_MAX: i64 = 3;

/// How many days back a silent station's last value is looked for, to report it.
const LOOK_BACK_DAYS: i64 = 30;

/// What the forecast step made.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts {
    /// Rows for the forecast table, stations then communes.
    pub rows: Vec<Forecast>,
    /// The communes' outlooks.
    pub communes: BTreeMap<crate::domain::CommuneCode, CommuneOutlook>,
    /// How each station stood.
    pub stations: Vec<StationState>,
    /// Where the model is published and where a baseline stands in.
    pub gate: Vec<Verdict>,
}

impl Forecasts {
    /// Returns a morning on which no station reported: every commune with a plain reason.
    ///
    /// # Errors
    /// [`PipelineError`] when a shipped table of the rivers is broken.
    pub fn silent(
        target: &'static dyn Target,
        panel: &Panel,
        geography: &Geography,
        issued_at: IssuedAt,
    ) -> Result<Self, PipelineError> {
        let known = Known::at(panel, issued_at);
        let places = panel.places_of(target.variable());
        let stations = places.map(|place| state(target, geography, &known, place)).collect();
        let communes = outlooks(geography, &StationDays::new())?;
        Ok(Self { rows: Vec::new(), communes, stations, gate: Vec::new() })
    }

    /// Returns how the target stood, as every target says it.
    #[must_use]
    pub fn state(&self) -> TargetState {
        let model_horizons = self.gate.iter().filter(|v| v.passes).count();
        TargetState {
            target: targets::salinity_station::SalinityStation.name().to_owned(),
            places: self.stations.iter().filter(|s| s.forecast).count(),
            issued_at: self.rows.first().map(|r| r.issued_at),
            model_horizons,
            baseline_horizons: self.gate.len() - model_horizons,
            reason: self
                .rows
                .is_empty()
                .then(|| format!("no station has a value of the last {LATE_DAYS_MAX} days")),
            guidance: Vec::new(),
        }
    }
}

/// How one station stood at the issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationState {
    /// The station.
    pub place: PlaceId,
    /// Its name.
    pub name: String,
    /// The last day known.
    pub last_day: Option<Date>,
    /// The value of that day, g/L.
    pub last_value_g_l: Option<f64>,
    /// Hours from the end of that day to the issue.
    pub age_h: Option<f64>,
    /// Whether it was forecast; a station later than three days is reported, not forecast.
    pub forecast: bool,
}

/// Issues the salinity forecasts of one morning, at stations and communes.
///
/// # Errors
/// [`PipelineError::NothingKnown`] when no station has a value of the last days, and errors of the
/// models.
pub fn forecast(
    target: &'static dyn Target,
    panel: &Panel,
    geography: &Geography,
    issuer: &Issuer<'_>,
) -> Result<Forecasts, PipelineError> {
    let issued_at = issuer.issued_at;
    let known = Known::at(panel, issued_at);
    let mut stations: Vec<StationState> = panel
        .places_of(target.variable())
        .map(|place| state(target, geography, &known, place))
        .collect();
    if !stations.iter().any(|s| s.forecast) {
        return Err(nothing_known(&stations, issued_at));
    }
    let cut = IssuedAt::morning_of(target.refit_day(issued_at.local_date()))?;
    let fitted = issuer.fitted(target, panel, cut)?;
    let stamp = Stamp::of(target, panel, issued_at, issuer.run_id);
    let mut issue = Issue { panel, issued_at, stamp, rows: Vec::new() };
    let mut days = StationDays::new();
    for station in stations.iter_mut().filter(|s| s.forecast) {
        let published = issue.station(fitted.as_ref(), station)?;
        station.forecast = !published.is_empty();
        if station.forecast {
            days.insert(station.place.clone(), published);
        }
    }
    let communes = outlooks(geography, &days)?;
    for (code, outlook) in &communes {
        if let CommuneOutlook::Known { days, .. } = outlook {
            for (horizon, quantiles) in days {
                let mut row = issue.row(&code.place(), *horizon, PUBLISHED, *quantiles)?;
                row.target = Arc::from(COMMUNE_TARGET);
                issue.rows.push(row);
            }
        }
    }
    Ok(Forecasts { rows: issue.rows, communes, stations, gate: fitted.gate() })
}

fn nothing_known(stations: &[StationState], issued_at: IssuedAt) -> PipelineError {
    let newest = stations.iter().filter_map(|s| s.last_day).max();
    PipelineError::NothingKnown {
        day: issued_at.local_date().to_string(),
        newest: newest.map_or_else(
            || format!("none has a value of the {LOOK_BACK_DAYS} days before"),
            |day| format!("the newest value is of {day}, at most {LATE_DAYS_MAX} days are allowed"),
        ),
        replay: false,
    }
}

fn state(
    target: &dyn Target,
    geography: &Geography,
    known: &Known<'_>,
    place: &PlaceId,
) -> StationState {
    let yesterday = known.today() - 1;
    let last = known.series(target.variable(), place).last(yesterday, LOOK_BACK_DAYS);
    let age_h = last.and_then(|(day, _)| {
        let end = day_start(date_of_epoch_day(day + 1)).ok()?;
        Some(known.issued_at().0.duration_since(end).as_secs_f64() / 3600.0)
    });
    StationState {
        place: place.clone(),
        name: geography.station_name(place).to_owned(),
        last_day: last.map(|(day, _)| date_of_epoch_day(day)),
        last_value_g_l: last.map(|(_, value)| value),
        age_h,
        forecast: last.is_some_and(|(day, _)| yesterday - day <= LATE_DAYS_MAX),
    }
}

struct Issue<'a> {
    panel: &'a Panel,
    issued_at: IssuedAt,
    stamp: Stamp<'a>,
    rows: Vec<Forecast>,
}

impl Issue<'_> {
    /// Issues one station's forecasts and returns those that are published, by horizon.
    ///
    /// A late station is forecast as on the morning after its last value, from what was known at
    /// this issue's time no later than then; its horizons are counted from today all the same.
    fn station(
        &mut self,
        fitted: &dyn Fitted,
        station: &StationState,
    ) -> Result<BTreeMap<u8, Quantiles>, PipelineError> {
        let Some(last_day) = station.last_day else { return Ok(BTreeMap::new()) };
        let today = self.issued_at.local_date();
        let late = crate::domain::time::days_between(last_day, today) - 1;
        let as_of =
            if late == 0 { self.issued_at } else { IssuedAt::morning_of(add_days(last_day, 1))? };
        let known = Known::at(self.panel, as_of);
        let mut published = BTreeMap::new();
        for issued in fitted.issue(&known, &station.place)? {
            let Ok(horizon) = u8::try_from(i64::from(issued.horizon) - late) else { continue };
            if horizon == 0 {
                continue;
            }
            let row = self.row(&station.place, horizon, issued.model, issued.quantiles)?;
            self.rows.push(row);
            if issued.model == PUBLISHED {
                published.insert(horizon, issued.quantiles);
            }
        }
        Ok(published)
    }

    fn row(
        &self,
        place: &PlaceId,
        horizon: u8,
        model: &str,
        quantiles: Quantiles,
    ) -> Result<Forecast, PipelineError> {
        let valid_day = add_days(self.issued_at.local_date(), i64::from(horizon) - 1);
        self.stamp.row(place, (horizon, valid_day), model, quantiles)
    }
}

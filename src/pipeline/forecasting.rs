//! The forecast step: stations first, then the communes along the rivers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::PipelineError;
use crate::domain::time::{IssuedAt, add_days, date_of_epoch_day, day_start};
use crate::domain::{Geography, PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::communes::{CommuneOutlook, StationDays, outlooks};
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::targets::{Fitted, Target};
use crate::frames::Forecast;
use crate::storage::ModelShelf;

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

/// Returns a run id: the same issue time and the same known inputs give the same id.
#[must_use]
pub fn run_id(target: &dyn Target, panel: &Panel, issued_at: IssuedAt) -> String {
    format!("{}-{}", issued_at.0.strftime("%Y%m%dT%H%MZ"), fingerprint(target, panel, issued_at))
}

/// Returns twelve hexadecimal digits that differ when this build, the target or anything known at
/// `at` differs.
fn fingerprint(target: &dyn Target, panel: &Panel, at: IssuedAt) -> String {
    let at_us = at.0.as_microsecond();
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(target.name());
    for (key, series) in panel.iter() {
        let Some((first, last)) = series.span() else { continue };
        hash.update(key.variable.as_bytes());
        hash.update(key.place.as_str());
        for day in first..=last {
            if let Some(value) = series.at(day, at_us) {
                hash.update(day.to_le_bytes());
                hash.update(value.to_bits().to_le_bytes());
            }
        }
    }
    hash.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// Returns the target's models fitted on what was known at `cut`: read back when they were fitted
/// on the same before, else fitted and stored.
///
/// # Errors
/// Errors of the models, and [`PipelineError::Storage`] when the shelf cannot be read or written.
fn fitted(
    target: &'static dyn Target,
    panel: &Panel,
    cut: IssuedAt,
    shelf: &ModelShelf,
) -> Result<Box<dyn Fitted>, PipelineError> {
    let key = format!("{}-{}", cut.local_date(), fingerprint(target, panel, cut));
    if let Some(bytes) = shelf.get(target.name(), &key)? {
        match target.load(&bytes) {
            Ok(fitted) => return Ok(fitted),
            // Of another build, or damaged: what it was made from is all here.
            Err(error) => {
                tracing::warn!(target = target.name(), %error, "a stored model is unread")
            }
        }
    }
    let fitted = target.fit(panel, cut)?;
    shelf.put(target.name(), &key, &fitted.to_bytes()?)?;
    Ok(fitted)
}

/// Issues the forecasts of one morning.
///
/// # Errors
/// [`PipelineError::NothingKnown`] when no station has a value of the last days, and errors of the
/// models.
pub fn forecast(
    target: &'static dyn Target,
    panel: &Panel,
    geography: &Geography,
    (issued_at, run_id): (IssuedAt, &str),
    shelf: &ModelShelf,
) -> Result<Forecasts, PipelineError> {
    let known = Known::at(panel, issued_at);
    let mut stations: Vec<StationState> = panel
        .places_of(target.variable())
        .map(|place| state(target, geography, &known, place))
        .collect();
    if !stations.iter().any(|s| s.forecast) {
        return Err(nothing_known(&stations, issued_at));
    }
    let cut = IssuedAt::morning_of(target.refit_day(issued_at.local_date()))?;
    let fitted = fitted(target, panel, cut, shelf)?;
    let data_cut = data_cut(panel, issued_at);
    let mut issue = Issue { target, panel, issued_at, run_id, data_cut, rows: Vec::new() };
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
                let row =
                    issue.row(COMMUNE_TARGET, &code.place(), *horizon, PUBLISHED, *quantiles)?;
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
    target: &'a dyn Target,
    panel: &'a Panel,
    issued_at: IssuedAt,
    run_id: &'a str,
    data_cut: Timestamp,
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
            let row = self.row(
                self.target.name(),
                &station.place,
                horizon,
                issued.model,
                issued.quantiles,
            )?;
            self.rows.push(row);
            if issued.model == PUBLISHED {
                published.insert(horizon, issued.quantiles);
            }
        }
        Ok(published)
    }

    fn row(
        &self,
        target: &str,
        place: &PlaceId,
        horizon: u8,
        model: &str,
        quantiles: Quantiles,
    ) -> Result<Forecast, PipelineError> {
        let today = self.issued_at.local_date();
        let valid_day = add_days(today, i64::from(horizon) - 1);
        let [q05, q10, q25, q50, q75, q90, q95] = quantiles.values();
        Ok(Forecast {
            target: Arc::from(target),
            period: today.year().to_string().into(),
            place: place.clone(),
            issued_at: self.issued_at.0,
            valid_time: day_start(valid_day)?,
            horizon: i64::from(horizon),
            model: Arc::from(model),
            published: model == PUBLISHED,
            unit: Arc::from(self.target.unit()),
            q05,
            q10,
            q25,
            q50,
            q75,
            q90,
            q95,
            data_cut: self.data_cut,
            run_id: Arc::from(self.run_id),
        })
    }
}

/// Returns when the newest of the rows that could be read became available.
fn data_cut(panel: &Panel, issued_at: IssuedAt) -> Timestamp {
    let at_us = issued_at.0.as_microsecond();
    let newest = panel.iter().filter_map(|(_, series)| {
        let (first, last) = series.span()?;
        (first..=last).rev().find_map(|day| series.available_us(day, at_us))
    });
    newest.max().and_then(|us| Timestamp::from_microsecond(us).ok()).unwrap_or(issued_at.0)
}

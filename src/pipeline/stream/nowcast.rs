//! Forecasts issued the moment a reading comes in: the hours' model of `intake_window`, fed with
//! the hours that end with that reading.
//!
//! Models are fitted outside the engine, on what the lake holds, and enter it as records of the
//! journal: so a stream that was killed goes on with the very models it had.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::domain::{PlaceId, time};
use crate::forecast::intake::{self, Cell, HourForecast, Model, Record};
use crate::frames::Forecast;
use crate::pipeline::{PipelineError, hourly};
use crate::storage::Lake;

/// How long a place's forecast stands before a new reading issues it anew: a probe that reports
/// every second changes nothing a farmer could act on within a minute.
pub const EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Places read at once: two years of sixteen probes at ten minutes are 200 MB of readings.
const PLACES_AT_ONCE: usize = 16;

/// The fitted model of a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fitted {
    /// The place.
    pub place: PlaceId,
    /// Name and day of the fit, for the `model` column.
    name: Arc<str>,
    model: Model,
}

/// Fitted models of some places, one record of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fits {
    /// As of when.
    pub at: Timestamp,
    /// Whether no more come of this moment.
    pub last: bool,
    /// The models.
    pub models: Vec<Fitted>,
}

impl Fits {
    /// Returns the record's payload.
    ///
    /// # Errors
    /// [`PipelineError::Reference`] when a model cannot be written.
    pub fn payload(&self) -> Result<Vec<u8>, PipelineError> {
        postcard::to_stdvec(self).map_err(|error| PipelineError::Reference {
            table: "a fitted model",
            reason: error.to_string(),
        })
    }

    /// Reads a record's payload.
    ///
    /// # Errors
    /// [`postcard::Error`] when it is of another version of this program.
    pub fn read(payload: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(payload)
    }
}

/// Fits the model of each of `places` with readings enough on what could be known at `at`, of that
/// year and the one before; `take` is handed the models of some places at a time.
///
/// # Errors
/// [`PipelineError`] when the lake cannot be read or a fit fails, and whatever `take` gives.
pub async fn fit<F: Future<Output = Result<(), PipelineError>>>(
    lake: &Lake,
    places: &BTreeSet<PlaceId>,
    at: Timestamp,
    take: impl Fn(Fits) -> F,
) -> Result<usize, PipelineError> {
    let year = time::local_date(at).year();
    let places: Vec<&PlaceId> = places.iter().collect();
    let mut count = 0;
    for some in places.chunks(PLACES_AT_ONCE) {
        let some = some.iter().map(|place| (*place).clone()).collect();
        let wanted = hourly::Wanted { places: Some(some), years: Some(vec![year - 1, year]) };
        let readings = hourly::conductivity(lake, &wanted).await?;
        let fitting = tokio::task::spawn_blocking(move || {
            let fit = |(place, told)| Fitted::fit(place, told, at).transpose();
            readings.into_iter().filter_map(fit).collect::<Result<Vec<_>, _>>()
        });
        let models = fitting.await??;
        count += models.len();
        take(Fits { at, last: false, models }).await?;
    }
    take(Fits { at, last: true, models: Vec::new() }).await?;
    Ok(count)
}

impl Fitted {
    /// Returns the model of a place, nothing where its readings are too few.
    fn fit(
        place: PlaceId,
        told: Vec<intake::Told>,
        at: Timestamp,
    ) -> Result<Option<Self>, PipelineError> {
        let model = Model::fit(&Record::known_at(&told, at).bridged())?;
        let name = format!("{}@{}", intake::MODEL_NAME, time::local_date(at)).into();
        Ok(model.is_ready().then_some(Self { place, name, model }))
    }

    /// Returns the forecast issued at `at` from the place's newest readings (the oldest first);
    /// nothing where they are too few.
    #[must_use]
    pub fn issue(&self, cells: &[Cell], at: Timestamp) -> Vec<Forecast> {
        let record = Record::to_newest(cells).bridged();
        self.model.issue(&record).iter().filter_map(|hour| self.row(hour, at)).collect()
    }

    fn row(&self, hour: &HourForecast, at: Timestamp) -> Option<Forecast> {
        let salinity = hour.log_ec_quantiles().map(|log_ec| log_ec.exp() / HYDROMET_US_CM_PER_G_L);
        let [q05, q10, q25, q50, q75, q90, q95] = salinity;
        Some(Forecast {
            target: intake::NAME.into(),
            period: time::local_date(at).year().to_string().into(),
            place: self.place.clone(),
            issued_at: at,
            valid_time: hour.from,
            horizon: hour.horizon_h,
            model: Arc::clone(&self.name),
            published: true,
            unit: "g/L".into(),
            q05,
            q10,
            q25,
            q50,
            q75,
            q90,
            q95,
            data_cut: at,
            run_id: "stream".into(),
        })
        .filter(|row| row.quantiles().is_ok())
    }
}

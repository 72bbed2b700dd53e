//! Forecasts issued the moment a reading comes in: the hours' model of `intake_window`, fitted on
//! what the lake holds when the stream starts and anew each day, fed with the newest hours.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::domain::{PlaceId, time};
use crate::forecast::intake::{self, HourForecast, Model, Record};
use crate::frames::Forecast;
use crate::pipeline::{PipelineError, hourly};
use crate::storage::Lake;

/// How long a place's forecast stands before a new reading issues it anew: a probe that reports
/// every second changes nothing a farmer could act on within a minute.
pub const EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The fitted models by place; shared with whoever fits them anew.
#[derive(Debug, Clone, Default)]
pub struct Nowcast {
    models: Arc<RwLock<BTreeMap<PlaceId, Fitted>>>,
}

#[derive(Debug, Clone)]
struct Fitted {
    model: Arc<Model>,
    /// Name and day of the fit, for the `model` column.
    name: Arc<str>,
}

impl Nowcast {
    /// Fits the model of every place with readings enough, on what could be known at `now`.
    ///
    /// # Errors
    /// [`PipelineError`] when the lake cannot be read or a fit fails; the old models stand then.
    pub async fn fit(&self, lake: &Lake, now: Timestamp) -> Result<usize, PipelineError> {
        let readings = hourly::conductivity(lake).await?;
        let fitted = tokio::task::spawn_blocking(move || {
            let mut fitted = BTreeMap::new();
            for (place, told) in readings {
                let model = Model::fit(&Record::known_at(&told, now).bridged())?;
                if model.is_ready() {
                    let name = format!("{}@{}", intake::MODEL_NAME, time::local_date(now)).into();
                    fitted.insert(place, Fitted { model: Arc::new(model), name });
                }
            }
            Ok::<_, PipelineError>(fitted)
        })
        .await??;
        let count = fitted.len();
        *self.models.write().unwrap_or_else(PoisonError::into_inner) = fitted;
        Ok(count)
    }

    /// Returns the forecast of `place` issued at `at` from its newest hours (natural logarithms of
    /// µS/cm, oldest first), or nothing where there is no model or too little to go on.
    #[must_use]
    pub fn issue(&self, place: &PlaceId, hours: &[(i64, f64)], at: Timestamp) -> Vec<Forecast> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Fitted { model, name }) = models.get(place).cloned() else { return Vec::new() };
        drop(models);
        let record = Record::of_hours(hours).bridged();
        model.issue(&record).iter().filter_map(|hour| row(place, hour, &name, at)).collect()
    }
}

fn row(place: &PlaceId, hour: &HourForecast, model: &Arc<str>, at: Timestamp) -> Option<Forecast> {
    let salinity = hour.log_ec_quantiles().map(|log_ec| log_ec.exp() / HYDROMET_US_CM_PER_G_L);
    let [q05, q10, q25, q50, q75, q90, q95] = salinity;
    let valid_time = intake::start_of(hour.hour);
    Some(Forecast {
        target: intake::NAME.into(),
        period: time::local_date(at).year().to_string().into(),
        place: place.clone(),
        issued_at: at,
        valid_time,
        horizon: hour.horizon_h,
        model: Arc::clone(model),
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

//! Two ridges for each band of horizons, and the size of their past errors.

use linfa::prelude::{Dataset, Fit, ParamGuard as _, Predict};
use ndarray::{Array1, Array2};

use super::features::{self, COUNT, Row, Tide};
use super::odds::{T_QUANTILES, probability_below};
use super::record::Record;
use super::{HORIZON_H, THRESHOLDS_G_L};
use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::forecast::ForecastError;
use crate::forecast::learn::LinearModel;
use crate::forecast::learn::ridge::{Penalty, RidgeParams};

/// Bands of horizons (hours, first and last) that share their ridges: a band has enough rows of
/// three weeks, and within it the same things matter.
const BANDS: [(i64, i64); 7] = [(1, 3), (4, 6), (7, 12), (13, 18), (19, 24), (25, 36), (37, 48)];

/// Share of the rows that the ridge's penalty weighs. On origins of 22 January to 4 February 2025,
/// 0.1, 0.3 and 1 gave 7.9, 7.4 and 9.6 % wrong calls at 13 to 24 h.
const PENALTY_SHARE: f64 = 0.3;

/// Rows a band needs before it is fitted: four days of origins.
const ROWS_MIN: usize = 96;

/// Hours of past origins whose errors size the odds: ten days, so that a calm fortnight does not
/// promise calm for ever and a wild one is forgotten in time.
const ERRORS_H: i64 = 240;

/// Hours after which a model is fitted anew.
pub const REFIT_H: i64 = 24;

/// Before there are errors, a factor of e^0.5 either way is assumed, worth 24 errors: the daily
/// swing of the buoy's first days.
const PRIOR_SIZE: f64 = 0.5;
const PRIOR_WEIGHT: f64 = 24.0;

/// What is said of one hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourForecast {
    /// The hour it speaks of (hours since 1970 UTC).
    pub hour: i64,
    /// Hours ahead of the last one known.
    pub horizon_h: i64,
    /// Natural logarithm of µS/cm, the median.
    pub log_ec: f64,
    /// The size of errors at this horizon, in the same unit.
    pub scale: f64,
}

impl HourForecast {
    /// Returns the probability that the hour stays below a salinity (g/L).
    #[must_use]
    pub fn below(&self, salinity_g_l: f64) -> f64 {
        let limit = (salinity_g_l * HYDROMET_US_CM_PER_G_L).ln();
        probability_below(limit, self.log_ec, self.scale)
    }

    /// Returns the seven quantiles of the logarithm of conductivity (µS/cm), rising.
    #[must_use]
    pub fn log_ec_quantiles(&self) -> [f64; 7] {
        T_QUANTILES.map(|t| self.log_ec + t * self.scale)
    }

    /// Returns the odds at every limit of [`THRESHOLDS_G_L`].
    #[must_use]
    pub fn odds(&self) -> [f64; 4] {
        THRESHOLDS_G_L.map(|limit| self.below(limit))
    }
}

/// The pair of ridges of a band: from the day's mean, and from the last tide's same moment.
#[derive(Debug, Clone)]
struct Pair {
    from_mean: LinearModel,
    from_tide: LinearModel,
}

/// A fitted model of one place.
#[derive(Debug, Clone)]
pub struct Model {
    bands: Vec<Option<Pair>>,
    /// Size of errors by band.
    scales: Vec<f64>,
}

impl Model {
    /// Fits to everything `record` holds. Bands with too little to learn from stay empty.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] when the rows cannot be learned from.
    pub fn fit(record: &Record) -> Result<Self, ForecastError> {
        let bands = fit_bands(record)?;
        let scales = scales(record)?;
        Ok(Self { bands, scales })
    }

    /// Returns whether any band has learned.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.bands.iter().any(Option::is_some)
    }

    /// Returns the forecast of the next hours from the last hour of `record`: those a band is
    /// fitted for, none when the last two days are not known well enough.
    #[must_use]
    pub fn issue(&self, record: &Record) -> Vec<HourForecast> {
        let origin = record.span().1 - 1;
        let tide = Tide::over(origin, origin + HORIZON_H as i64);
        let bands = BANDS.iter().zip(&self.bands).zip(&self.scales);
        bands
            .filter_map(|((band, pair), scale)| Some((band, pair.as_ref()?, *scale)))
            .flat_map(|((first, last), pair, scale)| {
                let (record, tide) = (&record, &tide);
                (*first..=*last).filter_map(move |horizon_h| {
                    let row = features::row(record, tide, origin, horizon_h)?;
                    let log_ec = pair.at(&row);
                    Some(HourForecast { hour: origin + horizon_h, horizon_h, log_ec, scale })
                })
            })
            .collect()
    }
}

impl Pair {
    fn at(&self, row: &Row) -> f64 {
        let values = Array2::from_shape_fn((1, COUNT), |(_, c)| row.values[c]);
        let mean = self.from_mean.predict(&values)[0] + row.day_mean;
        let tide = self.from_tide.predict(&values)[0] + row.last_tide;
        f64::midpoint(mean, tide)
    }
}

fn fit_bands(record: &Record) -> Result<Vec<Option<Pair>>, ForecastError> {
    let (first, end) = record.span();
    let tide = Tide::over(first, end);
    BANDS
        .iter()
        .map(|(near, far)| {
            let mut rows = Vec::new();
            let mut truths = Vec::new();
            for horizon in *near..=*far {
                for origin in first..end - horizon {
                    let truth = record.at(origin + horizon);
                    let row = features::row(record, &tide, origin, horizon);
                    if let (Some(row), Some(truth)) = (row, truth) {
                        rows.push(row);
                        truths.push(truth);
                    }
                }
            }
            let origins = rows.len() / usize::try_from(far - near + 1).unwrap_or(1);
            (origins >= ROWS_MIN).then(|| fit_pair(&rows, &truths)).transpose()
        })
        .collect()
}

fn fit_pair(rows: &[Row], truths: &[f64]) -> Result<Pair, ForecastError> {
    let values = Array2::from_shape_fn((rows.len(), COUNT), |(r, c)| rows[r].values[c]);
    #[expect(clippy::cast_precision_loss, reason = "rows of some weeks")]
    let penalty = PENALTY_SHARE * rows.len() as f64;
    let ridge = RidgeParams::new(Penalty::Fixed(penalty)).check()?;
    let fit = |start: fn(&Row) -> f64| -> Result<LinearModel, ForecastError> {
        let rest: Array1<f64> = rows.iter().zip(truths).map(|(row, y)| y - start(row)).collect();
        Ok(ridge.fit(&Dataset::new(values.clone(), rest))?)
    };
    Ok(Pair { from_mean: fit(|row| row.day_mean)?, from_tide: fit(|row| row.last_tide)? })
}

/// Returns the size of each band's errors over the last days, as they would have been: each day's
/// forecasts by ridges that had seen nothing of it. Every third horizon: neighbours err alike.
fn scales(record: &Record) -> Result<Vec<f64>, ForecastError> {
    let (first, end) = record.span();
    let from = first.max(end - ERRORS_H);
    let tide = Tide::over(from, end);
    let mut sums = [(PRIOR_WEIGHT * PRIOR_SIZE * PRIOR_SIZE, PRIOR_WEIGHT); BANDS.len()];
    for day in (from + REFIT_H..end).step_by(usize::try_from(REFIT_H).unwrap_or(24)) {
        let bands = fit_bands(&record.until(day))?;
        for (((near, far), pair), (sum, weight)) in BANDS.iter().zip(&bands).zip(&mut sums) {
            let Some(pair) = pair else { continue };
            for horizon in (*near..=*far).step_by(3) {
                for origin in day - 1..(day - 1 + REFIT_H).min(end - horizon) {
                    let row = features::row(record, &tide, origin, horizon);
                    if let (Some(row), Some(truth)) = (row, record.at(origin + horizon)) {
                        *sum += (truth - pair.at(&row)).powi(2);
                        *weight += 1.0;
                    }
                }
            }
        }
    }
    Ok(sums.map(|(sum, weight): (f64, f64)| (sum / weight).sqrt()).to_vec())
}

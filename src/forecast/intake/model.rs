//! Two ridges for each band of horizons, and the size of their past errors.

use std::sync::Arc;

use linfa::prelude::{Dataset, Fit, ParamGuard as _, Predict};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::features::{self, COUNT, Row, Tide};
use super::odds::{HourForecast, Week, log_limit, probability_below};
use super::record::Record;
use super::{HORIZON_H, THRESHOLDS_G_L};
use crate::forecast::ForecastError;
use crate::forecast::learn::LinearModel;
use crate::forecast::learn::ridge::{Penalty, RidgeParams};

/// Bands of horizons (hours, first and last) that share their ridges: a band has enough rows of
/// three weeks, and within it the same things matter.
const BANDS: [(i64, i64); 7] = [(1, 3), (4, 6), (7, 12), (13, 18), (19, 25), (26, 37), (38, 49)];

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

/// The prior's worth in the trust: a day of hours whose odds stand half apart (24 × 0.5²).
const PRIOR_TRUST: f64 = 6.0;

/// The pair of ridges of a band: from the day's mean, and from the last tide's same moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pair {
    from_mean: LinearModel,
    from_tide: LinearModel,
}

/// A fitted model of one place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    bands: Vec<Option<Pair>>,
    /// What the last days' forecasts taught, by band.
    lessons: Vec<Lesson>,
    /// The week before the fit.
    week: Arc<Week>,
}

/// What past forecasts of a band taught.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Lesson {
    /// The size of their errors.
    scale: f64,
    /// The weight of the model's odds beside last week's share, by limit.
    trust: [f64; 4],
}

/// A past forecast held against what came.
struct Outcome {
    log_ec: f64,
    truth: f64,
    /// Share below each limit of the hours of the week before its ridges were fitted.
    share: [f64; 4],
}

impl Model {
    /// Fits to everything `record` holds. Bands with too little to learn from stay empty.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] when the rows cannot be learned from.
    pub fn fit(record: &Record) -> Result<Self, ForecastError> {
        let bands = fit_bands(record)?;
        let lessons = outcomes(record)?.iter().map(|past| learn(past)).collect();
        let week = Arc::new(Week::before(record, record.span().1));
        Ok(Self { bands, lessons, week })
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
        let tide = Tide::over(record, origin, origin + HORIZON_H as i64);
        let bands = BANDS.iter().zip(&self.bands).zip(&self.lessons);
        bands
            .filter_map(|((band, pair), lesson)| Some((band, pair.as_ref()?, lesson)))
            .flat_map(|((first, last), pair, lesson)| {
                let (record, tide) = (&record, &tide);
                (*first..=*last).filter_map(move |horizon_h| {
                    let log_ec = pair.at(&features::row(record, tide, origin, horizon_h)?);
                    Some(HourForecast {
                        from: record.start_of(origin + horizon_h),
                        horizon_h,
                        log_ec,
                        scale: lesson.scale,
                        trust: lesson.trust,
                        week: Arc::clone(&self.week),
                    })
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
    let tide = Tide::over(record, first, end);
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

/// Returns what the last days' forecasts said and what came, by band, as it would have been: each
/// day's by ridges that had seen nothing of it. Every third horizon: neighbours err alike.
fn outcomes(record: &Record) -> Result<Vec<Vec<Outcome>>, ForecastError> {
    let (first, end) = record.span();
    let from = first.max(end - ERRORS_H);
    let tide = Tide::over(record, from, end);
    let mut all: Vec<Vec<Outcome>> = BANDS.iter().map(|_| Vec::new()).collect();
    for day in (from + REFIT_H..end).step_by(usize::try_from(REFIT_H).unwrap_or(24)) {
        let bands = fit_bands(&record.until(day))?;
        let week = Week::before(record, day);
        let share = THRESHOLDS_G_L.map(|limit| week.below(log_limit(limit)));
        for origin in day - 1..(day - 1 + REFIT_H).min(end) {
            for (((near, far), pair), past) in BANDS.iter().zip(&bands).zip(&mut all) {
                let Some(pair) = pair else { continue };
                for horizon in (*near..=*far).step_by(3) {
                    let row = features::row(record, &tide, origin, horizon);
                    if let (Some(row), Some(truth)) = (row, record.at(origin + horizon)) {
                        past.push(Outcome { log_ec: pair.at(&row), truth, share });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// Learns the size of the errors, and how far the model's odds are better than last week's share:
/// the weight of least squared error of the odds (Brier), held to the model by a prior worth the
/// errors of a day.
fn learn(past: &[Outcome]) -> Lesson {
    let squares: f64 = past.iter().map(|o| (o.truth - o.log_ec).powi(2)).sum();
    #[expect(clippy::cast_precision_loss, reason = "hours of ten days")]
    let scale = ((squares + PRIOR_WEIGHT * PRIOR_SIZE * PRIOR_SIZE)
        / (past.len() as f64 + PRIOR_WEIGHT))
        .sqrt();
    let mut trust = [1.0; 4];
    for (index, trust) in trust.iter_mut().enumerate() {
        let limit = log_limit(THRESHOLDS_G_L[index]);
        let (mut gained, mut apart) = (PRIOR_TRUST, PRIOR_TRUST);
        for o in past {
            let came = f64::from(u8::from(o.truth < limit));
            let step = probability_below(limit, o.log_ec, scale) - o.share[index];
            gained += (came - o.share[index]) * step;
            apart += step * step;
        }
        *trust = (gained / apart).clamp(0.0, 1.0);
    }
    Lesson { scale, trust }
}

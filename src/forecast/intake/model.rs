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

/// Every third horizon's errors are looked at.
const APART: usize = 3;

/// Hours after which a model is fitted anew.
pub const REFIT_H: i64 = 24;

/// The size of errors before any are known, as a logarithm: within a day, the swing of the buoy's
/// first days; and from day to day, with the root of the days ahead, what the daily maximum of 27
/// stations changed by at 0.2 to 1 g/L, 1995 to 2014 (0.46 in one day, 0.65 in two).
const SWING: f64 = 0.5;
const CHANGE_PER_DAY: f64 = 0.46;

/// That size is worth the errors of six days: so much did the ten days before a change tell of its
/// size at those stations (likeliest: 8 days for one day's change, 4 for two).
const PRIOR_DAYS: f64 = 6.0;

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
        let (first, end) = record.span();
        let tide = Tide::over(record, first, end);
        let days = last_days(record);
        let (mut bands, mut lessons) = (Vec::new(), Vec::new());
        for band in BANDS {
            let cases = cases(record, &tide, band);
            bands.push(fit_band(&cases, band, None)?);
            lessons.push(learn(band, &outcomes(&cases, band, &days)?));
        }
        let week = Arc::new(Week::before(record, end));
        Ok(Self { bands, lessons, week })
    }

    /// Returns whether something can be forecast: two thirds of two days of the week before the fit
    /// are known.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.week.hours() * 3 >= 2 * 48
    }

    /// Returns the forecast of the next hours from the last hour of `record`, none when the last
    /// two days are not known well enough. Where a band has too little to learn from, it is the
    /// last tide's curve, with errors of the size that is assumed before any are known.
    #[must_use]
    pub fn issue(&self, record: &Record) -> Vec<HourForecast> {
        let origin = record.span().1 - 1;
        let tide = Tide::over(record, origin, origin + HORIZON_H as i64);
        let bands = BANDS.iter().zip(&self.bands).zip(&self.lessons);
        bands
            .flat_map(|(((first, last), pair), lesson)| {
                let (record, tide) = (&record, &tide);
                (*first..=*last).filter_map(move |horizon_h| {
                    let row = features::row(record, tide, origin, horizon_h)?;
                    Some(HourForecast {
                        from: record.start_of(origin + horizon_h),
                        horizon_h,
                        log_ec: pair.as_ref().map_or(row.last_tide, |pair| pair.at(&row)),
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

/// What was known at an origin about an hour ahead, and what came.
struct Case {
    origin: i64,
    horizon: i64,
    row: Row,
    truth: f64,
}

/// Returns the cases of a band in a record: its horizons, then the origins.
fn cases(record: &Record, tide: &Tide, (near, far): (i64, i64)) -> Vec<Case> {
    let (first, end) = record.span();
    let case = |origin: i64, horizon: i64| {
        let truth = record.at(origin + horizon)?;
        let row = features::row(record, tide, origin, horizon)?;
        Some(Case { origin, horizon, row, truth })
    };
    let of_horizon = |horizon| (first..end - horizon).filter_map(move |o| case(o, horizon));
    (near..=far).flat_map(of_horizon).collect()
}

/// Fits a band to its cases, but for the hours that the origins of the day that begins at `unseen`
/// speak of; to none where they are too few.
fn fit_band(
    cases: &[Case],
    (near, far): (i64, i64),
    unseen: Option<i64>,
) -> Result<Option<Pair>, ForecastError> {
    let hidden = unseen.map(|day| day + near..day + REFIT_H + far);
    let seen = |case: &&Case| {
        hidden.as_ref().is_none_or(|hours| !hours.contains(&(case.origin + case.horizon)))
    };
    let cases: Vec<&Case> = cases.iter().filter(seen).collect();
    let origins = cases.len() / usize::try_from(far - near + 1).unwrap_or(1);
    (origins >= ROWS_MIN).then(|| fit_pair(&cases)).transpose()
}

fn fit_pair(cases: &[&Case]) -> Result<Pair, ForecastError> {
    let values = Array2::from_shape_fn((cases.len(), COUNT), |(r, c)| cases[r].row.values[c]);
    #[expect(clippy::cast_precision_loss, reason = "rows of some weeks")]
    let penalty = PENALTY_SHARE * cases.len() as f64;
    let ridge = RidgeParams::new(Penalty::Fixed(penalty)).check()?;
    let fit = |start: fn(&Row) -> f64| -> Result<LinearModel, ForecastError> {
        let rest: Array1<f64> = cases.iter().map(|case| case.truth - start(&case.row)).collect();
        Ok(ridge.fit(&Dataset::new(values.clone(), rest))?)
    };
    Ok(Pair { from_mean: fit(|row| row.day_mean)?, from_tide: fit(|row| row.last_tide)? })
}

/// A day of the last ones: its first hour, and the share below each limit of the week before it.
type Day = (i64, [f64; 4]);

fn last_days(record: &Record) -> Vec<Day> {
    let (first, end) = record.span();
    let days = (first.max(end - ERRORS_H)..end).step_by(usize::try_from(REFIT_H).unwrap_or(24));
    days.map(|day| {
        let week = Week::before(record, day);
        (day, THRESHOLDS_G_L.map(|limit| week.below(log_limit(limit))))
    })
    .collect()
}

/// Returns what forecasts of the last days would have said and what came: each day's by ridges
/// fitted to all but the hours it speaks of, those after it among them, for the model to be judged
/// has as much to learn from. Every third horizon: neighbours err alike.
fn outcomes(cases: &[Case], band: (i64, i64), days: &[Day]) -> Result<Vec<Outcome>, ForecastError> {
    let mut past = Vec::new();
    for (day, share) in days {
        let Some(pair) = fit_band(cases, band, Some(*day))? else { continue };
        let judged = cases.iter().filter(|case| {
            (*day..day + REFIT_H).contains(&case.origin)
                && (case.horizon - band.0) % APART as i64 == 0
        });
        past.extend(judged.map(|case| Outcome {
            log_ec: pair.at(&case.row),
            truth: case.truth,
            share: *share,
        }));
    }
    Ok(past)
}

/// Learns the size of a band's errors, and how far the model's odds are better than last week's
/// share: the weight of least squared error of the odds (Brier), held to the model by a prior worth
/// the errors of a day.
#[expect(clippy::cast_precision_loss, reason = "hours of ten days")]
fn learn((near, far): (i64, i64), past: &[Outcome]) -> Lesson {
    let squares: f64 = past.iter().map(|o| (o.truth - o.log_ec).powi(2)).sum();
    // The hours of a day err together: a day of them tells as much of the size as one error.
    let of_a_day = (REFIT_H as usize * (near..=far).step_by(APART).count()) as f64;
    let days_ahead = (near + far) as f64 / 48.0;
    let before = SWING.powi(2) + CHANGE_PER_DAY.powi(2) * days_ahead;
    let days = past.len() as f64 / of_a_day;
    let scale = ((squares / of_a_day + PRIOR_DAYS * before) / (days + PRIOR_DAYS)).sqrt();
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

//! The rolling backtest: every hour as it could have been said then, beside the baselines.

use super::features::LUNAR_DAY_H;
use super::odds::{Week, log_limit};
use super::record::start_of;
use super::{HORIZON_H, HourForecast, Model, REFIT_H, Record, THRESHOLDS_G_L, Told};
use crate::forecast::ForecastError;

/// What is published.
pub const MODEL: &str = "published";
/// Yesterday's curve shifted by the tide.
pub const YESTERDAY: &str = "yesterday_shifted";
/// The last hour for ever.
pub const PERSISTENCE: &str = "persistence";
/// The share of the last seven days' hours that were below.
pub const LAST_WEEK: &str = "last_week_share";

/// What one model said of one hour and limit, and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said {
    /// The last hour known (hours since 1970 UTC); it was issued when that hour was over.
    pub origin: i64,
    /// Hours from the issue to the start of the hour it speaks of.
    pub horizon_h: i64,
    /// g/L.
    pub threshold: f64,
    /// Who.
    pub model: &'static str,
    /// The odds of staying below.
    pub p_below: f64,
    /// What came: below or not.
    pub below: bool,
}

impl Said {
    /// Returns when it was issued: the end of the last hour known.
    #[must_use]
    pub fn issued_at(&self) -> jiff::Timestamp {
        start_of(self.origin + 1)
    }

    /// Returns the start of the hour it speaks of.
    #[must_use]
    pub fn valid_time(&self) -> jiff::Timestamp {
        start_of(self.origin + 1 + self.horizon_h)
    }
}

/// Returns everything said from origins in `from..until` (hours), each by what could be known when
/// its hour was over, with a model fitted anew each day. `share` is told how far it is, 0 to 1.
///
/// # Errors
/// [`ForecastError::Learn`] when a fit fails.
pub fn run(
    readings: &[Told],
    from: i64,
    until: i64,
    share: impl Fn(f64),
) -> Result<Vec<Said>, ForecastError> {
    let record = Record::known_at(readings, jiff::Timestamp::MAX);
    let mut said = Vec::new();
    let mut fitted: Option<(i64, Model)> = None;
    for origin in from..until.min(record.span().1) {
        #[expect(clippy::cast_precision_loss, reason = "hours")]
        share((origin - from) as f64 / (until - from) as f64);
        let known = Record::known_at(readings, start_of(origin + 1)).bridged();
        // Nothing is said at an hour whose last one was not read.
        if known.span().1 != origin + 1 {
            continue;
        }
        let model = match fitted.take() {
            Some((at, model)) if origin - at < REFIT_H => fitted.insert((at, model)),
            _ => fitted.insert((origin, Model::fit(&known)?)),
        };
        let hours = model.1.issue(&known);
        let week = Week::before(&known, origin + 1);
        for ahead in 1..=HORIZON_H as i64 {
            let Some(truth) = record.at(origin + ahead) else { continue };
            let hour = hours.iter().find(|h| h.horizon_h == ahead);
            for threshold in THRESHOLDS_G_L {
                let limit = log_limit(threshold);
                let mut say = |model, p_below: Option<f64>| {
                    said.extend(p_below.map(|p_below| Said {
                        origin,
                        horizon_h: ahead - 1,
                        threshold,
                        model,
                        p_below,
                        below: truth < limit,
                    }));
                };
                let yesterday = yesterday(&known, origin, ahead).map(|v| odds(v < limit));
                say(MODEL, hour.map(|h: &HourForecast| h.below(threshold)));
                say(YESTERDAY, yesterday);
                say(PERSISTENCE, known.at(origin).map(|v| odds(v < limit)));
                say(LAST_WEEK, Some(week.below(limit)));
            }
        }
    }
    Ok(said)
}

fn odds(below: bool) -> f64 {
    f64::from(u8::from(below))
}

/// The same moment of the newest tide that is known.
fn yesterday(known: &Record, origin: i64, ahead: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "hours")]
    let (valid, ahead) = ((origin + ahead) as f64, ahead as f64);
    known.between(valid - (ahead / LUNAR_DAY_H).ceil() * LUNAR_DAY_H)
}

/// How good a model was at one limit and band of horizons.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Score {
    /// g/L.
    pub threshold_g_l: f64,
    /// Hours ahead, first and last.
    pub horizons_h: (i64, i64),
    /// Who.
    pub model: &'static str,
    /// Hours scored.
    pub n: usize,
    /// Share of the fresh hours that were called fresh (odds of a half and more), %.
    pub hit_pct: f64,
    /// Share of all hours that were called fresh and were salt: the costly error, %.
    pub false_fresh_pct: f64,
    /// Share of all hours called wrongly, %.
    pub wrong_pct: f64,
    /// Mean squared error of the odds.
    pub brier: f64,
}

/// Bands of horizons that are scored: this half day, the next, the day after.
const SCORED: [(i64, i64); 3] = [(0, 12), (13, 24), (25, 48)];

/// Returns the scores by limit, band and model.
#[must_use]
pub fn scores(said: &[Said]) -> Vec<Score> {
    let mut scores = Vec::new();
    for threshold_g_l in THRESHOLDS_G_L {
        for horizons_h in SCORED {
            for model in [MODEL, YESTERDAY, PERSISTENCE, LAST_WEEK] {
                let of = |s: &&Said| {
                    s.model == model
                        && s.threshold.total_cmp(&threshold_g_l).is_eq()
                        && (horizons_h.0..=horizons_h.1).contains(&s.horizon_h)
                };
                let all: Vec<&Said> = said.iter().filter(of).collect();
                if !all.is_empty() {
                    scores.push(score(&all, threshold_g_l, horizons_h, model));
                }
            }
        }
    }
    scores
}

#[expect(clippy::cast_precision_loss, reason = "counts of hours")]
fn score(all: &[&Said], threshold_g_l: f64, horizons_h: (i64, i64), model: &'static str) -> Score {
    let n = all.len();
    let share =
        |of: &dyn Fn(&Said) -> bool| 100.0 * all.iter().filter(|s| of(s)).count() as f64 / n as f64;
    let called = |s: &Said| s.p_below >= 0.5;
    let fresh = share(&|s| s.below);
    let brier = all.iter().map(|s| (s.p_below - odds(s.below)).powi(2)).sum::<f64>() / n as f64;
    Score {
        threshold_g_l,
        horizons_h,
        model,
        n,
        hit_pct: if fresh > 0.0 { 100.0 * share(&|s| called(s) && s.below) / fresh } else { 100.0 },
        false_fresh_pct: share(&|s| called(s) && !s.below),
        wrong_pct: share(&|s| called(s) != s.below),
        brier,
    }
}

/// One step of the reliability diagram: what was said, how often it came.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Step {
    /// Mean of the odds in it.
    pub said: f64,
    /// Share that came.
    pub came: f64,
    /// Hours in it.
    pub n: usize,
}

/// Returns the reliability of the published model at one limit, by tenths of the odds.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of hours")]
pub fn reliability(said: &[Said], threshold: f64) -> Vec<Step> {
    (0..10)
        .filter_map(|tenth| {
            let (low, high) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
            let inside: Vec<&Said> = said
                .iter()
                .filter(|s| s.model == MODEL && s.threshold.total_cmp(&threshold).is_eq())
                .filter(|s| s.p_below >= low && (s.p_below < high || tenth == 9))
                .collect();
            let n = inside.len();
            let mean =
                |of: &dyn Fn(&Said) -> f64| inside.iter().map(|s| of(s)).sum::<f64>() / n as f64;
            (n > 0).then(|| Step { said: mean(&|s| s.p_below), came: mean(&|s| odds(s.below)), n })
        })
        .collect()
}

//! The score table of a backtest: every model beside every baseline, by place and horizon.

use std::collections::BTreeMap;

use serde::Serialize;

use super::backtest::Row;
use super::scores::{Contingency, bias, brier, coverage, mae, mean_pinball, rmse};
use super::targets::Kind;
use crate::domain::PlaceId;
use crate::frames::Score;

/// The scores of one model at one place (or all) and horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreLine {
    /// The place; `None` for all places pooled.
    pub place: Option<PlaceId>,
    /// Steps ahead.
    pub horizon: u8,
    /// Which model or baseline.
    pub model: &'static str,
    /// Forecasts scored.
    pub n: usize,
    /// Mean absolute error of the median.
    pub mae: f64,
    /// Root mean squared error of the median.
    pub rmse: f64,
    /// Mean error of the median, forecast minus observed.
    pub bias: f64,
    /// Mean pinball loss over the seven levels; none for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinball: Option<f64>,
    /// Share of observations inside the 80 % interval; none for an event, whose odds have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_80: Option<f64>,
    /// Share of observations inside the 90 % interval; none for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_90: Option<f64>,
    /// Brier score of the odds of an event; none for an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<f64>,
    /// Scores of the odds of exceeding each threshold.
    pub events: Vec<EventScore>,
}

impl ScoreLine {
    /// Returns the error people are shown: the mean absolute error, of an event the Brier score.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.brier.unwrap_or(self.mae)
    }

    /// Returns the proper score that forecasters are ranked by: the pinball loss, of an event the
    /// Brier score (the pinball loss of odds that stand at every level is no proper score).
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.brier.or(self.pinball).unwrap_or(f64::NAN)
    }
}

/// How well the exceedance of one threshold was forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventScore {
    /// The threshold, in the target's unit.
    pub threshold: f64,
    /// How often it was exceeded, 0 to 1.
    pub base_rate: f64,
    /// Brier score of the odds.
    pub brier: f64,
    /// Critical success index of the median.
    pub csi: f64,
    /// Probability of detection of the median.
    pub pod: f64,
    /// False-alarm ratio of the median.
    pub far: f64,
}

/// Returns the score lines of a backtest: pooled first, then by place; all horizons and models in
/// order. `thresholds` are in the target's unit.
#[must_use]
pub fn score_lines(rows: &[Row], kind: Kind, thresholds: &[f64]) -> Vec<ScoreLine> {
    let mut groups: BTreeMap<(Option<&PlaceId>, u8, &'static str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((None, row.horizon, row.model)).or_default().push(row);
        groups.entry((Some(&row.place), row.horizon, row.model)).or_default().push(row);
    }
    groups
        .into_iter()
        .map(|((place, horizon, model), rows)| ScoreLine {
            place: place.cloned(),
            events: thresholds.iter().map(|t| event(&rows, *t)).collect(),
            ..pooled(horizon, model, kind, &rows)
        })
        .collect()
}

/// Returns the scores of one model at one horizon, without place and thresholds.
fn pooled(horizon: u8, model: &'static str, kind: Kind, rows: &[&Row]) -> ScoreLine {
    let pairs: Vec<(f64, f64)> = rows.iter().map(|r| (r.quantiles.median(), r.y)).collect();
    let quantiles: Vec<([f64; 7], f64)> =
        rows.iter().map(|r| (r.quantiles.values(), r.y)).collect();
    let inside = |low: usize, high: usize| {
        let triples: Vec<_> = quantiles.iter().map(|(q, y)| (q[low], q[high], *y)).collect();
        coverage(&triples)
    };
    let amount = kind == Kind::Amount;
    ScoreLine {
        place: None,
        horizon,
        model,
        n: rows.len(),
        mae: mae(&pairs),
        rmse: rmse(&pairs),
        bias: bias(&pairs),
        pinball: amount.then(|| mean_pinball(&quantiles)),
        coverage_80: amount.then(|| inside(1, 5)),
        coverage_90: amount.then(|| inside(0, 6)),
        brier: (!amount).then(|| brier(&odds_of_event(rows))),
        events: Vec::new(),
    }
}

/// Returns the odds of an event, which stand at every level, and whether it happened.
fn odds_of_event(rows: &[&Row]) -> Vec<(f64, bool)> {
    rows.iter().map(|r| (r.quantiles.median(), r.y > 0.5)).collect()
}

fn event(rows: &[&Row], threshold: f64) -> EventScore {
    let odds: Vec<(f64, bool)> =
        rows.iter().map(|r| (r.quantiles.probability_above(threshold), r.y > threshold)).collect();
    let table =
        Contingency::of(rows.iter().map(|r| (r.quantiles.median() > threshold, r.y > threshold)));
    let happened = odds.iter().filter(|(_, happened)| *happened).count();
    EventScore {
        threshold,
        base_rate: happened as f64 / odds.len() as f64,
        brier: brier(&odds),
        csi: table.csi(),
        pod: table.pod(),
        far: table.far(),
    }
}

/// Returns the pooled score lines of each calendar month of the valid days, without events.
#[must_use]
pub fn by_month(rows: &[Row], kind: Kind) -> BTreeMap<i8, Vec<ScoreLine>> {
    let mut months: BTreeMap<(i8, u8, &'static str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let month = row.valid_day.month();
        months.entry((month, row.horizon, row.model)).or_default().push(row);
    }
    let mut lines: BTreeMap<i8, Vec<ScoreLine>> = BTreeMap::new();
    for ((month, horizon, model), rows) in months {
        lines.entry(month).or_default().push(pooled(horizon, model, kind, &rows));
    }
    lines
}

/// Returns the score lines as rows of the score table, one a metric.
#[must_use]
pub fn rows(lines: &[ScoreLine], target: &str, window: &str, run_id: &str) -> Vec<Score> {
    let mut rows = Vec::new();
    for line in lines {
        let place = line.place.clone().or_else(|| PlaceId::new("all", "all").ok());
        let Some(place) = place else { continue };
        let mut push = |metric: String, value: f64| {
            // A score that is not one of this kind, or of no event (0 hits of 0), is left out.
            if value.is_finite() {
                rows.push(Score {
                    target: target.into(),
                    place: place.clone(),
                    horizon: i64::from(line.horizon),
                    window: window.into(),
                    model: line.model.into(),
                    metric: metric.into(),
                    value,
                    n: i64::try_from(line.n).unwrap_or(i64::MAX),
                    run_id: run_id.into(),
                });
            }
        };
        push("mae".into(), line.mae);
        push("rmse".into(), line.rmse);
        push("bias".into(), line.bias);
        let of_kind = [
            ("pinball", line.pinball),
            ("coverage_80", line.coverage_80),
            ("coverage_90", line.coverage_90),
            ("brier", line.brier),
        ];
        for (metric, value) in of_kind {
            push(metric.into(), value.unwrap_or(f64::NAN));
        }
        for event in &line.events {
            push(format!("brier_gt_{}", event.threshold), event.brier);
            push(format!("csi_gt_{}", event.threshold), event.csi);
        }
    }
    rows
}

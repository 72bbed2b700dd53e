//! Our own forecasts, every one kept for ever, and how good they were.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::spec::{Column, Kind, TableSpec};
use crate::domain::quantiles::QuantileError;
use crate::domain::{PlaceId, Quantiles, StandIn};

/// Our quantile forecasts.
pub const FORECAST: TableSpec = TableSpec {
    name: "forecast",
    version: 1,
    meaning: "our quantile forecasts; every issued forecast is kept for ever",
    columns: &[
        Column::required("target", Kind::Text, "what is forecast"),
        Column::required("period", Kind::Text, "local year of issued_at"),
        Column::required("place", Kind::Text, "kind:id"),
        Column::required(
            "issued_at",
            Kind::Time,
            "when it was issued; it read nothing available later",
        ),
        Column::required("valid_time", Kind::Time, "start of the step it speaks of"),
        Column::required("horizon", Kind::Int, "steps ahead, 1 is the first not yet known"),
        Column::required("model", Kind::Text, "which model or baseline, with its version"),
        Column::required("published", Kind::Bool, "whether this row is the one people are shown"),
        Column::required("unit", Kind::Text, "unit of the quantiles"),
        Column::required("q05", Kind::Float, "5 % quantile"),
        Column::required("q10", Kind::Float, "10 % quantile"),
        Column::required("q25", Kind::Float, "25 % quantile"),
        Column::required("q50", Kind::Float, "median, the point forecast"),
        Column::required("q75", Kind::Float, "75 % quantile"),
        Column::required("q90", Kind::Float, "90 % quantile"),
        Column::required("q95", Kind::Float, "95 % quantile"),
        Column::required("data_cut", Kind::Time, "latest available_at among the rows read"),
        Column::required("run_id", Kind::Text, "the run that issued it"),
    ],
    key: &["target", "place", "issued_at", "valid_time", "model", "run_id"],
    partition_by: &["target", "period"],
};

/// A row of [`FORECAST`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of FORECAST say what each field means")]
pub struct Forecast {
    pub target: Arc<str>,
    pub period: Arc<str>,
    pub place: PlaceId,
    pub issued_at: Timestamp,
    pub valid_time: Timestamp,
    pub horizon: i64,
    pub model: Arc<str>,
    pub published: bool,
    pub unit: Arc<str>,
    pub q05: f64,
    pub q10: f64,
    pub q25: f64,
    pub q50: f64,
    pub q75: f64,
    pub q90: f64,
    pub q95: f64,
    pub data_cut: Timestamp,
    pub run_id: Arc<str>,
}

impl Forecast {
    /// Returns the seven quantiles.
    ///
    /// # Errors
    /// [`QuantileError`] when a stored row is not ordered or not finite.
    pub fn quantiles(&self) -> Result<Quantiles, QuantileError> {
        Quantiles::new([self.q05, self.q10, self.q25, self.q50, self.q75, self.q90, self.q95])
    }

    /// Makes the forecast of a stand-in that of a place: wider, and of that place.
    pub fn stand_in(&mut self, place: &PlaceId, stand_in: &StandIn) {
        let own = [self.q05, self.q10, self.q25, self.q50, self.q75, self.q90, self.q95];
        [self.q05, self.q10, self.q25, self.q50, self.q75, self.q90, self.q95] =
            stand_in.widened(own);
        self.place = place.clone();
    }
}

/// What parts a window from its month, in the `window` of [`SCORE`]: scores of one month's days.
pub const MONTH: &str = "/month ";

/// How good a model was, beside its baselines.
pub const SCORE: TableSpec = TableSpec {
    name: "score",
    version: 1,
    meaning: "how good each model and baseline was on a rolling backtest",
    columns: &[
        Column::required("target", Kind::Text, "what was forecast"),
        Column::required("place", Kind::Text, "kind:id, or all:all for the pooled score"),
        Column::required("horizon", Kind::Int, "steps ahead"),
        Column::required(
            "window",
            Kind::Text,
            "first..last issue date, and the month when it is of one month's days",
        ),
        Column::required("model", Kind::Text, "which model or baseline"),
        Column::required(
            "metric",
            Kind::Text,
            "mae, pinball, coverage_80, brier_gt_4, csi_gt_4, …",
        ),
        Column::required("value", Kind::Float, "the score"),
        Column::required("n", Kind::Int, "forecasts scored"),
        Column::required("run_id", Kind::Text, "the run that scored it"),
    ],
    key: &["target", "place", "horizon", "window", "model", "metric", "run_id"],
    partition_by: &["target"],
};

/// A row of [`SCORE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of SCORE say what each field means")]
pub struct Score {
    pub target: Arc<str>,
    pub place: PlaceId,
    pub horizon: i64,
    pub window: Arc<str>,
    pub model: Arc<str>,
    pub metric: Arc<str>,
    pub value: f64,
    pub n: i64,
    pub run_id: Arc<str>,
}

//! What the lake has archived of outside forecasts and of our own, read column by column: a year of
//! either is millions of rows, of which a morning looks at the last months.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use polars::prelude::{DataFrame, DataType, Expr, IntoLazy, TimeUnit, col, lit};

use super::PipelineError;
use super::guided::{STATISTICAL, lead_days};
use crate::domain::PlaceId;
use crate::domain::time::{epoch_day, local_date};
use crate::features::FeatureError;
use crate::forecast::gate::PUBLISHED;
use crate::forecast::guidance::{Archived, GuidanceKey};
use crate::forecast::targets::Target as _;
use crate::forecast::targets::weather::Weather;
use crate::frames::TableSpec;
use crate::frames::bridge::to_polars;
use crate::frames::forecasts::FORECAST;
use crate::frames::observations::GUIDANCE;
use crate::storage::{Filter, Lake, StorageError};

/// Days of issues that a morning looks back on: beyond it a correction has forgotten nine tenths
/// (its memory is 45 days), and judging begins after 30.
const WINDOW_DAYS: i64 = 120;
/// Microseconds a day.
const DAY_US: i64 = 86_400_000_000;

/// Quantiles by level.
type Values = [f64; 7];

/// Our own forecasts: by target and place, then by the day of issue and the day spoken of.
#[derive(Debug, Clone, Default)]
pub(super) struct Ours(BTreeMap<(String, PlaceId), BTreeMap<(i64, i64), Values>>);

impl Ours {
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns what our own model said of a day on the morning of another: at the place, or where
    /// the place's forecast is looked up.
    pub fn of(&self, weather: &Weather, place: &PlaceId, issue: i64, valid: i64) -> Option<Values> {
        let at = |place: &PlaceId| {
            let days = self.0.get(&(weather.name().to_owned(), place.clone()))?;
            days.get(&(issue, valid)).copied()
        };
        if let Some(own) = at(place) {
            return Some(own);
        }
        let points = weather.stand_ins(place);
        points.iter().find_map(|point| Some(point.widened(at(&point.place)?)))
    }
}

/// Returns the forecasts of a variable that others had issued and anyone could know at `at`: single
/// numbers of whole local days.
pub(super) async fn archived(
    lake: &Lake,
    variable: &'static str,
    at: Timestamp,
) -> Result<Vec<Archived>, PipelineError> {
    let filter = Filter::all().and("variable", [variable]).and("period", years(at));
    let at_us = at.as_microsecond();
    let wanted = micros("issued_at")
        .gt(lit(at_us - WINDOW_DAYS * DAY_US))
        .and(micros("available_at").lt_eq(lit(at_us)))
        .and(col("member").eq(lit("")))
        .and(col("value").is_not_null());
    let columns = vec![
        col("place"),
        col("source"),
        micros("issued_at").alias("issued"),
        micros("valid_time").alias("valid"),
        micros("available_at").alias("available"),
        col("value"),
    ];
    let Some(frame) = read(lake, &GUIDANCE, filter, wanted, columns).await? else {
        return Ok(Vec::new());
    };
    let rows = || -> Result<Vec<Archived>, polars::error::PolarsError> {
        let (places, sources) = (frame.column("place")?.str()?, frame.column("source")?.str()?);
        let (issued, valid) = (frame.column("issued")?.i64()?, frame.column("valid")?.i64()?);
        let (available, values) =
            (frame.column("available")?.i64()?, frame.column("value")?.f64()?);
        let mut names = Names::default();
        let variable: Arc<str> = variable.into();
        let row = |i: usize| {
            let (place, source) = names.of(places.get(i)?, sources.get(i)?)?;
            let moment = |us: i64| Timestamp::from_microsecond(us).ok();
            let (issue_day, lead) = lead_days(moment(issued.get(i)?)?, moment(valid.get(i)?)?);
            Some(Archived {
                key: GuidanceKey { variable: variable.clone(), source, lead, place },
                available_at: moment(available.get(i)?)?,
                valid_day: issue_day + lead,
                value: values.get(i)?,
            })
        };
        let mut rows: Vec<Archived> = (0..frame.height()).filter_map(row).collect();
        // Files come in any order; the same rows must give the same mark.
        let order = |r: &Archived| (r.key.clone(), r.valid_day, r.available_at);
        rows.sort_by_cached_key(order);
        Ok(rows)
    };
    Ok(rows().map_err(frame_error)?)
}

/// Returns what our own model had said of a target up to `at`.
pub(super) async fn ours(
    lake: &Lake,
    target: &'static str,
    at: Timestamp,
) -> Result<Ours, PipelineError> {
    let filter = Filter::all().and("target", [target]).and("period", years(at));
    let at_us = at.as_microsecond();
    let wanted = micros("issued_at")
        .gt(lit(at_us - WINDOW_DAYS * DAY_US))
        .and(micros("issued_at").lt(lit(at_us)))
        .and(col("published").or(col("model").eq(lit(STATISTICAL))));
    let mut columns = vec![
        col("place"),
        col("model"),
        micros("issued_at").alias("issued"),
        micros("valid_time").alias("valid"),
    ];
    columns.extend(crate::domain::quantiles::COLUMNS.map(col));
    let Some(frame) = read(lake, &FORECAST, filter, wanted, columns).await? else {
        return Ok(Ours::default());
    };
    let rows = || -> Result<Ours, polars::error::PolarsError> {
        let (places, models) = (frame.column("place")?.str()?, frame.column("model")?.str()?);
        let (issued, valid) = (frame.column("issued")?.i64()?, frame.column("valid")?.i64()?);
        let mut levels = Vec::new();
        for name in crate::domain::quantiles::COLUMNS {
            levels.push(frame.column(name)?.f64()?);
        }
        let (mut names, mut ours) = (Names::default(), Ours::default());
        for i in 0..frame.height() {
            let row = || {
                let moment = |us: i64| Timestamp::from_microsecond(us).ok();
                let day = |us: i64| Some(epoch_day(local_date(moment(us)?)));
                let values: Option<Vec<f64>> = levels.iter().map(|level| level.get(i)).collect();
                let values: Values = values?.try_into().ok()?;
                Some((day(issued.get(i)?)?, day(valid.get(i)?)?, values))
            };
            let named = places.get(i).zip(models.get(i)).and_then(|(p, m)| names.of(p, m));
            let (Some((place, model)), Some((issue, valid, values))) = (named, row()) else {
                continue;
            };
            let days = ours.0.entry((target.to_owned(), place)).or_default();
            // Where guidance was published, what our own model said stands beside it.
            if &*model == STATISTICAL {
                days.insert((issue, valid), values);
            } else if &*model == PUBLISHED {
                days.entry((issue, valid)).or_insert(values);
            }
        }
        Ok(ours)
    };
    Ok(rows().map_err(frame_error)?)
}

/// Names met before, so that millions of rows share them.
#[derive(Default)]
struct Names {
    places: HashMap<String, Option<PlaceId>>,
    others: HashMap<String, Arc<str>>,
}

impl Names {
    fn of(&mut self, place: &str, other: &str) -> Option<(PlaceId, Arc<str>)> {
        if !self.places.contains_key(place) {
            self.places.insert(place.to_owned(), place.parse().ok());
        }
        if !self.others.contains_key(other) {
            self.others.insert(other.to_owned(), other.into());
        }
        Some((self.places.get(place)?.clone()?, self.others.get(other)?.clone()))
    }
}

async fn read(
    lake: &Lake,
    table: &'static TableSpec,
    filter: Filter,
    wanted: Expr,
    columns: Vec<Expr>,
) -> Result<Option<DataFrame>, PipelineError> {
    let batches = lake.read(table, &filter).await?;
    if batches.is_empty() {
        return Ok(None);
    }
    let frame = tokio::task::spawn_blocking(move || {
        let frame = to_polars(&batches).map_err(StorageError::Frame)?;
        let lazy = frame.lazy().filter(wanted).select(columns);
        Ok::<_, PipelineError>(lazy.collect().map_err(frame_error)?)
    });
    Ok(Some(frame.await??))
}

/// Returns this year and the one before, which hold every issue of the window.
pub(super) fn years(at: Timestamp) -> [String; 2] {
    let year = local_date(at).year();
    [(year - 1).to_string(), year.to_string()]
}

fn micros(name: &str) -> Expr {
    col(name).cast(DataType::Datetime(TimeUnit::Microseconds, None)).cast(DataType::Int64)
}

fn frame_error(error: polars::error::PolarsError) -> FeatureError {
    FeatureError::Frame { reason: error.to_string() }
}

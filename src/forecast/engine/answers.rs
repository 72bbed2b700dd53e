//! The answers of a block of series, and how they become rows: intervals, stamps, columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};

use super::clock::{Anchor, Freq};
use super::error::EngineError;
use super::explain::{Part, Source};
use super::frame::Block;
use super::intervals::Pool;
use super::series::{Ask, Outlook, Path, Refusal, Strategy};
use super::table::{DS, ID, Ids, Layout, NO_STAMP};

/// The name of the column of point forecasts.
pub const FORECAST: &str = "forecast";

/// What was answered to a block of series, in columns. Memory: 8 bytes a step and 88 a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// Ids of the series with a forecast.
    pub ids: Ids,
    /// Their places in the block.
    pub places: Vec<usize>,
    /// Point forecasts (rows = series, cols = horizon).
    pub point: Vec<f64>,
    /// Yardsticks, one a series.
    pub scales: Vec<f64>,
    /// Names of the models in use.
    pub models: Vec<String>,
    /// The model of each series, by its place in `models`.
    pub model_of: Vec<u32>,
    /// Ids of the series without a forecast, and why.
    pub refused: Vec<(String, Refusal)>,
    /// What each forecast is the sum of, covariates by their place in the panel; no parts unless
    /// they were asked for.
    pub parts: Vec<Vec<Part>>,
    /// Series that lost rows before a gap too long to be spanned.
    pub shortened: usize,
    next: Vec<(i64, Anchor, i64)>,
    floors: Vec<f64>,
    horizon: usize,
}

impl Answers {
    /// Asks a strategy for every series of a block, and counts its past errors in a pool.
    #[must_use]
    pub fn of(block: &Block, ask: &Ask, strategy: &dyn Strategy, pool: &mut Pool) -> Self {
        let mut answers = Self::none(&block.ids, ask.horizon);
        for i in 0..block.len() {
            let path = block
                .series(i, ask.horizon)
                .and_then(|series| strategy.forecast(&series, ask))
                .and_then(|path| {
                    let finite = path.point.iter().all(|y| y.is_finite());
                    if finite { Ok(path) } else { Err(Refusal::NotFinite) }
                });
            match path {
                Ok(path) => answers.push(block, i, &path, pool),
                Err(why) => answers.refused.push((block.ids.text(i), why)),
            }
        }
        answers
    }

    /// Returns no answers, for ids of the kind of `ids`.
    #[must_use]
    pub fn none(ids: &Ids, horizon: usize) -> Self {
        Self {
            ids: ids.none_like(),
            places: Vec::new(),
            point: Vec::new(),
            scales: Vec::new(),
            models: Vec::new(),
            model_of: Vec::new(),
            refused: Vec::new(),
            parts: Vec::new(),
            shortened: 0,
            next: Vec::new(),
            floors: Vec::new(),
            horizon,
        }
    }

    fn push(&mut self, block: &Block, i: usize, path: &Path, pool: &mut Pool) {
        let Ok(span) = block.span(i) else { return };
        pool.add(&path.errors);
        self.shortened += usize::from(span.rows_dropped > 0);
        let next = (span.next(), span.anchor, span.month_in_step);
        self.push_path((&block.ids, i), path, next, block.floor(i));
        self.name_covariates(&block.known_columns(i));
    }

    /// Turns covariates of the last series pushed into columns of the panel.
    pub(super) fn name_covariates(&mut self, known: &[usize]) {
        for part in self.parts.last_mut().into_iter().flatten() {
            if let Source::Covariate(k) = &mut part.source {
                *k = known.get(*k).copied().unwrap_or(usize::MAX);
            }
        }
    }

    /// Adds the answer to one series: its id, its path, the position of its first step with its
    /// place inside a step, and the value it cannot fall below.
    pub(super) fn push_path(
        &mut self,
        (ids, i): (&Ids, usize),
        path: &Path,
        next: (i64, Anchor, i64),
        floor: f64,
    ) {
        self.ids.push_from(ids, i);
        self.places.push(i);
        self.point.extend_from_slice(&path.point);
        self.scales.push(path.scale);
        self.parts.push(path.parts.clone());
        let known = self.models.iter().position(|m| *m == path.model);
        let model = known.unwrap_or_else(|| {
            self.models.push(path.model.clone());
            self.models.len() - 1
        });
        self.model_of.push(model as u32);
        self.next.push(next);
        self.floors.push(floor);
    }

    /// Returns how many series have a forecast.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Returns whether no series has a forecast.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Returns the stamps of the forecasts of series `i`, [`NO_STAMP`] outside the calendar.
    pub fn stamps(&self, i: usize, freq: Freq) -> impl Iterator<Item = i64> + '_ {
        let (next, anchor, month) = self.next[i];
        let at = move |h: usize| freq.stamp(next.saturating_add(h as i64), anchor, month);
        (0..self.horizon).map(move |h| at(h).unwrap_or(NO_STAMP))
    }

    /// Returns the yardsticked interval of series `i` at step `h` for a pair of factors.
    #[must_use]
    pub fn interval(&self, i: usize, h: usize, factors: (f64, f64)) -> (f64, f64) {
        (self.bound(i, h, factors.0), self.bound(i, h, factors.1))
    }

    /// Returns a bound of series `i` at step `h`, NaN where the series has no yardstick. Series
    /// that stand on 0 but never below it have no bound below 0.
    fn bound(&self, i: usize, h: usize, factor: f64) -> f64 {
        let bound = self.point[i * self.horizon + h] + factor * self.scales[i];
        if bound.is_nan() { bound } else { bound.max(self.floors[i]) }
    }

    /// Returns the forecast of series `i` with its intervals.
    #[must_use]
    pub fn outlook(&self, i: usize, factors: &[Vec<(f64, f64)>]) -> Outlook {
        let path = |f: &Vec<(f64, f64)>, pick: fn(&(f64, f64)) -> f64| {
            f.iter().enumerate().map(|(h, f)| self.bound(i, h, pick(f))).collect()
        };
        Outlook {
            point: self.point[i * self.horizon..(i + 1) * self.horizon].to_vec(),
            lower: factors.iter().map(|f| path(f, |f| f.0)).collect(),
            upper: factors.iter().map(|f| path(f, |f| f.1)).collect(),
            model: self.models[self.model_of[i] as usize].clone(),
        }
    }

    /// Returns the forecasts as rows: unique_id, ds, forecast, then lo and hi of each level.
    ///
    /// # Errors
    /// [`EngineError::Arrow`] when ids or stamps do not fit the types of the panel.
    pub fn batch(
        &self,
        layout: &Layout,
        ask: &Ask,
        factors: &[Vec<(f64, f64)>],
    ) -> Result<RecordBatch, EngineError> {
        let stamps = (0..self.len()).flat_map(|i| self.stamps(i, ask.freq)).collect();
        let mut columns: Vec<ArrayRef> = vec![
            self.ids.array(&layout.id, self.horizon)?,
            layout.stamps(stamps)?,
            Arc::new(Float64Array::from_iter_values(self.point.iter().copied())),
        ];
        for of_level in factors {
            columns.push(self.bounds(of_level, |f| f.0));
            columns.push(self.bounds(of_level, |f| f.1));
        }
        Ok(RecordBatch::try_new(Arc::new(Self::schema(layout, ask)), columns)?)
    }

    /// Returns one bound of all series and steps, missing where a series has no yardstick.
    fn bounds(&self, of_level: &[(f64, f64)], pick: impl Fn(&(f64, f64)) -> f64) -> ArrayRef {
        let mut bounds = Vec::with_capacity(self.point.len());
        for i in 0..self.len() {
            bounds.extend((0..).zip(of_level).map(|(h, f)| self.bound(i, h, pick(f))));
        }
        let known = bounds.iter().any(|bound| bound.is_nan());
        let known = known.then(|| bounds.iter().map(|bound| !bound.is_nan()).collect());
        Arc::new(Float64Array::new(bounds.into(), known))
    }

    /// Returns the schema of [`Answers::batch`].
    #[must_use]
    pub fn schema(layout: &Layout, ask: &Ask) -> Schema {
        let mut fields = vec![
            Field::new(ID, layout.id.clone(), false),
            Field::new(DS, layout.ds.clone(), true),
            Field::new(FORECAST, DataType::Float64, false),
        ];
        for level in &ask.levels {
            fields.push(Field::new(format!("lo-{level}"), DataType::Float64, true));
            fields.push(Field::new(format!("hi-{level}"), DataType::Float64, true));
        }
        Schema::new(fields)
    }
}

//! Conformal correction: moves a model's quantiles to where its own past errors say they belong.
//!
//! Split conformal prediction (Vovk 2005; for quantiles Romano, Patterson and Candès 2019), each
//! level on its own and signed, so that intervals may be lopsided. Errors are kept by key, say by
//! station and horizon; a key with too few gives way to the next, more general one:
//!
//! ```
//! use muavu::forecast::learn::conformal::{ConformalParams, Kind, Outcome};
//! use linfa::ParamGuard;
//!
//! let mut conformal = ConformalParams::new(Kind::Point).check()?.start();
//! let keys = ["station 37, day 7", "day 7"];
//! for day in 0..100 {
//!     let (point, measured) = (3.0, 3.0 + f64::from(day % 11 - 5) / 10.0);
//!     conformal.observe(&keys, &Outcome::point(point, measured))?;
//! }
//! let corrected = conformal.correct(&["station 99, day 7", "day 7"], &[3.0; 7], 1.0)?;
//! assert_eq!(corrected.key, 1, "station 99 has no errors yet");
//! assert_eq!(corrected.quantiles.values()[0], 2.5);
//! # Ok::<(), muavu::forecast::learn::LearnError>(())
//! ```
//!
//! Outcomes are observed in the order in which they become available, never earlier: whoever calls
//! [`Conformal::correct`] at a moment must have observed only what was known at that moment.

mod track;

use std::collections::BTreeMap;

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use super::error::{LearnError, Result};
use super::format::Format;
use crate::domain::{LEVELS, Quantiles};
use track::Track;

/// Rows below which the outermost levels have no finite correction: `0.05 · (19 + 1) = 1`.
const ROWS_MIN: usize = 19;

/// What the forecasts to be corrected are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One number, given seven times; all levels are corrected by the same errors.
    Point,
    /// Seven quantiles; each level is corrected by its own errors.
    Quantiles,
}

/// Checked settings of a conformal correction; see [`ConformalParams`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConformalValidParams {
    kind: Kind,
    window: usize,
    min_rows: usize,
    rate: f64,
}

/// Settings of a conformal correction, not yet checked.
///
/// | Name | Default | Purpose | Range |
/// | :--- | :--- | :--- | :--- |
/// | [window](Self::window) | unlimited | errors kept by key, the latest | `min_rows..` |
/// | [min_rows](Self::min_rows) | 19 | errors below which a key gives way | `19..` |
/// | [rate](Self::rate) | 0 | how fast levels follow the coverage reached | `[0, 1)` |
#[derive(Debug, Clone, PartialEq)]
pub struct ConformalParams(ConformalValidParams);

impl ConformalParams {
    /// Returns the defaults for this kind of forecast.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        let (window, min_rows, rate) = (usize::MAX, ROWS_MIN, 0.0);
        Self(ConformalValidParams { kind, window, min_rows, rate })
    }

    /// Sets how many errors a key keeps; older ones are forgotten.
    #[must_use]
    pub const fn window(mut self, window: usize) -> Self {
        self.0.window = window;
        self
    }

    /// Sets with how few errors a key gives way to the next.
    #[must_use]
    pub const fn min_rows(mut self, min_rows: usize) -> Self {
        self.0.min_rows = min_rows;
        self
    }

    /// Sets the step of adaptive conformal inference (Gibbs and Candès 2021): after each outcome
    /// the level looked up moves by this share of how far coverage was off. 0 switches it off;
    /// 0.005 to 0.05 is usual. Then coverage comes right in the long run even if errors drift.
    #[must_use]
    pub const fn rate(mut self, rate: f64) -> Self {
        self.0.rate = rate;
        self
    }
}

impl ParamGuard for ConformalParams {
    type Checked = ConformalValidParams;
    type Error = LearnError;

    fn check_ref(&self) -> Result<&ConformalValidParams> {
        self.0.check_all()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<ConformalValidParams> {
        self.0.check_all()?;
        Ok(self.0)
    }
}

impl ConformalValidParams {
    /// Returns a correction that has seen nothing yet.
    #[must_use]
    pub fn start(&self) -> Conformal {
        Conformal { params: self.clone(), keys: BTreeMap::new() }
    }

    fn check_all(&self) -> Result<()> {
        let refuse = |name, given: String, allowed| Err(LearnError::Param { name, given, allowed });
        if self.min_rows < ROWS_MIN {
            return refuse("min_rows", self.min_rows.to_string(), "19 or more");
        }
        if self.window < self.min_rows {
            return refuse("window", self.window.to_string(), "min_rows or more");
        }
        if !(0.0..1.0).contains(&self.rate) {
            return refuse("rate", self.rate.to_string(), "at least 0 and below 1");
        }
        Ok(())
    }
}

/// A forecast and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The model's forecast by level, before correction.
    pub forecast: [f64; 7],
    /// The quantiles that were issued, if they were; the adaptive levels follow their coverage, or
    /// else that of what would be issued now.
    pub issued: Option<[f64; 7]>,
    /// The expected size of the error (any unit, above 0), by which errors are made comparable.
    pub scale: f64,
    /// What was measured, in the forecast's unit.
    pub measured: f64,
}

impl Outcome {
    /// Returns the outcome of a point forecast of scale 1.
    #[must_use]
    pub const fn point(forecast: f64, measured: f64) -> Self {
        Self { forecast: [forecast; 7], issued: None, scale: 1.0, measured }
    }
}

/// Seven corrected quantiles, and what the correction rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// The quantiles, in rising order.
    pub quantiles: Quantiles,
    /// The place in the list of keys of the one that had enough errors.
    pub key: usize,
    /// The number of errors of that key.
    pub rows: usize,
}

/// The errors seen so far, and the corrections that follow; stored with serde as `format` 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ConformalFile", into = "ConformalFile")]
pub struct Conformal {
    params: ConformalValidParams,
    keys: BTreeMap<String, Key>,
}

/// The errors of one key by level (one track for all levels of a point forecast).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Key {
    tracks: Vec<Track>,
    /// The levels looked up, which are those of the forecast unless they adapt.
    levels: [f64; 7],
}

impl Key {
    fn new(kind: Kind) -> Self {
        let tracks = if kind == Kind::Point { 1 } else { 7 };
        Self { tracks: vec![Track::default(); tracks], levels: LEVELS }
    }

    fn rows(&self) -> usize {
        self.tracks[0].len()
    }

    fn track(&self, level: usize) -> &Track {
        &self.tracks[level.min(self.tracks.len() - 1)]
    }

    /// Returns what to add to a forecast of scale one, by level.
    fn offsets(&self) -> [f64; 7] {
        let mut offsets = [0.0; 7];
        for (k, offset) in offsets.iter_mut().enumerate() {
            *offset = self.track(k).quantile(self.levels[k]);
        }
        if self.tracks.len() == 1 {
            // Levels that adapt each on their own may cross.
            offsets.sort_by(f64::total_cmp);
        }
        offsets
    }
}

impl Conformal {
    /// Learns from one outcome, under each of the keys, from the special to the general.
    ///
    /// # Errors
    /// [`LearnError::NotFinite`] or [`LearnError::Param`] for values that are no errors.
    pub fn observe(&mut self, keys: &[&str], outcome: &Outcome) -> Result<()> {
        let errors = outcome.errors()?;
        if self.params.rate > 0.0 {
            self.adapt(keys, outcome)?;
        }
        for &name in keys {
            let kind = self.params.kind;
            let key = self.keys.entry(name.to_owned()).or_insert_with(|| Key::new(kind));
            for (track, error) in key.tracks.iter_mut().zip(errors) {
                track.push(error, self.params.window);
            }
        }
        Ok(())
    }

    /// Returns the offsets for a forecast of this scale by level, the place of the key they come
    /// from, and its number of errors. Of point forecasts they always rise.
    ///
    /// # Errors
    /// [`LearnError::TooFewRows`] when no key has enough errors, [`LearnError::Param`] for a scale
    /// that is not above 0.
    pub fn offsets(&self, keys: &[&str], scale: f64) -> Result<([f64; 7], usize, usize)> {
        check_scale(scale)?;
        let mut given = 0;
        for (place, &name) in keys.iter().enumerate() {
            let Some(key) = self.keys.get(name) else { continue };
            given = given.max(key.rows());
            if key.rows() >= self.params.min_rows {
                return Ok((key.offsets().map(|o| o * scale), place, key.rows()));
            }
        }
        let reason = "to correct a forecast by its past errors";
        Err(LearnError::TooFewRows { needed: self.params.min_rows, given, reason })
    }

    /// Returns the corrected quantiles of a forecast, in rising order.
    ///
    /// # Errors
    /// As [`Conformal::offsets`], and [`LearnError::NotFinite`] for the forecast.
    pub fn correct(&self, keys: &[&str], forecast: &[f64; 7], scale: f64) -> Result<Corrected> {
        let (offsets, key, rows) = self.offsets(keys, scale)?;
        let mut values = *forecast;
        values.iter_mut().zip(offsets).for_each(|(value, offset)| *value += offset);
        let quantiles = Quantiles::rearranged(values).map_err(|_| LearnError::NotFinite {
            what: "the forecast".to_owned(),
            row: 0,
            given: values.iter().copied().find(|v| !v.is_finite()).unwrap_or(f64::NAN),
        })?;
        Ok(Corrected { quantiles, key, rows })
    }

    /// Returns the number of errors seen under a key and not yet forgotten.
    #[must_use]
    pub fn rows(&self, key: &str) -> usize {
        self.keys.get(key).map_or(0, Key::rows)
    }

    /// Moves each key's levels by how far the coverage of this outcome was off.
    fn adapt(&mut self, keys: &[&str], outcome: &Outcome) -> Result<()> {
        for &name in keys {
            let issued = match outcome.issued {
                Some(issued) => issued,
                None if self.rows(name) < self.params.min_rows => continue,
                None => {
                    let corrected = self.correct(&[name], &outcome.forecast, outcome.scale)?;
                    corrected.quantiles.values()
                }
            };
            let Some(key) = self.keys.get_mut(name) else { continue };
            for ((level, wanted), quantile) in key.levels.iter_mut().zip(LEVELS).zip(issued) {
                let covered = f64::from(u8::from(outcome.measured <= quantile));
                *level = (*level + self.params.rate * (wanted - covered)).clamp(0.0, 1.0);
            }
        }
        Ok(())
    }
}

impl Outcome {
    /// Returns the errors by level, in units of the scale.
    fn errors(&self) -> Result<[f64; 7]> {
        check_scale(self.scale)?;
        let errors = self.forecast.map(|forecast| (self.measured - forecast) / self.scale);
        match errors.iter().find(|e| !e.is_finite()) {
            None => Ok(errors),
            Some(&given) => {
                let what = "the error of a forecast".to_owned();
                Err(LearnError::NotFinite { what, row: 0, given })
            }
        }
    }
}

fn check_scale(scale: f64) -> Result<()> {
    if scale.is_finite() && scale > 0.0 {
        return Ok(());
    }
    let allowed = "a finite number above 0";
    Err(LearnError::Param { name: "scale of a forecast", given: scale.to_string(), allowed })
}

/// A correction as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ConformalFile {
    format: Format,
    params: ConformalValidParams,
    keys: BTreeMap<String, Key>,
}

impl From<Conformal> for ConformalFile {
    fn from(conformal: Conformal) -> Self {
        Self { format: Format, params: conformal.params, keys: conformal.keys }
    }
}

impl TryFrom<ConformalFile> for Conformal {
    type Error = LearnError;

    fn try_from(file: ConformalFile) -> Result<Self> {
        file.params.check_all()?;
        let tracks = Key::new(file.params.kind).tracks.len();
        for (name, key) in &file.keys {
            let uneven = key.tracks.iter().any(|t| t.len() != key.tracks[0].len());
            if key.tracks.len() != tracks || uneven {
                let detail = format!("the errors of {name:?} are not {tracks} equal lists");
                return Err(LearnError::Damaged { detail });
            }
        }
        Ok(Self { params: file.params, keys: file.keys })
    }
}

#[cfg(test)]
mod tests;

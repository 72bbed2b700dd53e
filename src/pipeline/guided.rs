//! Outside forecasts in the morning: verified as their days come, corrected, and published where they
//! beat what we have.
//!
//! For each quantity of the weather, everything archived of the last months is matched with what came
//! of it. A source's corrected forecast is one more candidate at each lead, held against persistence
//! and our own published forecast of the same mornings, behind the gate that every model stands
//! behind ([`crate::forecast::guidance::candidate`]). Where it passes it is published, and what our
//! own model said stays beside it. Nothing available after the issue time is read.
//!
//! Categories (text) and ensemble members are not for this: the former are verified as events
//! ([`crate::forecast::verification`]), the latter are possible weathers, not forecasts, and become
//! odds of rain ([`super::ensemble`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::PipelineError;
use super::archived::{Ours, archived, ours};
use super::ensemble::Ensemble;
use super::issuing::{Issuer, Stamp, TargetIssue};
use crate::domain::time::{date_of_epoch_day, epoch_day, local_date};
use crate::domain::{PlaceId, Quantiles, hex};
use crate::features::{Known, Panel};
use crate::forecast::gate::PUBLISHED;
use crate::forecast::guidance::candidate::{Rival, Says, Standing};
use crate::forecast::guidance::{
    Archived, Corrections, GuidanceKey, Shrinkage, Verified, learn_and_verify,
};
use crate::forecast::targets::Target;
use crate::forecast::targets::weather::{self, Weather};
use crate::storage::Lake;

/// The model's name where guidance is published and our own forecast stands beside it.
pub const STATISTICAL: &str = "statistical";

/// The name persistence is held against guidance by.
const PERSISTENCE: &str = "persistence";

/// Days back that an observation is looked for, to see how late they come.
const LATE_DAYS_MAX: i64 = 10;

/// How one source stands at one lead, on one morning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuidanceState {
    /// Who says so.
    pub source: String,
    /// Days from issue to the day spoken of.
    pub lead: i64,
    /// Days verified.
    pub days: usize,
    /// Forecasts verified, over all places.
    pub forecasts: usize,
    /// Mean of forecast minus observed, as told.
    pub bias: f64,
    /// Mean absolute error as told.
    pub raw_mae: f64,
    /// Mean absolute error with the corrections that could have been made.
    pub corrected_mae: f64,
    /// Mean pinball loss on the days judged, where enough were.
    pub loss: Option<f64>,
    /// The best of the others on the same days, and its loss.
    pub best_other: Option<(String, f64)>,
    /// Whether it is published.
    pub published: bool,
}

/// All that others forecast and we issued, up to one morning.
#[derive(Debug, Clone, Default)]
pub struct Guide {
    /// By variable.
    archived: BTreeMap<&'static str, Vec<Archived>>,
    ours: Ours,
    /// Possible weathers, told by the rules' readings.
    pub ensemble: Ensemble,
}

impl Guide {
    /// Returns what was archived of the quantities of these targets and was available at `at`.
    ///
    /// # Errors
    /// [`PipelineError::Storage`] when the lake cannot be read.
    pub async fn read(
        lake: &Lake,
        targets: &[&'static dyn Target],
        at: Timestamp,
    ) -> Result<Self, PipelineError> {
        let ensemble = Ensemble::read(lake, at).await?;
        let mut guide = Self { ensemble, ..Self::default() };
        let wanted = |w: &&Weather| targets.iter().any(|target| target.name() == w.name());
        for weather in weather::ALL.into_iter().filter(wanted) {
            let rows = archived(lake, weather.variable(), at).await?;
            if !rows.is_empty() {
                guide.ours.extend(ours(lake, weather.name(), at).await?);
                guide.archived.insert(weather.variable(), rows);
            }
        }
        Ok(guide)
    }

    /// Returns a run's mark with everything that guidance adds to what the run reads; the mark
    /// itself where there is none.
    #[must_use]
    pub fn mark(&self, mark: String) -> String {
        if self.archived.is_empty() && self.ensemble == Ensemble::default() {
            return mark;
        }
        let mut hash = Sha256::new();
        hash.update(&mark);
        hash.update(self.ensemble.bytes().collect::<Vec<u8>>());
        for row in self.archived.values().flatten() {
            hash.update(row.key.source.as_bytes());
            hash.update(row.key.place.as_str());
            hash.update(row.valid_day.to_le_bytes());
            hash.update(row.value.to_bits().to_le_bytes());
            hash.update(row.available_at.as_microsecond().to_le_bytes());
        }
        hex(&hash.finalize()[..6])
    }

    /// Lets guidance enter what a target has issued: publishes it where it passes, and says how every
    /// source stands.
    ///
    /// # Errors
    /// [`PipelineError`] for values that are not finite and days outside the calendar.
    pub fn enter(
        &self,
        target: &'static dyn Target,
        panel: &Panel,
        issuer: &Issuer<'_>,
        mut issue: TargetIssue,
    ) -> Result<TargetIssue, PipelineError> {
        let weather = weather::ALL.into_iter().find(|w| w.name() == target.name());
        let Some(weather) = weather else { return Ok(issue) };
        let Some(archived) = self.archived.get(weather.variable()) else { return Ok(issue) };
        let known = Known::at(panel, issuer.issued_at);
        let stand = Stand::of(self, weather, &known, archived);
        issue.state.guidance = stand.states(weather);
        let stamp = Stamp::of(target, panel, issuer.issued_at, issuer.run_id);
        for ((place, horizon), best) in stand.passing(weather, archived)? {
            let row = |model: &str, quantiles| {
                let day = date_of_epoch_day(known.today() - 1 + i64::from(horizon));
                stamp.row(&place, (horizon, day), model, quantiles)
            };
            let mut own = issue.rows.iter_mut().filter(|r| r.place == place && r.published);
            if let Some(own) = own.find(|r| r.horizon == i64::from(horizon)) {
                own.model = STATISTICAL.into();
                own.published = false;
            }
            issue.rows.push(row(PUBLISHED, best.quantiles)?);
            issue.rows.push(row(&format!("guidance.{}", best.source), best.quantiles)?);
        }
        let published = issue.rows.iter().filter(|r| r.published);
        issue.state.places = published.map(|r| &r.place).collect::<BTreeSet<_>>().len();
        if issue.state.places > 0 {
            issue.state.reason = None;
            issue.state.issued_at = issue.state.issued_at.or(Some(issuer.issued_at.0));
        }
        Ok(issue)
    }
}

/// A passing forecast of one place and horizon.
#[derive(Debug, Clone)]
struct Passing {
    source: Arc<str>,
    loss: f64,
    quantiles: Quantiles,
}

/// How all sources of one quantity stand this morning.
struct Stand {
    today: i64,
    corrections: Corrections,
    /// By source and lead.
    standings: BTreeMap<(Arc<str>, i64), Standing>,
}

impl Stand {
    fn of(guide: &Guide, weather: &Weather, known: &Known<'_>, archived: &[Archived]) -> Self {
        let variable = weather.variable();
        let late_steps = late_days(known, variable, archived);
        let shrinkage = Shrinkage { late_steps, ..Shrinkage::default() };
        let (corrections, verified) = learn_and_verify(known, archived, &shrinkage);
        let rivals = |v: &Verified| {
            let issue_day = v.valid_step - v.key.lead;
            let newest = issue_day - 1 - late_steps;
            let persisted = known.series(variable, &v.key.place).on(newest);
            let mut rivals: Vec<Rival> =
                persisted.map(|value| (PERSISTENCE, Says::Point(value))).into_iter().collect();
            let own = guide.ours.of(weather, &v.key.place, issue_day, v.valid_step);
            rivals.extend(own.map(|quantiles| (STATISTICAL, Says::Quantiles(quantiles))));
            rivals
        };
        let mut standings = BTreeMap::new();
        let same =
            |a: &Verified, b: &Verified| (&a.key.source, a.key.lead) == (&b.key.source, b.key.lead);
        for group in verified.chunk_by(same) {
            let key = (group[0].key.source.clone(), group[0].key.lead);
            let horizon = u8::try_from(key.1 + 1).unwrap_or(u8::MAX);
            if let Some(standing) = Standing::of(group, horizon, &rivals) {
                standings.insert(key, standing);
            }
        }
        Self { today: known.today(), corrections, standings }
    }

    fn states(&self, weather: &Weather) -> Vec<GuidanceState> {
        let near = self.standings.iter().filter(|((_, lead), _)| *lead < weather.horizons().into());
        let state = |((source, lead), standing): (&(Arc<str>, i64), &Standing)| {
            let verdict = standing.verdict.as_ref();
            GuidanceState {
                source: source.to_string(),
                lead: *lead,
                days: standing.day_count,
                forecasts: standing.forecasts,
                bias: standing.bias,
                raw_mae: standing.raw_mae,
                corrected_mae: standing.corrected_mae,
                loss: verdict.and_then(|v| v.model_loss),
                best_other: verdict.and_then(|v| Some((v.best_baseline.clone(), v.baseline_loss?))),
                published: standing.passes(),
            }
        };
        near.map(state).collect()
    }

    /// Returns the best of what passes, by place and horizon, from issues of today and yesterday.
    fn passing(
        &self,
        weather: &Weather,
        archived: &[Archived],
    ) -> Result<BTreeMap<(PlaceId, u8), Passing>, PipelineError> {
        let last = self.today + i64::from(weather.horizons());
        let ahead = archived.iter().filter(|row| {
            (self.today..last).contains(&row.valid_day)
                && row.valid_day - row.key.lead >= self.today - 1
        });
        // The newest issue of each source stands.
        let mut newest: BTreeMap<(&PlaceId, i64, &str), &Archived> = BTreeMap::new();
        for row in ahead {
            let key = (&row.key.place, row.valid_day, &*row.key.source);
            let told = newest.entry(key).or_insert(row);
            if row.available_at > told.available_at {
                *told = row;
            }
        }
        let mut best: BTreeMap<(PlaceId, u8), Passing> = BTreeMap::new();
        for row in newest.into_values() {
            let GuidanceKey { source, lead, place, .. } = &row.key;
            let standing = self.standings.get(&(source.clone(), *lead));
            let Some(standing) = standing.filter(|s| s.passes()) else { continue };
            let loss = standing.verdict.as_ref().and_then(|v| v.model_loss);
            let (low, high) = weather.range();
            let corrected = self.corrections.of(&row.key).apply(row.value, low..=high);
            let quantiles = standing.around(corrected, (low, high))?;
            let passing =
                Passing { source: source.clone(), loss: loss.unwrap_or(f64::MAX), quantiles };
            let Ok(horizon) = u8::try_from(row.valid_day - self.today + 1) else { continue };
            let here = best.entry((place.clone(), horizon)).or_insert_with(|| passing.clone());
            if passing.loss < here.loss {
                *here = passing;
            }
        }
        Ok(best)
    }
}

/// Returns how many days later than the next morning observations come, where guidance speaks.
fn late_days(known: &Known<'_>, variable: &str, archived: &[Archived]) -> i64 {
    let places: BTreeSet<&PlaceId> = archived.iter().map(|row| &row.key.place).collect();
    let yesterday = known.today() - 1;
    let newest = places.into_iter().filter_map(|place| {
        known.series(variable, place).last(yesterday, LATE_DAYS_MAX).map(|(day, _)| day)
    });
    newest.max().map_or(0, |day| yesterday - day)
}

/// Returns the local day of an issue, and the lead of a day spoken of.
pub(super) fn lead_days(issued_at: Timestamp, valid_time: Timestamp) -> (i64, i64) {
    let issue_day = epoch_day(local_date(issued_at));
    (issue_day, epoch_day(local_date(valid_time)) - issue_day)
}

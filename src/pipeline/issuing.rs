//! Issues a target's forecasts for one morning: any target, from any panel.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::PipelineError;
use super::guided::GuidanceState;
use crate::domain::time::{IssuedAt, date_of_epoch_day, day_start};
use crate::domain::{PlaceId, Quantiles, hex};
use crate::features::{Known, Panel};
use crate::forecast::gate::PUBLISHED;
use crate::forecast::targets::{Fitted, Target};
use crate::frames::Forecast;
use crate::storage::ModelShelf;

/// How a target stood on one morning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetState {
    /// The target.
    pub target: String,
    /// Places forecast.
    pub places: usize,
    /// The newest morning issued for, which may be earlier than today's: a month's forecast stands
    /// until the next month is known.
    pub issued_at: Option<Timestamp>,
    /// Horizons at which the model beat every baseline.
    pub model_horizons: usize,
    /// Horizons at which a baseline is published.
    pub baseline_horizons: usize,
    /// Why nothing was issued.
    pub reason: Option<String>,
    /// How outside forecasts of the quantity stand; a report of an older build does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guidance: Vec<GuidanceState>,
}

/// What one target issued.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetIssue {
    /// Rows for the forecast table.
    pub rows: Vec<Forecast>,
    /// How the target stood.
    pub state: TargetState,
}

/// The run that issues, and where it keeps models.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// The morning.
    pub issued_at: IssuedAt,
    /// The run's name.
    pub run_id: &'a str,
    /// Fitted models.
    pub shelf: &'a ModelShelf,
}

impl Issuer<'_> {
    /// Issues a target at every place that can be issued for, on this morning or the newest before
    /// it, at most [`Target::patience_days`] ago.
    ///
    /// # Errors
    /// Errors of the models and of the shelf. That nothing could be issued is no error but a state
    /// with its reason.
    pub fn issue(
        &self,
        target: &'static dyn Target,
        panel: &Panel,
    ) -> Result<TargetIssue, PipelineError> {
        let mut mornings: BTreeMap<Date, Vec<PlaceId>> = BTreeMap::new();
        let today = Known::at(panel, self.issued_at).today();
        let mut begun = 0;
        for place in target.places(panel) {
            let span = target.span(panel, &place);
            begun += usize::from(span.is_some_and(|(first, _)| first < today));
            if let Some(date) = self.newest_morning(target, panel, &place)? {
                mornings.entry(date).or_default().push(place);
            }
        }
        let reported: usize = mornings.values().map(Vec::len).sum();
        let mut issue = TargetIssue { rows: Vec::new(), state: TargetState::nothing(target) };
        let mut models: BTreeMap<Date, Box<dyn Fitted>> = BTreeMap::new();
        for (date, places) in mornings {
            let morning = IssuedAt::morning_of(date)?;
            let known = Known::at(panel, morning);
            let cut = target.refit_day(date);
            if let std::collections::btree_map::Entry::Vacant(new) = models.entry(cut) {
                new.insert(self.fitted(target, panel, IssuedAt::morning_of(cut)?)?);
            }
            let fitted = models[&cut].as_ref();
            let stamp = Stamp::of(target, panel, morning, self.run_id);
            for place in &places {
                let issued = fitted.issue(&known, place)?;
                if !issued.is_empty() {
                    issue.state.places += 1;
                    issue.state.issued_at = Some(morning.0);
                }
                for i in issued {
                    let valid = target.valid_day(known.today(), place, i.horizon);
                    issue.rows.push(stamp.row(
                        place,
                        (i.horizon, date_of_epoch_day(valid)),
                        i.model,
                        i.quantiles,
                    )?);
                }
            }
        }
        if issue.state.places == 0 {
            issue.state.reason = Some(why_nothing(target, begun, reported));
        } else if let Some(fitted) = models.values().next_back() {
            let gate = fitted.gate();
            issue.state.model_horizons = gate.iter().filter(|v| v.passes).count();
            issue.state.baseline_horizons = gate.len() - issue.state.model_horizons;
        }
        Ok(issue)
    }

    fn newest_morning(
        &self,
        target: &dyn Target,
        panel: &Panel,
        place: &PlaceId,
    ) -> Result<Option<Date>, PipelineError> {
        let today = Known::at(panel, self.issued_at).today();
        for day in (today - target.patience_days()..=today).rev() {
            let date = date_of_epoch_day(day);
            let at = if day == today { self.issued_at } else { IssuedAt::morning_of(date)? };
            if target.issues_on(&Known::at(panel, at), place) {
                return Ok(Some(date));
            }
        }
        Ok(None)
    }

    /// Returns the target's models fitted on what was known at `cut`: read back when they were
    /// fitted on the same before, else fitted and stored.
    ///
    /// # Errors
    /// Errors of the models, and [`PipelineError::Storage`] when the shelf cannot be read or written.
    pub fn fitted(
        &self,
        target: &'static dyn Target,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Box<dyn Fitted>, PipelineError> {
        let key = format!("{}-{}", cut.local_date(), fingerprint([target], panel, cut));
        if let Some(bytes) = self.shelf.get(target.name(), &key)? {
            match target.load(&bytes) {
                Ok(fitted) => return Ok(fitted),
                // Of another build, or damaged: what it was made from is all here.
                Err(error) => {
                    tracing::warn!(target = target.name(), %error, "a stored model is unread");
                }
            }
        }
        let fitted = target.fit(panel, cut)?;
        self.shelf.put(target.name(), &key, &fitted.to_bytes()?)?;
        Ok(fitted)
    }
}

impl TargetState {
    fn nothing(target: &dyn Target) -> Self {
        Self {
            target: target.name().to_owned(),
            places: 0,
            issued_at: None,
            model_horizons: 0,
            baseline_horizons: 0,
            reason: None,
            guidance: Vec::new(),
        }
    }

    /// Returns the state of a target that failed.
    #[must_use]
    pub fn failed(target: &dyn Target, error: &PipelineError) -> Self {
        Self { reason: Some(error.to_string()), ..Self::nothing(target) }
    }
}

/// Returns why a target says nothing: at none of the places whose record had begun, some of which
/// reported.
fn why_nothing(target: &dyn Target, begun: usize, reported: usize) -> String {
    let days = target.patience_days();
    match (begun, reported) {
        (0, _) => format!("{} was never measured", target.variable()),
        (_, 0) => format!("none of {begun} places reported in the {days} days before"),
        _ => format!("{reported} of {begun} places reported, too little is known of their past"),
    }
}

/// What every row of one target's morning carries.
pub(super) struct Stamp<'a> {
    target: &'a dyn Target,
    issued_at: IssuedAt,
    data_cut: Timestamp,
    run_id: Arc<str>,
}

impl<'a> Stamp<'a> {
    pub(super) fn of(
        target: &'a dyn Target,
        panel: &Panel,
        issued_at: IssuedAt,
        run_id: &str,
    ) -> Self {
        let data_cut = data_cut(target, panel, issued_at);
        Self { target, issued_at, data_cut, run_id: run_id.into() }
    }

    pub(super) fn row(
        &self,
        place: &PlaceId,
        (horizon, valid_day): (u8, Date),
        model: &str,
        quantiles: Quantiles,
    ) -> Result<Forecast, PipelineError> {
        let [q05, q10, q25, q50, q75, q90, q95] = quantiles.values();
        Ok(Forecast {
            target: Arc::from(self.target.name()),
            period: self.issued_at.local_date().year().to_string().into(),
            place: place.clone(),
            issued_at: self.issued_at.0,
            valid_time: day_start(valid_day)?,
            horizon: i64::from(horizon),
            model: Arc::from(model),
            published: model == PUBLISHED,
            unit: Arc::from(self.target.unit()),
            q05,
            q10,
            q25,
            q50,
            q75,
            q90,
            q95,
            data_cut: self.data_cut,
            run_id: Arc::clone(&self.run_id),
        })
    }
}

/// Returns twelve hexadecimal digits that differ when this build, the targets or anything they read
/// that was known at `at` differs.
#[must_use]
pub fn fingerprint(
    targets: impl IntoIterator<Item = &'static dyn Target>,
    panel: &Panel,
    at: IssuedAt,
) -> String {
    let at_us = at.0.as_microsecond();
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    let mut inputs = Vec::new();
    for target in targets {
        hash.update(target.name());
        inputs.extend(target.inputs());
    }
    for (key, series) in panel.iter().filter(|(key, _)| inputs.contains(&&*key.variable)) {
        let Some((first, last)) = series.span() else { continue };
        hash.update(key.variable.as_bytes());
        hash.update(key.place.as_str());
        for day in first..=last {
            if let Some(value) = series.at(day, at_us) {
                hash.update(day.to_le_bytes());
                hash.update(value.to_bits().to_le_bytes());
            }
        }
    }
    hex(&hash.finalize()[..6])
}

/// Returns when the newest of the rows that could be read became available.
fn data_cut(target: &dyn Target, panel: &Panel, issued_at: IssuedAt) -> Timestamp {
    let at_us = issued_at.0.as_microsecond();
    let read = panel.iter().filter(|(key, _)| target.inputs().contains(&&*key.variable));
    let newest = read.filter_map(|(_, series)| {
        let (first, last) = series.span()?;
        (first..=last).rev().find_map(|day| series.available_us(day, at_us))
    });
    newest.max().and_then(|us| Timestamp::from_microsecond(us).ok()).unwrap_or(issued_at.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::epoch_day;
    use crate::features::{DailySeries, SeriesKey};
    use crate::forecast::targets::irrigation_need::IRRIGATION_NEED;

    /// Seven years of the same weather at one town, known a day later.
    fn panel() -> Panel {
        let day_us = 86_400_000_000;
        let days = epoch_day(Date::constant(2009, 1, 1))..epoch_day(Date::constant(2016, 1, 1));
        let series = |variable: &&'static str| {
            let value = match *variable {
                "temp_max_c" => 32.0,
                "temp_min_c" => 24.0,
                "humidity_mean_pct" => 80.0,
                _ => 3.0,
            };
            let rows: Vec<_> = days.clone().map(|day| (day, (day + 1) * day_us, value)).collect();
            let place = "city:vinh_long".parse().unwrap();
            let key = SeriesKey { variable: (*variable).into(), place };
            (key, DailySeries::from_rows(&rows))
        };
        IRRIGATION_NEED.inputs().iter().map(series).collect()
    }

    fn state(day: Date) -> TargetState {
        let home = tempfile::tempdir().unwrap();
        let shelf = ModelShelf::of(home.path());
        let issued_at = IssuedAt::morning_of(day).unwrap();
        let issuer = Issuer { issued_at, run_id: "test", shelf: &shelf };
        issuer.issue(&IRRIGATION_NEED, &panel()).unwrap().state
    }

    #[test]
    fn a_target_with_too_short_a_past_says_so_and_claims_no_issue() {
        let young = state(Date::constant(2009, 5, 18));
        assert_eq!((young.places, young.issued_at), (0, None));
        assert_eq!((young.model_horizons, young.baseline_horizons), (0, 0));
        let reason = young.reason.unwrap();
        assert!(reason.contains("too little is known of their past"), "{reason}");
        let before = state(Date::constant(2008, 5, 18)).reason.unwrap();
        assert!(before.ends_with("was never measured"), "{before}");
    }

    #[test]
    fn a_target_that_is_issued_says_when_and_by_what() {
        let day = Date::constant(2015, 5, 18);
        let old = state(day);
        assert!(old.places > 0 && old.reason.is_none(), "{old:?}");
        assert_eq!(old.issued_at, Some(IssuedAt::morning_of(day).unwrap().0));
        assert_eq!(old.model_horizons + old.baseline_horizons, 14);
    }
}

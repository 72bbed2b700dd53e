//! Rolling-origin backtests: many as-ofs, each with only what was known then.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::ForecastError;
use super::targets::{Alone, Fitted, Issued, Target};
use crate::domain::time::{IssuedAt, date_of_epoch_day, day_start, epoch_day};
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};

/// How often models are fitted again as the window rolls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refit {
    /// Before each season.
    Yearly,
    /// Once, before the window.
    Never,
}

/// One forecast held against what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The place.
    pub place: PlaceId,
    /// When it was issued.
    pub issued_at: IssuedAt,
    /// The local day it speaks of.
    pub valid_day: Date,
    /// Steps ahead.
    pub horizon: u8,
    /// Which model or baseline; `published` is what people would have been shown.
    pub model: &'static str,
    /// The forecast.
    pub quantiles: Quantiles,
    /// What happened.
    pub y: f64,
}

/// What to backtest.
#[derive(Debug, Clone)]
pub struct Window {
    /// First issue day.
    pub from: Date,
    /// Last issue day.
    pub to: Date,
    /// How often to fit again.
    pub refit: Refit,
    /// The places, or all the target has.
    pub places: Option<BTreeSet<PlaceId>>,
    /// The kind of places, or all.
    pub kind: Option<String>,
    /// Whether each candidate is also run alone.
    pub candidates: bool,
}

/// Returns every forecast of the window whose day was observed, for every model.
///
/// A row is issued on each morning the target issues on ([`Target::issues_on`]). `progress` is called
/// with the share done, 0 to 1.
///
/// # Errors
/// [`ForecastError::EmptyWindow`] when nothing could be issued, and errors of the models.
pub fn run(
    target: &dyn Target,
    panel: &Panel,
    window: &Window,
    mut progress: impl FnMut(f64),
) -> Result<Vec<Row>, ForecastError> {
    let mut places = target.places(panel);
    places.retain(|place| window.places.as_ref().is_none_or(|wanted| wanted.contains(place)));
    places.retain(|place| window.kind.as_ref().is_none_or(|wanted| wanted == place.kind()));
    let (first, last) = (epoch_day(window.from), epoch_day(window.to));
    let mut fitted: BTreeMap<Date, Models> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut truths = Truths::new();
    for day in first..=last {
        let date = date_of_epoch_day(day);
        let issued_at = IssuedAt::morning_of(date)?;
        let known = Known::at(panel, issued_at);
        let issuing: Vec<&PlaceId> =
            places.iter().filter(|place| target.issues_on(&known, place)).collect();
        if !issuing.is_empty() {
            let cut_day = match window.refit {
                Refit::Yearly => target.refit_day(date),
                Refit::Never => window.from.min(target.refit_day(window.from)),
            };
            let model = match fitted.entry(cut_day) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let cut = IssuedAt::morning_of(cut_day)?;
                    let alone =
                        if window.candidates { target.candidates(panel, cut)? } else { None };
                    new.insert(Models { fitted: target.fit(panel, cut)?, alone })
                }
            };
            for place in issuing {
                issue(target, panel, model, &known, (place, &mut truths), &mut rows)?;
            }
        }
        progress((day - first + 1) as f64 / (last - first + 1) as f64);
    }
    if rows.is_empty() {
        return Err(ForecastError::EmptyWindow {
            target: target.name(),
            from: window.from.to_string(),
            to: window.to.to_string(),
            reason: "no place was observed the day before any of those days".to_owned(),
        });
    }
    Ok(rows)
}

/// What was fitted at one cut.
struct Models {
    fitted: Box<dyn Fitted>,
    alone: Option<Box<dyn Alone>>,
}

/// What came of each place and day, asked once.
type Truths = BTreeMap<(PlaceId, i64), Option<f64>>;

fn issue(
    target: &dyn Target,
    panel: &Panel,
    models: &Models,
    known: &Known<'_>,
    (place, truths): (&PlaceId, &mut Truths),
    rows: &mut Vec<Row>,
) -> Result<(), ForecastError> {
    let mut all = models.fitted.issue(known, place)?;
    if let Some(alone) = &models.alone {
        for (horizon, model, point) in alone.points(known, place)? {
            all.push(Issued { horizon, model, quantiles: Quantiles::rearranged([point; 7])? });
        }
    }
    for issued in all {
        let valid = target.valid_day(known.today(), place, issued.horizon);
        let y = *truths
            .entry((place.clone(), valid))
            .or_insert_with(|| target.truth(panel, place, valid));
        if let Some(y) = y {
            rows.push(Row {
                place: place.clone(),
                issued_at: known.issued_at(),
                valid_day: date_of_epoch_day(valid),
                horizon: issued.horizon,
                model: issued.model,
                quantiles: issued.quantiles,
                y,
            });
        }
    }
    Ok(())
}

/// Returns the last third of the record of a target's places, of one kind or all, which the earlier
/// years alone are to forecast: the first and the last issue day.
///
/// # Errors
/// [`ForecastError::EmptyWindow`] when nothing was ever measured there.
pub fn last_third(
    target: &dyn Target,
    panel: &Panel,
    kind: Option<&str>,
) -> Result<(Date, Date), ForecastError> {
    let places = target.places(panel);
    let asked = places.iter().filter(|place| kind.is_none_or(|kind| place.kind() == kind));
    let spans = asked.filter_map(|place| target.span(panel, place));
    let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let Some((first, last)) = span else {
        let kinds: BTreeSet<&str> = places.iter().map(PlaceId::kind).collect();
        let kinds = Vec::from_iter(kinds).join(", ");
        let variable = target.variable();
        return Err(ForecastError::EmptyWindow {
            target: target.name(),
            from: "the beginning".to_owned(),
            to: "the end".to_owned(),
            reason: match kind.filter(|_| !kinds.is_empty()) {
                Some(kind) => format!("no place of kind {kind} has it; there is: {kinds}"),
                None => format!("{variable} was never measured"),
            },
        });
    };
    let from = first + (last - first) * 2 / 3;
    Ok((date_of_epoch_day(from), date_of_epoch_day(last)))
}

/// Returns the start of the local day a row speaks of, as tables write it.
///
/// # Errors
/// [`ForecastError::Time`] for days outside the calendar.
pub fn valid_time(row: &Row) -> Result<jiff::Timestamp, ForecastError> {
    Ok(day_start(row.valid_day)?)
}

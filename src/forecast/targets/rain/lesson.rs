//! What all that was known at a cut teaches: climate, signals, trust, and the gate.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amounts::{ANCHORS, Odds};
use super::archive::{Mornings, Truth};
use super::climate::{Climate, day_of_year, terms};
use super::rivals::{CLIMATOLOGY, PERSISTENCE, Rivals, SEASON_DAYS, SEASONAL_NAIVE};
use super::signal::{Signals, Trust};
use super::{HORIZONS, What, gauges};
use crate::domain::time::{IssuedAt, epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};

/// Years before a cut that are held out one after another: they hold wet and dry ones.
const HELD_OUT: i16 = 5;
/// Rows (gauge × morning) below which no signal is learned: two years of one gauge.
const ROWS_MIN: usize = 2 * 365;

/// What was learned at one cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Lesson {
    /// None for less than a year.
    pub climate: Option<Climate>,
    /// None where no year could be held out.
    pub signals: Option<Signals>,
    pub rivals: Rivals,
    pub verdicts: Vec<Verdict>,
}

/// A year held out, forecast by what was known at its beginning.
struct Held {
    climate: Climate,
    signals: Signals,
    rivals: Rivals,
    mornings: Mornings,
    trust: Trust,
}

impl Lesson {
    /// Returns everything learned from what was known at the cut.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] when nothing at all was measured before it.
    pub fn learn(what: What, panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        let places: Vec<_> = gauges(panel.places_of(super::RAIN)).cloned().collect();
        let known = Known::at(panel, cut);
        let truth = Truth::at(panel, places, &known);
        if truth.first == truth.end {
            let at = cut.local_date().to_string();
            return Err(ForecastError::TooLittle { target: what.name(), rows: 0, needed: 1, at });
        }
        let rivals = Rivals::before(&truth, truth.end);
        let climate = Climate::of(&known, &truth.gauges, (truth.first, truth.end - 1))?;
        let mut held: Vec<Held> = Vec::new();
        let year = cut.local_date().year();
        for year in year - HELD_OUT..year {
            let before = held.last().map(|h| &h.signals);
            held.extend(hold_out(what, panel, &truth, year, before)?);
        }
        let verdicts = judge(what, &truth, &held);
        let mut signals = None;
        if let (Some(climate), Some(last)) = (&climate, held.last()) {
            let mornings = Mornings::read(panel, &truth, climate, (truth.first + 1, truth.end))?;
            let bounds = (truth.end, what.anchors());
            let learned = Signals::learn(&mornings, &truth, climate, bounds, Some(&last.signals))?;
            signals =
                Some(learned.trusted(&Trust::sum(held.iter().map(|h| &h.trust), what.anchors())));
        }
        Ok(Self { climate, signals, rivals, verdicts })
    }
}

/// Returns a year forecast by what was known on its first morning; `None` when that was too little.
fn hold_out(
    what: What,
    panel: &Panel,
    truth: &Truth,
    year: i16,
    near: Option<&Signals>,
) -> Result<Option<Held>, ForecastError> {
    let start = IssuedAt::morning_of(Date::constant(year, 1, 1))?;
    let known = Known::at(panel, start);
    let then = Truth::at(panel, truth.gauges.clone(), &known);
    if then.first == then.end {
        return Ok(None);
    }
    let Some(climate) = Climate::of(&known, &then.gauges, (then.first, then.end - 1))? else {
        return Ok(None);
    };
    let earlier = Mornings::read(panel, &then, &climate, (then.first + 1, then.end))?;
    if earlier.len() < ROWS_MIN {
        return Ok(None);
    }
    let signals = Signals::learn(&earlier, &then, &climate, (then.end, what.anchors()), near)?;
    let end = epoch_day(Date::constant(year + 1, 1, 1));
    let mornings = Mornings::read(panel, truth, &climate, (then.end, end))?;
    let mut trust = Trust::new(what.anchors());
    trust.add(&signals, &mornings, (truth, &climate, truth.end));
    let rivals = Rivals::before(&then, then.end);
    Ok(Some(Held { climate, signals, rivals, mornings, trust }))
}

/// Returns the verdicts over the years held out, each with the trust the others earned.
fn judge(what: What, truth: &Truth, held: &[Held]) -> Vec<Verdict> {
    let mut losses = Losses::default();
    for (index, year) in held.iter().enumerate() {
        let others =
            held.iter().enumerate().filter(|(other, _)| held.len() == 1 || *other != index);
        let trust = Trust::sum(others.map(|(_, h)| &h.trust), what.anchors());
        let signals = year.signals.clone().trusted(&trust);
        for (row, (gauge, newest)) in year.mornings.of.iter().enumerate() {
            let row = year.mornings.rows.row(row);
            for lead in 1..=HORIZONS {
                let day = newest + lead as i64;
                let mm = truth.on(*gauge, day);
                if mm.is_nan() {
                    continue;
                }
                let climate = year.climate.logits(&truth.gauges[*gauge], &terms(day_of_year(day)));
                let signal = signals.at(row.as_slice().unwrap_or(&[]), lead, Some(*gauge));
                let newest_mm = truth.on(*gauge, *newest);
                let last_year = truth.on(*gauge, day - SEASON_DAYS);
                let last_year = if last_year.is_nan() { newest_mm } else { last_year };
                let mut push = |name, q| losses.push(lead as u8, name, what.loss(&q, mm));
                push(PUBLISHED, what.answer(&Odds::moved(&climate, signal)));
                push(CLIMATOLOGY, what.answer(&Odds::of(climate)));
                push(PERSISTENCE, year.rivals.persistence(what, newest_mm, lead));
                push(SEASONAL_NAIVE, year.rivals.seasonal(what, last_year));
            }
        }
    }
    if held.is_empty() {
        return losses.stand_ins(HORIZONS as u8, CLIMATOLOGY);
    }
    losses.judge(PUBLISHED)
}

const _: () = assert!(ANCHORS.len() == 3, "an occurrence needs the first, an amount all");

//! Daily level of the delta's river gauges, 1 to 10 days ahead.
//!
//! Three things move it: the river in flood (upstream gauges run days ahead of it), the tide of the
//! days before and after (computed for any day), and where it stands now. What is known is read in
//! [`inputs`], the tide in [`tides`]; [`crate::forecast::recipe`] learns the rest.
//!
//! About 2006-08-01 the archive changes from true daily means to means of a few readings a day, so
//! that the tide shows in the later ones. Both sides are learned from together: the tide's hours are
//! columns of their own, and an older method taught more than it harmed (without the years before
//! 2006, errors on 2009-2012 grew by 3 %). Levels filled in on straight lines are flagged when they
//! are imported and reach neither training nor truth.

use crate::domain::PlaceId;
use crate::features::{Known, Panel};
use crate::forecast::recipe::settings::{SEASONAL_NAIVE, default_trees};
use crate::forecast::recipe::{Column, Daily, Recipe, Settings, Shrink, Step};

mod inputs;
mod tides;

use inputs::{DELTA, DISCHARGE, LEVEL};
use tides::Tides;

/// The target.
pub static WATER_LEVEL: Daily<WaterLevel> = Daily::new(WaterLevel);

/// The recipe of the daily level.
#[derive(Debug, Clone, Copy)]
pub struct WaterLevel;

impl Recipe for WaterLevel {
    type Days = Tides;

    fn name(&self) -> &'static str {
        "water_level"
    }

    fn variable(&self) -> &'static str {
        LEVEL
    }

    fn unit(&self) -> &'static str {
        "m"
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[LEVEL, DISCHARGE]
    }

    fn horizons(&self) -> u8 {
        10
    }

    /// Third alarm level at Mỹ Thuận, first and third at Tân Châu
    /// (shared/knowledge/tables/tide_alarm_levels.csv; 4.5 m is unverified there).
    fn thresholds(&self) -> &'static [f64] {
        &[1.8, 3.5, 4.5]
    }

    /// The gauges of the delta: those above it serve as inputs.
    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let all = panel.places_of(LEVEL);
        all.filter(|p| p.kind() == "river" && DELTA.contains(&p.id())).cloned().collect()
    }

    fn settings(&self) -> Settings {
        Settings {
            // Half or three times this changes the error on 2009-2012 by under 0.3 %.
            shrink: &[Shrink { pooled: 30.0, place: 30.0 }],
            lag_baselines: &[SEASONAL_NAIVE, TIDAL_ANALOGUE],
            trees: Some(default_trees().max_leaves(31)),
            ..Settings::default()
        }
    }

    fn origin_columns(&self) -> Vec<Column> {
        inputs::columns()
    }

    fn ahead_columns(&self) -> Vec<Column> {
        tides::columns()
    }

    fn days(&self, first: i64, last: i64) -> Tides {
        Tides::between(first, last)
    }

    fn origin(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
        inputs::read(known, place, out);
    }

    fn ahead(&self, days: &Tides, step: &Step<'_>, out: &mut Vec<f64>) {
        tides::ahead(days, step, inputs::state(step.origin), out);
    }
}

/// The value fifteen days before the day ahead, when spring and neap stood as they will.
const TIDAL_ANALOGUE: (&str, i64) = ("tidal_analogue", 15);

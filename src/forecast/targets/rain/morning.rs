//! What is known on one morning: how wet it has been, here and at all gauges, against what the
//! season brings; and where the Madden-Julian oscillation stands.

use std::sync::LazyLock;

use super::climate::{Climate, TERMS, YEAR, day_of_year, terms};
use super::kin::Kin;
use super::recent::{DAYS, Departure, Recent, Usual};
use super::{RAIN, RMM, WET_MM};
use crate::domain::PlaceId;
use crate::features::Known;

/// Days over which the region's wetness is averaged.
const MEANS: [usize; 6] = [3, 5, 10, 20, 45, 90];
/// Days over which its days with any rain are averaged.
const TRACE_MEANS: [usize; 2] = [5, 20];
/// Days read back.
const BACK: usize = 90;
/// How old the oscillation's newest value may be: it moves a tenth of its round in five days.
const RMM_PATIENCE_DAYS: i64 = 7;

/// Coordinates beyond this are codes for a missing value (999, 1e36) that slipped in: the strongest
/// oscillation since 1974 reached 5.
const RMM_MAX: f64 = 10.0;

/// Numbers of one gauge on one morning, beside one for each gauge of the region.
const SHARED: usize = 57;

#[expect(clippy::expect_used, reason = "a constant of the right shape, read by every test")]
static GLOBE: LazyLock<PlaceId> =
    LazyLock::new(|| "climate:global".parse().expect("a constant of the right shape"));

/// The climate of each gauge by day of the year, and which of them are wet together.
#[derive(Debug, Clone)]
pub(super) struct Almanac {
    /// In the order of the region's columns.
    gauges: Vec<PlaceId>,
    /// By gauge, then day of the year.
    years: Vec<Vec<Usual>>,
    kin: Kin,
    terms: Vec<[f64; TERMS]>,
}

impl Almanac {
    /// Returns the almanac of the gauges that the climate was made for.
    pub fn new(climate: &Climate, gauges: &[PlaceId]) -> Self {
        Self {
            gauges: gauges.to_vec(),
            years: gauges.iter().map(|gauge| climate.year(gauge)).collect(),
            kin: climate.kin().clone(),
            terms: (0..YEAR).map(terms).collect(),
        }
    }

    /// Returns how many numbers a row has.
    pub fn columns(&self) -> usize {
        SHARED + self.gauges.len()
    }

    /// Returns the place of a gauge among those the almanac was made for.
    pub fn place(&self, gauge: &PlaceId) -> Option<usize> {
        self.gauges.iter().position(|known| known == gauge)
    }

    /// Returns the harmonics of an epoch day.
    pub fn terms(&self, day: i64) -> &[f64; TERMS] {
        &self.terms[day_of_year(day)]
    }
}

/// The region on one morning.
#[derive(Debug, Clone)]
pub(super) struct Region {
    newest: i64,
    /// Share of wet gauges less the climate's, newest day first; 0 where no gauge was known.
    wetness: [f64; BACK],
    /// The same of gauges with any rain.
    trace: [f64; BACK],
    log_mm: f64,
    rmm: [f64; 2],
    gauges: Vec<Recent>,
}

impl Region {
    /// Returns the region as it was known.
    pub fn read(known: &Known<'_>, almanac: &Almanac) -> Self {
        let newest = known.today() - 1;
        let of_year: [usize; BACK] = std::array::from_fn(|k| day_of_year(newest - k as i64));
        let (mut sums, mut counts) = ([Departure::default(); BACK], [0.0_f64; BACK]);
        let read = |(gauge, year): (&PlaceId, &Vec<Usual>)| {
            let past: [f64; BACK] = known.series(RAIN, gauge).window(newest);
            let departure = |k: usize| Departure::of(past[k], year[of_year[k]]);
            for k in (0..BACK).filter(|k| past[*k].is_finite()) {
                sums[k].add(departure(k));
                counts[k] += 1.0;
            }
            Recent {
                is_known: past[0].is_finite(),
                days: std::array::from_fn(departure),
                odds: year[of_year[0]].wet,
            }
        };
        let gauges = almanac.gauges.iter().zip(&almanac.years).map(read).collect();
        let mean =
            |of: fn(&Departure) -> f64| std::array::from_fn(|k| of(&sums[k]) / counts[k].max(1.0));
        let (wetness, trace) = (mean(|d| d.wet), mean(|d| d.trace));
        let log_mm = sums[0].log_mm / counts[0].max(1.0);
        let rmm = RMM.map(|name| {
            let series = known.series(name, &GLOBE);
            let value = series.last(newest, RMM_PATIENCE_DAYS).map_or(0.0, |(_, value)| value);
            if value.abs() <= RMM_MAX { value } else { 0.0 }
        });
        Self { newest, wetness, trace, log_mm, rmm, gauges }
    }

    /// Returns the numbers of one gauge; `None` when its newest day is not known or the almanac has
    /// not met it.
    pub fn row(&self, almanac: &Almanac, gauge: &PlaceId) -> Option<Vec<f64>> {
        let place = almanac.place(gauge)?;
        let own = self.gauges.get(place).filter(|own| own.is_known)?;
        let mut row = Vec::with_capacity(almanac.columns());
        self.push_wet_days(&mut row, own, almanac.terms(self.newest));
        self.push_any_rain(&mut row, own);
        self.push_kin(&mut row, &almanac.kin, place);
        debug_assert_eq!(row.len(), SHARED, "one number a column");
        row.extend(self.gauges.iter().map(|gauge| gauge.days[0].wet));
        Some(row)
    }

    /// Adds wet days and amounts here and in the region, and the oscillation, with the season.
    fn push_wet_days(&self, row: &mut Vec<f64>, own: &Recent, season: &[f64; TERMS]) {
        let [_, sin, cos, sin_2, cos_2, ..] = *season;
        let means = MEANS.map(|n| mean(&self.wetness[..n]));
        let now = self.wetness[0];
        let days: [Departure; DAYS] = own.days;
        let newest = [days[0].wet, days[0].log_mm];
        let region = [now, self.log_mm, self.wetness[1], self.wetness[2]];
        // A wet day says more where and when it is rare.
        let rarity = 1.0 / (own.odds * (1.0 - own.odds)).sqrt();
        row.extend([newest[0], newest[1], days[1].wet, days[1].log_mm, days[2].wet]);
        row.extend(region);
        row.extend(means);
        row.extend(self.rmm);
        row.extend(self.rmm.iter().flat_map(|v| [v * sin, v * cos]));
        row.extend([now, means[1], means[3]].iter().flat_map(|v| [v * sin, v * cos]));
        row.extend(newest.iter().flat_map(|v| [sin, cos, sin_2, cos_2].map(|s| v * s)));
        row.extend(region.map(|v| v * rarity));
        row.extend(newest.map(|v| v * rarity));
        row.extend(self.rmm.map(|v| v * now));
    }

    /// Adds days with any rain at all: a trace tells of moist air that one gauge happened to miss.
    fn push_any_rain(&self, row: &mut Vec<f64>, own: &Recent) {
        let now = self.trace[0];
        let newest = own.days[0].trace;
        row.extend(own.days.map(|day| day.trace));
        row.extend(&self.trace[..DAYS]);
        row.extend(TRACE_MEANS.map(|n| mean(&self.trace[..n])));
        // Rain everywhere says more than its share, and more of a gauge that had none.
        row.extend([now.max(0.0).powi(2), newest * now]);
    }

    /// Adds what the gauges had that are wet on the same days.
    fn push_kin(&self, row: &mut Vec<f64>, kin: &Kin, place: usize) {
        let mean = |of: fn(&Recent) -> f64| kin.mean(place, |other| of(&self.gauges[other]));
        row.extend([mean(|g| g.days[0].trace), mean(|g| g.days[1].trace)]);
        row.extend([mean(|g| g.days[0].wet), mean(|g| g.days[0].log_mm)]);
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Returns 1 for a wet day, else 0.
pub(super) fn wet(mm: f64) -> f64 {
    f64::from(u8::from(mm >= WET_MM))
}

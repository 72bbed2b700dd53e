//! What is known on one morning: how wet it has been, here and at all gauges, against what the
//! season brings; and where the Madden-Julian oscillation stands.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::climate::{Climate, TERMS, YEAR, day_of_year, terms};
use super::{RAIN, RMM, WET_MM, gauges};
use crate::domain::PlaceId;
use crate::features::Known;

/// Days over which the region's wetness is averaged.
const MEANS: [usize; 6] = [3, 5, 10, 20, 45, 90];
/// Days read back.
const BACK: usize = 90;
/// How old the oscillation's newest value may be: it moves a tenth of its round in five days.
const RMM_PATIENCE_DAYS: i64 = 7;

/// Coordinates beyond this are codes for a missing value (999, 1e36) that slipped in: the strongest
/// oscillation since 1974 reached 5.
const RMM_MAX: f64 = 10.0;

/// Numbers of one gauge on one morning, beside one for each gauge of the region.
const SHARED: usize = 41;

#[expect(clippy::expect_used, reason = "a constant of the right shape, read by every test")]
static GLOBE: LazyLock<PlaceId> =
    LazyLock::new(|| "climate:global".parse().expect("a constant of the right shape"));

/// The climate of each gauge by day of the year: odds of a wet day and mean of ln(1 + mm).
#[derive(Debug, Clone)]
pub(super) struct Almanac {
    gauges: BTreeMap<PlaceId, Vec<(f64, f64)>>,
    /// Place of each gauge among the region's columns.
    order: BTreeMap<PlaceId, usize>,
    terms: Vec<[f64; TERMS]>,
}

impl Almanac {
    /// Returns the almanac of these gauges.
    pub fn new(climate: &Climate, gauges: &[PlaceId]) -> Self {
        let year = |gauge: &PlaceId| (gauge.clone(), climate.year(gauge));
        Self {
            gauges: gauges.iter().map(year).collect(),
            order: gauges.iter().cloned().zip(0..).collect(),
            terms: (0..YEAR).map(terms).collect(),
        }
    }

    /// Returns how many numbers a row has.
    pub fn columns(&self) -> usize {
        SHARED + self.order.len()
    }

    /// Returns the place of a gauge among those the almanac was made for.
    pub fn place(&self, gauge: &PlaceId) -> Option<usize> {
        self.order.get(gauge).copied()
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
    log_mm: f64,
    rmm: [f64; 2],
    /// Wetness of each gauge on the newest day.
    each: Vec<f64>,
}

impl Region {
    /// Returns the region as it was known.
    pub fn read(known: &Known<'_>, almanac: &Almanac) -> Self {
        let newest = known.today() - 1;
        let of_year: [usize; BACK] = std::array::from_fn(|k| day_of_year(newest - k as i64));
        let mut each = vec![0.0; almanac.order.len()];
        let (mut sums, mut counts, mut log_mm) = ([0.0; BACK], [0.0_f64; BACK], 0.0);
        for gauge in gauges(known.places_of(RAIN)) {
            let Some(year) = almanac.gauges.get(gauge) else { continue };
            let past: [f64; BACK] = known.series(RAIN, gauge).window(newest);
            for (k, mm) in past.into_iter().enumerate().filter(|(_, mm)| mm.is_finite()) {
                sums[k] += wet(mm) - year[of_year[k]].0;
                counts[k] += 1.0;
            }
            if past[0].is_finite() {
                log_mm += past[0].max(0.0).ln_1p() - year[of_year[0]].1;
                if let Some(place) = almanac.place(gauge) {
                    each[place] = wet(past[0]) - year[of_year[0]].0;
                }
            }
        }
        let wetness = std::array::from_fn(|k| sums[k] / counts[k].max(1.0));
        let rmm = RMM.map(|name| {
            let series = known.series(name, &GLOBE);
            let value = series.last(newest, RMM_PATIENCE_DAYS).map_or(0.0, |(_, value)| value);
            if value.abs() <= RMM_MAX { value } else { 0.0 }
        });
        Self { newest, wetness, log_mm: log_mm / counts[0].max(1.0), rmm, each }
    }

    /// Returns the numbers of one gauge; `None` when its newest day is not known.
    ///
    /// Wetness is 1 or 0 less the climate's odds; what was not known is 0, as the climate has it.
    pub fn row(&self, known: &Known<'_>, almanac: &Almanac, gauge: &PlaceId) -> Option<Vec<f64>> {
        let year = almanac.gauges.get(gauge)?;
        let past: [f64; 3] = known.series(RAIN, gauge).window(self.newest);
        if past[0].is_nan() {
            return None;
        }
        let climate: [(f64, f64); 3] =
            std::array::from_fn(|k| year[day_of_year(self.newest - k as i64)]);
        let departure = |k: usize, of: f64| if past[k].is_finite() { of } else { 0.0 };
        let own: [f64; 3] = std::array::from_fn(|k| departure(k, wet(past[k]) - climate[k].0));
        let own_log: [f64; 2] =
            std::array::from_fn(|k| departure(k, past[k].max(0.0).ln_1p() - climate[k].1));
        let means = MEANS.map(|n| self.wetness[..n].iter().sum::<f64>() / n as f64);
        let [_, sin, cos, sin_2, cos_2, ..] = *almanac.terms(self.newest);
        let (now, odds) = (self.wetness[0], climate[0].0);
        // A wet day says more where and when it is rare.
        let rarity = 1.0 / (odds * (1.0 - odds)).sqrt();
        let mut row = Vec::with_capacity(almanac.columns());
        row.extend([own[0], own_log[0], own[1], own_log[1], own[2]]);
        row.extend([now, self.log_mm, self.wetness[1], self.wetness[2]]);
        row.extend(means);
        row.extend(self.rmm);
        row.extend(self.rmm.iter().flat_map(|v| [v * sin, v * cos]));
        row.extend([now, means[1], means[3]].iter().flat_map(|v| [v * sin, v * cos]));
        row.extend(
            [own[0], own_log[0]].iter().flat_map(|v| [sin, cos, sin_2, cos_2].map(|s| v * s)),
        );
        row.extend([now, self.log_mm, self.wetness[1], self.wetness[2]].map(|v| v * rarity));
        row.extend([own[0], own_log[0]].map(|v| v * rarity));
        debug_assert_eq!(row.len(), SHARED, "one number a column");
        row.extend(&self.each);
        Some(row)
    }
}

/// Returns 1 for a wet day, else 0.
pub(super) fn wet(mm: f64) -> f64 {
    f64::from(u8::from(mm >= WET_MM))
}

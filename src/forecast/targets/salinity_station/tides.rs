//! The tide of every day as figures: of the days before and after too, standardised.

use std::sync::LazyLock;

use crate::agronomy::tide::{HourlyDay, vung_tau};

/// Days before and after whose tide is part of a day's figures: salinity leads the spring tide by
/// about two days, less in dry years, so the models choose.
const AROUND: i64 = 4;

/// Figures of one day: high, low, range and mean of nine days, then the two species.
pub(super) const FIGURES: usize = 42;

/// First day (1996-01-05) of the fixed span that figures are standardised by; as in the reference
/// design, so that a figure means the same in every model.
const NORM_FIRST: i64 = 9_500;

/// Days in that span.
const NORM_DAYS: usize = 2_600;

/// Returns the place of a level (0 high, 1 low, 2 range, 3 mean) `days` later among the figures.
pub(super) const fn figure(level: usize, days: i64) -> usize {
    level * 9 + (days + AROUND) as usize
}

/// Place of the species' figures: two amplitudes, cosine and sine, and the amplitudes' changes.
pub(super) const SPECIES: usize = 36;

/// The figures of a span of days.
#[derive(Debug)]
pub(super) struct Tides {
    first: i64,
    raw: Vec<[f64; FIGURES]>,
    standard: Vec<[f64; FIGURES]>,
}

static NORM: LazyLock<[(f64, f64); FIGURES]> = LazyLock::new(|| {
    let rows = figures(NORM_FIRST, NORM_DAYS);
    std::array::from_fn(|k| {
        let mean = rows.iter().map(|r| r[k]).sum::<f64>() / NORM_DAYS as f64;
        let square = rows.iter().map(|r| (r[k] - mean).powi(2)).sum::<f64>() / NORM_DAYS as f64;
        (mean, square.sqrt())
    })
});

impl Tides {
    /// Returns the figures of all epoch days from `first` to `last`.
    pub(super) fn between(first: i64, last: i64) -> Self {
        let raw = figures(first, usize::try_from(last - first + 1).unwrap_or(0));
        let standard = raw
            .iter()
            .map(|row| std::array::from_fn(|k| (row[k] - NORM[k].0) / NORM[k].1))
            .collect();
        Self { first, raw, standard }
    }

    /// Returns whether all days of a span are held.
    pub(super) fn hold(&self, first: i64, last: i64) -> bool {
        first >= self.first && last < self.first + i64::try_from(self.raw.len()).unwrap_or(0)
    }

    /// Returns the figures of a day in their units.
    ///
    /// # Panics
    /// When the day is outside the span.
    pub(super) fn raw(&self, day: i64) -> &[f64; FIGURES] {
        &self.raw[(day - self.first) as usize]
    }

    /// Returns the standardised figures of a day.
    ///
    /// # Panics
    /// When the day is outside the span.
    pub(super) fn standard(&self, day: i64) -> &[f64; FIGURES] {
        &self.standard[(day - self.first) as usize]
    }
}

fn figures(first: i64, count: usize) -> Vec<[f64; FIGURES]> {
    let margin = AROUND as usize;
    let days = vung_tau().hourly_days(first - AROUND, count + 2 * margin);
    let levels = |d: &HourlyDay| [d.high_m, d.low_m, d.high_m - d.low_m, d.mean_m];
    (margin..margin + count)
        .map(|i| {
            let mut row = [0.0; FIGURES];
            for (level, figures) in row[..SPECIES].chunks_exact_mut(9).enumerate() {
                for (k, figure) in figures.iter_mut().enumerate() {
                    *figure = levels(&days[i + k - margin])[level];
                }
            }
            row[SPECIES..SPECIES + 2].copy_from_slice(&days[i].amplitudes_m);
            row[SPECIES + 2..SPECIES + 4].copy_from_slice(&days[i].phase);
            for k in 0..2 {
                row[SPECIES + 4 + k] = days[i + 1].amplitudes_m[k] - days[i - 1].amplitudes_m[k];
            }
            row
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_day_do_not_depend_on_the_span_asked_for() {
        let (long, short) = (Tides::between(14_000, 14_400), Tides::between(14_300, 14_310));
        assert!(long.hold(14_000, 14_400) && !long.hold(13_999, 14_400));
        for (a, b) in long.raw(14_305).iter().zip(short.raw(14_305)) {
            assert!((a - b).abs() < 1e-12);
        }
        assert_eq!(long.raw(14_305)[figure(0, 3)], long.raw(14_308)[figure(0, 0)]);
    }

    #[test]
    fn standard_figures_have_mean_zero_and_spread_one_over_the_fixed_span() {
        let last = NORM_FIRST + NORM_DAYS as i64 - 1;
        let tides = Tides::between(NORM_FIRST, last);
        for k in 0..FIGURES {
            let values: Vec<f64> = (NORM_FIRST..=last).map(|d| tides.standard(d)[k]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
            assert!(mean.abs() < 1e-9 && (square - 1.0).abs() < 1e-9, "{k}: {mean} {square}");
        }
    }
}

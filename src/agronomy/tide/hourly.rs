//! The tide of local days by their hours, for models that learn from it.

use std::f64::consts::TAU;

use super::TideModel;
use crate::agronomy::{DAY_SECONDS, VIETNAM_OFFSET_SECONDS};

/// What the tide does on one local day; levels in m above mean sea level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourlyDay {
    /// Level at each hour, 00:00 to 23:00.
    pub hours_m: [f64; 24],
    /// Highest of the hours.
    pub high_m: f64,
    /// Lowest of the hours.
    pub low_m: f64,
    /// Mean of the hours.
    pub mean_m: f64,
    /// Amplitude of the diurnal and semidiurnal species at local noon (m).
    pub amplitudes_m: [f64; 2],
    /// Cosine and sine of twice the diurnal less the semidiurnal phase at local noon: which tide is
    /// the higher.
    pub phase: [f64; 2],
}

impl TideModel {
    /// Returns the tide of `count` local days from epoch day `first` on.
    #[must_use]
    pub fn hourly_days(&self, first: i64, count: usize) -> Vec<HourlyDay> {
        let start = first * DAY_SECONDS - VIETNAM_OFFSET_SECONDS;
        let levels = self.series_m(start, 3_600, count * 24);
        let midnights = (start..).step_by(DAY_SECONDS as usize);
        let (days, _) = levels.as_chunks();
        days.iter().zip(midnights).map(|(hours, midnight)| self.hourly(*hours, midnight)).collect()
    }

    fn hourly(&self, hours_m: [f64; 24], midnight: i64) -> HourlyDay {
        let species = [1, 2].map(|turns| self.species(midnight + DAY_SECONDS / 2, turns));
        let phase = 2.0 * species[0].phase_rad - species[1].phase_rad;
        let (sin, cos) = phase.rem_euclid(TAU).sin_cos();
        HourlyDay {
            hours_m,
            high_m: hours_m.iter().copied().fold(f64::MIN, f64::max),
            low_m: hours_m.iter().copied().fold(f64::MAX, f64::min),
            mean_m: hours_m.iter().sum::<f64>() / 24.0,
            amplitudes_m: species.map(|s| s.amplitude_m),
            phase: [cos, sin],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::agronomy::tide::vung_tau;

    #[test]
    fn hours_are_those_of_the_local_day() {
        let tide = vung_tau();
        let days = tide.hourly_days(14_000, 3);
        let nine_in_the_morning = 14_001 * 86_400 + 2 * 3_600;
        assert_eq!(days.len(), 3);
        assert!((days[1].hours_m[9] - tide.level_m(nine_in_the_morning)).abs() < 1e-4);
    }

    #[test]
    fn a_day_lies_between_its_high_and_its_low() {
        for day in vung_tau().hourly_days(14_000, 30) {
            assert!(day.hours_m.iter().all(|m| (day.low_m..=day.high_m).contains(m)), "{day:?}");
            assert!((day.low_m..=day.high_m).contains(&day.mean_m), "{day:?}");
            assert!((day.phase[0].hypot(day.phase[1]) - 1.0).abs() < 1e-12, "{day:?}");
        }
    }
}

//! The tide of one species (diurnal, semidiurnal) as one slowly turning arrow.

use super::TideModel;
use super::snapshot::Snapshot;

/// The sum of all constituents that turn the same number of times a day, at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TideSpecies {
    /// How far this species swings to either side now (m); it waxes and wanes over the fortnight.
    pub amplitude_m: f64,
    /// Where in its turn it is (radians, −π to π); high water of this species at 0.
    pub phase_rad: f64,
}

impl TideModel {
    /// Returns the species that turns `cycles_a_day` times a lunar day (1 diurnal, 2 semidiurnal)
    /// at a Unix second.
    #[must_use]
    pub fn species(&self, unix_seconds: i64, cycles_a_day: i8) -> TideSpecies {
        let snapshot = Snapshot::new(self, unix_seconds, unix_seconds);
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (wave, cosine) in std::iter::zip(&self.waves, snapshot.cosines()) {
            if wave.constituent.multiples[0] == cycles_a_day {
                let (sin, cos) = cosine.phase_rad.sin_cos();
                real += cosine.amplitude_m * cos;
                imaginary += cosine.amplitude_m * sin;
            }
        }
        TideSpecies { amplitude_m: real.hypot(imaginary), phase_rad: imaginary.atan2(real) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agronomy::tide::vung_tau;

    #[test]
    fn one_constituent_is_its_own_species() {
        let model = TideModel::from_constants(&[("M2", 0.8, 194.0), ("SA", 0.2, 10.0)]).unwrap();
        let at = 1_600_000_000;
        let semidiurnal = model.species(at, 2);
        let yearly = model.level_m(at) - semidiurnal.amplitude_m * semidiurnal.phase_rad.cos();
        assert!(yearly.abs() <= 0.2 + 1e-9, "{yearly}");
        assert!((semidiurnal.amplitude_m / 0.8 - 1.0).abs() < 0.04, "nodal factor only");
        assert_eq!(model.species(at, 1).amplitude_m, 0.0);
    }

    #[test]
    fn semidiurnal_tide_waxes_and_wanes_over_the_fortnight() {
        let swing = |day: i64| vung_tau().species(1_583_020_800 + day * 86_400, 2).amplitude_m;
        let days: Vec<f64> = (0..15).map(swing).collect();
        let (low, high) = days.iter().fold((f64::MAX, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        assert!(high > 1.5 * low, "{low} {high}");
    }
}

//! Nodal corrections: how the 18.6-year node and the 8.85-year perigee change a constituent.
//!
//! Formulas of the IHO standard list (TWCWG, 8 May 2017), Annex A for the fundamental constituents,
//! Annex B for the rest: u adds with sign, f multiplies and never divides.

use super::astronomy::Arguments;

/// A constituent whose correction has a formula of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fundamental {
    /// Monthly elliptic.
    Mm,
    /// Fortnightly.
    Mf,
    /// Principal lunar diurnal.
    O1,
    /// Lunisolar diurnal.
    K1,
    /// Elliptic diurnal. The list prints 1.1029 for the mean of f where Doodson has 1.0129; TICON-4
    /// amplitudes of J1 are 0.88 of NOAA's at shared gauges, so that it was analysed with 1.1029.
    J1,
    /// Elliptic diurnal with the perigee in u.
    M1,
    /// Principal lunar semidiurnal.
    M2,
    /// Lunisolar semidiurnal.
    K2,
    /// Elliptic semidiurnal with the perigee in u.
    L2,
}

/// Number of [`Fundamental`] constituents.
const FUNDAMENTALS: usize = 9;

/// Factor f (–) and angle u (degrees) of one constituent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Correction {
    /// Multiplies the amplitude.
    pub factor: f64,
    /// Adds to the astronomical argument (degrees).
    pub angle_deg: f64,
}

/// Corrections of all fundamental constituents at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodalTable([Correction; FUNDAMENTALS]);

impl NodalTable {
    /// Returns the table for the node and perigee of `arguments`.
    pub fn at(arguments: &Arguments) -> Self {
        use Fundamental::{J1, K1, K2, L2, M1, M2, Mf, Mm, O1};
        let (n, p) = (arguments.node_rad(), arguments.perigee_rad());
        let mut table = [Correction { factor: 1.0, angle_deg: 0.0 }; FUNDAMENTALS];
        for which in [Mm, Mf, O1, K1, J1, M1, M2, K2, L2] {
            table[which as usize] = fundamental(which, n, p);
        }
        Self(table)
    }

    /// Returns the correction of a constituent made of `parts` with their multiplicities.
    pub fn of(&self, parts: &[(Fundamental, f64)]) -> Correction {
        let mut total = Correction { factor: 1.0, angle_deg: 0.0 };
        for &(which, times) in parts {
            let one = self.0[which as usize];
            total.factor *= one.factor.powf(times.abs());
            total.angle_deg += times * one.angle_deg;
        }
        total
    }
}

/// Returns the correction of one fundamental constituent; `n` and `p` in radians.
fn fundamental(which: Fundamental, n: f64, p: f64) -> Correction {
    match which {
        Fundamental::Mm => {
            let factor =
                1.0 - 0.1311 * n.cos() + 0.0538 * (2.0 * p).cos() + 0.0205 * (2.0 * p - n).cos();
            Correction { factor, angle_deg: 0.0 }
        }
        Fundamental::Mf => series(n, [1.084, 0.415, 0.039, 0.0], [-23.7, 2.7, -0.4]),
        Fundamental::O1 => series(n, [1.0176, 0.1871, -0.0147, 0.0], [10.80, -1.34, 0.19]),
        Fundamental::K1 => series(n, [1.0060, 0.1150, -0.0088, 0.0006], [-8.86, 0.68, -0.07]),
        Fundamental::J1 => series(n, [1.1029, 0.1676, -0.0170, 0.0016], [-12.94, 1.34, -0.19]),
        Fundamental::M2 => series(n, [1.0007, -0.0373, 0.0002, 0.0], [-2.14, 0.0, 0.0]),
        Fundamental::K2 => series(n, [1.0246, 0.2863, 0.0083, -0.0015], [-17.74, 0.68, -0.04]),
        Fundamental::M1 => {
            let sine = p.sin() + 0.2 * (p - n).sin();
            let cosine = 2.0 * (p.cos() + 0.2 * (p - n).cos());
            vector(sine, cosine)
        }
        Fundamental::L2 => {
            let terms =
                [(0.2505, 2.0 * p), (0.1102, 2.0 * p - n), (0.0156, 2.0 * (p - n)), (0.037, n)];
            let sine = terms.iter().map(|(a, x)| -a * x.sin()).sum();
            let cosine = 1.0 + terms.iter().map(|(a, x)| -a * x.cos()).sum::<f64>();
            vector(sine, cosine)
        }
    }
}

/// Returns f = Σ aₖ cos kN and u = Σ bₖ sin kN (degrees).
fn series(n: f64, cosines: [f64; 4], sines_deg: [f64; 3]) -> Correction {
    let [a0, a1, a2, a3] = cosines;
    let [b1, b2, b3] = sines_deg;
    let (n2, n3) = (2.0 * n, 3.0 * n);
    Correction {
        factor: a0 + a1 * n.cos() + a2 * n2.cos() + a3 * n3.cos(),
        angle_deg: b1 * n.sin() + b2 * n2.sin() + b3 * n3.sin(),
    }
}

/// Returns f and u from f·sin u and f·cos u.
fn vector(sine: f64, cosine: f64) -> Correction {
    Correction { factor: sine.hypot(cosine), angle_deg: sine.atan2(cosine).to_degrees() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn lunar_semidiurnal_tides_are_largest_when_diurnal_tides_are_smallest() {
        // N = 180° (1997, 2015): the moon keeps near the equator.
        let at = |which| fundamental(which, PI, 1.0).factor;
        assert!(at(Fundamental::M2) > 1.03 && at(Fundamental::K2) < 0.76);
        assert!(at(Fundamental::O1) < 0.82 && at(Fundamental::K1) < 0.89);
    }

    #[test]
    fn a_negative_part_turns_the_angle_but_does_not_divide_the_factor() {
        let table = NodalTable::at(&Arguments::at(1_270_000_000));
        let forward = table.of(&[(Fundamental::M2, 1.0)]);
        let backward = table.of(&[(Fundamental::M2, -1.0)]);
        assert_eq!(forward.factor.to_bits(), backward.factor.to_bits());
        assert!((forward.angle_deg + backward.angle_deg).abs() < 1e-12);
    }
}

//! The 50 constituents of TICON-4: argument, origin of phase, nodal correction.
//!
//! Arguments and corrections follow the IHO list (TWCWG, 8 May 2017). A phase lag means nothing
//! without the origin it is counted from, and TICON-4 does not count all of them as that list does.
//! What holds here was found by comparing TICON-4 with other people's constants at the same gauges
//! (npm `@neaps/tide-database` 0.10: 64 gauges of NOAA, 4 of Kartverket):
//!
//! | constituent | TICON-4 minus the other | so its argument is |
//! |---|---|---|
//! | S1, M3, L2, λ2, ε2, MKS2, J1, OO1 | within 7° | as in Schureman, with 180° for S1 and M3 |
//! | M1 | −100° to NOAA, −71° to Kartverket's NO1 | τ without quarter turn; Doodson's f, u (with the perigee) explain amplitude and phase of 13 gauges best of ten hypotheses; and the river gauge Xuân Hòa in 2020 then lags 26° in M1, as it does in O1 and K1 (26°, 29°) |
//! | SGM (σ1) | −176° | +90°, where the list has −90° |
//! | R3 (= SK3), 2MK5 | −90°, −94° | without quarter turn |
//! | T3, 2MO5 | not at shared gauges | without quarter turn, by analogy with R3 and 2MK5 |
//! | MA2, MB2 | by exactly the solar perigee | ±h, without p′ |
//! | S3 | not at shared gauges | without half turn, as R3 and T3 |
//! | 3N2, 3L2 | – | third-degree waves 245.555 and 265.555: their phases go together (R = 0.5 at 564 gauges) and their estimates blow up in short records, as only neighbours of N2 and L2 do |
//!
//! `@neaps/tide-predictor` 0.11 differs in nine constituents (`NEAPS`). M1 weighs most: its u holds
//! the perigee, so its argument must not, and there it holds it too. At Vũng Tàu the nine together
//! come to 13 cm at worst (rms 5 cm in 2010); the other 41 agree to 0.2 mm.

use super::nodal::Fundamental::{self, J1, K1, K2, L2, M1, M2, Mf, Mm, O1};

/// Definition of a constituent.
#[derive(Debug)]
pub(super) struct Constituent {
    /// Name as in TICON-4.
    pub name: &'static str,
    /// Multiples of τ, s, h, p, N′, p′.
    pub multiples: [i8; 6],
    /// Origin of phase in quarter turns added to the argument.
    pub quarter_turns: i8,
    /// Fundamental constituents that f and u are made of, with their multiplicity.
    pub nodal: &'static [(Fundamental, f64)],
}

/// From where phase lags are counted, and which waves a few names mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// As TICON-4 was analysed: the right one for its constants.
    Ticon4,
    /// As npm `@neaps/tide-predictor` 0.11 reads the same names; kept to compare with that program.
    NeapsPredictor,
}

/// Returns the definition of a constituent by its TICON-4 name (letter case does not matter).
pub(super) fn find(name: &str, convention: Convention) -> Option<&'static Constituent> {
    let changed: &[Constituent] = match convention {
        Convention::Ticon4 => &[],
        Convention::NeapsPredictor => &NEAPS,
    };
    let mut known = changed.iter().chain(&TICON4);
    known.find(|c| c.name.eq_ignore_ascii_case(name.trim()))
}

const fn wave(
    name: &'static str,
    multiples: [i8; 6],
    quarter_turns: i8,
    nodal: &'static [(Fundamental, f64)],
) -> Constituent {
    Constituent { name, multiples, quarter_turns, nodal }
}

/// All constituents of TICON-4, by species and speed.
static TICON4: [Constituent; 50] = [
    wave("SA", [0, 0, 1, 0, 0, 0], 0, &[]),
    wave("SSA", [0, 0, 2, 0, 0, 0], 0, &[]),
    wave("MM", [0, 1, 0, -1, 0, 0], 0, &[(Mm, 1.0)]),
    wave("MSF", [0, 2, -2, 0, 0, 0], 0, &[(M2, -1.0)]),
    wave("MF", [0, 2, 0, 0, 0, 0], 0, &[(Mf, 1.0)]),
    wave("MTM", [0, 3, 0, -1, 0, 0], 0, &[(Mm, 1.0)]),
    wave("MSQM", [0, 4, -2, 0, 0, 0], 0, &[(M2, -1.0)]),
    wave("2Q1", [1, -3, 0, 2, 0, 0], -1, &[(O1, 1.0)]),
    wave("SGM", [1, -3, 2, 0, 0, 0], 1, &[(O1, 1.0)]),
    wave("Q1", [1, -2, 0, 1, 0, 0], -1, &[(O1, 1.0)]),
    wave("RHO1", [1, -2, 2, -1, 0, 0], -1, &[(O1, 1.0)]),
    wave("O1", [1, -1, 0, 0, 0, 0], -1, &[(O1, 1.0)]),
    wave("M1", [1, 0, 0, 0, 0, 0], 0, &[(M1, 1.0)]),
    wave("P1", [1, 1, -2, 0, 0, 0], -1, &[]),
    wave("S1", [1, 1, -1, 0, 0, 0], 2, &[]),
    wave("K1", [1, 1, 0, 0, 0, 0], 1, &[(K1, 1.0)]),
    wave("J1", [1, 2, 0, -1, 0, 0], 1, &[(J1, 1.0)]),
    wave("OO1", [1, 3, 0, 0, 0, 0], 1, &[(K2, 1.0), (O1, -1.0)]),
    wave("EP2", [2, -3, 2, 1, 0, 0], 0, &[(M2, 1.0)]),
    wave("2N2", [2, -2, 0, 2, 0, 0], 0, &[(M2, 1.0)]),
    wave("MU2", [2, -2, 2, 0, 0, 0], 0, &[(M2, 1.0)]),
    wave("3N2", [2, -1, 0, 0, 0, 0], 0, &[]),
    wave("N2", [2, -1, 0, 1, 0, 0], 0, &[(M2, 1.0)]),
    wave("NU2", [2, -1, 2, -1, 0, 0], 0, &[(M2, 1.0)]),
    wave("MA2", [2, 0, -1, 0, 0, 0], 0, &[]),
    wave("M2", [2, 0, 0, 0, 0, 0], 0, &[(M2, 1.0)]),
    wave("MB2", [2, 0, 1, 0, 0, 0], 0, &[]),
    wave("MKS2", [2, 0, 2, 0, 0, 0], 0, &[(M2, 1.0), (K2, 1.0)]),
    wave("LAMBDA2", [2, 1, -2, 1, 0, 0], 2, &[(M2, 1.0)]),
    wave("L2", [2, 1, 0, -1, 0, 0], 2, &[(L2, 1.0)]),
    wave("3L2", [2, 1, 0, 0, 0, 0], 0, &[]),
    wave("T2", [2, 2, -3, 0, 0, 1], 0, &[]),
    wave("S2", [2, 2, -2, 0, 0, 0], 0, &[]),
    wave("R2", [2, 2, -1, 0, 0, -1], 2, &[]),
    wave("K2", [2, 2, 0, 0, 0, 0], 0, &[(K2, 1.0)]),
    wave("2SM2", [2, 4, -4, 0, 0, 0], 0, &[(M2, -1.0)]),
    wave("M3", [3, 0, 0, 0, 0, 0], 2, &[(M2, 1.5)]),
    wave("T3", [3, 3, -4, 0, 0, 0], 0, &[]),
    wave("S3", [3, 3, -3, 0, 0, 0], 0, &[]),
    wave("R3", [3, 3, -2, 0, 0, 0], 0, &[(K1, 1.0)]),
    wave("N4", [4, -2, 0, 2, 0, 0], 0, &[(M2, 2.0)]),
    wave("MN4", [4, -1, 0, 1, 0, 0], 0, &[(M2, 2.0)]),
    wave("M4", [4, 0, 0, 0, 0, 0], 0, &[(M2, 2.0)]),
    wave("MS4", [4, 2, -2, 0, 0, 0], 0, &[(M2, 1.0)]),
    wave("S4", [4, 4, -4, 0, 0, 0], 0, &[]),
    wave("2MO5", [5, -1, 0, 0, 0, 0], 0, &[(M2, 2.0), (O1, 1.0)]),
    wave("2MK5", [5, 1, 0, 0, 0, 0], 0, &[(M2, 2.0), (K1, 1.0)]),
    wave("M6", [6, 0, 0, 0, 0, 0], 0, &[(M2, 3.0)]),
    wave("2MS6", [6, 2, -2, 0, 0, 0], 0, &[(M2, 2.0)]),
    wave("M8", [8, 0, 0, 0, 0, 0], 0, &[(M2, 4.0)]),
];

/// Constituents that `@neaps/tide-predictor` 0.11 defines otherwise.
static NEAPS: [Constituent; 9] = [
    wave("SGM", [1, -3, 2, 0, 0, 0], -1, &[(O1, 1.0)]),
    wave("M1", [1, 0, 0, 1, 0, 0], 1, &[(M1, 1.0)]),
    wave("3N2", [2, 0, 2, 0, 0, 0], 0, &[(M2, 1.0), (K2, 1.0)]),
    wave("3L2", [2, 1, 0, 0, 0, 0], 0, &[(L2, 1.0)]),
    wave("M3", [3, 0, 0, 0, 0, 0], 0, &[(M2, 1.5)]),
    wave("T3", [3, 3, -4, 0, 0, 0], 2, &[]),
    wave("R3", [3, 3, -2, 0, 0, 0], 1, &[(K1, 1.0)]),
    wave("2MO5", [5, -1, 0, 0, 0, 0], -1, &[(M2, 2.0), (O1, 1.0)]),
    wave("2MK5", [5, 1, 0, 0, 0, 0], 1, &[(M2, 2.0), (K1, 1.0)]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agronomy::tide::astronomy::Arguments;

    /// Speeds (degrees per hour) printed in the IHO list, and for 3N2, 3L2 in Ray's degree-3 list.
    const PRINTED: [(&str, f64); 14] = [
        ("SA", 0.041_068_6),
        ("MTM", 1.642_407_8),
        ("MSQM", 2.113_928_7),
        ("SGM", 12.927_139_8),
        ("M1", 14.492_052_1),
        ("OO1", 16.139_101_7),
        ("EP2", 27.423_833_8),
        ("3N2", 28.435_087_9),
        ("LAMBDA2", 29.455_625_3),
        ("3L2", 29.533_120_8),
        ("R2", 30.041_066_7),
        ("M3", 43.476_156_4),
        ("2MK5", 73.009_277_1),
        ("2MS6", 87.968_208_5),
    ];

    #[test]
    fn multiples_give_the_printed_speeds() {
        let rates = Arguments::at(946_728_000).deg_per_second;
        for (name, printed) in PRINTED {
            let wave = find(name, Convention::Ticon4).expect("listed");
            let speed: f64 = std::iter::zip(wave.multiples, rates)
                .map(|(k, rate)| f64::from(k) * rate * 3600.0)
                .sum();
            assert!((speed - printed).abs() < 2e-7, "{name}: {speed} is not {printed}");
        }
    }

    #[test]
    fn every_name_and_every_wave_occurs_once() {
        for (i, a) in TICON4.iter().enumerate() {
            for b in &TICON4[i + 1..] {
                assert_ne!(a.name, b.name);
                assert_ne!(a.multiples, b.multiples, "{} and {}", a.name, b.name);
            }
        }
    }
}

//! What tells the five diseases apart: every parameter of each, in one place.
//!
//! Savary et al. 2012, Table 2, as it stands in `shared/knowledge/tables/epirice_parameters.csv`
//! (figures of the package epicrop, which notes that the paper's table swaps the best temperatures
//! of blast, 20 °C, and brown spot, 25 °C; the values here are the corrected ones).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rice disease that EPIRICE knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disease {
    /// Đạo ôn lá, *Pyricularia oryzae*.
    LeafBlast,
    /// Đốm nâu, *Bipolaris oryzae*.
    BrownSpot,
    /// Bạc lá (cháy bìa lá), *Xanthomonas oryzae* pv. *oryzae*.
    BacterialBlight,
    /// Khô vằn (đốm vằn), *Rhizoctonia solani*.
    SheathBlight,
    /// Tungro, carried by green leafhoppers.
    Tungro,
}

impl Disease {
    /// Every disease.
    pub const ALL: [Self; 5] =
        [Self::LeafBlast, Self::BrownSpot, Self::BacterialBlight, Self::SheathBlight, Self::Tungro];

    /// Returns the name used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeafBlast => "leaf_blast",
            Self::BrownSpot => "brown_spot",
            Self::BacterialBlight => "bacterial_blight",
            Self::SheathBlight => "sheath_blight",
            Self::Tungro => "tungro",
        }
    }

    /// Returns the parameters.
    #[must_use]
    pub const fn parameters(self) -> &'static Parameters {
        match self {
            Self::LeafBlast => &LEAF_BLAST,
            Self::BrownSpot => &BROWN_SPOT,
            Self::BacterialBlight => &BACTERIAL_BLIGHT,
            Self::SheathBlight => &SHEATH_BLIGHT,
            Self::Tungro => &TUNGRO,
        }
    }
}

impl fmt::Display for Disease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A function given by points of rising x: straight lines between them, 0 outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve(&'static [(f64, f64)]);

impl Curve {
    /// Returns the value at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        let above = self.0.partition_point(|point| point.0 < x);
        match (above.checked_sub(1).map(|i| self.0[i]), self.0.get(above)) {
            (_, Some((at, y))) if *at == x => *y,
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            _ => 0.0,
        }
    }
}

/// The parameters of a disease; their letters in the paper stand in brackets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Day of the first infection, counted from 1 at emergence.
    pub onset_day: usize,
    /// Highest rate of infection (`RcOpt`, per infectious site and day).
    pub rate_per_day: f64,
    /// Latent period (`p`, days).
    pub latent_days: usize,
    /// Infectious period (`i`, days).
    pub infectious_days: usize,
    /// How much lesions cluster (`a`, 1 or more); an exponent.
    pub aggregation: f64,
    /// Healthy sites at emergence (`H0`).
    pub healthy_sites: f64,
    /// Sites infected on the onset day (`I0`).
    pub first_infections: f64,
    /// Most sites a crop can have (`Sx`).
    pub sites_max: f64,
    /// Relative rate of growth (`RRG`, 1/day).
    pub growth_per_day: f64,
    /// Relative rate of ageing (`RRS`, 1/day).
    pub senescence_per_day: f64,
    /// Share of the rate left by the crop's age (`RcA`; days after emergence, 0 to 120).
    pub rate_by_age: Curve,
    /// Share of the rate left by the day's mean temperature (`RcT`; °C).
    pub rate_by_temperature: Curve,
}

/// A site is 45 mm² of leaf.
const LEAF_BLAST: Parameters = Parameters {
    onset_day: 15,
    rate_per_day: 1.14,
    latent_days: 5,
    infectious_days: 20,
    aggregation: 1.0,
    healthy_sites: 600.0,
    first_infections: 1.0,
    sites_max: 30_000.0,
    growth_per_day: 0.1,
    senescence_per_day: 0.01,
    rate_by_age: Curve(&[
        (0.0, 1.0),
        (5.0, 1.0),
        (10.0, 1.0),
        (15.0, 0.9),
        (20.0, 0.8),
        (25.0, 0.7),
        (30.0, 0.64),
        (35.0, 0.59),
        (40.0, 0.53),
        (45.0, 0.43),
        (50.0, 0.32),
        (55.0, 0.22),
        (60.0, 0.16),
        (65.0, 0.09),
        (70.0, 0.03),
        (75.0, 0.02),
        (80.0, 0.02),
        (85.0, 0.02),
        (90.0, 0.01),
        (95.0, 0.01),
        (100.0, 0.01),
        (105.0, 0.01),
        (110.0, 0.01),
        (115.0, 0.01),
        (120.0, 0.01),
    ]),
    rate_by_temperature: Curve(&[
        (10.0, 0.0),
        (15.0, 0.5),
        (20.0, 1.0),
        (25.0, 0.6),
        (30.0, 0.2),
        (35.0, 0.05),
        (40.0, 0.01),
        (45.0, 0.0),
    ]),
};

/// A site is 10 mm² of leaf.
const BROWN_SPOT: Parameters = Parameters {
    onset_day: 20,
    rate_per_day: 0.61,
    latent_days: 6,
    infectious_days: 19,
    aggregation: 1.0,
    healthy_sites: 600.0,
    first_infections: 1.0,
    sites_max: 100_000.0,
    growth_per_day: 0.1,
    senescence_per_day: 0.01,
    rate_by_age: Curve(&[
        (0.0, 0.35),
        (20.0, 0.35),
        (40.0, 0.35),
        (60.0, 0.47),
        (80.0, 0.59),
        (100.0, 0.71),
        (120.0, 1.0),
    ]),
    rate_by_temperature: Curve(&[
        (15.0, 0.0),
        (20.0, 0.06),
        (25.0, 1.0),
        (30.0, 0.85),
        (35.0, 0.16),
        (40.0, 0.0),
    ]),
};

/// A site is a leaf.
const BACTERIAL_BLIGHT: Parameters = Parameters {
    onset_day: 20,
    rate_per_day: 0.87,
    latent_days: 5,
    infectious_days: 30,
    aggregation: 4.0,
    healthy_sites: 100.0,
    first_infections: 1.0,
    sites_max: 3_200.0,
    growth_per_day: 0.1,
    senescence_per_day: 0.01,
    rate_by_age: Curve(&[
        (0.0, 1.0),
        (10.0, 1.0),
        (20.0, 1.0),
        (30.0, 0.9),
        (40.0, 0.62),
        (50.0, 0.43),
        (60.0, 0.41),
        (70.0, 0.41),
        (80.0, 0.41),
        (90.0, 0.41),
        (100.0, 0.41),
        (110.0, 0.41),
        (120.0, 0.41),
    ]),
    rate_by_temperature: Curve(&[
        (16.0, 0.0),
        (19.0, 0.29),
        (22.0, 0.44),
        (25.0, 0.9),
        (28.0, 0.9),
        (31.0, 1.0),
        (34.0, 0.88),
        (37.0, 0.01),
        (40.0, 0.0),
    ]),
};

/// A site is a tiller.
const SHEATH_BLIGHT: Parameters = Parameters {
    onset_day: 30,
    rate_per_day: 0.46,
    latent_days: 3,
    infectious_days: 120,
    aggregation: 2.8,
    healthy_sites: 25.0,
    first_infections: 1.0,
    sites_max: 800.0,
    growth_per_day: 0.2,
    senescence_per_day: 0.005,
    rate_by_age: Curve(&[
        (0.0, 0.84),
        (10.0, 0.84),
        (20.0, 0.84),
        (30.0, 0.84),
        (40.0, 0.84),
        (50.0, 0.84),
        (60.0, 0.84),
        (70.0, 0.88),
        (80.0, 0.88),
        (90.0, 1.0),
        (100.0, 1.0),
        (110.0, 1.0),
        (120.0, 1.0),
    ]),
    rate_by_temperature: Curve(&[
        (12.0, 0.0),
        (16.0, 0.42),
        (20.0, 0.94),
        (24.0, 0.94),
        (28.0, 1.0),
        (32.0, 0.85),
        (36.0, 0.64),
        (40.0, 0.0),
    ]),
};

/// A site is a plant (hill).
const TUNGRO: Parameters = Parameters {
    onset_day: 25,
    rate_per_day: 0.18,
    latent_days: 6,
    infectious_days: 120,
    aggregation: 1.0,
    healthy_sites: 100.0,
    first_infections: 1.0,
    sites_max: 100.0,
    growth_per_day: 0.1,
    senescence_per_day: 0.01,
    rate_by_age: Curve(&[
        (0.0, 1.0),
        (15.0, 1.0),
        (30.0, 0.98),
        (45.0, 0.73),
        (60.0, 0.51),
        (75.0, 0.34),
        (90.0, 0.0),
        (105.0, 0.0),
        (120.0, 0.0),
    ]),
    rate_by_temperature: Curve(&[
        (9.0, 0.0),
        (10.0, 0.13),
        (13.1111, 0.65),
        (16.2222, 0.75),
        (19.3333, 0.83),
        (22.4444, 0.89),
        (25.5555, 0.93),
        (28.6666, 0.97),
        (31.7777, 1.0),
        (34.8888, 0.96),
        (37.9999, 0.93),
        (40.0, 0.0),
    ]),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_linear_between_points_and_zero_outside() {
        let curve = Curve(&[(10.0, 0.0), (15.0, 0.5), (20.0, 1.0), (25.0, 0.6)]);
        assert_eq!([9.9, 10.0, 15.0, 25.0, 25.1].map(|x| curve.at(x)), [0.0, 0.0, 0.5, 0.6, 0.0]);
        assert!((curve.at(12.5) - 0.25).abs() < 1e-15 && (curve.at(22.5) - 0.8).abs() < 1e-15);
        assert_eq!(curve.at(f64::NAN), 0.0);
    }

    #[test]
    fn every_curve_rises_in_x_and_stays_a_share() {
        for parameters in Disease::ALL.map(Disease::parameters) {
            for curve in [parameters.rate_by_age, parameters.rate_by_temperature] {
                assert!(curve.0.windows(2).all(|pair| pair[0].0 < pair[1].0));
                assert!(curve.0.iter().all(|point| (0.0..=1.0).contains(&point.1)));
            }
        }
    }
}

//! Salinity from electrical conductivity and back, with the conversion kept beside the value.
//!
//! One reading of 2,000 µS/cm is 1.0 g/L in the hydromet bulletins, 1.02 as diluted sea water and
//! 1.28 by the irrigation rule. So raw conductivity, temperature and the conversion are stored, and
//! a number without them is not compared with a threshold. ‰, g/L and practical salinity are taken
//! as equal, which below 10 is within 1 % (sea water of 10 weighs 1.005 kg/L and holds 10.05 g/kg).

mod pss78;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use pss78::{conductivity_ms_cm, practical_salinity};

use super::AgronomyError;
use super::error::checked;

/// Temperature (°C) to which conductivity of fresh and brackish water is referred.
pub const REFERENCE_TEMPERATURE_C: f64 = 25.0;
/// Relative rise of conductivity per °C about 25 °C that is used unless another is declared;
/// Standard Methods for the Examination of Water and Wastewater, 2510 B.
pub const STANDARD_COMPENSATION_PER_C: f64 = 0.0191;
/// Conductivity (µS/cm) per g/L in the southern hydromet network; exact in its archived series
/// (`shared/data/README.md`, salinity daily).
pub const HYDROMET_US_CM_PER_G_L: f64 = 2_000.0;
/// Dissolved salt (g/L) per dS/m at 25 °C, the common rule for irrigation water
/// (`shared/knowledge/tables/salinity_conversion.csv`).
pub const IRRIGATION_G_L_PER_DS_M: f64 = 0.64;

/// Largest conductivity (µS/cm) that is believed; sea water of 42 at 35 °C has 75,000.
const EC_MAX_US_CM: f64 = 80_000.0;

/// Temperature at which a conductivity holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EcAt {
    /// As measured, at the water's temperature (°C).
    Water(f64),
    /// Referred to 25 °C by the instrument or the provider.
    Reference,
}

/// How salinity is reckoned from conductivity; stored with every value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Practical Salinity Scale 1978 with the term of Hill et al. 1986 for low salinity.
    Pss78Hill86,
    /// EC in µS/cm over 2,000 as reported, whatever its temperature: the hydromet network's g/L.
    HydrometEc2000,
    /// 0.64 g/L for each dS/m at 25 °C: the irrigation rule for total dissolved solids.
    IrrigationTds064,
}

/// A salinity that knows how it was reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Salinity {
    /// Salinity (g/L).
    pub salinity_g_l: f64,
    /// The conversion that gave it.
    pub conversion: Conversion,
}

impl Conversion {
    /// All conversions.
    pub const ALL: [Self; 3] = [Self::Pss78Hill86, Self::HydrometEc2000, Self::IrrigationTds064];

    /// Returns the word under which this conversion is stored.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pss78Hill86 => "pss78_hill86",
            Self::HydrometEc2000 => "hydromet_ec2000",
            Self::IrrigationTds064 => "irrigation_tds064",
        }
    }

    /// Returns the salinity for a conductivity (µS/cm).
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when the conductivity does not lie in 0..=80,000 µS/cm or the
    /// temperature not in −2..=45 °C.
    pub fn salinity(self, ec_us_cm: f64, at: EcAt) -> Result<Salinity, AgronomyError> {
        let ec_us_cm = checked("conductivity (µS/cm)", ec_us_cm, 0.0..=EC_MAX_US_CM, "0 to 80000")?;
        let salinity_g_l = match self {
            Self::Pss78Hill86 => practical_salinity(ec_us_cm / 1_000.0, at.temperature_c())?,
            Self::HydrometEc2000 => ec_us_cm / HYDROMET_US_CM_PER_G_L,
            Self::IrrigationTds064 => {
                let ec25_us_cm = match at {
                    EcAt::Reference => ec_us_cm,
                    EcAt::Water(temperature_c) => {
                        ec25_us_cm(ec_us_cm, temperature_c, STANDARD_COMPENSATION_PER_C)?
                    }
                };
                IRRIGATION_G_L_PER_DS_M * ec25_us_cm / 1_000.0
            }
        };
        Ok(Salinity { salinity_g_l, conversion: self })
    }

    /// Returns the conductivity at 25 °C (µS/cm) that this conversion gives a salinity (g/L).
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when the salinity does not lie in 0..=42 g/L.
    pub fn ec25_us_cm(self, salinity_g_l: f64) -> Result<f64, AgronomyError> {
        match self {
            Self::Pss78Hill86 => {
                conductivity_ms_cm(salinity_g_l, REFERENCE_TEMPERATURE_C).map(|ms| ms * 1_000.0)
            }
            Self::HydrometEc2000 => {
                check_salinity(salinity_g_l).map(|s| s * HYDROMET_US_CM_PER_G_L)
            }
            Self::IrrigationTds064 => {
                check_salinity(salinity_g_l).map(|s| s / IRRIGATION_G_L_PER_DS_M * 1_000.0)
            }
        }
    }
}

impl Salinity {
    /// Returns the same water reckoned by another conversion, through its conductivity at 25 °C.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when the salinity does not lie in 0..=42 g/L.
    pub fn by(self, conversion: Conversion) -> Result<Self, AgronomyError> {
        if conversion == self.conversion {
            return Ok(self);
        }
        conversion.salinity(self.conversion.ec25_us_cm(self.salinity_g_l)?, EcAt::Reference)
    }
}

impl EcAt {
    fn temperature_c(self) -> f64 {
        match self {
            Self::Water(temperature_c) => temperature_c,
            Self::Reference => REFERENCE_TEMPERATURE_C,
        }
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Conversion {
    type Err = AgronomyError;

    fn from_str(given: &str) -> Result<Self, AgronomyError> {
        Self::ALL.into_iter().find(|c| c.id() == given).ok_or_else(|| {
            let allowed = Self::ALL.map(Self::id).join(", ");
            AgronomyError::UnknownConversion { given: given.to_owned(), allowed }
        })
    }
}

/// Returns conductivity at 25 °C (µS/cm) from conductivity at the water's temperature, by
/// EC / (1 + a·(t − 25)) with a declared coefficient a (per °C).
///
/// # Errors
/// [`AgronomyError::OutOfRange`] when the conductivity does not lie in 0..=80,000 µS/cm, the
/// temperature not in −2..=45 °C, or the coefficient not in 0..=0.03 per °C.
pub fn ec25_us_cm(
    ec_us_cm: f64,
    temperature_c: f64,
    compensation_per_c: f64,
) -> Result<f64, AgronomyError> {
    let ec = checked("conductivity (µS/cm)", ec_us_cm, 0.0..=EC_MAX_US_CM, "0 to 80000")?;
    let a = checked("compensation (per °C)", compensation_per_c, 0.0..=0.03, "0 to 0.03")?;
    let above = pss78::check_temperature(temperature_c)? - REFERENCE_TEMPERATURE_C;
    Ok(ec / (1.0 + a * above))
}

fn check_salinity(salinity_g_l: f64) -> Result<f64, AgronomyError> {
    checked("salinity (g/L)", salinity_g_l, 0.0..=pss78::SALINITY_MAX, "0 to 42")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_has_three_salinities_and_each_says_which() {
        for (conversion, expected) in [
            (Conversion::HydrometEc2000, 1.0),
            (Conversion::Pss78Hill86, 1.0163),
            (Conversion::IrrigationTds064, 1.28),
        ] {
            let value = conversion.salinity(2_000.0, EcAt::Reference).expect("in range");
            assert_eq!(value.conversion, conversion);
            assert!((value.salinity_g_l - expected).abs() < 5e-4, "{value:?}");
        }
    }

    #[test]
    fn words_are_read_back_and_unknown_words_refused() {
        for conversion in Conversion::ALL {
            assert_eq!(conversion.id().parse(), Ok(conversion));
            let json = serde_json::to_string(&conversion).expect("a plain enum");
            assert_eq!(json, format!("\"{}\"", conversion.id()));
        }
        assert!("psu".parse::<Conversion>().is_err());
    }

    #[test]
    fn changing_the_conversion_and_back_returns_the_value() {
        for g_l in [0.1, 1.0, 4.0, 30.0] {
            let start = Salinity { salinity_g_l: g_l, conversion: Conversion::HydrometEc2000 };
            for other in Conversion::ALL {
                let back = start.by(other).and_then(|s| s.by(start.conversion)).expect("in range");
                assert!((back.salinity_g_l - g_l).abs() < 1e-9, "{other}: {back:?}");
            }
        }
    }

    #[test]
    fn compensation_follows_the_declared_coefficient() {
        let at_30 = ec25_us_cm(2_000.0, 30.0, 0.02).expect("in range");
        assert!((at_30 - 2_000.0 / 1.1).abs() < 1e-9);
        assert!(ec25_us_cm(2_000.0, 30.0, 0.5).is_err());
        assert!(ec25_us_cm(2_000.0, -9999.0, 0.02).is_err());
        assert!(ec25_us_cm(f64::NAN, 25.0, 0.02).is_err());
    }
}

//! Practical Salinity Scale 1978 at atmospheric pressure, with the low-salinity term of 1986.
//!
//! UNESCO Technical Papers in Marine Science 44 (1983), algorithm for S(C, t, p = 0); extension to
//! 0 ≤ S ≤ 2 by Hill, Dauphinee and Woods, IEEE J. Oceanic Eng. 11 (1986). Their term is kept over
//! the whole range: above 2 it is at most 0.0003, and so there is no step. It is written as in the
//! TEOS-10 programs, with y in the last denominator; Standard Methods 2520 B prints it without,
//! which moves salinity by at most 0.0004. Temperatures are ITS-90. Published for −2 to 35 °C; the
//! formulas are carried on to 45 °C for shallow water in the sun.

use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Conductivity (mS/cm) of standard sea water, S = 35, 15 °C (IPTS-68), p = 0 (Culkin and Smith 1980).
const STANDARD_MS_CM: f64 = 42.914;
/// Largest salinity of the scale.
pub(super) const SALINITY_MAX: f64 = 42.0;
/// Allowance for rounding, so that what the inverse gives for 42 is accepted.
const ROUNDING: f64 = 1e-9;

/// Coefficients a of the scale, by powers of √R.
const A: [f64; 6] = [0.0080, -0.1692, 25.3851, 14.0941, -7.0261, 2.7081];
/// Coefficients b of the scale's temperature term, by powers of √R.
const B: [f64; 6] = [0.0005, -0.0056, -0.0066, -0.0375, 0.0636, -0.0144];
/// Coefficients c of the conductivity ratio C(35, t)/C(35, 15), by powers of t.
const C: [f64; 5] = [0.676_609_7, 2.005_64e-2, 1.104_259e-4, -6.969_8e-7, 1.003_1e-9];
/// Coefficient k of the temperature term.
const K: f64 = 0.0162;

/// Returns practical salinity (–) from conductivity (mS/cm) and temperature (°C) at the surface.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] when the conductivity does not lie in 0..=80 mS/cm, the temperature
/// not in −2..=45 °C, or the result above 42.
pub fn practical_salinity(ms_cm: f64, temperature_c: f64) -> Result<f64, AgronomyError> {
    let ms_cm = checked("conductivity (mS/cm)", ms_cm, 0.0..=80.0, "0 to 80")?;
    let t68 = ipts68(check_temperature(temperature_c)?);
    let salinity = salinity_of_ratio(ms_cm / (STANDARD_MS_CM * polynomial(&C, t68)), t68);
    checked("practical salinity", salinity, f64::MIN..=SALINITY_MAX + ROUNDING, "at most 42")
        .map(|s| s.max(0.0))
}

/// Returns conductivity (mS/cm) from practical salinity and temperature (°C) at the surface.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] when the salinity does not lie in 0..=42 or the temperature not in
/// −2..=45 °C.
pub fn conductivity_ms_cm(salinity: f64, temperature_c: f64) -> Result<f64, AgronomyError> {
    let salinity = checked("practical salinity", salinity, 0.0..=SALINITY_MAX, "0 to 42")?;
    let t68 = ipts68(check_temperature(temperature_c)?);
    // Salinity grows with the ratio; 1.3 is above the ratio of S = 42 at any temperature.
    let (mut low, mut high) = (0.0_f64, 1.3_f64);
    while high - low > 1e-15 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if salinity_of_ratio(middle, t68) < salinity {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high * STANDARD_MS_CM * polynomial(&C, t68))
}

/// Returns the temperature if the scale covers it (−2..=45 °C).
pub(super) fn check_temperature(temperature_c: f64) -> Result<f64, AgronomyError> {
    checked("water temperature (°C)", temperature_c, -2.0..=45.0, "-2 to 45")
}

/// Returns temperature on the scale of 1968, on which the formulas stand (Saunders 1990).
fn ipts68(temperature_c: f64) -> f64 {
    1.000_24 * temperature_c
}

/// Returns practical salinity from the ratio to sea water of 35 at the same temperature.
fn salinity_of_ratio(ratio: f64, t68: f64) -> f64 {
    let root = ratio.sqrt();
    let warm = (t68 - 15.0) / (1.0 + K * (t68 - 15.0));
    let scale = polynomial(&A, root) + warm * polynomial(&B, root);
    let (x, y) = (400.0 * ratio, 100.0 * ratio);
    scale - A[0] / (1.0 + 1.5 * x + x * x) - B[0] * warm / (1.0 + y.sqrt() + y + y * y.sqrt())
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 15 °C of IPTS-68 on ITS-90.
    const FIFTEEN_C: f64 = 15.0 / 1.000_24;

    #[test]
    fn standard_sea_water_has_35() {
        let salinity = practical_salinity(42.914, FIFTEEN_C).expect("in range");
        assert!((salinity - 35.0).abs() < 1e-6, "{salinity}");
    }

    #[test]
    fn fresh_water_has_none_and_the_inverse_undoes() {
        assert!(practical_salinity(0.0, 28.0).expect("in range").abs() < 1e-12);
        for temperature_c in [0.0, 15.0, 28.0, 38.0] {
            for salinity in [0.01, 0.1, 1.0, 2.0, 4.0, 35.0, 42.0] {
                let ms_cm = conductivity_ms_cm(salinity, temperature_c).expect("in range");
                if ms_cm < 80.0 {
                    let back = practical_salinity(ms_cm, temperature_c).expect("in range");
                    assert!(
                        (back - salinity).abs() < 1e-9,
                        "{salinity} at {temperature_c}: {back}"
                    );
                }
            }
        }
    }

    #[test]
    fn sentinels_are_refused() {
        assert!(practical_salinity(1.0, -9999.0).is_err());
        assert!(practical_salinity(-1.0, 25.0).is_err());
        assert!(conductivity_ms_cm(f64::NAN, 25.0).is_err());
    }
}

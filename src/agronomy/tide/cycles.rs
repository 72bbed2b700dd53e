//! Where the tide stands between spring and neap, and between tropic and equatorial tide.

use super::TideModel;
use super::astronomy::Arguments;
use crate::agronomy::AgronomyError;

/// Position in a beat of two constituents; the largest tide is at position 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TideCycle {
    /// Days since the two constituents last added up (0 ≤ days < length).
    pub days_since_peak: f64,
    /// Length of the cycle (days): 14.77 for spring–neap, 13.66 for tropic–equatorial.
    pub length_days: f64,
    /// Cosine of the position: +1 at the peak (spring, tropic), −1 half a cycle later.
    pub cosine: f64,
    /// Sine of the position: positive while the tide falls off.
    pub sine: f64,
}

impl TideModel {
    /// Returns the spring–neap position: 0 when M2 and S2 add up at this coast.
    ///
    /// This is the phase of the local tide, with its age: springs come some 1 to 2 days after new
    /// and full moon.
    ///
    /// # Errors
    /// [`AgronomyError::MissingConstituent`] when M2 or S2 is not among the constants.
    pub fn spring_neap(&self, unix_seconds: i64) -> Result<TideCycle, AgronomyError> {
        self.beat("S2", "M2", "the spring-neap cycle", unix_seconds)
    }

    /// Returns the tropic–equatorial position: 0 when K1 and O1 add up at this coast.
    ///
    /// With K1 + O1 above M2, as at Vũng Tàu, this cycle of the moon's declination moves the daily
    /// range as much as spring and neap do.
    ///
    /// # Errors
    /// [`AgronomyError::MissingConstituent`] when K1 or O1 is not among the constants.
    pub fn tropic(&self, unix_seconds: i64) -> Result<TideCycle, AgronomyError> {
        self.beat("K1", "O1", "the tropic cycle", unix_seconds)
    }

    /// Returns the beat of a faster with a slower constituent, without nodal angles: they move the
    /// peak by less than a day.
    fn beat(
        &self,
        faster: &'static str,
        slower: &'static str,
        needed_for: &'static str,
        unix_seconds: i64,
    ) -> Result<TideCycle, AgronomyError> {
        let arguments = Arguments::at(unix_seconds);
        let (angle_fast, speed_fast) = self.angle_deg(faster, needed_for, &arguments)?;
        let (angle_slow, speed_slow) = self.angle_deg(slower, needed_for, &arguments)?;
        let position_deg = (angle_fast - angle_slow).rem_euclid(360.0);
        let deg_per_day = (speed_fast - speed_slow) * 86_400.0;
        let (sine, cosine) = position_deg.to_radians().sin_cos();
        Ok(TideCycle {
            days_since_peak: position_deg / deg_per_day,
            length_days: 360.0 / deg_per_day,
            cosine,
            sine,
        })
    }

    /// Returns argument less phase lag (degrees) and speed (degrees per second) of a constituent.
    fn angle_deg(
        &self,
        name: &'static str,
        needed_for: &'static str,
        arguments: &Arguments,
    ) -> Result<(f64, f64), AgronomyError> {
        let wave = self
            .waves
            .iter()
            .find(|w| w.constituent.name == name)
            .ok_or(AgronomyError::MissingConstituent { name, needed_for })?;
        let dot = |values: &[f64; 6]| -> f64 {
            std::iter::zip(wave.constituent.multiples, values).map(|(k, v)| f64::from(k) * v).sum()
        };
        let quarter_deg = 90.0 * f64::from(wave.constituent.quarter_turns);
        Ok((dot(&arguments.deg) + quarter_deg - wave.phase_deg, dot(&arguments.deg_per_second)))
    }
}

//! The columns of the two ridges: departures from persistence that grow with the lead.

use std::f64::consts::{PI, TAU};

use super::morning::{Origin, mix, season};
use super::tides::{FIGURES, SPECIES, Tides, figure};
use crate::domain::PlaceId;

/// Columns of the structured ridge.
pub(super) const STRUCTURED: usize = 289;
/// Random Fourier features; 300 gave the same score as 600 in the research.
const WAVES: usize = 300;
/// Columns of the ridge with Fourier features: the waves at two leads, then the structured columns.
pub(super) const FOURIER: usize = 2 * WAVES + STRUCTURED;
/// Columns without penalty worth the name: the plain growth with the lead, last of all.
pub(super) const FREE: usize = 3;

/// Numbers that the waves run over.
const INPUTS: usize = 35;
/// Length scale of the waves; 5 to 12 gave the same score.
const SCALE: f64 = 8.0;
/// Amplitude of the waves: sets their penalty against the structured columns.
const WAVE_AMPLITUDE: f64 = 30.0;
/// Seed of the waves.
const SEED: u64 = 20_260;

/// Centre and scale of the river's numbers (log m³/s, m), rounded means and deviations of 1995-2009.
const RIVER_SCALE: [(f64, f64); 9] = [
    (7.9, 0.5),
    (0.0, 0.25),
    (8.1, 0.5),
    (0.6, 0.35),
    (0.7, 0.4),
    (1.4, 0.8),
    (7.0, 1.2),
    (10.15, 0.2),
    (0.4, 0.3),
];

/// Tide figures that the waves run over.
const WAVE_FIGURES: [usize; 10] = [
    figure(0, -2),
    figure(0, 0),
    figure(0, 2),
    figure(1, -2),
    figure(1, 0),
    figure(1, 2),
    SPECIES,
    SPECIES + 1,
    SPECIES + 4,
    SPECIES + 5,
];

/// Returns how much errors grow with the lead, by horizon 1 to 14, as a share of their limit.
pub(super) fn error_growth(horizon: usize) -> f64 {
    const GROWTH: [f64; 8] = [0.35, 0.5, 0.65, 0.75, 0.85, 0.9, 0.95, 1.0];
    GROWTH[(horizon - 1).min(7)]
}

/// Returns the three curves that departures from persistence follow with the lead; zero at lead 0.
pub(super) fn lead_curves(horizon: usize) -> [f64; 3] {
    let h = horizon as f64;
    [1.0 - (-h / 2.0).exp(), 1.0 - (-h / 7.0).exp(), h / 14.0]
}

fn scaled(value: f64, centre: f64, scale: f64) -> f64 {
    let z = (value - centre) / scale;
    if z.is_finite() { z.clamp(-4.0, 4.0) } else { 0.0 }
}

fn river(origin: &Origin) -> [f64; 9] {
    std::array::from_fn(|k| scaled(origin.river.slow[k], RIVER_SCALE[k].0, RIVER_SCALE[k].1))
}

fn products(out: &mut Vec<f64>, values: impl IntoIterator<Item = f64>, curves: &[f64]) {
    for value in values {
        out.extend(curves.iter().map(|curve| value * curve));
    }
}

/// Adds the columns of the structured ridge for one origin and horizon.
pub(super) fn structured(out: &mut Vec<f64>, origin: &Origin, tides: &Tides, horizon: usize) {
    let day = origin.day + horizon as i64;
    let (now, then) = (tides.standard(origin.day), tides.standard(day));
    let all = lead_curves(horizon);
    let two = [all[0], all[2]];
    let level = origin.level;
    let season = season(day);
    out.extend((0..FIGURES).map(|k| then[k] - now[k]));
    out.extend((0..FIGURES).map(|k| (then[k] - now[k]) * level));
    products(out, now.iter().copied(), &two);
    products(out, [(origin.own - 1.8) / 0.9, level, level * level], &all);
    products(out, origin.past.map(|v| scaled(v, 0.0, 0.5)), &all);
    products(out, [2, 6, 13].map(|k| f64::from(u8::from(origin.past[k].is_nan()))), &two);
    products(out, origin.neighbours.map(|v| scaled(v, 0.0, 0.25)), &all);
    products(out, river(origin).into_iter().chain(season), &two);
    out.extend(season[..2].iter().map(|s| s * level * all[2]));
    out.extend(all);
}

/// Random waves over the inputs, the same in every model: a kernel ridge at the price of a ridge
/// (Rahimi and Recht 2007).
#[derive(Debug)]
pub(super) struct Waves {
    frequencies: Vec<[f64; WAVES]>,
    phases: [f64; WAVES],
}

impl Waves {
    /// Returns the waves.
    pub(super) fn new() -> Self {
        let mut draws = Draws(SEED);
        let frequencies =
            (0..INPUTS).map(|_| std::array::from_fn(|_| draws.normal() / SCALE)).collect();
        Self { frequencies, phases: std::array::from_fn(|_| draws.uniform() * TAU) }
    }

    /// Returns the phases of the waves at one station: each station has its own shift, so that what
    /// the waves learn of one carries over only in part.
    pub(super) fn phases_at(&self, place: &PlaceId) -> Vec<f64> {
        let seed = place.as_str().bytes().fold(SEED, |hash, byte| mix(hash, u64::from(byte)));
        let mut draws = Draws(seed);
        self.phases.iter().map(|phase| phase + 1.5 * draws.normal() / SCALE).collect()
    }

    /// Adds the columns of the ridge with Fourier features for one origin and horizon.
    pub(super) fn columns(
        &self,
        out: &mut Vec<f64>,
        phases: &[f64],
        origin: &Origin,
        tides: &Tides,
        horizon: usize,
    ) {
        let mut angles = [0.0; WAVES];
        angles.copy_from_slice(phases);
        for (input, frequencies) in inputs(origin, tides, horizon).iter().zip(&self.frequencies) {
            angles.iter_mut().zip(frequencies).for_each(|(angle, f)| *angle += input * f);
        }
        let amplitude = WAVE_AMPLITUDE * (2.0 / WAVES as f64).sqrt();
        let waves = angles.map(|angle| amplitude * angle.cos());
        let curves = lead_curves(horizon);
        for curve in [curves[0], curves[2]] {
            out.extend(waves.iter().map(|wave| wave * curve));
        }
        structured(out, origin, tides, horizon);
    }
}

fn inputs(origin: &Origin, tides: &Tides, horizon: usize) -> [f64; INPUTS] {
    let day = origin.day + horizon as i64;
    let (now, then) = (tides.standard(origin.day), tides.standard(day));
    let mut inputs = [0.0; INPUTS];
    for (k, &figure) in WAVE_FIGURES.iter().enumerate() {
        inputs[k] = 0.6 * (then[figure] - now[figure]);
        inputs[10 + k] = 0.6 * now[figure];
    }
    inputs[20] = 2.0 * origin.level;
    inputs[21] = 2.0 * (origin.own - 1.8) / 0.9;
    for (k, past) in [0, 2, 6, 17, 18, 20].into_iter().enumerate() {
        inputs[22 + k] = scaled(origin.past[past], 0.0, 0.5);
    }
    inputs[28..32].copy_from_slice(&river(origin)[..4]);
    let season = season(day);
    inputs[32] = 2.0 * season[0];
    inputs[33] = 2.0 * season[1];
    inputs[34] = horizon as f64 / 5.0;
    inputs
}

/// Numbers fixed by a seed.
struct Draws(u64);

impl Draws {
    /// Returns a number above 0 and at most 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(1);
        ((mix(self.0, 0) >> 11) as f64 + 1.0) / 9_007_199_254_740_992.0
    }

    /// Returns a standard normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * PI * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::super::morning::Morning;
    use super::*;
    use crate::domain::time::{IssuedAt, date_of_epoch_day};
    use crate::features::{DailySeries, Known, Panel, SeriesKey};

    const DAY: i64 = 14_700;

    fn origin() -> Origin {
        let rows: Vec<(i64, i64, f64)> =
            (0..40).map(|k| (DAY - 39 + k, 0, 4.0 + (k % 5) as f64)).collect();
        let place: PlaceId = "salinity:a".parse().unwrap();
        let key = SeriesKey { variable: "salinity_max_g_l".into(), place: place.clone() };
        let panel: Panel = [(key, DailySeries::from_rows(&rows))].into_iter().collect();
        let morning = IssuedAt::morning_of(date_of_epoch_day(DAY + 1)).unwrap();
        Morning::read(&Known::at(&panel, morning)).origin(&place).unwrap()
    }

    #[test]
    fn columns_are_as_many_as_the_coefficients_and_finite_without_any_river() {
        let (origin, tides, waves) = (origin(), Tides::between(DAY - 1, DAY + 15), Waves::new());
        let phases = waves.phases_at(&"salinity:a".parse().unwrap());
        for horizon in 1..=14 {
            let mut columns = Vec::new();
            waves.columns(&mut columns, &phases, &origin, &tides, horizon);
            assert_eq!(columns.len(), FOURIER);
            assert!(columns.iter().all(|v| v.is_finite()));
            let mut structured_only = Vec::new();
            structured(&mut structured_only, &origin, &tides, horizon);
            assert_eq!(structured_only, columns[FOURIER - STRUCTURED..]);
            assert_eq!(columns[FOURIER - FREE..], lead_curves(horizon));
        }
    }

    #[test]
    fn waves_are_standard_normal_and_differ_by_station() {
        let waves = Waves::new();
        let all: Vec<f64> = waves.frequencies.iter().flatten().map(|f| f * SCALE).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let square = all.iter().map(|f| f * f).sum::<f64>() / all.len() as f64;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.04, "{mean} {square}");
        let at = |id: &str| waves.phases_at(&id.parse().unwrap());
        assert_eq!(at("salinity:1"), at("salinity:1"));
        assert_ne!(at("salinity:1"), at("salinity:2"));
    }
}

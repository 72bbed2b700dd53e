//! The tide frozen around one instant: plain cosines whose nodal corrections stand still.

use super::TideModel;
use super::astronomy::Arguments;
use super::nodal::NodalTable;

/// One cosine: `amplitude_m · cos(phase_rad + speed · seconds)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cosine {
    pub amplitude_m: f64,
    pub phase_rad: f64,
    pub rad_per_second: f64,
}

/// All constituents with arguments of the instant `origin` and nodal corrections of `middle`.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Unix second from which time is counted.
    pub origin: i64,
    cosines: Vec<Cosine>,
}

impl Snapshot {
    /// Returns the snapshot; corrections change by less than 0.02 % and 0.06° in half a day.
    pub fn new(model: &TideModel, origin: i64, middle: i64) -> Self {
        let arguments = Arguments::at(origin);
        let nodal = NodalTable::at(&Arguments::at(middle));
        let cosines = model
            .waves
            .iter()
            .map(|wave| {
                let correction = nodal.of(wave.constituent.nodal);
                let mut angle_deg = 90.0 * f64::from(wave.constituent.quarter_turns)
                    + correction.angle_deg
                    - wave.phase_deg;
                let mut deg_per_second = 0.0;
                for (k, &multiple) in wave.constituent.multiples.iter().enumerate() {
                    angle_deg += f64::from(multiple) * arguments.deg[k];
                    deg_per_second += f64::from(multiple) * arguments.deg_per_second[k];
                }
                Cosine {
                    amplitude_m: wave.amplitude_m * correction.factor,
                    phase_rad: angle_deg.rem_euclid(360.0).to_radians(),
                    rad_per_second: deg_per_second.to_radians(),
                }
            })
            .collect();
        Self { origin, cosines }
    }

    /// Returns the cosines in the order of the model's waves.
    pub fn cosines(&self) -> &[Cosine] {
        &self.cosines
    }

    /// Returns the level (m above mean sea level) `seconds` after the origin.
    pub fn level_m(&self, seconds: f64) -> f64 {
        let level = |c: &Cosine| c.amplitude_m * (c.phase_rad + c.rad_per_second * seconds).cos();
        self.cosines.iter().map(level).sum()
    }

    /// Returns the rate of change (m/s) `seconds` after the origin.
    pub fn rise_m_per_second(&self, seconds: f64) -> f64 {
        let rise = |c: &Cosine| {
            -c.amplitude_m * c.rad_per_second * (c.phase_rad + c.rad_per_second * seconds).sin()
        };
        self.cosines.iter().map(rise).sum()
    }

    /// Appends the levels (m) of `count` equal steps from the origin on.
    ///
    /// Each cosine is turned step by step by one complex product: no trigonometry inside the loop,
    /// and no drift beyond rounding, because a snapshot serves one day.
    pub fn levels_into(&self, levels: &mut Vec<f64>, step_seconds: f64, count: i64) {
        let mut turning = self.turning(step_seconds);
        for _ in 0..count {
            levels.push(turning.iter().map(|t| t.real).sum());
            turning.iter_mut().for_each(Turning::advance);
        }
    }

    /// Returns the rates of change (m/s) at `count` equal steps from the origin on.
    pub fn rises(&self, step_seconds: f64, count: i64) -> Vec<f64> {
        let mut turning = self.turning(step_seconds);
        let rise = |(t, c): (&Turning, &Cosine)| -c.rad_per_second * t.imaginary;
        (0..count)
            .map(|_| {
                let sum = std::iter::zip(&turning, &self.cosines).map(rise).sum();
                turning.iter_mut().for_each(Turning::advance);
                sum
            })
            .collect()
    }

    fn turning(&self, step_seconds: f64) -> Vec<Turning> {
        self.cosines.iter().map(|c| Turning::new(c, step_seconds)).collect()
    }
}

/// A cosine on its way round: real and imaginary part, and the turn of one step.
struct Turning {
    real: f64,
    imaginary: f64,
    step_cos: f64,
    step_sin: f64,
}

impl Turning {
    fn new(cosine: &Cosine, step_seconds: f64) -> Self {
        let (sin, cos) = cosine.phase_rad.sin_cos();
        let (step_sin, step_cos) = (cosine.rad_per_second * step_seconds).sin_cos();
        Self {
            real: cosine.amplitude_m * cos,
            imaginary: cosine.amplitude_m * sin,
            step_cos,
            step_sin,
        }
    }

    fn advance(&mut self) {
        let real = self.real * self.step_cos - self.imaginary * self.step_sin;
        self.imaginary = self.real * self.step_sin + self.imaginary * self.step_cos;
        self.real = real;
    }
}

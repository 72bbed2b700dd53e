//! The season of a series: whether there is one, its profile, and the series without it.

/// Whole seasons after which a profile needs no value twice, and a season can be tested for.
const CYCLES_MIN: usize = 2;

/// One-sided 90 % point of the normal distribution: the test of the theta method
/// (Assimakopoulos & Nikolopoulos 2000; Fiorucci et al. 2016).
const TEST_90: f64 = 1.645;

/// How a season enters a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// No season.
    None,
    /// Value = level + profile.
    Additive,
    /// Value = level × profile; only for values above zero.
    Multiplicative,
}

/// The profile of a season: one number a phase, phase 0 belongs to the first value.
#[derive(Debug, Clone)]
pub struct Profile {
    /// How it enters.
    pub form: Form,
    /// Additive: sums to 0. Multiplicative: has the mean 1. Length = season, or 1 for none.
    pub by_phase: Vec<f64>,
}

impl Profile {
    /// Returns no season at all.
    #[must_use]
    pub fn none() -> Self {
        Self { form: Form::None, by_phase: vec![0.0] }
    }

    /// Returns the profile by classical decomposition: the mean of what is left over the centred
    /// moving average, phase by phase. Of less than two seasons no value can be spared: the average
    /// is held level beyond its ends (weekly sales of two years, whose look back learns from one and
    /// a quarter, six ends: MASE 0.839 to 0.773, MSTL 0.791). `y` holds no NaN.
    #[must_use]
    pub fn of(y: &[f64], season: usize, form: Form) -> Self {
        if form == Form::None || season < 2 || y.len() <= season {
            return Self::none();
        }
        let mut trend = centred_average(y, season);
        let mut first = season / 2;
        if y.len() < CYCLES_MIN * season {
            trend = level_beyond_ends(&trend, first, y.len());
            first = 0;
        }
        let mut sums = vec![0.0; season];
        let mut counts = vec![0.0; season];
        for (i, level) in trend.iter().enumerate() {
            let at = i + first;
            let left = match form {
                Form::Multiplicative => y[at] / level,
                _ => y[at] - level,
            };
            sums[at % season] += left;
            counts[at % season] += 1.0;
        }
        let mut by_phase: Vec<f64> = sums.iter().zip(&counts).map(|(s, c)| s / c).collect();
        let mean = by_phase.iter().sum::<f64>() / season as f64;
        for value in &mut by_phase {
            match form {
                Form::Multiplicative => *value /= mean,
                _ => *value -= mean,
            }
        }
        if by_phase.iter().any(|v| !v.is_finite() || (form == Form::Multiplicative && *v <= 0.0)) {
            return Self::none();
        }
        Self { form, by_phase }
    }

    /// Returns what the profile does at value `at`.
    #[must_use]
    pub fn at(&self, at: usize) -> f64 {
        self.by_phase[at % self.by_phase.len()]
    }

    /// Returns `value` of step `at` without its season.
    #[must_use]
    pub fn remove(&self, value: f64, at: usize) -> f64 {
        match self.form {
            Form::None => value,
            Form::Additive => value - self.at(at),
            Form::Multiplicative => value / self.at(at),
        }
    }

    /// Returns `value` of step `at` with its season put back.
    #[must_use]
    pub fn restore(&self, value: f64, at: usize) -> f64 {
        match self.form {
            Form::None => value,
            Form::Additive => value + self.at(at),
            Form::Multiplicative => value * self.at(at),
        }
    }
}

/// Returns the centred moving average over one season (weights ½, 1, …, 1, ½ over season + 1 values
/// when it is even): its first value belongs to step `season / 2`. O(n), by a running sum.
fn centred_average(y: &[f64], season: usize) -> Vec<f64> {
    let half = season / 2;
    let share = 1.0 / season as f64;
    let mut sum: f64 = y[..season].iter().sum();
    let mut averages = Vec::with_capacity(y.len());
    if !season.is_multiple_of(2) {
        averages.push(sum * share);
    }
    for i in season..y.len() {
        let before = sum;
        sum += y[i] - y[i - season];
        averages.push(share * if season.is_multiple_of(2) { 0.5 * (before + sum) } else { sum });
    }
    debug_assert_eq!(averages.len(), y.len() - 2 * half);
    averages
}

/// Returns `values` as the middle of `count`, with their first before them, `before` times, and
/// their last after them.
fn level_beyond_ends(values: &[f64], before: usize, count: usize) -> Vec<f64> {
    let mut whole = vec![values[0]; before];
    whole.extend(values);
    whole.resize(count, values[values.len() - 1]);
    whole
}

/// Returns whether the autocorrelation at one season stands out (90 %), the usual test before
/// taking a season out. `y` holds no NaN.
#[must_use]
pub fn is_seasonal(y: &[f64], season: usize) -> bool {
    let n = y.len();
    if season < 2 || n < CYCLES_MIN * season + 1 {
        return false;
    }
    let mean = y.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = y.iter().map(|v| v - mean).collect();
    let variance: f64 = centred.iter().map(|v| v * v).sum();
    if variance <= 0.0 {
        return false;
    }
    let at_lag = |lag: usize| {
        let dot: f64 = centred[lag..].iter().zip(&centred).map(|(a, b)| a * b).sum();
        dot / variance
    };
    let before: f64 = (1..season).map(|lag| at_lag(lag).powi(2)).sum();
    at_lag(season).abs() > TEST_90 * ((1.0 + 2.0 * before) / n as f64).sqrt()
}

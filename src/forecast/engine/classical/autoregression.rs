//! Autoregression by Burg's method with the order chosen by the corrected Akaike criterion.
//!
//! Burg (1975), *Maximum entropy spectral analysis*: always stationary, good on short series.
//! Order: Hurvich & Tsai (1989). O(n × order).

/// An autoregression around zero.
#[derive(Debug, Clone, Default)]
pub struct Autoregression {
    /// Coefficient of the value one step before, two steps before, ….
    pub lags: Vec<f64>,
}

impl Autoregression {
    /// Fits to `x` (no NaN, about zero) with at most `order_max` lags.
    #[must_use]
    pub fn fit(x: &[f64], order_max: usize) -> Self {
        let n = x.len();
        let mut forward = x.to_vec();
        let mut backward = x.to_vec();
        let mut variance = x.iter().map(|v| v * v).sum::<f64>() / n.max(1) as f64;
        let criterion = |variance: f64, order: usize| {
            let k = order as f64 + 1.0;
            let n = n as f64;
            n * variance.ln() + 2.0 * k * n / (n - k - 1.0)
        };
        let mut lags: Vec<f64> = Vec::new();
        let mut best = Self::default();
        let mut least = criterion(variance, 0);
        for order in 1..=order_max.min(n / 3) {
            let (mut dot, mut power) = (0.0, 0.0);
            for i in order..n {
                dot += forward[i] * backward[i - 1];
                power += forward[i] * forward[i] + backward[i - 1] * backward[i - 1];
            }
            if power.is_nan() || power <= f64::MIN_POSITIVE {
                break;
            }
            let reflection = 2.0 * dot / power;
            let before = lags.clone();
            for (i, lag) in lags.iter_mut().enumerate() {
                *lag -= reflection * before[order - 2 - i];
            }
            lags.push(reflection);
            for i in (order..n).rev() {
                let ahead = forward[i];
                forward[i] = ahead - reflection * backward[i - 1];
                backward[i] = backward[i - 1] - reflection * ahead;
            }
            variance *= 1.0 - reflection * reflection;
            let here = criterion(variance, order);
            if here < least {
                least = here;
                best.lags.clone_from(&lags);
            }
        }
        best
    }

    /// Writes the forecast of the next `path.len()` values after `past` (newest last).
    pub fn forecast(&self, past: &[f64], path: &mut [f64]) {
        let mut past = past[past.len().saturating_sub(self.lags.len())..].to_vec();
        for value in path {
            *value = self.expected(&past);
            past.push(*value);
        }
    }

    /// Returns the expected value after `past` (newest last; values before it count as zero).
    #[must_use]
    pub fn expected(&self, past: &[f64]) -> f64 {
        self.lags.iter().zip(past.iter().rev()).map(|(c, v)| c * v).sum()
    }
}

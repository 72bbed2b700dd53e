//! A level that drifts, seen through noise: the Kalman filter of a random walk (Harvey 1989, 2.2),
//! in units of the noise, so that no variance needs to be known.

use std::collections::VecDeque;

/// The level as it is known after its last observation, and as it was some steps earlier.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    mean: f64,
    /// Variance of the mean over the variance of one observation.
    variance: f64,
    /// Growth of that ratio at each step.
    drift: f64,
    last_step: Option<i64>,
    days: u32,
    lag_steps: i64,
    /// Means after earlier steps, as many as may still be asked for.
    past: VecDeque<(i64, f64)>,
}

impl Level {
    /// Returns a level believed to be 0 as firmly as `prior` observations would make it, which is
    /// averaged over about `memory_steps` steps in the long run: a drift of 1 / memory² makes the
    /// filter's gain 1 / memory, nearly. `lag_steps` is how far [`Level::mean_before`] looks back.
    pub fn new(prior: f64, memory_steps: f64, lag_steps: i64) -> Self {
        let drift = 1.0 / (memory_steps * memory_steps);
        let (mean, variance, past) = (0.0, 1.0 / prior, VecDeque::new());
        Self { mean, variance, drift, last_step: None, days: 0, lag_steps, past }
    }

    /// Takes in the observation of a step, not earlier than the last one.
    pub fn learn(&mut self, step: i64, observed: f64) {
        let steps = self.last_step.map_or(0, |last| (step - last).max(0));
        self.variance += self.drift * steps as f64;
        let gain = self.variance / (self.variance + 1.0);
        self.mean += gain * (observed - self.mean);
        self.variance *= 1.0 - gain;
        self.last_step = Some(step);
        self.days += 1;
        self.past.push_back((step, self.mean));
        while self.past.get(1).is_some_and(|next| next.0 <= step - self.lag_steps) {
            self.past.pop_front();
        }
    }

    /// Returns the level as it is believed to be.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns the level as it was believed to be `lag_steps` before `step`, which is not earlier
    /// than the last step learned; 0 before anything was learned.
    pub fn mean_before(&self, step: i64) -> f64 {
        let then = self.past.iter().rev().find(|past| past.0 <= step - self.lag_steps);
        then.map_or(0.0, |past| past.1)
    }

    /// Returns how many observations it has seen.
    pub const fn days(&self) -> u32 {
        self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_drift_it_is_the_shrunken_mean() {
        let mut level = Level::new(10.0, f64::INFINITY, 1);
        for (step, observed) in [(0, 2.0), (1, 4.0), (5, 6.0)] {
            level.learn(step, observed);
        }
        assert!((level.mean() - 12.0 / 13.0).abs() < 1e-12, "{level:?}");
        assert_eq!(level.days(), 3);
    }

    #[test]
    fn in_the_long_run_it_forgets_at_the_rate_of_its_memory() {
        let mut level = Level::new(10.0, 45.0, 1);
        (0..2_000).for_each(|step| level.learn(step, 1.0));
        assert!((level.mean() - 1.0).abs() < 1e-9);
        level.learn(2_000, 46.0);
        let gain = (level.mean() - 1.0) / 45.0;
        assert!((gain * 45.0 - 1.0).abs() < 0.02, "{gain} instead of 1/45");
    }

    #[test]
    fn after_a_long_silence_it_trusts_the_new_more() {
        let after = |pause: i64| {
            let mut level = Level::new(10.0, 45.0, 1);
            (0..100).for_each(|step| level.learn(step, 0.0));
            level.learn(100 + pause, 1.0);
            level.mean()
        };
        assert!(after(300) > 3.0 * after(0));
    }

    #[test]
    fn what_was_believed_before_can_be_asked_for_as_long_as_the_lag() {
        let mut level = Level::new(1.0, f64::INFINITY, 3);
        let mut believed = Vec::new();
        for step in 0..20 {
            let expected = usize::try_from(step - 3).map_or(0.0, |then| believed[then]);
            assert_eq!(level.mean_before(step), expected, "step {step}");
            level.learn(step, step as f64);
            believed.push(level.mean());
            assert!(level.past.len() <= 4, "no more is kept than may be asked for");
        }
        assert_eq!(level.mean_before(90), level.mean(), "after a silence the last one counts");
    }
}

//! The gate: a model is published at a horizon only where it beats every baseline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The model's name in every table where it passed the gate, or the baseline that stood in.
pub const PUBLISHED: &str = "published";

/// What the gate found at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Steps ahead.
    pub horizon: u8,
    /// Mean pinball loss of the model on the seasons held out when it was fitted; `None` where too
    /// little was known to fit one.
    pub model_loss: Option<f64>,
    /// The baseline with the lowest loss on the same forecasts.
    pub best_baseline: String,
    /// That baseline's loss; `None` where nothing could be held out yet.
    pub baseline_loss: Option<f64>,
    /// Whether the model is published.
    pub passes: bool,
}

/// Losses by forecaster, summed over the same forecasts.
#[derive(Debug, Clone, Default)]
pub struct Losses(BTreeMap<(u8, &'static str), (f64, usize)>);

impl Losses {
    /// Adds the loss of one forecast.
    pub fn push(&mut self, horizon: u8, forecaster: &'static str, loss: f64) {
        let entry = self.0.entry((horizon, forecaster)).or_default();
        entry.0 += loss;
        entry.1 += 1;
    }

    /// Returns the verdict at every horizon for `model` against all other forecasters.
    #[must_use]
    pub fn judge(&self, model: &'static str) -> Vec<Verdict> {
        let mean = |sum: &(f64, usize)| sum.0 / sum.1 as f64;
        self.0
            .iter()
            .filter(|((_, forecaster), _)| *forecaster == model)
            .filter_map(|((horizon, _), sum)| {
                let (best, baseline_loss) = self.best(*horizon, Some(model))?;
                let model_loss = mean(sum);
                Some(Verdict {
                    horizon: *horizon,
                    model_loss: Some(model_loss),
                    best_baseline: best.to_owned(),
                    baseline_loss: Some(baseline_loss),
                    passes: model_loss < baseline_loss,
                })
            })
            .collect()
    }

    /// Returns the verdicts where no model could be fitted: the best baseline at each of these
    /// horizons, or `default` where none could be judged yet.
    #[must_use]
    pub fn stand_ins(&self, horizons: u8, default: &'static str) -> Vec<Verdict> {
        let stand_in = |horizon| {
            let best = self.best(horizon, None);
            Verdict {
                horizon,
                model_loss: None,
                best_baseline: best.map_or(default, |(name, _)| name).to_owned(),
                baseline_loss: best.map(|(_, loss)| loss),
                passes: false,
            }
        };
        (1..=horizons).map(stand_in).collect()
    }

    fn best(&self, horizon: u8, without: Option<&str>) -> Option<(&'static str, f64)> {
        self.0
            .iter()
            .filter(|((h, forecaster), _)| *h == horizon && Some(*forecaster) != without)
            .map(|((_, forecaster), (sum, n))| (*forecaster, sum / *n as f64))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_does_not_beat_every_baseline_is_held_back() {
        let mut losses = Losses::default();
        for (horizon, model, loss) in [
            (1, "model", 0.2),
            (1, "persistence", 0.3),
            (1, "climatology", 0.5),
            (7, "model", 0.6),
            (7, "persistence", 0.9),
            (7, "climatology", 0.5),
        ] {
            losses.push(horizon, model, loss);
        }
        let verdicts = losses.judge("model");
        assert!(verdicts[0].passes && !verdicts[1].passes);
        assert_eq!(verdicts[1].best_baseline, "climatology");
    }
}

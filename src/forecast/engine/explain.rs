//! Why a forecast of the fast way is what it is: what each group of features gives to each step.

use serde::Serialize;

use super::mix::LinearMix;
use super::series::{Ask, Refusal, Regular, Strategy as _};

/// What the point forecast of one series is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The point forecast of each step.
    pub point: Vec<f64>,
    /// What each group gives, in the unit of the series; at each step the groups add up to `point`.
    pub groups: Vec<Contribution>,
}

/// What one group of features gives to each step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// `level`, `history`, `season`, `year`, a covariate's name, or `limits` for what was cut off
    /// because the path left what the series has ever shown.
    pub group: String,
    /// One value a step.
    pub values: Vec<f64>,
}

/// Explains the forecast of one series; `covariates` names its known columns in order.
///
/// # Errors
/// A [`Refusal`] when no member of the mix could be fitted (a naive forecast has no groups).
pub fn explain(
    mix: &LinearMix,
    series: &Regular<'_>,
    ask: &Ask,
    covariates: &[String],
) -> Result<Explanation, Refusal> {
    let names = ["level", "history", "season", "year"].map(str::to_owned);
    let names: Vec<String> = names.into_iter().chain(covariates.iter().cloned()).collect();
    let mut groups = vec![vec![0.0; ask.horizon]; names.len()];
    let (mut total, mut refused) = (0.0, Refusal::NotFinite);
    for (member, weight) in &mix.members {
        match member.contributions(series, ask) {
            Ok(parts) if parts.iter().flatten().all(|part| part.is_finite()) => {
                for (sum, part) in groups.iter_mut().zip(&parts) {
                    sum.iter_mut().zip(part).for_each(|(sum, value)| *sum += weight * value);
                }
                total += weight;
            }
            Ok(_) => {}
            Err(why) => refused = why,
        }
    }
    if total == 0.0 {
        return Err(refused);
    }
    groups.iter_mut().flatten().for_each(|value| *value /= total);
    let point = mix.forecast(series, ask)?.point;
    let sum = |h: usize| groups.iter().map(|group| group[h]).sum::<f64>();
    let limits: Vec<f64> = point.iter().enumerate().map(|(h, y)| y - sum(h)).collect();
    let mut groups: Vec<Contribution> = names
        .into_iter()
        .zip(groups)
        .map(|(group, values)| Contribution { group, values })
        .filter(|part| part.values.iter().any(|value| *value != 0.0))
        .collect();
    let size = point.iter().fold(0.0, |size: f64, y| size.max(y.abs()));
    if limits.iter().any(|limit| limit.abs() > 1e-9 * size) {
        groups.push(Contribution { group: "limits".to_owned(), values: limits });
    }
    Ok(Explanation { point, groups })
}

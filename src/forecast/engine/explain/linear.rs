//! What the fast way is made of: the groups of each linear model, weighted as the mix weights them.

use super::{Explain, Group, Part, Source};
use crate::forecast::engine::mix::LinearMix;
use crate::forecast::engine::origins::origins;
use crate::forecast::engine::series::{Ask, Path, Refusal, Regular, Strategy as _};

/// The groups every linear model has, in the order of its contributions; covariates follow.
const GROUPS: [Group; 4] = [Group::Level, Group::History, Group::Season, Group::Year];

/// Share of the largest forecast up to which a rest is rounding, and goes to the level.
const ROUNDING_SHARE: f64 = 1e-9;

impl Explain for LinearMix {
    fn explained(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        let mut path = self.forecast(series, ask)?;
        path.parts = parts(self, series, ask, &path);
        Ok(path)
    }
}

/// Returns the parts of a path of the mix. Groups that give nothing are left out.
fn parts(mix: &LinearMix, series: &Regular<'_>, ask: &Ask, path: &Path) -> Vec<Part> {
    let mut cutoffs = origins(series.y.len(), ask, mix.origins);
    cutoffs.push(series.y.len());
    let mut sums = vec![vec![0.0; ask.horizon]; GROUPS.len() + series.known.len()];
    let mut total = 0.0;
    for (member, weight) in &mix.members {
        let Ok(groups) = member.contributions(series, ask, &cutoffs) else { continue };
        if groups.iter().flatten().any(|value| !value.is_finite()) {
            continue;
        }
        for (sum, group) in sums.iter_mut().zip(&groups) {
            sum.iter_mut().zip(group).for_each(|(sum, value)| *sum += weight * value);
        }
        total += weight;
    }
    if total == 0.0 {
        return vec![Part::of_model(&path.model, 1.0, path.point.clone())];
    }
    sums.iter_mut().flatten().for_each(|value| *value /= total);
    let rest = |h: usize| path.point[h] - sums.iter().map(|sum| sum[h]).sum::<f64>();
    let rest: Vec<f64> = (0..ask.horizon).map(rest).collect();
    let size = path.point.iter().fold(0.0, |size: f64, y| size.max(y.abs()));
    let limited = rest.iter().any(|rest| rest.abs() > ROUNDING_SHARE * size);
    if !limited {
        sums[0].iter_mut().zip(&rest).for_each(|(level, rest)| *level += rest);
    }
    let part = |(k, values): (usize, Vec<f64>)| match GROUPS.get(k) {
        Some(group) => Part::of_group(*group, values),
        None => {
            let source = Source::Covariate(k - GROUPS.len());
            Part { source, weight: f64::NAN, values }
        }
    };
    let mut parts: Vec<Part> = sums.into_iter().enumerate().map(part).collect();
    if limited {
        parts.push(Part::of_group(Group::Limits, rest));
    }
    parts.retain(|part| part.values.iter().any(|value| *value != 0.0));
    if parts.is_empty() {
        parts.push(Part::of_group(Group::Level, path.point.clone()));
    }
    parts
}

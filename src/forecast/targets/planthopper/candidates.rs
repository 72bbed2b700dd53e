//! Each model alone, and linfa's elastic net and a plain ridge beside them, for the card.

use std::collections::BTreeMap;

use linfa::Dataset;
use linfa::traits::Fit;

use super::looks::{Look, RIDGE};
use super::models::{Models, Rows, answer, each_lesson};
use super::usual::{Memory, Usual};
use super::weeks::newest_week;
use super::{HORIZONS, Trap, Traps};
use crate::domain::PlaceId;
use crate::features::Known;
use crate::forecast::ForecastError;
use crate::forecast::learn::{LinearMethod, LinearModel, LinearParams};
use crate::forecast::targets::Alone;

/// The linear methods compared; penalties are for columns and a target of standard deviation one.
const METHODS: [(&str, LinearMethod); 2] = [
    ("alone.linfa_elastic_net", LinearMethod::ElasticNet { penalty: 0.01, l1_ratio: 0.5 }),
    ("alone.ridge", LinearMethod::Ridge(30.0)),
];

/// All candidates, fitted at one moment, by place.
#[derive(Debug)]
pub(super) struct Candidates(BTreeMap<PlaceId, OfTrap>);

#[derive(Debug)]
struct OfTrap {
    usual: Usual,
    models: Models,
    /// By horizon, then method.
    linear: Vec<Vec<(&'static str, LinearModel)>>,
}

impl Candidates {
    /// Returns the candidates fitted on what was known.
    ///
    /// # Errors
    /// Errors of the models.
    pub fn fit(known: &Known<'_>) -> Result<Self, ForecastError> {
        let traps = Traps::read(known);
        let mut all = BTreeMap::new();
        for (place, trap) in traps.own() {
            let kin: Vec<Trap> = traps.kin(place).cloned().collect();
            let Some(models) = Models::fit(trap, &kin)? else { continue };
            let Some(usual) = Usual::of(trap, Memory::Fading, None) else { continue };
            all.insert(place.clone(), OfTrap { usual, models, linear: linear(trap)? });
        }
        Ok(Self(all))
    }
}

fn linear(trap: &Trap) -> Result<Vec<Vec<(&'static str, LinearModel)>>, ForecastError> {
    let mut rows = vec![Rows::default(); usize::from(HORIZONS)];
    each_lesson(trap, |look, horizon, count| {
        rows[usize::from(horizon) - 1].push(&look.ridge(), count, 1.0);
    });
    let mut all = Vec::new();
    for rows in rows {
        let (records, targets, _) = rows.arrays(RIDGE.len())?;
        let data = Dataset::new(records, targets).with_feature_names(RIDGE.to_vec());
        let fit = |(name, method)| Ok((name, LinearParams::new(method).fit(&data)?));
        all.push(METHODS.into_iter().map(fit).collect::<Result<_, ForecastError>>()?);
    }
    Ok(all)
}

impl Alone for Candidates {
    fn points(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
    ) -> Result<Vec<(u8, &'static str, f64)>, ForecastError> {
        let newest = newest_week(known.today());
        let (Some(own), Some(trap)) = (self.0.get(place), Trap::read(known, place, newest + 1))
        else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for (horizon, linear) in (1..=HORIZONS).zip(&own.linear) {
            let Some(points) = own.models.points(&trap, newest, horizon)? else { continue };
            let Some(look) = Look::new(&trap, &own.usual, newest, horizon) else { continue };
            let mut say = |name, log: f64| out.push((horizon, name, log.max(0.0).exp_m1()));
            say("alone.robust_ridge", points.ridge);
            say("alone.boosted_trees", points.trees);
            say("alone.mean_of_both", f64::midpoint(points.ridge, points.trees));
            say("alone.usual_level", own.usual.median(newest + i32::from(horizon)));
            say("alone.damped_departure", points.damped);
            for (name, model) in linear {
                say(name, answer(model, &look.ridge())?);
            }
        }
        Ok(out)
    }
}

//! The fitted target: each product's models, routed by the kind of place, stored together.

use serde::{Deserialize, Serialize};

use super::air::Air;
use super::{Weather, shift};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::recipe::{FittedDaily, Recipe};
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 4;
/// Days without a value after which a product has ended: five years, as many as are held out, so that
/// a gap of some years is no end. One that comes back after that is fitted at the next refit.
const ENDED_DAYS: i64 = 5 * 365;

/// One product's models.
#[derive(Debug)]
struct Product {
    air: Air,
    models: FittedDaily<Air>,
}

/// The models of a quantity, fitted at one moment.
#[derive(Debug)]
pub struct FittedWeather {
    target: &'static str,
    products: Vec<Product>,
}

/// What is stored; the engine's own bytes are text.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    format: u32,
    target: String,
    /// By kind of place.
    products: Vec<(String, String)>,
}

impl FittedWeather {
    /// Returns the models of every product that was known in the years before the cut: of one that has
    /// ended nothing can be issued, though its years teach the other.
    pub(super) fn fit(
        weather: &Weather,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Self, ForecastError> {
        let mut products = Vec::new();
        for engine in weather.engines() {
            let air = *engine.recipe();
            if !is_live(&air, panel, cut) {
                continue;
            }
            let fitted = match air.late_days() {
                0 => engine.fit_daily(panel, cut),
                _ => engine.fit_daily(&shift::moved(panel, &air, cut), cut),
            };
            match fitted {
                Ok(models) => products.push(Product { air, models }),
                Err(ForecastError::TooLittle { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        let target = weather.kind.name();
        if products.is_empty() {
            let at = cut.local_date().to_string();
            return Err(ForecastError::TooLittle { target, rows: 0, needed: 1, at });
        }
        Ok(Self { target, products })
    }

    /// Returns the models from bytes that `to_bytes` made.
    pub(super) fn from_bytes(weather: &Weather, bytes: &[u8]) -> Result<Self, ForecastError> {
        let target = weather.kind.name();
        let stored: Stored = stored::read(bytes, target, FORMAT)?;
        let mut products = Vec::new();
        for (kind, text) in &stored.products {
            let engine = weather.engines().into_iter().find(|e| e.recipe().places_kind() == kind);
            let Some(engine) = engine else {
                return Err(damaged(format!("no product of {target} has places of kind {kind}")));
            };
            let air = *engine.recipe();
            products.push(Product { air, models: FittedDaily::from_bytes(&air, text.as_bytes())? });
        }
        Ok(Self { target, products })
    }
}

impl Fitted for FittedWeather {
    /// The verdicts of the first product there is, the cities' where they are known.
    fn gate(&self) -> Vec<Verdict> {
        let Some(first) = self.products.first() else { return Vec::new() };
        let verdicts = first.models.gate().into_iter();
        verdicts
            .filter_map(|v| Some(Verdict { horizon: first.air.real(v.horizon)?, ..v }))
            .collect()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let Some(product) = self.products.iter().find(|p| p.air.holds(place)) else {
            return Ok(Vec::new());
        };
        if product.air.late_days() == 0 {
            let issued = product.models.issue(known, place)?;
            return issued.into_iter().map(|i| as_told(i, product.air.step())).collect();
        }
        let moved = shift::moved_now(known, &product.air)?;
        let issued = product.models.issue(&Known::at(&moved, known.issued_at()), place)?;
        let real = issued.into_iter();
        let real = real.filter_map(|i| Some(Issued { horizon: product.air.real(i.horizon)?, ..i }));
        Ok(real.collect())
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        let mut products = Vec::new();
        for product in &self.products {
            let text = String::from_utf8(product.models.to_bytes()?).map_err(damaged)?;
            products.push((product.air.places_kind().to_owned(), text));
        }
        let stored = Stored { format: FORMAT, target: self.target.to_owned(), products };
        stored::write(&stored)
    }
}

/// Returns what is published with its median in the steps in which the product tells the quantity:
/// the median of whole degrees is a whole degree. The other quantiles stay as calibrated, but not on
/// the wrong side of it. Baselines stay as they are defined.
fn as_told(issued: Issued, step: Option<f64>) -> Result<Issued, ForecastError> {
    let Some(step) = step.filter(|_| issued.model == PUBLISHED) else { return Ok(issued) };
    let mut values = issued.quantiles.values();
    let median = (values[3] / step).round() * step;
    values[..3].iter_mut().for_each(|low| *low = low.min(median));
    values[3] = median;
    values[4..].iter_mut().for_each(|high| *high = high.max(median));
    Ok(Issued { quantiles: Quantiles::new(values)?, ..issued })
}

/// Returns whether anything of the product's last years was known at the cut.
fn is_live(air: &Air, panel: &Panel, cut: IssuedAt) -> bool {
    let known = Known::at(panel, cut);
    let mut places = panel.places_of(air.variable()).filter(|place| air.holds(place));
    places
        .any(|place| known.series(air.variable(), place).last(known.today(), ENDED_DAYS).is_some())
}

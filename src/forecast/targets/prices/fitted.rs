//! The fitted targets: issue forecasts, and are stored as bytes.

use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::market::{Board, Prices};
use super::months::{Month, first_day, month_of};
use super::trial::{NAIVE, Step, Trial, baselines, roll, size, stretch};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::diebold_mariano::DieboldMariano;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::spread::Spread;
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 2;

/// The models of one target, fitted at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedPrices {
    format: u32,
    target: String,
    /// By step; `None` where too little was known.
    steps: Vec<Option<Step>>,
    spread: Spread,
    verdicts: Vec<Verdict>,
    #[serde(skip)]
    against_naive: Vec<Option<DieboldMariano>>,
}

impl FittedPrices {
    /// Returns the models fitted on what was known at `cut`.
    pub(super) fn fit(panel: &Panel, cut: IssuedAt, board: Board) -> Result<Self, ForecastError> {
        let known = Known::at(panel, cut);
        let prices = Prices::read(&known, board);
        let told = |place: &&str| prices.of(place).is_some_and(|history| !history.is_empty());
        if !board.published().iter().any(told) {
            let (rows, needed, at) = (0, 1, cut.local_date().to_string());
            return Err(ForecastError::TooLittle { target: board.name(), rows, needed, at });
        }
        let Trial { steps, spread, verdicts, against_naive } =
            roll(&prices, board, month_of(known.today()))?;
        let (format, target) = (FORMAT, board.name().to_owned());
        Ok(Self { format, target, steps, spread, verdicts, against_naive })
    }

    /// Returns the models from bytes that [`Fitted::to_bytes`] made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for an unknown format, another target, and models that contradict
    /// themselves.
    pub(super) fn from_bytes(bytes: &[u8], board: Board) -> Result<Self, ForecastError> {
        let fitted: Self = stored::read(bytes, board.name(), FORMAT)?;
        let sound = fitted.spread.sound() && fitted.steps.iter().flatten().all(Step::sound);
        if sound && fitted.steps.len() == usize::from(HORIZONS) {
            Ok(fitted)
        } else {
            Err(damaged("a step is missing or a number is not finite"))
        }
    }

    /// Returns, step by step, the test of the model against the naive forecast on the years rolled
    /// when it was fitted; nothing for stored models.
    #[must_use]
    pub fn against_naive(&self) -> &[Option<DieboldMariano>] {
        &self.against_naive
    }
}

impl Fitted for FittedPrices {
    fn gate(&self) -> Vec<Verdict> {
        self.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let Some(board) = Board::ALL.into_iter().find(|board| board.name() == self.target) else {
            return Ok(Vec::new());
        };
        let month = month_of(known.today());
        let prices = Prices::read(known, board);
        let place = place.as_str();
        let whole = prices.start(place, month);
        let Some(start) = whole.or_else(|| prices.bare(place, month)) else {
            return Ok(Vec::new());
        };
        let mut issued = Vec::new();
        for horizon in 1..=HORIZONS {
            let unit = size(board, &start, horizon);
            let width = stretch(&start) * unit;
            let wide = |name, point: f64| {
                let levels = self.spread.levels_at(name, place, horizon);
                Quantiles::rearranged(levels.map(|level| (point + level * width).exp()))
            };
            let at = (month, horizon);
            let baselines = baselines(&prices, board, place, at, &start)
                .map(|(name, point)| wide(name, point).map(|quantiles| (name, quantiles)));
            let baselines = baselines.into_iter().collect::<Result<Vec<_>, _>>()?;
            let verdict = self.verdicts.iter().find(|verdict| verdict.horizon == horizon);
            let step = self.steps.get(usize::from(horizon) - 1).copied().flatten();
            let own = step.filter(|_| whole.is_some() && verdict.is_some_and(|v| v.passes));
            let published = if let Some(step) = own {
                wide(PUBLISHED, start.base + step.change(&start) * unit)?
            } else {
                let best = verdict.filter(|v| !v.passes).map_or(NAIVE, |v| &v.best_baseline);
                let stand_in = baselines.iter().find(|(name, _)| *name == best);
                stand_in.map_or_else(|| wide(NAIVE, start.base), |(_, q)| Ok(*q))?
            };
            let all = baselines.into_iter().chain([(PUBLISHED, published)]);
            issued.extend(all.map(|(model, quantiles)| Issued { horizon, model, quantiles }));
        }
        Ok(issued)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(self)
    }
}

/// Returns the first day of the month that `horizon` speaks of when issued on `today`.
pub(super) fn valid_day(today: i64, horizon: u8) -> i64 {
    first_day(month_of(today) + Month::from(horizon) - 1)
}

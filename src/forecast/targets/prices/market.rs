//! What is forecast where, and what each forecast looks at.

use super::months::{History, Month, mean};
use crate::features::Known;

/// Features of one forecast.
pub(super) const WIDTH: usize = 8;

/// World prices, dollars a tonne.
pub(super) const WORLD: &str = "price_usd_t";
/// Crude oil, dollars a barrel.
pub(super) const OIL: &str = "price_usd_bbl";
/// Wholesale prices, dong a kilogram.
pub(super) const WHOLESALE: &str = "price_month_vnd_kg";
/// Dong for a dollar, as implied by the wholesale prices' two columns.
pub(super) const EXCHANGE: &str = "exchange_vnd_usd";

const VIETNAM: &str = "world:rice_viet_namese_5";
const THAI: &str = "world:rice_thai_5";
const RICE: [&str; 4] = [VIETNAM, THAI, "world:rice_thai_25", "world:rice_thai_a_1"];
const GRAINS: [&str; 3] = ["world:maize", "world:wheat_us_hrw", "world:soybean_meal"];
const FERTILISERS: [&str; 5] =
    ["world:urea", "world:dap", "world:potassium_chloride", "world:tsp", "world:phosphate_rock"];
const CRUDE: &str = "world:crude_oil_brent";
const MARKETS: [&str; 2] = ["market:an_giang.rice", "market:dong_thap.rice"];

/// The monthly change of a wholesale price to expect (log): markets of eight years have no history
/// to take it from.
const WHOLESALE_CHANGE: f64 = 0.05;

/// Years of a world price's changes that give the size of the next: five, at least two.
const VOLATILITY_MONTHS: (Month, usize) = (60, 24);

/// Months after which a change counts half in what a price does lately. Widths midway between the
/// usual change and this had 1 % less pinball loss in 1995-2009 than the usual change alone, and
/// covered more at twelve months (rice 70 and fertilisers 73 % instead of 68); 12 and 24 months and
/// a fading of the excess with the months ahead gained less.
const LATELY_MONTHS: f64 = 6.0;

/// A price and its kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Board {
    /// The Vietnamese export price; learned from all rice and the grains, judged with the Thai
    /// price beside it, since it is told only since December 2003.
    Export,
    /// Wholesale rice in two provinces; led by the export prices, which are known two months
    /// earlier.
    Wholesale,
    /// Urea, diammonium phosphate, potassium chloride; learned with two more of their kind.
    Fertiliser,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Export, Self::Wholesale, Self::Fertiliser];

    /// Returns the target's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Export => "rice_price_export",
            Self::Wholesale => "rice_price_wholesale",
            Self::Fertiliser => "fertiliser_price",
        }
    }

    /// Returns the variable forecast.
    pub const fn variable(self) -> &'static str {
        if matches!(self, Self::Wholesale) { WHOLESALE } else { WORLD }
    }

    /// Returns the places published.
    pub fn published(self) -> &'static [&'static str] {
        match self {
            Self::Export => &RICE[..1],
            Self::Wholesale => &MARKETS,
            Self::Fertiliser => &FERTILISERS[..3],
        }
    }

    /// Returns the places whose past forecasts are evidence for those published.
    pub fn judged(self) -> &'static [&'static str] {
        if matches!(self, Self::Export) { &RICE[..2] } else { self.published() }
    }

    /// Returns the places the coefficients are learned from.
    pub fn pool(self) -> Vec<&'static str> {
        match self {
            Self::Export => [&RICE[..], &GRAINS].concat(),
            Self::Wholesale => MARKETS.to_vec(),
            Self::Fertiliser => FERTILISERS.to_vec(),
        }
    }

    /// Returns the months between the issue's own and the newest one known then: world prices of a
    /// month come out in the next, wholesale prices two months later (`data/reference/manifest.toml`).
    pub const fn lag(self) -> Month {
        if matches!(self, Self::Wholesale) { 3 } else { 1 }
    }

    /// Returns the first year whose forecasts are tried: ten years of world prices after the first
    /// oil crisis; two years of wholesale prices.
    pub const fn first_trial(self) -> Month {
        12 * if matches!(self, Self::Wholesale) { 2010 } else { 1985 }
    }

    /// Returns the months for which one trial's coefficients stand; quarters where history is short.
    pub const fn trial_months(self) -> usize {
        if matches!(self, Self::Wholesale) { 3 } else { 12 }
    }

    /// Returns the first month learned from: prices before 1975 were another regime (`[U]`: fixed
    /// exchange rates and the first oil crisis).
    pub const fn first_row(self) -> Month {
        12 * if matches!(self, Self::Wholesale) { 2008 } else { 1975 }
    }

    /// Returns the ridge penalty, in rows of unit size. Half or twice changes the error of
    /// 2005-2009 by under 1 %.
    pub const fn penalty(self) -> f64 {
        if matches!(self, Self::Wholesale) { 20.0 } else { 50.0 }
    }

    fn kin(place: &str) -> &'static [&'static str] {
        [&RICE[..], &GRAINS, &FERTILISERS]
            .into_iter()
            .find(|group| group.contains(&place))
            .unwrap_or_default()
    }
}

/// What one forecast starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Start {
    /// Log of the newest price.
    pub base: f64,
    /// The usual monthly change (log).
    pub volatility: f64,
    /// The monthly change that intervals expect (log): midway between the usual one and that of
    /// lately.
    pub swing: f64,
    /// The mean monthly change of five years (log).
    pub drift: f64,
    /// The features, in units of the usual change.
    pub x: [f64; WIDTH],
}

/// The prices known at one moment.
#[derive(Debug)]
pub(super) struct Prices {
    board: Board,
    histories: Vec<(&'static str, History)>,
    exchange: History,
}

impl Prices {
    /// Returns what was known.
    pub fn read(known: &Known<'_>, board: Board) -> Self {
        let world = |place: &'static str| (place, History::read(known, WORLD, place));
        let mut histories: Vec<(&'static str, History)> =
            RICE.into_iter().chain(GRAINS).chain(FERTILISERS).map(world).collect();
        histories.push((CRUDE, History::read(known, OIL, CRUDE)));
        let mut exchange = History::default();
        if board == Board::Wholesale {
            let market = |place| (place, History::read(known, WHOLESALE, place));
            histories.extend(MARKETS.map(market));
            exchange = History::read(known, EXCHANGE, MARKETS[0]);
        }
        Self { board, histories, exchange }
    }

    /// Returns one history; an unknown place has none.
    pub fn of(&self, place: &str) -> Option<&History> {
        self.histories.iter().find(|(name, _)| *name == place).map(|(_, history)| history)
    }

    /// Returns what a forecast issued in `month` starts from; `None` where a feature is missing.
    pub fn start(&self, place: &str, month: Month) -> Option<Start> {
        let own = self.of(place)?;
        let newest = month - self.board.lag();
        let mut start = self.bare(place, month)?;
        let x = if self.board == Board::Wholesale {
            self.wholesale(own, place, month)?
        } else {
            own.volatility(newest, VOLATILITY_MONTHS.0, VOLATILITY_MONTHS.1)?;
            self.world(own, place, newest)?
        };
        // Four usual changes are as far as any feature is believed.
        start.x = x.map(|v| (v / start.volatility).clamp(-4.0, 4.0));
        Some(start)
    }

    /// Returns what the baselines start from, without features.
    pub fn bare(&self, place: &str, month: Month) -> Option<Start> {
        let own = self.of(place)?;
        let newest = month - self.board.lag();
        let (months, count_min) = VOLATILITY_MONTHS;
        let volatility = match self.board {
            Board::Wholesale => None,
            _ => own.volatility(newest, months, count_min),
        };
        let usual = volatility.unwrap_or(WHOLESALE_CHANGE);
        let lately = volatility.and_then(|_| own.swing(newest, LATELY_MONTHS));
        let drift = (0..months).filter_map(|back| own.change(newest - back, 1));
        Some(Start {
            base: own.get(newest)?,
            volatility: usual,
            swing: lately.map_or(usual, |lately| f64::midpoint(usual, lately)),
            drift: mean(drift, count_min).unwrap_or(0.0),
            x: [0.0; WIDTH],
        })
    }

    /// Returns the features of a world price: its own changes and departures from its means; its
    /// spread to its kin against the usual one, and their last change; oil and grains.
    fn world(&self, own: &History, place: &str, m: Month) -> Option<[f64; WIDTH]> {
        let kin: Vec<&History> =
            Board::kin(place).iter().filter(|p| **p != place).filter_map(|p| self.of(p)).collect();
        let all = || kin.iter();
        let spread = all().filter_map(|other| {
            let apart = |m| Some(own.get(m)? - other.get(m)?);
            Some(apart(m)? - mean((0..36).filter_map(|back| apart(m - back)), 18)?)
        });
        let grains = GRAINS.iter().filter_map(|p| self.of(p)?.change(m, 3));
        let quarter = 3.0_f64.sqrt();
        Some([
            own.change(m, 1)?,
            own.change(m, 3)? / quarter,
            (own.get(m)? - own.mean(m, 24, 24)?) / 24.0_f64.sqrt(),
            (own.get(m)? - own.mean(m, 60, 48)?) / 60.0_f64.sqrt(),
            mean(spread, 1)? / 6.0,
            mean(all().filter_map(|other| other.change(m, 1)), 1)?,
            self.of(CRUDE)?.change(m, 3)? / quarter / 3.0,
            mean(grains, 1)? / quarter,
        ])
    }

    /// Returns the features of a wholesale price: its own changes; what export prices did since its
    /// newest month and in that month; its spread to the export price and to the other market
    /// against the usual ones; its departure from the year's mean.
    fn wholesale(&self, own: &History, place: &str, month: Month) -> Option<[f64; WIDTH]> {
        let (newest, ahead) = (month - self.board.lag(), month - 1);
        let (vietnam, thai) = (self.of(VIETNAM)?, self.of(THAI)?);
        let other = MARKETS.iter().find(|p| **p != place).and_then(|p| self.of(p))?;
        let since = ahead - newest;
        let export = |m| Some(own.get(m)? - vietnam.get(m)? - self.exchange.get(m)?);
        let apart = |m| Some(other.get(m)? - own.get(m)?);
        let usual = |gap: &dyn Fn(Month) -> Option<f64>| {
            Some(gap(newest)? - mean((0..24).filter_map(|back| gap(newest - back)), 3)?)
        };
        Some([
            own.change(newest, 1)?,
            own.change(newest, 3)?,
            vietnam.change(ahead, since)?,
            thai.change(ahead, since)?,
            vietnam.change(newest, 1)?,
            usual(&export)?,
            usual(&apart)?,
            own.get(newest)? - own.mean(newest, 12, 3)?,
        ])
    }
}

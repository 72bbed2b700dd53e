//! All earlier mornings with what was known on each, and what came of them.

use std::collections::BTreeMap;

use super::{Ground, Scale};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

/// Days over which the size of day-to-day changes is measured: one spring–neap cycle.
const VOLATILITY_DAYS: usize = 15;

/// What the forecasts of one place on one morning start from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    /// The newest day known (epoch day).
    pub day: i64,
    /// The value of that day, scaled.
    pub own: f64,
    /// Mean change from day to day of late, scaled; NaN when too little was known.
    pub volatility: f64,
    /// The recipe's origin columns.
    pub row: Vec<f64>,
}

impl Origin {
    /// Returns what is known on a morning; `None` when the day before it is not.
    pub fn read(ground: &Ground<'_>, known: &Known<'_>, place: &PlaceId) -> Option<Self> {
        let series = known.series(ground.variable, place);
        let day = known.today() - 1;
        let own = ground.scale.of(series.on(day)?);
        let past: [f64; VOLATILITY_DAYS + 1] = series.window(day);
        let scaled = past.map(|v| if v.is_finite() { ground.scale.of(v) } else { f64::NAN });
        let mut row = Vec::with_capacity(ground.layout.origin);
        (ground.origin)(known, place, &mut row);
        debug_assert_eq!(row.len(), ground.layout.origin, "{}: one number a column", ground.name);
        Some(Self { day, own, volatility: volatility(&scaled), row })
    }

    /// Returns a number that differs when anything the forecast reads differs.
    pub fn fingerprint(&self) -> u64 {
        let numbers = [self.own, self.volatility];
        let numbers = numbers.iter().chain(&self.row);
        numbers.fold(mix(0, self.day.cast_unsigned()), |hash, v| mix(hash, v.to_bits()))
    }
}

fn volatility(scaled: &[f64]) -> f64 {
    let changes = scaled.windows(2).map(|w| (w[0] - w[1]).abs()).filter(|c| c.is_finite());
    let (sum, n) = changes.fold((0.0, 0), |(sum, n), c| (sum + c, n + 1));
    if n >= VOLATILITY_DAYS / 2 { sum / n as f64 } else { f64::NAN }
}

/// What was observed at one place, on a regular axis of days.
#[derive(Debug, Clone, Default)]
pub(super) struct Truth {
    first: i64,
    values: Vec<f64>,
}

impl Truth {
    /// Returns the scaled value of an epoch day.
    pub fn on(&self, day: i64) -> Option<f64> {
        let index = usize::try_from(day - self.first).ok()?;
        self.values.get(index).copied().filter(|v| v.is_finite())
    }

    /// Returns all observed days before `end` and their scaled values.
    pub fn before(&self, end: i64) -> impl Iterator<Item = (i64, f64)> {
        let days = (self.first..).zip(self.values.iter().copied());
        days.take_while(move |(day, _)| *day < end).filter(|(_, v)| v.is_finite())
    }

    /// Returns the truth of scaled values from `first` on, NaN where nothing was observed.
    pub const fn new(first: i64, values: Vec<f64>) -> Self {
        Self { first, values }
    }
}

/// One place's mornings by block.
#[derive(Debug)]
pub(super) struct History {
    /// The place.
    pub place: PlaceId,
    /// What was observed, scaled.
    pub truth: Truth,
    blocks: BTreeMap<i32, Vec<Origin>>,
}

impl History {
    /// Returns what was observed at some place, without any morning.
    #[cfg(test)]
    pub fn only(truth: Truth) -> Self {
        Self { place: "city:some".parse().unwrap(), truth, blocks: BTreeMap::new() }
    }

    /// Returns the mornings of a block, oldest first.
    pub fn origins(&self, block: i32) -> &[Origin] {
        self.blocks.get(&block).map_or(&[], Vec::as_slice)
    }

    /// Returns the mornings whose newest day is in `from..to`.
    pub fn origins_between(&self, from: i64, to: i64) -> impl Iterator<Item = &Origin> {
        let inside = move |origin: &&Origin| (from..to).contains(&origin.day);
        self.blocks.values().flatten().filter(inside)
    }
}

/// Everything known at a cut.
#[derive(Debug)]
pub(super) struct Archive {
    /// The first block that is not in it.
    pub until: i32,
    /// The places, in the order of their names.
    pub histories: Vec<History>,
    blocks: Vec<i32>,
    prints: BTreeMap<i32, u64>,
    span: (i64, i64),
}

impl Archive {
    /// Returns all mornings before the block of `cut`, each with what was known then, and every
    /// outcome before that block as it was known at the cut.
    pub fn before(
        ground: &Ground<'_>,
        panel: &Panel,
        places: Vec<PlaceId>,
        cut: IssuedAt,
    ) -> Result<Self, ForecastError> {
        let period = ground.settings.period;
        let until = period.block_of(epoch_day(cut.local_date()));
        let end = period.first_day(until);
        let known = Known::at(panel, cut);
        let mut histories: Vec<History> = places
            .into_iter()
            .map(|place| {
                let truth = truth(panel, &known, (ground.variable, &place), ground.scale, end);
                History { place, truth, blocks: BTreeMap::new() }
            })
            .collect();
        let spans = histories.iter().filter(|h| !h.truth.values.is_empty());
        let first = spans.map(|h| h.truth.first).min().unwrap_or(end);
        for today in first + 1..end {
            if !histories.iter().any(|h| h.truth.on(today - 1).is_some()) {
                continue;
            }
            let then = Known::at(panel, IssuedAt::morning_of(date_of_epoch_day(today))?);
            let block = period.block_of(today);
            for history in &mut histories {
                if let Some(origin) = Origin::read(ground, &then, &history.place) {
                    history.blocks.entry(block).or_default().push(origin);
                }
            }
        }
        let mut blocks: Vec<i32> =
            histories.iter().flat_map(|h| h.blocks.keys().copied()).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let span = (first - 1, end + ground.horizons as i64);
        let mut archive = Self { until, histories, blocks, prints: BTreeMap::new(), span };
        archive.prints = archive.fingerprints(ground);
        Ok(archive)
    }

    /// Returns the blocks before `block`, oldest first.
    pub fn blocks_before(&self, block: i32) -> impl DoubleEndedIterator<Item = i32> {
        self.blocks.iter().copied().filter(move |b| *b < block)
    }

    /// Returns the first and last epoch day that mornings look at.
    pub const fn span(&self) -> (i64, i64) {
        self.span
    }

    fn fingerprints(&self, ground: &Ground<'_>) -> BTreeMap<i32, u64> {
        let period = ground.settings.period;
        let mut hash = ground.layout.fingerprint();
        let mut prints = BTreeMap::new();
        for block in &self.blocks {
            let days = period.first_day(*block) - 1..period.first_day(block + 1);
            for history in &self.histories {
                hash = history.place.as_str().bytes().fold(hash, |h, b| mix(h, u64::from(b)));
                hash = history.origins(*block).iter().fold(hash, |h, o| mix(h, o.fingerprint()));
                for day in days.clone() {
                    let value = history.truth.on(day).unwrap_or(f64::NAN);
                    hash = mix(hash, value.to_bits());
                }
            }
            prints.insert(*block, hash);
        }
        prints
    }

    /// Returns a number that differs when anything in the blocks before `block` differs.
    pub fn fingerprint(&self, block: i32) -> u64 {
        self.prints.range(..block).next_back().map_or(0, |(_, print)| *print)
    }
}

fn truth(
    panel: &Panel,
    known: &Known<'_>,
    (variable, place): (&str, &PlaceId),
    scale: Scale,
    end: i64,
) -> Truth {
    let Some((first, last)) = panel.get(variable, place).and_then(|s| s.span()) else {
        return Truth::default();
    };
    let series = known.series(variable, place);
    let value = |day| series.on(day).map_or(f64::NAN, |v| scale.of(v));
    Truth::new(first, (first..=last.min(end - 1)).map(value).collect())
}

/// Returns a hash with one more number stirred in (the finisher of `SplitMix64`).
pub(super) const fn mix(hash: u64, number: u64) -> u64 {
    let mut z = (hash ^ number).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

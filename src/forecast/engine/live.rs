//! A panel that goes on day by day: one new row a series, a new forecast, without the history.
//!
//! What is kept of a series are the normal equations of its linear models and its last values. The
//! mix and the intervals stay as they were at the fit; weights are solved anew at every forecast.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::num::NonZeroUsize;
use std::ops::Range;

use super::answers::Answers;
use super::clock::Anchor;
use super::error::EngineError;
use super::frame::Block;
use super::linear::Linear;
use super::linear::live::{Live, Scratch};
use super::mix::{Bounds, LinearMix};
use super::series::{Ask, Path, Refusal};
use super::table::{Ids, Layout, NO_STAMP, Rows};

/// Steps between the last row and a new one that are bridged by the model's own forecast.
const GAP_MAX: i64 = 366;

/// A fitted panel that takes new rows. Memory: about `8 width²` bytes a series and model.
#[derive(Debug, Clone, PartialEq)]
pub struct LivePanel {
    /// What is asked at every forecast.
    pub ask: Ask,
    /// The columns of the panel, without exogenous ones.
    pub layout: Layout,
    /// The models and their weights.
    pub mix: LinearMix,
    /// Factors of the intervals, one list a level.
    pub factors: Vec<Vec<(f64, f64)>>,
    /// The series.
    pub ids: Ids,
    pub(super) series: Vec<LiveSeries>,
}

/// One series between two rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LiveSeries {
    /// One model for each member of the mix, none where it could not be fitted.
    pub models: Vec<Option<Live>>,
    pub next: i64,
    pub anchor: Anchor,
    pub month_in_step: i64,
    /// Lowest and highest value, and how many steps there were.
    pub low: f64,
    pub high: f64,
    pub length: usize,
}

/// A row, or a whole series, that could not be taken up, and why.
pub type Rejected = (String, Refusal);

impl LivePanel {
    /// Fits the members of a mix on all series; those that no member fits, or that have covariates,
    /// are returned apart.
    #[must_use]
    pub fn fit(
        blocks: &[Block],
        ask: &Ask,
        layout: &Layout,
        mix: LinearMix,
        factors: Vec<Vec<(f64, f64)>>,
    ) -> (Self, Vec<Rejected>) {
        let layout = Layout { exogenous: Vec::new(), ..layout.clone() };
        let ids = Ids::none(&layout.id);
        let mut panel = Self { ask: ask.clone(), layout, mix, factors, ids, series: Vec::new() };
        let mut rejected = Vec::new();
        for block in blocks {
            for i in 0..block.len() {
                match panel.series(block, i) {
                    Ok(series) => {
                        panel.ids.push_from(&block.ids, i);
                        panel.series.push(series);
                    }
                    Err(why) => rejected.push((block.ids.text(i), why)),
                }
            }
        }
        (panel, rejected)
    }

    fn series(&self, block: &Block, i: usize) -> Result<LiveSeries, Refusal> {
        let span = block.span(i)?;
        let series = block.series(i, self.ask.horizon)?;
        let live = |member: &Linear| member.live(&series, &self.ask);
        let models: Vec<_> = self.mix.members.iter().map(|(member, _)| live(member)).collect();
        if let Some(Err(why)) = models.iter().find(|_| models.iter().all(Result::is_err)) {
            return Err(why.clone());
        }
        let seen = || series.y.iter().copied().filter(|y| !y.is_nan());
        Ok(LiveSeries {
            models: models.into_iter().map(Result::ok).collect(),
            next: span.next(),
            anchor: span.anchor,
            month_in_step: span.month_in_step,
            low: seen().fold(f64::INFINITY, f64::min),
            high: seen().fold(f64::NEG_INFINITY, f64::max),
            length: series.y.len(),
        })
    }

    /// Returns how many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Returns whether there is no series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Takes up new rows, each the next of its series or later; steps between are bridged by the
    /// model. `O(rows · width²)`. Rows that cannot be taken up change nothing and are returned.
    pub fn update(&mut self, rows: Rows) -> Vec<Rejected> {
        let rows = rows.gather();
        let mut rejected = Vec::new();
        let mut scratch = Scratch::default();
        let mut index: Option<HashMap<u64, usize>> = None;
        for run in 0..rows.ends.len() {
            let place = if run < self.len() && self.ids.same(run, &rows.ids, run) {
                Some(run)
            } else {
                let index = index.get_or_insert_with(|| self.index());
                let found = index.get(&hash(&rows.ids, run)).copied();
                found.filter(|place| self.ids.same(*place, &rows.ids, run))
            };
            let taken = match place {
                Some(place) => self.take(place, &rows, run, &mut scratch),
                None => Err(Refusal::Unknown),
            };
            if let Err(why) = taken {
                rejected.push((rows.ids.text(run), why));
            }
        }
        rejected
    }

    fn index(&self) -> HashMap<u64, usize> {
        (0..self.len()).map(|i| (hash(&self.ids, i), i)).collect()
    }

    /// Takes up the rows of one series, all or none.
    fn take(
        &mut self,
        place: usize,
        rows: &Rows,
        run: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let series = &mut self.series[place];
        let off = |stamp: i64| Refusal::OffClock {
            ds: self.layout.text(stamp),
            freq: self.ask.freq.to_string(),
        };
        let mut values = Vec::new();
        for row in rows.run(run) {
            let stamp = rows.stamps[row];
            if stamp == NO_STAMP {
                return Err(Refusal::NoStamp { count: 1 });
            }
            if rows.y[row].is_infinite() {
                return Err(Refusal::Infinite { count: 1 });
            }
            let (at, anchor) = self.ask.freq.position(stamp).ok_or_else(|| off(stamp))?;
            if anchor.rest != series.anchor.rest || at.saturating_sub(series.next) > GAP_MAX {
                return Err(off(stamp));
            }
            if at < series.next {
                return Err(Refusal::Duplicate { ds: self.layout.text(stamp) });
            }
            values.push((at, rows.y[row]));
        }
        values.sort_by_key(|(at, _)| *at);
        for (at, y) in values {
            while series.next < at {
                series.push(&self.mix, f64::NAN, scratch);
            }
            if series.next == at {
                series.push(&self.mix, y, scratch);
            }
        }
        Ok(())
    }

    /// Returns the forecasts of all series from their last rows, in the order of the panel, made on
    /// `threads` threads. `O(series · width³ / 6)`.
    #[must_use]
    pub fn forecast(&self, threads: NonZeroUsize) -> Vec<Answers> {
        let share = self.len().div_ceil(threads.get()).max(1);
        let parts = (0..self.len()).step_by(share).map(|from| from..(from + share).min(self.len()));
        if threads.get() == 1 {
            return parts.map(|part| self.forecast_part(part)).collect();
        }
        std::thread::scope(|scope| {
            let started: Vec<_> =
                parts.map(|part| scope.spawn(|| self.forecast_part(part))).collect();
            started.into_iter().filter_map(|thread| thread.join().ok()).collect()
        })
    }

    fn forecast_part(&self, part: Range<usize>) -> Answers {
        let horizon = self.ask.horizon;
        let mut answers = Answers::none(&self.ids, horizon);
        let mut scratch = Scratch::default();
        let mut one = vec![0.0; horizon];
        let mut path = Path { model: self.mix.name(), ..Path::default() };
        for i in part {
            let series = &self.series[i];
            path.point.clear();
            path.point.resize(horizon, 0.0);
            let (mut scale, mut total) = (0.0, 0.0);
            for ((member, weight), live) in self.mix.members.iter().zip(&series.models) {
                let Some(live) = live else { continue };
                let sigma = live.path(member, &mut one, &mut scratch);
                if sigma.is_finite() && one.iter().all(|y| y.is_finite()) {
                    path.point.iter_mut().zip(&one).for_each(|(sum, y)| *sum += weight * y);
                    scale += weight * sigma;
                    total += weight;
                }
            }
            if total == 0.0 {
                answers.refused.push((self.ids.text(i), Refusal::NotFinite));
                continue;
            }
            let bounds = Bounds::between(series.low, series.high, series.length, horizon);
            path.point.iter_mut().for_each(|y| *y = bounds.hold(*y / total));
            path.scale = scale / total;
            let next = (series.next, series.anchor, series.month_in_step);
            let floor = if series.low == 0.0 { 0.0 } else { f64::NEG_INFINITY };
            answers.push_path((&self.ids, i), &path, next, floor);
        }
        answers
    }

    /// Returns the panel as bytes that [`LivePanel::from_bytes`] reads.
    ///
    /// # Errors
    /// [`EngineError::Format`] when a header cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EngineError> {
        super::live_bytes::write(self)
    }

    /// Reads a stored panel; bytes of another format, or damaged ones, say why not.
    ///
    /// # Errors
    /// [`EngineError::Format`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EngineError> {
        super::live_bytes::read(bytes)
    }
}

impl LiveSeries {
    fn push(&mut self, mix: &LinearMix, y: f64, scratch: &mut Scratch) {
        for ((member, _), live) in mix.members.iter().zip(&mut self.models) {
            if let Some(live) = live {
                live.push(member, y, scratch);
            }
        }
        if !y.is_nan() {
            self.low = self.low.min(y);
            self.high = self.high.max(y);
        }
        self.next += 1;
        self.length += 1;
    }
}

fn hash(ids: &Ids, i: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    ids.hash(i, &mut hasher);
    hasher.finish()
}

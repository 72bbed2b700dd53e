//! A panel that goes on day by day: one new row a series, a new forecast, without the history.
//!
//! A row takes part in the weights of every linear model of its series at once, by recursive least
//! squares. What waits for the next fit: which models there are and how much each counts, their
//! columns, the mean and spread they are standardised by, and the factors of the intervals.

mod bytes;
mod format_1;
mod store;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::num::NonZeroUsize;
use std::ops::Range;

use self::store::{Standing, Store};
use super::answers::Answers;
use super::error::EngineError;
use super::frame::Block;
use super::linear::Linear;
use super::linear::live::{End, Scratch};
use super::mix::{Bounds, LinearMix};
use super::series::{Ask, Path, Refusal};
use super::table::{Ids, Layout, NO_STAMP, Rows};

/// Steps between the last row and a new one that are bridged by the model's own forecast.
const GAP_MAX: i64 = 366;

/// A fitted panel that takes new rows. Memory: about `4 width²` bytes a series and model.
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
    store: Store,
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
        let (ids, store) = (Ids::none(&layout.id), Store::new(&mix));
        let mut panel = Self { ask: ask.clone(), layout, mix, factors, ids, store };
        let mut rejected = Vec::new();
        for block in blocks {
            for i in 0..block.len() {
                match panel.fitted(block, i) {
                    Ok((standing, ends)) => {
                        panel.ids.push_from(&block.ids, i);
                        panel.store.add(&standing, &ends, ask);
                    }
                    Err(why) => rejected.push((block.ids.text(i), why)),
                }
            }
        }
        (panel, rejected)
    }

    fn fitted(&self, block: &Block, i: usize) -> Result<(Standing, Vec<Option<End>>), Refusal> {
        let span = block.span(i)?;
        let series = block.series(i, self.ask.horizon)?;
        let end = |member: &Linear| member.end(&series, &self.ask);
        let ends: Vec<_> = self.mix.members.iter().map(|(member, _)| end(member)).collect();
        if let Some(Err(why)) = ends.iter().find(|_| ends.iter().all(Result::is_err)) {
            return Err(why.clone());
        }
        let seen = || series.y.iter().copied().filter(|y| !y.is_nan());
        let standing = Standing {
            next: span.next(),
            anchor: span.anchor,
            month_in_step: span.month_in_step,
            low: seen().fold(f64::INFINITY, f64::min),
            high: seen().fold(f64::NEG_INFINITY, f64::max),
            length: series.y.len(),
        };
        Ok((standing, ends.into_iter().map(Result::ok).collect()))
    }

    /// Returns how many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Returns whether there is no series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes up new rows, each the next of its series or later; steps between are bridged by the
    /// model. `O(rows · width²)`. Rows that cannot be taken up change nothing and are returned.
    pub fn update(&mut self, rows: Rows) -> Vec<Rejected> {
        let rows = rows.gather();
        let mut rejected = Vec::new();
        let mut scratch = Scratch::default();
        let mut steps = Vec::new();
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
                Some(place) => self.take(place, &rows, run, &mut steps, &mut scratch),
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
        steps: &mut Vec<(i64, f64)>,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let standing = self.store.standing(place);
        steps.clear();
        for row in rows.run(run) {
            steps.push((self.position(&standing, rows.stamps[row])?, rows.y[row]));
            if rows.y[row].is_infinite() {
                return Err(Refusal::Infinite { count: 1 });
            }
        }
        steps.sort_by_key(|(at, _)| *at);
        let mut next = standing.next;
        for (at, y) in steps.iter() {
            for missing in next..=*at {
                self.store.push(place, if missing == *at { *y } else { f64::NAN }, scratch);
            }
            next = next.max(*at + 1);
        }
        Ok(())
    }

    /// Returns the position of the stamp of a new row of a series.
    fn position(&self, standing: &Standing, stamp: i64) -> Result<i64, Refusal> {
        if stamp == NO_STAMP {
            return Err(Refusal::NoStamp { count: 1 });
        }
        let ds = || self.layout.text(stamp);
        let off = || Refusal::OffClock { ds: ds(), freq: self.ask.freq.to_string() };
        let (at, anchor) = self.ask.freq.position(stamp).ok_or_else(off)?;
        if anchor.rest != standing.anchor.rest || at.saturating_sub(standing.next) > GAP_MAX {
            return Err(off());
        }
        if at < standing.next {
            return Err(Refusal::Duplicate { ds: ds() });
        }
        Ok(at)
    }

    /// Returns the forecasts of all series from their last rows, in the order of the panel, made on
    /// `threads` threads. `O(series · horizon · width)`.
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
            let standing = self.store.standing(i);
            path.point.clear();
            path.point.resize(horizon, 0.0);
            let (mut scale, mut total) = (0.0, 0.0);
            for ((_, weight), model) in self.mix.members.iter().zip(self.store.models(i)) {
                let Some((plan, numbers)) = model else { continue };
                let sigma = plan.path(numbers, standing.next, &mut one, &mut scratch);
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
            let Standing { low, high, length, .. } = standing;
            let bounds = Bounds::between(low, high, length, horizon);
            path.point.iter_mut().for_each(|y| *y = bounds.hold(*y / total));
            path.scale = scale / total;
            let next = (standing.next, standing.anchor, standing.month_in_step);
            let floor = if low == 0.0 { 0.0 } else { f64::NEG_INFINITY };
            answers.push_path((&self.ids, i), &path, next, floor);
        }
        answers
    }

    /// Returns the panel as bytes that [`LivePanel::from_bytes`] reads.
    ///
    /// # Errors
    /// [`EngineError::Format`] when a header cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EngineError> {
        bytes::write(self)
    }

    /// Reads a stored panel; bytes of another format, or damaged ones, say why not.
    ///
    /// # Errors
    /// [`EngineError::Format`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EngineError> {
        bytes::read(bytes)
    }
}

fn hash(ids: &Ids, i: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    ids.hash(i, &mut hasher);
    hasher.finish()
}

//! The numbers of all series of a live panel, end to end in one piece of memory: as they are used,
//! as they are stored.
//!
//! ```text
//! a series:  next rest day month low high length | each member's model
//! a model:   the place of its shape, -1 where it could not be fitted | its numbers (linear::live)
//! ```

use crate::forecast::engine::clock::Anchor;
use crate::forecast::engine::linear::gram::Factor;
use crate::forecast::engine::linear::live::{End, Plan, Scratch};
use crate::forecast::engine::linear::{Linear, Shape};
use crate::forecast::engine::mix::LinearMix;
use crate::forecast::engine::series::Ask;

/// Numbers before the models of a series.
const HEAD: usize = Standing::SIZE;

/// Where a series stands between two rows, and what it has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Position of the next row.
    pub next: i64,
    pub anchor: Anchor,
    pub month_in_step: i64,
    /// Lowest and highest value, and how many steps there were.
    pub low: f64,
    pub high: f64,
    pub length: usize,
}

impl Standing {
    /// Numbers it is kept as.
    pub const SIZE: usize = 7;

    /// Whole numbers below 2^53 are kept exactly: positions are below 2^52, times of a step below it.
    fn numbers(&self) -> [f64; Self::SIZE] {
        let (next, rest, day) = (self.next as f64, self.anchor.rest as f64, self.anchor.day);
        let month = self.month_in_step as f64;
        [next, rest, f64::from(day), month, self.low, self.high, self.length as f64]
    }

    /// Returns what these numbers say.
    pub fn of(numbers: &[f64]) -> Self {
        Self {
            next: numbers[0] as i64,
            anchor: Anchor { rest: numbers[1] as i64, day: numbers[2] as i8 },
            month_in_step: numbers[3] as i64,
            low: numbers[4],
            high: numbers[5],
            length: numbers[6] as usize,
        }
    }
}

/// All series. Memory: about `4 width²` bytes a series and model.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    members: Vec<Linear>,
    /// The columns in use; models name theirs by its place.
    shapes: Vec<Shape>,
    /// What models share (rows = shapes, cols = members).
    plans: Vec<Plan>,
    /// Where each series begins, and where the last ends.
    starts: Vec<usize>,
    numbers: Vec<f64>,
}

impl Store {
    /// Returns a store of no series.
    pub fn new(mix: &LinearMix) -> Self {
        let members = mix.members.iter().map(|(member, _)| *member).collect();
        let (shapes, plans, numbers) = (Vec::new(), Vec::new(), Vec::new());
        Self { members, shapes, plans, starts: vec![0], numbers }
    }

    /// Returns a store of `count` series of these numbers, `None` when they are not that.
    pub fn of_numbers(
        (mix, ask): (&LinearMix, &Ask),
        shapes: Vec<Shape>,
        (count, numbers): (usize, Vec<f64>),
    ) -> Option<Self> {
        let mut store = Self::new(mix);
        shapes.into_iter().for_each(|shape| store.add_shape(shape, ask));
        let mut at = 0;
        for _ in 0..count {
            at += HEAD;
            for member in 0..store.members.len() {
                let place = *numbers.get(at)?;
                at += 1;
                if place >= 0.0 {
                    at += store.plans.get(place as usize * store.members.len() + member)?.size();
                }
            }
            store.starts.push(at);
        }
        store.numbers = numbers;
        (at == store.numbers.len()).then_some(store)
    }

    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// Adds a series whose models go on from these fits, one a member or none.
    pub fn add(&mut self, standing: &Standing, ends: &[Option<End>], ask: &Ask) {
        self.numbers.extend(standing.numbers());
        let mut factor = Factor::default();
        for (member, end) in ends.iter().enumerate() {
            let Some(end) = end else {
                self.numbers.push(-1.0);
                continue;
            };
            let place = self.shapes.iter().position(|shape| *shape == end.shape);
            let place = place.unwrap_or_else(|| {
                self.add_shape(end.shape.clone(), ask);
                self.shapes.len() - 1
            });
            self.numbers.push(place as f64);
            let plan = &self.plans[place * self.members.len() + member];
            plan.append(end, &mut factor, &mut self.numbers);
        }
        self.starts.push(self.numbers.len());
    }

    fn add_shape(&mut self, shape: Shape, ask: &Ask) {
        let plans = self.members.iter().map(|member| Plan::new(member, shape.clone(), ask));
        self.plans.extend(plans);
        self.shapes.push(shape);
    }

    pub fn standing(&self, i: usize) -> Standing {
        Standing::of(&self.numbers[self.starts[i]..])
    }

    /// Returns the models of a series: what each shares with others and its own numbers, none where
    /// it could not be fitted.
    pub fn models(&self, i: usize) -> impl Iterator<Item = Option<(&Plan, &[f64])>> {
        let mut rest = &self.numbers[self.starts[i] + HEAD..self.starts[i + 1]];
        (0..self.members.len()).map(move |member| {
            let (place, after) = rest.split_first()?;
            rest = after;
            let plan = plan(&self.plans, *place, self.members.len(), member)?;
            let (own, after) = rest.split_at(plan.size());
            rest = after;
            Some((plan, own))
        })
    }

    /// Adds the value of the next step of a series, NaN where it is missing.
    pub fn push(&mut self, i: usize, y: f64, scratch: &mut Scratch) {
        let members = self.members.len();
        let numbers = &mut self.numbers[self.starts[i]..self.starts[i + 1]];
        let (head, mut rest) = numbers.split_at_mut(HEAD);
        let mut standing = Standing::of(head);
        for member in 0..members {
            let Some((place, after)) = rest.split_first_mut() else { break };
            rest = after;
            let Some(plan) = plan(&self.plans, *place, members, member) else { continue };
            let (own, after) = rest.split_at_mut(plan.size());
            plan.push(own, standing.next, y, scratch);
            rest = after;
        }
        if !y.is_nan() {
            standing.low = standing.low.min(y);
            standing.high = standing.high.max(y);
        }
        standing.next += 1;
        standing.length += 1;
        head.copy_from_slice(&standing.numbers());
    }
}

/// Returns the plan of a member's model with the shape at `place`, `None` for no model.
fn plan(plans: &[Plan], place: f64, members: usize, member: usize) -> Option<&Plan> {
    (place >= 0.0).then(|| &plans[place as usize * members + member])
}

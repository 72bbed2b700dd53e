//! Forecasts of all nodes of a hierarchy, made to agree, with intervals of what agrees.
//!
//! Intervals are made as everywhere in the engine, by conformal prediction on past errors, but of
//! the errors the *reconciled* forecasts would have made: reconciliation is linear and leaves what
//! adds up alone, so these are the reconciled past errors. Their quantiles are pooled over nodes,
//! each in units of its own error, that of the other origins (an error is not part of its own
//! yardstick). Bounds of parts do not add up to bounds of sums, and must not: errors cancel.

use super::errors::PastErrors;
use super::method::Method;
use super::projection::Projection;
use super::structure::Structure;
use super::wrong;
use crate::forecast::engine::answers::Answers;
use crate::forecast::engine::clock::Anchor;
use crate::forecast::engine::error::EngineError;
use crate::forecast::engine::explain::{Group, Part};
use crate::forecast::engine::frame::Block;
use crate::forecast::engine::intervals::Pool;
use crate::forecast::engine::panel::{Forecasts, Prepare, Question, in_threads};
use crate::forecast::engine::series::{Ask, Errors, Path, Refusal, Strategy};
use crate::forecast::engine::table::{Ids, Layout, Rows};

/// Rows of a block and blocks of the pilot, as in `panel`.
const BLOCK_ROWS: usize = 1 << 16;
const PILOT_BLOCKS: usize = 4;

/// Past origins the intervals of reconciled forecasts need at least; with fewer they keep the
/// widths of the base forecasts.
const ORIGINS_MIN: usize = 3;

/// Base forecasts of all nodes.
#[derive(Debug)]
pub struct Nodes {
    /// What was asked, with what was found.
    pub ask: Ask,
    layout: Layout,
    ids: Ids,
    paths: Vec<Path>,
    places: Vec<Place>,
    factors: Vec<Vec<(f64, f64)>>,
}

/// What is known of a node beside its path.
#[derive(Debug)]
struct Place {
    next: (i64, Anchor, i64),
    floor: f64,
    known: Vec<usize>,
    /// Whether it was never below 0.
    positive: bool,
}

/// Forecasts that add up.
#[derive(Debug)]
pub struct Reconciled {
    /// One block, aggregates first.
    pub forecasts: Forecasts,
    /// The method in use.
    pub method: Method,
    /// How far correlations were shrunk towards none, where they were looked at.
    pub shrinkage: Option<f64>,
    /// Past origins at which every node had errors.
    pub origins: usize,
    /// Whether intervals are made of reconciled past errors; else those of the base forecasts.
    pub own_intervals: bool,
    /// Bottom forecasts that were raised to 0, because their series were never below it.
    pub raised: usize,
}

/// Forecasts every node of a panel that holds them all ([`super::with_sums`]).
///
/// # Errors
/// [`EngineError::Structure`] when a node has no forecast, or not all end together, and what
/// [`Question::ask`] gives.
pub fn forecast_nodes(
    rows: Rows,
    layout: Layout,
    question: &Question,
    prepare: &Prepare<'_>,
) -> Result<Nodes, EngineError> {
    let ids = rows.ids.clone();
    let parts = rows.into_parts(BLOCK_ROWS);
    let ask = question.ask(&layout, parts.first().ok_or(EngineError::Empty)?)?;
    let blocks: Vec<Block> = parts.iter().map(|rows| Block::new(rows, &layout, &ask)).collect();
    drop(parts);
    let strategy = prepare(&blocks[..blocks.len().min(PILOT_BLOCKS)], &ask);
    let mut pool = Pool::new(ask.horizon);
    let work = blocks.iter().map(Ok::<_, EngineError>);
    let found = in_threads(work, question.threads.get(), &mut pool, |block, pool| {
        let node = |i| node(block, i, &ask, strategy.as_ref(), pool);
        (0..block.len()).map(node).collect::<Vec<_>>()
    })?;
    let (mut paths, mut places) = (Vec::new(), Vec::new());
    for (i, node) in found.into_iter().flatten().enumerate() {
        match node {
            Ok((path, place)) => {
                paths.push(path);
                places.push(place);
            }
            Err(why) => {
                let id = ids.text(i);
                return wrong(format!("node {id:?} has no forecast ({why}), every node needs one"));
            }
        }
    }
    let factors = ask.levels.iter().map(|level| pool.factors(*level)).collect();
    let nodes = Nodes { ask, layout, ids, paths, places, factors };
    nodes.ending_together()
}

fn node(
    block: &Block,
    i: usize,
    ask: &Ask,
    strategy: &dyn Strategy,
    pool: &mut Pool,
) -> Result<(Path, Place), Refusal> {
    let (span, series) = (block.span(i)?, block.series(i, ask.horizon)?);
    let path = strategy.forecast(&series, ask)?;
    if path.point.iter().any(|y| !y.is_finite()) {
        return Err(Refusal::NotFinite);
    }
    pool.add(&path.errors);
    let place = Place {
        next: (span.next(), span.anchor, span.month_in_step),
        floor: block.floor(i),
        known: block.known_columns(i),
        positive: !series.y.iter().any(|y| *y < 0.0),
    };
    Ok((path, place))
}

impl Nodes {
    /// Refuses nodes that do not end together: step 3 of one must be step 3 of all.
    fn ending_together(self) -> Result<Self, EngineError> {
        let end = self.places.iter().map(|place| place.next.0).max().unwrap_or(0);
        let early: Vec<usize> =
            (0..self.places.len()).filter(|i| self.places[*i].next.0 < end).collect();
        // Bottom nodes stand last: a sum ends early only because one of them does.
        let Some(last) = early.last() else { return Ok(self) };
        let (id, short) = (self.ids.text(*last), end - self.places[*last].next.0);
        let others = match early.len() {
            1 => String::new(),
            n => format!(" (and {} more nodes)", n - 1),
        };
        wrong(format!(
            "node {id:?} ends {short} steps before the others{others}; every node needs its last \
             value at the same ds: fill in a series that has ended with 0, or cut the others"
        ))
    }

    /// Makes the forecasts agree; without a method by [`Method::WlsVar`], or by
    /// [`Method::WlsStruct`] where past errors are too few.
    ///
    /// # Errors
    /// [`EngineError::Structure`] when the structure is not one of these nodes or the method lacks
    /// past errors.
    pub fn reconcile(
        &self,
        structure: &Structure,
        method: Option<Method>,
    ) -> Result<Reconciled, EngineError> {
        let horizon = self.ask.horizon;
        let errors = PastErrors::of(&self.paths, horizon);
        let usual = if errors.origins() < ORIGINS_MIN { Method::WlsStruct } else { Method::WlsVar };
        let method = method.unwrap_or(usual);
        let projection = Projection::new(structure, method, &errors)?;
        let mut points: Vec<f64> =
            self.paths.iter().flat_map(|path| path.point.iter().copied()).collect();
        projection.apply_all(&mut points, horizon)?;
        let raised = self.raise(structure, &mut points);
        let origins = errors.origins();
        let (scales, factors) = self.intervals(&projection, &errors);
        let mut block = Answers::none(&self.ids, horizon);
        let kept = points.chunks_exact(horizon).zip(scales);
        for (i, (point, scale)) in kept.enumerate() {
            let path = self.path(i, point, scale);
            let place = &self.places[i];
            block.push_path((&self.ids, i), &path, place.next, place.floor);
            block.name_covariates(&place.known);
        }
        let (ask, layout) = (self.ask.clone(), self.layout.clone());
        let forecasts = Forecasts { ask, layout, blocks: vec![block], factors };
        let shrinkage = projection.shrinkage;
        let own_intervals = origins >= ORIGINS_MIN;
        Ok(Reconciled { forecasts, method, shrinkage, origins, own_intervals, raised })
    }

    /// Returns the path of node `i` with its reconciled point; what moved it is one more part of it.
    fn path(&self, i: usize, point: &[f64], scale: f64) -> Path {
        let base = &self.paths[i];
        let mut parts = base.parts.clone();
        if !parts.is_empty() {
            let moved = point.iter().zip(&base.point).map(|(new, old)| new - old).collect();
            parts.push(Part::of_group(Group::Reconciliation, moved));
        }
        let model = base.model.clone();
        Path { point: point.to_vec(), scale, model, parts, ..Path::default() }
    }

    /// Raises bottom nodes that were never below 0 to 0, and sums up again (set-negative-to-zero,
    /// Di Fonzo & Girolimetto 2023); returns how many values that were.
    fn raise(&self, structure: &Structure, points: &mut [f64]) -> usize {
        let (horizon, nodes) = (self.ask.horizon, structure.len());
        let mut raised = 0;
        let mut column = vec![0.0; nodes];
        for h in 0..horizon {
            (0..nodes).for_each(|node| column[node] = points[node * horizon + h]);
            let before = raised;
            let bottom = column.iter_mut().zip(&self.places).skip(structure.aggregates());
            for (value, place) in bottom {
                if place.positive && *value < 0.0 {
                    *value = 0.0;
                    raised += 1;
                }
            }
            if raised > before {
                structure.sum_up(&mut column);
                (0..nodes).for_each(|node| points[node * horizon + h] = column[node]);
            }
        }
        raised
    }

    /// Returns the yardstick of each node and the factors of all levels, from reconciled past
    /// errors; those of the base forecasts where there are too few.
    fn intervals(
        &self,
        projection: &Projection<'_>,
        errors: &PastErrors,
    ) -> (Vec<f64>, Vec<Vec<(f64, f64)>>) {
        let origins = errors.origins();
        if origins < ORIGINS_MIN {
            let scales = self.paths.iter().map(|path| path.scale).collect();
            return (scales, self.factors.clone());
        }
        let errors = reconciled_errors(projection, errors);
        let mut pool = Pool::new(self.ask.horizon);
        let mut scales = Vec::with_capacity(self.paths.len());
        for node in 0..self.paths.len() {
            let (own, scale) = own_errors(node, &errors, (origins, self.ask.horizon));
            pool.add(&own);
            scales.push(if scale.is_nan() { self.paths[node].scale } else { scale });
        }
        let factors = self.ask.levels.iter().map(|level| pool.factors(*level)).collect();
        (scales, factors)
    }
}

/// Returns the errors the reconciled forecasts would have made, each origin's by the weights that
/// the others ask for. What is not known of a node counts as no error of its parents and its parts.
fn reconciled_errors(
    projection: &Projection<'_>,
    errors: &PastErrors,
) -> Vec<(usize, usize, Vec<f64>)> {
    let mut found: Vec<(usize, usize, Vec<f64>)> = Vec::new();
    let mut blind: (usize, Option<Projection<'_>>) = (usize::MAX, None);
    for ((origin, step), row) in errors.rows() {
        if blind.0 != origin {
            blind = (origin, projection.without(origin));
        }
        let mut all: Vec<f64> = row.iter().map(|e| if e.is_nan() { 0.0 } else { *e }).collect();
        blind.1.as_ref().unwrap_or(projection).apply(&mut all);
        all.iter_mut().zip(row).filter(|(_, e)| e.is_nan()).for_each(|(new, _)| *new = f64::NAN);
        found.push((origin, step, all));
    }
    found
}

/// Returns the errors of one node, each origin with the root mean square of the others as its
/// yardstick, and that of all (NaN for a node without errors).
fn own_errors(
    node: usize,
    errors: &[(usize, usize, Vec<f64>)],
    (origins, horizon): (usize, usize),
) -> (Errors, f64) {
    let mut values = vec![f64::NAN; origins * horizon];
    let mut squares = vec![(0.0, 0.0); origins];
    for (origin, step, row) in errors.iter().filter(|(_, _, row)| !row[node].is_nan()) {
        values[origin * horizon + step] = row[node];
        let (sum, count) = squares[*origin];
        squares[*origin] = (sum + row[node] * row[node], count + 1.0);
    }
    let all = squares.iter().fold((0.0, 0.0), |all, own| (all.0 + own.0, all.1 + own.1));
    let without = |own: &(f64, f64)| ((all.0 - own.0) / (all.1 - own.1)).max(0.0).sqrt();
    let scales = squares.iter().map(without).collect();
    (Errors { values, scales, back: Vec::new() }, (all.0 / all.1).sqrt())
}

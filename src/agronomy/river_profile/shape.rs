//! The steps that shape a branch's profile: merge, pool, interpolate, spread, envelope.

use super::{BranchParams, LEVELS, MEDIAN, Node, STEP_KM, bounded};

/// Standard normal deviates of the 5, 10, 25, 50, 75, 90 and 95 % quantiles.
const NORMAL_DEVIATES: [f64; LEVELS] =
    [-1.644_854, -1.281_552, -0.674_490, 0.0, 0.674_490, 1.281_552, 1.644_854];
/// Stations closer than this (km) are one place: they lie on two arms at the same distance.
const TWIN_KM: f64 = 1.0;

/// Merges stations that start within [`TWIN_KM`] of each other into their mean place and mean `u`.
pub(super) fn merge_twins(sorted: &[Node]) -> Vec<Node> {
    let mut merged = Vec::with_capacity(sorted.len());
    let mut rest = sorted;
    while let Some(first) = rest.first() {
        let (group, later) = rest.split_at(rest.partition_point(|n| n.km - first.km < TWIN_KM));
        let count = group.len() as f64;
        merged.push(Node {
            km: group.iter().map(|n| n.km).sum::<f64>() / count,
            u: std::array::from_fn(|q| group.iter().map(|n| n.u[q]).sum::<f64>() / count),
        });
        rest = later;
    }
    merged
}

/// Makes every quantile non-increasing up-river by pooling adjacent violators with equal weights;
/// the order of the quantiles at one place is kept, because isotonic regression is monotone in its
/// data.
pub(super) fn make_non_increasing(places: &mut [Node]) {
    for q in 0..LEVELS {
        let mut blocks: Vec<(f64, usize)> = Vec::with_capacity(places.len());
        for place in places.iter() {
            let mut block = (place.u[q], 1);
            while let Some(&(mean, count)) = blocks.last() {
                if mean >= block.0 {
                    break;
                }
                let total = count + block.1;
                let sum = mean * count as f64 + block.0 * block.1 as f64;
                block = (sum / total as f64, total);
                blocks.pop();
            }
            blocks.push(block);
        }
        let pooled = blocks.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
        for (place, mean) in places.iter_mut().zip(pooled) {
            place.u[q] = mean;
        }
    }
}

/// Returns the grid of distances (km) over the branch with the stations' own, sorted, without
/// repeats.
pub(super) fn node_distances(places: &[Node], length_km: f64) -> Vec<f64> {
    let steps = (length_km / STEP_KM).ceil() as usize;
    let mut distances: Vec<f64> = (0..=steps)
        .map(|i| (i as f64 * STEP_KM).min(length_km))
        .chain(places.iter().map(|p| p.km))
        .collect();
    distances.sort_by(f64::total_cmp);
    distances.dedup();
    distances
}

/// Returns `u` at `km` with the spatial variance added around the median.
pub(super) fn spread_at(places: &[Node], params: &BranchParams, km: f64) -> [f64; LEVELS] {
    let upper = places.partition_point(|p| p.km <= km);
    // `walk_km` is the variance, in km, of a random walk pinned at the stations.
    let (u, walk_km): ([f64; LEVELS], f64) = if upper == 0 || upper == places.len() {
        let one = &places[upper.saturating_sub(1)];
        let away_km = km - one.km;
        (one.u.map(|u| params.carry(u, away_km)), away_km.abs())
    } else {
        let (a, b) = (&places[upper - 1], &places[upper]);
        let share = params.share(a.km, b.km, km);
        let walk_km = (km - a.km) * (b.km - km) / (b.km - a.km);
        (std::array::from_fn(|q| a.u[q] + share * (b.u[q] - a.u[q])), walk_km)
    };
    widened(u.map(bounded), params.shape.spread_per_sqrt_km * walk_km.sqrt())
}

/// Returns `u` with a normal error of standard deviation `sd` added, level by level around the
/// median.
pub(super) fn widened(u: [f64; LEVELS], sd: f64) -> [f64; LEVELS] {
    std::array::from_fn(|q| {
        let own = u[q] - u[MEDIAN];
        let added = NORMAL_DEVIATES[q] * sd;
        bounded(u[MEDIAN] + own.hypot(added).copysign(NORMAL_DEVIATES[q]))
    })
}

/// Keeps upper quantiles and the median at or below every place seaward, and lower quantiles at or
/// above every place up-river.
pub(super) fn apply_envelopes(nodes: &mut [Node]) {
    for i in 1..nodes.len() {
        for q in MEDIAN..LEVELS {
            nodes[i].u[q] = nodes[i].u[q].min(nodes[i - 1].u[q]);
        }
    }
    for i in (1..nodes.len()).rev() {
        for q in 0..MEDIAN {
            nodes[i - 1].u[q] = nodes[i - 1].u[q].max(nodes[i].u[q]);
        }
    }
}

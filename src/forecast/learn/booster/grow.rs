//! Grows one tree, always splitting the leaf that gains most.

use std::ops::Range;

use super::bins::Column;
use super::histogram::{Cell, Derivatives, Histogram};
use super::split::{Limits, Split, TIE_SHARE, best_split};
use super::tree::{Node, Tree};

/// Grows trees one after another; keeps its memory between them.
pub(super) struct Grower<'a, const N: usize> {
    columns: &'a [Column],
    limits: Limits,
    max_leaves: usize,
    spare_rows: Vec<u32>,
    spare_histograms: Vec<Histogram<N>>,
}

/// A tree whose leaves have no values yet.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// The last bin that goes left, by node.
    pub(super) bins: Vec<usize>,
    /// The rows the tree was grown on, those of a leaf side by side and in rising order.
    pub(super) rows: Vec<u32>,
    pub(super) leaves: Vec<GrownLeaf>,
}

/// Where a leaf's rows are, and the sums over them.
pub(super) struct GrownLeaf {
    pub(super) node: usize,
    pub(super) rows: Range<usize>,
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

struct Leaf<const N: usize> {
    node: usize,
    rows: Range<usize>,
    total: Cell<N>,
    candidate: Option<(Split<N>, Histogram<N>)>,
}

/// The features of one tree: their numbers, and beside them their bins.
struct Menu<'a> {
    features: &'a [u32],
    bins: Vec<&'a [u8]>,
    last_bins: Vec<usize>,
}

impl<'a, const N: usize> Grower<'a, N> {
    /// Returns a grower over binned columns.
    pub(super) fn new(columns: &'a [Column], limits: Limits, max_leaves: usize) -> Self {
        Self { columns, limits, max_leaves, spare_rows: Vec::new(), spare_histograms: Vec::new() }
    }

    /// Returns a tree on these rows (rising) that splits on these features only.
    pub(super) fn grow(
        &mut self,
        rows: Vec<u32>,
        features: &[u32],
        derivatives: &impl Derivatives<N>,
    ) -> Grown {
        let columns = self.columns;
        let menu = Menu {
            features,
            bins: features.iter().map(|&f| &columns[f as usize].bins[..]).collect(),
            last_bins: features.iter().map(|&f| columns[f as usize].last_bin()).collect(),
        };
        let mut grown = Grown {
            tree: Tree { nodes: vec![Node::LEAF], gains: vec![0.0], weights: Vec::new() },
            bins: vec![0],
            rows,
            leaves: Vec::new(),
        };
        let mut leaves = vec![self.root(&menu, &grown.rows, derivatives)];
        grown.tree.weights.push(leaves[0].total[1]);
        while leaves.len() < self.max_leaves
            && let Some(best) = best_leaf(&leaves)
            && let Some(candidate) = leaves[best].candidate.take()
        {
            let last = leaves.len() + 1 == self.max_leaves;
            let mut right = self.split(&mut leaves[best], candidate.0, &mut grown, &menu);
            if last {
                self.spare_histograms.push(candidate.1);
            } else {
                let children = [&mut leaves[best], &mut right];
                self.consider_both(children, candidate.1, &grown.rows, &menu, derivatives);
            }
            leaves.push(right);
        }
        for leaf in leaves {
            self.spare_histograms.extend(leaf.candidate.map(|(_, histogram)| histogram));
            let (gradient, hessian) = (leaf.total[0], leaf.total[1]);
            grown.leaves.push(GrownLeaf { node: leaf.node, rows: leaf.rows, gradient, hessian });
        }
        grown
    }

    fn root(
        &mut self,
        menu: &Menu<'_>,
        rows: &[u32],
        derivatives: &impl Derivatives<N>,
    ) -> Leaf<N> {
        let mut total = [0.0; N];
        for &row in rows {
            for (sum, value) in total.iter_mut().zip(derivatives.cell(row as usize)) {
                *sum += value;
            }
        }
        let mut leaf = Leaf { node: 0, rows: 0..rows.len(), total, candidate: None };
        if self.limits.divisible(&total) {
            let mut histogram = self.take_histogram(menu);
            histogram.fill(&menu.bins, rows, derivatives);
            self.consider(&mut leaf, histogram, menu);
        }
        leaf
    }

    /// Splits `leaf` into itself (the left child) and the returned right child.
    fn split(
        &mut self,
        leaf: &mut Leaf<N>,
        split: Split<N>,
        grown: &mut Grown,
        menu: &Menu<'_>,
    ) -> Leaf<N> {
        let column = menu.bins[split.place];
        let Range { start, end } = leaf.rows;
        let middle = start + self.partition(&mut grown.rows[start..end], column, &split);
        let node = self.record(leaf.node, &split, grown, menu);
        *leaf = Leaf { node, rows: start..middle, total: split.left, candidate: None };
        Leaf { node: node + 1, rows: middle..end, total: split.right, candidate: None }
    }

    /// Looks for splits of two children; only the smaller one's rows are added up, the other's
    /// histogram is what is left of the parent's.
    fn consider_both(
        &mut self,
        mut children: [&mut Leaf<N>; 2],
        parent: Histogram<N>,
        rows: &[u32],
        menu: &Menu<'_>,
        derivatives: &impl Derivatives<N>,
    ) {
        if !children.iter().any(|child| self.limits.divisible(&child.total)) {
            self.spare_histograms.push(parent);
            return;
        }
        children.sort_by_key(|child| child.rows.len());
        let [small, large] = children;
        let mut of_small = self.take_histogram(menu);
        of_small.fill(&menu.bins, &rows[small.rows.clone()], derivatives);
        let mut of_large = parent;
        of_large.subtract(&of_small);
        self.consider(small, of_small, menu);
        self.consider(large, of_large, menu);
    }

    /// Writes the split into the tree and returns the left child's number.
    #[expect(clippy::cast_possible_truncation, reason = "max_leaves is at most 65,536")]
    fn record(&self, node: usize, split: &Split<N>, grown: &mut Grown, menu: &Menu<'_>) -> usize {
        let tree = &mut grown.tree;
        let left = tree.nodes.len();
        let feature = menu.features[split.place];
        tree.nodes[node] = Node {
            threshold: self.columns[feature as usize].upper[split.bin - 1],
            value: 0.0,
            feature,
            left: left as u32,
            missing_left: split.missing_left,
        };
        tree.gains[node] = split.gain;
        grown.bins[node] = split.bin;
        for child in [&split.left, &split.right] {
            tree.nodes.push(Node::LEAF);
            tree.gains.push(0.0);
            tree.weights.push(child[1]);
            grown.bins.push(0);
        }
        left
    }

    /// Moves the rows that go left to the front, keeps both orders, returns how many they are.
    fn partition(&mut self, rows: &mut [u32], column: &[u8], split: &Split<N>) -> usize {
        self.spare_rows.resize(self.spare_rows.len().max(rows.len()), 0);
        let mut lefts = 0;
        let mut rights = 0;
        for i in 0..rows.len() {
            let row = rows[i];
            let goes_left = goes_left(column[row as usize], split.bin, split.missing_left);
            rows[lefts] = row;
            self.spare_rows[rights] = row;
            lefts += usize::from(goes_left);
            rights += usize::from(!goes_left);
        }
        rows[lefts..].copy_from_slice(&self.spare_rows[..rights]);
        lefts
    }

    fn consider(&mut self, leaf: &mut Leaf<N>, histogram: Histogram<N>, menu: &Menu<'_>) {
        let split = if self.limits.divisible(&leaf.total) {
            best_split(&histogram, &menu.last_bins, &leaf.total, self.limits)
        } else {
            None
        };
        match split {
            Some(split) => leaf.candidate = Some((split, histogram)),
            None => self.spare_histograms.push(histogram),
        }
    }

    fn take_histogram(&mut self, menu: &Menu<'_>) -> Histogram<N> {
        self.spare_histograms.pop().unwrap_or_else(|| Histogram::new(menu.features.len()))
    }
}

impl Grown {
    /// Returns the leaf's node for a row by its bins, for rows the tree was not grown on.
    pub(super) fn node_of(&self, row: usize, columns: &[Column]) -> usize {
        let mut at = 0;
        while self.tree.nodes[at].left != 0 {
            let node = &self.tree.nodes[at];
            let bin = columns[node.feature as usize].bins[row];
            let goes_left = goes_left(bin, self.bins[at], node.missing_left);
            at = node.left as usize + usize::from(!goes_left);
        }
        at
    }
}

/// Returns whether a bin goes left: bins 0 to `last`, or 1 to `last` when missing goes right.
#[inline]
fn goes_left(bin: u8, last: usize, missing_left: bool) -> bool {
    let shift = usize::from(!missing_left);
    usize::from(bin).wrapping_sub(shift) <= last - shift
}

/// Returns the leaf with the highest gain, the first of equals.
fn best_leaf<const N: usize>(leaves: &[Leaf<N>]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (i, leaf) in leaves.iter().enumerate() {
        if let Some((split, _)) = &leaf.candidate
            && best.is_none_or(|(_, gain)| split.gain > gain * (1.0 + TIE_SHARE))
        {
            best = Some((i, split.gain));
        }
    }
    best.map(|(i, _)| i)
}

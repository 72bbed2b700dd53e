//! One regression tree.

use ndarray::ArrayViewMut1;

/// A node; the children of a branch lie next to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// Rows with a value at most this go left.
    pub(super) threshold: f64,
    /// What the tree adds to the forecast; of a branch, the mean over the rows below.
    pub(super) value: f64,
    /// The feature that decides.
    pub(super) feature: u32,
    /// The left child, the right one follows; 0 marks a leaf.
    pub(super) left: u32,
    /// Whether rows without the value (NaN) go left.
    pub(super) missing_left: bool,
}

impl Node {
    /// Returns a leaf of value zero.
    pub(super) const LEAF: Self =
        Self { threshold: 0.0, value: 0.0, feature: 0, left: 0, missing_left: false };

    /// Returns the next node of a row, or none at a leaf.
    #[inline]
    fn next(&self, row: &[f64]) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        let x = row[self.feature as usize];
        let goes_left = (x <= self.threshold) | (self.missing_left & x.is_nan());
        Some(self.left as usize + usize::from(!goes_left))
    }
}

/// A tree, the root first, children after their parents.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// What the split of each node gained; 0 for leaves.
    pub(super) gains: Vec<f64>,
    /// The sum of hessians (weights) of the rows each node was fitted on.
    pub(super) weights: Vec<f64>,
}

impl Tree {
    /// Returns the value of the leaf that the row falls into.
    #[inline]
    pub(super) fn value(&self, row: &[f64]) -> f64 {
        let mut node = &self.nodes[0];
        while let Some(next) = node.next(row) {
            node = &self.nodes[next];
        }
        node.value
    }

    /// Adds to every feature what its decisions on the row's path changed.
    pub(super) fn add_contributions(&self, row: &[f64], by_feature: &mut ArrayViewMut1<'_, f64>) {
        let mut node = &self.nodes[0];
        while let Some(next) = node.next(row) {
            let child = &self.nodes[next];
            by_feature[node.feature as usize] += child.value - node.value;
            node = child;
        }
    }

    /// Sets the value of every branch to the weighted mean of its children's.
    pub(super) fn fill_branch_values(&mut self) {
        for i in (0..self.nodes.len()).rev() {
            let left = self.nodes[i].left as usize;
            if left != 0 {
                let (a, b) = (self.weights[left], self.weights[left + 1]);
                let (left, right) = (self.nodes[left].value, self.nodes[left + 1].value);
                self.nodes[i].value = (a * left + b * right) / (a + b);
            }
        }
    }

    /// Returns why the tree cannot be walked, if it cannot.
    pub(super) fn fault(&self, features: usize) -> Option<String> {
        let n = self.nodes.len();
        if n == 0 || self.gains.len() != n || self.weights.len() != n {
            return Some(format!("a tree has {n} nodes but its lists differ in length"));
        }
        self.nodes.iter().enumerate().find_map(|(i, node)| {
            let left = node.left as usize;
            let loops = left != 0 && (left <= i || left + 1 >= n);
            let foreign = left != 0 && node.feature as usize >= features;
            let broken = !node.value.is_finite() || !node.threshold.is_finite();
            (loops || foreign || broken).then(|| format!("node {i} of a tree is {node:?}"))
        })
    }
}

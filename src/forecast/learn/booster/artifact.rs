//! How a booster is stored: a version first, then lists by tree; checked when read.

use serde::{Deserialize, Serialize};

use super::model::Booster;
use super::params::BoosterValidParams;
use super::tree::{Node, Tree};
use crate::forecast::learn::LearnError;
use crate::forecast::learn::format::Format;
use crate::forecast::learn::guard::Features;

/// A booster as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct BoosterFile {
    format: Format,
    params: BoosterValidParams,
    features: Features,
    start: f64,
    validation_loss: Vec<f64>,
    trees: Vec<TreeFile>,
}

/// A tree as it is stored: one list for each field of its nodes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct TreeFile {
    feature: Vec<u32>,
    threshold: Vec<f64>,
    left: Vec<u32>,
    missing_left: Vec<bool>,
    value: Vec<f64>,
    gain: Vec<f64>,
    weight: Vec<f64>,
}

impl From<Booster> for BoosterFile {
    fn from(booster: Booster) -> Self {
        Self {
            format: Format,
            params: booster.params,
            features: booster.features,
            start: booster.start,
            validation_loss: booster.validation_loss,
            trees: booster.trees.into_iter().map(TreeFile::from).collect(),
        }
    }
}

impl From<Tree> for TreeFile {
    fn from(tree: Tree) -> Self {
        let nodes = &tree.nodes;
        Self {
            feature: nodes.iter().map(|n| n.feature).collect(),
            threshold: nodes.iter().map(|n| n.threshold).collect(),
            left: nodes.iter().map(|n| n.left).collect(),
            missing_left: nodes.iter().map(|n| n.missing_left).collect(),
            value: nodes.iter().map(|n| n.value).collect(),
            gain: tree.gains,
            weight: tree.weights,
        }
    }
}

impl TryFrom<BoosterFile> for Booster {
    type Error = LearnError;

    fn try_from(file: BoosterFile) -> Result<Self, LearnError> {
        file.params.check_all()?;
        if !file.start.is_finite() {
            return Err(damaged(format!("it starts from {}", file.start)));
        }
        let width = file.features.names().len();
        let trees =
            file.trees.into_iter().map(|tree| tree.restore(width)).collect::<Result<_, _>>()?;
        Ok(Self {
            params: file.params,
            features: file.features,
            start: file.start,
            trees,
            validation_loss: file.validation_loss,
        })
    }
}

impl TreeFile {
    fn restore(self, width: usize) -> Result<Tree, LearnError> {
        let n = self.feature.len();
        let lists =
            [self.threshold.len(), self.left.len(), self.missing_left.len(), self.value.len()];
        if lists.iter().any(|&len| len != n) {
            return Err(damaged(format!("a tree has {n} nodes but its lists hold {lists:?}")));
        }
        let node = |i: usize| Node {
            threshold: self.threshold[i],
            value: self.value[i],
            feature: self.feature[i],
            left: self.left[i],
            missing_left: self.missing_left[i],
        };
        let tree =
            Tree { nodes: (0..n).map(node).collect(), gains: self.gain, weights: self.weight };
        tree.fault(width).map_or(Ok(tree), |detail| Err(damaged(detail)))
    }
}

fn damaged(detail: String) -> LearnError {
    LearnError::Damaged { detail }
}

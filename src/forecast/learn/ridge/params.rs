//! Hyper-parameters of the ridge: unchecked [`RidgeParams`] become [`RidgeValidParams`].

use linfa::ParamGuard;

use crate::forecast::learn::LearnError;

/// How strongly coefficients are shrunk, and who decides.
///
/// A penalty `λ` stands beside the weighted sum of squares, on standardised features: with `n` rows
/// of weight one and uncorrelated features every coefficient is shrunk by `n / (n + λ)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Penalty {
    /// This one.
    Fixed(f64),
    /// The one with the least leave-one-out error; for rows that do not depend on each other.
    LeaveOneOut(Vec<f64>),
    /// The one with the least generalised cross-validation score (Golub, Heath and Wahba 1979);
    /// the cheapest, as it needs no pass over the rows.
    Generalised(Vec<f64>),
    /// The one with the least error on held-out blocks of neighbouring rows.
    ///
    /// Rows must be in the order of time: then a block is a stretch of time, and a row's neighbours
    /// (which know its answer) are held out with it.
    TimeBlocks {
        /// The penalties to try.
        candidates: Vec<f64>,
        /// The number of blocks, from 2.
        blocks: usize,
    },
    /// As [`Penalty::TimeBlocks`], with the block of each row given, for rows that are not in the
    /// order of time (several stations one after the other; the year is a good block).
    GivenBlocks {
        /// The penalties to try.
        candidates: Vec<f64>,
        /// The block of each row of the dataset.
        block_of_row: Vec<usize>,
    },
}

/// Checked hyper-parameters of a ridge.
#[derive(Debug, Clone, PartialEq)]
pub struct RidgeValidParams {
    pub(super) penalty: Penalty,
}

/// Hyper-parameters of a ridge, not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct RidgeParams(RidgeValidParams);

impl RidgeParams {
    /// Returns the hyper-parameters with this penalty.
    #[must_use]
    pub const fn new(penalty: Penalty) -> Self {
        Self(RidgeValidParams { penalty })
    }
}

impl RidgeValidParams {
    fn check_all(&self) -> Result<(), LearnError> {
        match &self.penalty {
            Penalty::Fixed(penalty) => check_penalties(&[*penalty]),
            Penalty::LeaveOneOut(candidates) | Penalty::Generalised(candidates) => {
                check_penalties(candidates)
            }
            Penalty::TimeBlocks { candidates, blocks } => {
                if *blocks < 2 {
                    let (name, given) = ("number of blocks", blocks.to_string());
                    return Err(LearnError::Param { name, given, allowed: "at least 2" });
                }
                check_penalties(candidates)
            }
            Penalty::GivenBlocks { candidates, block_of_row } => {
                if block_of_row.iter().all(|b| *b == block_of_row[0]) {
                    let (name, given) = ("number of blocks", "less than 2".to_owned());
                    return Err(LearnError::Param { name, given, allowed: "at least 2" });
                }
                check_penalties(candidates)
            }
        }
    }
}

fn check_penalties(candidates: &[f64]) -> Result<(), LearnError> {
    let (name, allowed) = ("ridge penalty", "a finite number of at least 0");
    if candidates.is_empty() {
        return Err(LearnError::Param { name, given: "an empty list".to_owned(), allowed });
    }
    match candidates.iter().find(|p| !p.is_finite() || **p < 0.0) {
        Some(bad) => Err(LearnError::Param { name, given: bad.to_string(), allowed }),
        None => Ok(()),
    }
}

impl ParamGuard for RidgeParams {
    type Checked = RidgeValidParams;
    type Error = LearnError;

    fn check_ref(&self) -> Result<&RidgeValidParams, LearnError> {
        self.0.check_all()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<RidgeValidParams, LearnError> {
        self.0.check_all()?;
        Ok(self.0)
    }
}

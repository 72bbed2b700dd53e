//! The review console.

use futures::future::BoxFuture;

use crate::frames::Advisory;
use crate::review::{Order, Outcome, Refusal};

/// The desk that carries out what reviewers ask for; the pipeline's.
pub trait Reviews: Send + Sync {
    /// Carries out orders one by one; one that is refused does not hold up the others.
    fn act_on_all(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Result<Outcome, Refusal>>>;

    /// Returns whether an advisory needs two persons.
    fn needs_two(&self, advisory: &Advisory) -> bool;
}

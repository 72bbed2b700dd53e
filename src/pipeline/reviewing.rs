//! What people do with advisories: the one way for the command line and the console.
//!
//! Each step of an order is stored whole or not at all. Whoever had an older log before their eyes is shown
//! how things stand now, and nothing of either person's is lost.

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{Home, PipelineError, lifecycle};
use crate::domain::time::IssuedAt;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::publish::console::Reviews;
use crate::publish::files;
use crate::review::{
    Approved, Deed, Order, Outcome, Policy, Refusal, ReviewError, Reviewed, amend, approve,
    mark_published, reject, withdraw,
};
use crate::storage::Records;

/// The desk where orders are carried out.
#[derive(Debug, Clone)]
pub struct Desk {
    records: Records,
    published: PathBuf,
    policy: Arc<Policy>,
    /// One at a time writes the files of a morning.
    writing: Arc<Mutex<()>>,
}

impl Desk {
    /// Returns the desk of a home, under the shipped policy.
    ///
    /// # Errors
    /// [`PipelineError::Review`] when the policy is broken (a test keeps it whole).
    pub fn of(home: &Home) -> Result<Self, PipelineError> {
        Ok(Self {
            records: home.records.clone(),
            published: home.published(),
            policy: Arc::new(Policy::shipped()?),
            writing: Arc::default(),
        })
    }

    /// Carries out an order and writes the published files again where they change.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when somebody did something the person had not seen,
    /// [`Refusal::Fault`] when review or the store says no.
    pub async fn act(&self, order: Order) -> Result<Outcome, Refusal> {
        let done = self.act_on_all(vec![order]).await;
        done.into_iter().next().unwrap_or_else(|| {
            let given = "an order without an advisory".to_owned();
            Err(refused(PipelineError::NoAdvisory { given }))
        })
    }

    /// Carries out orders one by one; the files are written once in the end. One that is refused
    /// does not hold up the others.
    pub async fn act_on_all(&self, orders: Vec<Order>) -> Vec<Result<Outcome, Refusal>> {
        let mut outcomes = Vec::with_capacity(orders.len());
        let mut changed: Vec<Advisory> = Vec::new();
        let mut now = None;
        for order in orders {
            now = Some(order.at);
            let outcome = self.step(order).await;
            if let Ok(Outcome::Published(advisory) | Outcome::Ended(advisory)) = &outcome {
                changed.push((**advisory).clone());
            }
            outcomes.push(outcome);
        }
        if let Some(at) = now
            && let Err(error) = self.tell(&changed, at).await
        {
            // The records hold; the files are written with the next deed, or by hand.
            tracing::error!(%error, "the published files could not be written");
        }
        outcomes
    }

    async fn step(&self, order: Order) -> Result<Outcome, Refusal> {
        let (advisory, log) = self.read(&order.id).await.map_err(refused)?;
        let stands = log.last().map_or(0, |event| event.sequence);
        if order.seen.is_some_and(|seen| seen != stands) {
            return Err(Refusal::Changed { advisory: Box::new(advisory), log });
        }
        let id = order.id.clone();
        match self.carry_out(order, advisory, log).await {
            // Of two at the same moment the store lets one in: the other is told how it stands.
            Err(PipelineError::Storage(error)) if error.is_taken() => {
                let (advisory, log) = self.read(&id).await.map_err(refused)?;
                Err(Refusal::Changed { advisory: Box::new(advisory), log })
            }
            done => done.map_err(refused),
        }
    }

    async fn carry_out(
        &self,
        order: Order,
        advisory: Advisory,
        mut log: Vec<ReviewEvent>,
    ) -> Result<Outcome, PipelineError> {
        let act = order.act();
        let moved = match &order.deed {
            Deed::Approve { wording: None } => return self.approve(&order, advisory, log).await,
            Deed::Approve { wording: Some(wording) } => {
                let moved = amend(advisory, &log, wording.clone(), &act)?;
                self.records.advance(&moved.advisory, &moved.event).await?;
                log.push(moved.event);
                return self.approve(&order, moved.advisory, log).await;
            }
            Deed::Amend { wording } => amend(advisory, &log, wording.clone(), &act)?,
            Deed::Reject => reject(advisory, &log, &act)?,
            Deed::Withdraw => withdraw(advisory, &log, &act)?,
        };
        self.records.advance(&moved.advisory, &moved.event).await?;
        let advisory = Box::new(moved.advisory);
        Ok(match order.deed {
            Deed::Amend { .. } => Outcome::Amended(advisory),
            _ => Outcome::Ended(advisory),
        })
    }

    async fn approve(
        &self,
        order: &Order,
        advisory: Advisory,
        mut log: Vec<ReviewEvent>,
    ) -> Result<Outcome, PipelineError> {
        let two = self.policy.class(&advisory).is_none_or(|class| class.persons > 1);
        match approve(&self.policy, advisory, &log, &order.act())? {
            Reviewed::Held { advisory, event, why } => {
                if let Some(event) = event {
                    self.records.advance(&advisory, &event).await?;
                }
                Ok(Outcome::Waits(why))
            }
            Reviewed::Approved { advisory, .. } if two && !order.may_sign_last => {
                let (who, advisory) = (order.who.clone(), advisory.into_inner().id);
                Err(ReviewError::NotLast { who, advisory }.into())
            }
            Reviewed::Approved { advisory, event } => {
                self.records.advance(advisory.get(), &event).await?;
                log.push(event);
                let (advisory, sent) = mark_published(*advisory, &log, order.at)?;
                self.records.advance(advisory.get(), &sent).await?;
                Ok(Outcome::Published(Box::new(advisory.into_inner())))
            }
        }
    }

    /// Ends what the published ones replace, and writes the files of their mornings again.
    async fn tell(&self, changed: &[Advisory], at: Timestamp) -> Result<(), PipelineError> {
        let _one = self.writing.lock().await;
        let mut runs: Vec<&str> = changed.iter().map(|a| a.run_id.as_str()).collect();
        runs.sort_unstable();
        runs.dedup();
        for run in runs {
            let of_run = |a: &&Advisory| a.run_id == run && a.state == AdvisoryState::Published;
            let newer: Vec<Advisory> = changed.iter().filter(of_run).cloned().collect();
            lifecycle::settle(&self.records, &newer, at).await?;
        }
        let mut mornings: Vec<Timestamp> = changed.iter().map(|a| a.issued_at).collect();
        mornings.sort_unstable();
        mornings.dedup();
        for morning in mornings {
            self.republish(IssuedAt(morning)).await?;
        }
        Ok(())
    }

    /// Writes the published files of one morning again, from what stands as published.
    async fn republish(&self, issued_at: IssuedAt) -> Result<(), PipelineError> {
        let mut standing = self.records.advisories_in(AdvisoryState::Published).await?;
        standing.retain(|advisory| advisory.issued_at == issued_at.0);
        let mut proofs = Vec::new();
        for (advisory, log) in self.records.with_their_logs(standing).await? {
            proofs.push(Approved::from_log(advisory, &log)?);
        }
        files::write(&self.published, issued_at, &proofs)?;
        Ok(())
    }

    /// Returns an advisory with its log.
    ///
    /// # Errors
    /// [`PipelineError::NoAdvisory`], [`PipelineError::Storage`].
    pub async fn read(&self, id: &str) -> Result<(Advisory, Vec<ReviewEvent>), PipelineError> {
        let advisory = self.records.advisory(id).await?;
        let advisory =
            advisory.ok_or_else(|| PipelineError::NoAdvisory { given: id.to_owned() })?;
        let log = self.records.events(id).await?;
        Ok((advisory, log))
    }
}

impl Reviews for Desk {
    fn act_on_all(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Result<Outcome, Refusal>>> {
        Box::pin(Self::act_on_all(self, orders))
    }

    fn needs_two(&self, advisory: &Advisory) -> bool {
        self.policy.class(advisory).is_none_or(|class| class.persons > 1)
    }
}

fn refused(error: PipelineError) -> Refusal {
    match error {
        PipelineError::Review(rule) => Refusal::Rule(rule),
        other => Refusal::Fault(Box::new(other)),
    }
}

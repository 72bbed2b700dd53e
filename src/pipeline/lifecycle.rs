//! What becomes of older advisories when newer ones come: replaced, or over.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::PipelineError;
use crate::domain::{CommuneCode, Crop};
use crate::frames::{Advisory, AdvisoryState};
use crate::review::{Moved, expire, supersede};
use crate::storage::Records;

/// Ends the advisories of earlier runs that `newer` replaces or whose time is over.
///
/// A draft is replaced by any newer advisory for the same commune and crop; what is published
/// stays until something newer is published, so that people are never left without an answer.
///
/// # Errors
/// [`PipelineError::Storage`] or [`PipelineError::Review`].
pub async fn settle(
    records: &Records,
    newer: &[Advisory],
    at: Timestamp,
) -> Result<(), PipelineError> {
    let Some(run_id) = newer.first().map(|a| a.run_id.clone()) else { return Ok(()) };
    let replacing: BTreeMap<(&CommuneCode, Crop), &Advisory> =
        newer.iter().map(|a| ((&a.commune, a.crop), a)).collect();
    for old in records.standing_before(at, &run_id).await? {
        let new = replacing
            .get(&(&old.commune, old.crop))
            .filter(|new| replaces(new, &old))
            .map(|new| new.id.as_str());
        let log = records.events(&old.id).await?;
        let Moved { advisory, event } = match new {
            Some(new) => supersede(old, &log, new, at)?,
            None if old.expires_at <= at => expire(old, &log, at)?,
            None => continue,
        };
        records.advance(&advisory, &event).await?;
    }
    Ok(())
}

fn replaces(new: &Advisory, old: &Advisory) -> bool {
    old.state == AdvisoryState::Draft || new.state == AdvisoryState::Published
}

//! The steps of review. Each takes the advisory and its log so far and gives back the new advisory
//! and the one event to append; nothing is changed in place, nothing is ever deleted.

use jiff::Timestamp;

use super::policy::{Decision, Policy};
use super::transitions::{check, next_sequence};
use super::{Approved, ReviewError};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent, Wording};

/// How the log names the policy; a person's name may not start so.
const POLICY: &str = "policy:";

/// How the log names the program itself; no person may be called so.
const ENGINE: &str = "engine";

/// Who does something, when, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act<'a> {
    /// A person's sign-in name.
    pub who: &'a str,
    /// When.
    pub at: Timestamp,
    /// Why, in the person's own words; may be empty for an approval.
    pub reason: &'a str,
}

/// An advisory after a step that needs no proof, with the event to append.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The advisory in its new state.
    pub advisory: Advisory,
    /// The event to append.
    pub event: ReviewEvent,
}

/// What came of asking for approval.
#[derive(Debug, Clone, PartialEq)]
pub enum Reviewed {
    /// It may be published.
    Approved {
        /// The advisory with the proof.
        advisory: Box<Approved<Advisory>>,
        /// The event to append.
        event: ReviewEvent,
    },
    /// It stays a draft.
    Held {
        /// The advisory, unchanged.
        advisory: Box<Advisory>,
        /// The event to append: the first approval of two, or nothing.
        event: Option<ReviewEvent>,
        /// Why it waits, for the review queue.
        why: String,
    },
}

/// Lets the policy decide over a draft: approved, sent first with a mark, or held.
///
/// # Errors
/// [`ReviewError::Transition`] when it is no draft, [`ReviewError::Expired`], [`ReviewError::Log`].
pub fn decide_by_policy(
    policy: &Policy,
    mut advisory: Advisory,
    log: &[ReviewEvent],
    at: Timestamp,
) -> Result<Reviewed, ReviewError> {
    let sequence = open(&advisory, log, AdvisoryState::Approved, at)?;
    let Some(class) = policy.class(&advisory) else {
        let why = "no class of the policy fits it".to_owned();
        return Ok(Reviewed::Held { advisory: Box::new(advisory), event: None, why });
    };
    if let Some(why) = class.must_wait(&advisory) {
        return Ok(Reviewed::Held { advisory: Box::new(advisory), event: None, why });
    }
    let reason = match class.decision {
        Decision::SendFirst => {
            advisory.text_vi = format!("{}\n{}", policy.mark_vi, advisory.text_vi);
            advisory.text_en = format!("{}\n{}", policy.mark_en, advisory.text_en);
            "sent before review, as the policy allows for this class"
        }
        Decision::Approve | Decision::Hold => "approved as the policy allows for this class",
    };
    let who = format!("{POLICY}{}", class.name);
    Ok(pass(advisory, sequence, &Act { who: &who, at, reason }))
}

/// Approves a draft. Where the policy asks for two persons the first approval is noted and the
/// advisory stays a draft.
///
/// # Errors
/// [`ReviewError::Who`], [`ReviewError::SamePerson`], [`ReviewError::Expired`],
/// [`ReviewError::Transition`] when it is no draft, [`ReviewError::Log`].
pub fn approve(
    policy: &Policy,
    advisory: Advisory,
    log: &[ReviewEvent],
    act: &Act<'_>,
) -> Result<Reviewed, ReviewError> {
    person(act.who)?;
    let sequence = open(&advisory, log, AdvisoryState::Approved, act.at)?;
    let (class, needed) = policy.class(&advisory).map_or(("none", 2), |c| (&c.name, c.persons));
    let earlier = signed(log);
    if earlier.contains(&act.who) {
        let (who, class) = (act.who.to_owned(), class.to_owned());
        return Err(ReviewError::SamePerson { who, advisory: advisory.id, class });
    }
    if earlier.len() + 1 < usize::from(needed) {
        let event = event(&advisory, sequence, AdvisoryState::Draft, act);
        let why = format!("class {class} needs {needed} persons; {} was the first", act.who);
        return Ok(Reviewed::Held { advisory: Box::new(advisory), event: Some(event), why });
    }
    Ok(pass(advisory, sequence, act))
}

/// Returns who has approved a draft that needs two persons, of its words as they are now: whoever
/// signed before somebody changed them has signed something else.
#[must_use]
pub fn signed(log: &[ReviewEvent]) -> Vec<&str> {
    let stays = |e: &&ReviewEvent| e.from == AdvisoryState::Draft && e.to == AdvisoryState::Draft;
    let since = log.iter().rposition(|e| e.was.is_some()).map_or(0, |k| k + 1);
    log[since..].iter().filter(stays).map(|e| e.who.as_str()).collect()
}

/// Changes the words or figures of a draft; the log keeps what they were. A changed figure says in
/// its evidence who changed it.
///
/// # Errors
/// [`ReviewError::Who`], [`ReviewError::Wording`], [`ReviewError::Expired`],
/// [`ReviewError::Transition`] when it is no draft, [`ReviewError::Log`].
pub fn amend(
    mut advisory: Advisory,
    log: &[ReviewEvent],
    wording: Wording,
    act: &Act<'_>,
) -> Result<Moved, ReviewError> {
    person(act.who)?;
    let sequence = open(&advisory, log, AdvisoryState::Draft, act.at)?;
    let was = Wording::of(&advisory);
    let broken = |reason: &str| ReviewError::Wording { reason: reason.to_owned() };
    if wording.text_vi.trim().is_empty() || wording.text_en.trim().is_empty() {
        return Err(broken("a text is empty"));
    }
    if wording.values.len() != was.values.len() || wording.values.iter().any(|v| !v.is_finite()) {
        return Err(broken("each line of evidence needs one number"));
    }
    if wording == was {
        return Err(broken("nothing was changed"));
    }
    for (line, value) in advisory.evidence.iter_mut().zip(wording.values) {
        if line.value != value {
            line.basis = format!("{} (set by {}; was {})", line.basis, act.who, line.value);
            if !line.basis_vi.is_empty() {
                let was = line.value.to_string().replace('.', ",");
                line.basis_vi = format!("{} ({} sửa; trước là {was})", line.basis_vi, act.who);
            }
            line.value = value;
        }
    }
    (advisory.text_vi, advisory.text_en) = (wording.text_vi, wording.text_en);
    let mut event = event(&advisory, sequence, AdvisoryState::Draft, act);
    event.was = Some(Box::new(was));
    Ok(Moved { advisory, event })
}

/// Refuses a draft, with a reason.
///
/// # Errors
/// [`ReviewError::NoReason`], [`ReviewError::Who`], [`ReviewError::Transition`],
/// [`ReviewError::Log`].
pub fn reject(
    advisory: Advisory,
    log: &[ReviewEvent],
    act: &Act<'_>,
) -> Result<Moved, ReviewError> {
    by_person(advisory, log, act, AdvisoryState::Rejected, "rejecting")
}

/// Takes back an approved or published advisory, with a reason.
///
/// # Errors
/// As [`reject`].
pub fn withdraw(
    advisory: Advisory,
    log: &[ReviewEvent],
    act: &Act<'_>,
) -> Result<Moved, ReviewError> {
    by_person(advisory, log, act, AdvisoryState::Withdrawn, "withdrawing")
}

/// Notes that an approved advisory has gone out; the proof goes on with it, for more channels.
///
/// # Errors
/// [`ReviewError::Transition`] when it is not approved, [`ReviewError::Expired`],
/// [`ReviewError::Log`].
pub fn mark_published(
    approved: Approved<Advisory>,
    log: &[ReviewEvent],
    at: Timestamp,
) -> Result<(Approved<Advisory>, ReviewEvent), ReviewError> {
    let advisory = approved.into_inner();
    let sequence = open(&advisory, log, AdvisoryState::Published, at)?;
    let act = Act { who: ENGINE, at, reason: "published" };
    let Moved { advisory, event } = moved(advisory, sequence, AdvisoryState::Published, &act);
    Ok((Approved::new(advisory), event))
}

/// Ends an advisory whose time is over.
///
/// # Errors
/// [`ReviewError::StillStands`] before its expiry, [`ReviewError::Transition`],
/// [`ReviewError::Log`].
pub fn expire(
    advisory: Advisory,
    log: &[ReviewEvent],
    at: Timestamp,
) -> Result<Moved, ReviewError> {
    if at < advisory.expires_at {
        let expires_at = advisory.expires_at;
        return Err(ReviewError::StillStands { advisory: advisory.id, expires_at, now: at });
    }
    let sequence = allowed(&advisory, log, AdvisoryState::Expired)?;
    let act = Act { who: ENGINE, at, reason: "its time is over" };
    Ok(moved(advisory, sequence, AdvisoryState::Expired, &act))
}

/// Ends an advisory that a newer one replaces.
///
/// # Errors
/// [`ReviewError::Transition`], [`ReviewError::Log`].
pub fn supersede(
    advisory: Advisory,
    log: &[ReviewEvent],
    newer: &str,
    at: Timestamp,
) -> Result<Moved, ReviewError> {
    let sequence = allowed(&advisory, log, AdvisoryState::Superseded)?;
    let reason = format!("replaced by {newer}");
    let act = Act { who: ENGINE, at, reason: &reason };
    Ok(moved(advisory, sequence, AdvisoryState::Superseded, &act))
}

fn by_person(
    advisory: Advisory,
    log: &[ReviewEvent],
    act: &Act<'_>,
    to: AdvisoryState,
    what: &'static str,
) -> Result<Moved, ReviewError> {
    person(act.who)?;
    if act.reason.trim().is_empty() {
        return Err(ReviewError::NoReason { what });
    }
    let sequence = allowed(&advisory, log, to)?;
    Ok(moved(advisory, sequence, to, act))
}

fn person(who: &str) -> Result<(), ReviewError> {
    if who.trim().is_empty() || who == ENGINE || who.starts_with(POLICY) {
        return Err(ReviewError::Who { given: who.to_owned() });
    }
    Ok(())
}

/// Returns the next event's position when the step is allowed and the advisory still stands.
fn open(
    advisory: &Advisory,
    log: &[ReviewEvent],
    to: AdvisoryState,
    at: Timestamp,
) -> Result<i64, ReviewError> {
    let sequence = allowed(advisory, log, to)?;
    if at >= advisory.expires_at {
        let (advisory, expired_at) = (advisory.id.clone(), advisory.expires_at);
        return Err(ReviewError::Expired { advisory, expired_at, now: at });
    }
    Ok(sequence)
}

fn allowed(
    advisory: &Advisory,
    log: &[ReviewEvent],
    to: AdvisoryState,
) -> Result<i64, ReviewError> {
    let sequence = next_sequence(advisory, log)?;
    check(&advisory.id, advisory.state, to)?;
    Ok(sequence)
}

fn pass(advisory: Advisory, sequence: i64, act: &Act<'_>) -> Reviewed {
    let Moved { advisory, event } = moved(advisory, sequence, AdvisoryState::Approved, act);
    Reviewed::Approved { advisory: Box::new(Approved::new(advisory)), event }
}

fn moved(mut advisory: Advisory, sequence: i64, to: AdvisoryState, act: &Act<'_>) -> Moved {
    let event = event(&advisory, sequence, to, act);
    advisory.state = to;
    Moved { advisory, event }
}

fn event(advisory: &Advisory, sequence: i64, to: AdvisoryState, act: &Act<'_>) -> ReviewEvent {
    ReviewEvent {
        advisory: advisory.id.clone(),
        sequence,
        at: act.at,
        who: act.who.to_owned(),
        from: advisory.state,
        to,
        reason: act.reason.trim().to_owned(),
        was: None,
    }
}

#[cfg(test)]
mod tests;

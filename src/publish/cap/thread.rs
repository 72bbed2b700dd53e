//! Messages that follow a message: updates and cancellations.

use serde::{Deserialize, Serialize};

use super::{
    Alert, CapError, Certainty, Checked, DateTime, Emphasis, Envelope, Identifier, Info, Language,
    MsgType, Reference, ResponseType, Severity, Urgency,
};

/// A message that went out; kept (as JSON) until the next one about the same event.
///
/// It knows every message before it, since each update and cancellation refers to all of them: a
/// receiver that missed one still drops the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sent(Checked);

impl Sent {
    /// Returns the message.
    #[must_use]
    pub const fn message(&self) -> &Checked {
        &self.0
    }

    /// Returns everything sent so far, this message last.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let alert = self.0.get();
        alert.references().iter().cloned().chain([alert.reference()]).collect()
    }

    /// Returns a message that follows, about the same event from the same sender to the same people.
    fn follow(
        &self,
        msg_type: MsgType,
        (identifier, sent): (Identifier, DateTime),
        infos: Vec<Info>,
    ) -> Result<Alert, CapError> {
        let before = self.0.get();
        if before.msg_type == MsgType::Cancel {
            let identifier = before.envelope.identifier.to_string();
            return Err(CapError::Cancelled { identifier });
        }
        Ok(Alert {
            envelope: Envelope { identifier, sent, ..before.envelope.clone() },
            codes: before.codes.clone(),
            note: None,
            incidents: before.incidents.clone(),
            infos,
            msg_type,
            references: self.references(),
        })
    }
}

impl Checked {
    /// Returns the message as one that went out; to be called when it has.
    #[must_use]
    pub fn sent(self) -> Sent {
        Sent(self)
    }
}

/// What ended a message's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The event is over, or will not come: fields may be used as always.
    Over,
    /// The message ought not to have been sent. This is no all-clear.
    Withdrawn,
}

/// What a cancellation says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
    /// One line.
    pub headline: String,
    /// Why, at length.
    pub description: String,
    /// What to do now.
    pub instruction: Option<String>,
}

/// Why a message is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What ended its validity.
    pub reason: Reason,
    /// Why, for those who run warning systems (`note`).
    pub note: String,
    /// Why, for readers: in every language of the message.
    pub words: Vec<Words>,
}

impl Alert {
    /// Returns an `Update`, which supersedes everything sent so far: it refers to all of it. Codes
    /// and incidents are those of the message before.
    ///
    /// # Errors
    /// [`CapError::Cancelled`] after a cancellation: a new alert may follow, no update.
    pub fn update(
        of: &Sent,
        identifier: Identifier,
        sent: DateTime,
        infos: Vec<Info>,
    ) -> Result<Self, CapError> {
        of.follow(MsgType::Update, (identifier, sent), infos)
    }

    /// Returns a `Cancel` of everything sent so far.
    ///
    /// CAP lets it go without an `info`, but then receivers cannot tell people what became of the
    /// warning. So it keeps event, areas and expiry of the message before; its codes say how things
    /// are now: nothing to do any more (`Past`), an all-clear only when the event is over, and the
    /// numbers are gone.
    ///
    /// # Errors
    /// [`CapError::Cancelled`] after a cancellation, [`CapError::Expired`] when the message is over
    /// by itself at `sent`, [`CapError::Wordless`] when a language has no words.
    pub fn cancel(
        of: &Sent,
        identifier: Identifier,
        sent: DateTime,
        why: &Why,
    ) -> Result<Self, CapError> {
        let mut alert = of.follow(MsgType::Cancel, (identifier, sent), Vec::new())?;
        let before = of.message().get();
        let infos = before.infos.iter().map(|info| {
            if info.expires.timestamp() <= sent.timestamp() {
                let identifier = before.envelope.identifier.to_string();
                return Err(CapError::Expired { identifier, expires: info.expires });
            }
            let words = why.words.iter().find(|words| words.language == info.language);
            let words = words.ok_or(CapError::Wordless { language: info.language })?;
            Ok(cancelled(info, why.reason, words))
        });
        alert.infos = infos.collect::<Result<_, _>>()?;
        alert.note = Some(why.note.clone());
        Ok(alert)
    }
}

fn cancelled(info: &Info, reason: Reason, words: &Words) -> Info {
    let (response, severity, certainty) = match reason {
        Reason::Over => (ResponseType::AllClear, Severity::Minor, Certainty::Unlikely),
        Reason::Withdrawn => (ResponseType::Monitor, Severity::Unknown, Certainty::Unknown),
    };
    Info {
        response_types: vec![response],
        emphasis: Emphasis { urgency: Urgency::Past, severity, certainty },
        effective: None,
        onset: None,
        headline: words.headline.clone(),
        description: Some(words.description.clone()),
        instruction: words.instruction.clone(),
        parameters: Vec::new(),
        ..info.clone()
    }
}

//! The alert: who sends, to whom, of what kind, and what it says.

use serde::{Deserialize, Serialize};

use super::{
    CapErrors, Checked, DateTime, Identifier, Info, Language, MsgType, Reference, Sender, Status,
};

/// For whom a message is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// For everybody.
    Public,
    /// For those whom a rule admits.
    Restricted {
        /// The rule.
        restriction: String,
    },
    /// For those named.
    Private {
        /// Names or addresses, at least one.
        addresses: Vec<String>,
    },
}

impl Scope {
    /// Returns the code value.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Restricted { .. } => "Restricted",
            Self::Private { .. } => "Private",
        }
    }
}

/// What stands on the outside of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// What this message is called; every message has a name of its own, updates too.
    pub identifier: Identifier,
    /// Who sends it.
    pub sender: Sender,
    /// When it is sent.
    pub sent: DateTime,
    /// How it is to be handled.
    pub status: Status,
    /// For whom it is.
    pub scope: Scope,
}

/// An `alert` of CAP before it is [checked](Alert::check).
///
/// Its `msgType` and `references` are set by what makes it: [`Alert::new`], [`Alert::update`] or
/// [`Alert::cancel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The outside.
    pub envelope: Envelope,
    /// Codes for special handling.
    pub codes: Vec<String>,
    /// Why this message is: for an exercise its name, for a cancellation its reason (which it must
    /// have).
    pub note: Option<String>,
    /// Incidents that messages of several senders may be collated by.
    pub incidents: Vec<String>,
    /// What it says, once for each language.
    pub infos: Vec<Info>,
    pub(super) msg_type: MsgType,
    pub(super) references: Vec<Reference>,
}

impl Alert {
    /// Returns a first alert; codes, note and incidents may be set on it.
    #[must_use]
    pub fn new(envelope: Envelope, infos: Vec<Info>) -> Self {
        let (codes, incidents, references) = (Vec::new(), Vec::new(), Vec::new());
        Self { envelope, codes, note: None, incidents, infos, msg_type: MsgType::Alert, references }
    }

    /// Returns the nature of the message.
    #[must_use]
    pub const fn msg_type(&self) -> MsgType {
        self.msg_type
    }

    /// Returns every earlier message that this one replaces, oldest first.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Returns how later messages refer to this one.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let Envelope { sender, identifier, sent, .. } = &self.envelope;
        Reference { sender: sender.clone(), identifier: identifier.clone(), sent: *sent }
    }

    /// Returns what it says in a language.
    #[must_use]
    pub fn info(&self, language: Language) -> Option<&Info> {
        self.infos.iter().find(|info| info.language == language)
    }

    /// Returns the alert as one that may be written.
    ///
    /// # Errors
    /// Everything in it that CAP forbids, and the few things that we never send: no `info` or two
    /// in one language, languages that disagree, an `info` without an area.
    pub fn check(self) -> Result<Checked, CapErrors> {
        Checked::try_from(self)
    }
}

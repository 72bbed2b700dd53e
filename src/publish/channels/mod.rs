//! The ways out to people and machines, all behind one trait: a [`Channel`] renders what review let
//! out, its update or its withdrawal, or a change of an alarm, and sends a message with a key that
//! stays the same at every attempt.
//!
//! # The way of a message
//! ```text
//! review event, ─(one transaction)─► announcement ──► deliveries, one a channel and recipient ──► attempts
//! alarm change   storage::records     storage::outbox   [fanout]                                 [sender]
//! ```
//! A kill anywhere loses nothing: what is not done is found again. What was begun and not ended is
//! sent again under its key, so that a receiver that honours the key has it once; where one does not
//! promise that ([`Channel::honours_key`]) it is left to a person instead.

pub mod cap;
pub mod fanout;
pub(super) mod gateway;
mod loudspeaker;
pub mod mqtt;
mod preview;
pub mod routes;
pub mod sender;
pub mod settings;
mod sms;
#[cfg(test)]
mod tests;
mod webhook;
pub(super) mod wording;
mod zalo;

use std::fmt;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::geography::Commune;
use crate::domain::{CommuneCode, Phone, Secret, Severity};
use crate::frames::alarms::{self, Hazard};
use crate::frames::{Advisory, WordedChange};
use crate::publish::cap::{CapError, CapErrors};
use crate::review::{Approved, TakenBack};
use crate::storage::alarms::LetOut;
use crate::storage::outbox::{About, Turn};

pub use cap::CapChannel;
pub use loudspeaker::LoudspeakerChannel;
pub use mqtt::{MqttChannel, Topics};
pub use preview::{Preview, alarm_previews, previews, previews_with};
pub use sender::Sender;
pub use settings::Settings;
pub use sms::SmsChannel;
pub use webhook::WebhookChannel;
pub use zalo::{Tokens, ZaloOaChannel, ZnsChannel};

/// What is to be told of an advisory or alarm. Made only from the proofs that it may be, so that
/// nothing else can be rendered for sending.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    subject: Subject<'a>,
    /// The number of the review event that lets it out or takes it back, or the alarm's step.
    version: i64,
    /// When that was.
    at: Timestamp,
    turn: Turn,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
enum Subject<'a> {
    /// An advisory; the one it replaces where these people were told that; why it is taken back.
    Advice { advisory: &'a Advisory, earlier: Option<&'a Advisory>, reason: &'a str },
    /// A change of an alarm; whether nobody has seen the alarm yet; until when it is worth telling.
    Alarm { worded: &'a WordedChange, unseen: bool, holds_until: Timestamp },
}

impl<'a> Notice<'a> {
    /// Returns the notice of a published advisory; of an update when these people were told an
    /// earlier one.
    #[must_use]
    pub fn published(
        proof: &'a Approved<Advisory>,
        version: i64,
        at: Timestamp,
        earlier: Option<&'a Advisory>,
    ) -> Self {
        let turn = if earlier.is_some() { Turn::Update } else { Turn::New };
        let subject = Subject::Advice { advisory: proof.get(), earlier, reason: "" };
        Self { subject, version, at, turn }
    }

    /// Returns the notice that an advisory was taken back.
    #[must_use]
    pub fn withdrawn(proof: &'a TakenBack) -> Self {
        let (advisory, event) = (proof.get(), proof.event());
        let reason = event.reason.as_str();
        let subject = Subject::Advice { advisory, earlier: None, reason };
        Self { subject, version: event.sequence, at: event.at, turn: Turn::Withdrawn }
    }

    /// Returns the notice of an alarm's change to those who were `told` of the alarm, or were not.
    #[must_use]
    pub fn alarm(change: &'a LetOut, told: bool) -> Self {
        Self::change(change.worded(), told, change.is_unseen(), change.at(), change.holds_until())
    }

    fn change(
        worded: &'a WordedChange,
        told: bool,
        unseen: bool,
        at: Timestamp,
        holds_until: Timestamp,
    ) -> Self {
        let turn = match (worded.change.turn, told) {
            (alarms::Turn::Cleared, _) => Turn::Over,
            (_, true) => Turn::Update,
            (_, false) => Turn::New,
        };
        let subject = Subject::Alarm { worded, unseen, holds_until };
        Self { subject, version: i64::from(worded.change.step), at, turn }
    }

    /// Returns the notice of a draft, which only the review tools show.
    const fn draft(advisory: &'a Advisory) -> Self {
        let subject = Subject::Advice { advisory, earlier: None, reason: "" };
        Self { subject, version: 0, at: advisory.issued_at, turn: Turn::New }
    }

    /// Returns what is told.
    #[must_use]
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Returns whether it is advice of the gravest class.
    fn is_emergency(&self) -> bool {
        matches!(self.subject, Subject::Advice { advisory, .. } if advisory.severity == Severity::Emergency)
    }

    /// Returns the time people know it by: an advisory's issue, a reading's own time.
    const fn of_when(&self) -> Timestamp {
        match self.subject {
            Subject::Advice { advisory, .. } => advisory.issued_at,
            Subject::Alarm { worded, .. } => worded.change.event_time,
        }
    }

    /// Returns why it is taken back; nothing where it is not.
    const fn reason(&self) -> &'a str {
        match self.subject {
            Subject::Advice { reason, .. } => reason,
            Subject::Alarm { .. } => "",
        }
    }
}

/// Who is reached by a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// One receiver for everything.
    Everybody,
    /// Each commune by itself.
    Communes,
    /// Subscribers with a phone number.
    Phones,
    /// Subscribers who follow the Zalo account.
    ZaloUsers,
}

impl Audience {
    /// Returns whether people are reached, who sleep and can be told too much.
    #[must_use]
    pub const fn are_people(self) -> bool {
        !matches!(self, Self::Everybody)
    }
}

/// Where one message goes.
#[derive(Debug, Clone)]
pub enum Address {
    /// Where the channel always sends.
    Fixed,
    /// A commune.
    Commune(CommuneCode),
    /// A subscriber's number.
    Phone(Phone),
    /// A subscriber's id at Zalo.
    ZaloUser(Secret),
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// The same at every attempt.
    pub key: &'a str,
    /// What it tells of.
    pub about: About,
    /// The alarm's or advisory's id.
    pub subject: &'a str,
    /// What is told.
    pub turn: Turn,
    /// As rendered.
    pub body: &'a str,
    /// Where it goes.
    pub to: Address,
}

/// What became of an attempt. Texts hold neither addresses nor numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it, under this name of its own.
    Received(Option<String>),
    /// It will never take it.
    Refused(String),
    /// It surely does not have it: it may be sent again whatever the other side makes of keys.
    NotSent(String),
    /// It may have it or not.
    Unsure(String),
}

/// A message that cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// A CAP message that may not be.
    #[error(transparent)]
    Cap(#[from] CapErrors),
    /// A part of one.
    #[error(transparent)]
    CapPart(#[from] CapError),
    /// A document that cannot be written or read as JSON.
    #[error("a message cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A text of which nothing fits.
    #[error("nothing of the text fits {channel}")]
    Empty {
        /// The channel's name.
        channel: &'static str,
    },
}

/// A way out.
pub trait Channel: Send + Sync + fmt::Debug {
    /// Returns its name in the outbox.
    fn name(&self) -> &str;

    /// Returns who is reached.
    fn audience(&self) -> Audience;

    /// Returns whether advice goes out here at all (alarms may all the same).
    fn takes_advice(&self) -> bool {
        true
    }

    /// Returns whether alarms of this hazard go out here: those of devices only where somebody
    /// asked for them.
    fn takes_alarms(&self, hazard: Hazard) -> bool {
        hazard.is_for_farmers()
    }

    /// Returns the mildest severity that is sent to those who were told nothing before.
    fn severity_min(&self) -> Severity {
        Severity::Normal
    }

    /// Returns the same of alarms.
    fn alarm_severity_min(&self) -> Severity {
        self.severity_min()
    }

    /// Returns whether the other side, given a message twice under one key, passes it on once.
    fn honours_key(&self) -> bool {
        true
    }

    /// Returns how many messages may be under way at once; one keeps their order.
    fn at_once(&self) -> usize {
        1
    }

    /// Returns the message, or nothing when there is nothing to say here. `communes` are those it
    /// is about, at least one but for an alarm that only machines hear of; `before` is what this
    /// channel carried last of what the notice updates or withdraws.
    ///
    /// # Errors
    /// [`ChannelError`] when it cannot be rendered.
    fn render(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        before: Option<&str>,
    ) -> Result<Option<String>, ChannelError>;

    /// Sends a message once.
    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome>;
}

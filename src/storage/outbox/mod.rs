//! The outbox: what is to be sent of an alarm or an advisory, stored with the change it tells of,
//! sent until the other side has it, and kept for ever as the proof.
//!
//! A delivery is known by what it tells of, the channel and the recipient, so that it is written
//! once however often the change is made again; the receiver is given that id and can leave out what
//! it has already. An attempt is noted before it is made: after a kill it is known that the other
//! side may have the message.

mod announcing;
mod reading;
mod sending;
pub(super) mod tables;

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};
use serde::Serialize;

pub use announcing::{Announced, Announcement};
pub(super) use announcing::{announce, announce_alarm, let_out};
pub use reading::{Attempt, OutboxCounts};
pub use sending::Ended;
use tables::delivery;

/// The recipient of channels that have only one.
pub const ALL: &str = "all";

/// Defines an enumeration stored by its names.
macro_rules! names {
    ($(#[$about:meta])* $name:ident { $($(#[$means:meta])* $value:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$means])* $value,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// Returns the name in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }

            fn of(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

names! {
    /// What a delivery tells of.
    About {
        /// An alarm of the stream.
        Alarm = "alarm",
        /// An advisory.
        Advisory = "advisory",
        /// A code that confirms a number.
        Code = "code",
    }
}

names! {
    /// What is told of an advisory or alarm.
    Turn {
        /// Something these people were not told before.
        New = "new",
        /// Something that replaces what they were told.
        Update = "update",
        /// That what they were told of is over.
        Over = "over",
        /// That what they were told does not hold.
        Withdrawn = "withdrawn",
    }
}

names! {
    /// Where a delivery stands.
    State {
        /// On its way.
        Waiting = "waiting",
        /// Received.
        Sent = "sent",
        /// The other side will never take it.
        Refused = "refused",
        /// Tried for a day without success.
        GivenUp = "given_up",
        /// It may have gone out, and would go out twice if it were sent again.
        Unsure = "unsure",
        /// Withdrawn or replaced before any attempt.
        Dropped = "dropped",
        /// Withdrawn or replaced while attempts were under way.
        Overtaken = "overtaken",
        /// Not sent: too many on that day, or over by morning.
        Held = "held",
    }
}

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Subject, version, channel and recipient; the receiver's idempotency key.
    pub id: String,
    /// What it tells of.
    pub about: About,
    /// The alarm's or advisory's id.
    pub subject: String,
    /// What is told.
    pub turn: Turn,
    /// By which channel: a name of the settings.
    pub channel: String,
    /// To whom: [`ALL`], a commune, or a subscription's id; never an address.
    pub recipient: String,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is to be sent, or tried again.
    pub due: Timestamp,
    /// From when on it is not sent any more.
    pub expires_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// What the other side calls it.
    pub receipt: Option<String>,
    /// What went wrong last, or why it is not sent.
    pub why: Option<String>,
    /// What is sent.
    pub body: String,
}

impl Delivery {
    /// Returns a delivery to be sent at `due`, made then.
    #[must_use]
    pub fn new(
        about: About,
        subject: &str,
        version: i64,
        to: (&str, &str),
        due: Timestamp,
    ) -> Self {
        let (channel, recipient) = to;
        let id = match (about, recipient) {
            // Machines that hear of alarms know the shorter key.
            (About::Alarm, ALL) => format!("{subject}/{version}/{channel}"),
            _ => format!("{subject}/{version}/{channel}/{recipient}"),
        };
        Self {
            id,
            about,
            subject: subject.to_owned(),
            turn: Turn::New,
            channel: channel.to_owned(),
            recipient: recipient.to_owned(),
            state: State::Waiting,
            made_at: due,
            due,
            expires_at: None,
            attempts: 0,
            received_at: None,
            receipt: None,
            why: None,
            body: String::new(),
        }
    }

    /// Returns whether the other side has it, or may have it.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        self.attempts > 0 && !matches!(self.state, State::Refused)
    }

    fn of(row: delivery::Model) -> Self {
        let time = |us: i64| Timestamp::from_microsecond(us).unwrap_or_default();
        Self {
            about: About::of(&row.about).unwrap_or(About::Alarm),
            turn: Turn::of(&row.turn).unwrap_or(Turn::New),
            state: State::of(&row.state).unwrap_or(State::GivenUp),
            made_at: time(row.made_us),
            due: time(row.due_us),
            expires_at: row.expires_us.map(time),
            received_at: row.received_us.map(time),
            id: row.id,
            subject: row.subject,
            channel: row.channel,
            recipient: row.recipient,
            attempts: row.attempts,
            receipt: row.receipt,
            why: row.last_error,
            body: row.body,
        }
    }
}

/// Writes deliveries beside their change; known ones are left as they are.
pub(super) async fn add<C: ConnectionTrait>(
    db: &C,
    deliveries: &[Delivery],
) -> Result<(), sea_orm::DbErr> {
    for d in deliveries {
        let row = delivery::ActiveModel {
            id: Set(d.id.clone()),
            subject: Set(d.subject.clone()),
            channel: Set(d.channel.clone()),
            state: Set(d.state.as_str().to_owned()),
            due_us: Set(d.due.as_microsecond()),
            attempts: Set(d.attempts),
            last_error: Set(d.why.clone()),
            body: Set(d.body.clone()),
            about: Set(d.about.as_str().to_owned()),
            recipient: Set(d.recipient.clone()),
            turn: Set(d.turn.as_str().to_owned()),
            made_us: Set(d.made_at.as_microsecond()),
            expires_us: Set(d.expires_at.map(Timestamp::as_microsecond)),
            received_us: Set(None),
            receipt: Set(None),
        };
        let keep = OnConflict::column(delivery::Column::Id).do_nothing().to_owned();
        delivery::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    }
    Ok(())
}

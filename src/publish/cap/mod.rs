//! Alerts in the Common Alerting Protocol 1.2, which warning systems, broadcasters and aggregators
//! read.
//!
//! Standard: OASIS, Common Alerting Protocol Version 1.2, 1 July 2010 (also ITU-T X.1303bis), below
//! "CAP"; names here are its names. Of it we write what we send: no resources, no altitudes, no
//! signature, no `Draft`, `Ack` or `Error`, and one `info` for each language.
//!
//! # The way of a message
//! ```text
//! Alert::new, Alert::update, Alert::cancel → check → Checked → to_xml
//!                ↑                                      ↓ once it is out
//!                └───────────── Sent ←──────────────────┘
//! ```
//! [`Checked`] is the only thing that can be written, and [`Sent`] the only thing that can be
//! updated or cancelled, so that no later message forgets what it replaces.
//!
//! # Authority
//! Warnings of disasters belong to the hydrometeorological service. Until the province authorises
//! us, messages are `Exercise` and `Restricted`; identifiers under the WMO's `2.49.0.1` are given to
//! registered authorities and are not ours to mint.

mod alert;
mod area;
mod check;
mod codes;
mod emphasis;
mod error;
mod info;
mod names;
mod thread;
mod time;
mod write;

pub use alert::{Alert, Envelope, Scope};
pub use area::{Area, Circle, Point, Polygon};
pub use check::Checked;
pub use codes::{Category, Certainty, Language, MsgType, ResponseType, Severity, Status, Urgency};
pub use emphasis::{Emphasis, Sureness, Timing};
pub use error::{CapError, CapErrors};
pub use info::{Info, NamedValue};
pub use names::{Identifier, Reference, Sender};
pub use thread::{Reason, Sent, Why, Words};
pub use time::DateTime;

/// The namespace of CAP 1.2.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";

/// The media type of an alert (registered with IANA).
pub const MEDIA_TYPE: &str = "application/cap+xml";

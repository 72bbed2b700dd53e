//! The code values of CAP, section 3.2; meanings are those of the standard.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Defines an enumeration whose values are written as their names.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$means:meta])* $value:ident,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$means])* $value,)+
        }

        impl $name {
            /// Every value that we send.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// Returns the code value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => stringify!($value),)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// How a message is to be handled (`status`).
    Status {
        /// Actionable by all targeted recipients.
        Actual,
        /// Actionable only by those who take part in an exercise, which `note` should name.
        Exercise,
        /// For functions inside an alert network.
        System,
        /// Technical testing only; all recipients disregard.
        Test,
    }
}

codes! {
    /// The nature of a message (`msgType`).
    MsgType {
        /// Initial information that wants attention.
        Alert,
        /// Updates and supersedes the messages it refers to.
        Update,
        /// Cancels the messages it refers to.
        Cancel,
    }
}

codes! {
    /// The category of an event (`category`). CAP has none for farming.
    Category {
        /// Geophysical, landslides too.
        Geo,
        /// Meteorological, floods too.
        Met,
        /// General emergency and public safety.
        Safety,
        /// Medical and public health.
        Health,
        /// Pollution and other environmental: salt water is here.
        Env,
        /// Utilities and other infrastructure.
        Infra,
        /// Other: pests and diseases of crops are here.
        Other,
    }
}

codes! {
    /// What recipients are to do (`responseType`), as `instruction` tells.
    ResponseType {
        /// Make preparations.
        Prepare,
        /// Carry out what was planned before.
        Execute,
        /// Avoid the event.
        Avoid,
        /// Attend to sources of information.
        Monitor,
        /// The event is no longer a threat.
        AllClear,
        /// No action is recommended.
        None,
    }
}

codes! {
    /// How soon to act (`urgency`).
    Urgency {
        /// Act immediately.
        Immediate,
        /// Act soon: within the next hour.
        Expected,
        /// Act in the near future.
        Future,
        /// Action is no longer required.
        Past,
        /// Not known; the standard advises against it.
        Unknown,
    }
}

codes! {
    /// How great the threat to life or property is (`severity`).
    Severity {
        /// Extraordinary threat.
        Extreme,
        /// Significant threat.
        Severe,
        /// Possible threat.
        Moderate,
        /// Minimal to no known threat.
        Minor,
        /// Not known; the standard advises against it.
        Unknown,
    }
}

codes! {
    /// How sure the event is (`certainty`).
    Certainty {
        /// Determined to have occurred or to be ongoing.
        Observed,
        /// Probability above about 50 %.
        Likely,
        /// Possible but not likely: probability of at most about 50 %.
        Possible,
        /// Not expected to occur: probability about 0.
        Unlikely,
        /// Not known; the standard advises against it.
        Unknown,
    }
}

/// The language of an `info` (RFC 3066). Without one readers take it for `en-US`, so that it is
/// always written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Vietnamese of Viet Nam.
    #[serde(rename = "vi-VN")]
    Vietnamese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Returns the language's tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi-VN",
            Self::English => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

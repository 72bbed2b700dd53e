//! Quality flags: what is odd about a value that was kept. Values are flagged, never overwritten.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! qc_flags {
    ($($(#[$doc:meta])* $variant:ident = $name:literal @ $bit:literal,)+) => {
        /// One thing that is odd about a stored value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum QcFlag { $($(#[$doc])* $variant,)+ }

        impl QcFlag {
            /// Every flag, in the order of the bits.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the name used in tables.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            const fn bit(self) -> u32 {
                match self { $(Self::$variant => 1 << $bit,)+ }
            }
        }
    };
}

qc_flags! {
    /// At the network's lowest reported step: the true value may be lower.
    CensoredLow = "censored_low" @ 0,
    /// Equal to the readings before it for longer than this quantity ever is.
    FlatLine = "flat_line" @ 1,
    /// On an exact straight line between neighbours: filled in by somebody.
    FilledLine = "filled_line" @ 2,
    /// A poll that repeats the reading before it.
    Repeated = "repeated" @ 3,
    /// Jumped further in one step than this quantity does.
    Step = "step" @ 4,
    /// Stands apart from both neighbours in time.
    Spike = "spike" @ 5,
    /// Measured by the method in use before the provider changed it.
    OldMethod = "old_method" @ 6,
    /// Marked as estimated by its provider.
    Estimated = "estimated" @ 7,
    /// Marked as preliminary by its provider.
    Preliminary = "preliminary" @ 8,
    /// From a place whose name or position was inferred with low confidence.
    PlaceUnsure = "place_unsure" @ 9,
    /// A grid cell that another place shares: not an independent value.
    SharedCell = "shared_cell" @ 10,
    /// From a product known to differ from the later one (units same, level not).
    OldProduct = "old_product" @ 11,
    /// Arrived later than the provider's usual delay.
    Late = "late" @ 12,
    /// Made by our own sample generator: not a measurement.
    Sample = "sample" @ 13,
    /// From a reconstruction, not a gauge.
    Reconstructed = "reconstructed" @ 14,
    /// Outside what this quantity can be.
    OutOfRange = "out_of_range" @ 15,
    /// A zero where this quantity is never zero: nothing was measured.
    ZeroAsMissing = "zero_as_missing" @ 16,
    /// A code of the device for "no value".
    Sentinel = "sentinel" @ 17,
    /// One of a run of readings that measured nothing: the channel is dead.
    DeadChannel = "dead_channel" @ 18,
    /// The swing with the tide has faded while the tide has not: a fouled probe.
    Drift = "drift" @ 19,
    /// Read while the battery was too low for the probe to be trusted.
    LowBattery = "low_battery" @ 20,
    /// Told by a clock that cannot be right; the time of arrival stands instead.
    ClockSuspect = "clock_suspect" @ 21,
    /// Far from what neighbours in the same water read at the same time.
    Disagrees = "disagrees" @ 22,
    /// Less than any water of the river conducts: the probe hangs in the air.
    OutOfWater = "out_of_water" @ 23,
    /// Read soon after the probe was out of the water: it may stand in a bucket.
    Unsettled = "unsettled" @ 24,
}

/// A set of [`QcFlag`]s; written `flag|flag` in the bits' order, empty when nothing is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QcFlags(u32);

impl QcFlags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// Returns the set with `flag` added.
    #[must_use]
    pub const fn with(self, flag: QcFlag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// Returns whether the set holds `flag`.
    #[must_use]
    pub const fn has(self, flag: QcFlag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether a reading so flagged measured nothing at all: it is kept, and used nowhere.
    #[must_use]
    pub const fn is_barred(self) -> bool {
        self.has(QcFlag::OutOfRange)
            || self.has(QcFlag::ZeroAsMissing)
            || self.has(QcFlag::Sentinel)
            || self.has(QcFlag::DeadChannel)
            || self.has(QcFlag::OutOfWater)
    }

    /// Returns whether a reading so flagged measured nothing, or comes from a probe that is out of
    /// order: no model reads it.
    #[must_use]
    pub const fn is_from_a_bad_probe(self) -> bool {
        self.is_barred()
            || self.has(QcFlag::FlatLine)
            || self.has(QcFlag::Drift)
            || self.has(QcFlag::Disagrees)
            || self.has(QcFlag::Unsettled)
    }

    /// Returns whether a reading so flagged may be wrong: no alarm rests on it.
    #[must_use]
    pub const fn is_doubtful(self) -> bool {
        self.is_from_a_bad_probe() || self.has(QcFlag::Spike) || self.has(QcFlag::Step)
    }

    /// Returns the flags in the bits' order.
    pub fn iter(self) -> impl Iterator<Item = QcFlag> {
        QcFlag::ALL.iter().copied().filter(move |f| self.has(*f))
    }
}

impl FromIterator<QcFlag> for QcFlags {
    fn from_iter<I: IntoIterator<Item = QcFlag>>(flags: I) -> Self {
        flags.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for QcFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, flag) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("|")?;
            }
            f.write_str(flag.as_str())?;
        }
        Ok(())
    }
}

/// A flag name nobody defined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("quality flag {given:?} is unknown (allowed: {allowed})")]
pub struct UnknownFlag {
    /// The name as given.
    pub given: String,
    /// The names that exist.
    pub allowed: String,
}

impl UnknownFlag {
    fn new(given: &str) -> Self {
        let names: Vec<&str> = QcFlag::ALL.iter().map(|f| f.as_str()).collect();
        Self { given: given.to_owned(), allowed: names.join(", ") }
    }
}

impl FromStr for QcFlags {
    type Err = UnknownFlag;

    fn from_str(text: &str) -> Result<Self, UnknownFlag> {
        text.split('|')
            .filter(|name| !name.is_empty())
            .map(|name| {
                QcFlag::ALL
                    .iter()
                    .copied()
                    .find(|f| f.as_str() == name)
                    .ok_or_else(|| UnknownFlag::new(name))
            })
            .collect()
    }
}

impl TryFrom<String> for QcFlags {
    type Error = UnknownFlag;

    fn try_from(text: String) -> Result<Self, UnknownFlag> {
        text.parse()
    }
}

impl From<QcFlags> for String {
    fn from(flags: QcFlags) -> Self {
        flags.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_text_and_unknown_ones_are_named() {
        let flags = QcFlags::NONE.with(QcFlag::Spike).with(QcFlag::CensoredLow);
        assert_eq!(flags.to_string(), "censored_low|spike");
        assert_eq!("censored_low|spike".parse::<QcFlags>().unwrap(), flags);
        let error = "spikes".parse::<QcFlags>().unwrap_err().to_string();
        assert!(error.contains("spikes") && error.contains("flat_line"), "{error}");
    }
}

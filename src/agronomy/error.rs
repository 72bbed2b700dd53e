//! What can go wrong in this room: values that the published formulas do not cover.

/// Errors of the agronomy room; each names the thing, the value given and the values allowed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AgronomyError {
    /// Constants were given for constituents whose argument is not known here.
    #[error("unknown tidal constituent {}: known are the 50 of TICON-4 (see src/agronomy/tide/constituents.rs)", names.join(", "))]
    UnknownConstituents {
        /// The names as given, in the order given.
        names: Vec<String>,
    },
    /// The same constituent was given twice.
    #[error("tidal constituent {name} is given twice: once is allowed")]
    DuplicateConstituent {
        /// The name as given the second time.
        name: String,
    },
    /// A constituent that a result needs is not among the constants.
    #[error("tidal constituent {name} is missing: {needed_for} needs it")]
    MissingConstituent {
        /// The constituent.
        name: &'static str,
        /// What was asked for.
        needed_for: &'static str,
    },
    /// A number is not finite or lies outside what the formula covers.
    #[error("{what} is {value}: allowed is {allowed}")]
    OutOfRange {
        /// The quantity, with its unit.
        what: &'static str,
        /// The value given.
        value: f64,
        /// The range in words.
        allowed: &'static str,
    },
    /// A paddy's state was given to a crop on drained soil, or the other way round.
    #[error(
        "state of the field is of another kind than its plan: give a paddy a pond level, and a crop on drained soil a depletion"
    )]
    StateMismatch,
    /// The table of crop coefficients cannot be used.
    #[error("crop coefficients: {reason}")]
    CropWater {
        /// What is wrong with it, and where.
        reason: String,
    },
    /// A lunar date does not exist (no such leap month, or a 30th in a month of 29 days).
    #[error(
        "lunar date {given} does not exist in that year: see the length and leap of its months"
    )]
    NoSuchLunarDate {
        /// The date as given, day/month/year.
        given: String,
    },
    /// A word stands for no conversion known here.
    #[error("unknown salinity conversion {given}: allowed are {allowed}")]
    UnknownConversion {
        /// The word given.
        given: String,
        /// The words allowed.
        allowed: String,
    },
    /// A line of a table of harmonic constants cannot be read.
    #[error("harmonic constants, line {line}: {reason}")]
    Table {
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Returns `value` if it lies in `range`, else an error that names `what` and the range.
pub(crate) fn checked(
    what: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    allowed: &'static str,
) -> Result<f64, AgronomyError> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(AgronomyError::OutOfRange { what, value, allowed })
    }
}

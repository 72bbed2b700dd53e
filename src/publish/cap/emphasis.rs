//! How soon, how grave and how sure: from our own scale and odds to the three codes of CAP.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CapError, Certainty, Severity, Urgency};
use crate::domain;

/// The three that "collectively distinguish less emphatic from more emphatic messages" (CAP,
/// section 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emphasis {
    /// How soon to act.
    pub urgency: Urgency,
    /// How great the threat is.
    pub severity: Severity,
    /// How sure the event is.
    pub certainty: Certainty,
}

/// When an event is, seen from when the alert is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Until it begins; zero or less once it may have begun.
    begins_in: SignedDuration,
    /// Until it ends; zero or less once it is over.
    ends_in: SignedDuration,
}

impl Timing {
    /// Returns the timing of an event between two instants, seen from `sent`.
    #[must_use]
    pub fn between(sent: Timestamp, onset: Timestamp, end: Timestamp) -> Self {
        Self { begins_in: onset.duration_since(sent), ends_in: end.duration_since(sent) }
    }

    /// Returns the timing of an event known only by its days, counted from the day of sending
    /// (0 = today, −1 = yesterday, both ends in the event).
    ///
    /// What is expected today may come at any hour: it counts as begun. What is expected tomorrow
    /// counts as 24 hours away.
    #[must_use]
    pub fn on_days(first: i32, last: i32) -> Self {
        let days = |days: i32| SignedDuration::from_hours(24 * i64::from(days));
        Self { begins_in: days(first), ends_in: days(last) + SignedDuration::from_hours(24) }
    }

    /// Returns how soon to act: `Past` once the event is over, `Immediate` while it may be under way,
    /// `Expected` when it begins within the hour, else `Future`.
    ///
    /// CAP: Immediate "immediately", Expected "soon (within next hour)", Future "in the near
    /// future", Past "no longer required" (section 3.2.2, `urgency`). Never `Unknown`: an event
    /// without a time is no advice.
    #[must_use]
    pub fn urgency(self) -> Urgency {
        if self.ends_in <= SignedDuration::ZERO {
            Urgency::Past
        } else if self.begins_in <= SignedDuration::ZERO {
            Urgency::Immediate
        } else if self.begins_in <= SignedDuration::from_hours(1) {
            Urgency::Expected
        } else {
            Urgency::Future
        }
    }
}

/// How an event is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sureness {
    /// It was measured, or is under way.
    Observed,
    /// It is forecast with this probability, 0 to 1.
    Forecast(f64),
    /// Nobody gave odds.
    Unknown,
}

/// Odds under which an event counts as not expected. CAP says only "p ~ 0"; our outermost forecast
/// quantiles are 5 and 95 %, so that smaller odds cannot be told from none.
const UNLIKELY_BELOW: f64 = 0.05;

/// Odds above which an event is likely (CAP: "p > ~50%"); at exactly these it is possible.
const LIKELY_ABOVE: f64 = 0.5;

impl Sureness {
    /// Returns the code: `Observed` only for what was measured (odds of 1 are still a forecast),
    /// `Likely` above 0.5, `Possible` from 0.05 to 0.5, `Unlikely` below (CAP, section 3.2.2,
    /// `certainty`).
    ///
    /// # Errors
    /// [`CapError::Probability`] for odds outside 0 to 1.
    pub fn certainty(self) -> Result<Certainty, CapError> {
        Ok(match self {
            Self::Observed => Certainty::Observed,
            Self::Unknown => Certainty::Unknown,
            Self::Forecast(p) if !(0.0..=1.0).contains(&p) => {
                return Err(CapError::Probability { given: p });
            }
            Self::Forecast(p) if p > LIKELY_ABOVE => Certainty::Likely,
            Self::Forecast(p) if p >= UNLIKELY_BELOW => Certainty::Possible,
            Self::Forecast(_) => Certainty::Unlikely,
        })
    }
}

impl Severity {
    /// Returns the threat of an advisory on our own scale.
    ///
    /// | ours | CAP | because |
    /// | --- | --- | --- |
    /// | `Normal`, `Notice` | `Minor` | "minimal to no known threat": know, or watch and prepare |
    /// | `Warning` | `Moderate` | "possible threat to life or property": a crop, today |
    /// | `Emergency` | `Severe` | "significant threat": trees or a season's crop |
    ///
    /// Never `Extreme`, "extraordinary threat to life or property": fields alone are none, and
    /// disasters are the hydrometeorological service's to warn of.
    #[must_use]
    pub const fn of(ours: domain::Severity) -> Self {
        match ours {
            domain::Severity::Normal | domain::Severity::Notice => Self::Minor,
            domain::Severity::Warning => Self::Moderate,
            domain::Severity::Emergency => Self::Severe,
        }
    }
}

impl Emphasis {
    /// Returns the three codes of an advisory.
    ///
    /// `sureness` is of the event that the alert names: for an advice that water may be taken, of
    /// the water being fresh.
    ///
    /// # Errors
    /// [`CapError::Probability`] for odds outside 0 to 1.
    pub fn of(
        severity: domain::Severity,
        timing: Timing,
        sureness: Sureness,
    ) -> Result<Self, CapError> {
        let (urgency, severity) = (timing.urgency(), Severity::of(severity));
        Ok(Self { urgency, severity, certainty: sureness.certainty()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_goes_by_the_hour() {
        let sent: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let minutes = |m| sent + SignedDuration::from_mins(m);
        let urgency = |onset, end| Timing::between(sent, minutes(onset), minutes(end)).urgency();
        assert_eq!(urgency(-60, 0), Urgency::Past);
        assert_eq!(urgency(-60, 1), Urgency::Immediate);
        assert_eq!(urgency(0, 60), Urgency::Immediate);
        assert_eq!(urgency(1, 60), Urgency::Expected);
        assert_eq!(urgency(60, 600), Urgency::Expected);
        assert_eq!(urgency(61, 600), Urgency::Future);
    }

    #[test]
    fn days_are_past_now_or_future() {
        let urgency = |first, last| Timing::on_days(first, last).urgency();
        assert_eq!(urgency(-3, -1), Urgency::Past);
        assert_eq!(urgency(-3, 0), Urgency::Immediate);
        assert_eq!(urgency(0, 0), Urgency::Immediate);
        assert_eq!(urgency(1, 14), Urgency::Future);
    }

    #[test]
    fn certainty_turns_at_a_half_and_only_measurements_are_observed() {
        let certainty = |p| Sureness::Forecast(p).certainty().unwrap();
        assert_eq!(certainty(1.0), Certainty::Likely);
        assert_eq!(certainty(0.500_1), Certainty::Likely);
        assert_eq!(certainty(0.5), Certainty::Possible);
        assert_eq!(certainty(0.05), Certainty::Possible);
        assert_eq!(certainty(0.049), Certainty::Unlikely);
        assert_eq!(certainty(0.0), Certainty::Unlikely);
        assert_eq!(Sureness::Observed.certainty().unwrap(), Certainty::Observed);
        for odds in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Sureness::Forecast(odds).certainty().is_err());
        }
    }

    #[test]
    fn severity_rises_with_ours_and_is_never_extreme() {
        use domain::Severity::{Emergency, Normal, Notice, Warning};
        let ranks = [Normal, Notice, Warning, Emergency].map(|ours| {
            let of = Emphasis::of(ours, Timing::on_days(1, 2), Sureness::Forecast(0.7)).unwrap();
            Severity::ALL.iter().position(|severity| *severity == of.severity).unwrap()
        });
        assert_eq!(ranks, [3, 3, 2, 1]);
    }
}

//! The list of steps, written once: a morning's run and every replay walk it.

/// A step of a run, in the order of [`PLAN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Ask the live sources and store what they say.
    Fetch,
    /// Issue forecasts from what is known.
    Forecast,
    /// Turn forecasts into drafts.
    Advise,
    /// Let the policy approve what the province allows, hold the rest for a person.
    Review,
    /// Write what is approved.
    Publish,
}

/// Every step in order.
pub const PLAN: [Step; 5] =
    [Step::Fetch, Step::Forecast, Step::Advise, Step::Review, Step::Publish];

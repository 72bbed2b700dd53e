//! Classical models of one series: smoothing, theta, autoregression, harmonic regression.
//!
//! Each is fitted once and then only takes the values that follow ([`online::Online`]), so that a
//! look back over many origins costs one fit. The recursions are fitted by least squares with eight
//! parameter sets side by side ([`descent`]): a fit of 100 values costs 10 to 20 µs, where the
//! crates looked at take 0.5 to 36 ms (see the decision page on classical models). Values are
//! plain slices, oldest first, NaN where missing; nothing here knows the calendar or the panel.

pub mod autoregression;
pub mod descent;
pub mod naive;
pub mod online;
pub mod regression;
pub mod season;
pub mod smoothing;
pub mod theta;

#[cfg(test)]
mod tests;

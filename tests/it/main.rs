//! Integration tests: the public API against other people's numbers, hostile servers, real
//! processes and, where it lies beside the project, the shared archive of measurements.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::type_complexity,
    clippy::print_stderr,
    reason = "a test that cannot go on must stop where it is"
)]

mod support;

mod advice;
mod api;
mod archive;
mod browser;
mod cap;
mod channels;
mod command;
mod console;
mod doors;
mod dual_kc;
mod epirice;
mod et0;
mod farmer;
mod guidance;
mod hierarchy;
mod lake;
mod leakage;
mod notebooks;
mod oidc;
mod openapi;
mod paddy;
mod phenology;
mod planthopper;
mod recipe;
mod replay;
mod prices;
mod reviewing;
mod rice;
mod salinity_units;
mod scores;
mod sources_http;
mod sources_parse;
mod stream;
mod tide;
mod today;
mod verification;
mod water_level;
mod young_home;

//! Integration tests: the public API against other people's numbers, hostile servers, real
//! processes and, where it lies beside the project, the shared archive of measurements.

mod support;

mod advice;
mod archive;
mod command;
mod lake;
mod salinity_units;
mod scores;
mod sources_http;
mod sources_parse;
mod tide;

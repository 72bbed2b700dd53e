//! The seam to the live source's reader of the World Bank workbook: one reader, two ways in.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::Variables;
use crate::sources::gather::ParseContext;
use crate::sources::{Parsed, world_bank};

/// Returns the prices in a saved workbook, known when its provider usually tells them.
#[must_use]
pub fn parse(file_name: &str, bytes: &[u8], catalogue: &Variables, seen_at: Timestamp) -> Parsed {
    let context = ParseContext {
        artefact: file_name.into(),
        seen_at,
        live: false,
        variables: Arc::new(catalogue.clone()),
    };
    world_bank::parse(bytes, &context)
}

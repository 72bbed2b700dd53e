//! A fitted panel as bytes: a magic word, a format number, a readable header, then plain numbers.
//!
//! ```text
//! "muavu panel\n"  format u32  length of header u64  header (JSON)  count u64  f64 …  check u32
//! ```
//! Numbers are little-endian; those of the series are the [`Store`]'s. The check is CRC-32 of all
//! before it. Format 1, without inverses, is read by [`super::format_1`].

use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

use super::store::Store;
use super::{LivePanel, format_1};
use crate::forecast::engine::error::EngineError;
use crate::forecast::engine::linear::Shape;
use crate::forecast::engine::mix::LinearMix;
use crate::forecast::engine::series::Ask;
use crate::forecast::engine::table::{Ids, Layout};

/// The first bytes of every stored panel.
const MAGIC: &[u8] = b"muavu panel\n";

/// The format this build writes.
const FORMAT: u32 = 2;

/// What is not plain numbers.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    pub ask: Ask,
    pub mix: LinearMix,
    pub factors: Vec<Vec<(f64, f64)>>,
    ds: Stamps,
    pub ids: Ids,
    /// The shapes in use; models name theirs by its place.
    pub shapes: Vec<Shape>,
}

/// The kind of stamps, written back as this.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stamps {
    Whole,
    Dates,
    Times,
}

pub(super) fn write(panel: &LivePanel) -> Result<Vec<u8>, EngineError> {
    let header = Header {
        ask: panel.ask.clone(),
        mix: panel.mix.clone(),
        factors: panel.factors.clone(),
        ds: match panel.layout.ds {
            DataType::Timestamp(..) | DataType::Date64 => Stamps::Times,
            DataType::Date32 => Stamps::Dates,
            _ => Stamps::Whole,
        },
        ids: panel.ids.clone(),
        shapes: panel.store.shapes().to_vec(),
    };
    let header = serde_json::to_vec(&header).map_err(|e| format_error(&e.to_string()))?;
    let numbers = panel.store.numbers();
    let mut bytes = Vec::with_capacity(header.len() + 8 * numbers.len() + 64);
    bytes.extend_from_slice(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    bytes.extend((numbers.len() as u64).to_le_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    Ok(bytes)
}

pub(super) fn read(bytes: &[u8]) -> Result<LivePanel, EngineError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| format_error("they are something else"))?;
    let (format, _) = rest.split_first_chunk().ok_or_else(damaged)?;
    match u32::from_le_bytes(*format) {
        1 => {
            let body = format_1::checked(bytes).ok_or_else(damaged)?;
            let (header, numbers) = parts(&body[MAGIC.len() + size_of::<u32>()..])?;
            let store = format_1::store(&header, numbers).ok_or_else(damaged)?;
            Ok(panel(header, store))
        }
        FORMAT => {
            let (body, check) = bytes.split_last_chunk().ok_or_else(damaged)?;
            if crc32fast::hash(body) != u32::from_le_bytes(*check) {
                return Err(damaged());
            }
            let (mut header, numbers) = parts(&body[MAGIC.len() + size_of::<u32>()..])?;
            let shapes = std::mem::take(&mut header.shapes);
            let series = (header.ids.len(), numbers.collect());
            let store = Store::of_numbers((&header.mix, &header.ask), shapes, series);
            Ok(panel(header, store.ok_or_else(damaged)?))
        }
        other => {
            let reason =
                format!("they have format {other}, this build reads formats 1 and {FORMAT}");
            Err(format_error(&reason))
        }
    }
}

/// Returns header and numbers of what stands between format and check.
fn parts(body: &[u8]) -> Result<(Header, impl Iterator<Item = f64>), EngineError> {
    let (length, rest) = body.split_first_chunk().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (header, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let header = serde_json::from_slice(header).map_err(|e| format_error(&e.to_string()))?;
    let (_, numbers) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (numbers, _) = numbers.as_chunks();
    Ok((header, numbers.iter().map(|number| f64::from_le_bytes(*number))))
}

fn panel(header: Header, store: Store) -> LivePanel {
    let id = match header.ids {
        Ids::Whole(_) => DataType::Int64,
        Ids::Text { .. } => DataType::Utf8,
    };
    let ds = match header.ds {
        Stamps::Whole => DataType::Int64,
        Stamps::Dates => DataType::Date32,
        Stamps::Times => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    LivePanel {
        ask: header.ask,
        layout: Layout { id, ds, exogenous: Vec::new() },
        mix: header.mix,
        factors: header.factors,
        ids: header.ids,
        store,
    }
}

fn damaged() -> EngineError {
    format_error("they are damaged or cut short")
}

fn format_error(reason: &str) -> EngineError {
    EngineError::Format { reason: reason.to_owned() }
}

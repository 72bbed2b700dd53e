//! A fitted panel as bytes: a magic word, a format number, a readable header, then plain numbers.
//!
//! ```text
//! "muavu panel\n"  format u32  length of header u64  header (JSON)  count u64  f64 …  check u64
//! ```
//! All numbers are little-endian. The check is FNV-1a over everything before it.

use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

use super::clock::Anchor;
use super::error::EngineError;
use super::linear::live::Live;
use super::linear::{Shape, Transform, gram::Gram};
use super::live::{LivePanel, LiveSeries};
use super::mix::LinearMix;
use super::series::Ask;
use super::table::{Ids, Layout};

/// The first bytes of every stored panel.
const MAGIC: &[u8] = b"muavu panel\n";

/// The format this build writes and the only one it reads.
const FORMAT: u32 = 1;

/// What is not plain numbers.
#[derive(Serialize, Deserialize)]
struct Header {
    ask: Ask,
    mix: LinearMix,
    factors: Vec<Vec<(f64, f64)>>,
    ds: Stamps,
    ids: Ids,
    /// The shapes in use; series name theirs by its place.
    shapes: Vec<Shape>,
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
    let mut shapes: Vec<Shape> = Vec::new();
    let mut numbers = Vec::new();
    for series in &panel.series {
        let anchor = series.anchor;
        numbers.extend([series.next as f64, anchor.rest as f64, f64::from(anchor.day)]);
        numbers.extend([series.month_in_step as f64, series.low, series.high]);
        numbers.push(series.length as f64);
        for live in &series.models {
            let Some(live) = live else {
                numbers.push(-1.0);
                continue;
            };
            let place = shapes.iter().position(|s| *s == live.shape).unwrap_or_else(|| {
                shapes.push(live.shape.clone());
                shapes.len() - 1
            });
            numbers.extend([place as f64, live.transform.mean, live.transform.spread, live.top]);
            numbers.push(live.next as f64);
            live.gram.write(&mut numbers);
            numbers.extend_from_slice(&live.tail);
            numbers.extend_from_slice(&live.levels);
        }
    }
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
        shapes,
    };
    let header = serde_json::to_vec(&header).map_err(|e| format_error(&e.to_string()))?;
    let mut bytes = Vec::with_capacity(header.len() + 8 * numbers.len() + 64);
    bytes.extend_from_slice(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    bytes.extend((numbers.len() as u64).to_le_bytes());
    numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend(check(&bytes).to_le_bytes());
    Ok(bytes)
}

pub(super) fn read(bytes: &[u8]) -> Result<LivePanel, EngineError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| format_error("they are something else"))?;
    let (format, rest) = split::<4>(rest)?;
    let format = u32::from_le_bytes(format);
    if format != FORMAT {
        let reason = format!("they have format {format}, this build reads format {FORMAT}");
        return Err(format_error(&reason));
    }
    let damaged = || format_error("they are damaged or cut short");
    let body = bytes.len().checked_sub(8).ok_or_else(damaged)?;
    let (end, _) = split::<8>(&bytes[body..])?;
    if check(&bytes[..body]) != u64::from_le_bytes(end) {
        return Err(damaged());
    }
    let (length, rest) = split::<8>(rest)?;
    let length = usize::try_from(u64::from_le_bytes(length)).map_err(|_| damaged())?;
    let (header, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let header: Header =
        serde_json::from_slice(header).map_err(|e| format_error(&e.to_string()))?;
    let (_, rest) = split::<8>(rest)?;
    let numbers = rest.chunks_exact(8).take(rest.len() / 8 - 1).map(|chunk| {
        let mut number = [0; 8];
        number.copy_from_slice(chunk);
        f64::from_le_bytes(number)
    });
    let mut numbers = Numbers(numbers);
    let count = header.ids.len();
    let series = (0..count).map(|_| series(&mut numbers, &header)).collect::<Option<Vec<_>>>();
    let id = match header.ids {
        Ids::Whole(_) => DataType::Int64,
        Ids::Text { .. } => DataType::Utf8,
    };
    let ds = match header.ds {
        Stamps::Whole => DataType::Int64,
        Stamps::Dates => DataType::Date32,
        Stamps::Times => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    Ok(LivePanel {
        ask: header.ask,
        layout: Layout { id, ds, exogenous: Vec::new() },
        mix: header.mix,
        factors: header.factors,
        ids: header.ids,
        series: series.ok_or_else(damaged)?,
    })
}

/// Numbers read one after the other.
struct Numbers<I>(I);

impl<I: Iterator<Item = f64>> Numbers<I> {
    fn next(&mut self) -> Option<f64> {
        self.0.next()
    }

    fn whole(&mut self) -> Option<i64> {
        self.next().map(|number| number as i64)
    }

    fn list(&mut self, length: usize) -> Option<Vec<f64>> {
        (0..length).map(|_| self.next()).collect()
    }
}

fn series<I: Iterator<Item = f64>>(
    numbers: &mut Numbers<I>,
    header: &Header,
) -> Option<LiveSeries> {
    let next = numbers.whole()?;
    let anchor = Anchor { rest: numbers.whole()?, day: numbers.whole()? as i8 };
    let month_in_step = numbers.whole()?;
    let (low, high, length) = (numbers.next()?, numbers.next()?, numbers.whole()? as usize);
    let mut models = Vec::new();
    for (member, _) in &header.mix.members {
        let place = numbers.whole()?;
        if place < 0 {
            models.push(None);
            continue;
        }
        let shape = header.shapes.get(place as usize)?.clone();
        let mut transform = Transform::new(member.log, member.difference, &header.ask);
        (transform.mean, transform.spread) = (numbers.next()?, numbers.next()?);
        let (top, next) = (numbers.next()?, numbers.whole()?);
        let gram = Gram::read(shape.width(), &mut || numbers.next())?;
        let tail = numbers.list(shape.reach())?;
        let levels = numbers.list(transform.lag)?;
        models.push(Some(Live { shape, transform, top, gram, tail, levels, next }));
    }
    Some(LiveSeries { models, next, anchor, month_in_step, low, high, length })
}

fn split<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), EngineError> {
    let parts = bytes.split_first_chunk::<N>();
    parts.map(|(head, rest)| (*head, rest)).ok_or_else(|| format_error("they are cut short"))
}

fn format_error(reason: &str) -> EngineError {
    EngineError::Format { reason: reason.to_owned() }
}

/// FNV-1a, 64 bits, over whole words and then the bytes left.
fn check(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let words = bytes.chunks_exact(8);
    let tail = words.remainder().iter().map(|byte| u64::from(*byte));
    let words = words.map(|word| {
        let mut number = [0; 8];
        number.copy_from_slice(word);
        u64::from_le_bytes(number)
    });
    words
        .chain(tail)
        .fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(PRIME).rotate_left(29))
}

//! Stored panels of format 1 (until November 2026): sums in place of weights and their inverse, a
//! check of its own.
//!
//! ```text
//! a series:  next rest day month low high length | each member's model
//! a model:   place of its shape or -1 | mean spread top next | rows total moments upper triangle |
//!            last values | last levels
//! ```

use super::bytes::Header;
use super::store::{Standing, Store};
use crate::forecast::engine::linear::gram::Gram;
use crate::forecast::engine::linear::live::End;
use crate::forecast::engine::linear::{Linear, Transform};

/// Returns the bytes before the check, `None` when it does not hold.
pub(super) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (body, check) = bytes.split_last_chunk()?;
    (sum(body) == u64::from_le_bytes(*check)).then_some(body)
}

/// Returns the series of a stored panel, `None` when the numbers end too soon.
pub(super) fn store(header: &Header, mut numbers: impl Iterator<Item = f64>) -> Option<Store> {
    let mut store = Store::new(&header.mix);
    for _ in 0..header.ids.len() {
        let head = list(&mut numbers, Standing::SIZE)?;
        let models = header.mix.members.iter();
        let ends = models.map(|(member, _)| end(header, member, &mut numbers));
        store.add(&Standing::of(&head), &ends.collect::<Option<Vec<_>>>()?, &header.ask);
    }
    Some(store)
}

/// Reads one model, or that there is none.
fn end(
    header: &Header,
    member: &Linear,
    numbers: &mut impl Iterator<Item = f64>,
) -> Option<Option<End>> {
    let place = numbers.next()?;
    if place < 0.0 {
        return Some(None);
    }
    let shape = header.shapes.get(place as usize)?.clone();
    let mut transform = Transform::new(member.log, member.difference, &header.ask);
    (transform.mean, transform.spread) = (numbers.next()?, numbers.next()?);
    let top = numbers.next()?;
    let _next_as_of_its_series = numbers.next()?;
    let gram = Gram::read(shape.width(), &mut || numbers.next())?;
    let tail = list(numbers, shape.reach())?;
    let levels = list(numbers, transform.lag)?;
    Some(Some(End { shape, transform, top, gram, tail, levels }))
}

fn list(numbers: &mut impl Iterator<Item = f64>, length: usize) -> Option<Vec<f64>> {
    (0..length).map(|_| numbers.next()).collect()
}

/// FNV-1a, 64 bits, over whole words and then the bytes left.
fn sum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let (words, tail) = bytes.as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words
        .chain(tail.iter().map(|byte| u64::from(*byte)))
        .fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(PRIME).rotate_left(29))
}

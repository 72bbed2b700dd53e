//! One record of the journal as bytes: lengths, a checksum, when it arrived, from where, what.
//!
//! ```text
//! u32 length of the body │ u32 CRC-32 of the body │ body: i64 arrived_at (µs) │ u16 length of
//! the channel │ channel │ payload                    (all little-endian)
//! ```

use jiff::Timestamp;

/// Bytes before the body.
pub(super) const HEAD: usize = 8;

/// The largest payload that is taken (bytes): MQTT allows 256 MB, no sensor sends more than this.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// What arrived, exactly as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When we took it in; never goes back within a journal but when the clock was set back.
    pub arrived_at: Timestamp,
    /// Where it came from: `mqtt/<topic>`, `push/<device>`, `replay/<file>`.
    pub channel: String,
    /// The message as sent.
    pub payload: Vec<u8>,
}

/// Why a stretch of bytes is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Torn {
    /// The bytes end before the record does: a write that was cut off.
    Short,
    /// The checksum is not the body's.
    Checksum,
    /// The body does not hold what a record holds.
    Body,
}

/// Appends the record of `arrival` to `out`.
pub(super) fn write(arrival: &Arrival, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    out.extend_from_slice(&arrival.arrived_at.as_microsecond().to_le_bytes());
    let channel = arrival.channel.as_bytes();
    let length = u16::try_from(channel.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&channel[..usize::from(length)]);
    out.extend_from_slice(&arrival.payload);
    let body = out.len() - start - HEAD;
    let sum = crc32fast::hash(&out[start + HEAD..]);
    // A body holds at most a channel and PAYLOAD_BYTES_MAX, far below 4 GB.
    out[start..start + 4].copy_from_slice(&u32::try_from(body).unwrap_or(u32::MAX).to_le_bytes());
    out[start + 4..start + HEAD].copy_from_slice(&sum.to_le_bytes());
}

/// Returns the record at the beginning of `bytes` and its length.
pub(super) fn read(bytes: &[u8]) -> Result<(Arrival, usize), Torn> {
    let word =
        |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let (length, sum) = word(0).zip(word(4)).ok_or(Torn::Short)?;
    let end = HEAD + usize::try_from(length).map_err(|_| Torn::Short)?;
    let body = bytes.get(HEAD..end).ok_or(Torn::Short)?;
    if crc32fast::hash(body) != sum {
        return Err(Torn::Checksum);
    }
    parse(body).map(|arrival| (arrival, end)).ok_or(Torn::Body)
}

fn parse(body: &[u8]) -> Option<Arrival> {
    let (micros, rest) = body.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (channel, payload) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some(Arrival {
        arrived_at: Timestamp::from_microsecond(i64::from_le_bytes(*micros)).ok()?,
        channel: String::from_utf8(channel.to_vec()).ok()?,
        payload: payload.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_and_a_cut_or_flipped_one_is_seen() {
        let arrival = Arrival {
            arrived_at: "2025-01-26T05:00:00.123456Z".parse().unwrap(),
            channel: "mqtt/muavu/vl-sal-007".into(),
            payload: br#"{"ec":1}"#.to_vec(),
        };
        let mut bytes = Vec::new();
        write(&arrival, &mut bytes);
        assert_eq!(read(&bytes), Ok((arrival, bytes.len())));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]).unwrap_err(), Torn::Short);
        }
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert_eq!(read(&bytes).unwrap_err(), Torn::Checksum);
    }
}

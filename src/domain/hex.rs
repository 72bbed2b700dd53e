//! Bytes as people copy them: lower-case hexadecimal digits.

use std::fmt::Write as _;

/// Returns two hexadecimal digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the bytes of a text of hexadecimal digits; `None` when it is none.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (text.len().is_multiple_of(2) && text.is_ascii())
        .then(|| (0..text.len()).step_by(2).map(pair).collect())?
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::hex(&[0, 10, 255]), "000aff");
        assert_eq!(super::unhex("000aff"), Some(vec![0, 10, 255]));
    }

    #[test]
    fn what_is_no_hexadecimal_text_is_refused() {
        for given in ["zz", "abc", "é0", "0é"] {
            assert_eq!(super::unhex(given), None, "{given}");
        }
    }
}

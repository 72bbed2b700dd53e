//! JSON as providers write it: a bare `NaN` among the numbers must not cost the whole answer.

use serde_json::Value;

/// The words some writers put where JSON has no number.
const NOT_NUMBERS: [&[u8]; 4] = [b"NaN", b"nan", b"Infinity", b"inf"];

/// A document, and how many bare not-a-numbers were read as `null`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The document.
    pub value: Value,
    /// How many `NaN`, `Infinity` and the like were replaced.
    pub not_numbers: usize,
}

/// Returns the document in `bytes`.
///
/// # Errors
/// What the parser said, when it is not JSON even with not-a-numbers read as `null`.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(Document { value, not_numbers: 0 }),
        Err(first) => {
            let (mended, not_numbers) = without_not_numbers(bytes);
            match serde_json::from_slice(&mended) {
                Ok(value) if not_numbers > 0 => Ok(Document { value, not_numbers }),
                _ => Err(first.to_string()),
            }
        }
    }
}

/// Returns a copy with bare not-a-numbers outside strings replaced by `null`, and their number.
fn without_not_numbers(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut count = 0;
    let mut in_string = false;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if in_string && byte == b'\\' {
            out.extend_from_slice(&bytes[at..bytes.len().min(at + 2)]);
            at += 2;
            continue;
        }
        in_string ^= byte == b'"';
        let word = (!in_string).then(|| not_number_at(&bytes[at..])).flatten();
        if let Some(length) = word {
            out.extend_from_slice(b"null");
            count += 1;
            at += length;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    (out, count)
}

/// Returns the length of the not-a-number word that `rest` begins with, its sign included.
fn not_number_at(rest: &[u8]) -> Option<usize> {
    let sign = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
    let word = NOT_NUMBERS.iter().find(|word| rest[sign..].starts_with(word))?;
    let end = sign + word.len();
    let ends_there = rest.get(end).is_none_or(|b| !b.is_ascii_alphanumeric());
    ends_there.then_some(end)
}

/// Returns a value as one short line, as an issue keeps it.
#[must_use]
pub fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bare_not_numbers_become_null_and_are_counted() {
        let read = read(br#"{"a":[1.5,NaN,-Infinity,2],"b":"NaN \" NaN","c":nan}"#).unwrap();
        assert_eq!(read.not_numbers, 3);
        let expected = json!({"a":[1.5,null,null,2],"b":"NaN \" NaN","c":null});
        assert_eq!(read.value, expected);
    }

    #[test]
    fn what_is_not_json_stays_an_error() {
        for bad in ["", "{", "[1,2", "{\"a\":Nano}", "<html>", "{\"a\":1}x", "\"\\"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?} was read");
        }
        assert_eq!(read(b"\xef\xbb\xbf[]").unwrap().value, json!([]));
    }
}

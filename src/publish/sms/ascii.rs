//! Vietnamese without its marks, as people type it on simple phones.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Signs that have no ASCII decomposition, or whose decomposition would mean something else
/// (`≠` without its stroke is `=`), and how they are written in an unaccented SMS. Words stand
/// with a space before them: see [`put`].
const SIGNS: [(char, &str); 37] = [
    ('đ', "d"),
    ('Đ', "D"),
    ('₫', " dong"),
    ('‰', " phan ngan"),
    ('°', " do "),
    ('º', " do "),
    ('℃', " do C"),
    ('≥', ">="),
    ('≤', "<="),
    ('≠', " khac "),
    ('≈', " khoang "),
    ('±', "+-"),
    ('×', "x"),
    ('÷', ":"),
    ('−', "-"),
    ('–', "-"),
    ('—', "-"),
    ('‐', "-"),
    ('‑', "-"),
    ('→', "->"),
    ('⇒', "=>"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('«', "\""),
    ('»', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('′', "'"),
    ('″', "\""),
    ('`', "'"),
    ('•', "-"),
    ('·', "."),
    ('µ', "u"),
    ('μ', "u"),
    ('⁄', "/"),
    ('\t', " "),
];

/// Returns the text without Vietnamese marks: letters in plain ASCII whether composed or not,
/// signs as ASCII signs or unaccented words, “4‰” as "4 phan ngan". Other scripts and emoji stay.
#[must_use]
pub fn without_diacritics(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut after_word = false;
    for c in text.nfc() {
        let sign = SIGNS.iter().find(|(sign, _)| *sign == c);
        match sign {
            Some((_, word)) => put(&mut plain, word),
            None if is_zero_width(c) => {}
            None if c == ' ' && after_word && plain.ends_with(' ') => {}
            None => put_decomposed(&mut plain, c),
        }
        after_word = sign.is_some();
    }
    plain
}

/// Appends the ASCII that a character decomposes to, or the character itself. Marks are dropped
/// behind Latin letters only: in Khmer they are vowels.
fn put_decomposed(plain: &mut String, c: char) {
    let after_latin = plain.chars().last().is_some_and(|last| last.is_ascii_alphabetic());
    if is_combining_mark(c) && after_latin {
        return;
    }
    let mut ascii = String::new();
    decompose_compatible(c, |part| {
        if !is_combining_mark(part) {
            ascii.push(part);
        }
    });
    if ascii.is_ascii() && !ascii.is_empty() { put(plain, &ascii) } else { plain.push(c) }
}

/// Appends a sign's writing without doubling a space.
fn put(plain: &mut String, word: &str) {
    let spaced = plain.is_empty() || plain.ends_with([' ', '\n', '(']);
    plain.push_str(if spaced && word.len() > 1 { word.trim_start() } else { word });
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

//! SMS texts: how many parts a text takes, and how to make it fit.
//!
//! Source: 3GPP TS 23.038 (GSM 7-bit default alphabet and its extension table, UCS2) and TS 23.040
//! section 9.2.3.24.1 (concatenated messages).

mod ascii;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::today::lines::is_week_work;

pub use ascii::without_diacritics;

/// The GSM 7-bit default alphabet, TS 23.038 section 6.2.1, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table, TS 23.038 section 6.2.1.1: each is sent as escape and character.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How the characters of a message are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Seven bits a character, the letters of [`without_diacritics`] and few more.
    Gsm7,
    /// UTF-16, any character: one accented Vietnamese word forces it on the whole message.
    Ucs2,
}

impl Encoding {
    /// Returns what one message of 140 bytes holds, in septets or UTF-16 units.
    #[must_use]
    pub const fn single_units(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Returns what a part of several holds: 6 of the 140 bytes are its header (05 00 03 …).
    #[must_use]
    pub const fn part_units(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Returns the encoding a text needs.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Returns the units a character takes.
    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 => septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// A text as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// How it is encoded.
    pub encoding: Encoding,
    /// The texts of the messages, in order; one, and empty, for an empty text.
    pub parts: Vec<String>,
    /// Septets or UTF-16 units of all parts together, headers not counted.
    pub units: usize,
}

/// A text shortened to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The text, lines joined by a line feed.
    pub text: String,
    /// How many of the lines are whole in it.
    pub whole_lines: usize,
    /// Whether the first line itself had to be cut.
    pub cut: bool,
}

/// Returns the parts of a text as given (not normalised: compose it first, decomposed letters are
/// longer). Neither an escaped character nor a surrogate pair is split over two parts.
#[must_use]
pub fn parts(text: &str) -> Parts {
    let encoding = Encoding::of(text);
    let units = text.chars().map(|c| encoding.units(c)).sum();
    let parts = if units <= encoding.single_units() {
        vec![text.to_owned()]
    } else {
        split(text, encoding)
    };
    Parts { encoding, parts, units }
}

/// Returns the text in letters every phone and gateway takes: without diacritics, and `?` for
/// what is still not in GSM-7 (other scripts, emoji).
#[must_use]
pub fn gsm7(text: &str) -> String {
    without_diacritics(text).chars().map(|c| if septets(c).is_some() { c } else { '?' }).collect()
}

/// Returns as many of the first lines as fit `max_parts` messages: lines are left out from the
/// end, where the least important stand. Of the week's work what is to be done stands first and why
/// after it, so of the first work left out as many whole sentences are told as fit. When not even the
/// first line fits, it is cut after a whole word and ends in an ellipsis; the text is empty when no
/// word fits.
#[must_use]
pub fn fit(lines: &[&str], max_parts: usize, encoding: Encoding) -> Fitted {
    let ready: Vec<String> = lines
        .iter()
        .map(|line| match encoding {
            Encoding::Gsm7 => gsm7(line),
            Encoding::Ucs2 => line.nfc().collect(),
        })
        .collect();
    let fits = |text: &str| !text.is_empty() && parts(text).parts.len() <= max_parts;
    let whole = (1..=ready.len()).rev().find(|count| fits(&ready[..*count].join("\n")));
    if let Some(whole_lines) = whole {
        let text = ready[..whole_lines].join("\n");
        let work = ready.get(whole_lines).filter(|_| is_week_work(lines[whole_lines]));
        let begun =
            work.and_then(|work| sentences(work, |begun| fits(&format!("{text}\n{begun}"))));
        let text = begun.map_or_else(|| text.clone(), |begun| format!("{text}\n{begun}"));
        return Fitted { text, whole_lines, cut: false };
    }
    let first = ready.first().map(String::as_str).unwrap_or_default();
    let text = cut_after_word(first, encoding, fits).unwrap_or_default();
    Fitted { text, whole_lines: 0, cut: !first.is_empty() }
}

/// Returns the most whole sentences of a numbered line that fit; nothing when not even the first does.
fn sentences(line: &str, fits: impl Fn(&str) -> bool) -> Option<&str> {
    let (number, _) = line.split_once(". ")?;
    let ends = line.rmatch_indices(". ").map(|(at, _)| at).take_while(|at| *at > number.len());
    ends.map(|at| &line[..=at]).find(|begun| fits(begun))
}

/// Returns the longest beginning of a line that ends with a word and fits with its ellipsis.
fn cut_after_word(line: &str, encoding: Encoding, fits: impl Fn(&str) -> bool) -> Option<String> {
    let ellipsis = match encoding {
        Encoding::Gsm7 => "...",
        Encoding::Ucs2 => "…",
    };
    let cut = |(end, _): (usize, &str)| {
        let words = line[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
        (!words.is_empty()).then(|| format!("{words}{ellipsis}"))
    };
    line.rmatch_indices(char::is_whitespace).filter_map(cut).find(|text| fits(text))
}

fn split(text: &str, encoding: Encoding) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let units = encoding.units(c);
        if used + units > encoding.part_units() {
            parts.push(String::new());
            used = 0;
        }
        used += units;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// Returns the septets of a character, or nothing when GSM-7 lacks it.
fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;

//! Vietnamese text rewritten so that an announcer of the Mekong delta can read it aloud at sight:
//! numbers, units, times, dates and short forms become words.
//!
//! Southern usage, chosen once (each is open to correction by a native reader): *ngàn* (nghìn),
//! *lẻ* (linh), *hai mươi bốn* (tư only in tháng tư, thứ tư), *ký* (ki-lô-gam), decimals as
//! *một phẩy hai lăm*, the clock in twelve hours with *khuya, sáng, trưa, chiều, tối*, solar days
//! without *mùng*, which is kept for the lunar ones.

mod abbreviation;
mod calendar;
mod clock;
mod measure;
mod number;

use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

pub use calendar::date;
pub use clock::time;
pub use number::{decimal, number};

/// Syllables an announcer of a commune loudspeaker reads in a minute, pauses included.
///
/// Our judgement: news on the Voice of Viet Nam runs at 233 syllables a minute (106 items, 29,444
/// syllables; thesis "Khảo sát ngôn ngữ bản tin thời sự trên Đài Tiếng nói Việt Nam", section
/// 3.3.1, 123docz.net 826318); horns that echo over fields ask for about 15 % slower.
pub const SYLLABLES_PER_MINUTE: f64 = 200.0;

/// Longest a loudspeaker message may take to read, in seconds (`shared/knowledge/peers.md`,
/// section "API for farmers": "loudspeaker script read in <60 s").
pub const LOUDSPEAKER_SECS_MAX: f64 = 60.0;

/// One way of writing and how it is read.
struct Rule {
    written: Regex,
    read: fn(&Captures<'_>) -> String,
}

/// What a room of this module gives: a pattern and its reading.
type Written = (String, fn(&Captures<'_>) -> String);

/// The rules in the order they apply: what an earlier one has read holds no digits for the later
/// ones, so dates come before clocks, clocks before measures, measures before bare numbers.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let written = [
        number::item_rules(),
        abbreviation::rules(),
        calendar::rules(),
        clock::rules(),
        number::digit_rules(),
        measure::rules(),
        number::rules(),
        measure::bare_signs(),
    ];
    let rule = |(pattern, read): Written| Some(Rule { written: Regex::new(&pattern).ok()?, read });
    written.into_iter().flatten().filter_map(rule).collect()
});

/// Returns the text as it is to be read aloud. A text already in words stays as it is; tokens run
/// together without spaces ("12UBND") may need the announcer, see [`unread`].
#[must_use]
pub fn spoken(text: &str) -> String {
    let composed: String = text.nfc().map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
    RULES.iter().fold(composed, |text, rule| {
        // Neighbours may share the sign between them, so a rule runs until nothing is left to it.
        let mut text = text;
        for _ in 0..text.len() {
            match rule.written.replace_all(&text, rule.read) {
                std::borrow::Cow::Borrowed(_) => break,
                std::borrow::Cow::Owned(read) if read == text => break,
                std::borrow::Cow::Owned(read) => text = read,
            }
        }
        text
    })
}

/// Returns what an announcer would stumble over in a spoken text: words holding digits or signs
/// that no rule knows. A script is ready when this is empty.
#[must_use]
pub fn unread(spoken: &str) -> Vec<&str> {
    let odd = |c: char| c.is_numeric() || "%‰°/+=<>≥≤±×*_#@$€²³µ".contains(c);
    spoken.split_whitespace().filter(|word| word.contains(odd)).collect()
}

/// Returns the seconds it takes to read the text aloud, at [`SYLLABLES_PER_MINUTE`]; a text not
/// yet in words is put into words first. In Vietnamese every written word is one syllable.
#[must_use]
pub fn seconds_to_read(text: &str) -> f64 {
    let spoken = spoken(text);
    let syllables = spoken
        .split(|c: char| c.is_whitespace() || c == '-' || c == '–')
        .filter(|word| word.contains(char::is_alphabetic))
        .count();
    #[expect(clippy::cast_precision_loss, reason = "a text has far fewer than 2^53 words")]
    let minutes = syllables as f64 / SYLLABLES_PER_MINUTE;
    minutes * 60.0
}

/// Returns a captured piece, empty when it is absent.
fn piece<'t>(found: &Captures<'t>, name: &str) -> &'t str {
    found.name(name).map_or("", |piece| piece.as_str())
}

/// Returns a captured whole number.
fn whole(found: &Captures<'_>, name: &str) -> Option<i64> {
    piece(found, name).parse().ok()
}

#[cfg(test)]
mod tests;

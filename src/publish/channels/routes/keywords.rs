//! What a farmer's SMS means. Letters without marks, with marks, or the numbers of the footer.

use unicode_normalization::UnicodeNormalization as _;

use crate::publish::sms::without_diacritics;
use crate::storage::answers::Answer;

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// No more messages.
    Stop,
    /// A word on the last advisory.
    Answer(Answer),
    /// The six digits of a confirming message.
    Code(String),
    /// Anything else.
    Unknown,
}

const WORDS: [(&str, Answer); 14] = [
    ("0", Answer::Received),
    ("nhan", Answer::Received),
    ("da nhan", Answer::Received),
    ("ok", Answer::Received),
    ("1", Answer::Understood),
    ("hieu", Answer::Understood),
    ("da hieu", Answer::Understood),
    ("2", Answer::Done),
    ("xong", Answer::Done),
    ("da lam", Answer::Done),
    ("3", Answer::Right),
    ("dung", Answer::Right),
    ("4", Answer::Wrong),
    ("sai", Answer::Wrong),
];

/// Returns what a text means.
///
/// Without marks "dung" may be *đúng* (right) or *dừng* (stop); our footer offers it for right. With
/// its mark *dừng* stops.
pub(super) fn said(text: &str) -> Said {
    let text: String = text.trim().nfc().collect::<String>().to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    if text.starts_with("dừng") || text.starts_with("ngừng") {
        return Said::Stop;
    }
    let plain = without_diacritics(text);
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if ["stop", "huy", "thoi", "ngung", "tu choi"].iter().any(|stop| is_word(&words, stop)) {
        return Said::Stop;
    }
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 6 {
        return Said::Code(digits);
    }
    let known = WORDS.iter().find(|(word, _)| is_word(&words, word));
    known.map_or(Said::Unknown, |(_, answer)| Said::Answer(*answer))
}

/// Whether a text begins with this word or these words.
fn is_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', '.', '!']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_codes_are_told_apart() {
        for (text, meant) in [
            ("HUY", Said::Stop),
            (" Stop. ", Said::Stop),
            ("Hủy nhận tin", Said::Stop),
            ("Dừng", Said::Stop),
            ("DUNG", Said::Answer(Answer::Right)),
            ("Đúng rồi", Said::Answer(Answer::Right)),
            ("1", Said::Answer(Answer::Understood)),
            ("2!", Said::Answer(Answer::Done)),
            ("Đã làm xong", Said::Answer(Answer::Done)),
            ("sai, nuoc ngot", Said::Answer(Answer::Wrong)),
            ("ma 123456", Said::Code("123456".into())),
            ("12", Said::Unknown),
            ("huyen nao", Said::Unknown),
            ("", Said::Unknown),
        ] {
            assert_eq!(said(text), meant, "{text}");
        }
    }
}

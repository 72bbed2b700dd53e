//! Numbers as words: whole, decimal, and digit by digit.

use regex::Captures;

use super::{Written, piece};

/// The digits as they are read alone.
const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// A number as Vietnamese writes it: points between thousands, a comma before decimals. A point
/// that does not part thousands is read as a decimal one (instrument printouts have it).
pub const NUMBER: &str = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?";

/// Returns a whole number in words: 105 "một trăm lẻ năm", 2026 "hai ngàn không trăm hai mươi
/// sáu", -3 "âm ba".
#[must_use]
pub fn number(value: i64) -> String {
    let words = match value.unsigned_abs() {
        0 => DIGITS[0].to_owned(),
        size => positive(size, false),
    };
    if value < 0 { format!("âm {words}") } else { words }
}

/// Returns a number as written, "1.200" or "1,25", in words; text that is no number comes back as
/// given, and a figure beyond 2^63 digit by digit.
///
/// Decimals: one digit by itself; two by the short form of speech, "một phẩy hai lăm", "không phẩy
/// mười lăm"; more, or after a zero, digit by digit, "không phẩy không năm". Zeros at the end are
/// not read.
#[must_use]
pub fn decimal(written: &str) -> String {
    let thousands = written.split(',').next().is_some_and(|whole| {
        let mut groups = whole.split('.');
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && first != "0")
            && whole.contains('.')
            && groups.all(|group| group.len() == 3)
    });
    let plain = if thousands { written.replace('.', "") } else { written.replace('.', ",") };
    let (whole, rest) = plain.split_once(',').unwrap_or((&plain, ""));
    let Ok(value) = whole.parse::<i64>() else {
        let digits = whole.chars().all(|c| c.is_ascii_digit()) && !whole.is_empty();
        return if digits { one_by_one(written) } else { written.to_owned() };
    };
    match rest.trim_end_matches('0') {
        "" => number(value),
        rest => format!("{} phẩy {}", number(value), decimals(rest)),
    }
}

/// Returns digits read one by one, as telephone numbers are.
pub fn one_by_one(written: &str) -> String {
    let digits = written.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| digit(d.into()));
    digits.collect::<Vec<_>>().join(" ")
}

fn decimals(rest: &str) -> String {
    match rest.as_bytes() {
        [b'1', ones @ b'1'..=b'9'] => tens(1, u64::from(ones - b'0')),
        [ten @ b'2'..=b'9', ones @ b'1'..=b'9'] => {
            let last = last_digit(u64::from(ones - b'0'));
            format!("{} {last}", digit(u64::from(ten - b'0')).unwrap_or_default())
        }
        _ => one_by_one(rest),
    }
}

/// Returns a number above zero; `inner` when larger groups were read before it, so that its
/// hundreds are said even when they are none: "một ngàn không trăm lẻ năm".
fn positive(value: u64, inner: bool) -> String {
    const SCALES: [(u64, &str); 3] = [(1_000_000_000, "tỷ"), (1_000_000, "triệu"), (1_000, "ngàn")];
    for (scale, name) in SCALES {
        if value >= scale {
            let head = format!("{} {name}", positive(value / scale, inner));
            return match value % scale {
                0 => head,
                rest => format!("{head} {}", positive(rest, true)),
            };
        }
    }
    below_thousand(value, inner)
}

fn below_thousand(value: u64, inner: bool) -> String {
    let (hundreds, ten, ones) = (value / 100, value / 10 % 10, value % 10);
    let mut words = Vec::new();
    if hundreds > 0 || inner {
        words.push(format!("{} trăm", digit(hundreds).unwrap_or_default()));
    }
    match (ten, ones) {
        (0, 0) => {}
        (0, ones) if words.is_empty() => words.push(digit(ones).unwrap_or_default().to_owned()),
        (0, ones) => words.push(format!("lẻ {}", digit(ones).unwrap_or_default())),
        (ten, ones) => words.push(tens(ten, ones)),
    }
    words.join(" ")
}

fn tens(ten: u64, ones: u64) -> String {
    let head = match ten {
        1 => "mười".to_owned(),
        ten => format!("{} mươi", digit(ten).unwrap_or_default()),
    };
    match (ten, ones) {
        (_, 0) => head,
        (1, 1) => format!("{head} một"),
        (_, ones) => format!("{head} {}", last_digit(ones)),
    }
}

/// Returns the last digit of a number above ten: mốt and lăm, but bốn, not tư, in the South.
fn last_digit(ones: u64) -> &'static str {
    match ones {
        1 => "mốt",
        5 => "lăm",
        ones => digit(ones).unwrap_or_default(),
    }
}

fn digit(value: u64) -> Option<&'static str> {
    usize::try_from(value).ok().and_then(|at| DIGITS.get(at)).copied()
}

/// Ordinals as they are read; beyond ten none is told.
const ORDINALS: [&str; 10] =
    ["nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];

/// Returns how the number of a piece of work at the beginning of a line is read: "1. Dọn mương" as
/// "Việc thứ nhất: Dọn mương".
pub fn item_rules() -> Vec<Written> {
    let read = |found: &Captures<'_>| {
        let place = piece(found, "n").parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        match place.and_then(|place| ORDINALS.get(place)) {
            Some(ordinal) => format!("Việc thứ {ordinal}: "),
            None => found[0].to_owned(),
        }
    };
    vec![(r"(?m)^(?P<n>[1-9]|10)\. ".to_owned(), read)]
}

/// Returns the rules for digits that are not a quantity: telephone numbers and varieties.
pub fn digit_rules() -> Vec<Written> {
    vec![
        // 0270 3822 333, 0901.234.567, 18001234: only the area, mobile and free-call prefixes.
        (r"\b(?P<n>0\d{2,3}[ .-]?\d{3,4}[ .-]?\d{3,4}|1[89]00[ .-]?\d{4,6})\b".into(), |f| {
            phone(piece(f, "n"))
        }),
        (
            r"(?P<w>(?i:gọi|số điện thoại|tổng đài|đường dây nóng)(?: số)?:? )(?P<n>\d{3,})\b"
                .into(),
            |f| format!("{}{}", piece(f, "w"), one_by_one(piece(f, "n"))),
        ),
        // Rice varieties: OM 18 as a number, OM5451 digit by digit.
        (r"\b(?P<v>OMCS|OM|IR|ST|RVT|ĐS) ?(?P<n>\d+)\b(?P<next> \d)?".into(), |f| {
            let written = piece(f, "n");
            let read = if written.len() > 2 { one_by_one(written) } else { decimal(written) };
            format!("{} {read}{}", piece(f, "v"), apart(piece(f, "next")))
        }),
    ]
}

/// Returns what follows, parted by a comma: a name that ends in figures and the figure after it
/// ("OM5451 7.200 đồng") would run into one number.
pub fn apart(next: &str) -> String {
    if next.is_empty() { String::new() } else { format!(",{next}") }
}

fn phone(written: &str) -> String {
    let groups = written.split([' ', '.', '-']).map(one_by_one);
    groups.collect::<Vec<_>>().join(", ")
}

/// Returns the rules for the numbers that are left when dates, clocks and units are read.
pub fn rules() -> Vec<Written> {
    let number = NUMBER;
    vec![
        (r"\b(?P<w>(?i:thứ|tháng)) 0?4\b".into(), |f| format!("{} tư", piece(f, "w"))),
        (r"\b(?P<w>(?i:thứ)) 1\b".into(), |f| format!("{} nhất", piece(f, "w"))),
        // 16-16-8 of a fertiliser bag: three figures, not ranges.
        (r"\b(?P<n>\d+(?:-\d+){2,})\b(?P<next> \d)?".into(), |f| {
            let figures = piece(f, "n").split('-').map(decimal).collect::<Vec<_>>().join(" ");
            format!("{figures}{}", apart(piece(f, "next")))
        }),
        (format!(r"(?P<a>{number})\s*[-–—]\s*(?P<b>{number})"), |f| {
            format!("{} đến {}", decimal(piece(f, "a")), decimal(piece(f, "b")))
        }),
        (r"(?P<w>\p{L})[–—](?P<n>\d)".into(), |f| {
            format!("{} đến {}", piece(f, "w"), piece(f, "n"))
        }),
        (r"(?P<b>^|[\s(])[-−](?P<n>\d)".into(), |f| {
            format!("{}âm {}", piece(f, "b"), piece(f, "n"))
        }),
        (r"(?P<a>\d)/(?P<b>\d)".into(), |f| format!("{} trên {}", piece(f, "a"), piece(f, "b"))),
        (r"(?P<a>\d) ?[x×] ?(?P<b>\d)".into(), |f| {
            format!("{} nhân {}", piece(f, "a"), piece(f, "b"))
        }),
        (r"(?P<l>\p{L})(?P<n>\d)".into(), |f| format!("{} {}", piece(f, "l"), piece(f, "n"))),
        (format!(r"(?P<n>{number})(?P<l>\p{{L}})?"), |f: &Captures<'_>| {
            let (read, letter) = (decimal(piece(f, "n")), piece(f, "l"));
            if letter.is_empty() { read } else { format!("{read} {letter}") }
        }),
    ]
}

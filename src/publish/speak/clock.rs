//! Clock times: twelve hours and the part of the day, as people in the South say them.

use jiff::civil::Time;
use regex::Captures;

use super::{Written, number, piece, whole};

/// A time of day as it is written in our texts: 06:40, 6h40, 6g40; seconds are not read.
const CLOCK: [&str; 2] = [
    r"(?P<h1>\d{1,2})(?::(?P<m1>\d{2})(?::\d{2})?|[hg](?P<n1>\d{2}))",
    r"(?P<h2>\d{1,2})(?::(?P<m2>\d{2})(?::\d{2})?|[hg](?P<n2>\d{2}))",
];

/// The words that already say which part of the day it is.
const PART: &str = "khuya|sáng|trưa|chiều|tối|đêm";

/// Returns a time of day in words: 02:10 "hai giờ mười khuya", 06:40 "sáu giờ bốn mươi sáng",
/// 13:05 "một giờ năm phút trưa".
#[must_use]
pub fn time(at: Time) -> String {
    let (hour, minute) = (i64::from(at.hour()), i64::from(at.minute()));
    format!("{} {}", hands(hour, minute, true), part_of_day(hour))
}

/// Returns hour and minute, on a dial of twelve hours or as written.
fn hands(hour: i64, minute: i64, twelve: bool) -> String {
    let dial = if twelve && !(1..=12).contains(&hour) { (hour + 11) % 12 + 1 } else { hour };
    let hour = number(dial);
    match minute {
        0 => format!("{hour} giờ"),
        // "hai giờ năm" could be heard as half of "hai giờ năm mươi".
        1..=9 => format!("{hour} giờ {} phút", number(minute)),
        _ => format!("{hour} giờ {}", number(minute)),
    }
}

/// Returns the part of the day of an hour 0-24, as used in the South: 1 o'clock at noon time is
/// still trưa, and the night from 23 to 3 is khuya. Our judgement: needs a native reader.
fn part_of_day(hour: i64) -> &'static str {
    match hour {
        4..=10 => "sáng",
        11..=13 => "trưa",
        14..=18 => "chiều",
        19..=22 => "tối",
        _ => "khuya",
    }
}

/// Returns the rules for clock times and ranges of them.
pub fn rules() -> Vec<Written> {
    let [first, second] = CLOCK;
    let from = r"(?P<from>(?i:từ|lúc|hồi) )?";
    let whole_hour = r"(?P<h1>\d{1,2}) ?(?:giờ|h|g)\b(?: (?P<m1>\d{1,2})(?: phút)?\b)?";
    vec![
        // 1:10 of a dilution is no time.
        (r"(?P<w>(?i:tỉ lệ|tỷ lệ)) (?P<a>\d+) ?: ?(?P<b>\d+)".into(), |f| {
            format!("{} {} trên {}", piece(f, "w"), piece(f, "a"), piece(f, "b"))
        }),
        (
            format!(r"{from}\b{first}(?: (?P<p1>{PART}))? ?[-–—] ?{second}\b(?P<p2> (?:{PART}))?"),
            range,
        ),
        (format!(r"\b{first}\b(?P<p1> (?:{PART})\b)?"), single),
        (format!(r"\b(?P<w>(?i:lúc|hồi)) {whole_hour}(?P<p1> (?:{PART})\b)?"), |f| {
            format!("{} {}", piece(f, "w"), single(f))
        }),
        // 2h-3h: hours of the clock or of a day's work, either way "hai đến ba giờ".
        (r"\b(?P<a>\d{1,2}) ?h? ?[-–—] ?(?P<b>\d{1,2}) ?h\b".into(), |f| {
            format!("{} đến {} giờ", piece(f, "a"), piece(f, "b"))
        }),
        // Without "lúc" the figure before giờ may be a length of time: only spelt out.
        (r"\b(?P<n>\d{1,2}) ?h\b".into(), |f| format!("{} giờ", piece(f, "n"))),
    ]
}

fn range(found: &Captures<'_>) -> String {
    let (Some(from), Some(to)) = (read(found, '1'), read(found, '2')) else {
        return found[0].to_owned();
    };
    // "lúc 02:10–06:40" is said "từ … đến …" too; a "Từ" keeps its capital.
    let start = match piece(found, "from") {
        from if from.to_lowercase() == "từ " => from,
        _ => "từ ",
    };
    let part = |hour, written: &'_ str| match written.trim() {
        "" => part_of_day(hour).to_owned(),
        written => written.to_owned(),
    };
    let (first, second) = (part(from.0, piece(found, "p1")), part(to.0, piece(found, "p2")));
    // "từ bảy giờ đến chín giờ sáng": one part of the day is said once, unless noon lies between.
    let once = first == second && from.0 <= to.0;
    let first = if once { String::new() } else { format!(" {first}") };
    format!(
        "{start}{}{first} đến {} {second}",
        hands(from.0, from.1, true),
        hands(to.0, to.1, true)
    )
}

fn single(found: &Captures<'_>) -> String {
    match (read(found, '1'), piece(found, "p1")) {
        (None, _) => found[0].to_owned(),
        (Some((hour, minute)), "") => {
            format!("{} {}", hands(hour, minute, true), part_of_day(hour))
        }
        (Some((hour, minute)), part) => format!("{}{part}", hands(hour, minute, true)),
    }
}

/// Returns the hour and minute of the first or second clock of a match, when they are a time.
fn read(found: &Captures<'_>, which: char) -> Option<(i64, i64)> {
    let hour = whole(found, &format!("h{which}"))?;
    let minute = whole(found, &format!("m{which}"));
    let minute = minute.or_else(|| whole(found, &format!("n{which}"))).unwrap_or(0);
    ((0..=24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
}

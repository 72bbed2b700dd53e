//! Dates: solar ones plainly, lunar ones with mùng, rằm, Giêng and Chạp.

use jiff::civil::Date;
use regex::Captures;

use super::{Written, decimal, number, piece, whole};

/// What marks a date as lunar: "âl" in sowing calendars, or written out.
const LUNAR: &str = "âl|ÂL|Âl|AL|âm lịch";

/// Words before d/m that show it is a date and not a fraction.
const LEADS: &str = "ngày|sáng|trưa|chiều|tối|đêm|từ|đến|tới|hết|trước|sau|vào|hôm|lễ|dịp|rằm|mùng";

/// Returns a solar date in words: "ngày hai mươi lăm tháng mười một năm hai ngàn không trăm hai
/// mươi sáu".
#[must_use]
pub fn date(day: Date) -> String {
    let day_month = day_month(i64::from(day.day()), Some(i64::from(day.month())), false);
    format!("{day_month} năm {}", number(i64::from(day.year())))
}

/// Returns "ngày … tháng …". Solar days up to ten go without mùng: in the South it would be heard
/// as a lunar day.
fn day_month(day: i64, month: Option<i64>, lunar: bool) -> String {
    let day = match day {
        1..=10 if lunar => format!("mùng {}", number(day)),
        15 if lunar => "rằm".to_owned(),
        _ => format!("ngày {}", number(day)),
    };
    match month {
        None => day,
        Some(month) => format!("{day} {}", month_name(month, lunar)),
    }
}

fn month_name(month: i64, lunar: bool) -> String {
    match month {
        1 if lunar => "tháng Giêng".to_owned(),
        12 if lunar => "tháng Chạp".to_owned(),
        4 => "tháng tư".to_owned(),
        _ => format!("tháng {}", number(month)),
    }
}

/// Returns the rules for dates.
pub fn rules() -> Vec<Written> {
    let from = r"(?P<from>(?i:từ) )?(?:(?i:ngày) )?";
    let first = r"(?P<d>\d{1,2})(?:/(?P<m>\d{1,2})(?:/(?P<y>\d{4}))?)?";
    let last = r"(?P<d2>\d{1,2})/(?P<m2>\d{1,2})(?:/(?P<y2>\d{4}))?";
    let full = r"(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<y>\d{4})";
    let short = r"(?P<d>\d{1,2})/(?P<m>\d{1,2})";
    let lunar = format!(r"(?P<l>\s*(?:{LUNAR}))?");
    vec![
        (r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:T(?P<t>\d{2}:\d{2})\S*)?".into(), iso),
        // 25–27/11, 29/11–19/12, 16/10-2/11/2018, 8/9–25/9 âl
        (format!(r"{from}\b{first}\s*[-–—]\s*{last}\b{lunar}"), range),
        (format!(r"\b(?:(?P<w>(?i:ngày)) )?{full}\b{lunar}"), single),
        // Decision 05/2020/QĐ-TTg: a number and a year, no month.
        (r"\b(?P<n>\d+)/(?P<y>\d{4})/(?P<k>\p{Lu})".into(), |f| {
            format!("{},{}, {}", decimal(piece(f, "n")), year(f, "y"), piece(f, "k"))
        }),
        (r"\b(?:(?P<w>(?i:tháng)) )?(?P<m>\d{1,2})/(?P<y>\d{4})\b".into(), month_year),
        (format!(r"(?:\b(?P<w>(?i:{LEADS})) )?\b{short}\b(?P<leap> nhuận)?{lunar}"), single),
        (format!(r"\btháng (?P<m>1|12) (?P<l>{LUNAR})"), |f| {
            format!("{} âm lịch", month_name(whole(f, "m").unwrap_or(0), true))
        }),
        (r"\b(?:âl|ÂL|Âl|AL)\b".into(), |_| "âm lịch".into()),
    ]
}

fn iso(found: &Captures<'_>) -> String {
    let clock = match piece(found, "t") {
        "" => String::new(),
        clock => format!("{clock} "),
    };
    match real(whole(found, "d"), whole(found, "m")) {
        Some((day, month)) => {
            format!("{clock}{}{}", day_month(day, Some(month), false), year(found, "y"))
        }
        None => found[0].to_owned(),
    }
}

fn range(found: &Captures<'_>) -> String {
    let last = real(whole(found, "d2"), whole(found, "m2"));
    let first_month = whole(found, "m");
    let first = real(whole(found, "d"), first_month.or(Some(1)));
    let (Some((first, _)), Some((last, last_month))) = (first, last) else {
        return found[0].to_owned();
    };
    let lunar = !piece(found, "l").is_empty();
    let from = if piece(found, "from").is_empty() { "từ " } else { piece(found, "from") };
    format!(
        "{from}{}{} đến {}{}{}",
        day_month(first, first_month, lunar),
        year(found, "y"),
        day_month(last, Some(last_month), lunar),
        year(found, "y2"),
        if lunar { " âm lịch" } else { "" },
    )
}

fn single(found: &Captures<'_>) -> String {
    let (lead, lunar) = (piece(found, "w"), !piece(found, "l").is_empty());
    let parts = (whole(found, "d"), whole(found, "m"));
    let Some((day, month)) = real(parts.0, parts.1).filter(|_| !is_fraction(found)) else {
        return fraction(found);
    };
    let mut words = day_month(day, Some(month), lunar);
    words.push_str(piece(found, "leap"));
    words.push_str(&year(found, "y"));
    if lunar {
        words.push_str(" âm lịch");
    }
    match lead.to_lowercase().as_str() {
        "" => words,
        // The word "ngày" stays as it was written; mùng and rằm take its place.
        "ngày" => words.strip_prefix("ngày").map_or(words.clone(), |rest| format!("{lead}{rest}")),
        "mùng" | "rằm" => {
            let bare = words.trim_start_matches("ngày ").trim_start_matches("mùng ");
            format!("{lead} {}", bare.trim_start_matches("rằm "))
        }
        _ => format!("{lead} {words}"),
    }
}

/// Returns whether d/m is rather a share such as "1/3 số hộ": small, unpadded, below one, and with
/// no word or mark of a date.
fn is_fraction(found: &Captures<'_>) -> bool {
    let bare = ["w", "y", "l", "leap"].iter().all(|name| piece(found, name).is_empty());
    let padded = [piece(found, "d"), piece(found, "m")].iter().any(|p| p.starts_with('0'));
    let (above, below) = (whole(found, "d"), whole(found, "m"));
    bare && !padded && above < below && below <= Some(10)
}

fn fraction(found: &Captures<'_>) -> String {
    match (whole(found, "d"), whole(found, "m"), piece(found, "y")) {
        (Some(above), Some(below), "") if above < below && piece(found, "w").is_empty() => {
            format!(
                "{} phần {}",
                number(above),
                if below == 4 { "tư".into() } else { number(below) }
            )
        }
        _ => found[0].to_owned(),
    }
}

fn month_year(found: &Captures<'_>) -> String {
    match whole(found, "m").filter(|m| (1..=12).contains(m)) {
        Some(month) => {
            let words = month_name(month, false);
            let words = match piece(found, "w") {
                "" => words,
                lead => words.replacen("tháng", lead, 1),
            };
            format!("{words}{}", year(found, "y"))
        }
        None => found[0].to_owned(),
    }
}

fn year(found: &Captures<'_>, name: &str) -> String {
    whole(found, name).map(|year| format!(" năm {}", number(year))).unwrap_or_default()
}

/// Returns day and month when a calendar can have them.
fn real(day: Option<i64>, month: Option<i64>) -> Option<(i64, i64)> {
    let (day, month) = (day?, month?);
    ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some((day, month))
}

//! The lines of an advisory's Vietnamese text by how much a short message needs them.
//!
//! Channels are shorter than the page: what they leave out is chosen here, once for all of them.
//! Lines are known by how they begin (`advisory/messages/vi.ftl`; a test holds both together). A
//! line that is not known, since an agronomist wrote it, stands with the week's work.

use std::sync::LazyLock;

use regex::Regex;

use super::{Notice, Subject};
use crate::domain::time::local_date;
use crate::storage::outbox::Turn;

/// How lines begin, the most needed first. Marks come before all else and are never left out.
const BEGINNINGS: [(Need, &[&str]); 9] = [
    (Need::Mark, &["DỮ LIỆU MẪU", "TIN KHẨN, GỬI TRƯỚC", "SAMPLE DATA", "URGENT, SENT BEFORE"]),
    (Need::Mark, &UNSEEN),
    (Need::Answer, &["Ngày mai (", "Tomorrow ("]),
    (Need::Action, &["Việc cần làm:", "What to do:"]),
    (
        Need::Length,
        &[
            "Như vậy đến hết",
            "Chỉ chắc cho",
            "Từ ngày ",
            "Đến hết ngày",
            "This holds ",
            "From ",
            "Up to ",
        ],
    ),
    (Need::Why, &["Vì sao:", "Why:"]),
    (Need::Sure, &["Chắc đến đâu:", "How sure:"]),
    (
        Need::Care,
        &[
            "Mặn lên xuống",
            "Chưa rõ thì hỏi",
            "Về nước mặn:",
            "Salinity rises",
            "If in doubt",
            "About salt",
        ],
    ),
    (
        Need::Page,
        &[
            "Tin có giá trị",
            "Khả năng nước",
            "Theo ",
            "Số đo mới nhất",
            "Không rõ trạm",
            "Nơi tính",
            "Hôm nay ",
            "Valid to",
            "Odds that",
            "Based on",
            "Newest measurement",
            "The station is",
            "Where this",
            "Today's forecast",
            "There is NO",
        ],
    ),
];

/// How the line of an alarm begins that says that nobody has seen it yet.
const UNSEEN: [&str; 2] = ["Tin tự động, cán bộ", "Automatic message, not"];

/// How much a short message needs the lines of an alarm, in their order (`advisory/alarm/words.rs`).
const OF_ALARM: [Need; 3] = [Need::Headline, Need::Answer, Need::Action];

/// How much a short message needs a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::publish) enum Need {
    /// A sample, or sent before review.
    Mark,
    /// Which commune, which crop, which day.
    Headline,
    /// May water be taken?
    Answer,
    /// What to do.
    Action,
    /// For how long.
    Length,
    /// The week's work, and what a person wrote.
    Work,
    /// Why.
    Why,
    /// How sure.
    Sure,
    /// What always holds.
    Care,
    /// Sources and the like: for the page only.
    Page,
}

/// A line and how much it is needed.
pub(super) type Ranked = (Need, String);

static YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{1,2}/\d{1,2})/(?:19|20)\d\d\b").ok());

/// Returns dates without their year: what is told is of these days.
pub(super) fn without_years(text: &str) -> String {
    match &*YEAR {
        Some(year) => year.replace_all(text, "$1").into_owned(),
        None => text.to_owned(),
    }
}

/// Returns how much a short message needs a line.
pub(in crate::publish) fn need(line: &str) -> Need {
    if line.contains(" – tin ngày ") || line.contains(" – issued ") {
        return Need::Headline;
    }
    let known = BEGINNINGS.iter().find(|(_, all)| all.iter().any(|begin| line.starts_with(begin)));
    known.map_or(Need::Work, |(need, _)| *need)
}

/// Returns the lines of a text, the most needed first.
pub(super) fn ranked(text: &str) -> Vec<Ranked> {
    let all = text.lines().filter(|line| !line.trim().is_empty());
    let mut ranked: Vec<Ranked> = all.map(|line| (need(line), line.to_owned())).collect();
    // Stable: lines of one need stay in their order.
    ranked.sort_by_key(|(need, _)| *need);
    ranked
}

/// Returns the lines of an alarm's text, the most needed first; that nobody has seen it is left out
/// once somebody has.
pub(super) fn of_alarm(text: &str, unseen: bool) -> Vec<Ranked> {
    let (marks, said): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| UNSEEN.iter().any(|begin| line.starts_with(begin)));
    let marks = marks.into_iter().filter(|_| unseen).map(|line| (Need::Mark, line.to_owned()));
    let needs = OF_ALARM.into_iter().chain(std::iter::repeat(Need::Care));
    marks.chain(needs.zip(said.into_iter().map(str::to_owned))).collect()
}

/// Returns the lines of a message, the most needed first, dates without their year.
pub(super) fn lines(notice: &Notice<'_>) -> Vec<Ranked> {
    match notice.subject {
        Subject::Advice { advisory, earlier, reason } => {
            let mut ranked = ranked(&without_years(&advisory.text_vi));
            match notice.turn {
                Turn::New | Turn::Over => {}
                Turn::Update => ranked.extend(earlier.map(replaces)),
                Turn::Withdrawn => ranked = withdrawn(reason, &ranked),
            }
            ranked.sort_by_key(|(need, _)| *need);
            ranked
        }
        Subject::Alarm { worded, unseen, .. } => of_alarm(&without_years(&worded.text_vi), unseen),
    }
}

/// Returns the lines whose need is among these, joined.
pub(super) fn joined(ranked: &[Ranked], wanted: impl Fn(Need) -> bool, between: &str) -> String {
    let lines = ranked.iter().filter(|(need, _)| wanted(*need)).map(|(_, line)| line.as_str());
    lines.collect::<Vec<_>>().join(between)
}

fn replaces(earlier: &crate::frames::Advisory) -> Ranked {
    let day = local_date(earlier.issued_at);
    (Need::Mark, format!("TIN MỚI, thay tin ngày {}/{}.", day.day(), day.month()))
}

/// Says that a message does not hold, which one, why, and that this is no permission either.
fn withdrawn(reason: &str, ranked: &[Ranked]) -> Vec<Ranked> {
    let of = |wanted: Need| ranked.iter().filter(move |(need, _)| *need == wanted).cloned();
    let mut lines: Vec<Ranked> =
        vec![(Need::Mark, "RÚT LẠI TIN ĐÃ GỬI, không làm theo nữa:".into())];
    lines.extend(of(Need::Headline));
    lines.push((Need::Answer, "Chưa biết có lấy nước được không: đo độ mặn trước khi lấy.".into()));
    lines.push((Need::Action, format!("Lý do: {}.", reason.trim().trim_end_matches('.'))));
    lines.push((Need::Care, "Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường.".into()));
    lines
}

/// Returns what follows the heading of the first line of this need, for templates with fixed places.
pub(super) fn first(ranked: &[Ranked], wanted: Need) -> &str {
    ranked.iter().find(|(need, _)| *need == wanted).map_or("", |(_, line)| line)
}

/// Returns the text cut after a whole word to at most so many characters, with an ellipsis.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let begin: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    let ends_a_word =
        text.chars().nth(chars_max.saturating_sub(1)).is_some_and(char::is_whitespace);
    let whole = match begin.rsplit_once(char::is_whitespace) {
        Some((words, _)) if !ends_a_word => words,
        _ => begin.as_str(),
    };
    format!("{}…", whole.trim_end_matches(|c: char| !c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_years_are_taken_from_dates() {
        assert_eq!(without_years("ngày 15/03/2010, 4/5 phần, 1/2"), "ngày 15/03, 4/5 phần, 1/2");
    }

    #[test]
    fn what_is_cut_ends_with_a_word() {
        assert_eq!(cut("Đóng cống. Tưới bằng nước ngọt", 30), "Đóng cống. Tưới bằng nước ngọt");
        assert_eq!(cut("Đóng cống. Tưới bằng nước ngọt", 16), "Đóng cống. Tưới…");
        assert_eq!(cut("Đóng cống. Tưới bằng nước ngọt", 12), "Đóng cống…");
    }
}

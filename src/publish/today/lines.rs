//! The lines of an approved text, told apart by how they begin (`advisory/messages`). They are quoted,
//! never made up: a person may have changed them. A line that begins otherwise is one of the rest.

/// How the lines of work begin.
const WORK: [&str; 4] = ["Việc cần làm:", "What to do:", "Làm thêm:", "Also:"];
/// How the lines of reasons begin.
const WHY: [&str; 2] = ["Vì sao:", "Why:"];
/// What the answer's own line holds: the words that every answer has, in capitals.
const ANSWERS: [&str; 6] = [
    "ĐƯỢC LẤY NƯỚC",
    "ĐO TRƯỚC",
    "KHÔNG LẤY NƯỚC",
    "WATER MAY BE TAKEN",
    "MEASURE FIRST",
    "TAKE NO WATER",
];

/// Returns the answer's own line and the one after it, which says how long it holds.
pub fn held(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip_while(|line| !ANSWERS.iter().any(|a| line.contains(a))).take(2)
}

/// Returns the reasons.
pub fn why(text: &str) -> impl Iterator<Item = &str> {
    beginning(text, &WHY)
}

/// Returns the lines of work without their label, which stands over them as a heading.
pub fn work(text: &str) -> impl Iterator<Item = &str> {
    beginning(text, &WORK).map(|line| line.split_once(": ").map_or(line, |(_, rest)| rest))
}

/// Returns the week's work in the order of what can still be saved: the numbered lines and, after a
/// dash, what was left out for something else.
pub fn week_work(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| is_week_work(line))
}

/// Returns the lines that are none of these.
pub fn rest(text: &str) -> impl Iterator<Item = &str> {
    let held: Vec<&str> = held(text).collect();
    text.lines().filter(move |line| {
        let begins = |starts: &[&str]| starts.iter().any(|start| line.starts_with(start));
        !held.contains(line) && !is_week_work(line) && !begins(&WORK) && !begins(&WHY)
    })
}

fn beginning<'t>(text: &'t str, with: &'static [&str]) -> impl Iterator<Item = &'t str> {
    text.lines().filter(|line| with.iter().any(|start| line.starts_with(start)))
}

/// Returns whether a line is one of the week's work.
#[must_use]
pub fn is_week_work(line: &str) -> bool {
    let numbered = line.split_once(". ").is_some_and(|(number, _)| {
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit())
    });
    numbered || line.starts_with("– ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_told_once() {
        let text = "CẢNH BÁO: Xã A – lúa\nNgày mai: KHÔNG LẤY NƯỚC.\nNhư vậy 4 ngày.\n\
                    Việc cần làm: Đóng cống.\n1. Khoan bón phân.\n– Chưa tưới: sắp mưa.\n\
                    Vì sao: mặn 2,2‰.\nNơi tính: sông Tiền.";
        assert_eq!(held(text).count(), 2);
        assert_eq!(work(text).collect::<Vec<_>>(), ["Đóng cống."]);
        assert_eq!(week_work(text).count(), 2);
        assert_eq!(why(text).count(), 1);
        let rest: Vec<&str> = rest(text).collect();
        assert_eq!(rest, ["CẢNH BÁO: Xã A – lúa", "Nơi tính: sông Tiền."]);
    }
}

//! The lines of real texts are known by how they begin.

use super::wording::{Need, ranked};

const VIETNAMESE: &str = include_str!("../../advisory/messages/vi.ftl");
const ENGLISH: &str = include_str!("../../advisory/messages/en.ftl");

/// Returns the text of a message with every place filled by `1`.
fn message(file: &str, key: &str) -> String {
    let begin = format!("{key} = ");
    let line = file.lines().find_map(|line| line.strip_prefix(&begin));
    let line = line.unwrap_or_else(|| panic!("no message {key}"));
    line.split('{').enumerate().fold(String::new(), |text, (n, part)| {
        let rest = if n == 0 { part } else { part.split_once('}').map_or("1", |(_, rest)| rest) };
        let filled = if n == 0 { "" } else { "1" };
        format!("{text}{filled}{rest}")
    })
}

#[test]
fn every_line_of_an_advisory_is_known_in_both_languages() {
    for file in [VIETNAMESE, ENGLISH] {
        for (key, need) in [
            ("sample-note", Need::Mark),
            ("headline", Need::Headline),
            ("answer-open-fresh", Need::Answer),
            ("answer-test-above", Need::Answer),
            ("answer-shut", Need::Answer),
            ("do", Need::Action),
            ("do-plain", Need::Action),
            ("lasts-one", Need::Length),
            ("lasts-until", Need::Length),
            ("rises", Need::Length),
            ("falls", Need::Length),
            ("stays-good", Need::Length),
            ("why-above", Need::Why),
            ("why-harm", Need::Why),
            ("sure-beyond-above", Need::Sure),
            ("sure-within", Need::Sure),
            ("measure", Need::Care),
            ("ask", Need::Care),
            ("odds", Need::Page),
            ("source", Need::Page),
            ("place", Need::Page),
            ("age-hours", Need::Page),
            ("age-none", Need::Page),
            ("baseline", Need::Page),
            ("expires", Need::Page),
            ("also", Need::Work),
        ] {
            let line = message(file, key);
            assert_eq!(ranked(&line), [(need, line.clone())], "{key}: {line}");
        }
    }
}

#[test]
fn the_policys_marks_are_known() {
    let policy = crate::review::Policy::shipped().unwrap();
    for mark in [policy.mark_vi, policy.mark_en] {
        assert_eq!(ranked(&mark), [(Need::Mark, mark.clone())]);
    }
}

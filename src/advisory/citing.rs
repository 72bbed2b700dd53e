//! Documents as they are cited: a line for the record, a few words for people.

use super::rule::Limit;
use super::source::{Confidence, Source, Sources};
use super::words::Lang;

/// Adds a line for each claim of a limit: its mark of trust, who says so, and what.
pub(super) fn claim_lines(
    rule: &str,
    unit: &str,
    limit: &Limit,
    sources: &Sources,
    lines: &mut Vec<String>,
) {
    let standing = limit.confidence(sources);
    let disagree = !limit.disagreeing().is_empty();
    for claim in &limit.claims {
        let trust = claim.trust(sources);
        let mark = match (limit.uses(claim), trust) {
            (false, _) => format!("not used, less strict, {}", trust.as_str()),
            (true, Confidence::Unverified) if standing < Confidence::Unverified => {
                "agrees, not verified".to_owned()
            }
            (true, _) => trust.as_str().to_owned(),
        };
        let used = if disagree && limit.uses(claim) { " (the stricter, used)" } else { "" };
        let line = sources.get(&claim.source).map(Source::line).unwrap_or_default();
        let says = claim.says.as_deref().map(|s| format!("; it says: {s}")).unwrap_or_default();
        let (name, value) = (&limit.name, claim.value);
        lines.push(format!("{mark}: {line}: {rule} {name} {value} {unit}{used}{says}"));
    }
}

/// Adds a line for each document behind a rule's practice.
pub(super) fn practice_lines(
    rule: &str,
    practice: &[String],
    sources: &Sources,
    lines: &mut Vec<String>,
) {
    for source in practice.iter().filter_map(|name| sources.get(name)) {
        let mark = source.confidence.as_str();
        lines.push(format!("{mark}: {}: practice behind {rule}", source.line()));
    }
}

/// Returns how a document is named to a reader, with its date where it has one.
pub(super) fn cite(source: &Source, lang: Lang) -> String {
    let cite = match lang {
        Lang::Vi => &source.cite_vi,
        Lang::En => &source.cite_en,
    };
    match source.date {
        Some(date) => format!("{cite}, {}", lang.date(date)),
        None => cite.clone(),
    }
}

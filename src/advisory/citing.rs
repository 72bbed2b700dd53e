//! Documents as they are cited: a line for the record in both languages, a few words for people.

use jiff::civil::Date;

use super::AdvisoryError;
use super::rule::Limit;
use super::source::{Confidence, Source, Sources};
use super::words::{Arg, Lang, Words};

/// Lines for the record, the n-th of each language of the same claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SourceLines {
    /// In English; `review` looks at how they begin.
    pub en: Vec<String>,
    /// In Vietnamese, as reviewers read them.
    pub vi: Vec<String>,
}

/// Writes lines for the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Citing<'a> {
    pub words: &'a Words,
    pub sources: &'a Sources,
}

impl SourceLines {
    /// Adds a line that `tell` says in each language.
    pub(super) fn put(
        &mut self,
        tell: impl Fn(Lang) -> Result<String, AdvisoryError>,
    ) -> Result<(), AdvisoryError> {
        self.en.push(tell(Lang::En)?);
        self.vi.push(tell(Lang::Vi)?);
        Ok(())
    }
}

impl Citing<'_> {
    /// Adds a line for each claim of a limit: its mark of trust, who says so, and what.
    pub(super) fn claims(
        &self,
        rule: &str,
        unit: &str,
        limit: &Limit,
        lines: &mut SourceLines,
    ) -> Result<(), AdvisoryError> {
        let standing = limit.confidence(self.sources);
        let disagree = !limit.disagreeing().is_empty();
        for claim in &limit.claims {
            let trust = claim.trust(self.sources);
            let uses = limit.uses(claim);
            lines.put(|lang| {
                let says = match lang {
                    Lang::Vi => claim.says_vi.as_ref().or(claim.says.as_ref()),
                    Lang::En => claim.says.as_ref(),
                };
                let says = says.map(|says| self.say(lang, "source-says", [("says", says.clone())]));
                let agrees = uses && trust == Confidence::Unverified && standing < trust;
                let mark = match (uses, agrees) {
                    (false, _) => {
                        self.say(lang, "source-unused", [("trust", self.trust(lang, trust)?)])?
                    }
                    (true, true) => self.say(lang, "source-agrees", [])?,
                    (true, false) => self.trust(lang, trust)?,
                };
                let used = uses && disagree;
                let used = used.then(|| self.say(lang, "source-stricter-used", []));
                let args = [
                    ("mark", mark),
                    ("document", self.document(lang, &claim.source)),
                    ("rule", rule.to_owned()),
                    ("name", limit.name.clone()),
                    ("value", figure(lang, claim.value)),
                    ("unit", unit_in(lang, unit).to_owned()),
                    ("used", used.transpose()?.unwrap_or_default()),
                    ("says", says.transpose()?.unwrap_or_default()),
                ];
                self.say(lang, "source-claim", args)
            })?;
        }
        Ok(())
    }

    /// Adds a line for each document behind a rule's practice.
    pub(super) fn practice(
        &self,
        rule: &str,
        practice: &[String],
        lines: &mut SourceLines,
    ) -> Result<(), AdvisoryError> {
        for name in practice {
            let Some(source) = self.sources.get(name) else { continue };
            lines.put(|lang| {
                let args = [
                    ("mark", self.trust(lang, source.confidence)?),
                    ("document", self.document(lang, name)),
                    ("rule", rule.to_owned()),
                ];
                self.say(lang, "source-practice", args)
            })?;
        }
        Ok(())
    }

    /// Adds a line when a rule is applied to a day before it was in force.
    pub(super) fn replay(
        &self,
        rule: &str,
        since: Date,
        today: Date,
        lines: &mut SourceLines,
    ) -> Result<(), AdvisoryError> {
        if today >= since {
            return Ok(());
        }
        lines.put(|lang| {
            let since = match lang {
                Lang::Vi => lang.date(since),
                Lang::En => since.to_string(),
            };
            self.say(lang, "source-replay", [("rule", rule.to_owned()), ("date", since)])
        })
    }

    /// Returns the line of a place of intake that nobody verified.
    pub(super) fn place(&self, lang: Lang, note: &str) -> Result<String, AdvisoryError> {
        let mark = self.trust(lang, Confidence::Unverified)?;
        self.say(lang, "source-place", [("mark", mark), ("note", note.to_owned())])
    }

    fn say<const N: usize>(
        &self,
        lang: Lang,
        key: &str,
        args: [(&'static str, String); N],
    ) -> Result<String, AdvisoryError> {
        self.words.say(lang, key, &args.map(|(name, text)| (name, Arg::Text(text))))
    }

    fn trust(&self, lang: Lang, trust: Confidence) -> Result<String, AdvisoryError> {
        self.say(lang, &format!("trust-{}", trust.as_str()), [])
    }

    fn document(&self, lang: Lang, name: &str) -> String {
        let line = match lang {
            Lang::Vi => Source::line_vi,
            Lang::En => Source::line,
        };
        self.sources.get(name).map(line).unwrap_or_default()
    }
}

fn figure(lang: Lang, value: f64) -> String {
    match lang {
        Lang::Vi => value.to_string().replace('.', ","),
        Lang::En => value.to_string(),
    }
}

fn unit_in(lang: Lang, unit: &str) -> &str {
    match (lang, unit) {
        (Lang::Vi, "d") => "ngày",
        (Lang::Vi, "1") => "",
        (Lang::Vi, "VND/kg") => "đồng/kg",
        (Lang::Vi, "degC") => "°C",
        _ => unit,
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

//! Messages in Vietnamese and English (Fluent files), and numbers and dates as people write them.

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::Date;

use super::AdvisoryError;

/// A language of the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// Returns the language tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// Returns the messages of the salt answer and of alarms as they are shipped.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Vi => include_str!("messages/vi.ftl"),
            Self::En => include_str!("messages/en.ftl"),
        }
    }

    /// Returns the messages of the plan of the week as they are shipped.
    #[must_use]
    pub const fn work_file(self) -> &'static str {
        match self {
            Self::Vi => include_str!("messages/work_vi.ftl"),
            Self::En => include_str!("messages/work_en.ftl"),
        }
    }

    /// Returns a number of at most two decimals below 1 and one above, without trailing zeros;
    /// with a decimal comma in Vietnamese.
    #[must_use]
    pub fn number(self, value: f64) -> String {
        let mut text =
            if value.abs() < 1.0 { format!("{value:.2}") } else { format!("{value:.1}") };
        if text.contains('.') {
            text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        }
        match self {
            Self::Vi => text.replace('.', ","),
            Self::En => text,
        }
    }

    /// Returns a date as dd/mm/yyyy, in both languages: readers compare the two texts.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
    }
}

/// A value put into a message: already worded text, or a count the message may choose by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// Text in the message's language.
    Text(String),
    /// A whole number.
    Count(i64),
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Arg {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

/// The messages of both languages.
pub struct Words {
    vi: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").finish_non_exhaustive()
    }
}

impl Words {
    /// Returns the messages shipped with the program.
    ///
    /// # Errors
    /// [`AdvisoryError::Message`] when a shipped file cannot be read (a test keeps them whole).
    pub fn shipped() -> Result<Self, AdvisoryError> {
        Ok(Self { vi: bundle(Lang::Vi)?, en: bundle(Lang::En)? })
    }

    /// Checks that there is a message `key` with a text.
    ///
    /// # Errors
    /// [`AdvisoryError::Message`] when there is none.
    pub fn has(&self, lang: Lang, key: &str) -> Result<(), AdvisoryError> {
        let bundle = match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        };
        match bundle.get_message(key).and_then(|message| message.value()) {
            Some(_) => Ok(()),
            None => Err(AdvisoryError::Message {
                lang: lang.as_str(),
                key: key.to_owned(),
                reason: "no such message, or it has no text".into(),
            }),
        }
    }

    /// Returns the message `key` with its arguments filled in.
    ///
    /// # Errors
    /// [`AdvisoryError::Message`] when there is no such message or an argument is missing.
    pub fn say(
        &self,
        lang: Lang,
        key: &str,
        args: &[(&'static str, Arg)],
    ) -> Result<String, AdvisoryError> {
        let broken = |reason: String| AdvisoryError::Message {
            lang: lang.as_str(),
            key: key.to_owned(),
            reason,
        };
        let bundle = match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        };
        let message = bundle.get_message(key).ok_or_else(|| broken("no such message".into()))?;
        let pattern = message.value().ok_or_else(|| broken("it has no text".into()))?;
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, FluentValue::from(text.as_str())),
                Arg::Count(count) => values.set(*name, FluentValue::from(*count)),
            }
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        match errors.first() {
            Some(error) => Err(broken(error.to_string())),
            None => Ok(text),
        }
    }
}

/// Returns a language's messages; isolating marks stay off, since SMS and loudspeaker scripts
/// cannot carry them and both scripts run left to right.
fn bundle(lang: Lang) -> Result<FluentBundle<FluentResource>, AdvisoryError> {
    let broken = |key: &str, reason: String| AdvisoryError::Message {
        lang: lang.as_str(),
        key: key.to_owned(),
        reason,
    };
    let tag = lang.as_str().parse().map_err(|e| broken("(language tag)", format!("{e:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    for text in [lang.file(), lang.work_file()] {
        let resource = FluentResource::try_new(text.to_owned())
            .map_err(|(_, errors)| broken("(whole file)", format!("{errors:?}")))?;
        bundle
            .add_resource(resource)
            .map_err(|errors| broken("(whole file)", format!("{errors:?}")))?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_written_as_people_write_them() {
        assert_eq!(Lang::Vi.number(0.3), "0,3");
        assert_eq!(Lang::Vi.number(0.254), "0,25");
        assert_eq!(Lang::Vi.number(12.04), "12");
        assert_eq!(Lang::En.number(2.16), "2.2");
        assert_eq!(Lang::En.number(0.0), "0");
        assert_eq!(Lang::En.number(0.999), "1");
        assert_eq!(Lang::Vi.number(10.0), "10");
        assert_eq!(Lang::Vi.date(jiff::civil::date(2010, 3, 5)), "05/03/2010");
    }

    #[test]
    fn a_missing_message_or_argument_is_an_error_and_not_a_hole_in_the_text() {
        let words = Words::shipped().unwrap();
        assert!(words.say(Lang::Vi, "no-such-message", &[]).is_err());
        let error = words.say(Lang::Vi, "falls", &[]).unwrap_err().to_string();
        assert!(error.contains("falls") && error.contains("date"), "{error}");
    }
}

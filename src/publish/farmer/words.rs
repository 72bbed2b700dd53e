//! The words of the farmer's pages (Fluent files), and numbers and times as people write them.
//!
//! A language is one file and one line in [`Lang::ALL`]; a language without a file is not offered.
//! Khmer waits for a native reader.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use crate::domain::time::{LOCAL_OFFSET, add_days};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Every language offered.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// Returns the language of a tag in an address; Vietnamese for any other.
    #[must_use]
    pub fn of(tag: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|l| Some(l.tag()) == tag).unwrap_or_default()
    }

    /// Returns the language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Vi => include_str!("words/vi.ftl"),
            Self::En => include_str!("words/en.ftl"),
        }
    }
}

type Bundle = FluentBundle<FluentResource>;

static VI: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Vi));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));

fn bundle(lang: Lang) -> Bundle {
    let read = FluentResource::try_new(lang.file().to_owned());
    let resource = read.unwrap_or_else(|(resource, errors)| {
        tracing::error!(?errors, lang = lang.tag(), "a shipped file of words is broken");
        resource
    });
    let mut bundle = FluentBundle::new_concurrent(vec![lang.tag().parse().unwrap_or_default()]);
    // Isolating marks are not needed: both languages run left to right.
    bundle.set_use_isolating(false);
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(?errors, lang = lang.tag(), "a shipped word stands twice");
    }
    bundle
}

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Talk(pub Lang);

impl Talk {
    /// Returns the tag of its language.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// Returns a text without arguments. A missing one is its key, and an error in the log: a page
    /// with a hole is worth more to a farmer than none. A test keeps the files whole.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// Returns a text with its arguments filled in, as [`Talk::t`].
    #[must_use]
    pub fn say(self, key: &str, args: &[(&'static str, &str)]) -> String {
        let bundle = match self.0 {
            Lang::Vi => &VI,
            Lang::En => &EN,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
            tracing::error!(key, lang = self.0.tag(), "a word is missing");
            return key.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(*name, *value);
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, ?errors, lang = self.0.tag(), "a word lacks an argument");
        }
        text
    }

    /// Returns a figure of at most two decimals below 1 and one above, with the decimal mark of the
    /// language.
    #[must_use]
    pub fn figure(self, value: f64) -> String {
        let mut text =
            if value.abs() < 1.0 { format!("{value:.2}") } else { format!("{value:.1}") };
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        match self.0 {
            Lang::Vi => text.replace('.', ","),
            Lang::En => text,
        }
    }

    /// Returns a price in tens, with the thousands' mark of the language.
    #[must_use]
    pub fn price(self, value: f64) -> String {
        let digits = format!("{:.0}", (value / 10.0).round() * 10.0);
        let mark = match self.0 {
            Lang::Vi => '.',
            Lang::En => ',',
        };
        let mut text = String::new();
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// Returns odds (0 to 1) as people count them: "8 trong 10 lần".
    #[must_use]
    pub fn often(self, odds: f64) -> String {
        match (odds.clamp(0.0, 1.0) * 10.0).round() {
            n if n < 1.0 => self.t("often-few"),
            n if n > 9.0 => self.t("often-most"),
            n => self.say("often", &[("parts", &format!("{n:.0}"))]),
        }
    }

    /// Returns odds (0 to 1) in short, for a table: `8/10`.
    #[must_use]
    pub fn often_short(self, odds: f64) -> String {
        match (odds.clamp(0.0, 1.0) * 10.0).round() {
            n if n < 1.0 => "<1/10".to_owned(),
            n if n > 9.0 => ">9/10".to_owned(),
            n => format!("{n:.0}/10"),
        }
    }

    /// Returns until when something holds: midnight is the end of a day.
    #[must_use]
    pub fn end(self, at: Timestamp) -> String {
        let local = LOCAL_OFFSET.to_datetime(at);
        if local.time() != jiff::civil::Time::midnight() {
            return self.moment(at);
        }
        self.say("end-of-day", &[("date", &self.date(add_days(local.date(), -1)))])
    }

    /// Returns how long ago something was, in the largest whole unit.
    #[must_use]
    pub fn age(self, hours: f64) -> String {
        let (key, n) = match hours {
            h if h < 1.0 / 60.0 => return self.t("age-now"),
            h if h < 1.0 => ("age-minutes", (h * 60.0).floor()),
            h if h < 48.0 => ("age-hours", h.floor()),
            h => ("age-days", (h / 24.0).floor()),
        };
        self.say(key, &[("n", &format!("{n:.0}"))])
    }

    /// Returns a moment in local time: `07:00 ngày 20/02/2010`.
    #[must_use]
    pub fn moment(self, at: Timestamp) -> String {
        let local = LOCAL_OFFSET.to_datetime(at);
        let (time, date) = (local.strftime("%H:%M"), local.strftime("%d/%m/%Y"));
        match self.0 {
            Lang::Vi => format!("{time} ngày {date}"),
            Lang::En => format!("{time} on {date}"),
        }
    }

    /// Returns a moment of the next days: `02:10 T7 21/2`.
    #[must_use]
    pub fn soon(self, at: Timestamp) -> String {
        let local = LOCAL_OFFSET.to_datetime(at);
        format!("{} {}", local.strftime("%H:%M"), self.day(local.date()))
    }

    /// Returns a day of the week and of the month: `T7 21/2`.
    #[must_use]
    pub fn day(self, day: Date) -> String {
        format!("{} {}/{}", self.weekday(day), day.day(), day.month())
    }

    /// Returns the day of the week in short.
    #[must_use]
    pub fn weekday(self, day: Date) -> String {
        self.t(match day.weekday() {
            Weekday::Monday => "day-mon",
            Weekday::Tuesday => "day-tue",
            Weekday::Wednesday => "day-wed",
            Weekday::Thursday => "day-thu",
            Weekday::Friday => "day-fri",
            Weekday::Saturday => "day-sat",
            Weekday::Sunday => "day-sun",
        })
    }

    /// Returns a date in full, `20/02/2010`.
    #[must_use]
    pub fn date(self, day: Date) -> String {
        day.strftime("%d/%m/%Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn keys(lang: Lang) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let lines = lang.file().lines().filter(|l| !l.starts_with('#'));
        let entry = |line: &'static str| {
            let (key, text) = line.split_once(" = ")?;
            let args = text.split('$').skip(1).filter_map(|a| a.split([' ', '}']).next());
            Some((key, args.collect()))
        };
        lines.filter_map(entry).collect()
    }

    #[test]
    fn every_language_has_the_same_words_with_the_same_arguments() {
        let vietnamese = keys(Lang::Vi);
        assert!(vietnamese.len() > 100);
        for lang in Lang::ALL {
            assert_eq!(keys(lang), vietnamese, "{}", lang.tag());
        }
    }

    #[test]
    fn every_word_asked_for_by_code_or_page_exists() {
        let known = keys(Lang::Vi);
        let sources = [
            include_str!("screen.rs"),
            include_str!("screen/advice.rs"),
            include_str!("screen/facts.rs"),
            include_str!("picture.rs"),
            include_str!("mod.rs"),
            include_str!("chooser.rs"),
            include_str!("poster.rs"),
            include_str!("words.rs"),
            include_str!("../pages/farmer/frame.html"),
            include_str!("../pages/farmer/screen.html"),
            include_str!("../pages/farmer/chooser.html"),
            include_str!("../pages/farmer/poster.html"),
        ];
        let mut asked = 0;
        for source in sources {
            for call in [".t(\"", ".say(\""] {
                for rest in source.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(known.contains_key(key), "{key} is asked for and stands nowhere");
                    asked += 1;
                }
            }
        }
        assert!(asked > 50, "{asked}");
    }

    #[test]
    fn every_crop_and_stage_has_a_name() {
        let known = keys(Lang::Vi);
        for crop in crate::domain::Crop::ALL {
            assert!(known.contains_key(format!("crop-{crop}").as_str()), "{crop}");
        }
        for stage in ["any", "fallow", "pre_sowing", "germination", "seedling", "tillering"] {
            assert!(known.contains_key(format!("stage-{stage}").as_str()), "{stage}");
        }
    }

    #[test]
    fn figures_prices_odds_and_ages_read_as_people_say_them() {
        let (vi, en) = (Talk(Lang::Vi), Talk(Lang::En));
        assert_eq!((vi.figure(0.254), en.figure(12.04)), ("0,25".into(), "12".into()));
        assert_eq!((vi.price(12_346.0), en.price(985.0)), ("12.350".into(), "990".into()));
        assert_eq!(vi.often(0.83), "8 trong 10 lần");
        assert_eq!(vi.often(0.97), "Hơn 9 trong 10 lần");
        assert_eq!(vi.often(0.01), "Chưa tới 1 trong 10 lần");
        assert_eq!((vi.age(0.5), vi.age(47.9)), ("30 phút trước".into(), "47 giờ trước".into()));
        assert_eq!((vi.often_short(0.01), vi.often_short(0.34)), ("<1/10".into(), "3/10".into()));
        let end = |at: &str| vi.end(at.parse().unwrap());
        assert_eq!(end("2010-02-21T17:00:00Z"), "hết ngày 21/02/2010");
        assert_eq!(end("2010-02-21T18:00:00Z"), "01:00 ngày 22/02/2010");
        assert_eq!(vi.age(50.0), "2 ngày trước");
        assert_eq!(vi.day(jiff::civil::date(2010, 2, 20)), "T7 20/2");
    }
}

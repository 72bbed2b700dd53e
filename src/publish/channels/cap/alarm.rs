//! What a CAP message says of an alarm: something measured, so that its certainty is `Observed`.

use jiff::{SignedDuration, Timestamp};

use super::{area, event, headline, rounded};
use crate::domain::geography::Commune;
use crate::frames::WordedChange;
use crate::publish::cap::{
    Area, CapError, DateTime, Emphasis, Info, Language, NamedValue, Reason, ResponseType, Sureness,
    Timing, Why, Words,
};
use crate::publish::channels::ChannelError;
use crate::publish::channels::settings::Cap;
use crate::publish::channels::wording::{self, Need, Ranked};

/// How long a message stands when nothing follows it. Half a spring–neap cycle (14.8 days): by then
/// salt has grown, which is an update, or is over, which cancels it; a probe that died says neither.
const STANDS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A change that stands, and for whom.
pub(super) struct Telling<'a> {
    pub(super) worded: &'a WordedChange,
    /// Whether nobody has seen the alarm yet.
    pub(super) unseen: bool,
    pub(super) communes: &'a [&'a Commune],
}

impl Telling<'_> {
    /// Returns what is said of it at `at`, in both languages.
    pub(super) fn infos(&self, settings: &Cap, at: Timestamp) -> Result<Vec<Info>, ChannelError> {
        let info = |language| self.info(settings, at, language);
        Ok(vec![info(Language::Vietnamese)?, info(Language::English)?])
    }

    fn info(
        &self,
        settings: &Cap,
        at: Timestamp,
        language: Language,
    ) -> Result<Info, ChannelError> {
        let Self { worded, unseen, communes } = *self;
        let change = &worded.change;
        let expires = at.saturating_add(STANDS).unwrap_or(at);
        let text = text(worded, unseen, language);
        let (event_vi, event_en, category) = event(change.hazard.as_str());
        let timing = Timing::between(at, change.opened_at, expires);
        let vi = language == Language::Vietnamese;
        let areas: Result<Vec<Area>, CapError> =
            communes.iter().map(|commune| area(commune, vi)).collect();
        Ok(Info {
            language,
            categories: vec![category],
            event: if vi { event_vi } else { event_en }.to_owned(),
            response_types: vec![ResponseType::Avoid],
            emphasis: Emphasis::of(change.severity, timing, Sureness::Observed)?,
            audience: None,
            event_codes: vec![NamedValue::new("MUAVU-HAZARD", change.hazard.as_str())],
            effective: None,
            onset: Some(DateTime::local(change.opened_at)?),
            expires: DateTime::local(expires)?,
            sender_name: Some("Muavu".to_owned()),
            headline: brief(&text),
            description: Some(measured(&text)),
            instruction: Some(instruction(&text)),
            web: settings.base_url.join("v1/alarms?open=true").ok(),
            contact: None,
            parameters: parameters(worded),
            areas: areas?,
        })
    }
}

/// Returns why the messages of an alarm hold no longer: it is over.
pub(super) fn over(worded: &WordedChange, unseen: bool) -> Why {
    let words = |language| {
        let text = text(worded, unseen, language);
        Words {
            language,
            headline: brief(&text),
            description: measured(&text),
            instruction: Some(instruction(&text)),
        }
    };
    Why {
        reason: Reason::Over,
        note: format!("{}: over", worded.change.alarm),
        words: vec![words(Language::Vietnamese), words(Language::English)],
    }
}

fn text(worded: &WordedChange, unseen: bool, language: Language) -> Vec<Ranked> {
    let vi = language == Language::Vietnamese;
    wording::of_alarm(if vi { &worded.text_vi } else { &worded.text_en }, unseen)
}

/// Returns the headline, of which the year is no part: the description has it.
fn brief(text: &[Ranked]) -> String {
    let short = |(need, line): &Ranked| (*need, wording::without_years(line));
    headline(&text.iter().map(short).collect::<Vec<_>>())
}

fn measured(text: &[Ranked]) -> String {
    wording::joined(text, |need| matches!(need, Need::Mark | Need::Headline), "\n")
}

fn instruction(text: &[Ranked]) -> String {
    wording::joined(text, |need| !matches!(need, Need::Mark | Need::Headline), "\n")
}

fn parameters(worded: &WordedChange) -> Vec<NamedValue> {
    let change = &worded.change;
    let numbers = [
        ("salinity_measured_g_l", change.value),
        ("salinity_highest_g_l", change.peak),
        ("salinity_limit_g_l", change.limit),
    ];
    let numbers = numbers
        .into_iter()
        .filter_map(|(name, value)| Some(NamedValue::new(name, rounded(value?))));
    let named = [
        NamedValue::new("place", change.place.as_str()),
        NamedValue::new("place_name", worded.place_name.as_str()),
        NamedValue::new("measured_at", crate::domain::time::local_text(change.event_time)),
    ];
    named.into_iter().chain(numbers).collect()
}

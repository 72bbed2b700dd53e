//! From a change the engine decided to what is stored, shown and announced: its texts in both
//! languages, for which communes it is, and whether a person must see it first.
//!
//! Who is told, and when, is decided where it is sent (`publish::channels::fanout`): the stream
//! waits for no list of subscribers.

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::Rules;
use super::runner::Parts;
use crate::advisory::alarm::{self, AlarmChange, Tell, Turn};
use crate::advisory::words::{Lang, Words};
use crate::frames::WordedChange;
use crate::pipeline::PipelineError;
use crate::storage::alarms::{Announce, ChangeRow, Kept};

/// Returns what keeps a change and announces it; called again, it keeps it once.
pub(super) fn keep<'a>(
    parts: &'a Parts,
    words: &'a Words,
    rules: &'a Rules,
    change: &'a AlarmChange,
) -> impl Fn() -> BoxFuture<'a, Result<(), PipelineError>> {
    move || {
        async move {
            let mut row = row(words, rules, change)?;
            if !parts.announces {
                row.announce = Announce::Never;
            }
            match parts.records.keep_change(&row).await? {
                Kept::New | Kept::Known => {}
                Kept::OtherOpen => tracing::warn!(
                    place = %change.place,
                    hazard = change.hazard.as_str(),
                    "another writer holds an open alarm here; this one is not opened beside it"
                ),
            }
            Ok(())
        }
        .boxed()
    }
}

/// Returns the row of a change: what listeners, pages and channels show.
///
/// # Errors
/// [`PipelineError::Advisory`] when a message is missing (a test walks them all).
pub fn row(words: &Words, rules: &Rules, change: &AlarmChange) -> Result<ChangeRow, PipelineError> {
    let place_name = rules.registry.place_name(&change.place);
    let before_review = goes_before_review(rules, change);
    let say = |lang| -> Result<String, PipelineError> {
        let said = alarm::text(words, lang, change, &place_name, &rules.policy)?;
        if !before_review {
            return Ok(said);
        }
        Ok(format!("{said}\n{}", words.say(lang, "alarm-unreviewed", &[])?))
    };
    let worded = WordedChange {
        text_vi: say(Lang::Vi)?,
        text_en: say(Lang::En)?,
        communes: rules.registry.communes_of(&change.place),
        change: change.clone(),
        place_name,
        before_review,
    };
    let document = serde_json::to_string(&worded).unwrap_or_default();
    Ok(ChangeRow {
        alarm: change.alarm.clone(),
        step: i64::from(change.step),
        place: change.place.to_string(),
        hazard: change.hazard.as_str().to_owned(),
        severity: change.severity.to_string(),
        opened_at: change.opened_at,
        known_at: change.known_at,
        closes: change.turn == Turn::Cleared,
        announce: announce(rules, change),
        document,
    })
}

/// Whether farmers are told before a person has seen it: the class the policy allows that to.
fn goes_before_review(rules: &Rules, change: &AlarmChange) -> bool {
    change.hazard.is_for_farmers() && change.severity >= rules.policy.before_review
}

/// Farmers hear of it when its class may go out or a person has seen the alarm, those who keep the
/// devices at once; nobody when the day's messages of the place are used up.
fn announce(rules: &Rules, change: &AlarmChange) -> Announce {
    let must_be_seen = change.hazard.is_for_farmers() && !goes_before_review(rules, change);
    match change.tell {
        Tell::Held => Announce::Never,
        Tell::Now | Tell::At(_) if must_be_seen => Announce::WhenSeen,
        Tell::Now | Tell::At(_) => Announce::AtOnce,
    }
}

//! From a change the engine decided to what is stored, shown and sent: its texts in both languages,
//! whether a person has seen it, who is told and when.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::json;

use super::runner::Parts;
use super::{Receivers, Rules};
use crate::advisory::alarm::{self, AlarmChange, Tell, Turn};
use crate::advisory::words::{Lang, Words};
use crate::pipeline::PipelineError;
use crate::storage::alarms::{ChangeRow, Kept};
use crate::storage::outbox::{ALL, About, Delivery, State};

/// Returns what keeps a change with what is to be sent of it; called again, it keeps it once.
pub(super) fn keep<'a>(
    parts: &'a Parts,
    words: &'a Words,
    rules: &'a Rules,
    change: &'a AlarmChange,
) -> impl Fn() -> BoxFuture<'a, Result<(), PipelineError>> {
    move || {
        async move {
            let row = row(words, rules, change)?;
            let deliveries = deliveries(&parts.receivers, rules, change, &row);
            match parts.records.keep_change(&row, &deliveries).await? {
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
    let name = rules.registry.place_name(&change.place);
    let say = |lang| -> Result<String, PipelineError> {
        let said = alarm::text(words, lang, change, &name, &rules.policy)?;
        if !goes_before_review(rules, change) {
            return Ok(said);
        }
        Ok(format!("{said} {}", words.say(lang, "alarm-unreviewed", &[])?))
    };
    let mut document = serde_json::to_value(change).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("place_name".into(), json!(name));
        fields.insert("text_vi".into(), json!(say(Lang::Vi)?));
        fields.insert("text_en".into(), json!(say(Lang::En)?));
        fields.insert("before_review".into(), json!(goes_before_review(rules, change)));
    }
    Ok(ChangeRow {
        alarm: change.alarm.clone(),
        step: i64::from(change.step),
        place: change.place.to_string(),
        hazard: change.hazard.as_str().to_owned(),
        severity: change.severity.to_string(),
        opened_at: change.opened_at,
        known_at: change.known_at,
        closes: change.turn == Turn::Cleared,
        document: document.to_string(),
    })
}

/// Whether farmers are told before a person has seen it: the class the policy allows that to, and
/// what was true when nobody could look, that it is over.
fn goes_before_review(rules: &Rules, change: &AlarmChange) -> bool {
    change.hazard.is_for_farmers() && change.severity >= rules.policy.before_review
}

/// Returns what is to be sent: to farmers' channels when the class may go out or a person has seen
/// it, to those who keep the devices at once; nothing when the day's messages are used up.
fn deliveries(
    receivers: &Receivers,
    rules: &Rules,
    change: &AlarmChange,
    row: &ChangeRow,
) -> Vec<Delivery> {
    let due = match change.tell {
        Tell::Now => change.known_at,
        Tell::At(later) => later,
        Tell::Held => return Vec::new(),
    };
    let farmers = change.hazard.is_for_farmers();
    receivers
        .channels(!farmers)
        .map(|channel| {
            let to = (channel, ALL);
            let mut delivery = Delivery::new(About::Alarm, &row.alarm, row.step, to, due);
            if farmers && !goes_before_review(rules, change) {
                delivery.state = State::Review;
            }
            delivery.made_at = change.known_at;
            delivery.body.clone_from(&row.document);
            delivery
        })
        .collect()
}

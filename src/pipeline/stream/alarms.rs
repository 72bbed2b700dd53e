//! From a change the engine decided to what is stored and shown: its texts in both languages.

use serde_json::json;

use super::Rules;
use crate::advisory::alarm::{self, AlarmChange, Turn};
use crate::advisory::words::{Lang, Words};
use crate::pipeline::PipelineError;
use crate::storage::Records;
use crate::storage::alarms::{ChangeRow, Kept};

/// Returns what keeps a change; called again, it keeps it once.
pub(super) fn keep<'a>(
    records: &'a Records,
    words: &'a Words,
    rules: &'a Rules,
    change: &'a AlarmChange,
) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = Result<(), PipelineError>> + Send + 'a>> {
    move || {
        Box::pin(async move {
            let row = row(words, rules, change)?;
            match records.keep_change(&row).await? {
                Kept::New | Kept::Known => {}
                Kept::OtherOpen => tracing::warn!(
                    place = %change.place,
                    hazard = change.hazard.as_str(),
                    "another writer holds an open alarm here; this one is not opened beside it"
                ),
            }
            Ok(())
        })
    }
}

/// Returns the row of a change: what listeners, pages and channels show.
///
/// # Errors
/// [`PipelineError::Advisory`] when a message is missing (a test walks them all).
pub fn row(words: &Words, rules: &Rules, change: &AlarmChange) -> Result<ChangeRow, PipelineError> {
    let name = rules.registry.place_name(&change.place);
    let say = |lang| alarm::text(words, lang, change, &name, &rules.policy);
    let mut document = serde_json::to_value(change).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("place_name".into(), json!(name));
        fields.insert("text_vi".into(), json!(say(Lang::Vi)?));
        fields.insert("text_en".into(), json!(say(Lang::En)?));
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

//! What people are told of an alarm: one message, with the event's own time in it.
//!
//! Farmers' messages have lines, as advisories do, so that a short channel can leave out the last:
//! what was measured, what it means for taking water, and to measure before it is taken.

use jiff::Timestamp;

use super::{AlarmChange, AlarmPolicy, Turn};
use crate::advisory::AdvisoryError;
use crate::advisory::words::{Arg, Lang, Words};
use crate::domain::time;

/// Returns the text of a change in one language, in lines; `place_name` is what people call the place.
///
/// # Errors
/// [`AdvisoryError::Message`] when a message is missing (a test walks them all).
pub fn text(
    words: &Words,
    lang: Lang,
    change: &AlarmChange,
    place_name: &str,
    policy: &AlarmPolicy,
) -> Result<String, AdvisoryError> {
    let number = |value: Option<f64>| Arg::Text(value.map_or(String::new(), |v| lang.number(v)));
    let severity = words.say(lang, &format!("severity-{}", change.severity), &[])?;
    let key = format!("alarm-{}-{}", change.hazard.as_str(), change.turn.as_str());
    let args = [
        ("place", Arg::Text(place_name.to_owned())),
        ("severity", Arg::Text(severity)),
        ("time", Arg::Text(moment(lang, change.event_time))),
        ("value", number(change.value)),
        ("peak", number(change.peak)),
        ("limit", number(change.limit)),
        ("hours", Arg::Count(policy.salt.clear_hours)),
    ];
    // A message names only what it needs; what it does not use is no fault.
    let mut lines = vec![words.say(lang, &key, &args)?];
    if change.hazard.is_for_farmers() {
        lines.push(words.say(lang, &format!("{key}-do"), &[])?);
        if change.turn != Turn::Cleared {
            lines.push(words.say(lang, "alarm-measure", &[])?);
        }
    }
    Ok(lines.join("\n"))
}

/// Returns a moment as people say it: hour, then day.
fn moment(lang: Lang, at: Timestamp) -> String {
    let local = time::LOCAL_OFFSET.to_datetime(at);
    let clock = match lang {
        Lang::Vi => format!("{} giờ {:02}", local.hour(), local.minute()),
        Lang::En => format!("{:02}:{:02}", local.hour(), local.minute()),
    };
    match lang {
        Lang::Vi => format!("{clock} ngày {}", lang.date(local.date())),
        Lang::En => format!("{clock} on {}", lang.date(local.date())),
    }
}

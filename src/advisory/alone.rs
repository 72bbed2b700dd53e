//! The text of a field's work where there is no answer about salt.

use jiff::civil::Date;

use super::AdvisoryError;
use super::outlook::{Field, NoValue, SaltOutlook};
use super::text::{Telling, opening};
use super::words::{Arg, Lang, Words};
use crate::domain::{Crop, Severity, Stage};
use crate::frames::WeekPlan;

type Line = Result<String, AdvisoryError>;

/// A field of which only work is told.
#[derive(Debug, Clone, Copy)]
pub struct WorkOnly<'a> {
    /// The commune's forecast of salt, which gives no answer.
    pub outlook: &'a SaltOutlook,
    /// The crop and stage.
    pub field: Field,
    /// Why there is no answer about salt; none where nobody waits for one.
    pub no_salt: Option<NoValue>,
    /// The week's work.
    pub plan: &'a WeekPlan,
    /// What the run shares.
    pub room: Telling<'a>,
}

/// Returns the text of a field's work where there is no answer about salt.
///
/// # Errors
/// [`AdvisoryError::Message`] when a message is missing.
pub fn work_only(told: &WorkOnly<'_>, last: Date, lang: Lang) -> Line {
    let room = told.room;
    let say = |key: &str, args: &[(&'static str, Arg)]| room.words.say(lang, key, args);
    let gravest = told.plan.work.iter().map(|work| work.severity).max();
    let severity = say(&format!("severity-{}", gravest.unwrap_or(Severity::Normal)), &[])?;
    let mut lines = opening(room, lang)?;
    lines.push(say(
        "headline",
        &[
            ("severity", severity.into()),
            ("commune", told.outlook.name.clone().into()),
            ("field", field_name(room.words, told.field, lang)?.into()),
            ("date", lang.date(room.today).into()),
        ],
    )?);
    lines.extend(room.teller().lines(told.plan, lang)?);
    if let Some(reason) = told.no_salt {
        let none = say(&format!("none-{reason}"), &[])?;
        lines.push(say("week-no-salt", &[("reason", none.into())])?);
    }
    lines.push(say("ask", &[])?);
    lines.push(say("expires", &[("date", lang.date(last).into())])?);
    Ok(lines.join("\n"))
}

/// Returns a crop, with its stage where it has stages.
pub(super) fn field_name(words: &Words, field: Field, lang: Lang) -> Line {
    let crop = words.say(lang, &format!("crop-{}", field.crop), &[])?;
    let staged = matches!(field.crop, Crop::Rice | Crop::RiceShrimp);
    if staged || field.stage != Stage::Any {
        let stage = words.say(lang, &format!("stage-{}", field.stage), &[])?;
        words.say(lang, "field-staged", &[("crop", crop.into()), ("stage", stage.into())])
    } else {
        words.say(lang, "field-plain", &[("crop", crop.into())])
    }
}

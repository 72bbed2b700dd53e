//! CAP 1.2 as a channel: a document is kept for ever and served (`/v1/cap/…`), and what updates or
//! cancels it refers to all that went before.

mod alarm;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::settings::Cap;
use super::wording::{self, Need, Ranked};
use super::{Audience, Channel, ChannelError, Notice, Outcome, Parcel, Subject};
use crate::domain::Severity;
use crate::domain::geography::Commune;
use crate::domain::place::slug;
use crate::domain::time::day_start;
use crate::frames::{Advisory, Evidence};
use crate::publish::cap::{
    Alert, Area, CapError, Category, Circle, DateTime, Emphasis, Envelope, Identifier, Info,
    Language, MsgType, NamedValue, Point, Reason, ResponseType, Scope, Sent, Status, Sureness,
    Timing, Why, Words,
};
use crate::storage::outbox::Turn;

/// The channel's name in the outbox.
pub const NAME: &str = "cap";

/// The longest headline (CAP, `headline`: about 160 characters).
const HEADLINE_CHARS_MAX: usize = 160;

/// What a hazard is called, and under which category of CAP it falls: pests, diseases and markets
/// have none of their own.
const EVENTS: [(&str, &str, &str, Category); 18] = [
    ("salt", "Xâm nhập mặn", "Salt intrusion", Category::Env),
    ("water", "Nước cho cây trồng", "Water for crops", Category::Env),
    ("water_quality", "Chất lượng nước", "Water quality", Category::Env),
    ("oxygen", "Thiếu ôxy trong ao", "Low oxygen in ponds", Category::Env),
    ("flood", "Ngập úng", "Flooding", Category::Met),
    ("rain", "Mưa lớn", "Heavy rain", Category::Met),
    ("wind", "Gió mạnh", "Strong wind", Category::Met),
    ("storm", "Bão, áp thấp", "Storm", Category::Met),
    ("heat", "Nắng nóng", "Heat", Category::Met),
    ("disease", "Bệnh cây trồng", "Crop disease", Category::Other),
    ("pest", "Sâu hại", "Crop pests", Category::Other),
    ("planthopper", "Rầy nâu", "Brown planthopper", Category::Other),
    ("snail", "Ốc bươu vàng", "Golden apple snail", Category::Other),
    ("sowing", "Lịch xuống giống", "Sowing", Category::Other),
    ("harvest", "Thu hoạch", "Harvest", Category::Other),
    ("flowering", "Cây ra hoa, lúa trổ", "Flowering", Category::Other),
    ("spray", "Phun thuốc", "Spraying", Category::Other),
    ("market", "Giá nông sản", "Farm prices", Category::Other),
];

/// CAP.
#[derive(Debug)]
pub struct CapChannel {
    settings: Cap,
}

impl CapChannel {
    /// Returns the channel.
    #[must_use]
    pub fn of(settings: &Cap) -> Self {
        Self { settings: settings.clone() }
    }

    /// Returns the channel whose documents are marked as tests that everybody disregards.
    pub(super) fn draft(settings: &Cap) -> Self {
        Self { settings: Cap { status: Status::Test, ..settings.clone() } }
    }

    /// Returns the message of a notice after what went out before it about the same event.
    ///
    /// # Errors
    /// [`ChannelError`] when something of it is forbidden by CAP.
    fn message(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        before: Option<&Sent>,
    ) -> Result<Option<Alert>, ChannelError> {
        let sent = DateTime::local(notice.at)?;
        let identifier = identifier(notice)?;
        if matches!(notice.turn, Turn::Withdrawn | Turn::Over) {
            let Some(before) = before else { return Ok(None) };
            return match Alert::cancel(before, identifier, sent, &why(notice)) {
                Ok(alert) => Ok(Some(alert)),
                // It is over by itself, or was cancelled before.
                Err(CapError::Expired { .. } | CapError::Cancelled { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
        let (ends, infos) = match (notice.subject, communes) {
            // Nobody is warned where nobody is.
            (_, []) => return Ok(None),
            (Subject::Advice { advisory, .. }, [commune, ..]) => {
                (advisory.expires_at, infos(&self.settings, advisory, commune, notice.at))
            }
            (Subject::Alarm { worded, unseen, holds_until }, _) => {
                let telling = alarm::Telling { worded, unseen, communes };
                (holds_until, telling.infos(&self.settings, notice.at))
            }
        };
        if ends <= notice.at {
            return Ok(None);
        }
        let infos = infos?;
        let mut alert = match before.filter(|before| stands(before, notice.at)) {
            Some(before) => Alert::update(before, identifier, sent, infos)?,
            None => Alert::new(self.envelope(identifier, sent), infos),
        };
        let exercise = self.settings.status == Status::Exercise;
        alert.note = exercise.then(|| "Chạy thử, chưa được tỉnh cho phép phát tin.".to_owned());
        Ok(Some(alert))
    }

    fn envelope(&self, identifier: Identifier, sent: DateTime) -> Envelope {
        let restriction = self.settings.restriction.clone();
        let scope =
            if self.settings.public { Scope::Public } else { Scope::Restricted { restriction } };
        let (sender, status) = (self.settings.sender.clone(), self.settings.status);
        Envelope { identifier, sender, sent, status, scope }
    }
}

/// Returns a draft's document, marked as a test that everybody disregards.
pub(super) fn draft(
    settings: &Cap,
    advisory: &Advisory,
    commune: &Commune,
) -> Result<String, ChannelError> {
    let channel = CapChannel::draft(settings);
    let alert = channel.message(&Notice::draft(advisory), &[commune], None)?;
    Ok(alert.map(Alert::check).transpose()?.map_or_else(String::new, |alert| alert.to_xml()))
}

fn identifier(notice: &Notice<'_>) -> Result<Identifier, CapError> {
    let subject = match notice.subject {
        Subject::Advice { advisory, .. } => advisory.id.clone(),
        // It is also the last part of the document's address.
        Subject::Alarm { worded, .. } => worded.change.alarm.replace(['/', ':'], "-"),
    };
    format!("muavu-{subject}-{}", notice.version).parse()
}

/// Whether a message can still be updated: it is no cancellation and not over by itself.
fn stands(before: &Sent, at: Timestamp) -> bool {
    let alert = before.message().get();
    let over = alert.infos.iter().any(|info| info.expires.timestamp() <= at);
    alert.msg_type() != MsgType::Cancel && !over
}

fn infos(
    settings: &Cap,
    advisory: &Advisory,
    commune: &Commune,
    at: Timestamp,
) -> Result<Vec<Info>, ChannelError> {
    let vietnamese = info(settings, advisory, commune, at, Language::Vietnamese)?;
    let english = info(settings, advisory, commune, at, Language::English)?;
    Ok(vec![vietnamese, english])
}

fn info(
    settings: &Cap,
    advisory: &Advisory,
    commune: &Commune,
    at: Timestamp,
    language: Language,
) -> Result<Info, ChannelError> {
    let vi = language == Language::Vietnamese;
    let text = wording::ranked(if vi { &advisory.text_vi } else { &advisory.text_en });
    let normal = advisory.severity == Severity::Normal;
    let first_day = advisory.evidence.first().and_then(|e| day_start(e.day).ok());
    let onset = first_day.unwrap_or(advisory.valid_from);
    // The odds of what the alert names: an all-clear names what is not expected.
    let odds = if normal { 1.0 - advisory.confidence } else { advisory.confidence };
    let timing = Timing::between(at, onset, advisory.expires_at);
    let emphasis = Emphasis::of(advisory.severity, timing, Sureness::Forecast(odds))?;
    let (event_vi, event_en, category) = event(&advisory.hazard);
    let page = settings.base_url.join(&format!("v1/communes/{}/today", commune.code));
    Ok(Info {
        language,
        categories: vec![category],
        event: if vi { event_vi } else { event_en }.to_owned(),
        response_types: vec![response(advisory)],
        emphasis,
        audience: None,
        event_codes: vec![NamedValue::new("MUAVU-HAZARD", advisory.hazard.as_str())],
        effective: None,
        onset: Some(DateTime::local(onset)?),
        expires: DateTime::local(advisory.expires_at)?,
        sender_name: Some("Muavu".to_owned()),
        headline: headline(&text),
        description: Some(wording::joined(
            &text,
            |need| !matches!(need, Need::Headline | Need::Action | Need::Work | Need::Care),
            "\n",
        )),
        instruction: Some(wording::joined(
            &text,
            |need| matches!(need, Need::Action | Need::Work | Need::Care),
            "\n",
        )),
        web: page.ok(),
        contact: None,
        parameters: parameters(advisory),
        areas: vec![area(commune, vi)?],
    })
}

fn headline(text: &[Ranked]) -> String {
    let wanted = |need| matches!(need, Need::Mark | Need::Headline | Need::Answer);
    let whole = wording::joined(text, wanted, " ");
    let whole = if whole.is_empty() { wording::joined(text, |_| true, " ") } else { whole };
    wording::cut(&whole, HEADLINE_CHARS_MAX)
}

fn event(hazard: &str) -> (&str, &str, Category) {
    let known = EVENTS.iter().find(|(name, ..)| *name == hazard);
    known.map_or((hazard, hazard, Category::Other), |(_, vi, en, category)| (vi, en, *category))
}

fn response(advisory: &Advisory) -> ResponseType {
    match (advisory.severity, advisory.hazard.as_str()) {
        (Severity::Normal, _) => ResponseType::Monitor,
        (_, "salt") => ResponseType::Avoid,
        _ => ResponseType::Prepare,
    }
}

fn parameters(advisory: &Advisory) -> Vec<NamedValue> {
    let held = |e: &Evidence| {
        let (quantity, unit) = (slug(&e.quantity), slug(&e.unit));
        // Many quantities end in their unit already.
        let quantity = quantity.strip_suffix(&format!("_{unit}")).unwrap_or(&quantity).to_owned();
        let named = move |part: &str, value| {
            NamedValue::new(format!("{quantity}_{part}_{unit}"), rounded(value))
        };
        [
            named("expected", e.value),
            named("low", e.low),
            named("high", e.high),
            named("limit", e.threshold),
        ]
    };
    let named = [
        NamedValue::new("crop", advisory.crop.as_str()),
        NamedValue::new("stage", advisory.stage.as_str()),
        NamedValue::new("rule", advisory.rule.as_str()),
        NamedValue::new("action", advisory.action.as_str()),
        NamedValue::new("confidence", rounded(advisory.confidence)),
    ];
    named.into_iter().chain(advisory.evidence.first().into_iter().flat_map(held)).collect()
}

fn rounded(value: f64) -> String {
    format!("{value:.2}")
}

/// Returns the commune as a circle of its area around its point: outlines are not shipped.
fn area(commune: &Commune, vi: bool) -> Result<Area, CapError> {
    let Commune { kind, name, .. } = commune;
    let area_desc = if vi {
        format!("{kind} {name}, tỉnh Vĩnh Long")
    } else {
        format!("{name} commune, Vĩnh Long province")
    };
    let radius_km = (commune.area_km2 / std::f64::consts::PI).sqrt();
    let circle = Circle::new(Point::new(commune.lat, commune.lon)?, radius_km)?;
    let geocodes = vec![NamedValue::new("VN-COMMUNE", commune.code.as_str())];
    Ok(Area { area_desc, polygons: Vec::new(), circles: vec![circle], geocodes })
}

fn why(notice: &Notice<'_>) -> Why {
    if let Subject::Alarm { worded, unseen, .. } = notice.subject {
        return alarm::over(worded, unseen);
    }
    let reason = notice.reason();
    let words = |language, headline: &str, description, instruction: &str| Words {
        language,
        headline: headline.to_owned(),
        description,
        instruction: Some(instruction.to_owned()),
    };
    Why {
        reason: Reason::Withdrawn,
        note: reason.to_owned(),
        words: vec![
            words(
                Language::Vietnamese,
                "Tin đã gửi được rút lại, đừng làm theo nữa",
                format!("Lý do: {reason}"),
                "Đây không phải là tin được lấy nước. Luôn đo độ mặn trước khi lấy nước.",
            ),
            words(
                Language::English,
                "This advice is withdrawn; do not follow it any more",
                format!("Reason: {reason}"),
                "This is no permission to take water. Always measure before taking water.",
            ),
        ],
    }
}

impl Channel for CapChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::Everybody
    }

    fn severity_min(&self) -> Severity {
        self.settings.severity_min
    }

    fn alarm_severity_min(&self) -> Severity {
        // A single probe's milder alarm is for those who take its water, not for the world.
        Severity::Emergency.max(self.settings.severity_min)
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        let before: Option<Sent> = before.map(serde_json::from_str).transpose()?;
        let alert = self.message(notice, communes, before.as_ref())?;
        let checked = alert.map(Alert::check).transpose()?;
        Ok(checked.map(|alert| serde_json::to_string(&alert.sent())).transpose()?)
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            // It lies in the outbox, from where it is served: to be sent is to be noted as sent.
            match serde_json::from_str::<Sent>(parcel.body) {
                Ok(sent) => {
                    Outcome::Received(Some(sent.message().get().envelope.identifier.to_string()))
                }
                Err(error) => Outcome::Refused(error.to_string()),
            }
        })
    }
}

//! How a draft would look on every channel, for the review console: fast, and without sending
//! anything anywhere.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use super::{CapChannel, Channel as _, ChannelError, Notice, cap, loudspeaker, sms, zalo};
use crate::domain::geography::Commune;
use crate::domain::{CommuneCode, Geography};
use crate::frames::{Advisory, WordedChange};
use crate::publish::cap::Sent;
use crate::publish::sms::{Encoding, parts};
use crate::publish::speak::{seconds_to_read, unread};
use crate::storage::alarms::HOLDS;

/// A draft as one channel would carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The channel's name.
    pub channel: &'static str,
    /// Its name for people, in Vietnamese.
    pub title: &'static str,
    /// What would be sent.
    pub text: String,
    /// Its size, in the channel's own measure.
    pub note: String,
    /// The same in Vietnamese.
    pub note_vi: String,
}

static COMMUNES: LazyLock<BTreeMap<CommuneCode, Commune>> = LazyLock::new(|| {
    let shipped = Geography::shipped().map(|g| g.communes).unwrap_or_default();
    shipped.into_iter().map(|c| (c.code.clone(), c)).collect()
});

/// The section `[channels]` of the shipped settings.
static SHIPPED: LazyLock<Option<Settings>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Whole {
        channels: Settings,
    }
    let whole = toml::from_str::<Whole>(include_str!("../../ops/default.toml"));
    whole.map(|whole| whole.channels).ok()
});

/// Returns a draft as every channel would carry it by the shipped settings.
#[must_use]
pub fn previews(advisory: &Advisory) -> Vec<Preview> {
    SHIPPED.as_ref().map(|settings| previews_with(settings, advisory)).unwrap_or_default()
}

/// Returns a draft as every channel would carry it, in the order people read them: SMS in both
/// encodings, Zalo, the loudspeaker, CAP. What cannot be made says why in its note.
#[must_use]
pub fn previews_with(settings: &Settings, advisory: &Advisory) -> Vec<Preview> {
    let notice = Notice::draft(advisory);
    let commune = COMMUNES.get(&advisory.commune);
    let mut all = to_people(settings, &notice, commune);
    all.extend(commune.map(|commune| cap_preview(cap::draft(&settings.cap, advisory, commune))));
    all
}

/// Returns the changes of an alarm, in order, as every channel would carry them; nothing is said to
/// have been seen by anybody.
#[must_use]
pub fn alarm_previews(settings: &Settings, changes: &[WordedChange]) -> Vec<Vec<Preview>> {
    let channel = CapChannel::draft(&settings.cap);
    let mut before: Option<String> = None;
    let each = changes.iter().map(|worded| {
        let (at, holds_until) = (worded.change.known_at, worded.change.event_time + HOLDS);
        let notice =
            Notice::change(worded, before.is_some(), worded.before_review, at, holds_until);
        let communes: Vec<&Commune> =
            worded.communes.iter().filter_map(|code| COMMUNES.get(code)).collect();
        let mut all = to_people(settings, &notice, communes.first().copied());
        let told = before.is_some() || worded.change.severity >= channel.alarm_severity_min();
        let shown = told.then(|| channel.render(&notice, &communes, before.as_deref()));
        if let Some(shown) = shown {
            let xml = |body: &String| Ok(serde_json::from_str::<Sent>(body)?.message().to_xml());
            let document = shown.and_then(|body| {
                before = body.clone().or(before.take());
                body.as_ref().map(xml).transpose().map(Option::unwrap_or_default)
            });
            all.push(cap_preview(document));
        }
        all
    });
    each.collect()
}

/// Returns a notice as the channels to people would carry it, the loudspeaker of one commune among
/// them.
fn to_people(settings: &Settings, notice: &Notice<'_>, commune: Option<&Commune>) -> Vec<Preview> {
    let mut all: Vec<Preview> = [Encoding::Gsm7, Encoding::Ucs2]
        .map(|encoding| sms_preview(settings, notice, encoding))
        .into();
    let zalo = zalo::oa_text(notice);
    let (note, note_vi) = both(zalo.chars().count(), "characters", "ký tự");
    all.push(Preview { channel: "zalo_oa", title: "Zalo", text: zalo, note, note_vi });
    if !settings.zalo.parameters.is_empty() {
        let filled = zalo::zns_parameters(notice, &settings.zalo);
        let lines: Vec<String> = filled.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        let (note, note_vi) = both(filled.len(), "parameters", "tham số");
        all.push(Preview {
            channel: "zalo_zns",
            title: "Zalo theo mẫu",
            text: lines.join("\n"),
            note,
            note_vi,
        });
    }
    if let Some(commune) = commune {
        let script = loudspeaker::script(notice, commune);
        let odd = unread(&script);
        let seconds = format!("{:.0}", seconds_to_read(&script));
        let (mut note, mut note_vi) = both(seconds, "seconds", "giây đọc");
        if !odd.is_empty() {
            let odd = odd.join(", ");
            note = format!("{note}; read with care: {odd}");
            note_vi = format!("{note_vi}; đọc kỹ: {odd}");
        }
        let (channel, title) = ("loudspeaker", "Loa truyền thanh");
        all.push(Preview { channel, title, text: script, note, note_vi });
    }
    all
}

fn cap_preview(document: Result<String, ChannelError>) -> Preview {
    let (channel, title) = ("cap", "CAP 1.2");
    match document {
        Ok(text) => {
            let (note, note_vi) = both(text.len(), "bytes", "byte");
            Preview { channel, title, text, note, note_vi }
        }
        Err(error) => Preview {
            channel,
            title,
            text: String::new(),
            note: error.to_string(),
            note_vi: format!("chưa viết được: {error}"),
        },
    }
}

fn sms_preview(settings: &Settings, notice: &Notice<'_>, encoding: Encoding) -> Preview {
    let text = sms::text(notice, &super::settings::Sms { encoding, ..settings.sms.clone() });
    let parts = parts(&text);
    let (channel, title) = match encoding {
        Encoding::Gsm7 => ("sms", "SMS không dấu"),
        Encoding::Ucs2 => ("sms_ucs2", "SMS có dấu"),
    };
    let (count, units) = (parts.parts.len(), parts.units);
    let note = format!("{count} parts, {units} units");
    let note_vi = format!("{count} phần, {units} đơn vị");
    Preview { channel, title, text, note, note_vi }
}

/// Returns a size in English and in Vietnamese.
fn both(size: impl std::fmt::Display, unit: &str, unit_vi: &str) -> (String, String) {
    (format!("{size} {unit}"), format!("{size} {unit_vi}"))
}

//! The checks between an alert and its going out. The schema (XSD) sees none of these.

use serde::{Deserialize, Serialize};

use super::{Alert, Area, CapError, CapErrors, Info, MsgType, NamedValue, Scope};
use crate::publish::xml::is_blank;

/// An alert that may be written: nothing in it is forbidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Alert", into = "Alert")]
pub struct Checked(Alert);

impl Checked {
    /// Returns the alert.
    #[must_use]
    pub const fn get(&self) -> &Alert {
        &self.0
    }
}

impl From<Checked> for Alert {
    fn from(checked: Checked) -> Self {
        checked.0
    }
}

impl TryFrom<Alert> for Checked {
    type Error = CapErrors;

    fn try_from(alert: Alert) -> Result<Self, CapErrors> {
        let mut errors = Vec::new();
        envelope(&alert, &mut errors);
        references(&alert, &mut errors);
        for info in &alert.infos {
            texts(info, &mut errors);
            expiry(&alert, info, &mut errors);
            for area in &info.areas {
                place(area, &mut errors);
            }
        }
        languages(&alert.infos, &mut errors);
        if errors.is_empty() { Ok(Self(alert)) } else { Err(CapErrors(errors)) }
    }
}

fn envelope(alert: &Alert, errors: &mut Vec<CapError>) {
    let mut filled = |element, empty: bool| {
        if empty {
            errors.push(CapError::Empty { element, language: None });
        }
    };
    filled("info", alert.infos.is_empty());
    filled("code", alert.codes.iter().any(|code| is_blank(code)));
    let note = alert.note.as_deref().unwrap_or_default();
    filled("note", alert.msg_type == MsgType::Cancel && is_blank(note));
    filled("incidents", alert.incidents.iter().any(|name| is_blank(name)));
    let addresses: &[String] = match &alert.envelope.scope {
        Scope::Public => &[],
        Scope::Restricted { restriction } => {
            filled("restriction", is_blank(restriction));
            &[]
        }
        Scope::Private { addresses } => {
            filled("addresses", addresses.is_empty() || addresses.iter().any(|a| is_blank(a)));
            addresses
        }
    };
    for (element, names) in [("addresses", addresses), ("incidents", &alert.incidents)] {
        let quotes = names.iter().filter(|name| name.contains('"'));
        errors.extend(quotes.map(|name| CapError::Quote { element, given: name.clone() }));
    }
}

/// An update or a cancellation names at least one message, and only earlier ones.
fn references(alert: &Alert, errors: &mut Vec<CapError>) {
    let (own, msg_type) = (alert.reference(), alert.msg_type);
    if alert.references.is_empty() && msg_type != MsgType::Alert {
        errors.push(CapError::RefersToNone { msg_type });
    }
    let ahead = alert.references.iter().filter(|earlier| {
        let same_name = (&earlier.sender, &earlier.identifier) == (&own.sender, &own.identifier);
        same_name || earlier.sent.timestamp() > own.sent.timestamp()
    });
    errors.extend(ahead.map(|r| CapError::RefersAhead { reference: r.to_string() }));
}

/// What an `info` must say is there, also after characters that XML forbids are left out.
fn texts(info: &Info, errors: &mut Vec<CapError>) {
    let nameless = |values: &[NamedValue]| {
        values.iter().any(|v| is_blank(&v.value_name) || is_blank(&v.value))
    };
    let checks = [
        ("category", info.categories.is_empty()),
        ("event", is_blank(&info.event)),
        ("eventCode", nameless(&info.event_codes)),
        ("headline", is_blank(&info.headline)),
        ("parameter", nameless(&info.parameters)),
        ("area", info.areas.is_empty()),
        ("areaDesc", info.areas.iter().any(|area| is_blank(&area.area_desc))),
        ("geocode", info.areas.iter().any(|area| nameless(&area.geocodes))),
    ];
    let language = Some(info.language);
    let empty = checks.into_iter().filter(|(_, empty)| *empty);
    errors.extend(empty.map(|(element, _)| CapError::Empty { element, language }));
}

fn expiry(alert: &Alert, info: &Info, errors: &mut Vec<CapError>) {
    let (language, expires) = (info.language, info.expires);
    let since = [("sent", Some(alert.envelope.sent)), ("effective", info.effective)];
    let since = since.into_iter().filter_map(|(element, from)| Some((element, from?)));
    let early = since.filter(|(_, from)| expires.timestamp() <= from.timestamp());
    errors.extend(early.map(|(element, from)| CapError::Expires {
        language,
        expires,
        element,
        from,
    }));
}

/// CAP is content with words for an area; a receiver that is to find its people is not.
fn place(area: &Area, errors: &mut Vec<CapError>) {
    if area.polygons.is_empty() && area.circles.is_empty() && area.geocodes.is_empty() {
        errors.push(CapError::Nowhere { area_desc: area.area_desc.clone() });
    }
}

/// Readers of either language are told the same: only words may differ.
fn languages(infos: &[Info], errors: &mut Vec<CapError>) {
    let Some((first, others)) = infos.split_first() else { return };
    for (index, info) in others.iter().enumerate() {
        let language = info.language;
        if infos[..=index].iter().any(|earlier| earlier.language == language) {
            errors.push(CapError::Twice { language });
        }
        let checks = [
            ("category", info.categories == first.categories),
            ("responseType", info.response_types == first.response_types),
            ("urgency, severity or certainty", info.emphasis == first.emphasis),
            ("eventCode", info.event_codes == first.event_codes),
            ("effective", info.effective == first.effective),
            ("onset", info.onset == first.onset),
            ("expires", info.expires == first.expires),
            ("parameter", info.parameters == first.parameters),
            ("area", same_places(&info.areas, &first.areas)),
        ];
        let apart = checks.into_iter().filter(|(_, same)| !same);
        errors.extend(apart.map(|(element, _)| CapError::Disagrees { language, element }));
    }
}

fn same_places(areas: &[Area], others: &[Area]) -> bool {
    let same = |(a, b): (&Area, &Area)| {
        a.polygons == b.polygons && a.circles == b.circles && a.geocodes == b.geocodes
    };
    areas.len() == others.len() && areas.iter().zip(others).all(same)
}

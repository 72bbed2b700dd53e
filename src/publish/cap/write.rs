//! The alert as XML. The schema is one long sequence: the order of the lines below is its order.

use super::{Alert, Area, Checked, Info, NAMESPACE, NamedValue, Reference, Scope};
use crate::publish::xml::{Xml, clean};

impl Checked {
    /// Returns the alert as an XML document in UTF-8, to be served as [`super::MEDIA_TYPE`].
    ///
    /// Texts are escaped; characters that XML forbids are left out, and what is optional and empty
    /// is not written.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = Xml::new();
        xml.element("alert", &[("xmlns", NAMESPACE)], |xml| alert(xml, self.get()));
        xml.finish()
    }
}

fn alert(xml: &mut Xml, alert: &Alert) {
    let envelope = &alert.envelope;
    xml.text("identifier", envelope.identifier.as_str());
    xml.text("sender", envelope.sender.as_str());
    xml.text("sent", &envelope.sent.to_string());
    xml.text("status", envelope.status.as_str());
    xml.text("msgType", alert.msg_type.as_str());
    xml.text("scope", envelope.scope.as_str());
    match &envelope.scope {
        Scope::Public => {}
        Scope::Restricted { restriction } => xml.text("restriction", restriction),
        Scope::Private { addresses } => xml.text("addresses", &listed(addresses)),
    }
    alert.codes.iter().for_each(|code| xml.text("code", code));
    xml.optional("note", alert.note.as_deref());
    let references: Vec<String> = alert.references.iter().map(Reference::to_string).collect();
    xml.optional("references", Some(&references.join(" ")));
    xml.optional("incidents", Some(&listed(&alert.incidents)));
    for block in &alert.infos {
        xml.element("info", &[], |xml| info(xml, block));
    }
}

fn info(xml: &mut Xml, info: &Info) {
    xml.text("language", info.language.as_str());
    info.categories.iter().for_each(|category| xml.text("category", category.as_str()));
    xml.text("event", &info.event);
    info.response_types.iter().for_each(|response| xml.text("responseType", response.as_str()));
    xml.text("urgency", info.emphasis.urgency.as_str());
    xml.text("severity", info.emphasis.severity.as_str());
    xml.text("certainty", info.emphasis.certainty.as_str());
    xml.optional("audience", info.audience.as_deref());
    info.event_codes.iter().for_each(|code| named(xml, "eventCode", code));
    xml.optional("effective", info.effective.map(|at| at.to_string()).as_deref());
    xml.optional("onset", info.onset.map(|at| at.to_string()).as_deref());
    xml.text("expires", &info.expires.to_string());
    xml.optional("senderName", info.sender_name.as_deref());
    xml.text("headline", &info.headline);
    xml.optional("description", info.description.as_deref());
    xml.optional("instruction", info.instruction.as_deref());
    xml.optional("web", info.web.as_ref().map(url::Url::as_str));
    xml.optional("contact", info.contact.as_deref());
    info.parameters.iter().for_each(|parameter| named(xml, "parameter", parameter));
    for place in &info.areas {
        xml.element("area", &[], |xml| area(xml, place));
    }
}

fn area(xml: &mut Xml, area: &Area) {
    xml.text("areaDesc", &area.area_desc);
    area.polygons.iter().for_each(|polygon| xml.text("polygon", &polygon.to_string()));
    area.circles.iter().for_each(|circle| xml.text("circle", &circle.to_string()));
    area.geocodes.iter().for_each(|code| named(xml, "geocode", code));
}

fn named(xml: &mut Xml, element: &str, value: &NamedValue) {
    xml.element(element, &[], |xml| {
        xml.text("valueName", &value.value_name);
        xml.text("value", &value.value);
    });
}

/// Returns names parted by blanks, those with blanks inside in double quotes (CAP, `addresses` and
/// `incidents`).
fn listed(names: &[String]) -> String {
    let listed = names.iter().map(|name| {
        let name = clean(name);
        if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.into_owned() }
    });
    listed.collect::<Vec<_>>().join(" ")
}

//! A feed of alerts for feed readers and aggregators: Atom 1.0 (RFC 4287).
//!
//! An entry is one message and points at its CAP document; updates and cancellations are entries of
//! their own, as Google's guide for public alerts asks: what was sent is neither changed nor taken
//! out of the feed for a day or two. Elements of CAP beside those of Atom (RFC 4287, section 6) let
//! readers sort without fetching each document.

use std::fmt;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::cap::{self, Checked, DateTime, Info, Language, MsgType, Scope, Status};
use super::xml::Xml;

/// The media type of a feed.
pub const MEDIA_TYPE: &str = "application/atom+xml";

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// The name space of names that are addresses (RFC 9562, section 6.6).
const NAME_IS_URL: [u8; 16] = 0x6ba7_b811_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes();

/// A name that stays when addresses change: `urn:uuid:…`, the same for the same thing on every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Urn(String);

impl Urn {
    /// Returns the name of what has this address for a name, whether it can be fetched there or not.
    #[must_use]
    pub fn of_name(name: &Url) -> Self {
        Self(format!("urn:uuid:{}", named_uuid(NAME_IS_URL, name.as_str())))
    }

    /// Returns the name of a message: it depends on its sender and identifier alone, which CAP makes
    /// unique.
    #[must_use]
    pub fn of_message(message: &Checked) -> Self {
        let envelope = &message.get().envelope;
        // Neither may hold a comma, so that no two pairs read alike.
        let name = format!("{}#{},{}", cap::NAMESPACE, envelope.sender, envelope.identifier);
        Self(format!("urn:uuid:{}", named_uuid(NAME_IS_URL, &name)))
    }
}

impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the version 8 UUID of a name by SHA-256 (RFC 9562, appendix B.2). Version 5 would need
/// SHA-1, which nothing else here does.
fn named_uuid(space: [u8; 16], name: &str) -> String {
    let hash = Sha256::new().chain_update(space).chain_update(name).finalize();
    let number = hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let number = number & !(0xf << 76) | 0x8 << 76; // version 8
    let number = number & !(0x3 << 62) | 0x2 << 62; // variant 10
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Who writes the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// A name for people.
    pub name: String,
    /// Their page.
    pub uri: Option<Url>,
}

/// Under which licence the feed stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The licence in words.
    pub text: String,
    /// Its text (link relation `license`, RFC 4946).
    pub licence: Url,
}

/// One message in the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The message.
    pub message: &'a Checked,
    /// Where its CAP document is; must still answer when the message has expired.
    pub document: Url,
    /// A page about it, for people.
    pub page: Option<Url>,
}

/// A feed of alerts in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed<'a> {
    /// The feed's name, the same for ever.
    pub id: Urn,
    /// Its title.
    pub title: String,
    /// What is in it.
    pub subtitle: Option<String>,
    /// The language of titles and summaries; a message without it is shown in its first one.
    pub language: Language,
    /// Where the feed is (link relation `self`).
    pub address: Url,
    /// Who writes it.
    pub author: Author,
    /// Its licence.
    pub rights: Rights,
    /// When the feed began: its date while it has no entry.
    pub since: DateTime,
    /// Whether everybody can read the feed: then only messages of scope `Public` stand in it.
    pub open: bool,
    /// Its messages, in any order.
    pub entries: Vec<Entry<'a>>,
}

impl Feed<'_> {
    /// Returns the feed as an XML document in UTF-8, newest message first, to be served as
    /// [`MEDIA_TYPE`]. A message given twice stands in it once.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let shown = self.entries.iter().filter(|entry| !self.open || entry.is_public());
        let mut entries: Vec<_> =
            shown.map(|entry| (Urn::of_message(entry.message), entry)).collect();
        entries.sort_by(|(a_id, a), (b_id, b)| (b.sent_at(), a_id).cmp(&(a.sent_at(), b_id)));
        entries.dedup_by(|(a, _), (b, _)| a == b);
        let updated =
            entries.first().map_or(self.since, |(_, newest)| newest.message.get().envelope.sent);

        let attributes = [
            ("xmlns", NAMESPACE),
            ("xmlns:cap", cap::NAMESPACE),
            ("xml:lang", self.language.as_str()),
        ];
        let mut xml = Xml::new();
        xml.element("feed", &attributes, |xml| {
            self.head(xml, updated);
            for (id, entry) in &entries {
                xml.element("entry", &[], |xml| entry.write(xml, id, self.language));
            }
        });
        xml.finish()
    }

    fn head(&self, xml: &mut Xml, updated: DateTime) {
        xml.text("id", &self.id.0);
        xml.text("title", &self.title);
        xml.optional("subtitle", self.subtitle.as_deref());
        xml.text("updated", &updated.to_string());
        link(xml, "self", Some(MEDIA_TYPE), &self.address);
        link(xml, "license", None, &self.rights.licence);
        xml.element("author", &[], |xml| {
            xml.text("name", &self.author.name);
            xml.optional("uri", self.author.uri.as_ref().map(Url::as_str));
        });
        xml.text("rights", &self.rights.text);
        xml.text("generator", "Muavu");
    }
}

impl Entry<'_> {
    fn is_public(&self) -> bool {
        self.message.get().envelope.scope == Scope::Public
    }

    fn sent_at(&self) -> jiff::Timestamp {
        self.message.get().envelope.sent.timestamp()
    }

    fn write(&self, xml: &mut Xml, id: &Urn, language: Language) {
        let alert = self.message.get();
        let (sent, status) = (alert.envelope.sent.to_string(), alert.envelope.status);
        xml.text("id", &id.0);
        // A checked alert has an info.
        let info = alert.info(language).or(alert.infos.first());
        if let Some(info) = info {
            xml.text("title", &title(info, status, alert.msg_type()));
            xml.optional("summary", Some(&summary(info)));
        }
        xml.text("updated", &sent);
        xml.text("published", &sent);
        link(xml, "alternate", Some(cap::MEDIA_TYPE), &self.document);
        if let Some(page) = &self.page {
            link(xml, "alternate", Some("text/html"), page);
        }
        xml.text("cap:status", status.as_str());
        xml.text("cap:msgType", alert.msg_type().as_str());
        if let Some(info) = info {
            codes(xml, info);
        }
    }
}

fn link(xml: &mut Xml, rel: &str, media_type: Option<&str>, to: &Url) {
    let mut attributes = vec![("rel", rel)];
    attributes.extend(media_type.map(|media_type| ("type", media_type)));
    attributes.push(("href", to.as_str()));
    xml.empty("link", &attributes);
}

/// Returns the headline, marked so that a plain feed reader cannot show an exercise as real, nor a
/// cancellation as a warning.
fn title(info: &Info, status: Status, msg_type: MsgType) -> String {
    let status = match (status, info.language) {
        (Status::Actual, _) => "",
        (Status::Exercise, Language::Vietnamese) => "[DIỄN TẬP] ",
        (Status::Exercise, Language::English) => "[EXERCISE] ",
        (Status::System, Language::Vietnamese) => "[TIN HỆ THỐNG] ",
        (Status::System, Language::English) => "[SYSTEM] ",
        (Status::Test, Language::Vietnamese) => "[THỬ NGHIỆM] ",
        (Status::Test, Language::English) => "[TEST] ",
    };
    let cancelled = match (msg_type, info.language) {
        (MsgType::Alert | MsgType::Update, _) => "",
        (MsgType::Cancel, Language::Vietnamese) => "[ĐÃ HỦY] ",
        (MsgType::Cancel, Language::English) => "[CANCELLED] ",
    };
    format!("{status}{cancelled}{}", info.headline)
}

fn summary(info: &Info) -> String {
    let texts = [info.description.as_deref(), info.instruction.as_deref()];
    texts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn codes(xml: &mut Xml, info: &Info) {
    info.categories.iter().for_each(|category| xml.text("cap:category", category.as_str()));
    xml.text("cap:event", &info.event);
    xml.text("cap:urgency", info.emphasis.urgency.as_str());
    xml.text("cap:severity", info.emphasis.severity.as_str());
    xml.text("cap:certainty", info.emphasis.certainty.as_str());
    xml.optional("cap:onset", info.onset.map(|at| at.to_string()).as_deref());
    xml.text("cap:expires", &info.expires.to_string());
    info.areas.iter().for_each(|area| xml.text("cap:areaDesc", &area.area_desc));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        // RFC 9562, appendix B.2.
        let dns = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes();
        assert_eq!(named_uuid(dns, "www.example.com"), "5c146b14-3c52-8afd-938a-375d0df1fbf6");
    }
}

//! The feed as an aggregator reads it (RFC 4287).

use muavu::publish::atom::{Author, Entry, Feed, MEDIA_TYPE, Rights, Urn};
use muavu::publish::cap::{self, Checked, Language, Status};
use url::Url;

use super::sample::{self, at};
use super::tree::{Node, parse};

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn feed<'a>(messages: &'a [Checked], language: Language) -> Feed<'a> {
    let entry = |message: &'a Checked| {
        let identifier = &message.get().envelope.identifier;
        Entry {
            message,
            document: url(&format!("https://muavu.example/cap/{identifier}.xml?a=1&b=2")),
            page: Some(url("https://muavu.example/xa/29083")),
        }
    };
    Feed {
        id: Urn::of_name(&url("https://muavu.example/alerts")),
        title: "Cảnh báo nông nghiệp <Vĩnh Long> & lân cận".into(),
        subtitle: None,
        language,
        address: url("https://muavu.example/alerts.atom"),
        author: Author { name: "Muavu".into(), uri: None },
        rights: Rights {
            text: "CC BY 4.0".into(),
            licence: url("https://creativecommons.org/licenses/by/4.0/"),
        },
        since: at("2026-11-01T00:00:00+07:00"),
        open: false,
        entries: messages.iter().map(entry).collect(),
    }
}

fn messages() -> Vec<Checked> {
    let alerts = [sample::alert(), sample::cancel(), sample::update(), sample::alert()];
    alerts.into_iter().map(|alert| alert.check().unwrap()).collect()
}

#[test]
fn the_feed_is_exactly_this() {
    let messages = messages();
    let document = feed(&messages, Language::Vietnamese).to_xml();
    assert_eq!(document, include_str!("../../fixtures/cap/feed.atom"));
}

fn linked<'a>(node: &'a Node, rel: &str, media_type: Option<&str>) -> &'a str {
    let is = |l: &&&Node| l.attribute("rel") == Some(rel) && l.attribute("type") == media_type;
    node.all("link").iter().find(is).expect("a link").attribute("href").unwrap()
}

#[test]
fn a_feed_has_what_the_standard_asks_for() {
    let messages = messages();
    let root = parse(&feed(&messages, Language::Vietnamese).to_xml());
    assert_eq!(root.attribute("xmlns"), Some("http://www.w3.org/2005/Atom"));
    assert_eq!(root.attribute("xml:lang"), Some("vi-VN"));
    assert_eq!(root.of("title"), "Cảnh báo nông nghiệp <Vĩnh Long> & lân cận");
    assert_eq!(root.of("updated"), "2026-11-24T16:00:00+07:00");
    assert_eq!(linked(&root, "self", Some(MEDIA_TYPE)), "https://muavu.example/alerts.atom");
    let licence = linked(&root, "license", None);
    assert_eq!((root.of("rights"), licence.contains("/by/4.0/")), ("CC BY 4.0", true));
    assert_eq!(root.child("author").of("name"), "Muavu");
    assert!(root.of("id").starts_with("urn:uuid:"));
}

#[test]
fn entries_are_newest_first_once_each_and_lead_to_their_alerts() {
    let messages = messages();
    let root = parse(&feed(&messages, Language::Vietnamese).to_xml());
    let entries = root.all("entry");
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.of("cap:msgType")).collect();
    assert_eq!(kinds, ["Cancel", "Update", "Alert"]);
    let first = entries[2];
    assert_eq!(
        linked(first, "alternate", Some(cap::MEDIA_TYPE)),
        "https://muavu.example/cap/salt-29083-20261122-1.xml?a=1&b=2"
    );
    assert!(linked(first, "alternate", Some("text/html")).ends_with("/29083"));
    assert_eq!(first.of("updated"), "2026-11-22T07:05:00+07:00");
    assert_eq!(first.of("cap:certainty"), "Likely");
    assert_eq!(first.of("cap:areaDesc"), "Xã Châu Hưng, tỉnh Vĩnh Long");
    assert!(first.of("summary").contains("\n\nĐóng cống."));
}

#[test]
fn names_stay_the_same_and_differ() {
    let messages = messages();
    let names: Vec<Urn> = messages.iter().map(Urn::of_message).collect();
    // By Python: hash of RFC 9562, appendix B.2, of the URL name space and
    // "urn:oasis:names:tc:emergency:cap:1.2#muavu@vinhlong.example,salt-29083-20261122-1".
    assert_eq!(names[0].to_string(), "urn:uuid:0045e1cf-e0a3-85e4-aa5e-d35253781d01");
    assert_eq!(names[0], names[3]);
    assert!(names[0] != names[1] && names[1] != names[2]);
}

#[test]
fn exercises_and_cancellations_cannot_be_taken_for_warnings() {
    let titles = |language, status| {
        let alerts = [sample::cancel(), sample::alert()];
        let set = |mut alert: cap::Alert| {
            alert.envelope.status = status;
            alert.check().unwrap()
        };
        let messages = alerts.map(set);
        let root = parse(&feed(&messages, language).to_xml());
        root.all("entry").iter().map(|entry| entry.of("title").to_owned()).collect::<Vec<_>>()
    };
    let exercise = titles(Language::Vietnamese, Status::Exercise);
    assert!(exercise[0].starts_with("[DIỄN TẬP] [ĐÃ HỦY] Hết cảnh báo"), "{exercise:?}");
    assert!(exercise[1].starts_with("[DIỄN TẬP] CẢNH BÁO"), "{exercise:?}");
    let actual = titles(Language::English, Status::Actual);
    assert!(actual[0].starts_with("[CANCELLED] Salt warning"), "{actual:?}");
    assert!(actual[1].starts_with("WARNING"), "{actual:?}");
}

#[test]
fn an_open_feed_shows_only_what_is_public() {
    let mut public = sample::update();
    public.envelope.scope = cap::Scope::Public;
    let messages = [sample::alert().check().unwrap(), public.check().unwrap()];
    let open = Feed { open: true, ..feed(&messages, Language::English) };
    let root = parse(&open.to_xml());
    let kinds: Vec<&str> = root.all("entry").iter().map(|e| e.of("cap:msgType")).collect();
    assert_eq!(kinds, ["Update"]);
    let closed = Feed { open: false, ..open };
    assert_eq!(parse(&closed.to_xml()).all("entry").len(), 2);
}

#[test]
fn an_empty_feed_has_a_date_too() {
    let root = parse(&feed(&[], Language::English).to_xml());
    assert_eq!(root.of("updated"), "2026-11-01T00:00:00+07:00");
    assert!(root.all("entry").is_empty());
}

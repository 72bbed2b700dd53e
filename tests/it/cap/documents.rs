//! What is written is what was meant, in the order of the schema.

use muavu::publish::cap::{Language, NAMESPACE, Scope, Status};

use super::sample;
use super::tree::{Node, parse};

/// The elements of the schema's sequences (CAP 1.2 XSD), in their order.
const ALERT: [&str; 14] = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
];
const INFO: [&str; 21] = [
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter",
    "resource",
    "area",
];
const AREA: [&str; 6] = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"];

fn in_order(node: &Node, sequence: &[&str]) {
    let place = |name: &&str| sequence.iter().position(|s| s == name).expect("in the schema");
    let places: Vec<usize> = node.names().iter().map(place).collect();
    assert!(places.is_sorted(), "{} holds {:?}", node.name, node.names());
}

#[test]
fn the_documents_are_exactly_these() {
    for (alert, expected) in [
        (sample::alert(), include_str!("../../fixtures/cap/alert.xml")),
        (sample::update(), include_str!("../../fixtures/cap/update.xml")),
        (sample::cancel(), include_str!("../../fixtures/cap/cancel.xml")),
    ] {
        assert_eq!(alert.check().unwrap().to_xml(), expected);
    }
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    for alert in [sample::alert(), sample::update(), sample::cancel()] {
        let root = parse(&alert.check().unwrap().to_xml());
        assert_eq!((&*root.name, root.attribute("xmlns")), ("alert", Some(NAMESPACE)));
        in_order(&root, &ALERT);
        for info in root.all("info") {
            in_order(info, &INFO);
            info.all("area").iter().for_each(|area| in_order(area, &AREA));
        }
    }
}

#[test]
fn an_alert_is_read_back_as_it_was_meant() {
    let root = parse(&sample::alert().check().unwrap().to_xml());
    assert_eq!(root.of("identifier"), "salt-29083-20261122-1");
    assert_eq!(root.of("sent"), "2026-11-22T07:05:00+07:00");
    assert_eq!((root.of("status"), root.of("msgType")), ("Exercise", "Alert"));
    assert_eq!(root.of("scope"), "Restricted");
    assert_eq!(root.of("restriction"), "Diễn tập nội bộ của tỉnh Vĩnh Long");
    assert_eq!(root.of("incidents"), "salt-2026-2027 \"mặn Hàm Luông\"");
    assert!(root.all("references").is_empty());

    let meant = sample::vietnamese();
    let [info, english] = root.all("info")[..] else { panic!("two languages") };
    assert_eq!((info.of("language"), english.of("language")), ("vi-VN", "en"));
    let codes = ["category", "urgency", "severity", "certainty"].map(|name| info.of(name));
    assert_eq!(codes, ["Env", "Future", "Moderate", "Likely"]);
    let responses: Vec<&str> = info.all("responseType").iter().map(|r| &*r.text).collect();
    assert_eq!(responses, ["Avoid", "Monitor"]);
    assert_eq!(info.of("headline"), meant.headline);
    assert_eq!(Some(info.of("description")), meant.description.as_deref());
    assert_eq!(info.of("onset"), "2026-11-23T00:00:00+07:00");
    assert_eq!(
        info.of("web"),
        "https://muavu.example/xa/29083?ng%C3%A0y=2026-11-22&ng%C3%B4n-ng%E1%BB%AF=vi"
    );
    assert_eq!(english.of("instruction"), "Shut the sluice & water with stored fresh water only.");
    let [_, p90, _] = info.all("parameter")[..] else { panic!("three parameters") };
    assert_eq!((p90.of("valueName"), p90.of("value")), ("salinity_max_g_l_p90", "2.3"));

    let area = info.child("area");
    assert_eq!(
        area.of("polygon"),
        "10.21,106.47 10.21,106.54 10.27,106.54 10.27,106.47 10.21,106.47"
    );
    assert_eq!(area.of("circle"), "10.23919,106.5052 4.2");
    assert_eq!(area.child("geocode").of("value"), "29083");
}

#[test]
fn private_addresses_with_blanks_are_quoted() {
    let mut alert = sample::alert();
    let addresses = vec!["so-nn@vinhlong.example".into(), "Trạm Ba Lai".into()];
    alert.envelope.scope = Scope::Private { addresses };
    alert.envelope.status = Status::Test;
    let root = parse(&alert.check().unwrap().to_xml());
    assert_eq!(root.of("addresses"), "so-nn@vinhlong.example \"Trạm Ba Lai\"");
    assert!(root.all("restriction").is_empty());
}

#[test]
fn what_is_empty_is_left_out() {
    let mut alert = sample::alert();
    alert.note = Some(" \u{1}".into());
    alert.incidents.clear();
    alert.infos.truncate(1);
    let info = &mut alert.infos[0];
    (info.description, info.instruction, info.web) = (None, Some(String::new()), None);
    let checked = alert.check().unwrap();
    assert!(checked.get().info(Language::English).is_none());
    let root = parse(&checked.to_xml());
    assert!(root.all("note").is_empty() && root.all("incidents").is_empty());
    let info = root.child("info");
    for name in ["description", "instruction", "web"] {
        assert!(info.all(name).is_empty(), "{name}");
    }
}

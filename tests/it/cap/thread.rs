//! Updates and cancellations carry all that went before, also after a night on the disk.

use muavu::publish::cap::{Alert, CapError, Checked, MsgType, Reason, Sent};

use super::sample::{self, at};
use super::tree::parse;

#[test]
fn an_update_and_a_cancellation_refer_to_everything_sent() {
    let first = "muavu@vinhlong.example,salt-29083-20261122-1,2026-11-22T07:05:00+07:00";
    let second = "muavu@vinhlong.example,salt-29083-20261123-1,2026-11-23T07:05:00+07:00";
    let update = parse(&sample::update().check().unwrap().to_xml());
    assert_eq!((update.of("msgType"), update.of("references")), ("Update", first));
    let cancel = parse(&sample::cancel().check().unwrap().to_xml());
    assert_eq!(cancel.of("msgType"), "Cancel");
    assert_eq!(cancel.of("references"), format!("{first} {second}"));
    for message in [update, cancel] {
        assert_eq!(message.of("incidents"), "salt-2026-2027 \"mặn Hàm Luông\"");
        assert_eq!((message.of("status"), message.of("code")), ("Exercise", "muavu-1"));
    }
}

#[test]
fn a_cancellation_says_why_and_calls_for_nothing() {
    let root = parse(&sample::cancel().check().unwrap().to_xml());
    assert_eq!(root.of("note"), "Độ mặn đo được dưới 0,5 g/L từ 15:00 ngày 24/11");
    for info in root.all("info") {
        let codes = ["responseType", "urgency", "severity", "certainty"].map(|name| info.of(name));
        assert_eq!(codes, ["AllClear", "Past", "Minor", "Unlikely"]);
        assert!(info.all("parameter").is_empty() && info.all("onset").is_empty());
        assert_eq!(info.child("area").all("polygon").len(), 1);
    }
    assert_eq!(root.all("info")[1].of("headline"), "Salt warning for Châu Hưng is over");
}

#[test]
fn a_withdrawal_is_no_all_clear() {
    let why = sample::why(Reason::Withdrawn);
    let (identifier, sent) = ("w-1".parse().unwrap(), at("2026-11-22T09:00:00+07:00"));
    let cancel = Alert::cancel(&sample::sent(), identifier, sent, &why).unwrap();
    let root = parse(&cancel.check().unwrap().to_xml());
    let codes = ["responseType", "urgency", "severity", "certainty"];
    let codes = codes.map(|name| root.child("info").of(name));
    assert_eq!(codes, ["Monitor", "Past", "Unknown", "Unknown"]);
}

#[test]
fn nothing_follows_a_cancellation() {
    let over = sample::cancel().check().unwrap().sent();
    let name = || "next".parse().unwrap();
    let sent = at("2026-11-24T17:00:00+07:00");
    let update = Alert::update(&over, name(), sent, vec![sample::vietnamese()]);
    let cancel = Alert::cancel(&over, name(), sent, &sample::why(Reason::Over));
    for error in [update.unwrap_err(), cancel.unwrap_err()] {
        assert_eq!(error, CapError::Cancelled { identifier: "salt-29083-20261124-1".into() });
    }
}

#[test]
fn a_cancellation_needs_something_in_force_and_words_for_it() {
    let name = || "c-1".parse().unwrap();
    let late = at("2026-11-25T07:00:00+07:00");
    let error = Alert::cancel(&sample::sent(), name(), late, &sample::why(Reason::Over));
    assert!(error.unwrap_err().to_string().contains("nothing is left to cancel"));
    let mut why = sample::why(Reason::Over);
    why.words.pop();
    let error = Alert::cancel(&sample::sent(), name(), at("2026-11-23T00:00:00+07:00"), &why);
    assert_eq!(error.unwrap_err().to_string(), "the cancellation has no words in en");
    let mut silent = sample::cancel();
    silent.note = Some(" ".into());
    assert_eq!(silent.check().unwrap_err().to_string(), "not a CAP alert: note is empty");
}

#[test]
fn messages_refer_back_and_never_to_themselves() {
    let infos = || sample::update().infos;
    let update = |name: &str, sent: &str| {
        Alert::update(&sample::sent(), name.parse().unwrap(), at(sent), infos()).unwrap().check()
    };
    let own = update("salt-29083-20261122-1", "2026-11-23T07:05:00+07:00").unwrap_err();
    assert!(own.to_string().contains("is not to an earlier message"), "{own}");
    let before = update("salt-2", "2026-11-22T07:04:59+07:00").unwrap_err();
    assert!(matches!(before.0[..], [CapError::RefersAhead { .. }]), "{before}");
    assert!(update("salt-2", "2026-11-22T07:05:00+07:00").is_ok());
}

#[test]
fn what_was_sent_survives_the_disk_and_is_checked_on_the_way_back() {
    let sent = sample::update().check().unwrap().sent();
    let json = serde_json::to_string(&sent).unwrap();
    let back: Sent = serde_json::from_str(&json).unwrap();
    assert_eq!(back, sent);
    assert_eq!(back.message().to_xml(), sent.message().to_xml());
    assert_eq!(back.message().get().msg_type(), MsgType::Update);
    for (good, bad) in [
        ("[\"muavu@vinhlong.example,salt-29083-20261122-1,2026-11-22T07:05:00+07:00\"]", "[]"),
        ("2026-11-26T07:00:00+07:00", "2026-11-20T07:00:00+07:00"),
        ("salt-29083-20261123-1", "salt 29083"),
        ("[10.21,106.54]", "[106.54,10.21]"),
        ("[10.27,106.47],[10.21,106.47]]", "[10.27,106.47],[10.21,106.48]]"),
    ] {
        assert!(json.contains(good), "{good} in {json}");
        assert!(serde_json::from_str::<Checked>(&json.replace(good, bad)).is_err(), "{bad}");
    }
}

//! What each channel makes of an advisory, its update and its withdrawal: sizes, seconds, schema.

use jiff::{SignedDuration, Timestamp};
use muavu::domain::geography::Commune;
use muavu::domain::{Geography, Severity};
use muavu::frames::Advisory;
use muavu::ops::Settings;
use muavu::publish::cap::{MsgType, Sent};
use muavu::publish::channels::{
    CapChannel, Channel, LoudspeakerChannel, Notice, SmsChannel, previews, previews_with,
};
use muavu::publish::sms::{Encoding, parts};
use muavu::publish::speak::{LOUDSPEAKER_SECS_MAX, seconds_to_read, unread};
use muavu::review::TakenBack;

use super::story;
use crate::cap::schema::objections;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn chau_hung() -> Commune {
    let communes = Geography::shipped().unwrap().communes;
    communes.into_iter().find(|c| c.code.as_str() == "29083").unwrap()
}

fn settings(toml: &[(&str, &str)]) -> Settings {
    let pairs = toml.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Settings::load(None, pairs).unwrap()
}

/// An advisory, the next day's that replaces it, and the withdrawal of that one.
struct Turns {
    first: (muavu::review::Approved<Advisory>, Vec<muavu::frames::ReviewEvent>),
    second: (muavu::review::Approved<Advisory>, Vec<muavu::frames::ReviewEvent>),
    gone: TakenBack,
}

fn turns() -> Turns {
    let (day, next) = (at("2026-03-15T00:10:00Z"), at("2026-03-16T00:10:00Z"));
    let first = story::published(story::warning("a1", "29083", "pomelo", day), day);
    let mut newer = story::warning("a2", "29083", "pomelo", next);
    newer.supersedes = Some("a1".into());
    let second = story::published(newer, next);
    let late = next + SignedDuration::from_hours(5);
    let gone = story::taken_back(&second.0, &second.1, late, "trạm đo hỏng");
    Turns { first, second, gone }
}

impl Turns {
    fn notices(&self) -> [Notice<'_>; 3] {
        let (day, next) = (self.first.1[1].at, self.second.1[1].at);
        [
            Notice::published(&self.first.0, 2, day, None),
            Notice::published(&self.second.0, 2, next, Some(self.first.0.get())),
            Notice::withdrawn(&self.gone),
        ]
    }
}

fn rendered(channel: &dyn Channel, turns: &Turns) -> [String; 3] {
    let commune = chau_hung();
    turns.notices().map(|notice| channel.render(&notice, &[&commune], None).unwrap().unwrap())
}

#[test]
fn an_sms_says_the_answer_and_what_to_do_within_its_parts() {
    for (encoding, most) in [("gsm7", 1), ("gsm7", 2), ("ucs2", 4)] {
        let settings = settings(&[
            ("MUAVU__CHANNELS__SMS__GATEWAY__URL", "http://127.0.0.1:9/"),
            ("MUAVU__CHANNELS__SMS__ENCODING", encoding),
            ("MUAVU__CHANNELS__SMS__PARTS_MAX", &most.to_string()),
            ("MUAVU__CHANNELS__SMS__INBOUND__TOKEN", "t0ken"),
        ]);
        let channel = SmsChannel::of(&settings.channels.sms).unwrap();
        let [first, update, gone] = rendered(&channel, &turns());
        for text in [&first, &update, &gone] {
            let made = parts(text);
            assert!(made.parts.len() <= most, "{encoding}: {text}");
            let wanted = if encoding == "gsm7" { Encoding::Gsm7 } else { Encoding::Ucs2 };
            assert_eq!(made.encoding, wanted, "{text}");
            assert!(!text.contains("/2010"), "days of this week need no year: {text}");
        }
        let plain = |text: &str| muavu::publish::sms::without_diacritics(text);
        assert!(plain(&first).contains("KHONG LAY NUOC"), "{first}");
        assert!(plain(&update).starts_with("TIN MOI, thay tin ngay 15/3"), "{update}");
        assert!(plain(&gone).starts_with("RUT LAI TIN DA GUI"), "{gone}");
        assert!(!plain(&gone).contains("KHONG LAY NUOC"), "{gone}");
        if most > 1 {
            assert!(plain(&first).contains("Viec can lam: Dong cong."), "{first}");
            assert!(plain(&first).contains("4 sai"), "{first}");
            assert!(plain(&gone).contains("tram do hong"), "{gone}");
        }
    }
}

#[test]
fn a_script_is_read_in_under_a_minute_and_holds_nothing_to_stumble_over() {
    let settings = settings(&[("MUAVU__CHANNELS__LOUDSPEAKER__FOLDER", "scripts")]);
    let home = tempfile::tempdir().unwrap();
    let channel = LoudspeakerChannel::of(&settings.channels.loudspeaker, home.path()).unwrap();
    for script in rendered(&channel, &turns()) {
        assert!(seconds_to_read(&script) < LOUDSPEAKER_SECS_MAX, "{script}");
        assert_eq!(unread(&script), Vec::<&str>::new(), "{script}");
        assert!(script.starts_with("Kính thưa bà con"), "{script}");
    }
}

#[test]
fn in_an_emergency_the_why_is_heard_before_the_weeks_work() {
    let mut draft = story::warning("a1", "29083", "pomelo", at("2026-03-15T00:10:00Z"));
    let work = "1. Trời nắng nóng. Làm việc nặng lúc sáng sớm, chiều mát. Làm trong hôm nay. Vì nhiệt \
                độ cao nhất ngày 15/03 khoảng 35 độ (từ 33 đến 37), mức phải lo là 35 độ.\n2. Trữ nước ngọt vào mương, \
                ao, lu. Làm trong ba ngày tới. Vì độ mặn cao nhất ngày 18/03 khoảng 2‰.\nVì sao:";
    draft.text_vi = draft.text_vi.replacen("Vì sao:", work, 1);
    let heard = |draft: &Advisory| {
        let mut shown = previews(draft).into_iter();
        let script = shown.find(|p| p.channel == "loudspeaker").unwrap().text;
        (script.contains("Vì sao"), script.contains("Trữ nước ngọt"))
    };
    assert_eq!(heard(&draft), (false, true), "there is no time for both");
    draft.severity = Severity::Emergency;
    assert_eq!(heard(&draft), (true, false));
}

#[test]
fn cap_documents_follow_each_other_and_pass_the_schema() {
    let channel = CapChannel::of(&settings(&[]).channels.cap);
    let (turns, commune) = (turns(), chau_hung());
    let mut before: Option<String> = None;
    let kinds = [MsgType::Alert, MsgType::Update, MsgType::Cancel];
    for (number, (notice, kind)) in turns.notices().iter().zip(kinds).enumerate() {
        let body = channel.render(notice, &[&commune], before.as_deref()).unwrap().unwrap();
        let sent: Sent = serde_json::from_str(&body).unwrap();
        let alert = sent.message().get();
        assert_eq!(alert.msg_type(), kind);
        assert_eq!(alert.references().len(), number, "each refers to all before it");
        let document = sent.message().to_xml();
        assert_eq!(objections(&document), None, "{document}");
        assert!(document.contains("<status>Exercise</status>"), "{document}");
        assert!(document.contains("<scope>Restricted</scope>"), "{document}");
        before = Some(body);
    }
    // What is over by itself is neither updated nor cancelled.
    let later = turns.second.0.get().expires_at + SignedDuration::from_hours(1);
    let gone = story::taken_back(&turns.second.0, &turns.second.1, later, "muộn");
    let notice = Notice::withdrawn(&gone);
    assert_eq!(channel.render(&notice, &[&commune], None).unwrap(), None, "nothing was carried");
}

#[test]
fn previews_show_every_channel_and_are_fast() {
    let settings = settings(&[("MUAVU__CHANNELS__ZALO__PARAMETERS", r#"{ viec = "{action}" }"#)]);
    let draft = story::warning("a1", "29083", "pomelo", at("2026-03-15T00:10:00Z"));
    let shown = previews_with(&settings.channels, &draft);
    let names: Vec<&str> = shown.iter().map(|p| p.channel).collect();
    assert_eq!(names, ["sms", "sms_ucs2", "zalo_oa", "zalo_zns", "loudspeaker", "cap"]);
    for preview in &shown {
        assert!(!preview.text.is_empty() && !preview.note.is_empty(), "{preview:?}");
    }
    let by_default: Vec<&str> = previews(&draft).iter().map(|p| p.channel).collect();
    assert_eq!(by_default, ["sms", "sms_ucs2", "zalo_oa", "loudspeaker", "cap"]);
    let cap = &shown[5].text;
    assert!(cap.contains("<status>Test</status>"), "a draft is never an alert: {cap}");
    assert_eq!(objections(cap), None);
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(previews_with(&settings.channels, &draft), shown);
    }
    assert!(begun.elapsed().as_millis() < 2_000, "{:?} for 20", begun.elapsed());
}

#[test]
fn an_agronomists_own_words_go_out_too() {
    let settings = settings(&[("MUAVU__CHANNELS__SMS__GATEWAY__URL", "http://127.0.0.1:9/")]);
    let mut draft = story::warning("a1", "29083", "pomelo", at("2026-03-15T00:10:00Z"));
    draft.text_vi = "Bà con ơi, mai nước mặn lên tới cầu Ông Bốn.\nĐừng bơm.".into();
    let shown = previews_with(&settings.channels, &draft);
    for preview in &shown[..5] {
        let plain = muavu::publish::sms::without_diacritics(&preview.text);
        // Without marks "đừng bơm" would read like "dùng bơm" (use the pump).
        let no = if preview.channel == "sms" { "Khong bom" } else { "Dung bom" };
        assert!(plain.contains("mai nuoc man len toi cau Ong Bon"), "{preview:?}");
        assert!(plain.contains(no), "{preview:?}");
    }
}

//! The review console as reviewers use it, over HTTP: deeds, two persons, two at one draft, groups,
//! previews, and a log that nobody can change.

use std::time::Instant;

use jiff::SignedDuration;
use muavu::domain::time::local_date;
use muavu::domain::{PlaceId, QcFlags, Severity};
use muavu::frames::forecasts::FORECAST;
use muavu::frames::observations::OBSERVATION;
use muavu::frames::{Advisory, Forecast, Observation, ReadFrom};
use muavu::ops::clock;
use muavu::storage::answers::Answer;
use reqwest::StatusCode;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::doors::house::{FOREIGN, House, OWN, draft};

/// Returns the value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
    rest.split('"').next().unwrap().to_owned()
}

async fn page(house: &House, path: &str, session: &str) -> String {
    let answer = house.get(path, session).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

fn to(answer: &reqwest::Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_read_approved_and_followed_by_the_next_until_none_is_left() {
    let house = House::open(clock::now).await;
    for (id, severity) in
        [("a1", Severity::Notice), ("a2", Severity::Warning), ("a3", Severity::Normal)]
    {
        house.draft(id, OWN, severity).await;
    }
    let lan = house.person("lan", &["agronomist@*"]).await;
    let queue = page(&house, "/ban-duyet", &lan).await;
    let at = |id: &str| queue.find(&format!("/tin/{id}\"")).unwrap();
    assert!(at("a2") < at("a1") && at("a1") < at("a3"), "what is urgent comes first");
    let mut at = "/ban-duyet/tin/a2".to_owned();
    for next in
        ["/ban-duyet/tin/a1?xong=phat", "/ban-duyet/tin/a3?xong=phat", "/ban-duyet?xong=phat"]
    {
        let seen = hidden(&page(&house, &at, &lan).await, "da_xem");
        let bare = at.split('?').next().unwrap().to_owned();
        let done = house.post(&format!("{bare}/duyet"), &lan, &[("da_xem", &seen)]).await;
        assert_eq!((done.status(), to(&done).as_str()), (StatusCode::SEE_OTHER, next));
        at = to(&done);
    }
    for id in ["a1", "a2", "a3"] {
        assert_eq!(house.state(id).await.as_str(), "published");
    }
    let latest = house.home.published().join("latest.json");
    let latest = std::fs::read_to_string(latest).unwrap();
    assert!(latest.contains("\"a1\"") && latest.contains("\"a3\""), "the files follow");
    let notes = house.home.records.notes(Some("a2"), 10).await.unwrap();
    let deeds: Vec<_> = notes.iter().rev().map(|n| (n.who.as_str(), n.what.as_str())).collect();
    assert_eq!(deeds, [("lan", "saw"), ("lan", "approved")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_changed_before_they_go_out_and_the_log_keeps_what_they_were() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Warning).await;
    let lan = house.person("lan", &["agronomist@*"]).await;
    let words = [
        ("da_xem", "0"),
        ("loi_vi", "Đóng cống Tân Dinh.\r\nGiữ nước."),
        ("loi_en", "Shut it."),
        ("so", "1,5"),
    ];
    let shown = house.post("/ban-duyet/tin/a1/xem-truoc?manh=1", &lan, &words).await;
    let shown = shown.text().await.unwrap();
    assert!(shown.contains("Đóng cống Tân Dinh.\nGiữ nước."), "{shown}");
    assert_eq!(house.state("a1").await.as_str(), "draft", "looking stores nothing");
    let silent = [("da_xem", "0"), ("loi_vi", " "), ("loi_en", "x")];
    let refused = house.post("/ban-duyet/tin/a1/sua", &lan, &silent).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "an empty text");
    let number = [("da_xem", "0"), ("loi_vi", "x"), ("loi_en", "x"), ("so", "một")];
    let refused = house.post("/ban-duyet/tin/a1/duyet", &lan, &number).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "no number");
    assert_eq!(house.state("a1").await.as_str(), "draft");
    let done = house.post("/ban-duyet/tin/a1/duyet", &lan, &words).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let stored = house.home.records.advisory("a1").await.unwrap().unwrap();
    assert_eq!(stored.text_vi, "Đóng cống Tân Dinh.\nGiữ nước.");
    assert_eq!(stored.evidence[0].value, 1.5);
    assert!(
        stored.evidence[0].basis.ends_with("(set by lan; was 2)"),
        "{}",
        stored.evidence[0].basis
    );
    let log = house.home.records.events("a1").await.unwrap();
    let steps: Vec<_> = log.iter().map(|e| (e.who.as_str(), e.to.as_str())).collect();
    assert_eq!(steps, [("lan", "draft"), ("lan", "approved"), ("engine", "published")]);
    let was = log[0].was.as_ref().unwrap();
    assert!(was.text_vi.contains("KHÔNG LẤY NƯỚC") && was.values == [2.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_one_draft_do_not_overwrite_each_other_and_neither_loses_a_word() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Warning).await;
    let lan = house.person("lan", &["agronomist@*"]).await;
    let minh = house.person("minh", &["agronomist@*"]).await;
    let seen = hidden(&page(&house, "/ban-duyet/tin/a1", &lan).await, "da_xem");
    assert_eq!(seen, hidden(&page(&house, "/ban-duyet/tin/a1", &minh).await, "da_xem"));
    let words = |text| [("da_xem", seen.as_str()), ("loi_vi", text), ("loi_en", "x"), ("so", "2")];
    let first = house.post("/ban-duyet/tin/a1/sua", &lan, &words("lời của Lan")).await;
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    let second = house.post("/ban-duyet/tin/a1/duyet", &minh, &words("lời của Minh")).await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let both = second.text().await.unwrap();
    assert!(both.contains("lời của Lan") && both.contains("lời của Minh"), "both are shown");
    assert_eq!(house.state("a1").await.as_str(), "draft");
    let now = house.home.records.advisory("a1").await.unwrap().unwrap();
    assert_eq!(now.text_vi, "lời của Lan", "the first stands");
    // Having seen both, Minh decides.
    let seen = hidden(&both, "da_xem");
    let fields =
        [("da_xem", seen.as_str()), ("loi_vi", "lời của Minh"), ("loi_en", "x"), ("so", "2")];
    let done = house.post("/ban-duyet/tin/a1/duyet", &minh, &fields).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let out = house.home.records.advisory("a1").await.unwrap().unwrap();
    assert_eq!((out.text_vi.as_str(), out.state.as_str()), ("lời của Minh", "published"));
    let log = house.home.records.events("a1").await.unwrap();
    assert_eq!(log[1].was.as_ref().unwrap().text_vi, "lời của Lan", "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_the_same_moment_one_is_let_in() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Warning).await;
    let mut people = Vec::new();
    for k in 0..8 {
        people.push(house.person(&format!("p{k}"), &["agronomist@*"]).await);
    }
    let deeds = people.iter().enumerate().map(|(k, session)| {
        let path = if k % 2 == 0 { "/ban-duyet/tin/a1/duyet" } else { "/ban-duyet/tin/a1/bac" };
        house.post(path, session, &[("da_xem", "0"), ("ly_do", "thử")])
    });
    let deeds = deeds.collect::<Vec<_>>();
    let answers = futures::future::join_all(deeds).await;
    let count = |status| answers.iter().filter(|a| a.status() == status).count();
    assert_eq!(count(StatusCode::SEE_OTHER), 1, "{answers:?}");
    assert_eq!(count(StatusCode::CONFLICT), 7, "{answers:?}");
    let (advisory, log) = (
        house.home.records.advisory("a1").await.unwrap().unwrap(),
        house.home.records.events("a1").await.unwrap(),
    );
    assert!(muavu::review::transitions::next_sequence(&advisory, &log).is_ok(), "the log is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_needs_a_second_person_who_is_an_approver() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Emergency).await;
    let lan = house.person("lan", &["agronomist@*"]).await;
    let hoa = house.person("hoa", &["agronomist@*"]).await;
    let foreign = house.person("nam", &["agronomist@*", &format!("approver@{FOREIGN}")]).await;
    let minh = house.person("minh", &[&format!("approver@{OWN}")]).await;
    let sign = async |session: &str, seen: &str| {
        house.post("/ban-duyet/tin/a1/duyet", session, &[("da_xem", seen)]).await
    };
    let first = sign(&lan, "0").await;
    assert_eq!(to(&first), "/ban-duyet?xong=cho");
    let again = sign(&lan, "1").await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().await.unwrap().contains("cần người thứ hai"));
    for other in [&hoa, &foreign] {
        let not_last = sign(other, "1").await;
        assert_eq!(not_last.status(), StatusCode::UNPROCESSABLE_ENTITY, "no approver there");
    }
    // Whoever changes the words makes the first signature one of other words.
    let words = [("da_xem", "1"), ("loi_vi", "Đóng cống ngay."), ("loi_en", "x"), ("so", "2")];
    assert_eq!(
        house.post("/ban-duyet/tin/a1/sua", &hoa, &words).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(to(&sign(&minh, "2").await), "/ban-duyet?xong=cho", "the first of these words");
    assert_eq!(house.state("a1").await.as_str(), "draft");
    let khoa = house.person("khoa", &["approver@*"]).await;
    assert_eq!(to(&sign(&khoa, "3").await), "/ban-duyet?xong=phat");
    assert_eq!(house.state("a1").await.as_str(), "published");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_and_withdrawing_need_a_reason_and_leave_the_files() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Warning).await;
    house.draft("a2", OWN, Severity::Warning).await;
    let lan = house.person("lan", &["agronomist@*"]).await;
    let deed = async |path: &str, seen: &str, why: &str| {
        let path = format!("/ban-duyet/tin/{path}");
        house.post(&path, &lan, &[("da_xem", seen), ("ly_do", why)]).await.status()
    };
    assert_eq!(deed("a1/bac", "0", " ").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(deed("a1/bac", "0", "xa sông").await, StatusCode::SEE_OTHER);
    assert_eq!(
        deed("a1/duyet", "1", "").await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "refused is refused"
    );
    assert_eq!(deed("a2/duyet", "0", "").await, StatusCode::SEE_OTHER);
    let latest = || std::fs::read_to_string(house.home.published().join("latest.json")).unwrap();
    assert!(latest().contains("\"a2\""));
    assert!(page(&house, "/ban-duyet/da-phat", &lan).await.contains("/tin/a2"));
    assert_eq!(deed("a2/rut", "2", "").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(deed("a2/rut", "2", "nhầm cống").await, StatusCode::SEE_OTHER);
    assert!(!latest().contains("\"a2\""), "what is withdrawn leaves the files");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_farmers_answer_stands_in_the_list_on_the_page_and_before_the_next_judgement() {
    let house = House::open(clock::now).await;
    for (id, commune) in [("a1", OWN), ("a2", OWN), ("b1", FOREIGN)] {
        house.draft(id, commune, Severity::Warning).await;
    }
    let lan = house.person("lan", &["agronomist@*"]).await;
    let silent = page(&house, "/ban-duyet/tin/a1", &lan).await;
    assert!(!silent.contains("Bà con trả lời"), "of a draft nobody has said anything");
    for id in ["a1", "b1"] {
        let path = format!("/ban-duyet/tin/{id}/duyet");
        assert_eq!(house.post(&path, &lan, &[("da_xem", "0")]).await.status(), 303);
    }
    assert!(page(&house, "/ban-duyet/tin/a1", &lan).await.contains("Chưa ai trả lời"));
    for (id, who, answer) in [
        ("a1", "ba", Answer::Done),
        ("a1", "ba", Answer::Right),
        ("a1", "tư", Answer::Wrong),
        ("b1", "năm", Answer::Wrong),
    ] {
        let records = &house.home.records;
        assert!(records.add_answer(id, who, answer, "web", clock::now()).await.unwrap());
    }
    let list = page(&house, "/ban-duyet/da-phat", &lan).await;
    assert!(list.contains("2 người trả lời: 1 đã làm, 1 thấy đúng, 1 thấy sai"), "{list}");
    let row = |whose: &str, cells: [u32; 5]| {
        let cells = cells.map(|n| format!("<td>{n}</td>")).concat();
        format!("<th scope=\"row\">{whose}</th>{cells}")
    };
    let own = page(&house, "/ban-duyet/tin/a1", &lan).await;
    assert!(own.contains(&row("Tin này", [2, 1, 1, 1, 1])), "{own}");
    // Whoever judges the next draft of the rule here sees it; what was said elsewhere is not meant.
    let next = page(&house, "/ban-duyet/tin/a2", &lan).await;
    assert!(next.contains(&row("Quy tắc này ở xã này (1 tin)", [2, 1, 1, 1, 1])), "{next}");
    assert!(!next.contains("Tin này"), "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_approved_only_as_it_was_seen_and_only_where_one_may() {
    let house = House::open(clock::now).await;
    for k in 0..4 {
        let mut own = draft(&format!("a{k}"), OWN, Severity::Warning);
        own.confidence = 0.5 + 0.1 * f64::from(k);
        house.home.records.add_advisories(&[own], &[]).await.unwrap();
    }
    house.draft("b0", FOREIGN, Severity::Warning).await;
    let lan = house.person("lan", &[&format!("agronomist@{OWN}")]).await;
    let queue = page(&house, "/ban-duyet", &lan).await;
    let (_, rest) = queue.split_once("href=\"/ban-duyet/nhom?").unwrap();
    let query = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let group = page(&house, &format!("/ban-duyet/nhom?{query}"), &lan).await;
    // A random token may hold any two digits: whole addresses are looked for.
    let lists = |id: &str| group.contains(&format!("/tin/{id}"));
    assert!(lists("a0") && lists("a3") && !lists("b0"));
    let fields = group_fields(&group);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    // Somebody changes one of them meanwhile: none is approved unseen.
    let words = [("da_xem", "0"), ("loi_vi", "khác"), ("loi_en", "x"), ("so", "2")];
    house.post("/ban-duyet/tin/a1/sua", &lan, &words).await;
    let stale = house.post("/ban-duyet/nhom", &lan, &fields).await;
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    assert_eq!(house.state("a0").await.as_str(), "draft");
    let now = stale.text().await.unwrap();
    let digest = hidden(&now, "dau");
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(k, v)| (*k, if *k == "dau" { digest.as_str() } else { *v })).collect();
    let done = house.post("/ban-duyet/nhom", &lan, &fields).await;
    assert_eq!(to(&done), "/ban-duyet?xong=nhom&so=4");
    for k in 0..4 {
        assert_eq!(house.state(&format!("a{k}")).await.as_str(), "published");
    }
    assert_eq!(house.state("b0").await.as_str(), "draft", "the other commune is another's");
}

/// Returns the fields of the form of a group's page.
fn group_fields(page: &str) -> Vec<(&'static str, String)> {
    ["muc", "luat", "viec", "nhanh", "dau"].map(|name| (name, hidden(page, name))).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_emergencies_waits_for_everyone_but_who_has_signed_it() {
    let house = House::open(clock::now).await;
    for id in ["a1", "a2"] {
        house.draft(id, OWN, Severity::Emergency).await;
    }
    let lan = house.person("lan", &["agronomist@*"]).await;
    let minh = house.person("minh", &["approver@*"]).await;
    let group_of = async |session: &str| {
        let queue = page(&house, "/ban-duyet", session).await;
        let rest = queue.split_once("href=\"/ban-duyet/nhom?")?.1;
        Some(rest.split('"').next().unwrap().replace("&#38;", "&"))
    };
    let sign = async |session: &str, query: &str| {
        let group = page(&house, &format!("/ban-duyet/nhom?{query}"), session).await;
        let fields = group_fields(&group);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        to(&house.post("/ban-duyet/nhom", session, &fields).await)
    };
    let query = group_of(&lan).await.expect("two alike are a group");
    assert_eq!(sign(&lan, &query).await, "/ban-duyet?xong=nhom-cho&so=2");
    assert_eq!(group_of(&lan).await, None, "who has signed them is not asked again");
    let none = page(&house, &format!("/ban-duyet/nhom?{query}"), &lan).await;
    assert!(none.contains("Nhóm không còn tin nào") && !none.contains("id=\"duyet\""), "{none}");
    assert!(
        page(&house, "/ban-duyet", &lan).await.contains("đã ký: lan"),
        "the drafts still stand"
    );
    let query = group_of(&minh).await.expect("the second person is asked");
    assert_eq!(sign(&minh, &query).await, "/ban-duyet?xong=nhom&so=2");
    for id in ["a1", "a2"] {
        assert_eq!(house.state(id).await.as_str(), "published");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_and_done_cannot_be_changed_even_by_whoever_holds_the_file() {
    let house = House::open(clock::now).await;
    house.draft("a1", OWN, Severity::Warning).await;
    let lan = house.person("lan", &["agronomist@*"]).await;
    let root = house.person("root", &["admin@*"]).await;
    house.post("/ban-duyet/tin/a1/bac", &lan, &[("da_xem", "0"), ("ly_do", "xa sông")]).await;
    let file = format!("sqlite://{}", house.home.root.join("records.sqlite").display());
    let db = sea_orm::Database::connect(file).await.unwrap();
    for deed in [
        "UPDATE audit SET who = 'minh'",
        "DELETE FROM audit",
        "UPDATE review_event SET document = '{}'",
        "DELETE FROM review_event",
    ] {
        let refused = db.execute_unprepared(deed).await.unwrap_err().to_string();
        assert!(refused.contains("only ever added to"), "{deed}: {refused}");
    }
    let log = page(&house, "/ban-duyet/nhat-ky", &root).await;
    assert!(log.contains("lan") && log.contains("bác") && log.contains("xa sông"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_others_are_shown_as_words_and_never_as_a_page() {
    let house = House::open(clock::now).await;
    let mut hostile = draft("a1", OWN, Severity::Warning);
    hostile.text_vi = "</textarea><script>alert(1)</script>\n<b>x</b>".into();
    hostile.rule = "<i>rule</i>".into();
    house.home.records.add_advisories(&[hostile], &[]).await.unwrap();
    let lan = house.person("lan", &["agronomist@*"]).await;
    for path in ["/ban-duyet", "/ban-duyet/tin/a1"] {
        let text = page(&house, path, &lan).await;
        assert!(!text.contains("<script>alert") && !text.contains("<i>rule"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_work_shows_the_forecast_it_was_read_from_beside_what_was_measured() {
    let house = House::open(clock::now).await;
    let issued_at = draft("a1", OWN, Severity::Notice).issued_at;
    let day = |ahead: i64| issued_at + SignedDuration::from_hours(24 * ahead);
    let gauge: PlaceId = "rain:my_tho".parse().unwrap();
    let row = |ahead: i64| Forecast {
        target: "rain_amount".into(),
        period: local_date(issued_at).year().to_string().into(),
        place: gauge.clone(),
        issued_at,
        valid_time: day(ahead),
        horizon: ahead,
        model: "rain@1".into(),
        published: true,
        unit: "mm".into(),
        q05: 0.0,
        q10: 1.0,
        q25: 5.0,
        q50: 17.25,
        q75: 30.0,
        q90: 55.0,
        q95: 80.0,
        data_cut: issued_at,
        run_id: "run".into(),
    };
    let rows: Vec<Forecast> = (1..8).map(row).collect();
    house.home.lake.append(&FORECAST, &rows).await.unwrap();
    // Of two measurements one was known this morning, and the other came after it.
    let measured = |days: i64, known_after: i64| Observation {
        variable: "rain_mm".into(),
        period: local_date(day(-days)).year().to_string().into(),
        place: gauge.clone(),
        valid_time: day(-days),
        source: "test".into(),
        value: 12.5,
        unit: "mm".into(),
        qc: QcFlags::default(),
        available_at: issued_at + SignedDuration::from_hours(known_after),
        ingested_at: issued_at,
        revision: 0,
    };
    let known = [measured(3, -20), measured(2, 1)];
    house.home.lake.append(&OBSERVATION, &known).await.unwrap();
    let mut work = draft("a1", OWN, Severity::Notice);
    (work.rule, work.hazard) = ("heavy_rain".into(), "rain".into());
    work.evidence[0].read_from =
        Some(ReadFrom { target: "rain_amount".into(), place: gauge.clone(), limit: Some(50.0) });
    // A part of the week's plan of a draft about salt names it as well.
    let mut salt = draft("a2", OWN, Severity::Warning);
    let evidence = work.evidence.clone();
    salt.plan.work.push(
        serde_json::from_value(json!({
            "rule": "heavy_rain", "hazard": "rain", "action": "clear_drains", "severity": "notice",
            "day": local_date(issued_at), "due": local_date(issued_at), "confidence": 0.8,
            "evidence": evidence, "sources": [], "unverified": false, "resolved": [],
            "text_vi": "Khơi mương.", "text_en": "Clear the drains.",
        }))
        .unwrap(),
    );
    house.home.records.add_advisories(&[work, salt], &[]).await.unwrap();
    let lan = house.person("lan", &["agronomist@*"]).await;
    for id in ["a1", "a2"] {
        let shown = page(&house, &format!("/ban-duyet/tin/{id}"), &lan).await;
        let (_, fan) = shown.split_once("<h2>Lượng mưa (mm) · trạm mưa Mỹ Tho</h2>").expect(id);
        let fan = fan.split("</section>").next().unwrap();
        assert!(fan.contains("<polygon class=\"band b80\"") && fan.contains("17,25"), "{fan}");
        assert_eq!(fan.matches("class=\"limit\"").count(), 1, "{fan}");
        let (_, line) = fan.split_once("class=\"line measured\" points=\"").expect(id);
        assert_eq!(line.split('"').next().unwrap().split(' ').count(), 1, "{line}");
    }
}

#[test]
fn what_is_drawn_as_measured_is_what_the_target_forecasts() {
    for (target, variable, _) in muavu::publish::console::MEASURED {
        assert_eq!(muavu::forecast::targets::named(target).unwrap().variable(), variable);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_two_thousand_drafts_is_there_at_once() {
    let house = House::open(clock::now).await;
    let geography = muavu::domain::Geography::shipped().unwrap();
    let many: Vec<Advisory> = (0..2_000)
        .map(|k| {
            let commune = geography.communes[k % 124].code.to_string();
            let mut a = draft(&format!("d{k:04}"), &commune, Severity::Warning);
            // As long as real ones are: fourteen lines of evidence, some four thousand bytes.
            a.evidence = vec![a.evidence[0].clone(); 14];
            a.text_vi = a.text_vi.repeat(20);
            a
        })
        .collect();
    house.home.records.add_advisories(&many, &[]).await.unwrap();
    let lan = house.person("lan", &["agronomist@*"]).await;
    let mut took = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let text = page(&house, "/ban-duyet", &lan).await;
        took.push(begun.elapsed());
        assert!(text.contains("2000 tin") && text.contains("Trang 1 / 20"));
    }
    took.sort_unstable();
    eprintln!("queue with 2,000 drafts: {took:?}");
    // The promise is 300 ms (measured apart, by the optimised program); a machine that runs other
    // tests beside is given ten times that.
    assert!(took[2].as_millis() < 3_000, "{took:?}");
}

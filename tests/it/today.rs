//! `/v1/communes/{code}/today`: small on the fullest morning, the same story as the farmer's page,
//! and still what clients of the first day read.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use muavu::domain::geography::Commune;
use muavu::domain::{Crop, Geography};
use muavu::frames::forecasts::{FORECAST, SCORE};
use muavu::frames::{Advisory, Forecast, ReviewEvent, Score};
use muavu::pipeline::Home;
use muavu::pipeline::neighbours::HomeNeighbours;
use muavu::publish::today::Neighbours as _;
use muavu::review::{Policy, Reviewed, approve, mark_published};
use muavu::storage::answers::Answer;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::farmer::{serve, text, wire};

/// Communes of which five persons answered, and four.
const SPOKE: &str = "28756";
const NEARLY_SPOKE: &str = "29083";

/// The ceiling: two kilobytes on the wire.
const WIRE_MAX: usize = 2_048;

fn morning() -> Timestamp {
    "2026-03-16T02:00:00Z".parse().unwrap()
}

fn issued() -> Timestamp {
    "2026-03-16T00:00:00Z".parse().unwrap()
}

/// Seven pieces of work as the engine words them, more than any replayed week had (three).
const WORK: [&str; 7] = [
    "Làm đồng lúc sáng sớm, chiều mát. Che cây con, tưới sớm, uống nhiều nước. Làm xong trong ngày \
     17/03. Vì nhiệt độ cao nhất ngày 18/03 khoảng 36 độ (từ 33 đến 39), mức phải lo là 37 độ. \
     Chắc đến đâu: 10 phần thì 4 phần. Theo phân cấp nắng nóng (35 °C).",
    "Coi lúa chín tới đâu, kêu máy gặt và nơi sấy trước cho kịp thu hoạch. Làm xong trong ngày \
     17/03. Vì lúa trổ được 29 ngày. Theo Dân Việt: gặt 28-34 ngày sau khi trổ.",
    "Giá lúa gạo sắp tới lên xuống trong khoảng ghi sau. Hỏi giá nhiều thương lái, hợp tác xã trước \
     khi nhận cọc. Làm xong trong ngày 21/03. Vì gạo bán sỉ tháng 4/2010 khoảng 8.100 đồng một ký, \
     10 phần thì 8 phần từ 7.150 đến 9.200. Theo cách nói về giá của Muavu. CHƯA KIỂM CHỨNG.",
    "Trời sắp nắng nóng. Đo nhiệt độ nước ao lúc xế trưa, giữ nước sâu. Làm trong hôm nay. Vì nhiệt \
     độ cao nhất ngày 15/03 khoảng 36 độ (từ 33,9 đến 38,1). Theo hướng dẫn (2lua.vn).",
    "Sắp triều cường, đi coi bờ bao, cống bọng. Làm trong hôm nay. Vì con nước rong lên cao nhất \
     ngày 24/10; đang mùa của việc này. Theo mùa triều cường tháng 9 đến 12 (báo chí 2025).",
    "Sắp mưa to, khơi mương thoát nước, đừng để ruộng ngập quá một ngày. Làm xong trong ngày 18/03. \
     Vì mưa ngày 19/03 khoảng 62 mm (từ 31 đến 95). Chắc đến đâu: 10 phần thì 6 phần.",
    "Gió mạnh, buộc chống cây ăn trái, neo ghe. Làm trong hôm nay. Vì gió giật ngày 17/03 khoảng 14 \
     mét một giây (từ 10 đến 19). Chắc đến đâu: 10 phần thì 5 phần.",
];

/// The text of one field, as long as the engine's longest, with seven pieces of work.
fn words(commune: &Commune, crop: Crop, note: &str, number: usize) -> String {
    let mut works = String::new();
    for (at, work) in WORK.iter().enumerate() {
        writeln!(works, "{}. {}", at + 1, work.replace("36", &(30 + number % 9).to_string()))
            .unwrap();
    }
    let (name, kind) = (&commune.name, &commune.kind);
    format!(
        "CẢNH BÁO: {kind} {name} – {crop} – tin ngày 16/03/2026\n\
         Ngày mai (17/03/2026): KHÔNG LẤY NƯỚC. Đóng cống.\n\
         Đến hết ngày 29/03/2026, chưa thấy ngày nào về lại mức an toàn.\n\
         Việc cần làm: Đóng cống, ngừng bơm cho {crop} {number}. Giữ nước đang có. Làm trong hôm \
         nay.\nViệc tuần này, gấp trước:\n{works}\
         Vì sao: ngày 17/03/2026, độ mặn cao nhất khoảng {number},8‰ (10 phần thì 8 phần nằm từ \
         0,93 đến 8,5‰). Mức chịu được là 1‰. {crop} bị mặn thì vàng lá, rụng trái.\n\
         Chắc đến đâu: 10 phần thì 9 phần là nước mặn quá mức (88 %), tức là khá chắc.\n\
         Khả năng nước dùng được, từng ngày: 17/03: 12 %; 18/03: 11 %; 19/03: 11 %; 20/03: 13 %.\n\
         Theo công văn 702 của Sở Nông nghiệp Bến Tre (cũ), 07/03/2022. CHƯA KIỂM CHỨNG.\n\
         Nơi tính: {note}. Số đo mới nhất: cách đây 7 giờ, trạm Hưng Mỹ.\n\
         Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước.\n\
         Tin có giá trị đến hết ngày 17/03/2026. Mức báo là của Muavu."
    )
}

fn draft(commune: &Commune, crop: Crop, note: &str, number: usize) -> Advisory {
    let day = |ahead: usize| {
        let mid = 1.0 + ((number * 31 + ahead * 17) % 97) as f64 / 13.7;
        json!({
            "quantity": "salinity_max_g_l", "value": mid, "low": mid / 2.9, "high": mid * 3.07,
            "threshold": 1.0, "unit": "g/L", "probability": 0.8 + ahead as f64 / 53.0,
            "day": format!("2026-03-{}", 16 + ahead), "basis": "salinity_station at Hưng Mỹ",
            "data_age_h": 7.0,
        })
    };
    let text = words(commune, crop, note, number);
    serde_json::from_value(json!({
        "id": format!("{:032x}", (number as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)),
        "commune": commune.code, "crop": crop, "stage": "any", "rule": "salt", "hazard": "salt",
        "severity": (["notice", "warning"][number % 2]), "action": "stop_intake",
        "issued_at": issued(), "valid_from": issued(), "expires_at": "2026-03-17T17:00:00Z",
        "evidence": (0..7).map(day).collect::<Vec<_>>(), "confidence": 0.88, "sources": [],
        "text_vi": text, "text_en": text, "state": "draft", "supersedes": null, "sample": false,
        "run_id": "run-1",
    }))
    .unwrap()
}

/// Returns an advisory published by a person, with its log.
fn published(draft: Advisory, number: usize) -> (Advisory, Vec<ReviewEvent>) {
    let who = ["lan.nguyen", "minh.tran", "hoa.le"][number % 3];
    let at = issued() + SignedDuration::from_millis(3_600_000 + 7_919 * number as i64);
    let act = muavu::review::Act { who, at, reason: "" };
    let policy = Policy::shipped().unwrap();
    let Reviewed::Approved { advisory, event } = approve(&policy, draft, &[], &act).unwrap() else {
        panic!("one person is enough for a warning")
    };
    let (proof, sent) = mark_published(*advisory, std::slice::from_ref(&event), at).unwrap();
    (proof.get().clone(), vec![event, sent])
}

fn forecast(target: &str, place: &str, valid: Timestamp, horizon: i64, mid: f64) -> Forecast {
    let q = |share: f64| mid * share;
    Forecast {
        target: target.into(),
        period: "2026".into(),
        place: place.parse().unwrap(),
        issued_at: issued(),
        valid_time: valid,
        horizon,
        model: "m@2026-03-16".into(),
        published: true,
        unit: match target {
            "intake_window" => "g/L",
            "fertiliser_price" => "USD/t",
            _ => "VND/kg",
        }
        .into(),
        q05: q(0.85),
        q10: q(0.9),
        q25: q(0.95),
        q50: mid,
        q75: q(1.05),
        q90: q(1.1),
        q95: q(1.15),
        data_cut: issued(),
        run_id: "run-1".into(),
    }
}

fn score(place: &str, metric: &str, value: f64) -> Score {
    Score {
        target: "salinity_station".into(),
        place: place.parse().unwrap(),
        horizon: 1,
        window: "2008-04-20..2014-06-30".into(),
        model: "published".into(),
        metric: metric.into(),
        value,
        n: 1_234,
        run_id: "run-1".into(),
    }
}

/// Two sensors that every commune takes its water at, and what else a full home holds.
async fn fullest(home: &Home) -> usize {
    let geography = Geography::shipped().unwrap();
    let codes: Vec<String> = geography.communes.iter().map(|c| format!("\"{}\"", c.code)).collect();
    let codes = codes.join(", ");
    let devices = format!(
        "[one]\nplace = \"canal:one\"\nplace_name = \"cống Cái Hóp\"\ncommunes = [{codes}]\n\
         [two]\nplace = \"canal:two\"\nplace_name = \"cống Vũng Liêm\"\ncommunes = [{codes}]\n"
    );
    std::fs::write(home.root.join("devices.toml"), devices).unwrap();
    let neighbours = HomeNeighbours::shipped(home.root.join("devices.toml")).unwrap();
    let day = muavu::domain::time::local_date(issued());
    let (mut advisories, mut events) = (Vec::new(), Vec::new());
    for commune in &geography.communes {
        let note = geography.water.get(&commune.code).map_or("", |w| w.note_vi.as_str());
        for (crop, _) in neighbours.crops(&commune.code, day) {
            let number = advisories.len();
            let (advisory, log) = published(draft(commune, crop, note, number), number);
            advisories.push(advisory);
            events.extend(log);
        }
    }
    home.records.add_advisories(&advisories, &events).await.unwrap();
    let mut rows = Vec::new();
    for (place, turn) in [("canal:one", 0), ("canal:two", 3)] {
        // Fresh for four hours of every twelve, so that windows are many.
        rows.extend((0..49).map(|hour| {
            let mid = if (hour + turn) % 12 < 4 { 0.05 } else { 6.0 };
            let valid = issued() + SignedDuration::from_hours(hour);
            forecast("intake_window", place, valid, hour, mid)
        }));
    }
    for (month, mid) in
        [("2026-03-15", 14_350.0), ("2026-04-15", 14_820.0), ("2026-05-15", 15_210.0)]
    {
        let valid = format!("{month}T00:00:00Z").parse().unwrap();
        rows.push(forecast("rice_price_wholesale", "market:an_giang.rice", valid, 1, mid));
        for (good, share) in [("urea", 2.7), ("dap", 4.1), ("potassium_chloride", 2.3)] {
            let price = forecast(
                "fertiliser_price",
                &format!("world:{good}"),
                valid,
                1,
                mid / share / 10.0,
            );
            // Nothing beats the newest price, so that is what is published.
            rows.push(Forecast { model: "naive".into(), published: false, ..price.clone() });
            rows.push(price);
        }
    }
    home.lake.append(&FORECAST, &rows).await.unwrap();
    let mut scores = vec![score("all:all", "coverage_80", 0.79), score("all:all", "mae", 1.23)];
    for station in geography.stations.values() {
        scores.push(score(&station.place.to_string(), "coverage_80", 0.83));
        scores.push(score(&station.place.to_string(), "mae", 0.97));
    }
    home.lake.append(&SCORE, &scores).await.unwrap();
    answered(home, &advisories).await;
    advisories.len()
}

/// Five persons of one commune and four of another answer: right, but for the last who says wrong.
async fn answered(home: &Home, advisories: &[Advisory]) {
    for (commune, persons) in [(SPOKE, 5), (NEARLY_SPOKE, 4)] {
        let to = advisories.iter().find(|a| a.commune.as_str() == commune).unwrap();
        for person in 1..=persons {
            let said = if person < persons { Answer::Right } else { Answer::Wrong };
            let who = format!("person {person}");
            assert!(home.records.add_answer(&to.id, &who, said, "web", issued()).await.unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_commune_fits_two_kilobytes_on_the_fullest_morning() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    let fields = fullest(&home).await;
    let url = serve(&home, morning).await;
    let mut sizes = Vec::new();
    for commune in Geography::shipped().unwrap().communes {
        for asked in ["", "?lang=en", "?crop=rice", "?crop=coconut&lang=vi"] {
            let address = format!("{url}/v1/communes/{}/today{asked}", commune.code);
            sizes.push((wire(&address).await, address));
        }
    }
    sizes.sort();
    let at = |share: usize| sizes[(sizes.len() - 1) * share / 100].0;
    eprintln!(
        "{fields} fields; bytes on the wire: least {}, median {}, 90 % {}, most {}",
        at(0),
        at(50),
        at(90),
        at(100)
    );
    let (most, address) = sizes.last().unwrap();
    if let Ok(path) = std::env::var("MUAVU_DUMP") {
        std::fs::write(path, text(address).await).unwrap();
    }
    assert!(*most <= WIRE_MAX, "{address}: {most} bytes");
    let said: Value = serde_json::from_str(&text(address).await).unwrap();
    let screen = &said["screen"];
    for told in ["work", "week_work", "hours"] {
        assert!(!screen[told].as_array().unwrap().is_empty(), "{told} is empty: {screen}");
    }
    assert_eq!(screen["week"]["day"].as_array().unwrap().len(), 7);
    assert!(screen["record"]["inside_80"].is_number() && screen["measured_at"].is_string());
    let rice = said["advisories"].as_array().unwrap();
    assert!(rice.len() > 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_farmers_said_is_told_from_five_persons_on_beside_the_scores_and_not_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    fullest(&home).await;
    let url = serve(&home, morning).await;
    let asked = async |path: &str| -> Value {
        serde_json::from_str(&text(&format!("{url}{path}")).await).unwrap()
    };
    // The same five persons, and four of them again: five persons, nine words.
    let here = json!({ "persons": 5, "advisories": 1, "right": 4, "wrong": 1 });
    let all = json!({ "persons": 5, "advisories": 2, "right": 7, "wrong": 2 });
    let scores = asked("/v1/scores").await;
    let said = &scores["farmers_said"];
    assert_eq!((&said["all"], &said["rules"]), (&all, &json!({ "salt": all })));
    assert_eq!(said["persons_min"], 5);
    let measured = |row: &Value| row["metric"] == "coverage_80" || row["metric"] == "mae";
    assert!(scores["scores"].as_array().unwrap().iter().all(measured), "{scores}");
    let of = async |commune| asked(&format!("/v1/scores?place=commune:{commune}")).await;
    assert_eq!(of(SPOKE).await["farmers_said"]["all"], here);
    let nearly = of(NEARLY_SPOKE).await;
    assert_eq!(
        (&nearly["farmers_said"]["all"], &nearly["farmers_said"]["rules"]),
        (&Value::Null, &json!({}))
    );

    // The page and its payload: of the commune where enough spoke, else of the province.
    for (commune, told, line) in [
        (SPOKE, json!({ "here": true, "persons": 5, "right": 4, "wrong": 1 }), "Ở đây 5 người"),
        (NEARLY_SPOKE, json!({ "here": false, "persons": 5, "right": 7, "wrong": 2 }), "Cả tỉnh 5"),
    ] {
        let today = asked(&format!("/v1/communes/{commune}/today")).await;
        assert_eq!(today["screen"]["farmers_said"], told);
        assert_eq!(today["screen"]["record"]["days"], 1_234, "what was measured stays as it was");
        let page = text(&format!("{url}/xa/{commune}")).await;
        assert!(page.contains("Bà con nói sao") && page.contains(line), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn growers_see_what_fertiliser_may_cost_and_that_it_is_but_the_newest_price() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    fullest(&home).await;
    let url = serve(&home, morning).await;
    let neighbours = HomeNeighbours::shipped(home.root.join("devices.toml")).unwrap();
    let day = muavu::domain::time::local_date(issued());
    let grows = |crop: Crop| {
        let all = Geography::shipped().unwrap().communes;
        let mut here = all
            .into_iter()
            .filter(|c| neighbours.crops(&c.code, day).iter().any(|(grown, _)| *grown == crop));
        here.next().unwrap().code
    };
    let rice = text(&format!("{url}/xa/{}?vu=rice", grows(Crop::Rice))).await;
    for said in [
        "Phân bón, giá thế giới",
        "Urê",
        "Kali",
        "04/2026",
        "Mức giữa chỉ là giá mới nhất",
        "Không phải lời khuyên mua hay bán",
        "Gạo bán sỉ An Giang",
    ] {
        assert!(rice.contains(said), "{said} is missing in\n{rice}");
    }
    let code = grows(Crop::Shrimp);
    let pond = text(&format!("{url}/xa/{code}?vu=shrimp")).await;
    assert!(pond.contains("Chưa có nguồn giá tôm") && !pond.contains("Urê"), "{pond}");
    let code = grows(Crop::Coconut);
    let palm = text(&format!("{url}/xa/{code}?vu=coconut")).await;
    assert!(palm.contains("Chưa có nguồn giá dừa") && palm.contains("Urê"), "{palm}");
}

/// What a client of the first day reads, exactly as it was described then; unknown members are
/// nothing to it.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "that each is there and of its type is the test")]
struct FirstDay {
    commune: FirstCommune,
    issued_at: Option<Timestamp>,
    sample: bool,
    licence: String,
    water: Option<serde_json::Map<String, Value>>,
    waiting_for_review: i64,
    advisories: Vec<FirstAdvisory>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
struct FirstCommune {
    code: String,
    name: String,
    r#type: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
struct FirstAdvisory {
    id: String,
    crop: String,
    stage: String,
    hazard: String,
    severity: String,
    action: String,
    confidence: f64,
    expires_at: Timestamp,
    data_age_h: Option<f64>,
    text: String,
    state: String,
    approved_by: Option<String>,
    approved_at: Option<Timestamp>,
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_the_first_day_read_it_and_it_says_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    fullest(&home).await;
    let url = serve(&home, morning).await;
    let mut probes = 0;
    for commune in Geography::shipped().unwrap().communes.iter().step_by(9) {
        let said = text(&format!("{url}/v1/communes/{}/today", commune.code)).await;
        let first: FirstDay = serde_json::from_str(&said).unwrap();
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(first.advisories.is_empty(), said["screen"]["crop"].is_null(), "{said}");
        let Some(crop) = said["screen"]["crop"].as_str() else { continue };
        let page = text(&format!("{url}/xa/{}?vu={crop}", commune.code)).await;
        // What is quoted here is quoted there.
        for told in ["work", "week_work"] {
            for line in said["screen"][told].as_array().unwrap() {
                assert!(page.contains(line.as_str().unwrap()), "{line} is not on the page");
            }
        }
        for probe in said["screen"]["hours"].as_array().unwrap() {
            let windows = probe["from"].as_array().unwrap().len();
            let named = page.contains(probe["probe"].as_str().unwrap());
            assert!(windows > 1 && named, "{windows} windows, on the page: {named}");
            probes += 1;
        }
        assert!(page.contains(first.advisories[0].approved_by.as_deref().unwrap()));
        for advisory in &first.advisories {
            assert!(advisory.text.contains("KHÔNG LẤY NƯỚC"), "the answer is never left out");
        }
    }
    assert!(probes > 4, "{probes} probes");
    // Not the time of issue: what is withdrawn later must be gone for who asks by the date alone.
    let answer = reqwest::get(format!("{url}/v1/communes/28756/today")).await.unwrap();
    assert_eq!(answer.headers()["last-modified"], "Mon, 16 Mar 2026 02:00:00 GMT");
}

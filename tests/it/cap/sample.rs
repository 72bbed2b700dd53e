//! A salt advisory for one commune: an alert, its update, its cancellation.

use muavu::domain::Severity;
use muavu::publish::cap::{
    Alert, Area, Category, Circle, DateTime, Emphasis, Envelope, Info, Language, NamedValue, Point,
    Polygon, Reason, ResponseType, Scope, Sent, Status, Sureness, Timing, Why, Words,
};

/// Returns the time written so.
pub fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// Returns the outside of the alert of 22 November 2026.
pub fn envelope() -> Envelope {
    Envelope {
        identifier: "salt-29083-20261122-1".parse().unwrap(),
        sender: "muavu@vinhlong.example".parse().unwrap(),
        sent: at("2026-11-22T07:05:00+07:00"),
        status: Status::Exercise,
        scope: Scope::Restricted {
            restriction: "Diễn tập nội bộ của tỉnh Vĩnh Long".into()
        },
    }
}

/// Returns Châu Hưng, its outline a rough box around the commune's point.
pub fn area(area_desc: &str) -> Area {
    let ring =
        [[106.47, 10.21], [106.54, 10.21], [106.54, 10.27], [106.47, 10.27], [106.47, 10.21]];
    Area {
        area_desc: area_desc.into(),
        polygons: vec![Polygon::from_geojson_ring(&ring).unwrap()],
        circles: vec![Circle::new(Point::new(10.239_189, 106.505_201).unwrap(), 4.2).unwrap()],
        geocodes: vec![NamedValue::new("VN-COMMUNE", "29083")],
    }
}

/// Returns what the alert says in Vietnamese.
pub fn vietnamese() -> Info {
    let timing = Timing::on_days(1, 4);
    Info {
        language: Language::Vietnamese,
        categories: vec![Category::Env],
        event: "Xâm nhập mặn".into(),
        response_types: vec![ResponseType::Avoid, ResponseType::Monitor],
        emphasis: Emphasis::of(Severity::Warning, timing, Sureness::Forecast(0.72)).unwrap(),
        audience: Some("Nông dân trồng bưởi, chôm chôm; đơn vị quản lý cống".into()),
        event_codes: vec![NamedValue::new("MUAVU-HAZARD", "salt")],
        effective: Some(at("2026-11-22T07:05:00+07:00")),
        onset: Some(at("2026-11-23T00:00:00+07:00")),
        expires: at("2026-11-25T07:00:00+07:00"),
        sender_name: Some("Muavu, tỉnh Vĩnh Long (diễn tập)".into()),
        headline: "CẢNH BÁO: Châu Hưng – bưởi: đóng cống, không tưới nước sông đến hết ngày 26/11"
            .into(),
        description: Some(
            "Vì sao: ngày 23/11, độ mặn cao nhất khoảng 1,4‰ (10 phần thì 8 phần nằm từ 0,8 đến \
             2,3‰). Mức chịu được là 1‰.\nMặn lên xuống theo con nước."
                .into(),
        ),
        instruction: Some(
            "Đóng cống. Tưới bằng nước ngọt đã trữ, không tưới nước sông. Luôn đo độ mặn trước khi \
             lấy nước."
                .into(),
        ),
        web: Some("https://muavu.example/xa/29083?ngày=2026-11-22&ngôn-ngữ=vi".parse().unwrap()),
        contact: Some("Cán bộ nông nghiệp xã Châu Hưng".into()),
        parameters: vec![
            NamedValue::new("salinity_max_g_l_p50", "1.4"),
            NamedValue::new("salinity_max_g_l_p90", "2.3"),
            NamedValue::new("probability_above_1_g_l", "0.72"),
        ],
        areas: vec![area("Xã Châu Hưng, tỉnh Vĩnh Long")],
    }
}

/// Returns the same in English.
pub fn english() -> Info {
    Info {
        language: Language::English,
        event: "Salt intrusion".into(),
        audience: Some("Growers of pomelo and rambutan; sluice keepers".into()),
        sender_name: Some("Muavu, Vĩnh Long province (exercise)".into()),
        headline: "WARNING: Châu Hưng – pomelo: shut the sluice, no river water until 26 November"
            .into(),
        description: Some(
            "On 23 November salinity will reach about 1.4 g/L; 1 g/L is borne.".into(),
        ),
        instruction: Some("Shut the sluice & water with stored fresh water only.".into()),
        contact: Some("Agricultural officer of Châu Hưng".into()),
        areas: vec![area("Châu Hưng commune, Vĩnh Long province")],
        ..vietnamese()
    }
}

/// Returns the alert.
pub fn alert() -> Alert {
    let mut alert = Alert::new(envelope(), vec![vietnamese(), english()]);
    alert.note = Some("Diễn tập DT-2026-03".into());
    alert.codes = vec!["muavu-1".into()];
    alert.incidents = vec!["salt-2026-2027".into(), "mặn Hàm Luông".into()];
    alert
}

/// Returns the alert after it went out.
pub fn sent() -> Sent {
    alert().check().unwrap().sent()
}

/// Returns the update of the next morning: now an emergency, and measured.
pub fn update() -> Alert {
    let worse = |mut info: Info| {
        let timing = Timing::on_days(0, 3);
        info.emphasis = Emphasis::of(Severity::Emergency, timing, Sureness::Observed).unwrap();
        info.effective = None;
        info.expires = at("2026-11-26T07:00:00+07:00");
        info
    };
    let infos = vec![worse(vietnamese()), worse(english())];
    let (identifier, time) = ("salt-29083-20261123-1", at("2026-11-23T07:05:00+07:00"));
    Alert::update(&sent(), identifier.parse().unwrap(), time, infos).unwrap()
}

/// Returns why the salt is over.
pub fn why(reason: Reason) -> Why {
    let words = |language, headline: &str, description: &str, instruction: &str| Words {
        language,
        headline: headline.into(),
        description: description.into(),
        instruction: Some(instruction.into()),
    };
    Why {
        reason,
        note: "Độ mặn đo được dưới 0,5 g/L từ 15:00 ngày 24/11".into(),
        words: vec![
            words(
                Language::Vietnamese,
                "Hết cảnh báo mặn ở xã Châu Hưng",
                "Trạm đo dưới 0,5‰ suốt một ngày đêm.",
                "Được lấy nước lúc nước ròng. Vẫn phải đo trước.",
            ),
            words(
                Language::English,
                "Salt warning for Châu Hưng is over",
                "Below 0.5 g/L for a day and a night.",
                "Water may be taken on the ebb. Measure first.",
            ),
        ],
    }
}

/// Returns the cancellation two days later.
pub fn cancel() -> Alert {
    let updated = update().check().unwrap().sent();
    let (identifier, time) = ("salt-29083-20261124-1", at("2026-11-24T16:00:00+07:00"));
    Alert::cancel(&updated, identifier.parse().unwrap(), time, &why(Reason::Over)).unwrap()
}

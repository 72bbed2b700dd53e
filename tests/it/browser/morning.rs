//! A home on a busy morning: measurements of three weeks, this morning's and yesterday's forecasts with
//! baselines, a backtest's scores, others' guidance, and drafts about salt, rain, the river, the week's
//! water, disease and prices.

use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use muavu::domain::time::{add_days, day_start, local_date};
use muavu::domain::{Crop, Geography, PlaceId, QcFlags, Severity};
use muavu::frames::forecasts::{FORECAST, SCORE};
use muavu::frames::observations::{GUIDANCE, OBSERVATION};
use muavu::frames::{Advisory, Evidence, Forecast, Guidance, Observation, ReadFrom, Score};
use muavu::ops::clock;
use muavu::pipeline::Home;
use muavu::review::{Act, Policy, Reviewed, approve, mark_published};

use crate::doors::house::draft;
use crate::support::noise;

/// The morning's issue: an hour ago, and the same for every row.
static ISSUED: LazyLock<Timestamp> =
    LazyLock::new(|| Timestamp::from_second(clock::now().as_second() - 3_600).unwrap());

/// Days measured before, and days forecast.
const DAYS_BACK: i64 = 25;
const DAYS_AHEAD: i64 = 14;

/// A series that is measured and forecast: what the lake and the forecasts call it, and how it goes.
struct Series {
    variable: &'static str,
    target: &'static str,
    unit: &'static str,
    middle: f64,
    swing: f64,
}

const SALT: Series = Series {
    variable: "salinity_max_g_l",
    target: "salinity_station",
    unit: "g/L",
    middle: 2.0,
    swing: 1.2,
};
const RAIN: Series =
    Series { variable: "rain_mm", target: "rain_amount", unit: "mm", middle: 30.0, swing: 30.0 };
const RIVER: Series =
    Series { variable: "water_level_m", target: "water_level", unit: "m", middle: 1.4, swing: 0.3 };
const WATER: Series =
    Series { variable: "", target: "irrigation_need", unit: "mm", middle: 5.0, swing: 1.0 };
const DISEASE: Series =
    Series { variable: "", target: "disease_potential", unit: "1", middle: 0.8, swing: 0.1 };
const PRICE: Series = Series {
    variable: "price_month_vnd_kg",
    target: "rice_price_wholesale",
    unit: "VND/kg",
    middle: 15_000.0,
    swing: 800.0,
};

impl Series {
    /// A fortnight's tide, with some noise.
    fn on(&self, day: Date) -> f64 {
        let day = muavu::domain::time::epoch_day(day);
        let phase = std::f64::consts::TAU * day as f64 / 14.77;
        (self.middle + self.swing * phase.cos() + 0.3 * self.swing * (noise(day) - 0.5)).max(0.0)
    }

    fn measured(&self, place: &PlaceId) -> Vec<Observation> {
        let today = local_date(*ISSUED);
        let row = |back: i64| {
            let day = add_days(today, -back);
            let valid_time = day_start(day).unwrap();
            Observation {
                variable: self.variable.into(),
                period: day.year().to_string().into(),
                place: place.clone(),
                valid_time,
                source: "test.morning".into(),
                value: self.on(day),
                unit: self.unit.into(),
                qc: QcFlags::default(),
                available_at: valid_time + SignedDuration::from_hours(20),
                ingested_at: valid_time + SignedDuration::from_hours(20),
                revision: 0,
            }
        };
        (1..=DAYS_BACK).map(row).collect()
    }

    /// The forecast of `model` issued `ago` days before this morning's.
    fn forecast(&self, place: &PlaceId, model: &str, ago: i64) -> Vec<Forecast> {
        let issued_at = *ISSUED - SignedDuration::from_hours(24 * ago);
        let today = local_date(issued_at);
        let published = model == "tide_ridges@1";
        let row = |ahead: i64| {
            let day = add_days(today, ahead - 1);
            let off = if published { 1.05 } else { 1.3 };
            let middle = self.on(day) * off;
            let wide = |share: f64| middle * (1.0 + share * (0.2 + 0.03 * ahead as f64));
            Forecast {
                target: self.target.into(),
                period: today.year().to_string().into(),
                place: place.clone(),
                issued_at,
                valid_time: day_start(day).unwrap(),
                horizon: ahead,
                model: model.into(),
                published,
                unit: self.unit.into(),
                q05: wide(-1.6),
                q10: wide(-1.2),
                q25: wide(-0.6),
                q50: middle,
                q75: wide(0.6),
                q90: wide(1.2),
                q95: wide(1.6),
                data_cut: issued_at,
                run_id: format!("run-{ago}").into(),
            }
        };
        (1..=DAYS_AHEAD).map(row).collect()
    }

    fn evidence(
        &self,
        quantity: &str,
        basis: &str,
        threshold: f64,
        read_from: Option<&ReadFrom>,
    ) -> Vec<Evidence> {
        let today = local_date(*ISSUED);
        let line = |ahead: i64| {
            let day = add_days(today, ahead);
            let value = self.on(day) * 1.05;
            Evidence {
                quantity: quantity.into(),
                value,
                low: value * 0.7,
                high: value * 1.3,
                threshold,
                unit: self.unit.into(),
                probability: 0.83,
                day,
                basis: basis.into(),
                basis_vi: basis.into(),
                data_age_h: 7.0,
                read_from: read_from.cloned(),
            }
        };
        (0..7).map(line).collect()
    }
}

/// The places of this morning, by series.
fn places() -> Vec<(&'static Series, Vec<PlaceId>)> {
    let geography = Geography::shipped().unwrap();
    let of = |text: &[&str]| text.iter().map(|t| t.parse().unwrap()).collect();
    vec![
        (&SALT, geography.stations.keys().cloned().collect()),
        (&RAIN, of(&["rain:my_tho", "rain:cang_long"])),
        (&RIVER, of(&["river:my_thuan"])),
        (&WATER, of(&["zone:ben_tre.any.coconut"])),
        (&DISEASE, of(&["zone:ben_tre.coast.ht_coast.early.leaf_blast"])),
        (&PRICE, of(&["market:an_giang.rice"])),
    ]
}

async fn fill(home: &Home) {
    let (mut measured, mut forecasts) = (Vec::new(), Vec::new());
    for (series, places) in places() {
        for place in &places {
            if !series.variable.is_empty() {
                measured.extend(series.measured(place));
            }
            for model in ["tide_ridges@1", "persistence", "climatology"] {
                forecasts.extend(series.forecast(place, model, 0));
            }
            forecasts.extend((1..4).flat_map(|ago| series.forecast(place, "tide_ridges@1", ago)));
        }
    }
    let own = Series { target: "salinity_commune", ..SALT };
    for commune in Geography::shipped().unwrap().communes {
        forecasts.extend(own.forecast(&commune.code.place(), "tide_ridges@1", 0));
    }
    let score = |(model, horizon): (&str, i64)| Score {
        target: SALT.target.into(),
        place: "all:all".parse().unwrap(),
        horizon,
        window: "2010-01-01..2013-12-31".into(),
        model: model.into(),
        metric: "mae".into(),
        value: 0.3 + 0.1 * horizon as f64,
        n: 900,
        run_id: "backtest".into(),
    };
    let models = ["published", "persistence", "climatology"];
    let scores: Vec<Score> =
        models.into_iter().flat_map(|m| (1..=7).map(move |h| (m, h))).map(score).collect();
    let guidance = |ahead: i64| Guidance {
        variable: "rain_mm".into(),
        period: local_date(*ISSUED).year().to_string().into(),
        place: "grid:ecmwf.10.25_106.40".parse().unwrap(),
        source: "weather.open_meteo".into(),
        issued_at: *ISSUED - SignedDuration::from_hours(6),
        valid_time: *ISSUED + SignedDuration::from_hours(24 * ahead),
        member: "".into(),
        value: Some(3.5 * ahead as f64),
        text: None,
        unit: "mm".into(),
        available_at: *ISSUED - SignedDuration::from_hours(2),
        ingested_at: *ISSUED - SignedDuration::from_hours(2),
    };
    let guidance: Vec<Guidance> = (1..5).map(guidance).collect();
    home.lake.append(&OBSERVATION, &measured).await.unwrap();
    home.lake.append(&FORECAST, &forecasts).await.unwrap();
    home.lake.append(&SCORE, &scores).await.unwrap();
    home.lake.append(&GUIDANCE, &guidance).await.unwrap();
}

/// A draft about salt at a commune, as the rules write it.
fn salt(id: &str, commune: &str, (crop, rule): (Crop, &str), severity: Severity) -> Advisory {
    let today = local_date(*ISSUED);
    let name = muavu_words(severity);
    Advisory {
        crop,
        rule: rule.into(),
        issued_at: *ISSUED,
        valid_from: *ISSUED,
        evidence: SALT.evidence("salinity_max_g_l", "salinity_station at Trà Vinh", 0.3, None),
        text_vi: format!(
            "{name}: xã này – tin ngày {}\nNgày mai ({}): KHÔNG LẤY NƯỚC. Đóng cống.\nNhư vậy đến hết \
             ngày {} (4 ngày).\nViệc cần làm: Đóng cống, tưới bằng nước ngọt đã trữ. Làm trong hôm \
             nay.\nVì sao: độ mặn cao nhất khoảng 2,2‰. Mức chịu được là 0,3‰.\nChắc đến đâu: 10 phần \
             thì 8 phần là nước mặn quá mức (83 %).\nChưa rõ thì hỏi cán bộ nông nghiệp xã.",
            today.strftime("%d/%m/%Y"),
            add_days(today, 1).strftime("%d/%m/%Y"),
            add_days(today, 4).strftime("%d/%m/%Y"),
        ),
        text_en: "WARNING\nTomorrow: TAKE NO WATER. Shut the sluice.".into(),
        ..draft(id, commune, severity)
    }
}

const fn muavu_words(severity: Severity) -> &'static str {
    match severity {
        Severity::Emergency => "KHẨN",
        Severity::Warning => "CẢNH BÁO",
        _ => "LƯU Ý",
    }
}

/// A draft about the week's work, with the forecasts that it rests on.
fn work(id: &str, commune: &str, crop: Crop, about: &About) -> Advisory {
    let places = places();
    let (_, places) = places.iter().find(|(s, _)| s.target == about.series.target).unwrap();
    let read_from = ReadFrom {
        target: about.series.target.into(),
        place: places[0].clone(),
        limit: Some(about.limit + about.less),
    };
    let (series, limit) = (about.series, about.limit);
    Advisory {
        crop,
        rule: about.rule.into(),
        hazard: about.hazard.into(),
        action: about.action.into(),
        issued_at: *ISSUED,
        valid_from: *ISSUED,
        evidence: series.evidence(about.quantity, about.basis, limit, Some(&read_from)),
        text_vi: format!("LƯU Ý: {}\nViệc trong tuần: {}", about.says, about.says),
        text_en: "NOTICE\nThe week's work.".into(),
        ..draft(id, commune, Severity::Notice)
    }
}

struct About {
    rule: &'static str,
    hazard: &'static str,
    action: &'static str,
    series: &'static Series,
    quantity: &'static str,
    basis: &'static str,
    limit: f64,
    /// What the quantity is less than the series.
    less: f64,
    says: &'static str,
}

/// Work that rests on each kind of forecast, with the basis as `advisory::basis` tells it.
const WORK: [About; 5] = [
    About {
        rule: "heavy_rain",
        hazard: "rain",
        action: "clear_drains",
        series: &RAIN,
        quantity: "rain_amount",
        basis: "mưa: trạm đo mưa Mỹ Tho, cách 12 km",
        limit: 50.0,
        less: 0.0,
        says: "mưa lớn, khơi thông mương.",
    },
    About {
        rule: "tide_bunds",
        hazard: "flood",
        action: "mend_bunds",
        series: &RIVER,
        quantity: "water_level_over_bd1",
        basis: "mực nước sông: trạm đo mực nước sông Mỹ Thuận, cách 9 km",
        limit: 0.0,
        less: 1.6,
        says: "nước sông cao, xem lại bờ bao.",
    },
    About {
        rule: "orchard_water",
        hazard: "drought",
        action: "irrigate",
        series: &WATER,
        quantity: "irrigation_need",
        basis: "nhu cầu nước tưới: ruộng vườn của vùng ben_tre.any.coconut",
        limit: 20.0,
        less: 0.0,
        says: "tưới trong tuần.",
    },
    About {
        rule: "leaf_blast_rank",
        hazard: "disease",
        action: "scout_blast",
        series: &DISEASE,
        quantity: "leaf_blast_rank",
        basis: "bệnh lúa: ruộng vườn của vùng ben_tre.coast.ht_coast.early",
        limit: 0.8,
        less: 0.0,
        says: "thời tiết dễ sinh đạo ôn, đi thăm ruộng.",
    },
    About {
        rule: "price_outlook",
        hazard: "market",
        action: "ask_price",
        series: &PRICE,
        quantity: "rice_price_wholesale",
        basis: "giá gạo: chợ bán sỉ An Giang",
        limit: 15_000.0,
        less: 0.0,
        says: "giá lúa có thể xuống.",
    },
];

/// Six emergencies, 84 warnings of three rules, 20 pieces of work.
fn drafts() -> Vec<Advisory> {
    const CROPS: [(Crop, &str); 3] = [
        (Crop::Durian, "durian_salt"),
        (Crop::Pomelo, "pomelo_salt"),
        (Crop::Rambutan, "rambutan_salt"),
    ];
    let communes = Geography::shipped().unwrap().communes;
    let code = |k: usize| communes[k].code.to_string();
    let mut all = Vec::new();
    for k in 0..6 {
        all.push(salt(&format!("e{k}"), &code(k), CROPS[0], Severity::Emergency));
    }
    for k in 0..84 {
        all.push(salt(&format!("w{k:02}"), &code(6 + k / 3), CROPS[k % 3], Severity::Warning));
    }
    for k in 0..20 {
        all.push(work(&format!("n{k:02}"), &code(40 + k), Crop::Vegetables, &WORK[k % 5]));
    }
    all
}

fn with_home(folder: &Path, fill: impl AsyncFnOnce(&Home)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let home = Home::open(folder).await.unwrap();
        fill(&home).await;
    });
}

/// Fills a home with the morning; everything waits.
pub fn waiting(folder: &Path) {
    with_home(folder, async |home| {
        fill(home).await;
        home.records.add_advisories(&drafts(), &[]).await.unwrap();
    });
}

/// Fills a home with the morning; an advisory for each commune is published.
pub fn published(folder: &Path) {
    with_home(folder, async |home| {
        fill(home).await;
        let policy = Policy::shipped().unwrap();
        for commune in Geography::shipped().unwrap().communes {
            for (crop, rule) in [(Crop::Durian, "durian_salt"), (Crop::Pomelo, "pomelo_salt")] {
                let id = format!("{rule}-{}", commune.code);
                let told = salt(&id, commune.code.as_str(), (crop, rule), Severity::Warning);
                publish(home, &policy, told).await;
            }
        }
    });
}

async fn publish(home: &Home, policy: &Policy, draft: Advisory) {
    home.records.add_advisories(std::slice::from_ref(&draft), &[]).await.unwrap();
    let act = Act { who: "lan", at: *ISSUED + SignedDuration::from_mins(20), reason: "" };
    let Reviewed::Approved { advisory, event } = approve(policy, draft, &[], &act).unwrap() else {
        panic!("one person is enough for a warning")
    };
    home.records.advance(advisory.get(), &event).await.unwrap();
    let (published, told) = mark_published(*advisory, &[event], act.at).unwrap();
    home.records.advance(published.get(), &told).await.unwrap();
}

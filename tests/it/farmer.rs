//! The farmer's pages over HTTP: found by any name, honest when there is nothing, small on the
//! wire, asked again for nothing, and never showing what nobody approved.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muavu::domain::{Crop, Geography, Variables};
use muavu::frames::{Advisory, Forecast};
use muavu::pipeline::Home;
use muavu::pipeline::neighbours::HomeNeighbours;
use muavu::publish::api::{self, Shelf};
use muavu::publish::farmer;
use muavu::publish::today::Board;
use muavu::review::{Act, Policy, Reviewed, approve, mark_published, withdraw};
use muavu::storage::Stamp;
use serde_json::json;

use crate::command::{muavu, said};

/// The ceilings: HTML of a page, and everything a first visit loads over the wire, bytes.
const HTML_MAX: usize = 14 * 1024;
const WIRE_MAX: usize = 30 * 1024;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The morning after the advice of these tests was issued, 09:00 local.
fn morning() -> Timestamp {
    at("2026-02-20T02:00:00Z")
}

/// A month later.
fn a_month_on() -> Timestamp {
    at("2026-03-20T02:00:00Z")
}

fn draft(id: &str, commune: &str, crop: &str, action: &str, text_vi: &str) -> Advisory {
    let evidence = |day: u8, value: f64| {
        json!({
            "quantity": "salinity_max_g_l", "value": value, "low": value / 2.0,
            "high": value * 2.0, "threshold": 1.0, "unit": "g/L", "probability": 0.83,
            "day": format!("2026-02-{day}"), "basis": "salinity_station at Trà Vinh",
            "data_age_h": 3.0,
        })
    };
    let days: Vec<_> = (20..27).map(|day| evidence(day, 0.2 * f64::from(day - 18))).collect();
    serde_json::from_value(json!({
        "id": id, "commune": commune, "crop": crop, "stage": "tillering", "rule": "rice_tillering",
        "hazard": "salt", "severity": "warning", "action": action,
        "issued_at": "2026-02-20T00:00:00Z", "valid_from": "2026-02-20T00:00:00Z",
        "expires_at": "2026-02-21T17:00:00Z", "evidence": days, "confidence": 0.83,
        "sources": [], "text_vi": text_vi, "text_en": "Tomorrow: TAKE NO WATER.\nWhy: salt.",
        "state": "draft", "supersedes": null, "sample": false, "run_id": "run-1",
    }))
    .unwrap()
}

const SHUT: &str = "CẢNH BÁO: Phường Phú Khương – lúa\nNgày mai (21/02/2026): KHÔNG LẤY NƯỚC. Đóng \
    cống.\nNhư vậy đến hết ngày 24/02/2026 (4 ngày).\nViệc cần làm: Đóng cống, ngừng bơm. Làm trong \
    hôm nay.\nVì sao: độ mặn cao nhất khoảng 2,2‰.\n1. Khoan bón phân.\nChưa rõ thì hỏi.";

/// Stores a draft, and what a person makes of it.
async fn store(home: &Home, draft: Advisory, approved_by: Option<&str>) {
    home.records.add_advisories(std::slice::from_ref(&draft), &[]).await.unwrap();
    let Some(who) = approved_by else { return };
    let act = Act { who, at: at("2026-02-20T00:30:00Z"), reason: "" };
    let policy = Policy::shipped().unwrap();
    let Reviewed::Approved { advisory, event } = approve(&policy, draft, &[], &act).unwrap() else {
        panic!("one person is enough for a warning")
    };
    home.records.advance(advisory.get(), &event).await.unwrap();
    let (published, told) = mark_published(*advisory, &[event], act.at).unwrap();
    home.records.advance(published.get(), &told).await.unwrap();
}

/// Serves the pages of a home at this moment; returns the address.
pub async fn serve(home: &Home, now: fn() -> Timestamp) -> String {
    let shelf = Shelf {
        lake: home.lake.clone(),
        records: home.records.clone(),
        geography: Arc::new(Geography::shipped().unwrap()),
        variables: Arc::new(Variables::shipped().unwrap()),
        heard: home.root.join("heard.json"),
        stamp: Arc::new(Stamp::of_home(&home.root)),
        now,
        stand_ins: |_, _| Vec::new(),
    };
    let neighbours = HomeNeighbours::shipped(home.root.join("devices.toml")).unwrap();
    let board = Board::new(shelf.clone(), Arc::new(neighbours));
    let routes = api::router(Arc::clone(&board)).merge(farmer::router(board).unwrap());
    let routes = api::guarded(routes, &shelf, NonZeroU32::new(100_000).unwrap());
    let (told, heard) = tokio::sync::oneshot::channel();
    let ready = |bound| told.send(bound).unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    tokio::spawn(api::serve(routes, any, ready, std::future::pending()));
    format!("http://{}", heard.await.unwrap())
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub async fn text(url: &str) -> String {
    let answer = client().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.text().await.unwrap()
}

/// Bytes of an answer's body as it went over the wire, compressed.
pub async fn wire(url: &str) -> usize {
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    let answer = plain.get(url).header("accept-encoding", "gzip").send().await.unwrap();
    assert!(answer.status().is_success(), "{url}");
    answer.bytes().await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_tells_the_approved_answer_who_approved_it_and_how_old_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    store(&home, draft("a", "28756", "rice", "stop_intake", SHUT), Some("Chị <b>Lan</b>")).await;
    let url = serve(&home, morning).await;
    let page = text(&format!("{url}/xa/28756?vu=rice")).await;
    for said in [
        "Phường Phú Khương",
        "ĐÓNG CỐNG",
        "8 trong 10 lần",
        "Như vậy đến hết ngày 24/02/2026",
        "Đóng cống, ngừng bơm.",
        "độ mặn cao nhất khoảng 2,2‰",
        "1. Khoan bón phân.",
        "đến hết ngày 21/02/2026",
        "2 giờ trước",
        "5 giờ trước",
        "<svg class=\"strip\"",
        "T6 20/2",
        "2/10",
        "Chưa có sổ đúng sai ở đây",
    ] {
        assert!(page.contains(said), "{said} is missing in\n{page}");
    }
    assert!(page.contains("Chị &#60;b&#62;Lan") && !page.contains("<b>Lan"), "names are escaped");
    assert!(page.contains("id=\"over\" hidden"), "it is not over");
    let english = text(&format!("{url}/xa/28756?vu=rice&lang=en")).await;
    assert!(english.contains("KEEP SHUT") && english.contains("lang=\"en\""), "{english}");

    // The same advice a month later is shown as old, struck out and not to be followed.
    let later = serve(&home, a_month_on).await;
    let page = text(&format!("{later}/xa/28756?vu=rice")).await;
    assert!(page.contains("class=\"answer old\"") && page.contains("28 ngày trước"), "{page}");
    assert!(!page.contains("id=\"over\" hidden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_approved_is_not_shown_and_an_approval_reaches_the_screen_in_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    let secret = SHUT.replace("Đóng cống, ngừng bơm", "LỜI CHƯA DUYỆT");
    store(&home, draft("a", "28756", "rice", "stop_intake", &secret), None).await;
    let url = serve(&home, muavu::ops::clock::now).await;
    let screen = format!("{url}/xa/28756?vu=rice");
    let page = text(&screen).await;
    assert!(page.contains("CHƯA CÓ LỜI KHUYÊN") && page.contains("Có 1 lời khuyên"), "{page}");
    assert!(!page.contains("LỜI CHƯA DUYỆT") && !page.contains("ĐÓNG CỐNG"), "{page}");
    assert!(page.contains("Máy chưa tính lần nào"), "{page}");

    let open = "Ngày mai: ĐƯỢC LẤY NƯỚC. Mở cống khi nước ròng.";
    let coconut = draft("b", "28756", "coconut", "may_open_sluice_on_ebb", open);
    store(&home, coconut, Some("lan")).await;
    let coconut = format!("{url}/xa/28756?vu=coconut");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let page = text(&coconut).await;
    assert!(page.contains("LẤY NƯỚC ĐƯỢC") && page.contains("answer old"), "{page}");

    // What is withdrawn is gone as fast.
    let act = Act { who: "lan", at: at("2026-02-20T00:40:00Z"), reason: "wrong sluice" };
    let published = home.records.advisory("b").await.unwrap().unwrap();
    let log = home.records.events("b").await.unwrap();
    let moved = withdraw(published, &log, &act).unwrap();
    home.records.advance(&moved.advisory, &moved.event).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let page = text(&coconut).await;
    assert!(page.contains("CHƯA CÓ LỜI KHUYÊN") && !page.contains("LẤY NƯỚC ĐƯỢC"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn communes_are_found_by_any_name_and_hostile_words_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    let url = serve(&home, morning).await;
    let goes = |path: &str| {
        let request = client().get(format!("{url}{path}"));
        async move {
            let answer = request.send().await.unwrap();
            let to = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
            (answer.status().as_u16(), to.unwrap_or_default())
        }
    };
    assert_eq!(goes("/?q=phu+khuong").await, (303, "/xa/28756".into()));
    assert_eq!(
        goes("/?q=Ph%C3%BA+Kh%C6%B0%C6%A1ng&lang=en").await,
        (303, "/xa/28756?lang=en".into())
    );
    assert_eq!(goes("/xa/phu-khuong").await, (308, "/xa/28756".into()));
    assert_eq!(goes("/xa/phu-khuong?vu=coconut").await, (308, "/xa/28756?vu=coconut".into()));
    assert_eq!(goes("/xa/99999").await.0, 404);
    assert_eq!(goes("/xa/nowhere").await.0, 404);
    assert_eq!(goes("/t/other.css").await.0, 404);

    let old = text(&format!("{url}/?q=huyen+mang+thit")).await;
    assert!(old.contains("Huyện Mang Thít cũ"), "{old}");
    let near = text(&format!("{url}/?gan=10.2275,106.4072")).await;
    assert!(near.contains("Phú Khương") && near.contains("km"), "{near}");
    let far = text(&format!("{url}/?gan=48.8,2.3")).await;
    assert!(far.contains("cách xa"), "{far}");

    for hostile in ["%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cimg%20src=x%3E", "%00", "'--"] {
        for path in [
            format!("/?q={hostile}"),
            format!("/?gan={hostile}"),
            format!("/?q={hostile}&q=twice"),
            format!("/xa/28756?vu={hostile}&sa={hostile}&lang={hostile}"),
            format!("/xa/28756/in?lang={hostile}"),
        ] {
            let page = text(&format!("{url}{path}")).await;
            assert!(!page.contains("<script>") && !page.contains("<img"), "{path}\n{page}");
            assert!(page.contains("<html lang=\"vi\">"), "{path}");
        }
    }
    let sown = text(&format!("{url}/xa/28777?vu=rice&sa=2026-01-25")).await;
    assert!(sown.contains("Lúa sạ được 26 ngày: đẻ nhánh"), "{sown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_strict_headers_and_are_sent_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).await.unwrap();
    let url = serve(&home, morning).await;
    for path in ["/", "/xa/28756"] {
        let first = client().get(format!("{url}{path}")).send().await.unwrap();
        let header = |name: &str| first.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-cache");
        let tag = header("etag");
        let page = first.text().await.unwrap();
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        let again = client().get(format!("{url}{path}")).header("if-none-match", &tag);
        let again = again.send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(again.headers()["etag"], tag.as_str());
        assert!(again.text().await.unwrap().is_empty());
        // Style and script may be kept for ever, and are where the page says.
        for part in page.split(['"']).filter(|p| p.starts_with("/t/farmer.")) {
            let file = client().get(format!("{url}{part}")).send().await.unwrap();
            assert_eq!(file.status(), 200, "{part}");
            let keep = file.headers()["cache-control"].to_str().unwrap().to_owned();
            assert!(keep.contains("immutable"), "{keep}");
        }
    }
    let poster = client().get(format!("{url}/xa/28756/in")).send().await.unwrap();
    let keep = poster.headers()["cache-control"].to_str().unwrap().to_owned();
    assert!(keep.contains("private"), "a poster names the host it was asked at: {keep}");
    let poster = poster.text().await.unwrap();
    let host = url.trim_start_matches("http://");
    assert!(poster.contains(&format!("{host}/xa/28756")) && poster.contains("aria-label=\"QR\""));
    let manifest = text(&format!("{url}/manifest.webmanifest")).await;
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["start_url"], "/?app=1");
    for icon in manifest["icons"].as_array().unwrap() {
        assert!(wire(&format!("{url}{}", icon["src"].as_str().unwrap())).await > 100);
    }
    let worker = text(&format!("{url}/sw.js")).await;
    assert!(!worker.contains('@') && worker.contains("/t/farmer."), "{worker}");
}

#[test]
fn every_page_of_the_sample_is_small_marked_and_agrees_with_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let run = said(muavu(folder.path()).arg("run"));
    assert_eq!(run.code, 0, "{}", run.err);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let home = Home::open(&folder.path().join("sample")).await.unwrap();
        let url = serve(&home, muavu::ops::clock::now).await;
        let largest = sizes(&url).await;
        assert!(largest.0 <= HTML_MAX && largest.1 <= WIRE_MAX, "{largest:?}");
        eprintln!("largest HTML {} bytes, largest first visit {} bytes", largest.0, largest.1);
    });
}

/// The largest HTML and the largest first visit of all pages, bytes.
async fn sizes(url: &str) -> (usize, usize) {
    let mut largest = (0, 0);
    let mut answered = 0;
    let chooser = text(url).await;
    let mut paths = vec!["/".to_owned(), "/xa/28756/in".to_owned()];
    for commune in Geography::shipped().unwrap().communes {
        assert!(chooser.contains(&format!("href=\"/xa/{}\"", commune.code)), "{}", commune.name);
        let page = text(&format!("{url}/xa/{}", commune.code)).await;
        let crops = Crop::ALL.into_iter().filter(|c| page.contains(&format!("?vu={c}\"")));
        let crops: Vec<Crop> = crops.collect();
        paths.push(format!("/xa/{}", commune.code));
        paths.extend(crops.iter().map(|c| format!("/xa/{}?vu={c}&sa=2026-02-01", commune.code)));
    }
    for path in paths {
        let address = format!("{url}{path}");
        let page = text(&address).await;
        assert!(page.contains("DỮ LIỆU MẪU"), "{path} is not marked");
        answered +=
            usize::from(page.contains("class=\"answer ta") || page.contains("class=\"answer sh"));
        let mut first_visit = wire(&address).await;
        for part in page.split('"').filter(|p| p.starts_with("/t/")) {
            first_visit += wire(&format!("{url}{part}")).await;
        }
        for file in ["/manifest.webmanifest", "/sw.js"] {
            first_visit += wire(&format!("{url}{file}")).await;
        }
        largest = (largest.0.max(page.len()), largest.1.max(first_visit));
    }
    assert!(answered > 100, "only {answered} pages have an answer");
    largest
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_at_a_probe_are_windows_for_the_crop_of_its_commune() {
    let folder = tempfile::tempdir().unwrap();
    probe_of(folder.path());
    let home = Home::open(folder.path()).await.unwrap();
    let issued = at("2026-02-20T01:00:00Z");
    // Fresh for six hours from 10:00 local, salty before and after.
    let row = |hour: i64| {
        let salty = !(2..8).contains(&hour);
        let middle = if salty { 6.0 } else { 0.1 };
        let spread = |share: f64| middle * share;
        Forecast {
            target: "intake_window".into(),
            period: "2026".into(),
            place: "canal:one".parse().unwrap(),
            issued_at: issued,
            valid_time: issued + jiff::SignedDuration::from_hours(hour),
            horizon: hour,
            model: "tide_ridges@2026-02-20".into(),
            published: true,
            unit: "g/L".into(),
            q05: spread(0.9),
            q10: spread(0.92),
            q25: spread(0.95),
            q50: middle,
            q75: spread(1.05),
            q90: spread(1.08),
            q95: spread(1.1),
            data_cut: issued,
            run_id: "stream".into(),
        }
    };
    let rows: Vec<Forecast> = (0..48).map(row).collect();
    home.lake.append(&muavu::frames::forecasts::FORECAST, &rows).await.unwrap();
    let url = serve(&home, morning).await;
    let page = text(&format!("{url}/xa/28756?vu=coconut")).await;
    assert!(page.contains("cống Một") && page.contains("Giờ lấy nước"), "{page}");
    assert!(page.contains("(8 trong 10 lần)") && page.contains("T6 20/2 đến"), "{page}");
    let other = text(&format!("{url}/xa/28777?vu=coconut")).await;
    assert!(!other.contains("cống Một"), "only communes that take their water there");
}

fn probe_of(home: &Path) {
    let devices =
        "[one]\nplace = \"canal:one\"\nplace_name = \"cống Một\"\ncommunes = [\"28756\"]\n";
    std::fs::write(home.join("devices.toml"), devices).unwrap();
}

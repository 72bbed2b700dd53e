//! Outside forecasts in the morning: archived, verified as their days come, corrected, published only
//! where they win, and never read before they were out.
//!
//! What is observed is the real archive of the provinces; nobody kept a forecast of the region, so the
//! outside forecaster is one that knows the day to come up to a bias and noise of its own. The
//! categories of the Indian agency are a real archive of issues: they go the same way into the lake.

use jiff::Timestamp;
use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::time::{IssuedAt, date_of_epoch_day, day_start, epoch_day};
use muavu::features::Panel;
use muavu::forecast::gate::PUBLISHED;
use muavu::forecast::targets::weather::TMAX;
use muavu::forecast::targets::{self, Target};
use muavu::frames::observations::GUIDANCE;
use muavu::frames::{Forecast, Guidance};
use muavu::pipeline::guided::{GuidanceState, Guide, STATISTICAL};
use muavu::pipeline::import::{Origin, import};
use muavu::pipeline::issuing::{Issuer, TargetIssue};
use muavu::pipeline::series;
use muavu::sources::archive::Manifest;
use muavu::storage::{Filter, Lake, ModelShelf};

use crate::support::shared;

const PLACE: &str = "province:vinh_long";
const SOURCE: &str = "weather.someone";

/// A home whose lake holds the provinces' archive.
struct Home {
    folder: tempfile::TempDir,
    lake: Lake,
    panel: Panel,
}

async fn home() -> Option<Home> {
    let archive = shared("data/weather/openmeteo_daily_34prov.csv")?;
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("archive");
    std::fs::create_dir_all(from.join("weather")).unwrap();
    std::fs::copy(archive, from.join("weather/openmeteo_daily_34prov.csv")).unwrap();
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let manifest = Manifest::shipped().unwrap();
    let now: Timestamp = "2026-04-10T00:00:00Z".parse().unwrap();
    import(&lake, &from, &manifest, Origin::Measured, now, |_, _| {}).await.unwrap();
    let target: &dyn Target = &TMAX;
    let panel = series::panel(&lake, &[target]).await.unwrap();
    Some(Home { folder, lake, panel })
}

/// Noise of −1 to 1, fixed by the day and the lead.
fn noise(day: i64, lead: i64) -> f64 {
    let mixed = (day * 31 + lead).wrapping_mul(0x9E37_79B9).rem_euclid(2_000);
    mixed as f64 / 1_000.0 - 1.0
}

impl Home {
    /// Returns what someone said each evening before `until`, of the next days: `bias` degrees too
    /// warm, and off by up to `off`.
    fn issues(&self, until: Date, bias: f64, off: f64) -> Vec<Guidance> {
        let place: PlaceId = PLACE.parse().unwrap();
        let mut rows = Vec::new();
        for day in epoch_day(Date::constant(2025, 9, 1))..epoch_day(until) {
            let issued_at = IssuedAt::morning_of(date_of_epoch_day(day)).unwrap().0;
            for lead in 0..10 {
                let Some(truth) = TMAX.truth(&self.panel, &place, day + lead) else { continue };
                let valid_time = day_start(date_of_epoch_day(day + lead)).unwrap();
                rows.push(Guidance {
                    variable: TMAX.variable().into(),
                    period: date_of_epoch_day(day).year().to_string().into(),
                    place: place.clone(),
                    source: SOURCE.into(),
                    issued_at,
                    valid_time,
                    member: "".into(),
                    value: Some(truth + bias + off * noise(day, lead)),
                    text: None,
                    unit: "degC".into(),
                    available_at: issued_at,
                    ingested_at: issued_at,
                });
            }
        }
        rows
    }

    /// Returns what is issued on a morning with all guidance of the lake.
    async fn morning(&self, date: Date) -> TargetIssue {
        let issued_at = IssuedAt::morning_of(date).unwrap();
        let guide = Guide::read(&self.lake, &[&TMAX], issued_at.0).await.unwrap();
        let shelf = ModelShelf::of(self.folder.path());
        let issuer = Issuer { issued_at, run_id: "a test", shelf: &shelf };
        let issue = issuer.issue(&TMAX, &self.panel).unwrap();
        guide.enter(&TMAX, &self.panel, &issuer, issue).unwrap()
    }
}

fn of<'a>(issue: &'a TargetIssue, model: &'a str) -> Vec<&'a Forecast> {
    let here = |r: &&Forecast| r.place.as_str() == PLACE && &*r.model == model;
    issue.rows.iter().filter(here).collect()
}

const MORNING: Date = Date::constant(2026, 2, 10);

#[tokio::test(flavor = "multi_thread")]
async fn a_biased_but_knowing_forecaster_is_corrected_and_published() {
    let Some(home) = home().await else { return };
    let statistical = home.morning(MORNING).await;
    assert!(statistical.state.guidance.is_empty());
    home.lake.append(&GUIDANCE, &home.issues(MORNING, 1.5, 0.3)).await.unwrap();
    // The morning's own issue is out at seven as well.
    let later = Date::constant(2026, 2, 11);
    let today: Vec<Guidance> =
        home.issues(later, 1.5, 0.3).split_off(home.issues(MORNING, 1.5, 0.3).len());
    home.lake.append(&GUIDANCE, &today).await.unwrap();
    let issue = home.morning(MORNING).await;

    let states = &issue.state.guidance;
    assert_eq!(states.len(), 10, "one a lead: {states:?}");
    for state in states {
        assert!(state.published && state.days > 90, "{state:?}");
        assert!((state.bias - 1.5).abs() < 0.1, "{state:?}");
        assert!(state.corrected_mae < 0.5 * state.raw_mae, "{state:?}");
    }
    let (published, own) = (of(&issue, PUBLISHED), of(&issue, STATISTICAL));
    assert_eq!((published.len(), own.len()), (14, 10), "four days nobody spoke of stay our own");
    assert_eq!(of(&issue, &format!("guidance.{SOURCE}")).len(), 10);
    assert!(own.iter().all(|r| !r.published) && published.iter().all(|r| r.published));
    let before = of(&statistical, PUBLISHED);
    for (ours, row) in before.iter().zip(published.iter().filter(|r| r.horizon <= 10)) {
        assert_eq!(row.unit, ours.unit);
    }
    for row in published.iter().filter(|r| r.horizon <= 10) {
        let day = epoch_day(MORNING) - 1 + row.horizon;
        let truth = TMAX.truth(&home.panel, &row.place, day).unwrap();
        assert!((row.q50 - truth).abs() < 0.6, "corrected: {} for {truth}", row.q50);
        assert!(row.q05 < row.q50 && row.q50 < row.q95);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_knows_nothing_is_verified_and_held_back() {
    let Some(home) = home().await else { return };
    home.lake.append(&GUIDANCE, &home.issues(MORNING, 0.0, 9.0)).await.unwrap();
    let issue = home.morning(MORNING).await;
    let judged = |s: &&GuidanceState| s.loss.is_some();
    assert!(issue.state.guidance.iter().filter(judged).count() >= 9);
    assert!(issue.state.guidance.iter().all(|s| !s.published), "{:?}", issue.state.guidance);
    assert_eq!((of(&issue, PUBLISHED).len(), of(&issue, STATISTICAL).len()), (14, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_month_is_verified_nobody_is_a_candidate() {
    let Some(home) = home().await else { return };
    let young = Date::constant(2025, 9, 28);
    home.lake.append(&GUIDANCE, &home.issues(young, 1.5, 0.1)).await.unwrap();
    let issue = home.morning(young).await;
    assert!(!issue.state.guidance.is_empty());
    assert!(issue.state.guidance.iter().all(|s| s.loss.is_none() && !s.published));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_later_changes_nothing_of_an_earlier_morning() {
    let Some(home) = home().await else { return };
    home.lake.append(&GUIDANCE, &home.issues(MORNING, 1.5, 0.3)).await.unwrap();
    let then = home.morning(MORNING).await;
    let mark = |guide: Guide| guide.mark("run".to_owned());
    let at = IssuedAt::morning_of(MORNING).unwrap().0;
    let marked = mark(Guide::read(&home.lake, &[&TMAX], at).await.unwrap());
    assert_ne!(marked, "run");
    let mut garbage = home.issues(Date::constant(2026, 3, 20), 1.5, 0.3);
    garbage.retain(|row| row.issued_at >= at);
    for row in &mut garbage {
        row.value = Some(-9.0);
        row.available_at = row.available_at.max(at) + jiff::SignedDuration::from_secs(1);
    }
    home.lake.append(&GUIDANCE, &garbage).await.unwrap();
    assert_eq!(mark(Guide::read(&home.lake, &[&TMAX], at).await.unwrap()), marked);
    let again = home.morning(MORNING).await;
    assert_eq!((again.rows, again.state), (then.rows, then.state));
}

#[tokio::test(flavor = "multi_thread")]
async fn real_categories_of_an_agency_are_archived_and_left_to_event_scores() {
    let Some(home) = home().await else { return };
    let Some(issues) = shared("data/verification/imd_mumbai/forecasts_d1_d5.csv") else { return };
    let from = home.folder.path().join("agency");
    std::fs::create_dir_all(from.join("verification/imd_mumbai")).unwrap();
    std::fs::copy(issues, from.join("verification/imd_mumbai/forecasts_d1_d5.csv")).unwrap();
    let now: Timestamp = "2026-04-10T00:00:00Z".parse().unwrap();
    let manifest = Manifest::shipped().unwrap();
    import(&home.lake, &from, &manifest, Origin::Measured, now, |_, _| {}).await.unwrap();
    let rows: Vec<Guidance> = home.lake.rows(&GUIDANCE, &Filter::all()).await.unwrap();
    assert!(rows.len() > 4_000 && rows.iter().all(|r| r.value.is_none() && r.text.is_some()));
    let guide = Guide::read(&home.lake, &targets::all(), "2025-06-10T00:00:00Z".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(guide.mark("run".to_owned()), "run", "categories are not numbers of the weather");
}

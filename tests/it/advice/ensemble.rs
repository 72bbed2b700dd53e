//! Rain by an outside ensemble, from the lake to the week's work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use muavu::advisory::work::Readings;
use muavu::advisory::{CommuneInput, Field};
use muavu::domain::{Crop, Severity, Stage};
use muavu::frames::Guidance;
use muavu::pipeline::ensemble::Ensemble;
use muavu::review::{Policy, Reviewed, decide_by_policy};
use muavu::sources::open_meteo::ensemble::{GRID, SOURCE};
use muavu::storage::Lake;

use super::{FRESH, context, outlook, run};

/// Mỏ Cày, in the middle of the province.
const HERE: (f64, f64) = (10.13, 106.33);

/// 51 members of the two days after the issue, of which every third brings 120 mm.
fn members(issued_at: Timestamp) -> Vec<Guidance> {
    let place = GRID.cell_of(HERE.0, HERE.1).unwrap().place;
    let row = |day: &str, member: u32| Guidance {
        variable: "precipitation_mm".into(),
        period: "2010".into(),
        place: place.clone(),
        source: SOURCE.into(),
        issued_at,
        valid_time: format!("2010-03-{day}T00:00:00+07:00").parse().unwrap(),
        member: format!("{member:02}").into(),
        value: Some(if member.is_multiple_of(3) { 120.0 } else { 4.0 }),
        text: None,
        unit: "mm".into(),
        available_at: issued_at,
        ingested_at: issued_at,
    };
    ["16", "17"].iter().flat_map(|day| (0..51).map(move |member| row(day, member))).collect()
}

#[tokio::test]
async fn an_ensemble_in_the_lake_clears_the_drains_and_says_that_it_is_not_verified() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let morning: Timestamp = "2010-03-15T00:00:00Z".parse().unwrap();
    let issued_at = "2010-03-14T23:30:00Z".parse().unwrap();
    lake.merge_guidance(members(issued_at)).await.unwrap();

    let before = Ensemble::read(&lake, "2010-03-14T23:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(before, Ensemble::default(), "it was not out yet");
    let ensemble = Ensemble::read(&lake, morning).await.unwrap();
    let mut readings = Readings::default();
    for (name, days) in ensemble.rain_at(HERE, morning).unwrap() {
        readings.put(name, days);
    }
    let input = CommuneInput {
        outlook: outlook(&FRESH),
        fields: vec![Field { crop: Crop::Durian, stage: Stage::Any }],
        readings: BTreeMap::from([(Crop::Durian, readings)]),
    };
    let advisory = run(&context("2010-03-15"), &[input]).advisories.remove(0);
    let drain = advisory.plan.work.iter().find(|w| w.rule == "heavy_rain").unwrap();
    assert_eq!((drain.action.as_str(), drain.severity), ("drain_now", Severity::Warning));
    assert!(drain.evidence[0].basis.contains("not verified here"), "{:?}", drain.evidence);
    let decided = decide_by_policy(&Policy::shipped().unwrap(), advisory, &[], morning).unwrap();
    assert!(matches!(decided, Reviewed::Held { .. }), "a person must see it");
}

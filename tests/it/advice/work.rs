//! The week's work beside and without a salt answer, as it reaches the record and the reader.

use std::collections::BTreeMap;
use std::sync::Arc;

use muavu::advisory::work::{Reading, Readings, Value};
use muavu::advisory::{Basis, CommuneInput, Field, NoValue};
use muavu::domain::time::add_days;
use muavu::domain::{Crop, Quantiles, Severity, Stage};
use muavu::frames::Advisory;

use super::{FRESH, Z, context, outlook, run};

/// Equal days of a quantity from the day of issue on.
fn days(readings: &mut Readings, quantity: &str, count: i64, median: f64, spread: f64) {
    let issue = jiff::civil::date(2010, 3, 15);
    let value = Value::Range(Quantiles::new(Z.map(|z: f64| z.mul_add(spread, median))).unwrap());
    let reading = Reading {
        value,
        basis: Basis::Zone { zone: "vinh_long".into() }.into(),
        data_age_h: 7.0,
        origin: None,
    };
    let series = (0..count).map(|ahead| (add_days(issue, ahead), reading.clone()));
    readings.put(quantity, Arc::new(series.collect()));
}

fn input(crop: Crop, readings: Readings) -> CommuneInput {
    CommuneInput {
        outlook: outlook(&FRESH),
        fields: vec![Field { crop, stage: Stage::Any }],
        readings: BTreeMap::from([(crop, readings)]),
    }
}

fn one(input: CommuneInput) -> Advisory {
    run(&context("2010-03-15"), &[input]).advisories.remove(0)
}

#[test]
fn the_salt_answer_comes_first_and_the_weeks_work_follows_in_the_text() {
    let mut readings = Readings::default();
    days(&mut readings, "irrigation_need", 14, 4.5, 0.3);
    days(&mut readings, "tmax", 14, 37.5, 0.5);
    let advisory = one(input(Crop::Pomelo, readings));
    assert_eq!((advisory.rule.as_str(), advisory.hazard.as_str()), ("open_on_ebb", "salt"));
    assert_eq!(advisory.severity, Severity::Warning, "the gravest of it is in the headline");
    assert!(advisory.text_vi.starts_with("CẢNH BÁO: "));
    let work: Vec<_> = advisory.plan.work.iter().map(|w| w.action.as_str()).collect();
    assert_eq!(work, ["heat_severe", "irrigate"]);
    let places = ["Việc cần làm", "Việc tuần này", "1. Làm đồng", "2. Tưới nước", "Vì sao"];
    let found: Vec<_> = places.map(|p| advisory.text_vi.find(p).unwrap()).to_vec();
    assert!(found.is_sorted(), "{}", advisory.text_vi);
    assert!(advisory.text_vi.contains("CHƯA có dự báo"), "no rain was told: {}", advisory.text_vi);
    let unverified = advisory.sources.iter().filter(|l| l.starts_with("unverified: ")).count();
    assert!(unverified > 0, "a person must see it: {:?}", advisory.sources);
    assert!(advisory.evidence.iter().all(|e| e.unit == "g/L"), "the work keeps its own evidence");
}

#[test]
fn where_salt_has_no_answer_the_work_is_told_and_the_silence_stays_in_the_list() {
    let mut readings = Readings::default();
    days(&mut readings, "tmax", 14, 37.5, 0.5);
    let mut silent = input(Crop::Durian, readings);
    silent.outlook.reason_none = Some(NoValue::NoStationNear);
    let decided = run(&context("2010-03-15"), &[silent]);
    assert_eq!(decided.silent[0].reason, NoValue::NoStationNear);
    let advisory = &decided.advisories[0];
    assert_eq!((advisory.rule.as_str(), advisory.hazard.as_str()), ("heat", "heat"));
    assert_eq!(advisory.evidence[0].quantity, "tmax");
    assert!(advisory.text_vi.contains("trạm đo quá xa"), "{}", advisory.text_vi);
    assert!(!advisory.text_vi.contains("ĐƯỢC LẤY NƯỚC"), "{}", advisory.text_vi);
}

#[test]
fn an_advisory_of_an_older_build_reads_back_without_a_plan() {
    let advisory = one(input(Crop::Pomelo, Readings::default()));
    let text = serde_json::to_string(&advisory).unwrap();
    assert!(!text.contains("\"plan\""), "an empty plan takes no room");
    assert_eq!(serde_json::from_str::<Advisory>(&text).unwrap(), advisory);
}

#[test]
fn the_list_of_the_agronomists_is_the_one_the_rules_cover() {
    let Some(path) = crate::support::shared("knowledge/tables/advisory_rules.csv") else { return };
    let book = muavu::advisory::Rulebook::shipped().unwrap();
    let covers = |id: &str| {
        book.rules().iter().any(|r| r.covers.iter().any(|c| c == id))
            || book.work().rules().iter().any(|r| r.covers.iter().any(|c| c == id))
    };
    let text = std::fs::read_to_string(path).unwrap();
    let bare: Vec<_> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .filter(|id| !covers(id))
        .collect();
    assert!(bare.is_empty(), "no rule carries out {bare:?}");
}

//! The plan of the week: order, conflicts, companions, what is missing, and what it costs an
//! emergency; and that every row of the agronomists' list is carried out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::{Date, date};

use super::cases::{play, play_conflicts, readings};
use super::plan::{Plan, Week, plan};
use super::reading::Readings;
use super::rule::Given;
use super::telling::Teller;
use crate::advisory::outlook::Field;
use crate::advisory::{Lang, Rulebook, Words};
use crate::domain::{Crop, Severity, Stage};
use crate::frames::WeekPlan;

const TODAY: Date = date(2026, 3, 15);

static SHIPPED: LazyLock<(Rulebook, Words)> =
    LazyLock::new(|| (Rulebook::shipped().unwrap(), Words::shipped().unwrap()));

/// The rows of shared/knowledge/tables/advisory_rules.csv.
const ROWS: &str = "R-SAL-01 R-SAL-02 R-SAL-03 R-SAL-04 R-SAL-05 R-SAL-06 R-SAL-07 R-SAL-08 \
    R-SAL-09 R-SAL-10 R-SAL-11 R-SAL-12 R-SAL-13 R-GATE-01 R-GATE-02 R-TIDE-01 R-TIDE-02 R-RAIN-01 \
    R-RAIN-02 R-RAIN-03 R-RAIN-04 R-LODG-01 R-LODG-02 R-HEAT-01 R-HEAT-02 R-HEAT-03 R-SPRAY-01 \
    R-SPRAY-02 R-SPRAY-03 R-SPRAY-04 R-SPRAY-05 R-AWD-01 R-AWD-02 R-DRAIN-01 R-HARV-01 R-HARV-02 \
    R-BLAST-01 R-BLAST-02 R-SHB-01 R-BPH-01 R-BPH-02 R-SNAIL-01 R-COCO-01 R-ACP-01 R-DUR-01 \
    R-SHR-01 R-SHR-02 R-SHR-03 R-CLAM-01 R-CLAM-02 R-MKT-01";

fn range(quantity: &str, (from, to): (i64, i64), range: [f64; 3]) -> Given {
    Given { quantity: quantity.into(), from, to, range: Some(range), odds: None, value: None }
}

fn exact(quantity: &str, value: f64) -> Given {
    let quantity = quantity.into();
    Given { quantity, from: 0, to: 0, range: None, odds: None, value: Some(value) }
}

fn odds(quantity: &str, (from, to): (i64, i64), odds: f64) -> Given {
    Given { quantity: quantity.into(), from, to, range: None, odds: Some(odds), value: None }
}

fn week<'a>(crop: Crop, stage: Stage, readings: &'a Readings, salt: &'a [&'a str]) -> Plan<'a> {
    let field = Field { crop, stage };
    let week = Week { field, today: TODAY, readings, salt_actions: salt, verified_only: false };
    plan(SHIPPED.0.work(), SHIPPED.0.sources(), &week).unwrap()
}

fn actions<'a>(plan: &'a Plan<'_>) -> Vec<&'a str> {
    plan.items.iter().map(|item| item.finding.level.action.as_str()).collect()
}

fn told(plan: &Plan<'_>) -> WeekPlan {
    let (book, words) = &*SHIPPED;
    Teller { words, sources: book.sources(), today: TODAY }.stored(plan).unwrap()
}

#[test]
fn every_rule_of_work_and_every_conflict_holds_in_its_own_cases() {
    let mut failures = Vec::new();
    for rule in SHIPPED.0.work().rules() {
        for case in &rule.cases {
            if let Err(reason) = play(rule, case, TODAY) {
                failures.push(format!("{}, {:?}: {reason}", rule.id, case.name));
            }
        }
    }
    let (played, conflicts) = play_conflicts(SHIPPED.0.work(), TODAY);
    failures.extend(conflicts.iter().map(|(id, case, reason)| format!("{id}, {case}: {reason}")));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(played >= 24, "only {played} cases of conflicts");
}

#[test]
fn every_row_of_the_agronomists_list_is_carried_out_by_a_rule() {
    let (book, _) = &*SHIPPED;
    let work = book.work().rules().iter().flat_map(|rule| &rule.covers);
    let covered: BTreeSet<&str> =
        book.rules().iter().flat_map(|rule| &rule.covers).chain(work).map(String::as_str).collect();
    let rows: BTreeSet<&str> = ROWS.split_whitespace().collect();
    assert_eq!(rows.len(), 51);
    let bare: Vec<_> = rows.difference(&covered).collect();
    assert!(bare.is_empty(), "no rule carries out {bare:?}");
    let unknown: Vec<_> = covered.difference(&rows).collect();
    assert!(unknown.is_empty(), "rules name rows that do not exist: {unknown:?}");
}

#[test]
fn what_can_still_be_saved_comes_first_the_gravest_and_then_the_soonest() {
    let given = [
        range("rain_amount", (0, 2), [5.0, 40.0, 130.0]),
        range("irrigation_need", (0, 6), [0.0, 0.0, 0.5]),
        exact("days_to_harvest", 10.0),
        exact("days_after_heading", 29.0),
    ];
    let readings = readings(&given, TODAY).unwrap();
    let plan = week(Crop::Rice, Stage::Ripening, &readings, &[]);
    assert_eq!(actions(&plan), ["drain_now", "final_drain", "plan_harvest"]);
    let keys: Vec<_> = plan
        .items
        .iter()
        .map(|i| (std::cmp::Reverse(i.finding.level.severity), i.finding.due))
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

#[test]
fn rain_on_the_way_stops_the_pump_and_the_text_says_so() {
    let dry = [range("irrigation_need", (0, 6), [3.0, 4.5, 6.0])];
    let only_need = readings(&dry, TODAY).unwrap();
    let plan = week(Crop::Pomelo, Stage::Any, &only_need, &[]);
    assert_eq!(actions(&plan), ["irrigate"]);
    assert!(plan.missing.contains(&"rain_amount"), "no rain told is not no rain");
    let mut rainy = dry.to_vec();
    rainy.push(range("rain_amount", (0, 2), [0.0, 9.0, 30.0]));
    let rainy = readings(&rainy, TODAY).unwrap();
    let plan = week(Crop::Pomelo, Stage::Any, &rainy, &[]);
    assert_eq!(actions(&plan), [""; 0]);
    let told = told(&plan);
    assert_eq!(told.set_aside[0].conflict, "rain_over_irrigation");
    assert!(told.set_aside[0].text_vi.starts_with("Trời sắp mưa"), "{:?}", told.set_aside);
}

#[test]
fn salt_coming_hurries_the_filling_and_a_salty_river_leaves_the_store() {
    let given = [range("irrigation_need", (0, 6), [1.5, 2.2, 3.0])];
    let readings = readings(&given, TODAY).unwrap();
    let hurried = week(Crop::Pomelo, Stage::Any, &readings, &["store_fresh_now"]);
    assert_eq!(hurried.items[0].finding.due, TODAY);
    assert!(told(&hurried).work[0].text_en.contains("Salt is coming"));
    let stored = week(Crop::Pomelo, Stage::Any, &readings, &["stop_irrigation"]);
    assert!(stored.items[0].finding.due > TODAY);
    assert_eq!(told(&stored).work[0].resolved, ["stored_water_only"]);
    let free = week(Crop::Pomelo, Stage::Any, &readings, &["may_open_sluice_on_ebb"]);
    assert!(told(&free).work[0].resolved.is_empty());
}

#[test]
fn the_sprayer_waits_for_fair_days_but_is_not_spoken_of_without_a_reason() {
    let wet = odds("rain_occurrence", (0, 2), 0.7);
    let only_rain = readings(std::slice::from_ref(&wet), TODAY).unwrap();
    let plan = week(Crop::Rice, Stage::Tillering, &only_rain, &[]);
    assert!(plan.is_empty(), "{:?}", actions(&plan));
    let blast = [wet, range("leaf_blast_rank", (0, 9), [0.78, 0.9, 0.97])];
    let blast = readings(&blast, TODAY).unwrap();
    let plan = week(Crop::Rice, Stage::Tillering, &blast, &[]);
    assert_eq!(actions(&plan), ["no_spray_rain", "scout_blast"]);
    assert_eq!(told(&plan).work[1].resolved, ["no_spray_before_rain"]);
}

#[test]
fn beside_an_emergency_only_verified_work_is_told() {
    let given = [
        range("tmax", (0, 4), [35.0, 36.0, 36.8]),
        range("rain_amount", (0, 2), [0.0, 10.0, 80.0]),
    ];
    let readings = readings(&given, TODAY).unwrap();
    let field = Field { crop: Crop::Durian, stage: Stage::Any };
    let base = Week {
        field,
        today: TODAY,
        readings: &readings,
        salt_actions: &["use_stored_water_thin_fruit"],
        verified_only: false,
    };
    let of = |week: &Week<'_>| -> Vec<(String, bool)> {
        let plan = plan(SHIPPED.0.work(), SHIPPED.0.sources(), week).unwrap();
        plan.items.iter().map(|i| (i.finding.level.action.clone(), i.unverified)).collect()
    };
    assert!(of(&base).iter().any(|(_, unverified)| *unverified), "{:?}", of(&base));
    let emergency = of(&Week { verified_only: true, ..base });
    assert!(!emergency.is_empty() && emergency.iter().all(|(_, unverified)| !unverified));
}

#[test]
fn an_unverified_piece_of_work_says_so_in_words_and_in_its_sources() {
    for rule in SHIPPED.0.work().rules() {
        let fires = rule.cases.iter().filter(|case| case.severity.is_some());
        for case in fires {
            let readings = readings(&case.given, TODAY).unwrap();
            let stage = case.stage.unwrap_or(Stage::Any);
            let plan = week(case.crop, stage, &readings, &[]);
            for work in &told(&plan).work {
                let marked = work.sources.iter().any(|l| l.starts_with("unverified: "));
                assert_eq!(work.unverified, marked, "{}: {:?}", work.rule, work.sources);
                assert_eq!(
                    work.unverified,
                    work.text_vi.contains("CHƯA KIỂM CHỨNG"),
                    "{}",
                    work.rule
                );
                assert!(!work.evidence.is_empty() && !work.sources.is_empty(), "{}", work.rule);
                assert!(work.severity < Severity::Emergency && work.due >= TODAY, "{}", work.rule);
                for text in [&work.text_vi, &work.text_en] {
                    assert!(!text.contains(['{', '}']), "{text}");
                }
            }
        }
    }
}

#[test]
fn nothing_told_is_nothing_said() {
    let readings = Readings::default();
    let plan = week(Crop::Rice, Stage::Flowering, &readings, &["stop_intake"]);
    assert!(plan.is_empty());
    let (book, words) = &*SHIPPED;
    let teller = Teller { words, sources: book.sources(), today: TODAY };
    let stored = teller.stored(&plan).unwrap();
    assert!(stored.is_empty() && teller.lines(&stored, Lang::Vi).unwrap().is_empty());
}

#[test]
fn a_sowing_day_is_told_with_its_lunar_date_and_its_tide() {
    let mut given = vec![Given { to: 4, ..exact("days_to_sowing", 3.0) }];
    given.push(Given { from: 5, to: 10, ..exact("days_to_sowing", 0.0) });
    let readings = readings(&given, TODAY).unwrap();
    let plan = week(Crop::Rice, Stage::PreSowing, &readings, &[]);
    let told = told(&plan);
    // 20 March 2026 is the second day of the second lunar month: spring tide.
    assert!(
        told.work[0].text_vi.contains("20/03 (ngày 2 tháng 2 âm lịch, nước rong)"),
        "{}",
        told.work[0].text_vi
    );
}

//! What must hold for any forecast: an answer, its evidence, its order, its monotony.

use std::collections::{BTreeMap, BTreeSet};

use muavu::advisory::{CommuneInput, Field};
use muavu::domain::{Crop, Stage};
use muavu::frames::Advisory;
use proptest::prelude::*;

use super::{advise, context, one, outlook, run};

/// Every crop at every stage it can be at.
fn every_field() -> Vec<(Crop, Stage)> {
    let stages = [
        Stage::Any,
        Stage::Fallow,
        Stage::PreSowing,
        Stage::Germination,
        Stage::Seedling,
        Stage::Tillering,
        Stage::Panicle,
        Stage::Flowering,
        Stage::Ripening,
    ];
    let rice = [Crop::Rice, Crop::RiceShrimp];
    let mut all: Vec<_> =
        rice.into_iter().flat_map(|crop| stages.map(|stage| (crop, stage))).collect();
    all.extend(asking().filter(|crop| !rice.contains(crop)).map(|crop| (crop, Stage::Any)));
    all
}

/// The crops that ask for water: clams lie on the flats and take what the sea brings.
fn asking() -> impl Iterator<Item = Crop> {
    Crop::ALL.into_iter().filter(|crop| *crop != Crop::Clam)
}

fn check_advisory(advisory: &Advisory) {
    assert!(!advisory.evidence.is_empty() && !advisory.sources.is_empty(), "{}", advisory.rule);
    assert!((0.0..=1.0).contains(&advisory.confidence));
    assert!(advisory.issued_at < advisory.expires_at);
    assert_eq!(advisory.id.len(), 32);
    for evidence in &advisory.evidence {
        assert!(evidence.low <= evidence.value && evidence.value <= evidence.high);
        assert!((0.01..=0.99).contains(&evidence.probability) && evidence.threshold > 0.0);
        assert_eq!((evidence.unit.as_str(), evidence.data_age_h), ("g/L", 13.0));
    }
    for (text, tomorrow) in [
        (&advisory.text_vi, "Ngày mai (16/03/2010): "),
        (&advisory.text_en, "Tomorrow (16/03/2010): "),
    ] {
        assert!(text.contains(tomorrow), "no answer for tomorrow in\n{text}");
        assert!(!text.contains(['{', '}', '\u{2068}']), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_field_is_answered_with_evidence_and_sources(
        medians in prop::collection::vec(0.02_f64..40.0, 2..15),
        pick in 0_usize..28,
    ) {
        let fields = every_field();
        let field = fields[pick % fields.len()];
        let decided = advise(&medians, &[field]);
        prop_assert_eq!(decided.advisories.len(), 1, "{:?} has no answer", field);
        prop_assert!(decided.silent.is_empty() && decided.problems.is_empty());
        check_advisory(&decided.advisories[0]);
    }

    #[test]
    fn the_same_forecasts_give_the_same_advice_in_any_order(
        medians in prop::collection::vec(0.02_f64..10.0, 2..15),
    ) {
        let fields: Vec<_> =
            asking().map(|crop| Field { crop, stage: Stage::Any }).collect();
        let mut communes: Vec<_> = ["28756", "29668", "29836"].map(|code| {
            let mut outlook = outlook(&medians);
            outlook.commune = code.parse().unwrap();
            CommuneInput { outlook, fields: fields.clone(), readings: BTreeMap::new() }
        }).to_vec();
        let first = run(&context("2010-03-15"), &communes);
        communes.reverse();
        for commune in &mut communes {
            commune.fields.reverse();
            commune.outlook.days.reverse();
        }
        let second = run(&context("2010-03-15"), &communes);
        prop_assert_eq!(&first, &second);
        let ids: BTreeSet<_> = first.advisories.iter().map(|a| &a.id).collect();
        prop_assert_eq!(ids.len(), 3 * asking().count(), "ids collide");
    }

    #[test]
    fn more_salt_never_lowers_the_urgency_of_a_fresh_water_crop(
        medians in prop::collection::vec(0.02_f64..6.0, 14),
        factor in 1.0_f64..4.0,
        pick in 0_usize..28,
    ) {
        let fields: Vec<_> = every_field()
            .into_iter()
            .filter(|f| f.0 != Crop::Shrimp && *f != (Crop::RiceShrimp, Stage::Fallow))
            .collect();
        let (crop, stage) = fields[pick % fields.len()];
        let saltier: Vec<f64> = medians.iter().map(|m| m * factor).collect();
        let (before, after) = (one(&medians, crop, stage), one(&saltier, crop, stage));
        prop_assert!(
            after.severity >= before.severity,
            "{} {}: {} by {} became {} by {}",
            crop, stage, before.severity, before.rule, after.severity, after.rule
        );
    }
}

//! Advice: the rules' own cases, the texts farmers read, and what must hold for any forecast.

mod ensemble;
mod laws;
mod texts;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::support;
use muavu::advisory::rule::{Rule, Side};
use muavu::advisory::{
    Basis, Calendar, CommuneInput, Context, DayOutlook, Decided, Field, Lang, NoValue, Rulebook,
    SaltOutlook, Words, check_rules, decide,
};
use muavu::domain::time::{IssuedAt, add_days};
use muavu::domain::{Crop, Quantiles, Severity, Stage};
use muavu::frames::Advisory;
use muavu::review::{Policy, Reviewed, decide_by_policy};

/// Standard normal quantiles of the seven levels, to make forecasts with.
const Z: [f64; 7] = [-1.6449, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.6449];

fn context(issued: &str) -> Context {
    Context {
        issued_at: IssuedAt::parse(issued).unwrap().0,
        run_id: "test".into(),
        sample: false,
        standing: BTreeMap::new(),
    }
}

/// A forecast from 2010-03-15 on with these medians, g/L, wider with the horizon.
fn outlook(medians: &[f64]) -> SaltOutlook {
    let day = |(ahead, median): (i64, &f64)| {
        let spread = [0.25, 0.30, 0.35][usize::try_from(ahead / 5).unwrap().min(2)];
        DayOutlook {
            day: add_days(jiff::civil::date(2010, 3, 15), ahead),
            quantiles: Quantiles::new(Z.map(|z: f64| median * (z * spread).exp())).unwrap(),
            basis: Basis::Stations { names: vec!["Hưng Mỹ".into(), "Trà Vinh".into()] },
            data_age_h: 13.0,
        }
    };
    SaltOutlook {
        commune: "29668".parse().unwrap(),
        name: "Xã Quới An".into(),
        days: (0..).zip(medians).map(day).collect(),
        stations: vec!["Trà Vinh".into()],
        note_vi: "Giá trị trên sông Cổ Chiên, cách cửa sông 55 km".into(),
        note_en: "Value of the Cổ Chiên at 55 km from the mouth".into(),
        place_unverified: false,
        baseline: false,
        reason_none: None,
    }
}

fn advise(medians: &[f64], fields: &[(Crop, Stage)]) -> Decided {
    let fields = fields.iter().map(|(crop, stage)| Field { crop: *crop, stage: *stage }).collect();
    let commune = CommuneInput { outlook: outlook(medians), fields, readings: BTreeMap::new() };
    run(&context("2010-03-15"), &[commune])
}

fn run(context: &Context, communes: &[CommuneInput]) -> Decided {
    static SHIPPED: LazyLock<(Rulebook, Words)> =
        LazyLock::new(|| (Rulebook::shipped().unwrap(), Words::shipped().unwrap()));
    decide(&SHIPPED.0, &SHIPPED.1, context, communes).unwrap()
}

fn one(medians: &[f64], crop: Crop, stage: Stage) -> Advisory {
    let decided = advise(medians, &[(crop, stage)]);
    assert_eq!(decided.silent, [], "no answer for {crop}");
    decided.advisories.into_iter().next().unwrap()
}

/// A spring tide on its way: fresh now, above every tree's limit in four days.
const RISING: [f64; 14] =
    [0.12, 0.13, 0.14, 0.2, 0.35, 0.7, 1.1, 1.4, 1.2, 0.8, 0.5, 0.3, 0.2, 0.15];

/// A salty week that ends with the neap tide.
const FALLING: [f64; 14] = [1.6, 1.5, 1.4, 1.3, 1.1, 0.9, 0.7, 0.5, 0.4, 0.4, 0.5, 0.6, 0.8, 0.9];

/// The rainy season.
const FRESH: [f64; 14] = [0.1; 14];

#[test]
fn every_rule_holds_in_its_own_cases() {
    let report = check_rules().unwrap();
    let told: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
    assert!(report.is_ok(), "{}", told.join("\n"));
    assert!(report.rules.iter().all(|rule| rule.cases >= 3));
    assert_eq!(report.cases, report.rules.iter().map(|rule| rule.cases).sum::<usize>());
}

#[test]
fn every_reason_for_silence_has_words_and_a_name_that_reads_back() {
    for reason in NoValue::ALL {
        assert_eq!(reason.as_str().parse::<NoValue>().unwrap(), reason);
        let mut silent = outlook(&FRESH);
        silent.reason_none = Some(reason);
        let decided = run(
            &context("2010-03-15"),
            &[CommuneInput { outlook: silent, fields: vec![], readings: BTreeMap::new() }],
        );
        assert_eq!(decided.silent[0].reason, reason);
    }
    assert!("dry".parse::<NoValue>().unwrap_err().to_string().contains("sea_water"));
}

#[test]
fn without_tomorrow_there_is_no_answer_and_a_doubled_day_is_a_problem_not_a_stop() {
    let field = vec![Field { crop: Crop::Durian, stage: Stage::Any }];
    let today_only = CommuneInput {
        outlook: outlook(&FRESH[..1]),
        fields: field.clone(),
        readings: BTreeMap::new(),
    };
    let mut doubled =
        CommuneInput { outlook: outlook(&FRESH), fields: field.clone(), readings: BTreeMap::new() };
    doubled.outlook.commune = "28756".parse().unwrap();
    doubled.outlook.days.push(doubled.outlook.days[3].clone());
    let mut good =
        CommuneInput { outlook: outlook(&FRESH), fields: field, readings: BTreeMap::new() };
    good.outlook.commune = "29999".parse().unwrap();
    let decided = run(&context("2010-03-15"), &[today_only, doubled, good]);
    assert_eq!(decided.advisories.len(), 1);
    let reasons: Vec<_> = decided.silent.iter().map(|s| (s.commune.as_str(), s.reason)).collect();
    assert_eq!(reasons, [("28756", NoValue::NotForecast), ("29668", NoValue::NotForecast)]);
    assert!(decided.problems[0].to_string().contains("2010-03-18 is given twice"));
}

#[test]
fn the_sample_baselines_old_data_and_unverified_places_are_said_in_the_text() {
    let mut context = context("2010-03-15");
    context.sample = true;
    let mut outlook = outlook(&FRESH);
    outlook.baseline = true;
    outlook.place_unverified = true;
    for day in &mut outlook.days {
        day.data_age_h = 80.0;
    }
    let fields = vec![Field { crop: Crop::Coconut, stage: Stage::Any }];
    let advisory = run(&context, &[CommuneInput { outlook, fields, readings: BTreeMap::new() }])
        .advisories
        .remove(0);
    assert!(advisory.sample);
    assert!(advisory.text_vi.starts_with("DỮ LIỆU MẪU – không dùng để quyết định.\n"));
    assert!(advisory.text_en.starts_with("SAMPLE DATA – not for decisions.\n"));
    for part in ["cách tính đơn giản", "cách đây 3 ngày", "CHƯA KIỂM CHỨNG"] {
        assert!(advisory.text_vi.contains(part), "{part:?} in\n{}", advisory.text_vi);
    }
    assert!(advisory.sources.iter().any(|line| line.starts_with("unverified: place of intake")));
}

#[test]
fn an_emergency_names_the_crops_limit_and_the_level_of_grave_damage() {
    let advisory = one(&[2.6; 14], Crop::Durian, Stage::Any);
    assert_eq!(
        (advisory.severity, advisory.action.as_str()),
        (Severity::Emergency, "use_stored_water_thin_fruit")
    );
    assert!(advisory.text_vi.contains("Mức chịu được là 0,3‰, từ 1‰ là hại nặng."));
    assert!(advisory.text_vi.contains("công văn 702"), "{}", advisory.text_vi);
    assert_eq!(advisory.evidence[0].threshold, 1.0);
    assert_eq!(advisory.evidence.len(), 1 + 14, "the deciding day, then every day of the forecast");
}

#[test]
fn the_stricter_source_wins_and_the_others_are_named() {
    let advisory = one(&FRESH, Crop::Durian, Stage::Any);
    assert!(advisory.text_vi.contains("Tài liệu khác ghi 0,5‰. Tin này theo mức chặt hơn."));
    let used = advisory.sources.iter().find(|line| line.contains("(the stricter, used)")).unwrap();
    assert!(used.starts_with("secondary: ") && used.contains("702") && used.contains("0.3 g/L"));
    assert!(advisory.sources.iter().any(|line| line.starts_with("not used, less strict, ")));
    assert!(
        advisory.sources.iter().any(|line| line.starts_with("replay: ")),
        "2010 is before 2022"
    );
}

#[test]
fn an_unverified_rule_makes_drafts_only_whatever_the_policy_says() {
    let mark = Words::shipped().unwrap().say(Lang::En, "trust-unverified", &[]).unwrap();
    assert_eq!(format!("{mark}: "), muavu::review::policy::UNVERIFIED_MARK);
    let everything = "version = 1\nmark_vi = \"\"\nmark_en = \"\"\n\
        [[class]]\nname = \"all\"\ndecision = \"approve\"\npersons = 1\n";
    let policy = Policy::from_toml(everything).unwrap();
    let approve = |advisory: Advisory| {
        let at = advisory.issued_at;
        decide_by_policy(&policy, advisory, &[], at).unwrap()
    };
    let shrimp = one(&FRESH, Crop::Shrimp, Stage::Any);
    assert!(shrimp.text_vi.contains("CHƯA KIỂM CHỨNG"));
    assert!(matches!(approve(shrimp), Reviewed::Held { event: None, .. }));
    assert!(matches!(approve(one(&FRESH, Crop::Durian, Stage::Any)), Reviewed::Approved { .. }));
}

#[test]
fn a_new_advisory_names_the_one_it_replaces() {
    let mut context = context("2010-03-15");
    let key = ("29668".parse().unwrap(), Crop::Durian);
    context.standing.insert(key, "yesterday".into());
    let fields = [Crop::Durian, Crop::Coconut].map(|crop| Field { crop, stage: Stage::Any });
    let communes = [CommuneInput {
        outlook: outlook(&FRESH),
        fields: fields.to_vec(),
        readings: BTreeMap::new(),
    }];
    let supersedes: Vec<_> =
        run(&context, &communes).advisories.into_iter().map(|a| a.supersedes).collect();
    assert_eq!(supersedes, [Some("yesterday".into()), None]);
}

#[test]
fn the_limits_are_those_of_the_provinces_letter() {
    let Some(path) = support::shared("reference/thresholds/irrigation_salinity_bentre_2022.csv")
    else {
        return;
    };
    let book = Rulebook::shipped().unwrap();
    let mut compared = 0;
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let cells: Vec<_> = line.split(',').collect();
        let rules: &[&str] = match cells[1] {
            "ornamentals" | "nursery seedlings" => &["nursery_salt"],
            "vegetables" => &["vegetables_salt"],
            "durian" => &["durian_salt"],
            "rambutan" => &["rambutan_salt"],
            "mangosteen" => &["mangosteen_salt"],
            "orange" | "mandarin" | "lime" => &["citrus_salt"],
            "longan" => &["longan_salt"],
            "pomelo" => &["pomelo_salt"],
            "rice" => &["rice_young", "rice_tillering", "rice_panicle_flowering", "rice_ripening"],
            _ => continue,
        };
        let value: f64 = cells[2].parse().unwrap();
        for id in rules {
            let rule = book.rules().iter().find(|rule| rule.id == *id).unwrap();
            let claims = &rule.limits[0].claims;
            let claim = claims.iter().find(|claim| claim.source == "ben_tre_702").unwrap();
            let read_as = if value > 0.0 { value } else { 0.2 };
            assert_eq!(claim.value, read_as, "{id}");
            assert!(rule.limits[0].value() <= read_as, "{id} is laxer than the letter");
            compared += 1;
        }
    }
    assert_eq!(compared, 15);
}

/// Returns the text of a table in `data/reference`.
fn reference(name: &str) -> String {
    let path = format!("{}/data/reference/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path} is shipped: {e}"))
}

#[test]
fn no_rule_is_laxer_than_a_verified_warning_in_the_table_of_thresholds() {
    let book = Rulebook::shipped().unwrap();
    let text = reference("salinity_thresholds.csv");
    let mut compared = 0;
    for line in text.lines().skip(1).filter(|line| !line.contains("unverified")) {
        let cells: Vec<_> = line.split(',').collect();
        let [_, crop, detail, stage, op, value, severity, ..] = cells[..] else { continue };
        let wanted = op.starts_with('>') && matches!(severity, "warning" | "emergency");
        let rice = crop == "rice" && stage == "any";
        if !wanted || detail.starts_with('"') || crop == "any" || (crop == "rice" && !rice) {
            continue;
        }
        let value: f64 = value.parse().unwrap();
        let covers = |rule: &&Rule| {
            rule.scopes.iter().any(|scope| scope.crop.as_str() == crop)
                && rule.limits.iter().any(|limit| limit.side == Side::Above)
        };
        for rule in book.rules().iter().filter(covers) {
            let read_as = if value > 0.0 { value } else { 0.2 };
            assert!(rule.limits[0].value() <= read_as, "{} is laxer than {line}", rule.id);
            compared += 1;
        }
    }
    assert!(compared >= 30, "only {compared} figures were compared");
}

#[test]
fn the_shipped_calendar_gives_rice_a_stage_on_every_day_of_the_year() {
    let calendar = Calendar::from_csv(&reference("crop_calendar.csv")).unwrap();
    for (crop, zone) in
        [(Crop::Rice, "coast"), (Crop::Rice, "inland"), (Crop::RiceShrimp, "rice_shrimp")]
    {
        let mut seen = BTreeSet::new();
        for ahead in 0..365 {
            let stage = calendar.stage(crop, zone, add_days(jiff::civil::date(2010, 1, 1), ahead));
            assert_ne!(stage, Stage::Any, "{crop} in {zone}, day {ahead}");
            seen.insert(stage);
        }
        assert!(seen.len() >= 7, "{crop} in {zone} only sees {seen:?}");
    }
}

#[test]
fn a_rule_past_its_last_day_is_silent_and_says_so() {
    let mut outlook = outlook(&FRESH);
    for day in &mut outlook.days {
        day.day = add_days(day.day, 6700);
    }
    let today = outlook.days[0].day.to_string();
    assert!(today.as_str() > "2028-06-30", "{today} is not past the shipped rules' last day");
    let fields = vec![Field { crop: Crop::Durian, stage: Stage::Any }];
    let decided =
        run(&context(&today), &[CommuneInput { outlook, fields, readings: BTreeMap::new() }]);
    assert!(decided.advisories.is_empty());
    assert_eq!(
        (decided.silent[0].crop, decided.silent[0].reason),
        (Some(Crop::Durian), NoValue::NoRule)
    );
    assert!(decided.silent[0].text_vi.contains("sầu riêng"));
}

#[test]
fn a_crop_named_twice_is_answered_once_at_the_first_stage() {
    let decided = advise(&FRESH, &[(Crop::Rice, Stage::Seedling), (Crop::Rice, Stage::Fallow)]);
    let stages: Vec<_> = decided.advisories.iter().map(|a| a.stage).collect();
    assert_eq!(stages, [Stage::Seedling]);
}

#[test]
fn the_stages_change_on_the_days_of_the_table_of_stages() {
    let mut classes: BTreeMap<String, Vec<(String, i64, i64)>> = BTreeMap::new();
    for line in reference("rice_stages.csv").lines().skip(1) {
        let line = line.replace(", ", " ");
        let cells: Vec<_> = line.split(',').collect();
        let (from, to) = (cells[4].parse().unwrap(), cells[5].parse().unwrap());
        classes.entry(cells[0].into()).or_default().push((cells[2].into(), from, to));
    }
    assert!(classes.len() >= 3, "{classes:?}");
    for (class, stages) in classes {
        let last = stages.iter().map(|s| s.2).max().unwrap();
        let text = format!(
            "crop,zone,start_from,start_to,duration_days_min,duration_days_max\n\
             rice,z,06-01,06-01,{last},{last}\n"
        );
        let calendar = Calendar::from_csv(&text).unwrap();
        for (stage, from, to) in &stages {
            for age in *from..*to {
                let day = add_days(jiff::civil::date(2026, 6, 1), age);
                let found = calendar.stage(Crop::Rice, "z", day);
                assert_eq!(found.as_str(), stage, "{class} days, age {age}");
            }
        }
    }
}

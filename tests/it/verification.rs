//! Verification on a real archive of category forecasts (`shared/data/verification/imd_mumbai`) and
//! scores against `properscoring` 0.1 and `scores` 2.7 (`shared/reference/scores`, rel 1e-12).

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::place::slug;
use muavu::domain::time::epoch_day;
use muavu::forecast::scores::{
    Contingency, brier, crps_ensemble_fair, crps_gaussian, interval_score, mae, mase, rps, skill,
};
use muavu::forecast::verification::{
    Archive, Bootstrap, CategoryForecast, CodeKey, EventPair, Joined, RainClass, area_event,
    by_lead, reliability,
};
use serde_json::Value;

use crate::support::shared;

const MANIFEST: &str = include_str!("../../data/reference/manifest.toml");

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn near(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    let allowed = 1e-12 * theirs.abs().max(1.0);
    assert!((ours - theirs).abs() <= allowed, "ours {ours}, theirs {theirs}");
}

#[test]
fn further_scores_equal_those_of_two_python_packages() {
    let Some(path) = shared("reference/scores/expected_scores.json") else { return };
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let observed = list(&all["inputs"]["obs"]);
    for (i, y) in observed.iter().enumerate() {
        let members = list(&all["inputs"]["ens"][i]);
        near(crps_ensemble_fair(&members, *y), &all["crps_ensemble_fair"][i]);
        let bound = |level: &str| all["pinball"][level]["forecast_type7"][i].as_f64().unwrap();
        let score = interval_score(bound("0.1"), bound("0.9"), *y, 0.8);
        near(score, &all["interval_score_80"]["total"][i]);
    }
    let [mean, deviation, seen] = ["mu", "sigma", "y"].map(|k| list(&all["inputs"]["gauss"][k]));
    for i in 0..seen.len() {
        near(crps_gaussian(mean[i], deviation[i], seen[i]), &all["crps_gaussian"][i]);
    }
    let terciles = &all["rps_terciles"];
    let mut sums = [0.0; 2];
    for (i, class) in list(&terciles["obs_cat"]).into_iter().enumerate() {
        let ours = [
            rps(&list(&terciles["prob"][i]), class as usize),
            rps(&[1.0 / 3.0; 3], class as usize),
        ];
        near(ours[0], &terciles["rps"][i]);
        near(ours[1], &terciles["rps_climatology"][i]);
        sums = [sums[0] + ours[0], sums[1] + ours[1]];
    }
    near(skill(sums[0], sums[1]), &terciles["rpss"]);

    let forecast = list(&all["det"]["forecast"]);
    let pairs: Vec<(f64, f64)> = forecast.into_iter().zip(observed.iter().copied()).collect();
    near(mae(&pairs), &all["det"]["mae"]);
    near(mase(&pairs, &observed, 1), &all["det"]["mase_m1"]);
    let table = Contingency::of(pairs.iter().map(|(f, y)| (*f >= 10.0, *y >= 10.0)));
    near(table.hss(), &all["contingency_ge10"]["hss"]);
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

/// What the agency forecast and what its gauges measured.
struct Agency {
    archive: Archive,
    key: CodeKey,
    /// Rain (mm) of each gauge by district and valid day.
    gauges_mm: BTreeMap<(PlaceId, i64), Vec<Option<f64>>>,
}

/// Returns the agency's archive, places named as the manifest's two sets name them.
fn agency() -> Option<Agency> {
    let folder = shared("data/verification/imd_mumbai")?;
    let manifest: toml::Table = MANIFEST.parse().unwrap();
    let alias = |set: &str| {
        let sets = manifest["set"].as_array().unwrap();
        let set = sets.iter().find(|s| s["name"].as_str() == Some(set)).unwrap();
        set["place"]["alias"].as_table().unwrap().clone()
    };
    let place = |alias: &toml::Table, name: &str| {
        let id = slug(name);
        let id = alias.get(&id).map_or(id.clone(), |to| to.as_str().unwrap().to_owned());
        PlaceId::new("imd", &id).unwrap()
    };
    let day = |text: &str| epoch_day(text.parse::<Date>().unwrap());

    let spelled = alias("verification.imd_forecasts");
    let archive = rows(&folder.join("forecasts_d1_d5.csv"))
        .iter()
        .map(|row| CategoryForecast {
            place: place(&spelled, &row[1]),
            issued_day: day(&row[0]),
            valid_day: day(&row[3]),
            code: row[4].to_owned(),
        })
        .collect();
    let codes = rows(&folder.join("code_key.csv"));
    let key = CodeKey::from_rows(codes.iter().map(|row| (&row[0], &row[1])));
    assert_eq!(key.len(), codes.len(), "codes stay apart as text");

    let spelled = alias("verification.imd_rain");
    let mut gauges_mm: BTreeMap<(PlaceId, i64), Vec<Option<f64>>> = BTreeMap::new();
    for row in rows(&folder.join("station_rain_24h.csv")) {
        // The 24 hours to 08:30 of the written date are the valid day before it.
        let at = (place(&spelled, &row[1]), day(&row[0]) - 1);
        gauges_mm.entry(at).or_default().push(row[3].parse().ok());
    }
    Some(Agency { archive, key, gauges_mm })
}

impl Agency {
    fn join(
        &self,
        event: RainClass,
        whole: impl Fn(&PlaceId) -> PlaceId,
        later_days: i64,
    ) -> Joined {
        self.archive.join(&self.key, event, whole, |place, day| {
            let gauges_mm = self.gauges_mm.get(&(place.clone(), day + later_days))?;
            area_event(gauges_mm, event.from_mm())
        })
    }

    /// Joined district by district; "Ghats of X" speak of places no gauge is named after.
    fn districts(&self, event: RainClass) -> Joined {
        self.join(event, Clone::clone, 0)
    }

    /// Joined with the ghats as part of their district, whose gauges include those of the ghats.
    fn with_ghats(&self, event: RainClass) -> Joined {
        let whole = |place: &PlaceId| match place.id().strip_prefix("ghats_of_") {
            Some(district) => PlaceId::new("imd", district).unwrap(),
            None => place.clone(),
        };
        self.join(event, whole, 0)
    }
}

/// Returns hits, misses, false alarms and correct negatives at the five leads.
fn tables(pairs: &[EventPair]) -> Vec<[u32; 4]> {
    let scores = by_lead(pairs, &Bootstrap { resamples: 1, ..Bootstrap::default() });
    assert!(scores.keys().copied().eq(0..5), "the agency's day 1 is the day of issue");
    let tables = scores.values().map(|s| &s.table);
    tables.map(|t| [t.hits, t.misses, t.false_alarms, t.correct_negatives]).collect()
}

#[test]
fn every_forecast_is_joined_or_counted_with_its_cause() {
    let Some(agency) = agency() else { return };
    // 31 issues × 28 areas × 5 days; the issue of 27 May stands twice in the file.
    assert_eq!((agency.archive.len(), agency.archive.repeated()), (4_340, 140));
    assert_eq!(agency.archive.contradictory(), 0);
    let joined = agency.districts(RainClass::Heavy);
    assert_eq!((joined.pairs.len(), joined.unclassed.len()), (3_720, 0));
    let ghats: Vec<&str> = joined.unobserved.keys().map(PlaceId::id).collect();
    let expected = ["kolhapur", "nashik", "pune", "satara"].map(|id| format!("ghats_of_{id}"));
    assert_eq!(ghats, expected, "every other spelling is resolved");
    assert!(agency.with_ghats(RainClass::Heavy).unobserved.is_empty());
}

#[test]
fn hits_and_misses_equal_an_independent_count() {
    let Some(agency) = agency() else { return };
    // Counted by a Python script of its own on the same files.
    let heavy = [
        [46, 16, 131, 551],
        [40, 22, 89, 593],
        [34, 28, 69, 613],
        [31, 32, 55, 626],
        [18, 46, 36, 644],
    ];
    assert_eq!(tables(&agency.districts(RainClass::Heavy).pairs), heavy);
    let very_heavy =
        [[12, 6, 40, 686], [9, 9, 26, 700], [9, 9, 24, 702], [8, 10, 15, 711], [3, 15, 14, 712]];
    assert_eq!(tables(&agency.districts(RainClass::VeryHeavy).pairs), very_heavy);
    let rain = [
        [368, 0, 309, 67],
        [381, 4, 305, 54],
        [388, 7, 308, 41],
        [397, 13, 283, 51],
        [402, 29, 246, 67],
    ];
    assert_eq!(tables(&agency.districts(RainClass::Light).pairs), rain);
    let with_ghats = [
        [47, 15, 135, 547],
        [44, 18, 96, 586],
        [41, 21, 79, 603],
        [39, 24, 62, 619],
        [26, 38, 48, 632],
    ];
    assert_eq!(tables(&agency.with_ghats(RainClass::Heavy).pairs), with_ghats);
}

#[test]
fn skill_fades_with_lead_and_its_intervals_say_how_little_a_month_proves() {
    let Some(agency) = agency() else { return };
    let bootstrap = Bootstrap::default();
    let scores = by_lead(&agency.with_ghats(RainClass::Heavy).pairs, &bootstrap);
    for (lead, scores) in &scores {
        eprintln!("heavy rain, {lead} days ahead, {} issues: {scores:.2?}", scores.issue_days);
        assert_eq!(scores.issue_days, 31);
        for interval in [scores.pod, scores.far, scores.csi, scores.hss] {
            assert!(interval.low <= interval.value && interval.value <= interval.high);
            assert!(interval.high - interval.low > 0.1, "31 issues cannot prove more");
        }
        assert!(scores.hss.low > 0.0, "better than chance at every lead");
        assert!(scores.frequency_bias.value > 1.0, "forecast more often than it came");
    }
    assert!(
        scores[&0].pod.value > scores[&2].pod.value && scores[&2].pod.value > scores[&4].pod.value
    );
    let again = by_lead(&agency.with_ghats(RainClass::Heavy).pairs, &bootstrap);
    assert_eq!(again, scores, "the same seed gives the same intervals");
    let narrow = Bootstrap { coverage: 0.5, ..bootstrap };
    let narrow = by_lead(&agency.with_ghats(RainClass::Heavy).pairs, &narrow);
    assert!(narrow[&1].csi.low > scores[&1].csi.low && narrow[&1].csi.high < scores[&1].csi.high);
}

#[test]
fn forecasts_fit_the_rain_of_their_own_day_better_than_of_the_days_beside_it() {
    let Some(agency) = agency() else { return };
    let csi = |later_days| {
        let joined = agency.join(RainClass::Heavy, Clone::clone, later_days);
        let scores = by_lead(&joined.pairs, &Bootstrap { resamples: 1, ..Bootstrap::default() });
        (0..4).map(|lead| scores[&lead].csi.value).sum::<f64>() / 4.0
    };
    let [before, own, after] = [-1, 0, 1].map(csi);
    eprintln!(
        "heavy rain, mean CSI with the day before {before:.3}, own {own:.3}, after {after:.3}"
    );
    assert!(own > before && own > after);
}

/// Turns yes and no into odds: how often heavy rain followed the same word on issues far enough
/// away to share no valid day, shrunk to the base rate of these issues by ten forecasts.
fn learned_odds(of_lead: &[EventPair], of: &EventPair) -> [f64; 2] {
    let apart = of_lead.iter().filter(|pair| (pair.issued_day - of.issued_day).abs() > 5);
    let (mut all, mut alike) = ([0.0; 2], [0.0; 2]);
    for pair in apart {
        let happened = f64::from(u8::from(pair.happened));
        let same = f64::from(u8::from(pair.forecast == of.forecast));
        all = [all[0] + happened, all[1] + 1.0];
        alike = [alike[0] + same * happened, alike[1] + same];
    }
    let base_rate = all[0] / all[1];
    [(alike[0] + 10.0 * base_rate) / (alike[1] + 10.0), base_rate]
}

#[test]
fn categories_become_odds_that_beat_the_base_rate_up_to_three_days_ahead() {
    let Some(agency) = agency() else { return };
    let pairs = agency.with_ghats(RainClass::Heavy).pairs;
    let skills = [0, 1, 2, 3, 4].map(|lead| {
        let of_lead: Vec<EventPair> =
            pairs.iter().filter(|pair| pair.lead_days == lead).copied().collect();
        let [learned, base] = [0, 1].map(|which| -> Vec<(f64, bool)> {
            of_lead.iter().map(|p| (learned_odds(&of_lead, p)[which], p.happened)).collect()
        });
        let table = reliability(&learned, &[0.05, 0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(table.iter().map(|bin| bin.forecasts).sum::<u32>() as usize, of_lead.len());
        eprintln!("heavy rain, {lead} days ahead: {table:.2?}");
        skill(brier(&learned), brier(&base))
    });
    eprintln!("heavy rain: Brier skill of learned odds over the base rate {skills:.3?}");
    assert!(skills[..4].iter().all(|skill| (0.02..0.2).contains(skill)), "{skills:?}");
    assert!(skills[4] < 0.0, "four days ahead a month of forecasts teaches nothing");
}

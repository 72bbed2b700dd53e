//! The hours' model on made water whose tide is known, and its windows.

use jiff::{SignedDuration, Timestamp};

use super::trial::{self, MODEL, YESTERDAY};
use super::*;

fn start() -> Timestamp {
    "2025-01-16T00:00:00Z".parse().unwrap()
}

/// Water that follows the tide of Vũng Tàu three hours late, saltier at springs, in steps of 10
/// minutes: 20 days.
fn readings(hours: i64) -> Vec<Told> {
    let tide = crate::agronomy::tide::vung_tau();
    (0..hours * 6)
        .map(|step| {
            let at = start().checked_add(SignedDuration::from_mins(step * 10)).unwrap();
            let level = tide.level_m(at.as_second() - 3 * 3600);
            let slow = (step as f64 / 6.0 / 354.0 * std::f64::consts::TAU).sin();
            let ec_us_cm = (7.0 + 0.8 * level + 1.0 * slow).exp();
            Told { at, ec_us_cm, available_at: at, replaced_at: None }
        })
        .collect()
}

fn until(hours: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

#[test]
fn a_tide_that_is_known_is_followed_better_than_yesterday_does() {
    let record = Record::known_at(&readings(480), until(480));
    let (first, end) = record.span();
    let said = trial::run(&readings(480), first + 240, end - 1, |_| ()).unwrap();
    let scores = trial::scores(&said);
    let wrong = |model: &str| {
        let of = |s: &&trial::Score| s.model == model && s.threshold_g_l == 1.0;
        let all: Vec<f64> = scores.iter().filter(of).map(|s| s.wrong_pct).collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    assert!(wrong(MODEL) < 0.6 * wrong(YESTERDAY), "{} {}", wrong(MODEL), wrong(YESTERDAY));
    assert!(scores.iter().filter(|s| s.model == MODEL).all(|s| s.n > 1_000));
}

#[test]
fn a_calm_week_does_not_promise_calm() {
    let mut calm = readings(200);
    for told in &mut calm {
        told.ec_us_cm = 600.0 + 0.05 * told.ec_us_cm;
    }
    let model = Model::fit(&Record::known_at(&calm, until(200))).unwrap();
    let hours = model.issue(&Record::known_at(&calm, until(200)));
    let odds = |ahead: i64| {
        hours.iter().find(|h| h.horizon_h == ahead).expect("a band that was fitted").below(1.0)
    };
    // At 27 stations (1995 to 2014) a day's maximum of 0.25 to 0.45 g/L was followed by 1 g/L and
    // more two days later 50 times of 602, after four days as fresh 12 times of 258.
    assert!(odds(2) > 0.97, "{}", odds(2));
    assert!((0.88..0.985).contains(&odds(40)), "{}", odds(40));
}

#[test]
fn what_comes_later_changes_nothing_that_was_said() {
    let whole = readings(480);
    let cut = until(300);
    let from = hour_of(until(280));
    let honest = trial::run(&whole, from, from + 20, |_| ()).unwrap();
    let mut garbage = whole.clone();
    for told in &mut garbage {
        if told.at >= cut {
            told.ec_us_cm = 77_777.0;
        } else if told.at >= until(279) {
            // Also what was read in time and came too late.
            continue;
        }
    }
    let late: Vec<Told> = (0..50)
        .map(|i| {
            let (at, available_at) = (until(200 + i), until(400));
            Told { at, ec_us_cm: 1.0, available_at, replaced_at: None }
        })
        .collect();
    garbage.extend(late);
    let other = trial::run(&garbage, from, from + 20, |_| ()).unwrap();
    let odds = |said: &[trial::Said]| -> Vec<(i64, i64, f64)> {
        let before = said.iter().filter(|s| s.valid_time() < cut && s.model == MODEL);
        before.map(|s| (s.origin, s.horizon_h, s.p_below)).collect()
    };
    assert_eq!(odds(&honest), odds(&other));
    assert!(odds(&honest).len() > 500);
}

#[test]
fn a_record_of_a_day_says_nothing_and_one_of_three_days_is_not_sure() {
    let day = Record::known_at(&readings(30), until(30)).bridged();
    let model = Model::fit(&day).unwrap();
    assert!(!model.is_ready() && model.issue(&day).is_empty());
    let record = Record::known_at(&readings(70), until(70)).bridged();
    let model = Model::fit(&record).unwrap();
    let hours = model.issue(&record);
    assert!(model.is_ready() && hours.len() == HORIZON_H);
    for hour in hours {
        // A lunar day and 10 minutes before, the same point of the curve.
        let same =
            record.at(record.span().1 - 1 + hour.horizon_h - 25 * ((hour.horizon_h + 24) / 25));
        assert!(same.is_none_or(|same| (same - hour.log_ec).abs() < 0.4), "{hour:?} {same:?}");
        assert!(hour.scale > 0.5 && (hour.below(1.0) - 0.5).abs() < 0.49, "{hour:?}");
    }
}

#[test]
fn a_gap_is_not_bridged_for_ever() {
    let mut readings = readings(480);
    readings.retain(|told| told.at < until(410) || told.at >= until(422));
    let record = Record::known_at(&readings, until(440)).bridged();
    assert_eq!(record.at(record.span().0 + 415), None);
    let model = Model::fit(&record).unwrap();
    assert_eq!(model.issue(&record).len(), HORIZON_H, "two thirds of the last two days are enough");
}

#[test]
fn the_hour_that_is_being_read_is_not_known_yet() {
    let all = readings(10);
    let half = until(9).checked_add(SignedDuration::from_mins(30)).unwrap();
    assert_eq!(Record::known_at(&all, half).span().1, hour_of(until(9)));
}

#[test]
fn a_reading_of_a_moment_ago_is_in_the_last_hour_and_the_hours_begin_after_it() {
    let all = readings(480);
    // The reading of 02:20 has come.
    let now = until(432).checked_add(SignedDuration::from_mins(20)).unwrap();
    let cells = Cell::known_at(&all, now);
    let newest = Record::to_newest(&cells);
    let end = newest.start_of(newest.span().1);
    assert_eq!(end, now.checked_add(SignedDuration::from_mins(10)).unwrap());
    let upto = all.iter().position(|told| told.at == now).unwrap();
    let mean = all[upto - 5..=upto].iter().map(|told| told.ec_us_cm).sum::<f64>() / 6.0;
    let known = newest.at(newest.span().1 - 1).unwrap();
    assert!((known - mean.ln()).abs() < 1e-12, "{known} {}", mean.ln());

    let whole = Record::known_at(&all, until(432));
    let model = Model::fit(&whole).unwrap();
    let hours = model.issue(&newest);
    assert_eq!(hours.len(), HORIZON_H);
    assert_eq!(hours[0].from, end);
    // The water follows the tide: the truth of these very hours is between the full hours'.
    let later = now.checked_add(SignedDuration::from_hours(6)).unwrap();
    let came = Record::to_newest(&Cell::known_at(&all, later));
    let truths = (came.span().1 - 6..came.span().1).map(|h| (came.start_of(h), came.at(h)));
    for ((from, truth), hour) in truths.zip(&hours) {
        assert_eq!(hour.from, from);
        assert!((truth.unwrap() - hour.log_ec).abs() < 0.1, "{truth:?} {hour:?}");
    }
}

#[test]
fn at_the_full_hour_both_ways_of_counting_hours_are_one() {
    let all = readings(300);
    let now = until(290).checked_sub(SignedDuration::from_mins(10)).unwrap();
    let newest = Record::to_newest(&Cell::known_at(&all, now));
    assert_eq!(newest, Record::known_at(&all, until(290)));
}

//! The manners of alarms: each test is a request somebody made of another system
//! (`shared/knowledge/peers.md`, 17).

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::advisory::words::{Lang, Words};
use crate::domain::{PlaceId, Severity};

fn policy() -> AlarmPolicy {
    AlarmPolicy::shipped().unwrap()
}

fn place() -> PlaceId {
    "canal:vung_liem".parse().unwrap()
}

/// 2025-01-26 08:00 local, outside the quiet hours, and some minutes later.
fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2025-01-26T01:00:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn hear(book: &mut Book, minutes: i64, g_l: f64) -> Option<AlarmChange> {
    book.salt(&policy(), &place(), at(minutes), at(minutes), g_l)
}

#[test]
fn one_reading_is_no_alarm_two_are_and_the_third_says_nothing_new() {
    let mut book = Book::default();
    assert_eq!(hear(&mut book, 0, 1.5), None);
    assert_eq!(hear(&mut book, 10, 0.4), None, "a spike");
    assert_eq!(hear(&mut book, 20, 1.1), None);
    let opened = hear(&mut book, 30, 1.2).unwrap();
    assert_eq!((opened.turn, opened.step, opened.tell), (Turn::Opened, 1, Tell::Now));
    assert_eq!(opened.limit, Some(1.0));
    assert_eq!(hear(&mut book, 40, 1.2), None, "told already (tb#2986)");
    assert_eq!(book.open().count(), 1, "one alarm a place and hazard (tb#15583)");
}

#[test]
fn the_tide_going_in_and_out_is_one_alarm_not_twenty() {
    let mut book = Book::default();
    let mut told = Vec::new();
    // Three days of a tide that swings from 0.2 to 2 g/L.
    for step in 0..432 {
        let hours = f64::from(step) / 6.0;
        let g_l = 1.1 + 0.9 * (hours / 12.4 * std::f64::consts::TAU).sin();
        told.extend(hear(&mut book, i64::from(step) * 10, g_l));
    }
    let opened = told.iter().filter(|c| c.turn == Turn::Opened).count();
    assert_eq!(opened, 1);
    assert!(told.len() <= 4, "{:?}", told.iter().map(|c| c.turn).collect::<Vec<_>>());
    assert!(!told.iter().any(|c| c.turn == Turn::Cleared));
}

#[test]
fn it_rises_eases_and_is_over_and_says_so() {
    let mut book = Book::default();
    let mut turns = Vec::new();
    let mut day = |from: i64, g_l: f64, book: &mut Book| {
        for i in 0..144 {
            turns.extend(hear(book, from + i * 10, g_l).map(|c| (c.turn, c.severity, c.limit)));
        }
    };
    day(0, 1.5, &mut book);
    day(1440, 4.5, &mut book);
    day(2880, 1.5, &mut book);
    day(4320, 1.5, &mut book);
    day(5760, 0.3, &mut book);
    day(7200, 0.3, &mut book);
    assert_eq!(
        turns,
        [
            (Turn::Opened, Severity::Warning, Some(1.0)),
            (Turn::Updated, Severity::Warning, Some(1.0)),
            (Turn::Raised, Severity::Emergency, Some(4.0)),
            (Turn::Eased, Severity::Warning, Some(3.2)),
            (Turn::Cleared, Severity::Warning, Some(0.8)),
        ]
    );
    assert_eq!(book.open().count(), 0);
}

#[test]
fn nights_are_quiet_but_not_in_an_emergency() {
    let night = |g_l: f64| {
        let mut book = Book::default();
        hear(&mut book, 15 * 60, g_l);
        hear(&mut book, 15 * 60 + 10, g_l).unwrap().tell
    };
    // 23:10 on the 26th waits for 05:00 on the 27th (22:00 UTC on the 26th).
    assert_eq!(night(1.5), Tell::At("2025-01-26T22:00:00Z".parse().unwrap()));
    assert_eq!(night(5.0), Tell::Now);
}

#[test]
fn a_day_has_a_cap_and_worse_news_goes_beyond_it() {
    let mut book = Book::default();
    let mut tells = Vec::new();
    for (i, g_l) in [1.0, 1.0, 1.3, 1.7, 2.2, 2.8, 3.6].into_iter().enumerate() {
        tells.extend(hear(&mut book, i as i64 * 10, g_l).map(|c| c.tell));
    }
    assert_eq!(tells[..4], [Tell::Now; 4]);
    assert_eq!(tells[4..], [Tell::Held; 2], "the cap of four");
    hear(&mut book, 100, 4.5);
    let raised = hear(&mut book, 110, 4.5).unwrap();
    assert_eq!((raised.turn, raised.tell), (Turn::Raised, Tell::Now));
}

#[test]
fn the_faults_of_a_device_use_up_no_farmers_messages() {
    let (mut book, policy) = (Book::default(), policy());
    for (n, hazard) in (0..).zip([Hazard::Clock, Hazard::Drift, Hazard::FlatLine, Hazard::Silent]) {
        let fault = book.fault(&policy, &place(), hazard, true, at(n), at(n)).unwrap();
        assert_eq!(fault.tell, Tell::Now);
    }
    let fifth = book.fault(&policy, &place(), Hazard::LowBattery, true, at(9), at(9)).unwrap();
    assert_eq!(fifth.tell, Tell::Held);
    hear(&mut book, 10, 5.0);
    assert_eq!(hear(&mut book, 20, 5.0).unwrap().tell, Tell::Now);
}

#[test]
fn silence_is_an_alarm_and_the_first_word_ends_it() {
    let mut book = Book::default();
    let policy = policy();
    let silent = Hazard::Silent;
    let opened = book.fault(&policy, &place(), silent, true, at(0), at(60)).unwrap();
    assert_eq!((opened.turn, opened.event_time), (Turn::Opened, at(0)));
    assert_eq!(book.fault(&policy, &place(), silent, true, at(0), at(70)), None);
    let cleared = book.fault(&policy, &place(), silent, false, at(90), at(90)).unwrap();
    assert_eq!(cleared.turn, Turn::Cleared);
    assert_eq!(book.fault(&policy, &place(), silent, false, at(95), at(95)), None);
}

#[test]
fn every_change_has_words_in_both_languages_with_the_readings_own_time() {
    let words = Words::shipped().unwrap();
    let hazards = [
        Hazard::Silent,
        Hazard::DeadChannel,
        Hazard::FlatLine,
        Hazard::Drift,
        Hazard::Disagrees,
        Hazard::Clock,
        Hazard::LowBattery,
    ];
    let mut book = Book::default();
    hear(&mut book, 0, 2.0);
    let salt = hear(&mut book, 10, 2.0).unwrap();
    for turn in [Turn::Opened, Turn::Raised, Turn::Updated, Turn::Eased, Turn::Cleared] {
        for lang in Lang::ALL {
            let change = AlarmChange { turn, ..salt.clone() };
            let said = text(&words, lang, &change, "cống Vũng Liêm", &policy()).unwrap();
            assert!(said.contains("cống Vũng Liêm") && said.contains("26/01/2025"), "{said}");
        }
    }
    for hazard in hazards {
        for turn in [Turn::Opened, Turn::Cleared] {
            let change = AlarmChange { hazard, turn, ..salt.clone() };
            text(&words, Lang::Vi, &change, "x", &policy()).unwrap();
            text(&words, Lang::En, &change, "x", &policy()).unwrap();
        }
    }
    let vi = text(&words, Lang::Vi, &salt, "cống Vũng Liêm", &policy()).unwrap();
    assert_eq!(
        vi,
        "CẢNH BÁO – MẶN VỀ: cống Vũng Liêm đo được 2‰ lúc 8 giờ 10 ngày 26/01/2025, vượt mức 1‰.\n\
         Ngưng lấy nước, đóng cống.\nĐo độ mặn trước mỗi lần lấy nước."
    );
}

#[test]
fn a_policy_that_would_flutter_is_refused() {
    let text = include_str!("alarms.toml").replace("clear_g_l = 0.8", "clear_g_l = 1.0");
    let error = AlarmPolicy::from_toml(&text).unwrap_err().to_string();
    assert!(error.contains("flutters") && error.contains("clear_g_l 1"), "{error}");
}

#[test]
fn a_book_survives_its_snapshot() {
    let mut book = Book::default();
    hear(&mut book, 0, 2.0);
    let opened = hear(&mut book, 10, 2.0).unwrap();
    let text = serde_json::to_string(&book).unwrap();
    let mut again: Book = serde_json::from_str(&text).unwrap();
    assert_eq!(again.open().next().unwrap().2.id, opened.alarm);
    assert_eq!(hear(&mut again, 20, 3.0), hear(&mut book, 20, 3.0));
}

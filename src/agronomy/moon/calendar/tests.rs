//! Dates of the printed Vietnamese calendars, and consistency over two centuries.

use jiff::civil::{Date, date};

use super::{LunarDate, civil_date, leap_month, lunar_date, tet};
use crate::agronomy::{date_from_epoch_day, days_from_epoch};

/// Tết from 1990 to 2030 as (month, day); with 2007 and 2030 a day before the Chinese new year.
const TET: [(i8, i8); 41] = [
    (1, 27),
    (2, 15),
    (2, 4),
    (1, 23),
    (2, 10),
    (1, 31),
    (2, 19),
    (2, 7),
    (1, 28),
    (2, 16),
    (2, 5),
    (1, 24),
    (2, 12),
    (2, 1),
    (1, 22),
    (2, 9),
    (1, 29),
    (2, 17),
    (2, 7),
    (1, 26),
    (2, 14),
    (2, 3),
    (1, 23),
    (2, 10),
    (1, 31),
    (2, 19),
    (2, 8),
    (1, 28),
    (2, 16),
    (2, 5),
    (1, 25),
    (2, 12),
    (2, 1),
    (1, 22),
    (2, 10),
    (1, 29),
    (2, 17),
    (2, 6),
    (1, 26),
    (2, 13),
    (2, 2),
];

/// Leap months from 1985 (where the Chinese calendar had none) to 2033 (the famous 11th).
const LEAP: [(i16, u8); 19] = [
    (1985, 2),
    (1987, 7),
    (1990, 5),
    (1993, 3),
    (1995, 8),
    (1998, 5),
    (2001, 4),
    (2004, 2),
    (2006, 7),
    (2009, 5),
    (2012, 4),
    (2014, 9),
    (2017, 6),
    (2020, 4),
    (2023, 2),
    (2025, 6),
    (2028, 5),
    (2031, 3),
    (2033, 11),
];

#[test]
fn tet_falls_on_the_printed_day_from_1990_to_2030() {
    for (year, (month, day)) in (1990..).zip(TET) {
        assert_eq!(tet(year), Ok(date(year, month, day)));
    }
    assert_eq!(tet(1985), Ok(date(1985, 1, 21)), "a month before the Chinese new year");
    assert_eq!(tet(1968), Ok(date(1968, 1, 29)), "Mậu Thân, as kept in the north");
}

#[test]
fn leap_months_are_the_printed_ones() {
    for year in 1985..=2033 {
        let printed = LEAP.iter().find(|(y, _)| *y == year).map(|(_, month)| *month);
        assert_eq!(leap_month(year), Ok(printed), "{year}");
    }
}

#[test]
fn known_days_have_their_lunar_dates() {
    for (day, shown) in [
        (date(2025, 7, 24), "30/6/2025"),
        (date(2025, 7, 25), "1/6n/2025"),
        (date(2025, 8, 23), "1/7/2025"),
        (date(2026, 2, 16), "29/12/2025"),
        (date(2024, 9, 17), "15/8/2024"),
        (date(2023, 3, 22), "1/2n/2023"),
    ] {
        assert_eq!(lunar_date(day).map(|l| l.to_string()), Ok(shown.to_owned()), "{day}");
    }
}

#[test]
fn every_day_from_1901_to_2099_comes_back_and_days_follow_each_other() {
    let mut previous: Option<LunarDate> = None;
    for day in days_from_epoch(date(1901, 1, 1))..days_from_epoch(date(2100, 1, 1)) {
        let civil: Date = date_from_epoch_day(day).expect("in range");
        let lunar = lunar_date(civil).expect("in range");
        if let Some(before) = previous {
            let follows = lunar.day == before.day + 1 || (lunar.day == 1 && before.day >= 29);
            assert!(follows, "{before} then {lunar}");
        }
        if lunar.day == 1 || lunar.day >= 29 {
            assert_eq!(civil_date(lunar), Ok(civil), "{lunar}");
        }
        previous = Some(lunar);
    }
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    let lunar = |month, leap, day| civil_date(LunarDate { year: 2024, month, leap, day });
    assert!(lunar(4, true, 1).is_err(), "2024 has no leap month");
    assert!(lunar(12, false, 29).is_ok());
    assert!(lunar(12, false, 30).is_err(), "the last month of 2024 has 29 days");
    assert!(lunar(13, false, 1).is_err());
    assert!(lunar(1, false, 0).is_err());
    assert!(lunar_date(date(1899, 12, 31)).is_err());
    assert!(lunar_date(date(2101, 1, 1)).is_err());
}

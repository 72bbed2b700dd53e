//! The stage of a farmer's own rice from its sowing date, by the shipped table of stages.
//!
//! The variety is not asked: the class of 95 to 100 days (OM18, Đài Thơm 8), the middle of the five,
//! stands for all; other classes differ by some days (`data/reference/rice_stages.csv`).

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::Stage;
use crate::domain::geography::table;
use crate::domain::time::days_between;

/// The class of varieties that stands for all.
const CLASS: &str = "95-100";
/// How long before sowing a date is still taken for this field's.
const AHEAD_DAYS: i64 = 90;
/// How long after harvest the field is said to be cut rather than not understood.
const AFTER_DAYS: i64 = 400;

#[derive(Debug, Clone, Deserialize)]
struct Row {
    duration_days: String,
    stage: Stage,
    from_day: i64,
    to_day: i64,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let text = include_str!("../../../data/reference/rice_stages.csv");
    table("rice_stages.csv", text).unwrap_or_else(|error| {
        tracing::error!(%error, "a shipped table is broken");
        Vec::new()
    })
});

/// How far a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// It is sown in so many days.
    Ahead(i64),
    /// It was sown so many days ago and is at this stage.
    Growing(i64, Stage),
    /// It was sown so many days ago, longer than rice stands.
    Done(i64),
}

/// Returns how far a field sown on a date is; `None` for dates that cannot be meant.
#[must_use]
pub fn field(sown: Date, today: Date) -> Option<Field> {
    let age = days_between(sown, today);
    if !(-AHEAD_DAYS..AFTER_DAYS).contains(&age) {
        return None;
    }
    if age < 0 {
        return Some(Field::Ahead(-age));
    }
    let mut class = ROWS.iter().filter(|row| row.duration_days == CLASS);
    let row = class.find(|row| (row.from_day..row.to_day).contains(&age));
    Some(row.map_or(Field::Done(age), |row| Field::Growing(age, row.stage)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn stages_follow_each_other_from_sowing_to_harvest_without_a_gap() {
        let sown = date(2026, 11, 2);
        let stage = |days| field(sown, crate::domain::time::add_days(sown, days));
        let mut last = Stage::Any;
        for day in 0..95 {
            let Some(Field::Growing(age, stage)) = stage(day) else { panic!("day {day}") };
            assert!(age == day && stage >= last, "day {day}: {stage} after {last}");
            last = stage;
        }
        assert_eq!(last, Stage::Ripening);
        assert_eq!(stage(20), Some(Field::Growing(20, Stage::Tillering)));
        assert_eq!((stage(-3), stage(200)), (Some(Field::Ahead(3)), Some(Field::Done(200))));
        assert_eq!((stage(-200), stage(4_000)), (None, None));
    }
}

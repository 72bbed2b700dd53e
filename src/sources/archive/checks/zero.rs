//! Zeros that are missing values.

use std::ops::Range;

use super::{Reading, stretches};
use crate::domain::time::local_date;
use crate::sources::archive::spec::ZeroRule;

/// Returns the stretches of zeros that are missing values by the rule.
#[must_use]
pub fn missing_zeros(readings: &[Reading], rule: &ZeroRule) -> Vec<Range<usize>> {
    let is_zero = |r: &Reading| r.value == 0.0;
    let by_month = |r: &Reading| rule.always || rule.months.contains(&local_date(r.at).month());
    stretches(readings, |a, b| {
        is_zero(a) && is_zero(b) && (rule.run_rows.is_some() || by_month(a) == by_month(b))
    })
    .into_iter()
    .filter(|run| {
        let first = &readings[run.start];
        is_zero(first) && (by_month(first) || rule.run_rows.is_some_and(|rows| run.len() >= rows))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{only, series};
    use super::*;

    #[test]
    fn zeros_count_as_missing_always_by_month_or_by_run() {
        let readings = series(60 * 24, &[0.0, 1.0, 0.0, 0.0]);
        let always = ZeroRule { always: true, ..ZeroRule::default() };
        assert_eq!(missing_zeros(&readings, &always), [0..1, 2..4]);
        let run = ZeroRule { run_rows: Some(2), ..ZeroRule::default() };
        assert_eq!(missing_zeros(&readings, &run), only(2..4));
        // The epoch's days are in January.
        let month = |m| ZeroRule { months: vec![m], ..ZeroRule::default() };
        assert_eq!(missing_zeros(&readings, &month(1)).len(), 2);
        assert!(missing_zeros(&readings, &month(2)).is_empty());
    }

    #[test]
    fn a_run_of_zeros_ends_with_its_months() {
        // 40 days of zeros from 1 January: 31 of them in January.
        let readings = series(60 * 24, &[0.0; 40]);
        let rule = ZeroRule { months: vec![1], ..ZeroRule::default() };
        assert_eq!(missing_zeros(&readings, &rule), only(0..31));
    }
}

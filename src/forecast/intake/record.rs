//! Hourly means of the logarithm of conductivity at one place.

use std::collections::BTreeMap;

use jiff::Timestamp;

const HOUR_SECS: i64 = 3600;

/// The longest gap (hours) that is bridged by a straight line between its sides: less than the
/// shortest rise of a tide.
const GAP_MAX: i64 = 3;

/// One usable reading: when it was true, µS/cm, and when anyone could have known it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// When it was true.
    pub at: Timestamp,
    /// µS/cm.
    pub ec_us_cm: f64,
    /// When it could be known.
    pub available_at: Timestamp,
    /// When another took its place: a spike is known for one only by what comes after it.
    pub replaced_at: Option<Timestamp>,
}

impl Told {
    /// Returns whether it stood as it is told here at `now`.
    #[must_use]
    pub fn stood_at(&self, now: Timestamp) -> bool {
        self.available_at <= now && self.replaced_at.is_none_or(|replaced| now < replaced)
    }
}

/// What one place's probe read, hour by hour (hours are counted from 1970 UTC).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    first: i64,
    /// Natural logarithm of µS/cm.
    log_ec: Vec<Option<f64>>,
}

/// Returns the hour that holds `at`.
#[must_use]
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_SECS)
}

/// Returns the start of an hour.
#[must_use]
pub fn start_of(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(HOUR_SECS)).unwrap_or_default()
}

impl Record {
    /// Returns the record of usable readings, in any order, as it could be known at `now`: up to
    /// the last whole hour, since the hour that is being read says nothing of itself yet.
    #[must_use]
    pub fn known_at(readings: &[Told], now: Timestamp) -> Self {
        let mut hours: BTreeMap<i64, (f64, u32)> = BTreeMap::new();
        for told in readings {
            let known = told.stood_at(now) && hour_of(told.at) < hour_of(now);
            if known && told.ec_us_cm > 0.0 {
                let (sum, n) = hours.entry(hour_of(told.at)).or_default();
                *sum += told.ec_us_cm;
                *n += 1;
            }
        }
        let (Some((first, _)), Some((last, _))) = (hours.first_key_value(), hours.last_key_value())
        else {
            return Self::default();
        };
        let (first, last) = (*first, *last);
        let log_ec = (first..=last)
            .map(|hour| hours.get(&hour).map(|(sum, n)| (sum / f64::from(*n)).ln()))
            .collect();
        Self { first, log_ec }
    }

    /// Returns the record with its short gaps bridged, to forecast from; never to score against.
    #[must_use]
    pub fn bridged(mut self) -> Self {
        bridge(&mut self.log_ec);
        self
    }

    /// Returns the record of hourly values (hour, natural logarithm of µS/cm) in order of time.
    #[must_use]
    pub fn of_hours(hours: &[(i64, f64)]) -> Self {
        let (Some((first, _)), Some((last, _))) = (hours.first(), hours.last()) else {
            return Self::default();
        };
        let mut log_ec = vec![None; usize::try_from(last - first + 1).unwrap_or(0)];
        for (hour, value) in hours {
            if let Some(cell) = usize::try_from(hour - first).ok().and_then(|i| log_ec.get_mut(i)) {
                *cell = Some(*value);
            }
        }
        Self { first: *first, log_ec }
    }

    /// Returns the first hour, and the hour after the last.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        (self.first, self.first + i64::try_from(self.log_ec.len()).unwrap_or(0))
    }

    /// Returns the logarithm of an hour's mean, when it is known.
    #[must_use]
    pub fn at(&self, hour: i64) -> Option<f64> {
        let index = usize::try_from(hour - self.first).ok()?;
        self.log_ec.get(index).copied().flatten()
    }

    /// Returns the value between two hours, by the straight line between them.
    #[must_use]
    pub(super) fn between(&self, hour: f64) -> Option<f64> {
        #[expect(clippy::cast_possible_truncation, reason = "an hour since 1970")]
        let before = hour.floor() as i64;
        let share = hour - hour.floor();
        let (a, b) = (self.at(before)?, self.at(before + 1)?);
        Some(a + share * (b - a))
    }

    /// Returns the record as it stood when hour `end` began.
    #[must_use]
    pub(super) fn until(&self, end: i64) -> Self {
        let length = usize::try_from(end - self.first).unwrap_or(0).min(self.log_ec.len());
        Self { first: self.first, log_ec: self.log_ec[..length].to_vec() }
    }
}

/// Fills short gaps by straight lines.
fn bridge(values: &mut [Option<f64>]) {
    let known: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_some()).collect();
    for pair in known.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let gap = i64::try_from(b - a - 1).unwrap_or(i64::MAX);
        let (Some(from), Some(to)) = (values[a], values[b]) else { continue };
        if (1..=GAP_MAX).contains(&gap) {
            for (step, value) in values[a + 1..b].iter_mut().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "at most three")]
                let share = (step + 1) as f64 / (b - a) as f64;
                *value = Some(from + share * (to - from));
            }
        }
    }
}

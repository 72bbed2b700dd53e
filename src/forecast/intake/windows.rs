//! From hourly odds to windows to ten minutes: "tomorrow 02:10–06:40 below 1 g/L, 85 %".

use jiff::{SignedDuration, Timestamp};

/// Windows begin and end at full ten minutes: a sluice is not opened to the minute, and probes
/// read no oftener.
const STEP_MIN: i64 = 10;

/// When an hour begins, and the odds that its mean stays below a limit (0 to 1).
pub type HourOdds = (Timestamp, f64);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A stretch of time in which water may be taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// The odds at its worst moment: at least this sure throughout.
    pub worst: f64,
    /// A lower bound of the odds that all of it is fresh (Fréchet 1935): one less the sum of the
    /// odds against its hours. Hours err together, so the truth lies between this and `worst`.
    pub all_at_least: f64,
}

/// Returns the windows in which the odds are at least `sure`, in order of time. `hours` are in
/// order of time; a missing hour ends a window.
///
/// The odds of an hour are taken to hold at its middle and to change evenly from middle to middle.
#[must_use]
pub fn windows(hours: &[HourOdds], sure: f64) -> Vec<Window> {
    let runs = hours.chunk_by(|a, b| b.0.duration_since(a.0) == HOUR);
    runs.flat_map(|run| windows_of_run(run, sure)).collect()
}

fn windows_of_run(run: &[HourOdds], sure: f64) -> Vec<Window> {
    let steps = i64::try_from(run.len()).unwrap_or(0) * 60 / STEP_MIN;
    let marks: Vec<f64> = (0..=steps).map(|step| odds_at(run, step * STEP_MIN)).collect();
    let mut windows = Vec::new();
    let mut from = None;
    for (mark, odds) in marks.iter().enumerate() {
        match from {
            None if *odds >= sure => from = Some(mark),
            Some(first) if *odds < sure => {
                windows.extend(window(run, &marks, first, mark - 1));
                from = None;
            }
            _ => {}
        }
    }
    windows.extend(from.and_then(|first| window(run, &marks, first, marks.len() - 1)));
    windows
}

/// The odds `minute` minutes after the run began: flat before its first middle and after its last.
fn odds_at(run: &[HourOdds], minute: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "minutes of two days")]
    let hours = (minute as f64 / 60.0 - 0.5).max(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0")]
    let before = (hours.floor() as usize).min(run.len() - 1);
    let after = (before + 1).min(run.len() - 1);
    run[before].1 + hours.fract() * (run[after].1 - run[before].1)
}

fn window(run: &[HourOdds], marks: &[f64], first: usize, last: usize) -> Option<Window> {
    let minutes = |mark: usize| i64::try_from(mark).unwrap_or(0) * STEP_MIN;
    let (from, until) = (minutes(first), minutes(last));
    let at = |minute| {
        let start = run[0].0;
        start.checked_add(SignedDuration::from_mins(minute)).unwrap_or(start)
    };
    let touched = run.iter().zip(0..).filter(|(_, i)| (*i + 1) * 60 > from && *i * 60 < until);
    let against: f64 = touched.map(|((_, odds), _)| 1.0 - odds).sum();
    let worst = marks[first..=last].iter().copied().fold(1.0, f64::min);
    // A single mark is a moment, not a window.
    (until > from).then(|| Window {
        from: at(from),
        until: at(until),
        worst,
        all_at_least: (1.0 - against).clamp(0.0, worst),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::intake::start_of;

    #[test]
    fn windows_cross_midnight_end_where_an_hour_is_missing_and_keep_to_ten_minutes() {
        // Hour 17 of a UTC day begins at 00:00 in Vietnam.
        let hours = [(15, 0.1), (16, 0.9), (17, 0.95), (18, 0.9), (20, 0.9), (21, 0.0)]
            .map(|(hour, odds)| (start_of(hour), odds));
        let windows = windows(&hours, 0.8);
        let spans: Vec<_> =
            windows.iter().map(|w| (w.from.as_second() / 60, w.until.as_second() / 60)).collect();
        // The odds reach 0.8 seven eighths of the way from 15:30 to 16:30, at 16:22.5.
        assert_eq!(spans, [(16 * 60 + 30, 19 * 60), (20 * 60, 20 * 60 + 30)]);
        assert!((windows[0].worst - 0.9).abs() < 1e-12);
        assert!((windows[0].all_at_least - 0.75).abs() < 1e-12);
        assert!(super::windows(&hours, 0.99).is_empty());
    }

    #[test]
    fn no_moment_of_a_window_is_less_sure_than_asked() {
        let hours: Vec<HourOdds> = (0..48_i32)
            .map(|h| (start_of(h.into()), 0.5 + 0.5 * (f64::from(h) / 3.0).sin()))
            .collect();
        for sure in [0.6, 0.8, 0.9] {
            let windows = windows(&hours, sure);
            assert!(windows.len() >= 2);
            assert!(windows.iter().all(|w| w.worst >= sure && w.all_at_least <= w.worst));
            assert!(windows.windows(2).all(|pair| pair[0].until < pair[1].from));
        }
    }
}

//! From hourly odds to windows: "tomorrow 02:00–06:00 below 1 g/L, 85 %".

use super::HourForecast;

/// A stretch of hours in which water may be taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// First hour (hours since 1970 UTC).
    pub from: i64,
    /// The hour after the last.
    pub until: i64,
    /// The odds of its worst hour: at least this sure in every hour of it.
    pub worst: f64,
    /// A lower bound of the odds that every hour of it is fresh (Fréchet 1935): one less the sum
    /// of the odds against. Hours err together, so the truth lies between this and `worst`.
    pub all_at_least: f64,
}

/// Returns the windows in which each hour stays below `salinity_g_l` with at least the odds
/// `sure`, in order of time. `hours` are in order; a missing hour ends a window.
#[must_use]
pub fn windows(hours: &[HourForecast], salinity_g_l: f64, sure: f64) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for hour in hours {
        let below = hour.below(salinity_g_l);
        if below < sure {
            continue;
        }
        match windows.last_mut() {
            Some(open) if open.until == hour.hour => {
                open.until = hour.hour + 1;
                open.worst = open.worst.min(below);
                open.all_at_least = (open.all_at_least - (1.0 - below)).max(0.0);
            }
            _ => windows.push(Window {
                from: hour.hour,
                until: hour.hour + 1,
                worst: below,
                all_at_least: below,
            }),
        }
    }
    windows
}

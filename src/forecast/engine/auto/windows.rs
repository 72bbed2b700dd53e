//! Where a series is cut to see how its forecasts would have done.

/// Origins looked back to, at most: errors of neighbours overlap, more would repeat them.
pub const ORIGINS_MAX: usize = 8;

/// Horizons that the origins span together on short series, and the share of a long one. Measured
/// on inner origins of M3, Tourism, weather, river and traffic panels: 2 to 3 horizons were worse
/// on monthly panels, 20 % and 35 % of the series worse on weather.
const SPAN_HORIZONS: usize = 5;
const SPAN_SHARE: f64 = 0.1;

/// Values a model is fitted on, at least, where there is no season.
const VALUES_MIN: usize = 6;

/// Share of a series that is waited for at most before its first origin: a record of a season and
/// a half is better judged by less than two seasons than not at all (inner ends of weekly sales of
/// two years: MASE 1.05 to 0.85, the 80 % intervals from 54 to 83 %; 0.5 was 0.89 and 86 %).
const LEARN_SHARE_MAX: f64 = 0.7;

/// Returns the origins of a series of `n` values, ascending: how many values were known. The first
/// leaves two seasons to fit on, or most of a shorter series. Empty for a series that is too short
/// to look back.
///
/// Origins stand a whole number of seasons before the end where they can, so that they see the
/// season as the forecast does. An origin less than a horizon before the end is used only by
/// series too short for any other.
#[must_use]
pub fn origins(n: usize, horizon: usize, season: usize) -> Vec<usize> {
    let most = (LEARN_SHARE_MAX * n as f64) as usize;
    let need = (2 * season + 2).min(most).max(VALUES_MIN);
    if n <= need {
        return Vec::new();
    }
    if n < horizon + need {
        let step = (n - need).div_ceil(ORIGINS_MAX);
        return (need..n).rev().step_by(step).collect::<Vec<_>>().into_iter().rev().collect();
    }
    let room = n - horizon - need;
    let share = (SPAN_SHARE * n as f64) as usize;
    let span = ((SPAN_HORIZONS * horizon).max(share) - horizon).min(room);
    let mut step = (span / (ORIGINS_MAX - 1)).max(1);
    if step >= season {
        step = step / season * season;
    }
    let count = (room / step + 1).min(ORIGINS_MAX);
    (0..count).rev().map(|back| n - horizon - back * step).collect()
}

//! The baselines: last year, the mean and the median of five years, the trend of ten, as in the
//! table of `shared/data/README.md`, section 3; and the base rate of losses.

use super::Measure;
use super::ledger::History;
use super::level::median;

/// The names, in order. For the odds of a loss there is the base rate alone.
pub(super) const NAMES: [&str; 4] = [LAST_YEAR, "mean_5", "median_5", "trend_10"];

/// Last year's harvest.
pub(super) const LAST_YEAR: &str = "last_year";

/// The base rate's name.
pub(super) const CLIMATOLOGY: &str = "climatology";

/// Years a trend needs; with fewer the mean stands in.
const TREND_YEARS_MIN: usize = 3;

/// Returns what each baseline says of `year`, by [`NAMES`]; `None` without a harvest in the five
/// years before. Where the last year is missing the newest one stands in.
pub(super) fn points(history: &History, year: i16, measure: Measure) -> Option<[f64; 4]> {
    let amounts = |from| -> Vec<(f64, f64)> {
        history
            .between(from, year)
            .map(|(y, harvest)| (f64::from(y - year), harvest.amount(measure)))
            .collect()
    };
    let five = amounts(year - 5);
    let last = five.last()?.1;
    let mean = five.iter().map(|(_, v)| v).sum::<f64>() / five.len() as f64;
    let median = median(five.iter().map(|(_, v)| *v).collect())?;
    let ten = amounts(year - 10);
    // A falling line through few years may cross zero; nobody harvests less than nothing.
    let trend =
        if ten.len() < TREND_YEARS_MIN { mean } else { line_at_zero(&ten).max(0.05 * last) };
    Some([last, mean, median, trend])
}

/// Returns the value at 0 of the least-squares line.
fn line_at_zero(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (mean_x, mean_y) = points.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (cross, square) = points.iter().fold((0.0, 0.0), |(cross, square), (x, y)| {
        (cross + (x - mean_x) * (y - mean_y), square + (x - mean_x).powi(2))
    });
    mean_y - mean_x * cross / square
}

/// Returns the share of crops that were lost, never quite 0: to those known half a loss in fifty
/// is added, the one in a hundred believed before any is known.
pub(super) fn base_rate(lost: usize, crops: usize) -> f64 {
    (lost as f64 + 0.5) / (crops as f64 + 50.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trend_goes_on_and_the_base_rate_is_never_zero() {
        let at = line_at_zero(&[(-3.0, 1.0), (-2.0, 2.0), (-1.0, 3.0)]);
        assert!((at - 4.0).abs() < 1e-12);
        assert!((base_rate(0, 0) - 0.01).abs() < 1e-12 && base_rate(0, 9_999) > 0.0);
    }
}

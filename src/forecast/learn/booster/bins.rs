//! Cuts every feature into at most 255 bins, stored as one column of bytes per feature.
//!
//! Bin 0 is for missing values (NaN); the others rise with the value. A bin ends at the middle
//! between two neighbouring values, so that a tree's thresholds lie where an exact search on the
//! sorted values would put them whenever a feature has no more distinct values than bins.

use ndarray::{ArrayView1, ArrayView2};

/// The bin of missing values.
pub(super) const MISSING: u8 = 0;

/// Rows looked at to place the bins; as many as `LightGBM` looks at (`bin_construct_sample_cnt`).
const SAMPLE_ROWS_MAX: usize = 200_000;

/// One feature as bins.
#[derive(Debug)]
pub(super) struct Column {
    /// The bin of every row.
    pub(super) bins: Vec<u8>,
    /// Upper ends: bin `b` (from 1) holds values at most `upper[b - 1]`; the last end is the
    /// largest number there is.
    pub(super) upper: Vec<f64>,
}

impl Column {
    /// Returns the highest bin in use.
    pub(super) fn last_bin(&self) -> usize {
        self.upper.len()
    }
}

/// Returns the binned columns of `records` (rows = samples, cols = features; NaN is missing).
pub(super) fn bin_columns(records: ArrayView2<'_, f64>, bins_max: usize) -> Vec<Column> {
    let mut values = Vec::with_capacity(records.nrows());
    records
        .columns()
        .into_iter()
        .map(|column| {
            values.clear();
            values.extend(column.iter().copied());
            let upper = upper_ends(ArrayView1::from(&values[..]), bins_max);
            let bins = values.iter().map(|&value| bin_of(value, &upper)).collect();
            Column { bins, upper }
        })
        .collect()
}

fn bin_of(value: f64, upper: &[f64]) -> u8 {
    if value.is_nan() {
        return MISSING;
    }
    let below = upper.partition_point(|&end| end < value);
    // At most 254 ends are below any number, as the last one is the largest number there is.
    u8::try_from(below + 1).unwrap_or(u8::MAX)
}

/// A value that occurs, and how often.
struct Distinct {
    value: f64,
    count: usize,
}

fn upper_ends(values: ArrayView1<'_, f64>, bins_max: usize) -> Vec<f64> {
    let stride = values.len().div_ceil(SAMPLE_ROWS_MAX).max(1);
    let mut keys: Vec<u64> =
        values.iter().step_by(stride).filter(|v| !v.is_nan()).map(|&v| sort_key(v)).collect();
    keys.sort_unstable();
    let distinct: Vec<Distinct> = keys
        .chunk_by(|a, b| a == b)
        .map(|run| Distinct { value: from_sort_key(run[0]), count: run.len() })
        .collect();
    let last_of_bin = if distinct.len() <= bins_max {
        (0..distinct.len()).collect()
    } else {
        equal_count_bins(&distinct, keys.len(), bins_max)
    };
    let mut upper: Vec<f64> = last_of_bin
        .iter()
        .filter_map(|&i| Some(between(distinct[i].value, distinct.get(i + 1)?.value)))
        .collect();
    if !distinct.is_empty() {
        upper.push(f64::MAX);
    }
    upper
}

/// Returns the index of the last distinct value of each bin, for bins of about equal counts.
///
/// A value so frequent that it would fill a bin (the zeros of rain) ends one, with at most half a
/// bin of lower values beside it; the others share what is left.
fn equal_count_bins(distinct: &[Distinct], rows: usize, bins_max: usize) -> Vec<usize> {
    let fair = rows.div_ceil(bins_max);
    let is_spike = |d: &Distinct| d.count >= fair;
    let (spikes, spike_rows) =
        distinct.iter().filter(|d| is_spike(d)).fold((0, 0), |(n, c), d| (n + 1, c + d.count));
    let mut bins_left = bins_max - spikes;
    let mut rows_left = rows - spike_rows;
    let mut last_of_bin = Vec::with_capacity(bins_max);
    let mut filled = 0;
    for (i, d) in distinct.iter().enumerate() {
        let is_last = i + 1 == distinct.len();
        if is_last || last_of_bin.len() + 1 == bins_max {
            last_of_bin.push(distinct.len() - 1);
            break;
        }
        let spike = is_spike(d);
        filled += d.count;
        if !spike {
            rows_left -= d.count;
        }
        let next_is_spike = is_spike(&distinct[i + 1]);
        let quota = (rows_left + filled).div_ceil(bins_left.max(1));
        if spike || filled >= quota || (next_is_spike && 2 * filled >= quota) {
            last_of_bin.push(i);
            filled = 0;
            if !spike {
                bins_left = bins_left.saturating_sub(1);
            }
        }
    }
    last_of_bin
}

/// Returns a number not below `low` and below `high`, in the middle where there is room.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if middle >= low && middle < high { middle } else { low }
}

/// Maps numbers to integers of the same order; both zeros to one.
fn sort_key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

fn from_sort_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    fn ends(values: &[f64], bins_max: usize) -> Vec<f64> {
        upper_ends(ArrayView1::from(values), bins_max)
    }

    #[test]
    fn few_values_get_a_bin_each_cut_in_the_middle() {
        assert_eq!(ends(&[3.0, 1.0, f64::NAN, 3.0, 2.0], 255), [1.5, 2.5, f64::MAX]);
        assert_eq!(ends(&[0.0, -0.0], 255), [f64::MAX]);
        assert_eq!(ends(&[f64::NAN], 255), [0.0; 0]);
    }

    #[test]
    fn neighbouring_floats_are_still_told_apart() {
        let low = 1.0_f64;
        let high = low.next_up();
        let upper = ends(&[low, high], 255);
        assert_eq!((bin_of(low, &upper), bin_of(high, &upper)), (1, 2));
    }

    #[test]
    fn a_spike_of_zeros_keeps_a_bin_of_its_own() {
        let mut values = vec![0.0; 700];
        values.extend((1..=300).map(f64::from));
        let upper = ends(&values, 16);
        assert_eq!(upper.len(), 16);
        assert_eq!(upper[0], 0.5);
        let mut counts = [0; 17];
        values.iter().for_each(|&v| counts[usize::from(bin_of(v, &upper))] += 1);
        assert!(counts[2..].iter().all(|c| (15..=25).contains(c)), "{counts:?}");
    }

    #[test]
    fn all_255_bins_are_used_and_evenly() {
        let values: Vec<f64> = (0..100_000).map(|i| f64::from((i * 7919) % 100_003)).collect();
        let upper = ends(&values, 255);
        assert_eq!(upper.len(), 255);
        let mut counts = [0_u32; 256];
        values.iter().for_each(|&v| counts[usize::from(bin_of(v, &upper))] += 1);
        assert!(counts[1..].iter().all(|c| (385..=400).contains(c)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn bins_rise_with_the_values_and_nan_is_apart(
            values in prop::collection::vec(
                prop_oneof![8 => -1e3..1e3_f64, 2 => (-3..3_i8).prop_map(f64::from), 1 => Just(f64::NAN)],
                1..300,
            ),
            bins_max in 2_usize..40,
        ) {
            let rows = values.len();
            let records = Array2::from_shape_vec((rows, 1), values.clone()).unwrap();
            let column = &bin_columns(records.view(), bins_max)[0];
            prop_assert!(column.last_bin() <= bins_max);
            prop_assert!(column.upper.windows(2).all(|w| w[0] < w[1]));
            let bins = Array1::from(column.bins.clone());
            for (a, &bin_a) in values.iter().zip(&bins) {
                prop_assert_eq!(a.is_nan(), bin_a == MISSING);
                for (b, &bin_b) in values.iter().zip(&bins) {
                    if a <= b { prop_assert!(bin_a <= bin_b); }
                }
            }
        }
    }
}

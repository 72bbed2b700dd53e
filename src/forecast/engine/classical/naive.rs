//! The last season again.

/// Writes the last `season` values again and again; `filled` holds no NaN. With less than one
/// season known, the last value.
pub fn repeat(filled: &[f64], season: usize, path: &mut [f64]) {
    let n = filled.len();
    for (ahead, value) in path.iter_mut().enumerate() {
        let back = season - ahead % season;
        *value =
            if back <= n { filled[n - back] } else { filled.last().copied().unwrap_or(f64::NAN) };
    }
}

//! Intervals that cover what they say: errors at past origins, pooled over all series.
//!
//! Each error is divided by its series' yardstick at its origin and counted in the pool of its step
//! of the horizon; an interval is the yardstick at the end times two quantiles of that pool (split
//! conformal prediction, Lei et al. 2018, with errors of past origins in place of a split). Counts
//! are whole numbers, so that pools may be added in any order.

use super::series::Errors;

/// Bits of the mantissa that tell bins apart: a bin is 1/128 of its value wide.
const MANTISSA_BITS: u32 = 7;

/// Powers of two between which scaled errors are told apart; smaller ones count as 0, larger ones
/// as the largest.
const EXPONENT_MIN: i32 = -16;
const EXPONENT_MAX: i32 = 16;

/// Bins of one sign.
const BINS: usize = ((EXPONENT_MAX - EXPONENT_MIN) as usize) << MANTISSA_BITS;

/// Bins of one step: negative values, zero, positive values, in rising order.
const WIDTH: usize = 2 * BINS + 1;

/// Scores a step needs to have quantiles of its own; with fewer, all steps share one distribution
/// and keep their own size only. 400 put the 95 % quantile within 1 % of its place (the standard
/// error of a share of 95 % of 400 is 1.1 %).
const OWN_SCORES_MIN: u64 = 400;

/// Scaled errors of all series, counted step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    horizon: usize,
    counts: Vec<u64>,
}

impl Pool {
    /// Returns an empty pool. Memory: 64 KiB a step of the horizon.
    #[must_use]
    pub fn new(horizon: usize) -> Self {
        Self { horizon, counts: vec![0; WIDTH * horizon] }
    }

    /// Returns the steps of the horizon.
    #[must_use]
    pub const fn horizon(&self) -> usize {
        self.horizon
    }

    /// Counts the errors of one series; errors of origins without a yardstick are left out.
    pub fn add(&mut self, errors: &Errors) {
        for (row, scale) in errors.values.chunks_exact(self.horizon).zip(&errors.scales) {
            if !(scale.is_finite() && *scale > 0.0) {
                continue;
            }
            for (h, error) in row.iter().enumerate().filter(|(_, e)| e.is_finite()) {
                self.counts[h * WIDTH + bin(error / scale)] += 1;
            }
        }
    }

    /// Adds the counts of another pool of the same horizon.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Returns the factors of an interval of this level in percent, one pair a step: the bounds
    /// are the forecast plus the factors times the yardstick.
    ///
    /// With no score at all, errors are taken to be normal and to grow with the root of the step.
    #[must_use]
    pub fn factors(&self, level: f64) -> Vec<(f64, f64)> {
        let tail = (1.0 - level / 100.0) / 2.0;
        let totals: Vec<u64> = self.steps().map(|counts| counts.iter().sum()).collect();
        if totals.iter().all(|n| *n == 0) {
            let width = normal_quantile(1.0 - tail);
            return (1..=self.horizon)
                .map(|h| width * (h as f64).sqrt())
                .map(|w| (-w, w))
                .collect();
        }
        if totals.iter().all(|n| *n >= OWN_SCORES_MIN) {
            let of = |counts: &[u64], total: u64| {
                (quantile(counts, total, tail), quantile(counts, total, 1.0 - tail))
            };
            return self.steps().zip(&totals).map(|(counts, n)| of(counts, *n)).collect();
        }
        self.shared_factors(level, &totals)
    }

    fn steps(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks_exact(WIDTH)
    }

    /// Factors from few scores: sizes rise with the step, and the shape is shared by all steps.
    fn shared_factors(&self, level: f64, totals: &[u64]) -> Vec<(f64, f64)> {
        let sizes = rising(&self.steps().map(mean_size).collect::<Vec<_>>(), totals);
        let mut all = vec![0; WIDTH];
        for (counts, size) in self.steps().zip(&sizes) {
            for (i, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let scaled = if *size > 0.0 { value(i).abs() / size } else { 0.0 };
                all[bin(scaled)] += count;
            }
        }
        // Steps of one path err together: a step has as many scores of its own as there were paths.
        let paths = totals.iter().copied().max().unwrap_or(0).max(1) as f64;
        let share = (level / 100.0 * (paths + 1.0) / paths).min(1.0);
        let width = quantile(&all, all.iter().sum(), share);
        sizes.iter().map(|size| (-width * size, width * size)).collect()
    }
}

/// Returns the bin of a scaled error.
fn bin(scaled: f64) -> usize {
    let bits = scaled.abs().to_bits() >> (52 - MANTISSA_BITS);
    let lowest = ((EXPONENT_MIN + 1023) as u64) << MANTISSA_BITS;
    let size = bits.saturating_sub(lowest).min(BINS as u64 - 1) as usize;
    match (bits < lowest, scaled < 0.0) {
        (true, _) => BINS,
        (_, true) => BINS - 1 - size,
        (_, false) => BINS + 1 + size,
    }
}

/// Returns the middle of a bin.
fn value(bin: usize) -> f64 {
    let lowest = ((EXPONENT_MIN + 1023) as u64) << MANTISSA_BITS;
    let middle = |size: usize| {
        let bits = ((lowest + size as u64) << (52 - MANTISSA_BITS)) | (1 << (51 - MANTISSA_BITS));
        f64::from_bits(bits)
    };
    match bin.cmp(&BINS) {
        std::cmp::Ordering::Less => -middle(BINS - 1 - bin),
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => middle(bin - BINS - 1),
    }
}

/// Returns the quantile with the conformal correction: of `n` scores the one whose rank is
/// `(n + 1) share`, rounded away from the middle.
fn quantile(counts: &[u64], total: u64, share: f64) -> f64 {
    let rank = (total + 1) as f64 * share;
    let rank = if share < 0.5 { rank.floor() } else { rank.ceil() };
    let rank = (rank as u64).clamp(1, total.max(1));
    let mut seen = 0;
    let at = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    at.map_or(0.0, value)
}

fn mean_size(counts: &[u64]) -> f64 {
    let n: u64 = counts.iter().sum();
    let some = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let sum: f64 = some.map(|(i, count)| value(i).abs() * *count as f64).sum();
    sum / n.max(1) as f64
}

/// Returns sizes that never fall from one step to the next (isotonic regression by pooling
/// neighbours), weighted by how many scores each is made of.
fn rising(sizes: &[f64], totals: &[u64]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (size, total) in sizes.iter().zip(totals) {
        pools.push((*size, *total as f64, 1));
        while let [.., a, b] = pools[..]
            && (a.0 >= b.0 || b.1 == 0.0)
        {
            pools.pop();
            pools.pop();
            let weight = a.1 + b.1;
            let mean = if weight > 0.0 { (a.0 * a.1 + b.0 * b.1) / weight } else { a.0 };
            pools.push((mean, weight, a.2 + b.2));
        }
    }
    pools.iter().flat_map(|(size, _, n)| std::iter::repeat_n(*size, *n)).collect()
}

/// Returns the quantile of the standard normal distribution, by halving.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if normal_share(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Returns the share of a standard normal below `x`, by the sum of its Taylor series.
fn normal_share(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term.abs() > 1e-16 * sum.abs() && k < 400.0 {
        term *= x * x / (2.0 * k + 1.0);
        sum += term;
        k += 1.0;
    }
    0.5 + sum * (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(series: usize, size: impl Fn(usize) -> f64) -> Pool {
        let mut pool = Pool::new(2);
        for k in 0..series {
            // Evenly spread over (-1, 1).
            let even = 2.0 * (k as f64 + 0.5) / series as f64 - 1.0;
            let values = vec![3.0 * even * size(0), 3.0 * even * size(1)];
            pool.add(&Errors { values, scales: vec![3.0], back: vec![2] });
        }
        pool
    }

    #[test]
    fn factors_hold_the_share_they_say_of_each_step() {
        let factors = pool(5000, |h| 1.0 + h as f64).factors(80.0);
        for ((low, high), wanted) in factors.iter().zip([0.8, 1.6]) {
            assert!((low + wanted).abs() < 0.01 * wanted, "{low} for -{wanted}");
            assert!((high - wanted).abs() < 0.01 * wanted, "{high} for {wanted}");
        }
    }

    #[test]
    fn few_scores_share_a_shape_and_never_narrow_with_the_step() {
        let factors = pool(30, |h| if h == 0 { 2.0 } else { 1.0 }).factors(80.0);
        assert!(factors[1].1 >= factors[0].1, "{factors:?}");
        assert!((factors[0].0 + factors[0].1).abs() < 1e-12, "{factors:?}");
    }

    #[test]
    fn without_scores_errors_are_normal_and_grow_with_the_root_of_the_step() {
        let factors = Pool::new(4).factors(95.0);
        assert!((factors[0].1 - 1.959_964).abs() < 1e-6, "{factors:?}");
        assert!((factors[3].1 - 2.0 * 1.959_964).abs() < 1e-6, "{factors:?}");
    }

    #[test]
    fn bins_keep_order_and_are_narrow() {
        let values = [-1e9, -300.0, -1.0, -0.01, 0.0, 1e-9, 0.01, 0.5, 1.0, 1.01, 7.0, 300.0];
        let bins: Vec<usize> = values.iter().map(|v| bin(*v)).collect();
        assert!(bins.is_sorted(), "{bins:?}");
        for v in [-300.0, -0.01, 0.5, 7.0] {
            assert!((value(bin(v)) / v - 1.0).abs() < 0.005, "{v}");
        }
    }
}

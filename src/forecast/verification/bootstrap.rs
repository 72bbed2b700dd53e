//! How far a score could be off by chance: resampling blocks of neighbouring issue days.
//!
//! Circular block bootstrap (Politis and Romano 1992): the issue days stand in a ring, blocks of
//! consecutive days are drawn until there are as many as before, and all forecasts of a drawn day
//! come with it. The same seed gives the same draws, so scores of two forecasters, or of two leads,
//! are compared on the same days.

/// How an interval is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How many times the days are drawn anew.
    pub resamples: u32,
    /// Share of the resamples inside the interval (0 to 1).
    pub coverage: f64,
    /// What fixes the draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 90 % intervals from 2,000 resamples: their ends then move by about a hundredth of the width
    /// with the seed.
    fn default() -> Self {
        Self { resamples: 2_000, coverage: 0.9, seed: 2_026 }
    }
}

/// A score and what it could as well have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The score of all forecasts; NaN where it is not defined.
    pub value: f64,
    /// Lower end; NaN when the score is not defined in half of the resamples.
    pub low: f64,
    /// Upper end, likewise.
    pub high: f64,
}

impl Interval {
    /// Returns the interval of `coverage` (0 to 1) about `value` from the scores of the resamples.
    fn of(value: f64, mut resampled: Vec<f64>, coverage: f64) -> Self {
        let drawn = resampled.len();
        resampled.retain(|score| score.is_finite());
        resampled.sort_by(f64::total_cmp);
        if resampled.len() * 2 < drawn || resampled.is_empty() {
            return Self { value, low: f64::NAN, high: f64::NAN };
        }
        let tail = (1.0 - coverage) / 2.0;
        Self { value, low: quantile(&resampled, tail), high: quantile(&resampled, 1.0 - tail) }
    }
}

impl Bootstrap {
    /// Returns the interval of each of `N` scores computed from one summary per issue day, in the
    /// order of the days; `score` is given the summaries of the drawn days, repeated ones included.
    pub fn intervals<T, const N: usize>(
        &self,
        days: &[T],
        score: impl Fn(&mut dyn Iterator<Item = &T>) -> [f64; N],
    ) -> [Interval; N] {
        let values = score(&mut days.iter());
        let mut draws = Draws(self.seed);
        let mut resampled = [const { Vec::new() }; N];
        for _ in 0..self.resamples {
            let drawn = ring_blocks(days.len(), &mut draws);
            let scores = score(&mut drawn.iter().map(|index| &days[*index]));
            resampled.iter_mut().zip(scores).for_each(|(all, score)| all.push(score));
        }
        let mut resampled = resampled.into_iter();
        values.map(|value| Interval::of(value, resampled.next().unwrap_or_default(), self.coverage))
    }
}

/// Returns as many indices as there are days, in blocks of the cube root of their number (the rate
/// at which the best block grows, Künsch 1989).
fn ring_blocks(days: usize, draws: &mut Draws) -> Vec<usize> {
    let block = (1..=days).find(|length| length.pow(3) >= days).unwrap_or(1);
    let mut drawn = Vec::with_capacity(days + block);
    while drawn.len() < days {
        let start = draws.below(days);
        drawn.extend((start..start + block).map(|index| index % days));
    }
    drawn.truncate(days);
    drawn
}

/// Returns the quantile of sorted values, linear between them (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let at = level * (sorted.len() - 1) as f64;
    let below = (at.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - at.floor()) * (sorted[above] - sorted[below])
}

/// Numbers fixed by a seed: `SplitMix64` (Steele, Lea and Flood 2014).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`, each as likely as the other but for one part in 2⁵⁰.
    fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.next()) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: fn(&mut dyn Iterator<Item = &f64>) -> [f64; 1] = |days| {
        let (sum, count) = days.fold((0.0, 0.0), |(sum, count), day| (sum + day, count + 1.0));
        [sum / count]
    };

    /// Returns days of noise that hardly differs, or much, from one day to the next.
    fn noise(days: usize, memory: f64, seed: u64) -> Vec<f64> {
        let mut draws = Draws(seed);
        let mut level = 0.0;
        let mut uniform = || draws.below(1_000_000) as f64 / 1e6 - 0.5;
        (0..days)
            .map(|_| {
                level = memory * level + uniform();
                level
            })
            .collect()
    }

    #[test]
    fn draws_are_those_of_the_published_generator() {
        let mut draws = Draws(0);
        assert_eq!(draws.next(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(draws.next(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_another_nearly_the_same() {
        let days = noise(60, 0.0, 7);
        let interval = |seed| Bootstrap { seed, ..Bootstrap::default() }.intervals(&days, MEAN)[0];
        assert_eq!(interval(1), interval(1));
        let (one, two) = (interval(1), interval(2));
        assert_ne!(one, two);
        assert!((one.low - two.low).abs() < 0.1 * (one.high - one.low));
    }

    #[test]
    fn a_mean_of_independent_days_has_the_width_of_the_textbook() {
        let days = noise(400, 0.0, 3);
        let interval = Bootstrap::default().intervals(&days, MEAN)[0];
        // 2 × 1.645 standard errors of a uniform of width 1.
        let textbook = 2.0 * 1.645 * (1.0_f64 / 12.0 / 400.0).sqrt();
        let width = interval.high - interval.low;
        assert!((width / textbook - 1.0).abs() < 0.15, "{width} instead of {textbook}");
        assert!(interval.low < interval.value && interval.value < interval.high);
    }

    #[test]
    fn days_that_resemble_their_neighbours_widen_the_interval() {
        let width = |memory| {
            let interval = Bootstrap::default().intervals(&noise(400, memory, 5), MEAN)[0];
            let spread = (1.0 / 12.0 / (1.0 - memory * memory) / 400.0_f64).sqrt();
            (interval.high - interval.low) / spread
        };
        assert!(width(0.8) > 1.6 * width(0.0), "{} {}", width(0.8), width(0.0));
    }

    #[test]
    fn blocks_are_neighbours_on_a_ring_and_as_many_days_as_before() {
        let mut draws = Draws(11);
        for _ in 0..50 {
            let drawn = ring_blocks(31, &mut draws);
            assert_eq!(drawn.len(), 31);
            for block in drawn.chunks(4) {
                assert!(block.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 31), "{block:?}");
            }
        }
        assert!(ring_blocks(0, &mut draws).is_empty());
    }

    #[test]
    fn a_score_that_is_seldom_defined_has_no_interval() {
        let mut days = vec![f64::NAN; 30];
        days[3] = 1.0;
        let rare = Bootstrap::default()
            .intervals(&days, |days| [days.copied().fold(f64::NAN, f64::max), 1.0]);
        assert_eq!((rare[0].value, rare[1].low, rare[1].high), (1.0, 1.0, 1.0));
        let none: [f64; 0] = [];
        assert!(Bootstrap::default().intervals(&none, MEAN)[0].low.is_nan());
    }
}

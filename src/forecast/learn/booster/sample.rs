//! Draws of rows and features that depend on the seed and on nothing else.
//!
//! Own generator (`SplitMix64`: Steele, Lea and Flood 2014), eight lines, so that a stored model can
//! be made again from its seed whatever version of a random number crate is in use.

/// A stream of numbers fixed by its seed.
#[derive(Debug)]
pub(super) struct Draws(u64);

impl Draws {
    /// Returns the stream of this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`, by multiply and shift (bias below 2^-32 for our sizes).
    #[expect(clippy::cast_possible_truncation, reason = "the high half is below the bound")]
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Returns `share` of the numbers below `count` (at least one), rising, each equally likely.
    ///
    /// Selection sampling (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a row count, which is checked to be below 2^32"
    )]
    pub(super) fn choose(&mut self, count: usize, share: f64) -> Vec<u32> {
        if share >= 1.0 {
            return (0..count as u32).collect();
        }
        let mut wanted = ((count as f64 * share).round() as usize).clamp(1, count.max(1));
        let mut chosen = Vec::with_capacity(wanted);
        for i in 0..count {
            if self.below(count - i) < wanted {
                wanted -= 1;
                chosen.push(i as u32);
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choice_has_the_right_size_rises_and_is_fixed_by_the_seed() {
        let chosen = Draws::new(7).choose(1000, 0.3);
        assert_eq!(chosen.len(), 300);
        assert!(chosen.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(chosen, Draws::new(7).choose(1000, 0.3));
        assert_ne!(chosen, Draws::new(8).choose(1000, 0.3));
        assert_eq!(Draws::new(7).choose(5, 1.0), [0, 1, 2, 3, 4]);
        assert_eq!(Draws::new(7).choose(3, 1e-9).len(), 1);
    }

    #[test]
    fn every_row_is_about_equally_likely() {
        let mut counts = [0_u32; 20];
        let mut draws = Draws::new(1);
        for _ in 0..10_000 {
            draws.choose(20, 0.25).iter().for_each(|&i| counts[i as usize] += 1);
        }
        // 2,500 expected, standard deviation 43: five of them.
        assert!(counts.iter().all(|c| c.abs_diff(2_500) < 216), "{counts:?}");
    }
}

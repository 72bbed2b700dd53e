//! Whether what was forecast with 30 % happens in 30 of 100 cases.

/// Forecasts of about the same probability, and how often the event came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// How many forecasts.
    pub forecasts: u32,
    /// Their mean probability (0 to 1).
    pub mean_probability: f64,
    /// Share of them after which the event happened (0 to 1).
    pub observed_share: f64,
}

/// The parts of the Brier score, `reliability − resolution + uncertainty` (Murphy 1973); exact when
/// all forecasts of a bin are equal, else short of it by what varies within bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierParts {
    /// Mean squared gap between stated and observed; 0 is best.
    pub reliability: f64,
    /// Mean squared distance of the bins' observed shares from the overall share; high is best.
    pub resolution: f64,
    /// Variance of the event itself, which no forecast can change.
    pub uncertainty: f64,
}

/// Returns the reliability table of pairs (probability, happened): bins between rising inner
/// `edges`, each holding its lower edge, and no bin without a forecast. Pairs whose probability is
/// not a number are left out.
#[must_use]
pub fn reliability(pairs: &[(f64, bool)], edges: &[f64]) -> Vec<ReliabilityBin> {
    let mut sums = vec![(0_u32, 0.0, 0_u32); edges.len() + 1];
    for (probability, happened) in pairs.iter().filter(|pair| !pair.0.is_nan()) {
        let sum = &mut sums[edges.partition_point(|edge| edge <= probability)];
        sum.0 += 1;
        sum.1 += probability;
        sum.2 += u32::from(*happened);
    }
    let filled = sums.into_iter().filter(|sum| sum.0 > 0);
    filled
        .map(|(forecasts, probabilities, events)| ReliabilityBin {
            forecasts,
            mean_probability: probabilities / f64::from(forecasts),
            observed_share: f64::from(events) / f64::from(forecasts),
        })
        .collect()
}

/// Returns the parts of the Brier score of a reliability table; NaN without forecasts.
#[must_use]
pub fn brier_parts(bins: &[ReliabilityBin]) -> BrierParts {
    let mean = |of: &dyn Fn(&ReliabilityBin) -> f64| {
        let sum: f64 = bins.iter().map(|bin| f64::from(bin.forecasts) * of(bin)).sum();
        sum / bins.iter().map(|bin| f64::from(bin.forecasts)).sum::<f64>()
    };
    let base_rate = mean(&|bin| bin.observed_share);
    BrierParts {
        reliability: mean(&|bin| (bin.mean_probability - bin.observed_share).powi(2)),
        resolution: mean(&|bin| (bin.observed_share - base_rate).powi(2)),
        uncertainty: base_rate * (1.0 - base_rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::scores::brier;

    const TENTHS: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    #[test]
    fn a_bin_holds_its_lower_edge_and_empty_ones_are_left_out() {
        let pairs = [(0.0, false), (0.1, true), (0.19, false), (1.0, true), (f64::NAN, true)];
        let bins = reliability(&pairs, &TENTHS);
        let counts: Vec<u32> = bins.iter().map(|bin| bin.forecasts).collect();
        assert_eq!(counts, [1, 2, 1]);
        assert!((bins[1].mean_probability - 0.145).abs() < 1e-15);
        assert_eq!((bins[1].observed_share, bins[2].observed_share), (0.5, 1.0));
    }

    #[test]
    fn the_parts_add_up_to_the_brier_score_when_bins_are_pure() {
        let pairs: Vec<(f64, bool)> =
            (0..200).map(|i| (f64::from(i % 4) * 0.25 + 0.05, i % 7 < i % 4)).collect();
        let parts = brier_parts(&reliability(&pairs, &TENTHS));
        let sum = parts.reliability - parts.resolution + parts.uncertainty;
        assert!((sum - brier(&pairs)).abs() < 1e-12, "{sum} {}", brier(&pairs));
        assert!(brier_parts(&[]).uncertainty.is_nan());
    }

    #[test]
    fn perfect_odds_have_no_gap_and_climatology_no_resolution() {
        let perfect: Vec<(f64, bool)> =
            (0..100).map(|i| (if i < 30 { 1.0 } else { 0.0 }, i < 30)).collect();
        let parts = brier_parts(&reliability(&perfect, &TENTHS));
        assert_eq!(parts.reliability, 0.0);
        assert!((parts.resolution - parts.uncertainty).abs() < 1e-15);
        let climatology: Vec<(f64, bool)> = (0..100).map(|i| (0.3, i < 30)).collect();
        let parts = brier_parts(&reliability(&climatology, &TENTHS));
        assert!(parts.reliability < 1e-15 && parts.resolution < 1e-15);
    }
}

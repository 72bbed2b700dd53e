//! The scale a target is learned on.

/// A scale on which errors are about equally large at every level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The value itself.
    Identity,
    /// The square root; values below zero count as zero.
    Root,
    /// The logarithm of one more; values below zero count as zero.
    Log1p,
}

impl Scale {
    /// Returns a value on the scale.
    #[must_use]
    pub fn of(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Root => value.max(0.0).sqrt(),
            Self::Log1p => value.max(0.0).ln_1p(),
        }
    }

    /// Returns the value at a point of the scale.
    #[must_use]
    pub fn back(self, scaled: f64) -> f64 {
        match self {
            Self::Identity => scaled,
            Self::Root => scaled.max(0.0).powi(2),
            Self::Log1p => scaled.max(0.0).exp_m1(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_leads_back() {
        for scale in [Scale::Identity, Scale::Root, Scale::Log1p] {
            for value in [0.0, 0.3, 7.5, 118.0] {
                assert!((scale.back(scale.of(value)) - value).abs() < 1e-12, "{scale:?} {value}");
            }
            assert!(scale.of(f64::NAN).is_nan() || scale != Scale::Identity);
        }
        assert_eq!(Scale::Root.back(-0.2), 0.0);
    }
}

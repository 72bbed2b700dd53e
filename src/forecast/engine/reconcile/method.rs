//! The ways of reconciling, by the names of the Python library hierarchicalforecast.

/// How forecasts are made to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Bottom nodes stay; aggregates are their sums.
    BottomUp,
    /// All nodes alike (ordinary least squares, Hyndman et al. 2011).
    Ols,
    /// Each node may move as the number of bottom nodes in it (structural weights).
    WlsStruct,
    /// Each node may move as the mean square of its past errors.
    WlsVar,
    /// As the covariance of past errors, its correlations shrunk towards none (Schäfer & Strimmer
    /// 2005; Wickramasuriya et al. 2019).
    MintShrink,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::BottomUp, Self::Ols, Self::WlsStruct, Self::WlsVar, Self::MintShrink];

    /// Returns the name of the method.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BottomUp => "bottom_up",
            Self::Ols => "ols",
            Self::WlsStruct => "wls_struct",
            Self::WlsVar => "wls_var",
            Self::MintShrink => "mint_shrink",
        }
    }

    /// Returns how many past origins the method needs, at which every node has errors.
    #[must_use]
    pub const fn origins_needed(self) -> usize {
        match self {
            Self::BottomUp | Self::Ols | Self::WlsStruct => 0,
            Self::WlsVar => 1,
            Self::MintShrink => 2,
        }
    }
}

//! The quantities of the weather: names, units, ranges, and who teaches what of them.

/// Steps in which the cities' product tells wind: whole km/h, in m/s.
const KM_H: f64 = 1.0 / 3.6;

/// A quantity of the weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    HighestTemperature,
    LowestTemperature,
    Humidity,
    MeanWind,
    HighestWind,
    Radiation,
    Evapotranspiration,
}

/// What a record tells of the season that comes, or is told of it when it is too young.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    /// It was seen, more than once.
    Seen,
    /// Nothing.
    Untold,
    /// The usual year of the mean temperature ([`super::usual`]).
    Temperature,
    /// The year as the cities had it, as harmonics.
    Cities,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighestTemperature => "tmax",
            Self::LowestTemperature => "tmin",
            Self::Humidity => "humidity",
            Self::MeanWind => "wind",
            Self::HighestWind => "wind_max",
            Self::Radiation => "radiation",
            Self::Evapotranspiration => "et0",
        }
    }

    pub const fn variable(self) -> &'static str {
        match self {
            Self::HighestTemperature => "temp_max_c",
            Self::LowestTemperature => "temp_min_c",
            Self::Humidity => "humidity_mean_pct",
            Self::MeanWind => "wind_mean_m_s",
            Self::HighestWind => "wind_max_m_s",
            Self::Radiation => "shortwave_mj_m2",
            Self::Evapotranspiration => "et0_mm",
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Self::HighestTemperature | Self::LowestTemperature => "degC",
            Self::Humidity => "%",
            Self::MeanWind | Self::HighestWind => "m/s",
            Self::Radiation => "MJ/m2",
            Self::Evapotranspiration => "mm",
        }
    }

    /// Hot weather begins at 35 °C, spraying stops at 4 m/s (shared/knowledge/agronomy.md, "Heat
    /// classes" and "Spraying" \[U\]).
    pub const fn thresholds(self) -> &'static [f64] {
        match self {
            Self::HighestTemperature => &[35.0],
            Self::MeanWind => &[4.0],
            _ => &[],
        }
    }

    /// Returns the least and the greatest value there can be.
    pub const fn range(self) -> (f64, f64) {
        match self {
            Self::HighestTemperature | Self::LowestTemperature => {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
            Self::Humidity => (0.0, 100.0),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// Returns the cities' variable whose years teach the young record of the provinces how a
    /// departure fades; the cities have neither radiation nor what evaporates.
    pub const fn taught_by(self) -> Option<&'static str> {
        match self {
            Self::HighestTemperature | Self::LowestTemperature | Self::Humidity => {
                Some(self.variable())
            }
            // Mean or highest, metres a second fade alike.
            Self::HighestWind => Some("wind_mean_m_s"),
            Self::MeanWind | Self::Radiation | Self::Evapotranspiration => None,
        }
    }

    /// Returns what the provinces' young record is told of the season.
    pub const fn season(self) -> Season {
        match self {
            Self::HighestTemperature | Self::LowestTemperature => Season::Temperature,
            Self::Humidity => Season::Cities,
            _ => Season::Untold,
        }
    }

    /// Returns the steps in which the cities' product tells the quantity (shared/data/README.md:
    /// whole degrees, per cents and km/h).
    pub const fn city_step(self) -> Option<f64> {
        match self {
            Self::HighestTemperature | Self::LowestTemperature | Self::Humidity => Some(1.0),
            Self::MeanWind => Some(KM_H),
            Self::HighestWind | Self::Radiation | Self::Evapotranspiration => None,
        }
    }

    /// Returns the root mean square of what two points differ by, over the root of their distance in
    /// km: fitted to the 28 pairs of the eight southern provinces, 42 to 300 km apart, 2025-07-21 to
    /// 2026-03-31 (shared/data/weather/openmeteo_daily_34prov.csv); correlations 0.68 to 0.95. Nearer
    /// than 42 km it is drawn on, and nobody has measured the sea breeze here.
    pub const fn differs_per_root_km(self) -> f64 {
        match self {
            Self::HighestTemperature => 0.099,
            Self::LowestTemperature => 0.085,
            Self::Humidity => 0.454,
            // Only the highest is known at pairs of points; the mean differs less.
            Self::MeanWind | Self::HighestWind => 0.095,
            Self::Radiation => 0.160,
            Self::Evapotranspiration => 0.040,
        }
    }
}

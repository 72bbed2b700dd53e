//! Open-Meteo's daily variables, the units it documents, and ours.

/// A daily variable of Open-Meteo and what it is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The provider's name.
    pub api: &'static str,
    /// Our variable.
    pub variable: &'static str,
    /// The unit it is documented to come in, given `wind_speed_unit=ms`.
    pub unit: &'static str,
}

const fn field(api: &'static str, variable: &'static str, unit: &'static str) -> Field {
    Field { api, variable, unit }
}

/// What reanalysis and forecast both have.
pub const DAILY: &[Field] = &[
    field("temperature_2m_mean", "temp_mean_c", "°C"),
    field("temperature_2m_max", "temp_max_c", "°C"),
    field("temperature_2m_min", "temp_min_c", "°C"),
    field("apparent_temperature_max", "apparent_max_c", "°C"),
    field("precipitation_sum", "precipitation_mm", "mm"),
    field("rain_sum", "rain_mm", "mm"),
    field("showers_sum", "showers_mm", "mm"),
    field("precipitation_hours", "precipitation_h", "h"),
    field("relative_humidity_2m_mean", "humidity_mean_pct", "%"),
    field("dew_point_2m_mean", "dew_point_c", "°C"),
    field("cloud_cover_mean", "cloud_pct", "%"),
    field("pressure_msl_mean", "pressure_msl_hpa", "hPa"),
    field("wind_speed_10m_max", "wind_max_m_s", "m/s"),
    field("wind_gusts_10m_max", "gust_max_m_s", "m/s"),
    field("wind_direction_10m_dominant", "wind_direction_deg", "°"),
    field("shortwave_radiation_sum", "shortwave_mj_m2", "MJ/m²"),
    field("et0_fao_evapotranspiration", "et0_mm", "mm"),
    field("sunshine_duration", "sunshine_h", "s"),
    field("weather_code", "weather_code_wmo", "wmo code"),
];

/// What only forecasts have.
pub const DAILY_FORECAST_ONLY: &[Field] =
    &[field("precipitation_probability_max", "rain_probability_pct", "%")];

/// Units that come in another spelling than canonical by design are not "changed": the duration of
/// sunshine is documented in seconds.
#[must_use]
pub fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    fields.map(|f| f.api).collect::<Vec<_>>().join(",")
}

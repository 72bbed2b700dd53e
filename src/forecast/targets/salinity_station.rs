//! Stub.
use super::{Fitted, Target};
use crate::domain::time::IssuedAt;
use crate::features::Panel;
use crate::forecast::ForecastError;
use jiff::civil::Date;
/// Stub.
pub struct SalinityStation;
impl Target for SalinityStation {
    fn name(&self) -> &'static str { "salinity_station" }
    fn variable(&self) -> &'static str { "salinity_max_g_l" }
    fn unit(&self) -> &'static str { "g/L" }
    fn horizons(&self) -> u8 { 14 }
    fn thresholds(&self) -> &'static [f64] { &[1.0, 4.0] }
    fn refit_day(&self, day: Date) -> Date { Date::constant(day.year(), 1, 1) }
    fn inputs(&self) -> &'static [&'static str] { &["salinity_max_g_l", "discharge_m3_s", "water_level_m"] }
    fn fit(&self, _: &Panel, _: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> { Err(ForecastError::TooLittle{target:"x",rows:0,needed:1,at:String::new()}) }
}

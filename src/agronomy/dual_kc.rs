//! Daily soil water balance with the dual crop coefficient of FAO-56 (chapters 7 and 8): what a crop
//! transpires and its soil evaporates, how much of the root zone is empty, what drains below it.
//!
//! For crops on drained soil: orchards and vegetables. Rice under water is [`super::paddy`]'s.
//! [`DualKc::new`] checks a crop on a soil once; [`DualKc::step`] takes the state of one day to the
//! next. Depths are in mm over the field, water contents in m³/m³.

mod day;
mod params;

pub use day::{DualKcDay, DualKcOutput, DualKcState, Watering};
pub use params::{CropCoefficients, DualKcParams, ReferenceCrop, SoilLayer, StageDays};

use super::AgronomyError;
use super::error::checked;
use day::check_day;

/// Rain (mm/day) from which the whole surface counts as wetted; FAO-56 page 149.
const RAIN_WETS_ALL_MM: f64 = 3.0;
/// Largest share of the ground that a canopy is taken to cover; FAO-56 page 149.
const COVER_MAX: f64 = 0.99;
/// Smallest share of the ground that is bare and wet; FAO-56 eq. 75 (0.01 to 1).
const BARE_WET_MIN: f64 = 0.01;
/// Range of the wind (m/s) and lowest humidity (%) for which eq. 72 holds; FAO-56 page 143.
const WIND_RANGE_M_S: (f64, f64) = (1.0, 6.0);
const HUMIDITY_RANGE_PCT: (f64, f64) = (20.0, 80.0);
/// Range of the share of available water that a crop takes up without stress; FAO-56 page 162.
const DEPLETION_RANGE: (f64, f64) = (0.1, 0.8);

/// A crop on a soil, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DualKc {
    params: DualKcParams,
}

impl DualKc {
    /// Returns the balance of a crop on a soil.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] names the first parameter that cannot be.
    pub fn new(params: DualKcParams) -> Result<Self, AgronomyError> {
        params.check()?;
        Ok(Self { params })
    }

    /// Returns the parameters.
    #[must_use]
    pub const fn params(&self) -> &DualKcParams {
        &self.params
    }

    /// Returns the state on the first day's morning: dry surface, root zone at a water content.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when the content does not lie between wilting point and field
    /// capacity.
    pub fn start(&self, water_content: f64) -> Result<DualKcState, AgronomyError> {
        let soil = &self.params.soil;
        let contents = soil.wilting_point..=soil.field_capacity;
        let allowed = "wilting point to field capacity";
        let content = checked("water content (m³/m³)", water_content, contents, allowed)?;
        Ok(DualKcState {
            days: 0,
            root_depletion_mm: 1_000.0 * (soil.field_capacity - content) * self.params.root_m.0,
            surface_depletion_mm: self.params.evaporable_mm(),
            wetted_share: 1.0,
            height_m: self.params.height_m.0,
            root_m: self.params.root_m.0,
        })
    }

    /// Returns the water (mm) the root zone of a state holds between field capacity and wilting.
    #[must_use]
    pub fn available_mm(&self, state: &DualKcState) -> f64 {
        self.params.available_mm(state.root_m)
    }

    /// Returns the day's figures and the state it leaves.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when weather or watering is not finite or cannot be.
    pub fn step(
        &self,
        before: &DualKcState,
        day: &DualKcDay,
    ) -> Result<(DualKcOutput, DualKcState), AgronomyError> {
        check_day(day)?;
        let p = &self.params;
        let growth = p.growth(before.days);
        let kcb = p.kcb.at(&p.stages, before.days);
        let height_m = (p.height_m.0 + (p.height_m.1 - p.height_m.0) * growth).max(before.height_m);
        let root_m = (p.root_m.0 + (p.root_m.1 - p.root_m.0) * growth).max(before.root_m);
        let kc_max = self.kc_max(kcb, height_m, day);
        let cover = p.cover(kcb, kc_max, height_m);

        let irrigation = day.watering.map_or(0.0, |w| w.depth_mm);
        let wetted_share = match day.watering {
            Some(water) => water.wetted_share,
            None if day.rain_mm >= RAIN_WETS_ALL_MM => 1.0,
            None => before.wetted_share,
        };
        let surface = self.surface(
            before,
            day.rain_mm + irrigation / wetted_share,
            Evaporation {
                kcb,
                kc_max,
                bare_wet: (1.0 - cover).min(wetted_share).clamp(BARE_WET_MIN, 1.0),
                et_ref_mm: day.et_ref_mm,
            },
        );
        let et_crop_mm = (surface.ke + kcb) * day.et_ref_mm;
        let roots = RootZone::of(p, root_m, et_crop_mm);
        let ks = roots.stress(before.root_depletion_mm);
        let transpiration_mm = ks * kcb * day.et_ref_mm;

        // Eqs. 85 to 88.
        let given = day.rain_mm + irrigation;
        let spent = surface.evaporation_mm + transpiration_mm;
        let drainage_mm = (given - spent - before.root_depletion_mm).max(0.0);
        let left = before.root_depletion_mm - given + spent + drainage_mm;
        let after = DualKcState {
            days: before.days + 1,
            root_depletion_mm: left.clamp(0.0, roots.available_mm),
            surface_depletion_mm: surface.depletion_mm,
            wetted_share,
            height_m,
            root_m,
        };
        let output = DualKcOutput {
            kcb,
            kc_max,
            cover,
            bare_wet: surface.bare_wet,
            kr: surface.kr,
            ke: surface.ke,
            ks,
            ks_end: roots.stress(after.root_depletion_mm),
            evaporation_mm: surface.evaporation_mm,
            transpiration_mm,
            et_crop_mm,
            surface_drainage_mm: surface.drainage_mm,
            drainage_mm,
            available_mm: roots.available_mm,
            readily_mm: roots.readily_mm,
            depletion_share: roots.depletion_share,
        };
        Ok((output, after))
    }

    /// Eq. 72; for a tall reference crop 1.0, as pyfao56 has it.
    fn kc_max(&self, kcb: f64, height_m: f64, day: &DualKcDay) -> f64 {
        let wind = day.wind_2m_m_s.clamp(WIND_RANGE_M_S.0, WIND_RANGE_M_S.1);
        let humidity = day.rhmin_pct.clamp(HUMIDITY_RANGE_PCT.0, HUMIDITY_RANGE_PCT.1);
        let by_weather = match self.params.reference {
            ReferenceCrop::Short => {
                let climate = 0.04 * (wind - 2.0) - 0.004 * (humidity - 45.0);
                1.2 + climate * (height_m / 3.0).powf(0.3)
            }
            ReferenceCrop::Tall => 1.0,
        };
        by_weather.max(kcb + 0.05)
    }

    /// Eqs. 71, 74, 77 to 79: the layer that evaporates.
    fn surface(&self, before: &DualKcState, water_mm: f64, by: Evaporation) -> Surface {
        let evaporable = self.params.evaporable_mm();
        let depletion = before.surface_depletion_mm;
        let easily = self.params.soil.readily_evaporable_mm;
        let kr = ((evaporable - depletion) / (evaporable - easily)).clamp(0.0, 1.0);
        let ke = (kr * (by.kc_max - by.kcb)).min(by.bare_wet * by.kc_max);
        let evaporation_mm = ke * by.et_ref_mm;
        let drainage_mm = (water_mm - depletion).max(0.0);
        let left = depletion - water_mm + evaporation_mm / by.bare_wet + drainage_mm;
        Surface {
            bare_wet: by.bare_wet,
            kr,
            ke,
            evaporation_mm,
            drainage_mm,
            depletion_mm: left.clamp(0.0, evaporable),
        }
    }
}

/// What the root zone holds on a day.
#[derive(Debug, Clone, Copy)]
struct RootZone {
    available_mm: f64,
    depletion_share: f64,
    readily_mm: f64,
}

impl RootZone {
    fn of(params: &DualKcParams, root_m: f64, et_crop_mm: f64) -> Self {
        let available_mm = params.available_mm(root_m);
        // FAO-56 table 22, note 2: a thirsty day leaves less of the water easy to take.
        let depletion_share = (params.depletion_share + 0.04 * (5.0 - et_crop_mm))
            .clamp(DEPLETION_RANGE.0, DEPLETION_RANGE.1);
        Self { available_mm, depletion_share, readily_mm: depletion_share * available_mm }
    }

    /// Eq. 84: what a depletion (mm) leaves of transpiration (Ks).
    fn stress(&self, depletion_mm: f64) -> f64 {
        ((self.available_mm - depletion_mm) / (self.available_mm - self.readily_mm)).clamp(0.0, 1.0)
    }
}

/// What drives evaporation of a day.
#[derive(Debug, Clone, Copy)]
struct Evaporation {
    kcb: f64,
    kc_max: f64,
    bare_wet: f64,
    et_ref_mm: f64,
}

/// What the surface layer did in a day.
#[derive(Debug, Clone, Copy)]
struct Surface {
    bare_wet: f64,
    kr: f64,
    ke: f64,
    evaporation_mm: f64,
    drainage_mm: f64,
    depletion_mm: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tomato() -> DualKc {
        DualKc::new(DualKcParams {
            // FAO-56 tables 17, 12, 22; a silt loam of table 19.
            kcb: CropCoefficients { initial: 0.15, mid: 1.10, end: 0.70 },
            kc_bare: 0.15,
            stages: StageDays { initial: 30, development: 40, mid: 40, late: 25 },
            height_m: (0.05, 0.6),
            root_m: (0.3, 0.7),
            depletion_share: 0.40,
            soil: SoilLayer {
                field_capacity: 0.32,
                wilting_point: 0.15,
                evaporating_m: 0.10,
                readily_evaporable_mm: 9.0,
            },
            reference: ReferenceCrop::Short,
        })
        .expect("a plain crop")
    }

    fn day(rain_mm: f64) -> DualKcDay {
        DualKcDay { et_ref_mm: 4.5, wind_2m_m_s: 2.0, rhmin_pct: 60.0, rain_mm, watering: None }
    }

    #[test]
    fn water_is_conserved_over_a_season() {
        let crop = tomato();
        let mut state = crop.start(0.28).expect("moist soil");
        let first = state.root_depletion_mm;
        let (mut given, mut spent) = (0.0, 0.0);
        for k in 0..135_u32 {
            let rain = if k % 9 == 0 { 35.0 } else { 0.0 };
            let (out, after) = crop.step(&state, &day(rain)).expect("plain weather");
            given += rain;
            spent += out.et_actual_mm() + out.drainage_mm;
            state = after;
        }
        let change = state.root_depletion_mm - first;
        assert!((change - (spent - given)).abs() < 1e-9, "{change} {spent} {given}");
    }

    #[test]
    fn a_crop_without_water_stops_transpiring_and_drains_nothing() {
        let crop = tomato();
        let mut state = crop.start(0.30).expect("moist soil");
        let mut last = None;
        for _ in 0..120 {
            let (out, after) = crop.step(&state, &day(0.0)).expect("plain weather");
            assert!(out.drainage_mm <= 0.0);
            last = Some(out);
            state = after;
        }
        let last = last.expect("120 days");
        assert!(last.ks < 0.2 && last.evaporation_mm < 0.01, "{last:?}");
    }

    /// The first six days of kthorp/pyfao56 `tests/test01` (CC0): cotton at Maricopa in 2013, dry soil,
    /// 33 mm by furrow on the third. Printed to three decimals.
    #[test]
    fn six_days_of_cotton_are_met() {
        let cotton = DualKc::new(DualKcParams {
            kcb: CropCoefficients { initial: 0.15, mid: 1.20, end: 0.573 },
            kc_bare: 0.15,
            stages: StageDays { initial: 31, development: 52, mid: 50, late: 21 },
            height_m: (0.05, 1.2),
            root_m: (0.6, 1.7),
            depletion_share: 0.65,
            soil: SoilLayer {
                field_capacity: 0.225,
                wilting_point: 0.10,
                evaporating_m: 0.1143,
                readily_evaporable_mm: 9.0,
            },
            reference: ReferenceCrop::Short,
        })
        .expect("a plain crop");
        // Reference evapotranspiration, wind at 3 m, lowest humidity; ETa, De, Dr.
        let days = [
            ([6.97, 2.2, 10.4], [0.0, 20.003, 75.0]),
            ([6.42, 1.9, 8.5], [0.0, 20.003, 75.0]),
            ([7.40, 3.1, 13.2], [0.0, 0.0, 42.0]),
            ([5.79, 1.3, 9.9], [4.400, 7.063, 46.400]),
            ([6.64, 1.6, 6.5], [5.057, 15.185, 51.457]),
            ([6.63, 1.4, 4.3], [4.103, 20.003, 55.560]),
        ];
        let mut state = cotton.start(0.10).expect("wilting point");
        for (k, ([et_ref_mm, wind, rhmin_pct], expected)) in days.into_iter().enumerate() {
            let wind_2m_m_s = crate::agronomy::et0::air::wind_at_2m_m_s(wind, 3.0);
            let watering = (k == 2).then_some(Watering { depth_mm: 33.0, wetted_share: 0.5 });
            let day = DualKcDay { et_ref_mm, wind_2m_m_s, rhmin_pct, rain_mm: 0.0, watering };
            let (out, after) = cotton.step(&state, &day).expect("plain weather");
            let got = [out.et_actual_mm(), after.surface_depletion_mm, after.root_depletion_mm];
            for (got, expected) in got.into_iter().zip(expected) {
                assert!((got - expected).abs() <= 0.000_51, "day {k}: {got} {expected}");
            }
            state = after;
        }
    }

    #[test]
    fn impossible_days_are_refused() {
        let crop = tomato();
        let state = crop.start(0.30).expect("moist soil");
        let drip = |wetted_share| Some(Watering { depth_mm: 5.0, wetted_share });
        for bad in [
            DualKcDay { rain_mm: -1.0, ..day(0.0) },
            DualKcDay { et_ref_mm: f64::NAN, ..day(0.0) },
            DualKcDay { watering: drip(0.0), ..day(0.0) },
            DualKcDay { watering: drip(1.5), ..day(0.0) },
        ] {
            assert!(crop.step(&state, &bad).is_err(), "{bad:?}");
        }
        assert!(crop.start(0.9).is_err());
    }
}

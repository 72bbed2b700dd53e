//! The advise step: what the rules of work are told of each commune, from the morning's rows.
//!
//! A commune has few forecasts of its own. Weather comes from the stand-ins its targets name, rain
//! and river levels from the nearest gauge, rain without one from an outside ensemble, crops from the
//! zone; each says so in its basis, with the distance. What is not forecast is left out: a rule that
//! reads it says that it misses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use super::PipelineError;
use super::ensemble::Ensemble;
use crate::advisory::work::{Origin, Reading, Readings, Value};
use crate::advisory::{Basis, Sown};
use crate::agronomy::moon::{is_spring_height, lunar_date};
use crate::domain::geography::{Commune, distance_km, table};
use crate::domain::time::{IssuedAt, add_days, days_between, epoch_day, local_date};
use crate::domain::{Crop, PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::targets::crop::{field_at, zones_of};
use crate::forecast::targets::{self, Kind};
use crate::frames::Forecast;

/// Quantities of the weather that are targets of the same name.
const WEATHER: [&str; 5] = ["tmax", "tmin", "humidity", "wind", "wind_max"];
/// Quantities that are told at gauges of rain, targets of the same name.
const RAIN: [&str; 2] = ["rain_amount", "rain_occurrence"];
/// Diseases that rules read, as the target's places and the quantities name them.
const DISEASES: [(&str, &str); 3] = [
    ("leaf_blast", "leaf_blast_rank"),
    ("sheath_blight", "sheath_blight_rank"),
    ("bacterial_blight", "bacterial_blight_rank"),
];
/// Days ahead that the calendar is told for.
const DAYS: i64 = 14;
/// Farthest gauge of rain that is told of: rain is local, and beyond half the province's width it is
/// another town's.
const RAIN_KM_MAX: f64 = 40.0;
/// Farthest river gauge: the tide changes along the river by decimetres over 20 km.
const RIVER_KM_MAX: f64 = 20.0;
/// Days of the mean of past rain that sets off durian flowers, and the fewest that must be known.
const PAST_RAIN: (i64, usize) = (15, 12);
/// Heading is thirty days before harvest (shared/knowledge/agronomy.md 1.3).
const HEADING_BEFORE_HARVEST: i64 = 30;
/// Sowings of the calendar and of a zone's batch that differ by more are not the same rice.
const SAME_BATCH_DAYS: i64 = 31;
/// Wholesale markets, the first that is forecast is told.
const MARKETS: [(&str, &str); 2] =
    [("market:an_giang.rice", "An Giang"), ("market:dong_thap.rice", "Đồng Tháp")];

/// A gauge with its point (`data/reference/gauge_points.csv`).
#[derive(Debug, Clone, Deserialize)]
struct Gauge {
    place: PlaceId,
    name: String,
    lat: f64,
    lon: f64,
    alarm_1_m: Option<f64>,
    alarm_3_m: Option<f64>,
}

type Days = Arc<BTreeMap<Date, Reading>>;

/// Everything that can be told on one morning.
pub struct Sights<'a> {
    /// By target and place.
    rows: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Forecast>>>,
    known: Known<'a>,
    issued_at: IssuedAt,
    gauges: Vec<Gauge>,
    sky: [(&'static str, Days); 2],
    ensemble: &'a Ensemble,
}

impl<'a> Sights<'a> {
    /// Returns what the published rows, the panel and the outside ensemble of a morning tell.
    ///
    /// # Errors
    /// [`PipelineError`] when the shipped table of gauges is broken (a test keeps it whole).
    pub fn of(
        published: impl IntoIterator<Item = &'a Forecast>,
        panel: &'a Panel,
        issued_at: IssuedAt,
        ensemble: &'a Ensemble,
    ) -> Result<Self, PipelineError> {
        let mut rows: BTreeMap<&str, BTreeMap<&str, Vec<&Forecast>>> = BTreeMap::new();
        for row in published.into_iter().filter(|row| row.published) {
            let places = rows.entry(&*row.target).or_default();
            places.entry(row.place.as_str()).or_default().push(row);
        }
        let text = include_str!("../../data/reference/gauge_points.csv");
        let gauges = table("gauge_points.csv", text)?;
        let sky = sky(issued_at.local_date());
        Ok(Self { rows, known: Known::at(panel, issued_at), issued_at, gauges, sky, ensemble })
    }

    /// Returns the local day of the issue.
    #[must_use]
    pub fn today(&self) -> Date {
        self.issued_at.local_date()
    }

    /// Returns what is told of each crop of a commune; `sown` tells when its rice was or will be.
    #[must_use]
    pub fn at(
        &self,
        commune: &Commune,
        crops: &[(Crop, Option<Sown>)],
    ) -> BTreeMap<Crop, Readings> {
        let shared = self.commune(commune);
        let of = |(crop, sown): &(Crop, Option<Sown>)| {
            let mut readings = shared.clone();
            if let Some(sown) = sown {
                self.calendar(sown, &mut readings);
            }
            self.zone(commune, *crop, *sown, &mut readings);
            if *crop == Crop::Durian {
                self.past_rain(commune, &mut readings);
            }
            if *crop == Crop::Rice {
                self.prices(&mut readings);
            }
            (*crop, readings)
        };
        crops.iter().map(of).collect()
    }

    /// Returns what holds for every crop of a commune: weather, rain, river, moon.
    fn commune(&self, commune: &Commune) -> Readings {
        let mut readings = Readings::default();
        for (name, days) in &self.sky {
            readings.put(name, Arc::clone(days));
        }
        let place = commune.code.place();
        for name in WEATHER {
            let own = self
                .rows(name, place.as_str())
                .map(|rows| self.days(rows, &Basis::Commune, |row| row.quantiles().ok()));
            let stand_in = || {
                targets::stand_ins(name, &place).into_iter().find_map(|s| {
                    let rows = self.rows(name, s.place.as_str())?;
                    let basis = Basis::StandIn { vi: s.says_vi.clone(), en: s.says_en.clone() };
                    Some(self.days(rows, &basis, |row| {
                        let mut wider = row.clone();
                        wider.stand_in(&place, &s);
                        wider.quantiles().ok()
                    }))
                })
            };
            readings.put(name, own.or_else(stand_in).unwrap_or_default());
        }
        let here = (commune.lat, commune.lon);
        for (name, days) in self.ensemble.rain_at(here, self.issued_at.0).into_iter().flatten() {
            readings.put(name, days);
        }
        // Forecast and verified at a gauge nearby is better than possible.
        for name in RAIN {
            if let Some((gauge, km, rows)) = self.nearest(name, "rain", here, RAIN_KM_MAX) {
                let basis = Basis::RainGauge { name: gauge.name.clone(), km };
                readings.put(name, self.days(rows, &basis, |row| row.quantiles().ok()));
            }
        }
        if let Some((gauge, km, rows)) = self.nearest("water_level", "river", here, RIVER_KM_MAX) {
            let basis = Basis::RiverGauge { name: gauge.name.clone(), km };
            for (name, alarm) in [
                ("water_level_over_bd1", gauge.alarm_1_m),
                ("water_level_over_bd3", gauge.alarm_3_m),
            ] {
                let Some(alarm) = alarm else { continue };
                let over = |row: &Forecast| row.quantiles().ok()?.map(|level| level - alarm).ok();
                readings.put(name, self.days_less(alarm, rows, &basis, over));
            }
        }
        readings
    }

    fn rows(&self, target: &str, place: &str) -> Option<&[&'a Forecast]> {
        self.rows.get(target)?.get(place).map(Vec::as_slice)
    }

    /// Returns the nearest gauge with a forecast, its distance and its rows.
    fn nearest(
        &self,
        target: &str,
        kind: &str,
        here: (f64, f64),
        km_max: f64,
    ) -> Option<(&Gauge, f64, &[&'a Forecast])> {
        let gauges = self.gauges.iter().filter(|gauge| gauge.place.kind() == kind);
        let told = gauges.filter_map(|gauge| {
            let km = distance_km(here, (gauge.lat, gauge.lon));
            Some((gauge, km, self.rows(target, gauge.place.as_str()).filter(|_| km <= km_max)?))
        });
        told.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Returns rows by day, from the day of issue on; prices stand on the first of their month.
    fn days(
        &self,
        rows: &[&'a Forecast],
        basis: &Basis,
        quantiles: impl Fn(&Forecast) -> Option<Quantiles>,
    ) -> Days {
        self.days_less(0.0, rows, basis, quantiles)
    }

    /// The same; `quantiles` has taken `less` off what the rows say.
    fn days_less(
        &self,
        less: f64,
        rows: &[&'a Forecast],
        basis: &Basis,
        quantiles: impl Fn(&Forecast) -> Option<Quantiles>,
    ) -> Days {
        let mut days = BTreeMap::new();
        let basis = Arc::new(basis.clone());
        // All rows are of one target at one place.
        let origin = rows.first().map(|row| {
            Arc::new(Origin { target: row.target.to_string(), place: row.place.clone(), less })
        });
        for row in rows {
            let event = targets::named(&row.target).is_ok_and(|t| t.kind() == Kind::Event);
            let value =
                if event { Some(Value::Odds(row.q50)) } else { quantiles(row).map(Value::Range) };
            let Some(value) = value else { continue };
            let data_age_h = self.age_h(row);
            // The odds of an event are no amount that a limit could be drawn through.
            let origin = origin.clone().filter(|_| !event);
            let reading = Reading { value, basis: Arc::clone(&basis), data_age_h, origin };
            days.insert(local_date(row.valid_time), reading);
        }
        Arc::new(days)
    }

    fn age_h(&self, row: &Forecast) -> f64 {
        (self.issued_at.0.duration_since(row.data_cut).as_secs_f64() / 3600.0).max(0.0)
    }

    /// Tells what the calendar reckons from a sowing date.
    fn calendar(&self, sown: &Sown, readings: &mut Readings) {
        let heading = add_days(sown.harvest(), -HEADING_BEFORE_HARVEST);
        let today = self.issued_at.local_date();
        let counted = |sign: i64, other: Date| {
            let mut days = BTreeMap::new();
            for ahead in 0..=DAYS {
                let day = add_days(today, ahead);
                days.insert(day, reckoned(sign * days_between(other, day)));
            }
            Arc::new(days)
        };
        if sown.sown > today {
            readings.put("days_to_sowing", counted(-1, sown.sown));
        } else {
            readings.put("days_since_sowing", counted(1, sown.sown));
            readings.put("days_to_harvest", counted(-1, sown.harvest()));
            readings.put("days_after_heading", counted(1, heading));
        }
    }

    /// Tells what is forecast for the commune's zone of a crop: of rice, for the batch that was sown
    /// when the calendar says.
    fn zone(&self, commune: &Commune, crop: Crop, sown: Option<Sown>, readings: &mut Readings) {
        let today = epoch_day(self.issued_at.local_date());
        let apart = |place: &PlaceId| {
            let start = field_at(place)?.start(today);
            Some(sown.map_or(0, |sown| (epoch_day(sown.sown) - start).abs()))
        };
        let zones = zones_of(&commune.code);
        let own = zones.filter(|place| field_at(place).is_some_and(|field| field.crop == crop));
        let near = own.filter_map(|place| Some((apart(place)?, place)));
        let Some((_, zone)) = near.filter(|(days, _)| *days <= SAME_BATCH_DAYS).min() else {
            return;
        };
        let basis = Basis::Zone { zone: zone.id().to_owned() };
        if let Some(rows) = self.rows("irrigation_need", zone.as_str()) {
            readings.put("irrigation_need", self.days(rows, &basis, |row| row.quantiles().ok()));
        }
        for (disease, quantity) in DISEASES {
            let place = format!("{zone}.{disease}");
            if let Some(rows) = self.rows("disease_potential", &place) {
                readings.put(quantity, self.days(rows, &basis, |row| row.quantiles().ok()));
            }
        }
        if let Some(row) = self.rows("harvest_date", zone.as_str()).and_then(|rows| rows.last()) {
            readings.put("days_to_harvest", self.harvest(row, &basis));
        }
    }

    /// Returns the days to harvest counted on from the Monday they were forecast on.
    fn harvest(&self, row: &Forecast, basis: &Basis) -> Days {
        let (said, today) = (local_date(row.valid_time), self.issued_at.local_date());
        let basis = Arc::new(basis.clone());
        let on = |ahead: i64| {
            let day = add_days(today, ahead);
            let passed = days_between(said, day) as f64;
            let left = row.quantiles().ok()?.map(|days| days - passed).ok()?;
            let (value, basis) = (Value::Range(left), Arc::clone(&basis));
            // Counted on from one row, it is no forecast by the day.
            Some((day, Reading { value, basis, data_age_h: self.age_h(row), origin: None }))
        };
        Arc::new((0..=DAYS).filter_map(on).collect())
    }

    /// Tells the mean rain of the days before, as the products of the past days have it.
    fn past_rain(&self, commune: &Commune, readings: &mut Readings) {
        let today = self.issued_at.local_date();
        let yesterday = epoch_day(today) - 1;
        for stand_in in targets::stand_ins("tmax", &commune.code.place()) {
            let series = self.known.series("rain_mm", &stand_in.place);
            let (days, count_min) = PAST_RAIN;
            if let Some(mean) = series.mean(yesterday - days + 1, yesterday, count_min) {
                let (vi, en) = (stand_in.says_vi, stand_in.says_en);
                let (value, basis) = (Value::Exact(mean), Basis::PastRain { vi, en }.into());
                let reading = Reading { value, basis, data_age_h: 24.0, origin: None };
                readings.put("rain_15d_mean", Arc::new(BTreeMap::from([(today, reading)])));
                return;
            }
        }
    }

    fn prices(&self, readings: &mut Readings) {
        let name = "rice_price_wholesale";
        let told = MARKETS.iter().find_map(|(place, town)| Some((self.rows(name, place)?, town)));
        if let Some((rows, town)) = told {
            let basis = Basis::Market { town: (*town).to_owned() };
            readings.put(name, self.days(rows, &basis, |row| row.quantiles().ok()));
        }
    }
}

/// Returns what moon and year tell of the coming days.
fn sky(today: Date) -> [(&'static str, Days); 2] {
    let days = |tells: fn(Date) -> Option<i64>| {
        let on = |ahead: i64| {
            let day = add_days(today, ahead);
            Some((day, reckoned(tells(day)?)))
        };
        Arc::new((0..=DAYS).filter_map(on).collect())
    };
    let spring = |day| Some(i64::from(is_spring_height(lunar_date(day).ok()?.day)));
    [("con_nuoc_height", days(spring)), ("month", days(|day| Some(i64::from(day.month()))))]
}

/// Returns a reckoned number of days, or the like.
fn reckoned(value: i64) -> Reading {
    let (value, basis) = (Value::Exact(value as f64), Basis::Calendar.into());
    Reading { value, basis, data_age_h: 0.0, origin: None }
}

//! What is known on one morning: the newest values of all stations, and of the river above them.
//!
//! This is the only file of the target that reads a panel, and it reads it through [`Known`].
//! Salinity is taken as the root of g/L throughout: its errors are then about equally large at every
//! level. A value nobody knew is NaN.

use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::domain::PlaceId;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::features::Known;

/// What is forecast, and the stations' own history.
pub(super) const SALINITY: &str = "salinity_max_g_l";
/// Flow into the delta.
pub(super) const DISCHARGE: &str = "discharge_m3_s";
/// Levels along the river.
pub(super) const LEVEL: &str = "water_level_m";

/// Days of its own past that a station's forecast looks at, the newest included.
pub(super) const WINDOW: usize = 31;

/// How much older than usual the newest flow may be (days) before it counts as missing.
const FLOW_PATIENCE_DAYS: i64 = 3;

/// The gauges that are read.
struct Gauges {
    stung_treng: PlaceId,
    kratie: PlaceId,
    phnom_penh: PlaceId,
    tan_chau: PlaceId,
    my_thuan: PlaceId,
}

#[expect(clippy::expect_used, reason = "constant names of the right shape, read by every test")]
static GAUGES: LazyLock<Gauges> = LazyLock::new(|| {
    let gauge = |id| PlaceId::new("river", id).expect("a constant of the right shape");
    Gauges {
        stung_treng: gauge("stung_treng"),
        kratie: gauge("kratie"),
        phnom_penh: gauge("phnom_penh_port"),
        tan_chau: gauge("tan_chau"),
        my_thuan: gauge("my_thuan"),
    }
});

/// The river above the stations.
#[derive(Debug, Clone, Copy)]
pub(super) struct River {
    /// Log flow at Stung Treng: newest, its change over ten days, mean of 60 days; level of Tân Châu
    /// over 7 and 30 days, Phnom Penh, Kratie (m); log mean flow of the last wet season; level of Mỹ
    /// Thuận over 30 days (m).
    pub slow: [f64; 9],
    /// Log flow 4, 14 and 29 days back.
    pub flow: [f64; 3],
    /// Level of Tân Châu 1 and 7 days back (m).
    pub tan_chau: [f64; 2],
    /// Mean level of Mỹ Thuận over 7 days (m).
    pub my_thuan_7: f64,
}

impl River {
    fn read(known: &Known<'_>, day: i64) -> Self {
        let flow = known.series(DISCHARGE, &GAUGES.stung_treng);
        let log = |day: i64| flow.last(day, FLOW_PATIENCE_DAYS).map_or(f64::NAN, |(_, q)| q.ln());
        let lagged = [4, 14, 29].map(|back| log(day - back));
        let month = trailing(flow.window::<60>(day - 4).map(f64::ln));
        let level = |gauge| known.series(LEVEL, gauge);
        let (tan_chau, my_thuan) = (level(&GAUGES.tan_chau), level(&GAUGES.my_thuan));
        Self {
            slow: [
                lagged[0],
                lagged[0] - lagged[1],
                month,
                trailing(tan_chau.window::<7>(day - 1)),
                trailing(tan_chau.window::<30>(day - 1)),
                level(&GAUGES.phnom_penh).on(day - 1).unwrap_or(f64::NAN),
                level(&GAUGES.kratie).on(day - 1).unwrap_or(f64::NAN),
                wet_season(known, day),
                trailing(my_thuan.window::<30>(day - 1)),
            ],
            flow: lagged,
            tan_chau: [1, 7].map(|back| tan_chau.on(day - back).unwrap_or(f64::NAN)),
            my_thuan_7: trailing(my_thuan.window::<7>(day - 1)),
        }
    }
}

/// Returns the mean of the known values when at least half of them are known.
fn trailing<const N: usize>(values: [f64; N]) -> f64 {
    let known = values.iter().filter(|v| v.is_finite());
    let (sum, n) = known.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    if n >= N / 2 && n > 0 { sum / n as f64 } else { f64::NAN }
}

/// Returns the log of the mean flow from July to November before `day`, in use from 6 December on,
/// when the last day of November has come in.
fn wet_season(known: &Known<'_>, day: i64) -> f64 {
    let date = date_of_epoch_day(day);
    let year = if (date.month(), date.day()) >= (12, 6) { date.year() } else { date.year() - 1 };
    let first = epoch_day(Date::constant(year, 7, 1));
    let flow = known.series(DISCHARGE, &GAUGES.stung_treng).window::<153>(first + 152);
    trailing(flow).ln()
}

/// One morning: day by day the newest values of every station, and the river.
#[derive(Debug)]
pub(super) struct Morning {
    /// The newest day that can be known, the day before the morning (epoch day).
    pub day: i64,
    /// The stations by name, with the last days' roots of salinity, newest first.
    stations: Vec<(PlaceId, [f64; WINDOW])>,
    /// The newest value of each.
    newest: Arc<Vec<(PlaceId, f64)>>,
    river: Arc<River>,
}

impl Morning {
    /// Reads all that is known.
    pub(super) fn read(known: &Known<'_>) -> Self {
        let day = known.today() - 1;
        let root = |g_l: f64| g_l.max(0.0).sqrt();
        let stations: Vec<_> = known
            .places_of(SALINITY)
            .map(|p| (p.clone(), known.series(SALINITY, p).window::<WINDOW>(day).map(keep(root))))
            .collect();
        let newest = stations.iter().map(|(place, window)| (place.clone(), window[0])).collect();
        Self { day, stations, newest: Arc::new(newest), river: Arc::new(River::read(known, day)) }
    }

    /// Returns what one station's forecast starts from; `None` when its newest value is not known.
    pub(super) fn origin(&self, place: &PlaceId) -> Option<Origin> {
        let at = self.stations.binary_search_by(|(p, _)| p.cmp(place)).ok()?;
        let window = self.stations[at].1;
        let own = window[0];
        if !own.is_finite() {
            return None;
        }
        let mean = |days: usize| mean_of(&window[..days]);
        let half_month = || window[..15].iter().copied().filter(|v| v.is_finite());
        let mut past = [f64::NAN; PAST];
        for (k, value) in past[..16].iter_mut().enumerate() {
            *value = window[k + 1] - own;
        }
        for (value, days) in past[16..20].iter_mut().zip([3, 7, 15, 30]) {
            *value = mean(days) - own;
        }
        past[20] = half_month().fold(f64::MIN, f64::max) - own;
        past[21] = half_month().fold(f64::MAX, f64::min) - own;
        Some(Origin {
            day: self.day,
            own,
            level: (f64::midpoint(own, mean(15)) - 1.8) / 0.8,
            past,
            window,
            neighbours: self.neighbours(at),
            newest: Arc::clone(&self.newest),
            river: Arc::clone(&self.river),
        })
    }

    /// Returns the mean over the other stations of the newest value less that of the day before,
    /// the mean of three and of fifteen days.
    fn neighbours(&self, own: usize) -> [f64; 3] {
        let others = || self.stations.iter().enumerate().filter(|(i, _)| *i != own);
        let changes: [fn(&[f64; WINDOW]) -> f64; 3] =
            [|w| w[0] - w[1], |w| w[0] - mean_of(&w[..3]), |w| w[0] - mean_of(&w[..15])];
        changes.map(|change| {
            let known = others().map(|(_, (_, window))| change(window)).filter(|v| v.is_finite());
            let (sum, n) = known.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
            if n > 0 { sum / f64::from(n) } else { f64::NAN }
        })
    }
}

fn keep(f: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |v| if v.is_finite() { f(v) } else { f64::NAN }
}

/// Returns the mean of the finite values; NaN when there is none.
fn mean_of(values: &[f64]) -> f64 {
    let known = values.iter().filter(|v| v.is_finite());
    let (sum, n) = known.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    if n > 0 { sum / f64::from(n) } else { f64::NAN }
}

/// Numbers of a station's own past: sixteen days, four means, highest and lowest.
pub(super) const PAST: usize = 22;

/// What the forecasts of one station on one morning start from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The newest day known (epoch day).
    pub day: i64,
    /// The value of that day (root of g/L).
    pub own: f64,
    /// How salty the river has been (0 is 3.2 g/L): every effect of the tide scales with it.
    pub level: f64,
    /// The own past less `own`: 1 to 16 days back, means of 3, 7, 15, 30 days, highest and lowest of
    /// fifteen days.
    pub past: [f64; PAST],
    /// The last days, newest first.
    pub window: [f64; WINDOW],
    /// How the other stations move.
    pub neighbours: [f64; 3],
    newest: Arc<Vec<(PlaceId, f64)>>,
    /// The river.
    pub river: Arc<River>,
}

impl Origin {
    /// Returns the newest value of another station (root of g/L).
    pub(super) fn newest_of(&self, place: &PlaceId) -> f64 {
        let at = self.newest.binary_search_by(|(p, _)| p.cmp(place));
        at.map_or(f64::NAN, |i| self.newest[i].1)
    }

    /// Returns the own value of a day not after the newest, NaN for days outside the window.
    pub(super) fn on(&self, day: i64) -> f64 {
        usize::try_from(self.day - day)
            .ok()
            .and_then(|back| self.window.get(back).copied())
            .unwrap_or(f64::NAN)
    }

    /// Returns a number that differs when anything the forecast reads differs.
    pub(super) fn fingerprint(&self) -> u64 {
        let river = &self.river;
        let numbers = (self.window.iter())
            .chain(&self.neighbours)
            .chain(self.newest.iter().map(|(_, value)| value))
            .chain(&river.slow)
            .chain(&river.flow)
            .chain(&river.tan_chau)
            .chain(std::iter::once(&river.my_thuan_7));
        numbers.fold(mix(0, self.day.cast_unsigned()), |hash, v| mix(hash, v.to_bits()))
    }
}

/// Returns sine and cosine of the year and of the half year at a day.
pub(super) fn season(day: i64) -> [f64; 4] {
    let angle = TAU * f64::from(date_of_epoch_day(day).day_of_year()) / 365.25;
    [angle.sin(), angle.cos(), (2.0 * angle).sin(), (2.0 * angle).cos()]
}

/// Returns a hash with one more number stirred in (the finisher of `SplitMix64`).
pub(super) const fn mix(hash: u64, number: u64) -> u64 {
    let mut z = (hash ^ number).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

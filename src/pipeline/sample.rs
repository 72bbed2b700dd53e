//! The sample: a small made-up archive, so that everything can be tried without a network.
//!
//! Nothing in it was measured. It is made from three things that are true of the delta — the tide
//! (computed), the river's year (high in September, low in April) and the fall of salinity with
//! distance from the sea — plus seeded noise, and written in the layout of a real archive, so that
//! the very same import reads it. Every row it leads to is marked as a sample.
//!
//! Formula for the daily maximum at a station `x` km from the mouth, in g/L:
//! `30 · exp(-(x + 4) / (reach · pulse) + red noise)`, where `reach` grows as the river of ten days
//! before falls, and `pulse` follows the tidal range of the day before around its mean.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::{Date, date};

use super::import::Origin;
use crate::agronomy::tide;
use crate::domain::time::{add_days, days_between};

/// The first and last day of the sample: three seasons to learn from, and one to forecast in.
pub const FIRST_DAY: Date = date(2022, 9, 1);

/// The last day observed; the sample's morning is the day after.
pub const LAST_DAY: Date = date(2026, 3, 14);

/// Station ids with their distance from the mouth in km (`data/reference/salinity_stations.csv`,
/// rounded): the same network as the real one, so that communes are served the same way.
const STATIONS: [(u32, f64); 10] = [
    (4, 10.0),
    (6, 7.0),
    (7, 10.0),
    (11, 37.0),
    (13, 38.0),
    (19, 18.0),
    (30, 27.0),
    (37, 16.0),
    (38, 29.0),
    (41, 5.0),
];

/// The file that marks an archive as made up; archives are read without their hidden files.
const MARK: &str = ".sample";

/// Days simulated before the first written one, so that lags are filled.
const WARM_UP_DAYS: i64 = 20;

/// A small deterministic generator (SplitMix64, Steele et al. 2014): the sample must not change
/// when a library changes its own.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a value of mean 0 and variance 1 (sum of twelve uniforms, Irwin–Hall).
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1_u64 << 53) as f64).sum::<f64>() - 6.0
    }
}

/// Returns the sample's files: path inside the archive, and text.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    let days = days_between(FIRST_DAY, LAST_DAY) + 1 + WARM_UP_DAYS;
    let first = add_days(FIRST_DAY, -WARM_UP_DAYS);
    let dates: Vec<Date> = (0..days).map(|k| add_days(first, k)).collect();
    let range: Vec<f64> = dates.iter().map(|d| tide::vung_tau().day(*d).range_m()).collect();
    let flow = flow_m3_s(&dates);
    vec![
        ("salinity/daily.csv", salinity(&dates, &range, &flow)),
        ("hydrology/discharge_stungtreng.csv", discharge(&dates, &flow)),
        (MARK, "Made up by `muavu sample`: nothing in this folder was measured.\n".to_owned()),
    ]
}

/// Writes the sample's files under `folder`.
///
/// # Errors
/// The system's error when a file cannot be written.
pub fn write(folder: &Path) -> std::io::Result<()> {
    for (name, text) in files() {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// Returns where the rows of an archive come from: a folder that [`write`] made, or a file in one,
/// is a sample wherever it was copied to.
#[must_use]
pub fn origin_of(path: &Path) -> Origin {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let marked = whole.ancestors().any(|folder| folder.join(MARK).is_file());
    if marked { Origin::Sample } else { Origin::Measured }
}

/// Daily discharge: the seasonal shape of Stung Treng (about 2,000 m³/s in April, 35,000 in
/// September), one factor a year for wet and dry years, and red noise.
fn flow_m3_s(dates: &[Date]) -> Vec<f64> {
    let mut noise = Noise(86);
    let mut red = 0.0;
    let factor = |year: i16| match year {
        2023 => 0.85,
        2024 => 0.70,
        2025 => 1.05,
        _ => 0.92,
    };
    dates
        .iter()
        .map(|d| {
            let phase = std::f64::consts::TAU * (f64::from(d.day_of_year()) - 258.0) / 365.25;
            red = 0.97 * red + 0.02 * noise.normal();
            (9.05 + 1.35 * phase.cos() + 0.12 * (2.0 * phase).cos() + red).exp() * factor(d.year())
        })
        .collect()
}

fn discharge(dates: &[Date], flow: &[f64]) -> String {
    let mut text = String::from("date,discharge_m3_s\n");
    for (date, flow) in written(dates, flow) {
        let _ = writeln!(text, "{date},{:.0}", flow);
    }
    text
}

fn salinity(dates: &[Date], range: &[f64], flow: &[f64]) -> String {
    let mut text = String::from("station_id,date,ec_us_cm,salinity_g_l\n");
    let mean_range = range.iter().sum::<f64>() / range.len() as f64;
    for (id, km) in STATIONS {
        let mut noise = Noise(u64::from(id));
        let mut red = 0.0;
        let mut values = vec![0.0; dates.len()];
        for day in 0..dates.len() {
            red = 0.85 * red + 0.10 * noise.normal();
            let river = flow[day.saturating_sub(10)];
            let reach = 17.0 * (2_500.0 / river).powf(0.55);
            let pulse = 1.0 + 0.25 * (range[day.saturating_sub(1)] / mean_range - 1.0);
            values[day] = 30.0 * (-(km + 4.0) / (reach * pulse) + red).exp();
        }
        for (date, value) in written(dates, &values).filter(|(d, _)| is_measured(*d)) {
            // The network reports whole steps of 0.1 g/L and nothing below the first.
            let tenths = (value.min(33.0) * 10.0).round().max(1.0);
            let _ = writeln!(text, "{id},{date},{:.1},{:.1}", tenths * 200.0, tenths / 10.0);
        }
    }
    text
}

/// The network measures from December to June, as the real one does.
fn is_measured(date: Date) -> bool {
    matches!(date.month(), 12 | 1..=6)
}

fn written<'a>(dates: &'a [Date], values: &'a [f64]) -> impl Iterator<Item = (Date, f64)> + 'a {
    dates.iter().copied().zip(values.iter().copied()).skip(WARM_UP_DAYS as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_sample_is_what_the_generator_makes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
        for (name, text) in files() {
            let shipped = std::fs::read_to_string(folder.join(name)).unwrap();
            assert!(shipped == text, "data/sample/{name} is stale: run `muavu sample data/sample`");
        }
    }

    #[test]
    fn the_shipped_sample_is_known_as_one_and_an_archive_of_measurements_is_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let of = |path: &str| origin_of(&root.join(path));
        assert_eq!(of("data/sample"), Origin::Sample);
        assert_eq!(of("data/sample/salinity/daily.csv"), Origin::Sample);
        assert_eq!(of("data/reference"), Origin::Measured);
    }

    #[test]
    fn the_sample_behaves_like_a_delta() {
        let files = files();
        let value = |station: &str, day: &str| -> f64 {
            let line = format!("{station},{day},");
            let row = files[0].1.lines().find(|l| l.starts_with(&line)).unwrap();
            row.rsplit(',').next().unwrap().parse().unwrap()
        };
        assert!(value("37", "2024-03-20") > value("11", "2024-03-20"), "sea side is saltier");
        assert!(value("37", "2024-03-20") > value("37", "2023-12-02"), "March beats December");
        assert!(!files[0].1.contains(",2024-08-"), "nobody measures in August");
    }
}

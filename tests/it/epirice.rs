//! EPIRICE against the original program: every daily state of five diseases, area under the curve
//! and peak (shared/reference/epirice, rel 1e-9).

use muavu::agronomy::epirice::{DayWeather, Disease, Epidemic, epidemic};

use crate::support::shared;

/// Rounding left of a state that is 0 in the original.
const NOTHING_SITES: f64 = 1e-9;

fn rows(path: &std::path::Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

fn number(row: &csv::StringRecord, column: usize) -> f64 {
    row[column].parse().unwrap()
}

/// Returns how far ours is from theirs, relative to theirs.
fn relative_error(ours: f64, theirs: f64, nothing: f64) -> f64 {
    if theirs.abs() < nothing && ours.abs() < nothing {
        return 0.0;
    }
    (ours - theirs).abs() / theirs.abs()
}

fn season() -> Option<Vec<DayWeather>> {
    let rows = rows(&shared("reference/epirice/weather_irri_2000_wet.csv")?);
    // 121 days of weather were given to a season of 120 days.
    let days = rows.iter().take(120).map(|row| DayWeather {
        mean_c: number(row, 1),
        humidity_pct: number(row, 2),
        rain_mm: number(row, 3),
    });
    Some(days.collect())
}

/// Returns the states in the order of the columns of the original's output.
fn columns(epidemic: &Epidemic, day: usize) -> [f64; 11] {
    let state = epidemic.days()[day];
    [
        state.healthy,
        state.latent,
        state.infectious,
        state.removed,
        state.senesced,
        state.infections,
        state.transfers,
        state.growth,
        state.senescence,
        state.diseased,
        state.intensity,
    ]
}

#[test]
fn every_daily_state_equals_the_original_program() {
    let Some(weather) = season() else { return };
    let mut worst = 0.0_f64;
    for disease in Disease::ALL {
        let Some(path) = shared(&format!("reference/epirice/expected_{disease}.csv")) else {
            return;
        };
        let epidemic = epidemic(disease, &weather).unwrap();
        let theirs = rows(&path);
        assert_eq!((theirs.len(), epidemic.days().len()), (120, 120));
        for (day, row) in theirs.iter().enumerate() {
            for (ours, column) in columns(&epidemic, day).into_iter().zip(2..) {
                let error = relative_error(ours, number(row, column), NOTHING_SITES);
                assert!(error <= 1e-9, "{disease}, row {row:?}, column {column}: ours {ours}");
                worst = worst.max(error);
            }
        }
    }
    eprintln!("epirice: worst relative error of a daily state {worst:.1e}");
}

#[test]
fn area_under_the_curve_and_peak_equal_the_original_program() {
    let Some(weather) = season() else { return };
    let Some(path) = shared("reference/epirice/expected_summary.csv") else { return };
    let summary = rows(&path);
    assert_eq!(summary.len(), Disease::ALL.len());
    for row in summary {
        let disease = Disease::ALL.into_iter().find(|d| d.as_str() == &row[0]).unwrap();
        let epidemic = epidemic(disease, &weather).unwrap();
        let (day, intensity) = epidemic.peak();
        assert!(relative_error(epidemic.audpc(), number(&row, 1), 0.0) <= 1e-9, "{disease}");
        assert!(relative_error(intensity, number(&row, 2), 0.0) <= 1e-9, "{disease}");
        assert_eq!(day.to_string(), row[3], "{disease}");
    }
}

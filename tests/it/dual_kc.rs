//! The dual crop coefficient against pyfao56: 200 days of cotton at Maricopa, every column.

use std::collections::BTreeMap;
use std::path::Path;

use muavu::agronomy::dual_kc::{
    CropCoefficients, DualKc, DualKcDay, DualKcParams, ReferenceCrop, SoilLayer, StageDays,
    Watering,
};
use muavu::agronomy::et0::air::wind_at_2m_m_s;

use crate::support;

/// Weather of the day: reference evapotranspiration, wind at 3 m, lowest humidity, rain.
type Weather = BTreeMap<String, [f64; 4]>;

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the file opens")
}

/// Returns the parameters of the `.par` file by name.
fn parameters(folder: &Path) -> BTreeMap<String, f64> {
    read(folder, "cotton2013.par")
        .lines()
        .filter_map(|line| {
            let (value, rest) = line.trim().split_once(' ')?;
            let name = rest.split_once(',')?.0;
            Some((name.to_owned(), value.parse().ok()?))
        })
        .collect()
}

/// Returns the rows whose first cell is a year and day.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|cells| cells.first().is_some_and(|cell| cell.starts_with("2013-")))
        .collect()
}

fn weather(folder: &Path) -> Weather {
    rows(&read(folder, "cotton2013.wth"))
        .into_iter()
        .map(|cells| {
            let v = |k: usize| cells[k].parse().unwrap_or(f64::NAN);
            (cells[0].to_owned(), [v(10), v(8), v(7), v(9)])
        })
        .collect()
}

fn waterings(folder: &Path) -> BTreeMap<String, Watering> {
    rows(&read(folder, "cottondry2013.irr"))
        .into_iter()
        .map(|cells| {
            let v = |k: usize| cells[k].parse::<f64>().expect("a number");
            let depth_mm = v(1) * v(3) / 100.0;
            (cells[0].to_owned(), Watering { depth_mm, wetted_share: v(2) })
        })
        .collect()
}

fn cotton(folder: &Path) -> (DualKc, f64) {
    let p = parameters(folder);
    let days = |name: &str| format!("{}", p[name]).parse().expect("whole days");
    let params = DualKcParams {
        kcb: CropCoefficients { initial: p["Kcbini"], mid: p["Kcbmid"], end: p["Kcbend"] },
        kc_bare: p["Kcbini"],
        stages: StageDays {
            initial: days("Lini"),
            development: days("Ldev"),
            mid: days("Lmid"),
            late: days("Lend"),
        },
        height_m: (p["hini"], p["hmax"]),
        root_m: (p["Zrini"], p["Zrmax"]),
        depletion_share: p["pbase"],
        soil: SoilLayer {
            field_capacity: p["thetaFC"],
            wilting_point: p["thetaWP"],
            evaporating_m: p["Ze"],
            readily_evaporable_mm: p["REW"],
        },
        reference: ReferenceCrop::Short,
    };
    (DualKc::new(params).expect("a plain crop"), p["theta0"])
}

/// Names of the compared columns in the order of [`DualKc`]'s figures.
const COLUMNS: [&str; 24] = [
    "Kcm", "ETcm", "Kcb", "ETcb", "h", "Kcmax", "ETmax", "fc", "few", "De", "Kr", "Ke", "E", "DPe",
    "Kc", "ETc", "TAW", "Zr", "p", "RAW", "Ks", "ETa", "T", "DP",
];

#[test]
#[expect(clippy::too_many_lines, reason = "one table, column by column")]
fn two_hundred_days_of_cotton_equal_pyfao56_to_the_printed_digit() {
    let Some(folder) = support::shared("reference/pyfao56_dualkc") else { return };
    let (crop, content) = cotton(&folder);
    let p = parameters(&folder);
    let single = CropCoefficients { initial: p["Kcmini"], mid: p["Kcmmid"], end: p["Kcmend"] };
    let (weather, waterings) = (weather(&folder), waterings(&folder));
    let text = read(&folder, "cottondry2013.out");
    let header = text.lines().find(|line| line.starts_with("Year-DOY")).expect("a header");
    let names: Vec<&str> = header.split_whitespace().collect();
    let column = |name: &str| names.iter().position(|n| *n == name).expect("a column");
    let printed = rows(&text);
    assert_eq!(printed.len(), 200);
    let mut state = crop.start(content).expect("dry soil");
    let mut worst = BTreeMap::new();
    let mut sums = [0.0_f64; 5];
    for cells in &printed {
        let [et_ref_mm, wind, rhmin_pct, rain_mm] = weather[cells[0]];
        let watering = waterings.get(cells[0]).copied();
        let wind_2m_m_s = wind_at_2m_m_s(wind, 3.0);
        let day = DualKcDay { et_ref_mm, wind_2m_m_s, rhmin_pct, rain_mm, watering };
        let (out, after) = crop.step(&state, &day).expect("plain weather");
        let kcm = single.at(&crop.params().stages, state.days);
        let et = et_ref_mm;
        let figures = [
            kcm,
            kcm * et,
            out.kcb,
            out.kcb * et,
            after.height_m,
            out.kc_max,
            out.kc_max * et,
            out.cover,
            out.bare_wet,
            after.surface_depletion_mm,
            out.kr,
            out.ke,
            out.evaporation_mm,
            out.surface_drainage_mm,
            out.ke + out.kcb,
            out.et_crop_mm,
            out.available_mm,
            after.root_m,
            out.depletion_share,
            out.readily_mm,
            out.ks,
            out.et_actual_mm(),
            out.transpiration_mm,
            out.drainage_mm,
        ];
        let extra = [
            ("fw", after.wetted_share),
            ("Ka", out.ks * out.kcb + out.ke),
            ("Dr", after.root_depletion_mm),
            ("fDr", after.root_depletion_mm / out.available_mm),
            ("Ksend", out.ks_end),
        ];
        for (name, got) in COLUMNS.into_iter().zip(figures).chain(extra) {
            let expected: f64 = cells[column(name)].parse().expect("a number");
            let off = (got - expected).abs();
            assert!(off <= 0.000_5 + 1e-9, "{} {name}: {got}, printed {expected}", cells[0]);
            let most = worst.entry(name).or_insert(0.0_f64);
            *most = most.max(off);
        }
        for (sum, value) in sums.iter_mut().zip([
            out.et_crop_mm,
            out.et_actual_mm(),
            out.evaporation_mm,
            out.transpiration_mm,
            out.drainage_mm,
        ]) {
            *sum += value;
        }
        state = after;
    }
    // Season sums of the `.sum` file: ETc, ETa, E, T, DP, and the depletion at the end.
    for (got, expected) in sums.into_iter().zip([1_062.597, 887.088, 96.761, 790.327, 49.790]) {
        assert!((got - expected).abs() <= 0.000_5 + 1e-9, "season: {got} {expected}");
    }
    assert!((state.root_depletion_mm - 208.208).abs() <= 0.000_5);
    eprintln!("pyfao56, 29 columns of 200 days, worst of 0.0005: {worst:.5?}");
}

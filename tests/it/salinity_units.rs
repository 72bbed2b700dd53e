//! Salinity conversions against the table of the knowledge base and against TEOS-10's own program.

use muavu::agronomy::salinity_units::{Conversion, EcAt, conductivity_ms_cm, practical_salinity};

use crate::support;

/// Conductivity (mS/cm), temperature (°C) and practical salinity by gsw 3.6 (Python, `SP_from_C`,
/// p = 0). It leaves the term of Hill et al. 1986 out above 2 and scales the result to meet there;
/// the term is then at most 0.000 3, which is the tolerance.
const GSW: [(f64, f64, f64); 9] = [
    (0.2, 28.0, 0.088_535_5),
    (1.0, 25.0, 0.492_450_8),
    (2.0, 25.0, 1.016_600_5),
    (3.5, 30.0, 1.653_749_6),
    (8.0, 27.0, 4.242_162_6),
    (14.0, 29.0, 7.433_166_7),
    (25.0, 31.0, 13.406_982),
    (42.914, 14.996_400_86, 34.999_999_9),
    (55.0, 30.0, 32.741_666_2),
];

#[test]
fn practical_salinity_equals_that_of_teos_10() {
    for (ms_cm, temperature_c, expected) in GSW {
        let salinity = practical_salinity(ms_cm, temperature_c).expect("in range");
        assert!((salinity - expected).abs() < 3e-4, "{ms_cm} at {temperature_c}: {salinity}");
    }
}

/// 25 °C on the scale of 1968, which PSS-78 is written in and the table was made with.
const TWENTY_FIVE_C_1968: f64 = 25.0 / 1.000_24;

/// Returns by how much the table's formula gives less salinity than ours at this salinity.
///
/// It has 1 + √y + y√y, as Standard Methods 2520 B prints it, in the term of Hill et al. where the
/// programs of TEOS-10 and of the R package wql have 1 + √y + y + y√y: at most 0.000 4.
fn left_out_of_the_table(salinity: f64) -> f64 {
    let standard = conductivity_ms_cm(35.0, TWENTY_FIVE_C_1968).expect("in range");
    let water = conductivity_ms_cm(salinity, TWENTY_FIVE_C_1968).expect("in range");
    let y = 100.0 * water / standard;
    let warm = 10.0 / (1.0 + 0.0162 * 10.0);
    let printed = 1.0 + y.sqrt() + y * y.sqrt();
    0.000_5 * warm * (1.0 / printed - 1.0 / (printed + y))
}

#[test]
fn table_of_the_knowledge_base_is_reproduced_to_its_printed_digits() {
    let Some(path) = support::shared("knowledge/tables/salinity_conversion.csv") else {
        return;
    };
    let text = std::fs::read_to_string(path).expect("readable");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.splitn(5, ',').collect();
        let number = |i: usize| fields[i].parse::<f64>().expect("a number");
        let (g_l, ec_ds_m) = (number(0), number(1));
        let left_out = left_out_of_the_table(g_l);
        let sea = conductivity_ms_cm(g_l + left_out, TWENTY_FIVE_C_1968).expect("in range");
        let rule = Conversion::IrrigationTds064.ec25_us_cm(g_l).expect("in range") / 1_000.0;
        let tds = Conversion::IrrigationTds064
            .salinity(ec_ds_m * 1_000.0, EcAt::Reference)
            .expect("in range")
            .salinity_g_l;
        assert!((sea - ec_ds_m).abs() <= 0.000_5 + 1e-9, "{g_l}: {sea} dS/m");
        assert!((rule - number(2)).abs() <= 0.005 + 1e-9, "{g_l}: {rule} dS/m");
        assert!((tds - number(3)).abs() <= 0.005 + 1e-9, "{g_l}: {tds} g/L");
        rows += 1;
    }
    assert_eq!(rows, 17);
}

//! From a provider's unit text to our one canonical unit. What is not listed is never guessed.

/// How to turn a number of one unit into another: `value * factor + shift`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The factor.
    pub factor: f64,
    /// What is added after it.
    pub shift: f64,
}

impl Scale {
    /// The same unit under another spelling.
    pub const SAME: Self = Self { factor: 1.0, shift: 0.0 };

    const fn times(factor: f64) -> Self {
        Self { factor, shift: 0.0 }
    }

    /// Returns the number in the canonical unit.
    #[must_use]
    pub fn apply(self, value: f64) -> f64 {
        value * self.factor + self.shift
    }
}

/// Returns how to turn a provider's unit into a canonical unit of the catalogue, if that is known.
///
/// Conversions are exact by definition (international mile 1609.344 m, nautical mile 1852 m, inch
/// 25.4 mm, hour 3600 s, pound 0.45359237 kg) but for the last digit of a float.
#[must_use]
pub fn scale(given: &str, canonical: &str) -> Option<Scale> {
    let scale = match (canonical, given.trim()) {
        ("degC", "°C" | "C" | "celsius" | "degC")
        | ("%", "%")
        | ("mm", "mm" | "mm/day" | "mm day-1")
        | ("m/s", "m/s" | "ms-1")
        | ("hPa", "hPa" | "mb")
        | ("MJ/m2", "MJ/m²" | "MJ/m^2/day" | "MJ/m2")
        | ("h", "h")
        | ("m", "m")
        | ("V", "V")
        | ("uS/cm", "uS/cm" | "µS/cm")
        | ("m3/s", "m³/s" | "m3/s")
        | ("deg", "°" | "degrees")
        | ("code", "wmo code")
        | ("USD/t", "$/mt")
        | ("USD/kg", "$/kg" | "USD/KG")
        | ("USD/bbl", "$/bbl")
        | ("VND/kg", "VND/KG") => Scale::SAME,
        ("degC", "°F" | "F" | "fahrenheit") => Scale { factor: 5.0 / 9.0, shift: -160.0 / 9.0 },
        ("degC", "K") => Scale { factor: 1.0, shift: -273.15 },
        ("mm", "inch") => Scale::times(25.4),
        ("m/s", "km/h") => Scale::times(1.0 / 3.6),
        ("m/s", "mp/h" | "mph") => Scale::times(0.447_04),
        ("m/s", "kn") => Scale::times(1852.0 / 3600.0),
        ("mm", "cm") | ("hPa", "kPa") => Scale::times(10.0),
        // 1 dS/m is 1 mS/cm (SI prefixes).
        ("uS/cm", "mS/cm" | "dS/m") => Scale::times(1000.0),
        ("MJ/m2", "kW-hr/m^2/day" | "kWh/m²") => Scale::times(3.6),
        ("h", "s") => Scale::times(1.0 / 3600.0),
        ("m", "cm") | ("hPa", "Pa") => Scale::times(0.01),
        ("VND/kg" | "USD/kg", _) => return price_scale(given, canonical),
        _ => return None,
    };
    Some(scale)
}

/// Returns how to turn a price for a stated quantity (`VND/100 KG`, `USD/MT`) into one a kilogram.
fn price_scale(given: &str, canonical: &str) -> Option<Scale> {
    let (currency, quantity) = given.trim().split_once('/')?;
    if canonical.split('/').next() != Some(currency) {
        return None;
    }
    let quantity = quantity.trim();
    let (count, unit) = match quantity.split_once(' ') {
        Some((count, unit)) => (count.parse::<f64>().ok()?, unit.trim()),
        None => (1.0, quantity),
    };
    let kilograms = match unit {
        "KG" | "kg" => 1.0,
        "G" | "g" => 0.001,
        "MT" => 1000.0,
        "Pound" => 0.453_592_37,
        _ => return None,
    };
    (count > 0.0).then(|| Scale::times(1.0 / (count * kilograms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(value: f64, given: &str, canonical: &str) -> f64 {
        scale(given, canonical).unwrap().apply(value)
    }

    #[test]
    fn known_units_convert_to_known_values() {
        let cases = [
            (36.0, "km/h", "m/s", 10.0),
            (10.0, "kn", "m/s", 5.144_444_444),
            (212.0, "°F", "degC", 100.0),
            (-40.0, "°F", "degC", -40.0),
            (300.15, "K", "degC", 27.0),
            (101.3, "kPa", "hPa", 1013.0),
            (5.0, "kW-hr/m^2/day", "MJ/m2", 18.0),
            (43_200.0, "s", "h", 12.0),
            (2.0, "inch", "mm", 50.8),
            (1_200_000.0, "VND/100 KG", "VND/kg", 12_000.0),
            (453.592_37, "USD/Pound", "USD/kg", 1000.0),
        ];
        for (value, given, canonical, expected) in cases {
            let got = convert(value, given, canonical);
            assert!((got - expected).abs() < 1e-6, "{value} {given} is {got} {canonical}");
        }
    }

    #[test]
    fn unknown_units_are_not_guessed() {
        for (given, canonical) in [
            ("undefined", "degC"),
            ("", "mm"),
            ("mm/h", "mm"),
            ("°C", "mm"),
            ("VND/Unit", "VND/kg"),
            ("USD/KG", "VND/kg"),
            ("VND/0 KG", "VND/kg"),
            ("W/m²", "MJ/m2"),
        ] {
            assert_eq!(scale(given, canonical), None, "{given} was taken for {canonical}");
        }
    }
}

//! Units, shares and comparisons.

use regex::Captures;

use super::number::NUMBER;
use super::{Written, piece};

/// Units after a number and how they are read. `ký` and not ki-lô-gam: the word of the market and
/// of the province's price news (needs a native reader).
const UNITS: [(&str, &str); 41] = [
    ("µS", "mi crô xi men"),
    ("mS", "mi li xi men"),
    ("dS", "đê xi xi men"),
    ("mg", "mi li gam"),
    ("kg", "ký"),
    ("Kg", "ký"),
    ("g", "gam"),
    ("km²", "ki lô mét vuông"),
    ("km2", "ki lô mét vuông"),
    ("m²", "mét vuông"),
    ("m2", "mét vuông"),
    ("m³", "mét khối"),
    ("m3", "mét khối"),
    ("km", "ki lô mét"),
    ("cm", "xăng ti mét"),
    ("mm", "mi li mét"),
    ("m", "mét"),
    ("ha", "héc ta"),
    ("Ha", "héc ta"),
    ("ml", "mi li lít"),
    ("mL", "mi li lít"),
    ("l", "lít"),
    ("L", "lít"),
    ("‰", "phần ngàn"),
    ("%", "phần trăm"),
    ("ppm", "phần triệu"),
    ("°C", "độ C"),
    ("ºC", "độ C"),
    ("℃", "độ C"),
    ("độ C", "độ C"),
    ("°", "độ"),
    ("VNĐ", "đồng"),
    ("VND", "đồng"),
    ("đ", "đồng"),
    ("₫", "đồng"),
    ("USD", "đô la Mỹ"),
    ("t", "tấn"),
    ("s", "giây"),
    ("h", "giờ"),
    ("hPa", "héc tô pát can"),
    ("kWh", "ki lô oát giờ"),
];

/// Returns the rules for measures.
pub fn rules() -> Vec<Written> {
    let symbols = symbols();
    // A quantity, or a range of it, with whatever unit stands behind it.
    let unit = format!(r"(?:{symbols})(?:/(?:{symbols}|\p{{L}}+))?");
    let quantity = format!(r"(?P<q>(?:{NUMBER})(?:\s*[-–—]\s*(?:{NUMBER}))?(?: ?{unit})?)");
    // What a unit is counted by, once or twice: /kg, /ha/vụ.
    let by = format!(r"/(?P<v>{symbols}|\p{{L}}+)(?:/(?P<w>{symbols}|\p{{L}}+))?");
    let number_unit = format!(r"(?P<a>\d) ?(?P<u>{symbols})");
    let end = r"(?P<e>\b|[^\p{L}\d]|$)";
    vec![
        (format!(r"(?:≥|>=) ?{quantity}"), |f| format!("từ {} trở lên", piece(f, "q"))),
        (format!(r"(?:≤|<=) ?{quantity}"), |f| format!("không quá {}", piece(f, "q"))),
        (r"> ?(?P<n>\d)".into(), |f| format!("trên {}", piece(f, "n"))),
        (r"< ?(?P<n>\d)".into(), |f| format!("dưới {}", piece(f, "n"))),
        (r"[~≈] ?(?P<n>\d)".into(), |f| format!("khoảng {}", piece(f, "n"))),
        (r"± ?(?P<n>\d)".into(), |f| format!("cộng trừ {}", piece(f, "n"))),
        (r"\+ ?(?P<n>\d)".into(), |f| format!("cộng {}", piece(f, "n"))),
        // 25°C–33°C: the unit is said once.
        (
            format!(r"{number_unit}(?P<d> ?[-–—] ?)(?P<b>(?:{NUMBER}) ?)(?P<v>{symbols}){end}"),
            same_unit,
        ),
        (format!(r"(?P<n>\d) ?(?P<u>{symbols}){by}{end}"), per),
        (format!(r"(?P<n>\d) ?(?P<u>\p{{L}}+){by}{end}"), per),
        (format!(r"(?P<n>\d) ?(?P<u>{symbols})(?P<e>[^\p{{L}}\d/]|$)"), |f| {
            format!("{} {}{}", piece(f, "n"), read(piece(f, "u")), piece(f, "e"))
        }),
        // "ngàn đồng/kg", "tấn/ha": a word, then a unit.
        (format!(r"(?P<n>)(?P<u>\p{{Ll}}+)/(?P<v>{symbols})(?P<w>)(?P<e>[^\p{{L}}\d/]|$)"), per),
        (format!(r"(?P<n>)(?P<u>\p{{Ll}}+)/(?P<v>{symbols})/(?P<w>\p{{L}}+)(?P<e>\b)"), per),
    ]
}

/// Returns the rules for signs that stand without a number.
pub fn bare_signs() -> Vec<Written> {
    vec![
        (r" ?‰".into(), |_| " phần ngàn".into()),
        (r" ?%".into(), |_| " phần trăm".into()),
        (r" ?°C".into(), |_| " độ C".into()),
        (r" ?&(?:amp;)? ?".into(), |_| " và ".into()),
        (r" ?(?:→|⇒|->) ?".into(), |_| ", ".into()),
        (r"(?P<a>\p{L}) ?/ ?(?P<b>\p{L})".into(), |f| {
            format!("{}, {}", piece(f, "a"), piece(f, "b"))
        }),
        (r"  +".into(), |_| " ".into()),
    ]
}

fn same_unit(found: &Captures<'_>) -> String {
    let [first, unit, dash, second, other, end] =
        ["a", "u", "d", "b", "v", "e"].map(|name| piece(found, name));
    let said = if unit == other { String::new() } else { format!(" {}", read(unit)) };
    format!("{first}{said}{}{second}{other}{end}", if said.is_empty() { dash } else { " đến " })
}

/// Returns "đồng một ký", "gam một lít", "con một bẫy một đêm".
fn per(found: &Captures<'_>) -> String {
    let [number, unit, other, end] = ["n", "u", "v", "e"].map(|name| piece(found, name));
    let space = if number.is_empty() { "" } else { " " };
    let third = match piece(found, "w") {
        "" => String::new(),
        third => format!(" một {}", read(third)),
    };
    format!("{number}{space}{} một {}{third}{end}", read(unit), read(other))
}

/// Returns the words of a unit; a word of the language stays as it is.
fn read(symbol: &str) -> &str {
    UNITS.iter().find(|(written, _)| *written == symbol).map_or(symbol, |(_, words)| words)
}

/// Returns the units as a pattern, the longer before those they begin with.
fn symbols() -> String {
    let mut symbols: Vec<&str> = UNITS.iter().map(|(written, _)| *written).collect();
    symbols.sort_by_key(|written| std::cmp::Reverse(written.chars().count()));
    symbols.join("|")
}

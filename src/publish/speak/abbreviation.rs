//! Short forms of the paper written out.

use regex::Captures;

use super::number::apart;
use super::{Written, number, piece};

/// Short forms and what is said for them. Letters as people say them (NPK, pH) need a native
/// reader.
const SHORT: [(&str, &str); 34] = [
    ("UBND", "ủy ban nhân dân"),
    ("HĐND", "hội đồng nhân dân"),
    ("UBMTTQ", "ủy ban mặt trận tổ quốc"),
    ("HTXNN", "hợp tác xã nông nghiệp"),
    ("HTX", "hợp tác xã"),
    ("THT", "tổ hợp tác"),
    ("BVTV", "bảo vệ thực vật"),
    ("TT&BVTV", "trồng trọt và bảo vệ thực vật"),
    ("NN&PTNT", "nông nghiệp và phát triển nông thôn"),
    ("NN-PTNT", "nông nghiệp và phát triển nông thôn"),
    ("NN&MT", "nông nghiệp và môi trường"),
    ("NNMT", "nông nghiệp và môi trường"),
    ("KTTV", "khí tượng thủy văn"),
    ("KTTL", "khai thác thủy lợi"),
    ("PCTT", "phòng chống thiên tai"),
    ("TKCN", "tìm kiếm cứu nạn"),
    ("BCH", "ban chỉ huy"),
    ("ĐBSCL", "đồng bằng sông Cửu Long"),
    ("TP.HCM", "Thành phố Hồ Chí Minh"),
    ("TPHCM", "Thành phố Hồ Chí Minh"),
    ("HCM", "Hồ Chí Minh"),
    ("SMS", "tin nhắn"),
    ("SĐT", "số điện thoại"),
    ("ĐX", "Đông Xuân"),
    ("QL", "quốc lộ"),
    ("NPK", "en pê ca"),
    ("N-P-K", "en pê ca"),
    ("IPM", "i pê em"),
    ("pH", "pê hát"),
    ("VietGAP", "Việt Gáp"),
    ("v.v", "vân vân"),
    ("ÔB", "ông bà"),
    ("dl", "dương lịch"),
    ("DL", "dương lịch"),
];

/// Words that a Roman figure may follow.
const STAGED: &str = "báo động|cấp|đợt|vùng|quý|kỳ";

/// Returns the rules for short forms.
pub fn rules() -> Vec<Written> {
    let mut forms: Vec<&str> = SHORT.iter().map(|(form, _)| *form).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.chars().count()));
    let forms = forms.iter().map(|form| regex::escape(form)).collect::<Vec<_>>().join("|");
    vec![
        // BĐ2, báo động III, cấp 2: alarm stages, in Arabic or Roman figures.
        (r"\bBĐ ?(?P<n>[1-3]|I{1,3})\b(?P<next> \d)?".into(), |f| {
            format!("báo động {}{}", stage(f), apart(piece(f, "next")))
        }),
        (
            format!(r"(?P<w>(?i:{STAGED})(?: độ)?) (?P<n>I{{1,3}}|IV|VI{{0,3}})\b(?P<next> \d)?"),
            |f| format!("{} {}{}", piece(f, "w"), stage(f), apart(piece(f, "next"))),
        ),
        (r"\b(?P<w>(?i:vụ)) (?P<n>HT|TĐ)\b".into(), |f| {
            let season = if piece(f, "n") == "HT" { "Hè Thu" } else { "Thu Đông" };
            format!("{} {season}", piece(f, "w"))
        }),
        // A figure may stand right behind (QL1A), a letter not.
        (format!(r"(?P<b>^|[^\p{{L}}\p{{N}}])(?P<s>{forms})(?P<e>[^\p{{L}}]|$)"), |f| {
            let (form, end) = (piece(f, "s"), piece(f, "e"));
            let words = SHORT.iter().find(|(short, _)| *short == form).map_or(form, |(_, w)| w);
            let space = if end.contains(char::is_numeric) { " " } else { "" };
            format!("{}{words}{space}{end}", piece(f, "b"))
        }),
        // TP. Vĩnh Long, with or without point and space.
        (r"\b(?P<s>TP|TX|TT)(?:\. ?| )(?P<e>\p{Lu})".into(), |f| {
            let words = match piece(f, "s") {
                "TX" => "thị xã",
                "TT" => "thị trấn",
                _ => "thành phố",
            };
            format!("{words} {}", piece(f, "e"))
        }),
    ]
}

/// Returns the figure of a stage in words.
fn stage(found: &Captures<'_>) -> String {
    const ROMAN: [&str; 8] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"];
    let written = piece(found, "n");
    let roman = ROMAN.iter().zip(1..).find(|(figure, _)| **figure == written);
    let value = roman.map(|(_, value)| value).or_else(|| written.parse().ok());
    value.map_or_else(|| written.to_owned(), number)
}

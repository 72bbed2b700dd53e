//! Texts as an announcer reads them aloud.

use jiff::civil::{date as day, time as clock};

use super::*;

fn reads(cases: &[(&str, &str)]) {
    for (written, said) in cases {
        assert_eq!(&spoken(written), said);
        assert_eq!(unread(said), Vec::<&str>::new(), "{said}");
        assert_eq!(&spoken(said), said, "reading twice changes nothing");
    }
}

#[test]
fn numbers_are_southern() {
    // 0-1,000,000 compared once with PyPI vn_numberwords 0.2.0 (South), vnnum2word 0.3.0,
    // num2words 0.5.14 and npm n2words 4.0.0, read-vn-number 4.1.0: no difference but style.
    let cases = [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (55, "năm mươi lăm"),
        (105, "một trăm lẻ năm"),
        (115, "một trăm mười lăm"),
        (1_000, "một ngàn"),
        (1_005, "một ngàn không trăm lẻ năm"),
        (2_026, "hai ngàn không trăm hai mươi sáu"),
        (10_924, "mười ngàn chín trăm hai mươi bốn"),
        (479_300, "bốn trăm bảy mươi chín ngàn ba trăm"),
        (1_000_005, "một triệu không trăm lẻ năm"),
        (2_713_000_000, "hai tỷ bảy trăm mười ba triệu"),
        (-3, "âm ba"),
    ];
    for (value, words) in cases {
        assert_eq!(number(value), words);
    }
    assert!(number(i64::MIN).starts_with("âm chín tỷ"), "no value panics");
}

#[test]
fn decimals_and_thousands_are_told_apart() {
    let cases = [
        ("1,4", "một phẩy bốn"),
        ("1,25", "một phẩy hai lăm"),
        ("4,21", "bốn phẩy hai mốt"),
        ("0,15", "không phẩy mười lăm"),
        ("0,05", "không phẩy không năm"),
        ("0,50", "không phẩy năm"),
        ("2,0", "hai"),
        ("1,125", "một phẩy một hai năm"),
        ("1.200", "một ngàn hai trăm"),
        ("1.234.567", "một triệu hai trăm ba mươi bốn ngàn năm trăm sáu mươi bảy"),
        ("1.200,5", "một ngàn hai trăm phẩy năm"),
        ("0.254", "không phẩy hai năm bốn"),
        ("1.5", "một phẩy năm"),
        ("không số", "không số"),
    ];
    for (written, said) in cases {
        assert_eq!(decimal(written), said, "{written}");
    }
}

#[test]
fn clocks_say_the_part_of_the_day() {
    let cases = [
        (clock(0, 15, 0, 0), "mười hai giờ mười lăm khuya"),
        (clock(2, 10, 0, 0), "hai giờ mười khuya"),
        (clock(6, 40, 0, 0), "sáu giờ bốn mươi sáng"),
        (clock(12, 0, 0, 0), "mười hai giờ trưa"),
        (clock(13, 5, 0, 0), "một giờ năm phút trưa"),
        (clock(17, 30, 0, 0), "năm giờ ba mươi chiều"),
        (clock(20, 0, 0, 0), "tám giờ tối"),
        (clock(23, 0, 0, 0), "mười một giờ khuya"),
    ];
    for (at, said) in cases {
        assert_eq!(time(at), said);
    }
    reads(&[
        ("02:10–06:40", "từ hai giờ mười khuya đến sáu giờ bốn mươi sáng"),
        ("Mở cống từ 7h đến 9h30 sáng", "Mở cống từ bảy giờ đến chín giờ ba mươi sáng"),
        ("07:00-09:00", "từ bảy giờ đến chín giờ sáng"),
        ("lúc 02:10–06:40", "từ hai giờ mười khuya đến sáu giờ bốn mươi sáng"),
        ("lúc 15 giờ", "lúc ba giờ chiều"),
        ("cách đây 15 giờ", "cách đây mười lăm giờ"),
        ("ngâm 2h-3h, 24-36h", "ngâm hai đến ba giờ, hai mươi bốn đến ba mươi sáu giờ"),
        ("Pha tỉ lệ 1:10", "Pha tỉ lệ một trên mười"),
    ]);
}

#[test]
fn dates_solar_and_lunar_are_read_apart() {
    let said = "ngày hai mươi lăm tháng mười một năm hai ngàn không trăm hai mươi sáu";
    assert_eq!(date(day(2026, 11, 25)), said);
    assert_eq!(spoken("25/11/2026"), said);
    assert_eq!(spoken("Ngày 25/11/2026"), said.replacen("ngày", "Ngày", 1));
    reads(&[
        ("ngày 05/03", "ngày năm tháng ba"),
        ("tháng 4/2026", "tháng tư năm hai ngàn không trăm hai mươi sáu"),
        ("25–27/11", "từ ngày hai mươi lăm đến ngày hai mươi bảy tháng mười một"),
        (
            "16/10-2/11 (8/9-25/9 âl)",
            "từ ngày mười sáu tháng mười đến ngày hai tháng mười một (từ mùng tám tháng chín đến \
             ngày hai mươi lăm tháng chín âm lịch)",
        ),
        ("Rằm 15/10 âl", "Rằm tháng mười âm lịch"),
        ("mùng 3 tháng Giêng âm lịch", "mùng ba tháng Giêng âm lịch"),
        ("ngày 12 tháng 10 âm lịch", "ngày mười hai tháng mười âm lịch"),
        ("rằm tháng 6 nhuận âm lịch", "rằm tháng sáu nhuận âm lịch"),
        ("1/3 số hộ", "một phần ba số hộ"),
        ("lễ 2/9", "lễ ngày hai tháng chín"),
        ("con nước rằm, nước rong ngày thứ 3", "con nước rằm, nước rong ngày thứ ba"),
    ]);
}

#[test]
fn measures_and_comparisons_are_read() {
    reads(&[
        ("1,4 g/L", "một phẩy bốn gam một lít"),
        ("dưới 0,5‰", "dưới không phẩy năm phần ngàn"),
        ("85 %", "tám mươi lăm phần trăm"),
        ("4‰–6‰", "bốn đến sáu phần ngàn"),
        ("độ ẩm ≥ 85 %", "độ ẩm từ tám mươi lăm phần trăm trở lên"),
        ("25°C–33°C", "hai mươi lăm đến ba mươi ba độ C"),
        (
            "gió 10 m/s, xa 43,6 km, mưa 20-40 mm",
            "gió mười mét một giây, xa bốn mươi ba phẩy sáu ki lô mét, mưa hai mươi đến bốn mươi \
             mi li mét",
        ),
        ("7.200–7.400 đồng/kg", "bảy ngàn hai trăm đến bảy ngàn bốn trăm đồng một ký"),
        ("6,5 tấn/ha", "sáu phẩy năm tấn một héc ta"),
        ("7,2 triệu đồng/ha/vụ", "bảy phẩy hai triệu đồng một héc ta một vụ"),
        ("15 m³/s", "mười lăm mét khối một giây"),
    ]);
}

#[test]
fn short_forms_varieties_and_telephones_are_read() {
    reads(&[
        ("UBND xã, HTX Tân Long", "ủy ban nhân dân xã, hợp tác xã Tân Long"),
        ("trên BĐ3 0,26 m", "trên báo động ba, không phẩy hai sáu mét"),
        ("báo động III", "báo động ba"),
        ("vụ HT, vụ ĐX", "vụ Hè Thu, vụ Đông Xuân"),
        ("OM5451 7.200 đồng", "OM năm bốn năm một, bảy ngàn hai trăm đồng"),
        ("NPK 16-16-8", "en pê ca mười sáu mười sáu tám"),
        ("SĐT 0270 3822 333", "số điện thoại không hai bảy không, ba tám hai hai, ba ba ba"),
        ("gọi 114", "gọi một một bốn"),
        (
            "TP.Vĩnh Long, TP Cần Thơ, TP.HCM",
            "thành phố Vĩnh Long, thành phố Cần Thơ, Thành phố Hồ Chí Minh",
        ),
        ("QL1A", "quốc lộ một A"),
    ]);
}

#[test]
fn a_warning_of_ours_leaves_nothing_to_stumble_over() {
    let warning = "MẶN VỀ: cống Vũng Liêm đo được 4,2‰ lúc 14:05 25/11/2026, vượt mức 2‰. Ngưng \
     lấy nước, đóng cống.";
    let said = "MẶN VỀ: cống Vũng Liêm đo được bốn phẩy hai phần ngàn lúc hai giờ năm phút chiều \
     ngày \
                hai mươi lăm tháng mười một năm hai ngàn không trăm hai mươi sáu, vượt mức hai \
                 phần \
                ngàn. Ngưng lấy nước, đóng cống.";
    assert_eq!(spoken(warning), said);
    assert_eq!(unread(warning).len(), 4);
    assert!(unread(said).is_empty());
}

#[test]
fn every_rule_is_a_valid_pattern() {
    let written = [
        abbreviation::rules(),
        calendar::rules(),
        clock::rules(),
        number::item_rules(),
        number::digit_rules(),
        measure::rules(),
        number::rules(),
        measure::bare_signs(),
    ];
    let patterns: Vec<String> = written.into_iter().flatten().map(|(p, _)| p).collect();
    for pattern in &patterns {
        assert!(Regex::new(pattern).is_ok(), "{pattern}");
    }
    assert_eq!(RULES.len(), patterns.len());
}

#[test]
fn reading_time_counts_syllables() {
    assert!((seconds_to_read("Đóng cống, ngừng bơm.") - 4.0 * 0.3).abs() < 1e-9);
    assert!((seconds_to_read("85 %") - 5.0 * 0.3).abs() < 1e-9);
    assert!(seconds_to_read(&"nước ".repeat(200)) <= LOUDSPEAKER_SECS_MAX);
    assert!(seconds_to_read(&"nước ".repeat(201)) > LOUDSPEAKER_SECS_MAX);
    assert!(seconds_to_read(" – ") < 1e-9);
}

#[test]
fn the_works_of_a_week_are_counted_aloud() {
    assert_eq!(spoken("1. Dọn mương."), "Việc thứ nhất: Dọn mương.");
    assert_eq!(spoken("Việc tuần này:\n4. Rút nước."), "Việc tuần này:\nViệc thứ tư: Rút nước.");
    assert_eq!(spoken("Còn 1. Rồi đóng."), "Còn một. Rồi đóng.");
}

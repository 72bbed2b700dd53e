//! Sizes as two published counters give them, and texts that fit.

use super::*;

fn sizes(text: &str) -> (Encoding, usize, Vec<usize>) {
    let parts = parts(text);
    let lengths = parts.parts.iter().map(|part| part.encode_utf16().count()).collect();
    (parts.encoding, parts.units, lengths)
}

#[test]
fn parts_are_those_of_two_other_segmenters() {
    // npm sms-segments-calculator 1.3.0 and split-sms 0.1.7 agree on these, and on 6,000 random
    // texts of all alphabets compared once by hand.
    let cases: [(String, Encoding, usize, Vec<usize>); 10] = [
        (String::new(), Encoding::Gsm7, 0, vec![0]),
        ("a".repeat(160), Encoding::Gsm7, 160, vec![160]),
        ("a".repeat(161), Encoding::Gsm7, 161, vec![153, 8]),
        ("€".repeat(80), Encoding::Gsm7, 160, vec![80]),
        ("€".repeat(81), Encoding::Gsm7, 162, vec![76, 5]),
        (format!("{}€{}", "a".repeat(152), "b".repeat(20)), Encoding::Gsm7, 174, vec![152, 21]),
        ("ế".repeat(70), Encoding::Ucs2, 70, vec![70]),
        ("ế".repeat(71), Encoding::Ucs2, 71, vec![67, 4]),
        ("😀".repeat(35), Encoding::Ucs2, 70, vec![70]),
        ("😀".repeat(36), Encoding::Ucs2, 72, vec![66, 6]),
    ];
    for (text, encoding, units, lengths) in cases {
        assert_eq!(sizes(&text), (encoding, units, lengths), "{text}");
    }
}

#[test]
fn parts_joined_are_the_text() {
    let text = "Nước mặn {4,2‰} lên 🌊 rồi, đóng cống! ".repeat(12);
    let parts = parts(&text);
    assert_eq!(parts.parts.concat(), text);
    assert!(parts.parts.iter().all(|part| part.encode_utf16().count() <= 67));
}

#[test]
fn only_seven_accented_vietnamese_letters_are_in_gsm7() {
    // `publish.md` section 5, counted there with the PyPI package gsm0338.
    let marked = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ";
    let all = marked.to_owned() + &marked.to_uppercase();
    let fits: String =
        all.chars().filter(|c| Encoding::of(&c.to_string()) == Encoding::Gsm7).collect();
    assert_eq!(all.chars().count(), 134);
    assert_eq!(fits, "àéèìòùÉ");
    assert_eq!(BASIC.chars().count() + 1, 128, "with the escape");
    assert_eq!(EXTENSION.chars().count(), 10);
}

#[test]
fn marks_go_whether_letters_are_composed_or_not() {
    let text = "Đóng cống, ngừng bơm: độ mặn ở Vũng Liêm tới 4,2‰ – “khẩn”…";
    let plain = "Dong cong, ngung bom: do man o Vung Liem toi 4,2 phan ngan - \"khan\"...";
    assert_eq!(without_diacritics(text), plain);
    let decomposed: String = text.nfd().collect();
    assert_ne!(decomposed, text);
    assert_eq!(without_diacritics(&decomposed), plain);
    assert_eq!(parts(&gsm7(text)).encoding, Encoding::Gsm7);
}

#[test]
fn signs_become_words_that_mean_the_same() {
    let cases = [
        ("35°C", "35 do C"),
        ("≥ 4‰", ">= 4 phan ngan"),
        ("a ≠ b", "a khac b"),
        ("m², m³, NO₃", "m2, m3, NO3"),
        ("7.200 ₫/kg", "7.200 dong/kg"),
        ("2–3 ngày → đo", "2-3 ngay -> do"),
        ("ĐƯỢC LẤY NƯỚC", "DUOC LAY NUOC"),
        ("1\u{a0}g", "1 g"),
    ];
    for (given, plain) in cases {
        assert_eq!(without_diacritics(given), plain);
    }
    assert_eq!(without_diacritics("ស្រូវ 🌾"), "ស្រូវ 🌾", "other scripts are not touched");
    assert_eq!(gsm7("lúa 🌾 `x`"), "lua ? 'x'");
}

#[test]
fn every_vietnamese_letter_has_a_plain_one() {
    let marked = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ";
    let plain = "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd";
    assert_eq!(without_diacritics(marked), plain);
    assert_eq!(without_diacritics(&marked.to_uppercase()), plain.to_uppercase());
}

#[test]
fn lines_are_left_out_from_the_end() {
    let lines = [
        "CẢNH BÁO: Trung Hiệp – lúa – tin ngày 25/11/2026",
        "Ngày mai KHÔNG LẤY NƯỚC. Đóng cống.",
        "Chưa rõ thì hỏi cán bộ nông nghiệp xã.",
    ];
    let one = fit(&lines, 1, Encoding::Ucs2);
    assert_eq!((one.whole_lines, one.cut, one.text.as_str()), (1, false, lines[0]));
    let two = fit(&lines, 2, Encoding::Ucs2);
    assert_eq!(two.whole_lines, 3);
    let plain = fit(&lines, 1, Encoding::Gsm7);
    assert_eq!(plain.whole_lines, 3, "{}", plain.text);
    assert_eq!(parts(&plain.text).parts.len(), 1);
}

#[test]
fn a_first_line_too_long_is_cut_after_a_word() {
    let line =
        "Đóng kín cống, ngừng bơm. Lỡ lấy nước mặn thì tháo ra, chờ có nước ngọt thì rửa ruộng";
    let fitted = fit(&[line, "Sau đó xem tin mới."], 1, Encoding::Ucs2);
    assert!(fitted.cut && fitted.whole_lines == 0);
    let kept = fitted.text.strip_suffix('…').unwrap();
    let after = line.strip_prefix(kept).unwrap();
    assert!(after.starts_with([' ', ',', '.']), "{after:?}");
    assert!(fitted.text.encode_utf16().count() <= 70 && fitted.text.encode_utf16().count() > 60);
    for (lines, max_parts) in [(&["x".repeat(200).as_str()][..], 1), (&[line][..], 0), (&[][..], 3)]
    {
        assert_eq!(fit(lines, max_parts, Encoding::Gsm7).text, "");
    }
}

/// A warning of work alone must say what to do, not only that there is something.
#[test]
fn of_work_that_is_too_long_what_is_to_be_done_is_told() {
    let lines = [
        "CẢNH BÁO: Xã Phú Phụng – sầu riêng – tin ngày 15/03",
        "Việc tuần này, gấp trước:",
        "1. Làm đồng lúc sáng sớm, chiều mát. Che cây con, tưới sớm, uống nhiều nước. Làm trong hôm \
         nay. Vì nhiệt độ cao nhất ngày 15/03 khoảng 37 độ (từ 35 đến 39), mức phải lo là 37 độ. 10 \
         phần thì chắc 5 phần. Theo phân cấp nắng nóng gay gắt (37 °C).",
        "2. Coi lúa chín tới đâu.",
    ];
    let told = fit(&lines, 2, Encoding::Gsm7);
    assert_eq!(told.whole_lines, 2);
    assert!(told.text.ends_with("muc phai lo la 37 do. 10 phan thi chac 5 phan."), "{told:?}");
    let told = fit(&lines, 2, Encoding::Ucs2);
    assert!(told.text.ends_with("\n1. Làm đồng lúc sáng sớm, chiều mát."), "{told:?}");
    assert_eq!(parts(&told.text).parts.len(), 2);
    // Another line, and a number alone, are never cut.
    let other =
        fit(&["a", "Vì sao: mặn. Rất mặn, và còn lên nữa trong nhiều ngày."], 1, Encoding::Ucs2);
    assert_eq!(other.text, "a\nVì sao: mặn. Rất mặn, và còn lên nữa trong nhiều ngày.");
    let long = "đ".repeat(80);
    assert_eq!(fit(&["a", &format!("1. {long}. c")], 1, Encoding::Ucs2).text, "a");
    assert_eq!(fit(&["a", &format!("Vì sao: mặn. {long}")], 1, Encoding::Ucs2).text, "a");
}

//! The texts farmers read, in full, and the words they must and must not use.

use std::collections::{BTreeMap, BTreeSet};

use muavu::advisory::{CommuneInput, Field, Lang, NoValue, Words};
use muavu::domain::{Crop, Stage};

use super::{FALLING, FRESH, RISING, context, one, outlook, run};
use crate::support;

#[test]
fn durian_is_told_to_store_water_before_the_spring_tide() {
    let advisory = one(&RISING, Crop::Durian, Stage::Any);
    insta::assert_snapshot!(advisory.text_vi, @r"
    LƯU Ý: Xã Quới An – sầu riêng – tin ngày 15/03/2010
    Ngày mai (16/03/2010): ĐƯỢC LẤY NƯỚC. Mở cống khi nước ròng rút xuống.
    Như vậy đến hết ngày 18/03/2010 (3 ngày). Từ ngày 19/03/2010, nhiều khả năng nước vượt mức an toàn.
    Việc cần làm: Trữ ngọt ngay, để dành nước tưới. Khi nước ròng rút xuống mà còn ngọt, bơm đầy mương, ao, bồn, rồi đóng cống trước khi mặn tới. Làm xong trong ngày 16/03/2010.
    Làm thêm: Mở cống lấy nước khi nước ròng rút xuống, đo thấy dưới 0,3‰. Cống chung thì theo lịch của đơn vị quản lý cống.
    Vì sao: ngày 19/03/2010, độ mặn cao nhất khoảng 0,35‰ (10 phần thì 8 phần nằm từ 0,25 đến 0,48‰). Mức chịu được là 0,3‰. Mặn sắp lên, lúc đó không lấy nước được nữa.
    Chắc đến đâu: 10 phần thì 7 phần là nước mặn quá mức (73 %), tức là khá chắc.
    Khả năng nước dùng được, từng ngày: 16/03: 99 %; 17/03: 99 %; 18/03: 95 %; 19/03: 27 %; 20/03: 1 %; 21/03: 1 %; 22/03: 1 %.
    Theo công văn 702 của Sở Nông nghiệp Bến Tre (cũ), 07/03/2022; khuyến cáo của Đài Khí tượng Thủy văn tỉnh Vĩnh Long (tháng 2/2026). Tài liệu khác ghi 0,5‰. Tin này theo mức chặt hơn.
    Nơi tính: Giá trị trên sông Cổ Chiên, cách cửa sông 55 km. Số đo mới nhất: cách đây 13 giờ, trạm Trà Vinh.
    Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước. Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.
    Tin có giá trị đến hết ngày 16/03/2010. Mức báo là của Muavu, không phải cấp độ rủi ro thiên tai.
    ");
    insta::assert_snapshot!(advisory.text_en, @r"
    NOTICE: Xã Quới An – durian – issued 15/03/2010
    Tomorrow (16/03/2010): WATER MAY BE TAKEN. Open the sluice on the ebb.
    This holds to the end of 18/03/2010 (3 days). From 19/03/2010 the water will probably be past the safe limit.
    What to do: Store fresh water now. Fill ditches, ponds and tanks on the ebb while the water is fresh, then shut the sluice before the salt comes. Have it done by the end of 16/03/2010.
    Also: Open the sluice on the ebb, when it measures below 0.3 g/L. A shared sluice follows its operator's timetable.
    Why: on 19/03/2010 the highest salinity will be about 0.35 g/L (8 chances in 10 that it lies between 0.25 and 0.48 g/L). The limit is 0.3 g/L. Salt is coming, and then no water can be taken.
    How sure: 7 chances in 10 that the water is too salty (73 %), that is: likely.
    Odds that the water is usable, by day: 16/03: 99 %; 17/03: 99 %; 18/03: 95 %; 19/03: 27 %; 20/03: 1 %; 21/03: 1 %; 22/03: 1 %.
    Based on letter 702 of the Bến Tre agriculture department (now part of Vĩnh Long), 07/03/2022; the advice of the Vĩnh Long hydromet station (February 2026). Other sources say 0.5 g/L. This advice follows the stricter one.
    Where this holds: Value of the Cổ Chiên at 55 km from the mouth. Newest measurement: 13 hours ago, station Trà Vinh.
    Salinity rises and falls with the tide. Always measure before taking water. If in doubt, ask the agricultural officer of your commune, or the operator of the sluice.
    Valid to the end of 16/03/2010. The level is Muavu's own, not an official disaster risk level.
    ");
}

#[test]
fn young_rice_is_told_to_stop_pumping_and_when_it_may_go_on() {
    let advisory = one(&FALLING, Crop::Rice, Stage::Seedling);
    insta::assert_snapshot!(advisory.text_vi, @r"
    CẢNH BÁO: Xã Quới An – lúa (mạ) – tin ngày 15/03/2010
    Ngày mai (16/03/2010): KHÔNG LẤY NƯỚC. Đóng cống.
    Như vậy đến hết ngày 19/03/2010 (4 ngày). Từ ngày 20/03/2010, nhiều khả năng nước về lại mức an toàn. Lúc đó vẫn phải đo trước.
    Việc cần làm: Đóng cống, ngừng bơm. Giữ nước đang có trong ruộng. Làm trong hôm nay.
    Vì sao: ngày 15/03/2010, độ mặn cao nhất khoảng 1,6‰ (10 phần thì 8 phần nằm từ 1,2 đến 2,2‰). Mức chịu được là 1‰. Lúa non gặp mặn dễ chết, phải sạ lại.
    Chắc đến đâu: 10 phần thì hơn 9 phần là nước mặn quá mức (97 %), tức là rất chắc.
    Khả năng nước dùng được, từng ngày: 16/03: 5 %; 17/03: 9 %; 18/03: 15 %; 19/03: 35 %; 20/03: 62 %; 21/03: 88 %; 22/03: 99 %.
    Theo công văn 702 của Sở Nông nghiệp Bến Tre (cũ), 07/03/2022; nghiên cứu của Đại học California. Tài liệu khác ghi 2‰. Tin này theo mức chặt hơn.
    Nơi tính: Giá trị trên sông Cổ Chiên, cách cửa sông 55 km. Số đo mới nhất: cách đây 13 giờ, trạm Trà Vinh.
    Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước. Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.
    Tin có giá trị đến hết ngày 16/03/2010. Mức báo là của Muavu, không phải cấp độ rủi ro thiên tai.
    ");
    insta::assert_snapshot!(advisory.text_en, @r"
    WARNING: Xã Quới An – rice (seedling) – issued 15/03/2010
    Tomorrow (16/03/2010): TAKE NO WATER. Keep the sluice shut.
    This holds to the end of 19/03/2010 (4 days). From 20/03/2010 the water will probably be back within the safe limit. Measure first even then.
    What to do: Shut the sluice and stop pumping. Keep the water that stands in the field. Do it today.
    Why: on 15/03/2010 the highest salinity will be about 1.6 g/L (8 chances in 10 that it lies between 1.2 and 2.2 g/L). The limit is 1 g/L. Salt kills young rice, and the field must be sown again.
    How sure: more than 9 chances in 10 that the water is too salty (97 %), that is: very likely.
    Odds that the water is usable, by day: 16/03: 5 %; 17/03: 9 %; 18/03: 15 %; 19/03: 35 %; 20/03: 62 %; 21/03: 88 %; 22/03: 99 %.
    Based on letter 702 of the Bến Tre agriculture department (now part of Vĩnh Long), 07/03/2022; field data of the University of California. Other sources say 2 g/L. This advice follows the stricter one.
    Where this holds: Value of the Cổ Chiên at 55 km from the mouth. Newest measurement: 13 hours ago, station Trà Vinh.
    Salinity rises and falls with the tide. Always measure before taking water. If in doubt, ask the agricultural officer of your commune, or the operator of the sluice.
    Valid to the end of 16/03/2010. The level is Muavu's own, not an official disaster risk level.
    ");
}

#[test]
fn longan_may_take_water_in_the_rains_by_the_stricter_of_two_sources() {
    let advisory = one(&FRESH, Crop::Longan, Stage::Any);
    insta::assert_snapshot!(advisory.text_vi, @r"
    BÌNH THƯỜNG: Xã Quới An – nhãn – tin ngày 15/03/2010
    Ngày mai (16/03/2010): ĐƯỢC LẤY NƯỚC. Mở cống khi nước ròng rút xuống.
    Đến hết ngày 28/03/2010, chưa thấy ngày nào vượt mức an toàn.
    Việc cần làm: Mở cống lấy nước khi nước ròng rút xuống, đo thấy dưới 0,5‰. Cống chung thì theo lịch của đơn vị quản lý cống.
    Vì sao: ngày 16/03/2010, độ mặn cao nhất khoảng 0,1‰ (10 phần thì 8 phần nằm từ 0,07 đến 0,14‰). Mức chịu được là 0,5‰. Nước còn ngọt, dưới mức cây chịu được.
    Chắc đến đâu: 10 phần thì hơn 9 phần là nước dùng được (99 %), tức là rất chắc.
    Khả năng nước dùng được, từng ngày: 16/03: 99 %; 17/03: 99 %; 18/03: 99 %; 19/03: 99 %; 20/03: 99 %; 21/03: 99 %; 22/03: 99 %.
    Theo tài liệu khuyến nông về cây chịu mặn; tài liệu khuyến nông Gò Công Đông; cách vận hành cống Vũng Liêm, Nàng Âm (Báo Vĩnh Long), 18/03/2023; khuyến cáo của Đài Khí tượng Thủy văn tỉnh Vĩnh Long (tháng 2/2026). Tài liệu khác ghi 1‰. Tin này theo mức chặt hơn.
    Nơi tính: Giá trị trên sông Cổ Chiên, cách cửa sông 55 km. Số đo mới nhất: cách đây 13 giờ, trạm Trà Vinh.
    Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước. Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.
    Tin có giá trị đến hết ngày 16/03/2010. Mức báo là của Muavu, không phải cấp độ rủi ro thiên tai.
    ");
    insta::assert_snapshot!(advisory.text_en, @r"
    NORMAL: Xã Quới An – longan – issued 15/03/2010
    Tomorrow (16/03/2010): WATER MAY BE TAKEN. Open the sluice on the ebb.
    Up to 28/03/2010 no day is expected to pass the safe limit.
    What to do: Open the sluice on the ebb, when it measures below 0.5 g/L. A shared sluice follows its operator's timetable.
    Why: on 16/03/2010 the highest salinity will be about 0.1 g/L (8 chances in 10 that it lies between 0.07 and 0.14 g/L). The limit is 0.5 g/L. The water is still fresh, below what the crop can stand.
    How sure: more than 9 chances in 10 that the water is usable (99 %), that is: very likely.
    Odds that the water is usable, by day: 16/03: 99 %; 17/03: 99 %; 18/03: 99 %; 19/03: 99 %; 20/03: 99 %; 21/03: 99 %; 22/03: 99 %.
    Based on an extension text on salt-tolerant plants; an extension text of Gò Công Đông; how the Vũng Liêm and Nàng Âm gates are run (Vĩnh Long newspaper), 18/03/2023; the advice of the Vĩnh Long hydromet station (February 2026). Other sources say 1 g/L. This advice follows the stricter one.
    Where this holds: Value of the Cổ Chiên at 55 km from the mouth. Newest measurement: 13 hours ago, station Trà Vinh.
    Salinity rises and falls with the tide. Always measure before taking water. If in doubt, ask the agricultural officer of your commune, or the operator of the sluice.
    Valid to the end of 16/03/2010. The level is Muavu's own, not an official disaster risk level.
    ");
}

#[test]
fn a_commune_without_a_value_is_told_so_and_why() {
    let mut silent = outlook(&FRESH);
    silent.reason_none = Some(NoValue::NoStationNear);
    silent.note_vi = "Cách cửa sông Hậu 83 km, cách trạm gần nhất (Cầu Quan) 46 km".into();
    silent.note_en = "83 km up the Hậu, 46 km from the nearest station (Cầu Quan)".into();
    let fields = vec![Field { crop: Crop::Durian, stage: Stage::Any }];
    let decided = run(
        &context("2010-03-15"),
        &[CommuneInput { outlook: silent, fields, readings: BTreeMap::new() }],
    );
    assert!(decided.advisories.is_empty());
    insta::assert_snapshot!(decided.silent[0].text_vi, @r"
    Xã Quới An – tin ngày 15/03/2010: hôm nay CHƯA trả lời được về nước mặn.
    Lý do: trạm đo quá xa để ước tính.
    Cách cửa sông Hậu 83 km, cách trạm gần nhất (Cầu Quan) 46 km.
    Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước.
    Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.
    ");
    insta::assert_snapshot!(decided.silent[0].text_en, @r"
    Xã Quới An – issued 15/03/2010: no answer about salt water today.
    Reason: the stations are too far away to estimate.
    83 km up the Hậu, 46 km from the nearest station (Cầu Quan).
    Salinity rises and falls with the tide. Always measure before taking water.
    If in doubt, ask the agricultural officer of your commune, or the operator of the sluice.
    ");
}

/// Returns the arguments of each message in a Fluent file.
fn arguments(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in lang.file().lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            assert!(all.insert(name.into(), BTreeSet::new()).is_none(), "{name} twice");
            key = name.into();
        }
        for after in line.split('$').skip(1) {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = &after[..end.unwrap_or(after.len())];
            all.get_mut(&key).unwrap().insert(name.into());
        }
    }
    all
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_arguments() {
    let (vi, en) = (arguments(Lang::Vi), arguments(Lang::En));
    assert!(vi.len() > 100, "only {} messages were found", vi.len());
    assert_eq!(vi, en);
}

#[test]
fn the_vietnamese_texts_use_the_words_of_the_glossary() {
    let words = Words::shipped().unwrap();
    let glossary = support::shared("knowledge/tables/glossary_vi_en_km.csv")
        .map(|path| std::fs::read_to_string(path).unwrap());
    for (term, key) in [
        ("sầu riêng", "crop-durian"),
        ("chôm chôm", "crop-rambutan"),
        ("bưởi", "crop-pomelo"),
        ("nhãn", "crop-longan"),
        ("dừa", "crop-coconut"),
        ("rau màu", "crop-vegetables"),
        ("đẻ nhánh", "stage-tillering"),
        ("làm đòng", "stage-panicle"),
        ("trổ", "stage-flowering"),
        ("ngậm sữa", "stage-ripening"),
        ("xuống giống", "stage-pre_sowing"),
        ("gieo sạ", "stage-germination"),
        ("độ mặn", "measure"),
        ("cảnh báo", "severity-warning"),
        ("trữ ngọt", "action-store_fresh_now"),
        ("nước ngọt", "action-stop_irrigation"),
        ("cống", "action-stop_intake"),
        ("cấp độ rủi ro thiên tai", "expires"),
        ("dự báo", "baseline"),
    ] {
        let args = [("limit", "1".to_owned().into()), ("date", "1".to_owned().into())];
        let text = words.say(Lang::Vi, key, &args).unwrap().to_lowercase();
        assert!(text.contains(term), "{key} does not say {term:?}: {text}");
        if let Some(glossary) = &glossary {
            assert!(glossary.contains(term), "{term:?} is not in the glossary");
        }
    }
}

#[test]
fn no_product_no_dose_and_no_official_level_is_ever_named() {
    for lang in Lang::ALL {
        let text = lang.file().to_lowercase();
        for word in [
            "kg",
            " ml",
            "lít",
            "liều",
            "phun thuốc",
            "dose",
            "spray",
            "product",
            "cấp 1",
            "cấp 2",
            "level 1",
            "level 2",
        ] {
            assert!(!text.contains(word), "{} says {word:?}", lang.as_str());
        }
    }
}

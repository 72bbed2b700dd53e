//! What the console calls things, in Vietnamese. Keys without a word here are shown as they are, so
//! that a new rule or hazard can be reviewed on its first day.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::geography::table;
use crate::domain::time::LOCAL_OFFSET;
use crate::domain::{Crop, Geography, PlaceId, Severity};
use crate::frames::AdvisoryState;
use crate::review::ReviewError;
use crate::storage::answers::AnswerCounts;

/// Returns the name of an urgency.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Normal => "Bình thường",
        Severity::Notice => "Lưu ý",
        Severity::Warning => "Cảnh báo",
        Severity::Emergency => "Khẩn",
    }
}

/// Returns the name of a crop.
pub const fn crop(crop: Crop) -> &'static str {
    match crop {
        Crop::Rice => "lúa",
        Crop::RiceShrimp => "lúa – tôm",
        Crop::Durian => "sầu riêng",
        Crop::Rambutan => "chôm chôm",
        Crop::Mangosteen => "măng cụt",
        Crop::Citrus => "cam, quýt, chanh",
        Crop::Pomelo => "bưởi",
        Crop::Longan => "nhãn",
        Crop::Coconut => "dừa",
        Crop::Vegetables => "rau màu",
        Crop::Nursery => "cây giống, hoa kiểng",
        Crop::Shrimp => "tôm",
        Crop::Clam => "nghêu",
    }
}

/// Returns why review said no.
pub fn refusal(why: &ReviewError) -> String {
    match why {
        ReviewError::Transition { from, .. } => {
            format!("Tin này {}, không làm việc đó được nữa.", state(*from))
        }
        ReviewError::NoReason { .. } => "Hãy ghi lý do.".to_owned(),
        ReviewError::SamePerson { .. } => {
            "Bạn đã ký tin này. Tin khẩn cần người thứ hai.".to_owned()
        }
        ReviewError::NotLast { .. } => {
            "Tin khẩn phải do người có vai trò duyệt (approver) ký lần cuối.".to_owned()
        }
        ReviewError::Expired { .. } => {
            "Tin này đã hết hạn; lần chạy mới sẽ viết tin mới.".to_owned()
        }
        ReviewError::Wording { .. } => {
            "Chưa sửa được: lời trống, số không đúng, hoặc chưa có gì thay đổi.".to_owned()
        }
        other => other.to_string(),
    }
}

/// Returns what a state is called.
pub const fn state(state: AdvisoryState) -> &'static str {
    match state {
        AdvisoryState::Draft => "chờ duyệt",
        AdvisoryState::Approved => "đã duyệt",
        AdvisoryState::Published => "đã phát",
        AdvisoryState::Rejected => "đã bác",
        AdvisoryState::Withdrawn => "đã rút",
        AdvisoryState::Expired => "hết hạn",
        AdvisoryState::Superseded => "đã có tin mới thay",
    }
}

/// Returns what was done, by the words of the log.
pub fn deed(what: &str) -> String {
    let (deed, more) = what.split_once(": ").unwrap_or((what, ""));
    let deed = match deed {
        "saw" => "đã xem",
        "approved" => "duyệt",
        "signed first" => "ký lần một",
        "amended" => "sửa",
        "rejected" => "bác",
        "withdrew" => "rút",
        "acknowledged" => "nhận báo động",
        "signed in" => "đăng nhập",
        "signed out" => "đăng xuất",
        "was not let in" => "không được vào",
        "chose a password" => "đặt mật khẩu",
        "refused" => "bị từ chối",
        "added the account" => "thêm tài khoản",
        "gave roles" => "giao vai trò",
        "made a one-time link" => "tạo đường dẫn một lần",
        "made a token" => "tạo mã cho máy",
        "linked an identity" => "gắn danh tính",
        "took the identity away" => "gỡ danh tính",
        "shut the account" => "khoá tài khoản",
        other => other,
    };
    [deed, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// Returns who did it, what it is about or what was added, by the words of the log.
pub fn noted(text: &str) -> String {
    if let Some(count) = text.strip_suffix(" drafts") {
        return format!("{count} bản thảo");
    }
    if let Some(group) = text.strip_prefix("group ") {
        return format!("nhóm {group}");
    }
    match text {
        "command line" => "dòng lệnh".to_owned(),
        "nobody" => "không ai".to_owned(),
        "queue" => "hàng chờ".to_owned(),
        other => other.replace("by a one-time link", "bằng đường dẫn một lần"),
    }
}

/// Returns what farmers answered, in a line; empty without an answer.
pub fn answers(counts: &AnswerCounts) -> String {
    if counts.received == 0 {
        return String::new();
    }
    format!(
        "{} người trả lời: {} đã làm, {} thấy đúng, {} thấy sai",
        counts.received, counts.done, counts.right, counts.wrong
    )
}

/// Returns a model's or baseline's name for people.
pub fn model(name: &str) -> &str {
    match name {
        "published" => "Muavu",
        "persistence" => "như hôm trước",
        "climatology" => "như mọi năm",
        "analogue" => "như năm giống nhất",
        "seasonal_naive" => "như cùng kỳ năm trước",
        "naive" => "như giá mới nhất",
        "drift" => "theo đà tăng giảm chung",
        "tidal_analogue" => "như ngày có con nước giống",
        other => other,
    }
}

/// Returns what a forecast is called, with its unit, and where it is.
pub fn series(target: &str, unit: &str, named: &str, place: &PlaceId) -> String {
    let what = match target {
        "salinity_station" => return format!("Trạm {named}"),
        "rain_amount" => "Lượng mưa",
        "water_level" => "Mực nước sông",
        "irrigation_need" => "Lượng nước cần tưới",
        "rice_price_wholesale" => "Giá gạo bán buôn",
        "tmax" => "Nhiệt độ cao nhất",
        "tmin" => "Nhiệt độ thấp nhất",
        "humidity" => "Độ ẩm không khí",
        "wind" => "Gió trung bình",
        "wind_max" => "Gió mạnh nhất",
        "disease_potential" => match place.id().rsplit('.').next() {
            Some("leaf_blast") => "Thời tiết thuận cho bệnh đạo ôn lá, so với mọi năm",
            Some("sheath_blight") => "Thời tiết thuận cho bệnh khô vằn, so với mọi năm",
            Some("bacterial_blight") => "Thời tiết thuận cho bệnh bạc lá, so với mọi năm",
            _ => "Thời tiết thuận cho bệnh, so với mọi năm",
        },
        other => other,
    };
    let unit = match unit {
        "1" => "0 đến 1",
        "degC" => "°C",
        "VND/kg" => "đồng/kg",
        other => other,
    };
    format!("{what} ({unit}) · {named}")
}

/// The gauges with their names.
static GAUGES: LazyLock<BTreeMap<PlaceId, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Gauge {
        place: PlaceId,
        name: String,
    }
    let text = include_str!("../../../data/reference/gauge_points.csv");
    let gauges: Vec<Gauge> = table("gauge_points.csv", text).unwrap_or_default();
    gauges.into_iter().map(|gauge| (gauge.place, gauge.name)).collect()
});

/// Returns what a place of a forecast is called; one without a name, by its id.
pub fn place(geography: &Geography, place: &PlaceId) -> String {
    let province = || match place.id().split('.').next() {
        Some("ben_tre") => Some("Bến Tre"),
        Some("tra_vinh") => Some("Trà Vinh"),
        Some("vinh_long") => Some("Vĩnh Long"),
        Some("an_giang") => Some("An Giang"),
        Some("dong_thap") => Some("Đồng Tháp"),
        _ => None,
    };
    let known = match place.kind() {
        "rain" => GAUGES.get(place).map(|name| format!("trạm mưa {name}")),
        "river" => GAUGES.get(place).map(|name| format!("trạm sông {name}")),
        "market" => province().map(|name| format!("chợ {name}")),
        "zone" => province().map(|name| format!("ruộng vườn tỉnh {name} cũ")),
        "city" => province().map(|name| format!("thành phố {name} cũ")),
        "province" => province().map(|name| format!("tỉnh {name}")),
        "commune" => {
            let commune = geography.communes.iter().find(|c| c.code.place() == *place);
            commune.map(|c| format!("{} {}", c.kind, c.name))
        }
        _ => None,
    };
    known.unwrap_or_else(|| place.id().to_owned())
}

/// Returns the name of what others forecast.
pub fn variable(name: &str) -> &str {
    match name {
        "rain_mm" => "mưa",
        "precipitation_mm" => "lượng mưa",
        "temp_max_c" => "nhiệt độ cao nhất",
        "discharge_m3_s" => "lưu lượng sông",
        other => other,
    }
}

/// Returns an instant as people here read it: `15/03 07:05`.
pub fn moment(at: Timestamp) -> String {
    LOCAL_OFFSET.to_datetime(at).strftime("%d/%m %H:%M").to_string()
}

/// Returns an instant with its year: `15/03/2026 07:05`.
pub fn full_moment(at: Timestamp) -> String {
    LOCAL_OFFSET.to_datetime(at).strftime("%d/%m/%Y %H:%M").to_string()
}

/// Returns how long is left: `còn 5 giờ`, or that it is over.
pub fn left(until: Timestamp, now: Timestamp) -> String {
    let left = until.duration_since(now);
    if left <= SignedDuration::ZERO {
        return "hết hạn".to_owned();
    }
    match left.as_hours() {
        0 => format!("còn {} phút", left.as_mins()),
        hours @ 1..=72 => format!("còn {hours} giờ"),
        hours => format!("còn {} ngày", hours / 24),
    }
}

/// Returns a number with a decimal comma and at most `digits` after it.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    text.replace('.', ",")
}

/// Returns a forecast or measured amount: prices in thousands need no decimals.
pub fn amount(value: f64) -> String {
    number(value, if value.abs() < 1_000.0 { 2 } else { 0 })
}

/// Returns a share in per cent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_the_unit_that_matters() {
        let now = Timestamp::constant(1_268_611_200, 0);
        let left = |mins: i64| left(now + SignedDuration::from_mins(mins), now);
        assert_eq!(
            [left(30), left(61), left(4 * 24 * 60), left(0)],
            ["còn 30 phút", "còn 1 giờ", "còn 4 ngày", "hết hạn"]
        );
        assert_eq!(number(0.350, 2), "0,35");
        assert_eq!(number(12.0, 2), "12");
        assert_eq!([amount(0.354), amount(15_190.63)], ["0,35", "15191"]);
    }
}

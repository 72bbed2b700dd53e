//! Advisories for tests: written by hand as the engine writes them, carried through review.

use jiff::{SignedDuration, Timestamp};
use muavu::frames::{Advisory, ReviewEvent};
use muavu::review::{
    Act, Approved, Moved, Policy, Reviewed, TakenBack, approve, decide_by_policy, mark_published,
    withdraw,
};
use serde_json::json;

/// A salt warning as `muavu run --as-of 2010-03-15` wrote it, for a commune and crop.
pub fn warning(id: &str, commune: &str, crop: &str, at: Timestamp) -> Advisory {
    let text_vi = "CẢNH BÁO: Xã Châu Hưng – bưởi – tin ngày 15/03/2010\n\
        Ngày mai (16/03/2010): KHÔNG LẤY NƯỚC. Đóng cống.\n\
        Như vậy đến hết ngày 18/03/2010 (3 ngày). Từ ngày 19/03/2010, nhiều khả năng nước về lại mức an toàn. Lúc đó vẫn phải đo trước.\n\
        Việc cần làm: Đóng cống. Tưới bằng nước ngọt đã trữ, không tưới nước sông. Làm trong hôm nay.\n\
        Vì sao: ngày 16/03/2010, độ mặn cao nhất khoảng 1,6‰ (10 phần thì 8 phần nằm từ 0,9 đến 2,4‰). Mức chịu được là 1‰. Cây có múi bị mặn thì vàng lá, rụng trái.\n\
        Chắc đến đâu: 10 phần thì 8 phần là nước mặn quá mức (78 %), tức là khá chắc.\n\
        Khả năng nước dùng được, từng ngày: 16/03: 22 %; 17/03: 25 %.\n\
        Theo Sở Nông nghiệp, 05/02/2020.\n\
        Số đo mới nhất: cách đây 7 giờ, trạm Bến Trại.\n\
        Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước. Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.\n\
        Tin có giá trị đến hết ngày 17/03/2010. Mức báo là của Muavu, không phải cấp độ rủi ro thiên tai.";
    let text_en = "WARNING: Châu Hưng commune – pomelo – issued 15/03/2010\n\
        Tomorrow (16/03/2010): TAKE NO WATER. Keep the sluice shut.\n\
        What to do: Shut the sluice. Water with stored fresh water, not from the river. Do it today.\n\
        Why: on 16/03/2010 the highest salinity will be about 1.6 g/L.\n\
        Salinity rises and falls with the tide. Always measure before taking water.";
    serde_json::from_value(json!({
        "id": id, "commune": commune, "crop": crop, "stage": "any", "rule": "pomelo_salt",
        "hazard": "salt", "severity": "warning", "action": "stop_irrigation",
        "issued_at": at, "valid_from": at, "expires_at": at + SignedDuration::from_hours(72),
        "evidence": [{
            "quantity": "salinity", "value": 1.6, "low": 0.9, "high": 2.4, "threshold": 1.0,
            "unit": "g/L", "probability": 0.78, "day": muavu::domain::time::local_date(at).to_string(),
            "basis": "salinity_station at Bến Trại, carried along the river", "data_age_h": 7.0,
        }],
        "confidence": 0.78, "sources": ["sourced: Sở Nông nghiệp"], "text_vi": text_vi,
        "text_en": text_en, "state": "draft", "supersedes": null, "sample": false,
        "run_id": "run-1",
    }))
    .unwrap()
}

/// Returns the proof of publication with the log that leads there.
pub fn published(draft: Advisory, at: Timestamp) -> (Approved<Advisory>, Vec<ReviewEvent>) {
    let (policy, act) = (Policy::shipped().unwrap(), Act { who: "lan.nguyen", at, reason: "" });
    let reviewed = match decide_by_policy(&policy, draft, &[], at).unwrap() {
        Reviewed::Held { advisory, .. } => approve(&policy, *advisory, &[], &act).unwrap(),
        sent_first => sent_first,
    };
    let Reviewed::Approved { advisory, event } = reviewed else { panic!("held: {reviewed:?}") };
    let mut log = vec![event];
    let (proof, sent) = mark_published(*advisory, &log, at).unwrap();
    log.push(sent);
    (proof, log)
}

/// Returns the proof that it was taken back.
pub fn taken_back(
    proof: &Approved<Advisory>,
    log: &[ReviewEvent],
    at: Timestamp,
    reason: &str,
) -> TakenBack {
    let act = Act { who: "lan.nguyen", at, reason };
    let Moved { advisory, event } = withdraw(proof.get().clone(), log, &act).unwrap();
    TakenBack::from_log(advisory, &[log, &[event]].concat()).unwrap()
}

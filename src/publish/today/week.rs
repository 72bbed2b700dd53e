//! From an approved advisory to the one word of the screen and the days of the week.
//!
//! An adapter: what the advisory holds is turned into what the screens draw, in one place.

use jiff::civil::Date;

use crate::domain::Crop;
use crate::domain::time::{add_days, local_date};
use crate::frames::{Advisory, Evidence};

/// Days of the table: today and six more.
const DAYS: i64 = 7;

/// May I take water?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Yes.
    Take,
    /// Only after measuring.
    Test,
    /// No.
    Shut,
}

impl Answer {
    /// Returns the name used in addresses of styles and icons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Test => "test",
            Self::Shut => "shut",
        }
    }

    /// Returns the answer an advisory gives; `None` when it speaks of something other than water.
    ///
    /// Its action and its approved words are both read, since a person may have changed the words:
    /// where they differ the more careful one is shown.
    #[must_use]
    pub fn of(advisory: &Advisory) -> Option<Self> {
        Self::by_action(&advisory.action).max(Self::by_words(&advisory.text_vi))
    }

    fn by_action(action: &str) -> Option<Self> {
        match action {
            "may_open_sluice_on_ebb" | "may_take_brackish_water" => Some(Self::Take),
            // Fresh for now or fresh by the meter: to be measured first.
            "test_before_intake"
            | "test_before_pond_intake"
            | "mix_or_store"
            | "reduce_irrigation"
            | "store_fresh_now"
            | "wash_on"
            | "may_sow_after_wash" => Some(Self::Test),
            // At a notice the sluice is kept shut but for water that measures well; at a warning
            // the words say so.
            "keep_salt_out" | "hold_pond_water" => Some(Self::Test),
            "stop_intake"
            | "stop_intake_flush"
            | "stop_irrigation"
            | "stop_irrigation_beds"
            | "use_stored_water_thin_fruit"
            | "delay_sowing" => Some(Self::Shut),
            _ => None,
        }
    }

    fn by_words(text: &str) -> Option<Self> {
        let says = [
            ("KHÔNG LẤY NƯỚC", Self::Shut),
            ("ĐO TRƯỚC", Self::Test),
            ("ĐƯỢC LẤY NƯỚC", Self::Take),
        ];
        says.into_iter().find(|(words, _)| text.contains(words)).map(|(_, answer)| answer)
    }
}

/// The water of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayAhead {
    /// The local day.
    pub day: Date,
    /// Lower end of the 80 % interval of the day's highest salinity, g/L.
    pub low: f64,
    /// Its median, g/L.
    pub mid: f64,
    /// Its upper end, g/L.
    pub high: f64,
    /// The limit it is held against, g/L.
    pub limit: f64,
    /// Odds that the water can be used (0 to 1); `None` for ponds, whose limit may be a lower one.
    pub usable: Option<f64>,
}

/// Returns the water of the week that an advisory rests on, in order; empty when it has none.
#[must_use]
pub fn week(advisory: &Advisory) -> Vec<DayAhead> {
    let first = local_date(advisory.issued_at);
    let brackish = matches!(advisory.crop, Crop::Shrimp | Crop::Clam);
    let salinity = |e: &&Evidence| e.quantity == "salinity_max_g_l";
    // The deciding day comes first, held against the limit that decided; the day itself may come
    // again, held against the limit of every day. That one is wanted here.
    let of = |day: Date| advisory.evidence.iter().rev().filter(salinity).find(|e| e.day == day);
    (0..DAYS)
        .filter_map(|ahead| {
            let e = of(add_days(first, ahead))?;
            Some(DayAhead {
                day: e.day,
                low: e.low,
                mid: e.value,
                high: e.high,
                limit: e.threshold,
                usable: (!brackish).then_some(1.0 - e.probability),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_action_and_words_the_more_careful_is_shown() {
        let answer = |action, text| Answer::by_action(action).max(Answer::by_words(text));
        let (open, shut) = ("may_open_sluice_on_ebb", "stop_intake");
        assert_eq!(answer(open, "Ngày mai: ĐƯỢC LẤY NƯỚC."), Some(Answer::Take));
        assert_eq!(answer(open, "Ngày mai: ĐO TRƯỚC RỒI MỚI LẤY."), Some(Answer::Test));
        assert_eq!(answer(shut, "Ngày mai: ĐƯỢC LẤY NƯỚC."), Some(Answer::Shut));
        assert_eq!(answer("spray_window", "Sáng mai lặng gió."), None);
    }
}

//! The fortnight of the tide as farmers of the delta count it by the moon (con nước): nước rong
//! (spring tide) around mùng 1 and rằm, nước kém (neap tide) around mùng 10 and the 25th.

/// Which water it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nuoc {
    /// Nước rong: spring tide, the highest high and lowest low waters.
    Rong,
    /// Nước bắt đầu kém: from spring to neap.
    ToKem,
    /// Nước kém: neap tide, the water hardly rises and falls.
    Kem,
    /// Nước bắt đầu rong: from neap to spring.
    ToRong,
}

impl Nuoc {
    /// Returns the water of a lunar day (1-30).
    ///
    /// The days are those on which the tide's mean daily range at Vũng Tàu is at least 2.7 m
    /// (rong) or at most 2.3 m (kém), its mean over all days being 2.5 m: eight main constituents
    /// of TICON-4 (`data/reference/tide_vung_tau.csv`, CC BY 4.0), 6,939 days of 2010-2028. They
    /// agree with the tide season "around lunar 1 and 15" of agronomy.md section 2, and with
    /// farmers' own words ("mùng mười và hai mươi lăm … nước kém; ngày rằm và ba mươi … nước rong",
    /// letter from Kinh Xáng, baotreonline.com 2012-09-26). One canal may lag the next by a day.
    #[must_use]
    pub const fn of_lunar_day(day: u8) -> Self {
        match day {
            6 | 7 | 21 | 22 => Self::ToKem,
            8..=12 | 23..=27 => Self::Kem,
            13 | 14 | 28 => Self::ToRong,
            _ => Self::Rong,
        }
    }

    /// Returns the name used in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rong => "rong",
            Self::ToKem => "to_kem",
            Self::Kem => "kem",
            Self::ToRong => "to_rong",
        }
    }
}

/// Returns whether spring tide (nước rong) is at its height on a lunar day.
///
/// The tide lags the moon by one and a half days at Vũng Tàu (M2 and S2 phases of TICON-4: 34 h),
/// and on the rivers the crest comes then or a day later: bulletins gave lunar 18-19 for Mỹ Thuận
/// and Vũng Liêm (baovinhlong.com.vn 2018-09-22) and 17-18 in November 2025 (nld.com.vn
/// 2025-11-05); the peaks of 2025 in `season_calendar.csv` fall on 17-19, 2-3 and 16-18.
#[must_use]
pub const fn is_spring_height(lunar_day: u8) -> bool {
    matches!(lunar_day, 2 | 3 | 17 | 18)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::agronomy::moon::lunar_date;

    #[test]
    fn the_peaks_of_the_tide_season_of_2025_are_spring_tides() {
        // Crests reported in season_calendar.csv (press of October and November 2025).
        for day in [date(2025, 10, 8), date(2025, 10, 9), date(2025, 10, 22), date(2025, 11, 6)] {
            let lunar = lunar_date(day).unwrap().day;
            assert_eq!(Nuoc::of_lunar_day(lunar), Nuoc::Rong, "{day}, lunar {lunar}");
        }
        assert!((1..=30).filter(|day| is_spring_height(*day)).count() == 4);
        assert!((1..=30).all(|d| !is_spring_height(d) || Nuoc::of_lunar_day(d) == Nuoc::Rong));
        assert_eq!(Nuoc::of_lunar_day(10), Nuoc::Kem);
    }
}

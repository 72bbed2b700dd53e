//! Where a figure comes from: kept as what it is, and told through the message files in both languages.

use serde::{Deserialize, Serialize};

use super::AdvisoryError;
use super::words::{Arg, Lang, Words};

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Basis {
    /// Reckoned from a date.
    Calendar,
    /// A case of the rule's own.
    Case,
    /// A forecast of the commune itself.
    Commune,
    /// The forecast of a place nearby, as it says of itself in both languages.
    StandIn {
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// The forecast of a rain gauge.
    RainGauge {
        /// Its name.
        name: String,
        /// Distance, km.
        km: f64,
    },
    /// The forecast of a river gauge.
    RiverGauge {
        /// Its name.
        name: String,
        /// Distance, km.
        km: f64,
    },
    /// An outside ensemble of the grid cell around.
    Ensemble,
    /// Fields of a zone.
    Zone {
        /// Its id.
        zone: String,
    },
    /// Rain that fell, by a product of a place nearby.
    PastRain {
        /// The place in Vietnamese.
        vi: String,
        /// The place in English.
        en: String,
    },
    /// A wholesale market.
    Market {
        /// Its town or province.
        town: String,
    },
    /// Salinity stations on the commune's river, carried along it.
    Stations {
        /// Their names.
        names: Vec<String>,
    },
    /// Salinity stations of another river branch.
    OtherBranch {
        /// Their names.
        names: Vec<String>,
    },
}

impl Basis {
    /// The name of every message that it may be told by.
    pub const KEYS: [&str; 12] = [
        "basis-calendar",
        "basis-case",
        "basis-commune",
        "basis-stand-in",
        "basis-rain-gauge",
        "basis-river-gauge",
        "basis-ensemble",
        "basis-zone",
        "basis-past-rain",
        "basis-market",
        "basis-stations",
        "basis-other-branch",
    ];

    const fn key(&self) -> &'static str {
        match self {
            Self::Calendar => "basis-calendar",
            Self::Case => "basis-case",
            Self::Commune => "basis-commune",
            Self::StandIn { .. } => "basis-stand-in",
            Self::RainGauge { .. } => "basis-rain-gauge",
            Self::RiverGauge { .. } => "basis-river-gauge",
            Self::Ensemble => "basis-ensemble",
            Self::Zone { .. } => "basis-zone",
            Self::PastRain { .. } => "basis-past-rain",
            Self::Market { .. } => "basis-market",
            Self::Stations { .. } => "basis-stations",
            Self::OtherBranch { .. } => "basis-other-branch",
        }
    }

    fn args(&self, lang: Lang) -> Vec<(&'static str, Arg)> {
        let place = |vi: &String, en: &String| {
            vec![("place", Arg::Text(if lang == Lang::Vi { vi } else { en }.clone()))]
        };
        match self {
            Self::Calendar | Self::Case | Self::Commune | Self::Ensemble => Vec::new(),
            Self::StandIn { vi, en } | Self::PastRain { vi, en } => place(vi, en),
            Self::RainGauge { name, km } | Self::RiverGauge { name, km } => {
                vec![("name", name.clone().into()), ("km", format!("{km:.0}").into())]
            }
            Self::Zone { zone } => vec![("zone", zone.clone().into())],
            Self::Market { town } => vec![("town", town.clone().into())],
            Self::Stations { names } | Self::OtherBranch { names } => {
                vec![("names", names.join(", ").into())]
            }
        }
    }

    /// Returns it in words.
    ///
    /// # Errors
    /// [`AdvisoryError::Message`] when a message is missing (a test keeps them whole).
    pub fn told(&self, words: &Words, lang: Lang) -> Result<String, AdvisoryError> {
        words.say(lang, self.key(), &self.args(lang))
    }

    /// Returns it in words, after what it is the basis of, where that has a name
    /// (`quantity-<quantity>`).
    ///
    /// # Errors
    /// As [`Self::told`].
    pub fn told_of(
        &self,
        quantity: &str,
        words: &Words,
        lang: Lang,
    ) -> Result<String, AdvisoryError> {
        let told = self.told(words, lang)?;
        let name = format!("quantity-{quantity}");
        match words.has(lang, &name) {
            Ok(()) => Ok(format!("{}: {told}", words.say(lang, &name, &[])?)),
            Err(_) => Ok(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_basis_is_told_in_both_languages_with_its_names_and_distances() {
        let words = Words::shipped().unwrap();
        let (vi, en) = ("cả tỉnh, tâm cách 9 km".to_owned(), "the province, 9 km away".to_owned());
        let names = vec!["Hưng Mỹ".to_owned(), "Trà Vinh".to_owned()];
        let all = [
            Basis::Calendar,
            Basis::Case,
            Basis::Commune,
            Basis::StandIn { vi: vi.clone(), en: en.clone() },
            Basis::RainGauge { name: "Mỹ Tho".into(), km: 12.3 },
            Basis::RiverGauge { name: "Mỹ Thuận".into(), km: 9.0 },
            Basis::Ensemble,
            Basis::Zone { zone: "ben_tre.any.coconut".into() },
            Basis::PastRain { vi, en },
            Basis::Market { town: "An Giang".into() },
            Basis::Stations { names: names.clone() },
            Basis::OtherBranch { names },
        ];
        assert_eq!(all.each_ref().map(Basis::key), Basis::KEYS, "one of them is not tried");
        for basis in &all {
            let [vi, en] =
                Lang::ALL.map(|lang| basis.told_of("rain_amount", &words, lang).unwrap());
            assert!(vi.starts_with("mưa: ") && en.starts_with("rain: "), "{vi} / {en}");
            assert!(!vi.is_ascii() && vi != en, "{vi}");
            for arg in basis.args(Lang::Vi).into_iter().map(|(_, arg)| arg) {
                assert!(matches!(arg, Arg::Text(text) if vi.contains(&text)), "{vi}");
            }
        }
        let plain = Basis::Calendar.told_of("con_nuoc_height", &words, Lang::En).unwrap();
        assert_eq!(plain, Basis::Calendar.told(&words, Lang::En).unwrap());
    }
}

//! From the words of a bulletin to a class of rain.

use std::collections::BTreeMap;

/// A class of daily rain at a place, as the India Meteorological Department names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RainClass {
    /// None, or too little to measure.
    Dry,
    /// Light rain.
    Light,
    /// Moderate rain.
    Moderate,
    /// Heavy rain.
    Heavy,
    /// Very heavy rain.
    VeryHeavy,
    /// Extremely heavy rain.
    ExtremelyHeavy,
}

impl RainClass {
    /// Returns the rain (mm in 24 hours) from which a day is of this class or a higher one: the
    /// department's classes, as quoted by the Kerala disaster management authority (1.5.1).
    #[must_use]
    pub const fn from_mm(self) -> f64 {
        match self {
            Self::Dry => 0.0,
            Self::Light => 2.5,
            Self::Moderate => 15.6,
            Self::Heavy => 64.5,
            Self::VeryHeavy => 115.6,
            Self::ExtremelyHeavy => 204.5,
        }
    }

    /// Returns the highest class that English words speak of, at however few places: "heavy to very
    /// heavy rainfall at isolated places" is very heavy. Thunderstorms and hail without a word on
    /// rain are light rain, and heat, fog or dry weather none; `None` for words that foretell rain
    /// or snow of no class (a cyclone, snow).
    #[must_use]
    pub fn in_words(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let speaks = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if speaks(&["extremely heavy"]) {
            Some(Self::ExtremelyHeavy)
        } else if speaks(&["very heavy"]) {
            Some(Self::VeryHeavy)
        } else if speaks(&["heavy"]) {
            Some(Self::Heavy)
        } else if speaks(&["moderate"]) {
            Some(Self::Moderate)
        } else if speaks(&["light rain", "drizzle", "thunder", "thundestorm", "hail"]) {
            Some(Self::Light)
        } else if speaks(&["cyclone", "snow", "rain"]) {
            None
        } else {
            Some(Self::Dry)
        }
    }
}

/// What each code of a provider stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeKey(BTreeMap<String, Option<RainClass>>);

impl CodeKey {
    /// Returns the key of rows (code, words). Codes stay text, so `27.1`, `27.10` and `27` differ.
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let entry = |(code, words): (&str, &str)| (code.to_owned(), RainClass::in_words(words));
        Self(rows.into_iter().map(entry).collect())
    }

    /// Returns the class of a code; `None` for a code that is unknown or of no class.
    #[must_use]
    pub fn class(&self, code: &str) -> Option<RainClass> {
        self.0.get(code).copied().flatten()
    }

    /// Returns how many codes are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no code is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_class_named_is_meant() {
        for (words, class) in [
            ("Dry.", Some(RainClass::Dry)),
            ("Hot and humid conditions in isolated pockets", Some(RainClass::Dry)),
            ("Light rain/ Thundershowers.", Some(RainClass::Light)),
            ("THUNDESTORM AND LIGHTNING WITH GUSTY WINDS", Some(RainClass::Light)),
            ("Light to moderate rain.", Some(RainClass::Moderate)),
            (
                "Heavy rainfall in ghat areas. Light to moderate rain in plains",
                Some(RainClass::Heavy),
            ),
            ("HEAVY RAINFALL VERY LIKELY TO OCCUR AT ISOLATED PLACES", Some(RainClass::Heavy)),
            ("HEAVY HEAVY TO VERY HEAVY RAINFALL", Some(RainClass::VeryHeavy)),
            (
                "Very heavy, extremely heavy rainfall at isolated places",
                Some(RainClass::ExtremelyHeavy),
            ),
            ("Cyclone", None),
            ("Rain", None),
        ] {
            assert_eq!(RainClass::in_words(words), class, "{words}");
        }
    }

    #[test]
    fn codes_that_look_like_the_same_number_stay_apart() {
        let key =
            CodeKey::from_rows([("5", "heavy rain"), ("5.1", "dry"), ("5.10", "moderate rain")]);
        let classes = ["5", "5.1", "5.10", "5.0"].map(|code| key.class(code));
        let expected =
            [Some(RainClass::Heavy), Some(RainClass::Dry), Some(RainClass::Moderate), None];
        assert_eq!(classes, expected);
        assert_eq!((key.len(), CodeKey::default().is_empty()), (3, true));
    }

    #[test]
    fn higher_classes_need_more_rain() {
        let classes = [
            RainClass::Dry,
            RainClass::Light,
            RainClass::Moderate,
            RainClass::Heavy,
            RainClass::VeryHeavy,
            RainClass::ExtremelyHeavy,
        ];
        assert!(classes.windows(2).all(|pair| pair[0].from_mm() < pair[1].from_mm()));
        assert!(classes.is_sorted());
    }
}

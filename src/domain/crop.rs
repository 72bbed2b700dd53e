//! Crops and their stages, as the rules and the calendar name them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A crop (or water use) that rules speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crop {
    /// Lúa: paddy rice.
    Rice,
    /// Lúa – tôm: wet-season rice in a shrimp field.
    RiceShrimp,
    /// Sầu riêng.
    Durian,
    /// Chôm chôm.
    Rambutan,
    /// Măng cụt.
    Mangosteen,
    /// Cam, quýt, chanh: orange, mandarin and lime.
    Citrus,
    /// Bưởi.
    Pomelo,
    /// Nhãn.
    Longan,
    /// Dừa.
    Coconut,
    /// Rau màu: vegetables.
    Vegetables,
    /// Cây giống, hoa kiểng: nursery plants and ornamentals.
    Nursery,
    /// Tôm nước lợ: brackish-water shrimp.
    Shrimp,
    /// Nghêu: clams on the flats before the river mouths.
    Clam,
}

impl Crop {
    /// Every crop, in the order of the list above.
    pub const ALL: [Self; 13] = [
        Self::Rice,
        Self::RiceShrimp,
        Self::Durian,
        Self::Rambutan,
        Self::Mangosteen,
        Self::Citrus,
        Self::Pomelo,
        Self::Longan,
        Self::Coconut,
        Self::Vegetables,
        Self::Nursery,
        Self::Shrimp,
        Self::Clam,
    ];

    /// Returns the name used in tables, rules and message keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rice => "rice",
            Self::RiceShrimp => "rice_shrimp",
            Self::Durian => "durian",
            Self::Rambutan => "rambutan",
            Self::Mangosteen => "mangosteen",
            Self::Citrus => "citrus",
            Self::Pomelo => "pomelo",
            Self::Longan => "longan",
            Self::Coconut => "coconut",
            Self::Vegetables => "vegetables",
            Self::Nursery => "nursery",
            Self::Shrimp => "shrimp",
            Self::Clam => "clam",
        }
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stage of rice; perennials and ponds are always in [`Stage::Any`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not told apart by stage.
    Any,
    /// No crop in the field.
    Fallow,
    /// Land preparation, the weeks before sowing.
    PreSowing,
    /// Sowing to emergence.
    Germination,
    /// Seedling, to about 20 days after sowing.
    Seedling,
    /// Tillering.
    Tillering,
    /// Panicle initiation to heading.
    Panicle,
    /// Heading and flowering.
    Flowering,
    /// Grain filling and ripening.
    Ripening,
}

impl Stage {
    /// Returns the name used in tables, rules and message keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Fallow => "fallow",
            Self::PreSowing => "pre_sowing",
            Self::Germination => "germination",
            Self::Seedling => "seedling",
            Self::Tillering => "tillering",
            Self::Panicle => "panicle",
            Self::Flowering => "flowering",
            Self::Ripening => "ripening",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

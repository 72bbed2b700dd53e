//! The province's rice varieties: how long each stands in the field, who says so, how sure it is.

use serde::Deserialize;

use super::Normals;
use crate::agronomy::AgronomyError;

/// Durations (days from sowing to harvest) that a variety of the delta can have: the shortest named
/// takes 85 days, the longest that is not photoperiod-sensitive 110
/// (`shared/knowledge/tables/varieties.csv`), with ten days to spare.
const DURATION_DAYS: std::ops::RangeInclusive<i64> = 75..=120;

/// What can go wrong with a variety.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PhenologyError {
    /// The table of varieties cannot be read.
    #[error("rice varieties cannot be read: {reason}")]
    Table {
        /// What the parser says, with the line.
        reason: String,
    },
    /// A variety's durations contradict each other or cannot be.
    #[error(
        "rice variety {variety} has the durations {given:?} days: allowed are 75 to 120, shortest first"
    )]
    Durations {
        /// The variety.
        variety: String,
        /// The two numbers given.
        given: [i64; 2],
    },
    /// A variety nobody described.
    #[error("rice variety {given:?} is unknown (allowed: {allowed})")]
    Unknown {
        /// The id as given.
        given: String,
        /// The ids known.
        allowed: String,
    },
    /// A variety whose harvest is set by the length of the day.
    #[error(
        "rice variety {variety} is photoperiod-sensitive: its harvest follows the calendar, not warmth"
    )]
    Photoperiod {
        /// The variety.
        variety: String,
    },
    /// Temperatures that cannot be.
    #[error(transparent)]
    Agronomy(#[from] AgronomyError),
}

/// How sure a variety's durations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the named source.
    Sourced,
    /// General knowledge, to be confirmed by an agronomist.
    Unverified,
}

/// A variety, as direct-seeded in the delta.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variety {
    /// Id in tables, lower case.
    pub id: String,
    /// Name as farmers write it.
    pub name: String,
    /// Shortest and longest usual duration (days from sowing to harvest).
    duration_days: [i64; 2],
    /// The same where another is told for the winter-spring crop.
    winter_spring_days: Option<[i64; 2]>,
    /// Whether day length sets its harvest.
    #[serde(default)]
    pub photoperiod_sensitive: bool,
    /// How sure the durations are.
    pub confidence: Confidence,
    /// Who says so.
    pub source: String,
}

impl Variety {
    /// Returns the shortest and longest usual duration (days from sowing to harvest) of a crop sown
    /// in this month (1 to 12); winter-spring is sown from October to January
    /// (`data/reference/crop_calendar.csv`).
    #[must_use]
    pub fn duration_days(&self, sowing_month: i8) -> [i64; 2] {
        let winter_spring = matches!(sowing_month, 10..=12 | 1);
        self.winter_spring_days.filter(|_| winter_spring).unwrap_or(self.duration_days)
    }

    fn check(&self) -> Result<(), PhenologyError> {
        for given in [Some(self.duration_days), self.winter_spring_days].into_iter().flatten() {
            let possible = given.iter().all(|days| DURATION_DAYS.contains(days));
            if !(possible || self.photoperiod_sensitive) || given[0] > given[1] {
                return Err(PhenologyError::Durations { variety: self.id.clone(), given });
            }
        }
        Ok(())
    }
}

/// The varieties and the usual temperatures their durations hold for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Varieties {
    /// Usual temperatures of the province.
    pub normals: Normals,
    variety: Vec<Variety>,
}

impl Varieties {
    /// Returns the varieties written in `text` (`data/reference/rice_varieties.toml`).
    ///
    /// # Errors
    /// [`PhenologyError::Table`] when it is not such a table, [`PhenologyError::Durations`] when a
    /// variety's durations cannot be.
    pub fn from_toml(text: &str) -> Result<Self, PhenologyError> {
        let table: Self = toml::from_str(text)
            .map_err(|error| PhenologyError::Table { reason: error.to_string() })?;
        table.variety.iter().try_for_each(Variety::check)?;
        Ok(table)
    }

    /// Returns all varieties in the order of the table.
    #[must_use]
    pub fn all(&self) -> &[Variety] {
        &self.variety
    }

    /// Returns the variety of this id.
    ///
    /// # Errors
    /// [`PhenologyError::Unknown`] with the ids known.
    pub fn named(&self, id: &str) -> Result<&Variety, PhenologyError> {
        self.variety.iter().find(|variety| variety.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.variety.iter().map(|variety| &*variety.id).collect();
            PhenologyError::Unknown { given: id.to_owned(), allowed: known.join(", ") }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../data/reference/rice_varieties.toml");

    #[test]
    fn the_shipped_table_is_whole_and_every_doubt_is_marked() {
        let table = Varieties::from_toml(SHIPPED).unwrap();
        let mut ids: Vec<&str> = table.all().iter().map(|variety| &*variety.id).collect();
        assert_eq!(ids.len(), 14);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 14, "ids are unique");
        for variety in table.all() {
            let doubted = variety.source.contains("unverified");
            assert_eq!(variety.confidence == Confidence::Unverified, doubted, "{}", variety.id);
        }
    }

    #[test]
    fn a_duration_may_differ_for_the_winter_spring_crop() {
        let table = Varieties::from_toml(SHIPPED).unwrap();
        let om5451 = table.named("om5451").unwrap();
        assert_eq!(om5451.duration_days(11), [88, 93]);
        assert_eq!(om5451.duration_days(4), [90, 95]);
        assert_eq!(table.named("om18").unwrap().duration_days(1), [95, 100]);
    }

    #[test]
    fn unknown_varieties_and_impossible_durations_are_named() {
        let table = Varieties::from_toml(SHIPPED).unwrap();
        assert!(table.named("om1").unwrap_err().to_string().contains("om5451"));
        let swapped = SHIPPED.replace("duration_days = [95, 100]", "duration_days = [100, 95]");
        let refused = Varieties::from_toml(&swapped).unwrap_err().to_string();
        assert!(refused.contains("om18") && refused.contains("100, 95"), "{refused}");
        let unknown = Varieties::from_toml(&SHIPPED.replace("source =", "sauce ="));
        assert!(matches!(unknown, Err(PhenologyError::Table { .. })));
    }
}

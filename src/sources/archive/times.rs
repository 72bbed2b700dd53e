//! Reads the time a row is true for, and when its values could have been known.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::lag::{Base, Rule, parse_offset};
use super::spec::{Lag, SetSpec, TimeSpec};
use super::table::{Row, Table};
use crate::domain::time::{LOCAL_OFFSET, add_days, day_start, local_date};

/// The years that a stamp in the archive can hold: the oldest series starts in 1870; a stamp of
/// 9999 or 0001 is a mark for "missing" or a slip of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// The months by their initials, twice, so that every three-month name is found in it.
const INITIALS: &str = "JFMAMJJASONDJF";

/// Where the valid time of a row stands in this file.
#[derive(Debug)]
pub struct TimeReader {
    shape: Shape,
    columns: Vec<usize>,
    seasons: BTreeMap<String, (Rule, Rule)>,
}

#[derive(Debug)]
enum Shape {
    Day { layout: Option<String>, shift_days: i64 },
    Month,
    Instant(Offset),
    Year,
    Week,
    Season,
    SeasonCentre,
}

impl TimeReader {
    /// Returns a reader for this header.
    ///
    /// # Errors
    /// The missing column, or a text of the manifest that cannot be read.
    pub fn new(set: &SetSpec, table: &Table) -> Result<Self, ReaderError> {
        let spec = set.time.as_ref().ok_or_else(|| ReaderError::text("the set has no time"))?;
        let (shape, names) = match spec {
            TimeSpec::Day { column, layout, shift_days } => {
                (Shape::Day { layout: layout.clone(), shift_days: *shift_days }, vec![column])
            }
            TimeSpec::Month { column } => (Shape::Month, vec![column]),
            TimeSpec::Instant { column, zone } => {
                let offset = zone.as_deref().map_or(Ok(LOCAL_OFFSET), parse_offset);
                (Shape::Instant(offset.map_err(ReaderError::Text)?), vec![column])
            }
            TimeSpec::Year { column } => (Shape::Year, vec![column]),
            TimeSpec::Week { year, week } => (Shape::Week, vec![year, week]),
            TimeSpec::Season { year, season } => (Shape::Season, vec![year, season]),
            TimeSpec::SeasonCentre { season, issued } => {
                (Shape::SeasonCentre, vec![season, issued])
            }
        };
        let columns = names.into_iter().map(|n| require(table, n)).collect::<Result<_, _>>()?;
        let mut seasons = BTreeMap::new();
        for (name, season) in &set.season {
            let rule = |lag| Rule::new(lag).map_err(ReaderError::Text);
            seasons.insert(name.clone(), (rule(&season.start)?, rule(&season.known)?));
        }
        Ok(Self { shape, columns, seasons })
    }

    /// Returns the columns that hold the time.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Returns the time of a row as it is written.
    #[must_use]
    pub fn written(&self, row: &Row) -> String {
        self.columns.iter().map(|c| row.raw(*c)).collect::<Vec<_>>().join(" ")
    }

    /// Returns the start of the step the row is true for, `None` when it cannot be read.
    #[must_use]
    pub fn valid(&self, row: &Row) -> Option<Timestamp> {
        let first = row.text(*self.columns.first()?)?;
        let second = self.columns.get(1).map_or(Some(""), |c| row.text(*c))?;
        let day = match &self.shape {
            Shape::Instant(offset) => return instant(first, *offset),
            Shape::Day { layout, shift_days } => {
                let date = match layout {
                    Some(layout) => Date::strptime(layout, first).ok()?,
                    None => first.parse().ok()?,
                };
                add_days(date, *shift_days)
            }
            Shape::Month => first.parse::<Date>().ok()?.first_of_month(),
            Shape::Year => new_year(first)?,
            Shape::Week => {
                let week: i64 = second.parse().ok()?;
                (1..=53)
                    .contains(&week)
                    .then(|| Some(add_days(new_year(first)?, 7 * (week - 1))))??
            }
            Shape::Season => self.seasons.get(second)?.0.day(new_year(first)?)?,
            Shape::SeasonCentre => season_centre(first, second)?,
        };
        YEARS.contains(&day.year()).then(|| day_start(day).ok())?
    }

    /// Returns when a season's figures are first published.
    #[must_use]
    fn season_known(&self, row: &Row) -> Option<Timestamp> {
        let year = new_year(row.text(*self.columns.first()?)?)?;
        let season = row.text(*self.columns.get(1)?)?;
        self.seasons.get(season)?.1.apply(Base::Day(year))
    }
}

/// Why a column of the manifest cannot be read from this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderError {
    /// The file has no such column.
    Column(String),
    /// A text of the manifest is wrong.
    Text(String),
}

impl ReaderError {
    /// Returns an error of the manifest.
    #[must_use]
    pub fn text(sentence: &str) -> Self {
        Self::Text(sentence.to_owned())
    }
}

/// Returns where a column stands.
///
/// # Errors
/// [`ReaderError::Column`] when it is not there.
pub fn require(table: &Table, column: &str) -> Result<usize, ReaderError> {
    table.index(column).ok_or_else(|| ReaderError::Column(column.to_owned()))
}

/// When a row's values could have been known (or a forecast was issued).
#[derive(Debug)]
pub struct LagReader {
    rule: Rule,
    from: CountFrom,
}

#[derive(Debug)]
enum CountFrom {
    Valid,
    Column(usize),
    YearMonth(usize, usize),
    File(Base),
    Season,
}

impl LagReader {
    /// Returns a reader for this header and file name.
    ///
    /// # Errors
    /// The missing column, or a text of the manifest that cannot be read.
    pub fn new(lag: &Lag, table: &Table, file_name: &str) -> Result<Self, ReaderError> {
        let rule = Rule::new(lag).map_err(ReaderError::Text)?;
        let from = if let Some(column) = &lag.column {
            CountFrom::Column(require(table, column)?)
        } else if let Some([year, month]) = &lag.year_month {
            CountFrom::YearMonth(require(table, year)?, require(table, month)?)
        } else if let Some(pattern) = &rule.file_date {
            let name = file_name.rsplit('/').next().unwrap_or(file_name);
            let base = Base::from_file_name(name, pattern);
            CountFrom::File(base.ok_or_else(|| {
                ReaderError::Text(format!("the file name {name:?} holds no date of eight digits"))
            })?)
        } else if lag.season {
            CountFrom::Season
        } else {
            CountFrom::Valid
        };
        Ok(Self { rule, from })
    }

    /// Returns the moment for a row whose value is true from `valid` on.
    #[must_use]
    pub fn read(&self, row: &Row, valid: Timestamp, time: &TimeReader) -> Option<Timestamp> {
        let base = match &self.from {
            CountFrom::Valid => Base::Moment(valid),
            CountFrom::Column(column) => Base::parse(row.text(*column)?)?,
            CountFrom::YearMonth(year, month) => {
                let month = row.text(*month)?.parse().ok()?;
                let first = new_year(row.text(*year)?)?;
                Base::Day(Date::new(first.year(), month, 1).ok()?)
            }
            CountFrom::File(base) => *base,
            CountFrom::Season => return time.season_known(row),
        };
        self.rule.apply(base)
    }
}

fn instant(text: &str, offset: Offset) -> Option<Timestamp> {
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        // A stamp without a zone: the set says which one it means.
        Err(_) => offset.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    YEARS.contains(&local_date(moment).year()).then_some(moment)
}

fn new_year(text: &str) -> Option<Date> {
    let year: i16 = text.parse().ok()?;
    YEARS.contains(&year).then(|| Date::new(year, 1, 1).ok())?
}

/// Returns the centre month of a three-month name; the outlook's first season is centred on the
/// month of issue or the one before it, so an earlier month belongs to the next year.
fn season_centre(initials: &str, issued: &str) -> Option<Date> {
    let start = (initials.len() == 3).then(|| INITIALS.find(initials))??;
    let Base::Day(issued) = Base::parse(issued)? else { return None };
    let centre = i8::try_from((start + 1) % 12 + 1).ok()?;
    let next = i16::from(centre < issued.month() - 1);
    Date::new(issued.year() + next, centre, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn seasons_of_an_outlook_run_into_the_next_year() {
        assert_eq!(season_centre("MAM", "2026-04"), Some(date(2026, 4, 1)));
        assert_eq!(season_centre("NDJ", "2026-04"), Some(date(2026, 12, 1)));
        assert_eq!(season_centre("DJF", "2026-04"), Some(date(2027, 1, 1)));
        assert_eq!(season_centre("DJF", "2026-01"), Some(date(2026, 1, 1)));
        assert_eq!(season_centre("NDJ", "2026-11"), Some(date(2026, 12, 1)));
        assert_eq!(season_centre("OND", "2027-01"), Some(date(2027, 11, 1)));
        assert_eq!(season_centre("XYZ", "2026-04"), None);
        assert_eq!(season_centre("J", "2026-04"), None);
    }

    #[test]
    fn stamps_without_a_zone_use_the_sets_own() {
        let at = |text| instant(text, LOCAL_OFFSET).map(|t| t.to_string());
        assert_eq!(at("2020-01-01T01:00:00").as_deref(), Some("2019-12-31T18:00:00Z"));
        assert_eq!(at("2020-01-01T01:00:00Z").as_deref(), Some("2020-01-01T01:00:00Z"));
        assert_eq!(at("01/01/2020 01:00"), None);
        assert_eq!(at("9998-01-01T01:00:00Z"), None);
    }
}

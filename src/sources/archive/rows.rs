//! The rows of a file with their place and times, sorted, repeats left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use regex::Regex;

use super::checks::repeat::{Poll, Polls};
use super::places::{PlaceReader, parse_date, parse_flag};
use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::report::SetReport;
use super::spec::{FlagRule, SetSpec};
use super::table::{Row, Table};
use super::times::{LagReader, ReaderError, TimeReader, require};
use crate::domain::time::{days_between, local_date};
use crate::domain::{QcFlag, QcFlags};

/// What one row is about.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// Its index in [`Table::rows`].
    pub row: usize,
    /// Its place's number in [`Rows::places`].
    pub place: usize,
    /// The start of the step it is true for.
    pub valid: Timestamp,
    /// When anyone could have known it.
    pub available: Timestamp,
    /// When it was issued (guidance; else equal to `available`).
    pub issued: Timestamp,
    /// The flags of the whole row.
    pub qc: QcFlags,
}

/// The usable rows of a file, sorted by place and time.
#[derive(Debug)]
pub struct Rows {
    /// The rows.
    pub metas: Vec<Meta>,
    /// Their places.
    pub places: PlaceReader,
    /// Where their time stands.
    pub time: TimeReader,
    /// The rules for flags of single columns.
    pub flags: Vec<Flag>,
}

/// A flag rule, its texts read once.
#[derive(Debug)]
pub struct Flag {
    flag: QcFlag,
    from: Option<Date>,
    before: Option<Date>,
    column: Option<(usize, Vec<String>)>,
    known_after_days: Option<i64>,
    /// The value columns it is for; all when empty.
    pub values: Vec<String>,
}

impl Flag {
    fn new(rule: &FlagRule, table: &Table) -> Result<Self, ReaderError> {
        let column = match &rule.column {
            Some(name) => Some((require(table, name)?, rule.equals.clone())),
            None => None,
        };
        Ok(Self {
            flag: parse_flag(&rule.flag)?,
            from: rule.from.as_deref().map(parse_date).transpose()?,
            before: rule.before.as_deref().map(parse_date).transpose()?,
            column,
            known_after_days: rule.known_after_days,
            values: rule.values.clone(),
        })
    }

    /// Returns `qc` with this flag added if the row has the property.
    #[must_use]
    pub fn apply(&self, qc: QcFlags, row: &Row, valid: Timestamp, available: Timestamp) -> QcFlags {
        let day = local_date(valid);
        let late = |days| days_between(day, local_date(available)) > days;
        let holds = self.from.is_none_or(|d| day >= d)
            && self.before.is_none_or(|d| day < d)
            && self.known_after_days.is_none_or(late)
            && self.column.as_ref().is_none_or(|(column, texts)| {
                row.text(*column).is_some_and(|text| texts.iter().any(|t| t == text))
            });
        if holds { qc.with(self.flag) } else { qc }
    }
}

/// Rows that are not data, their texts read once.
struct Skip<'a> {
    column: usize,
    equals: &'a [String],
    matches: Option<Regex>,
    reason: &'a str,
    detail: &'a str,
}

/// Returns the usable rows; `None` (and an issue) when a column they need is missing.
#[must_use]
pub fn read(
    set: &SetSpec,
    file_name: &str,
    table: &Table,
    quarantine: &mut Quarantine,
    report: &mut SetReport,
) -> Option<Rows> {
    match Pass::new(set, file_name, table) {
        Ok(mut pass) => {
            let metas = pass.metas(table, quarantine);
            report.unsorted = unsorted(&metas, set.issued.is_some());
            let metas = pass.sort_and_fold(metas, table, set, report);
            let Pass { places, time, flags, .. } = pass;
            Some(Rows { metas, places, time, flags })
        }
        Err(error) => {
            tell(error, table, quarantine);
            None
        }
    }
}

/// Tells why a file (or one of its columns) cannot be read.
pub fn tell(error: ReaderError, table: &Table, quarantine: &mut Quarantine) {
    match error {
        ReaderError::Column(name) => {
            let found = table.header.join(", ");
            let detail =
                format!("column {name:?} is needed and not there; the columns are: {found}");
            quarantine.file(reason::MISSING_COLUMN, &name, detail);
        }
        ReaderError::Text(detail) => quarantine.file(reason::MANIFEST, "", detail),
    }
}

struct Pass<'a> {
    time: TimeReader,
    places: PlaceReader,
    available: LagReader,
    issued: Option<LagReader>,
    flags: Vec<Flag>,
    skips: Vec<Skip<'a>>,
}

impl<'a> Pass<'a> {
    fn new(set: &'a SetSpec, file_name: &str, table: &Table) -> Result<Self, ReaderError> {
        let lag = set.available.as_ref().ok_or_else(|| ReaderError::text("the set has no lag"))?;
        let skip = |rule: &'a super::spec::SkipRule| {
            let matches = rule.matches.as_deref().map(Regex::new).transpose();
            Ok(Skip {
                column: require(table, &rule.column)?,
                equals: &rule.equals,
                matches: matches.map_err(|e| ReaderError::Text(e.to_string()))?,
                reason: &rule.reason,
                detail: &rule.detail,
            })
        };
        Ok(Self {
            time: TimeReader::new(set, table)?,
            places: PlaceReader::new(set.place.as_ref(), table)?,
            available: LagReader::new(lag, table, file_name)?,
            issued: set.issued.as_ref().map(|l| LagReader::new(l, table, file_name)).transpose()?,
            flags: set.flag.iter().map(|f| Flag::new(f, table)).collect::<Result<_, _>>()?,
            skips: set.skip.iter().map(skip).collect::<Result<_, ReaderError>>()?,
        })
    }

    fn metas(&mut self, table: &Table, quarantine: &mut Quarantine) -> Vec<Meta> {
        let mut metas = Vec::with_capacity(table.rows.len());
        let mut skipped: BTreeMap<(usize, String), (i64, usize)> = BTreeMap::new();
        for (index, row) in table.rows.iter().enumerate() {
            if let Some((rule, text)) = self.skipped(row) {
                let entry = skipped.entry((rule, text)).or_insert((row.number, 0));
                entry.1 += 1;
                quarantine.row(row.number);
            } else {
                metas.extend(self.meta(index, row, table, quarantine));
            }
        }
        for ((rule, text), (first, count)) in skipped {
            let skip = &self.skips[rule];
            let field = &table.header[skip.column];
            let spot = Spot { row: first, field, raw: &text, ..Spot::default() };
            let detail = format!("{}; {count} rows with this text", skip.detail);
            quarantine.run(spot, skip.reason, count, detail);
        }
        metas
    }

    fn skipped(&self, row: &Row) -> Option<(usize, String)> {
        self.skips.iter().enumerate().find_map(|(i, skip)| {
            let text = row.text(skip.column)?;
            let told = skip.equals.iter().any(|t| t == text)
                || skip.matches.as_ref().is_some_and(|m| m.is_match(text));
            told.then(|| (i, text.to_owned()))
        })
    }

    fn meta(&mut self, index: usize, row: &Row, table: &Table, q: &mut Quarantine) -> Option<Meta> {
        let valid = self.time.valid(row);
        let times = valid.and_then(|valid| {
            let available = self.available.read(row, valid, &self.time)?;
            let issued = match &self.issued {
                Some(issued) => issued.read(row, valid, &self.time)?,
                None => available,
            };
            Some((valid, available, issued))
        });
        let place = self.places.read(row, valid);
        let written = self.time.written(row);
        let name = |columns: &[usize]| -> String {
            columns.iter().map(|c| table.header[*c].as_str()).collect::<Vec<_>>().join(" ")
        };
        let raw = |columns: &[usize]| -> String {
            columns.iter().map(|c| row.raw(*c)).collect::<Vec<_>>().join(" ")
        };
        match (place, times) {
            (Some(place), Some((valid, available, issued))) => {
                let flags = self.flags.iter().filter(|f| f.values.is_empty());
                let qc = flags.fold(QcFlags::NONE, |qc, f| f.apply(qc, row, valid, available));
                return Some(Meta { row: index, place, valid, available, issued, qc });
            }
            (_, None) => {
                let columns = self.time.columns();
                let why = encoding(row, columns).unwrap_or(reason::BAD_TIME);
                let (field, raw) = (name(columns), raw(columns));
                let spot = Spot { row: row.number, field: &field, raw: &raw, ..Spot::default() };
                q.one(spot, why, format!("time {raw:?} cannot be read; the row is left out"));
            }
            (None, Some(_)) => {
                let columns = self.places.columns();
                let why = encoding(row, columns).unwrap_or(reason::UNKNOWN_PLACE);
                let (field, raw) = (name(columns), raw(columns));
                let spot =
                    Spot { row: row.number, time: &written, field: &field, raw: &raw, place: "" };
                q.one(spot, why, format!("place {raw:?} is not known; the row is left out"));
            }
        }
        None
    }

    fn sort_and_fold(
        &self,
        mut metas: Vec<Meta>,
        table: &Table,
        set: &SetSpec,
        report: &mut SetReport,
    ) -> Vec<Meta> {
        metas.sort_by_key(|m| (m.place, m.valid, m.row));
        let Some(rule) = &set.repeat else { return metas };
        let stamp = self.time.columns()[0];
        let mut kept: Vec<Meta> = Vec::with_capacity(metas.len());
        let mut polls = Polls::default();
        let mut before: Option<Meta> = None;
        for mut meta in metas {
            let earlier = before.replace(meta).filter(|b| b.place == meta.place);
            if earlier.is_none() {
                polls = Polls::default();
            }
            let same =
                earlier.is_some_and(|b| table.rows[b.row].same_but(&table.rows[meta.row], stamp));
            match polls.next(meta.valid, same, rule) {
                Poll::New => kept.push(meta),
                Poll::SameEvent => report.same_event += 1,
                Poll::Repeated => {
                    meta.qc = meta.qc.with(QcFlag::Repeated);
                    kept.push(meta);
                }
            }
        }
        kept
    }
}

fn encoding(row: &Row, columns: &[usize]) -> Option<&'static str> {
    columns.iter().any(|c| row.text(*c).is_none()).then_some(reason::WRONG_ENCODING)
}

/// Returns how many rows stand after a later one of the same place (and issue, for forecasts).
fn unsorted(metas: &[Meta], by_issue: bool) -> usize {
    let mut latest: BTreeMap<usize, (Timestamp, Timestamp)> = BTreeMap::new();
    metas
        .iter()
        .filter(|m| {
            let at = (if by_issue { m.issued } else { m.valid }, m.valid);
            let last = latest.entry(m.place).or_insert(at);
            let late = at < *last;
            *last = at.max(*last);
            late
        })
        .count()
}

//! Rows of a panel as columns: what record batches are turned into before series are made of them.
//!
//! A panel needs the columns `unique_id` (text or whole numbers), `ds` (dates, timestamps or whole
//! numbers) and `y`; every other column of numbers is exogenous. Rows of one series need not stand
//! together nor in order.

use std::collections::HashMap;
use std::hash::{Hash as _, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};

use arrow::util::display::array_value_to_string;
use serde::{Deserialize, Serialize};

use super::error::EngineError;

/// A stamp that is missing.
pub const NO_STAMP: i64 = i64::MIN;

/// The names of the columns every panel has.
pub const ID: &str = "unique_id";
/// The column of stamps.
pub const DS: &str = "ds";
/// The column of values.
pub const Y: &str = "y";

/// The columns of a panel and their types: how rows are read and how answers are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Type of `unique_id` in the panel.
    pub id: DataType,
    /// Type of `ds` in the panel.
    pub ds: DataType,
    /// Names of the exogenous columns in use.
    pub exogenous: Vec<String>,
}

impl Layout {
    /// Returns the layout of a panel with this schema.
    ///
    /// # Errors
    /// [`EngineError::Column`] and [`EngineError::ColumnType`] when it is no panel.
    pub fn of(schema: &Schema) -> Result<Self, EngineError> {
        let given = || {
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            names.join(", ")
        };
        let of = |name: &'static str| {
            let found = schema.field_with_name(name).map(|f| f.data_type().clone());
            found.map_err(|_| EngineError::Column { name, given: given() })
        };
        let (id, ds, y) = (of(ID)?, of(DS)?, of(Y)?);
        let wrong = |name: &str, given: &DataType, wanted| {
            Err(EngineError::ColumnType { name: name.to_owned(), given: given.clone(), wanted })
        };
        if !(is_text(&id) || id.is_integer()) {
            return wrong(ID, &id, "text or a whole number");
        }
        if !(ds.is_integer() || ds.is_temporal() && !is_clock_time(&ds)) {
            return wrong(DS, &ds, "a date, a timestamp or a whole number");
        }
        if !y.is_numeric() {
            return wrong(Y, &y, "a number");
        }
        let exogenous = schema.fields().iter().filter(|f| f.data_type().is_numeric());
        let exogenous = exogenous.map(|f| f.name().clone());
        let exogenous = exogenous.filter(|n| ![ID, DS, Y].contains(&n.as_str())).collect();
        Ok(Self { id, ds, exogenous })
    }

    /// Returns whether stamps are dates or times, not bare numbers.
    #[must_use]
    pub fn times(&self) -> bool {
        !self.ds.is_integer()
    }

    /// Returns a stamp as it is written in the panel.
    #[must_use]
    pub fn text(&self, stamp: i64) -> String {
        let array = self.stamps(vec![stamp]).ok().filter(|array| array.is_valid(0));
        let text = array.and_then(|array| array_value_to_string(&array, 0).ok());
        text.unwrap_or_else(|| stamp.to_string())
    }

    /// Returns stamps as an array of the panel's own type; [`NO_STAMP`] becomes a null.
    ///
    /// # Errors
    /// [`EngineError::Arrow`] when a stamp does not fit the type.
    pub fn stamps(&self, stamps: Vec<i64>) -> Result<ArrayRef, EngineError> {
        let some = stamps.into_iter().map(|s| (s != NO_STAMP).then_some(s));
        let array: ArrayRef = if self.times() {
            let array: TimestampMicrosecondArray = some.collect();
            match &self.ds {
                DataType::Timestamp(_, zone) => Arc::new(array.with_timezone_opt(zone.clone())),
                _ => Arc::new(array),
            }
        } else {
            Arc::new(some.collect::<Int64Array>())
        };
        Ok(cast(&array, &self.ds)?)
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

fn is_clock_time(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) | DataType::Interval(_)
    )
}

/// Series ids, each once, as whole numbers or as text; a null id is the empty text or 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Text: all ids one after the other, and where each ends.
    Text {
        /// All ids, end to end.
        text: String,
        /// End of each id in `text`.
        ends: Vec<usize>,
    },
}

impl Ids {
    /// Returns no ids, of the kind that fits a column of this type.
    #[must_use]
    pub fn none(kind: &DataType) -> Self {
        if kind.is_integer() {
            Self::Whole(Vec::new())
        } else {
            Self::Text { text: String::new(), ends: Vec::new() }
        }
    }

    /// Returns no ids, of the kind of these.
    #[must_use]
    pub const fn none_like(&self) -> Self {
        match self {
            Self::Whole(_) => Self::Whole(Vec::new()),
            Self::Text { .. } => Self::Text { text: String::new(), ends: Vec::new() },
        }
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(ids) => ids.len(),
            Self::Text { ends, .. } => ends.len(),
        }
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one as text.
    #[must_use]
    pub fn text(&self, i: usize) -> String {
        match self {
            Self::Whole(ids) => ids[i].to_string(),
            Self::Text { .. } => self.slice(i).to_owned(),
        }
    }

    /// Returns whether one is the same as one of another list.
    #[must_use]
    pub fn same(&self, i: usize, other: &Self, j: usize) -> bool {
        match (self, other) {
            (Self::Whole(ids), Self::Whole(others)) => ids[i] == others[j],
            (Self::Text { .. }, Self::Text { .. }) => self.slice(i) == other.slice(j),
            _ => self.text(i) == other.text(j),
        }
    }

    /// Returns whether each stands after the one before: then none stands there twice.
    #[must_use]
    pub fn ascend(&self) -> bool {
        match self {
            Self::Whole(ids) => ids.is_sorted_by(|a, b| a < b),
            Self::Text { .. } => (1..self.len()).all(|i| self.slice(i - 1) < self.slice(i)),
        }
    }

    /// Hashes one.
    pub fn hash(&self, i: usize, hasher: &mut impl Hasher) {
        match self {
            Self::Whole(ids) => ids[i].hash(hasher),
            Self::Text { .. } => self.slice(i).hash(hasher),
        }
    }

    fn slice(&self, i: usize) -> &str {
        match self {
            Self::Whole(_) => "",
            Self::Text { text, ends } => &text[i.checked_sub(1).map_or(0, |j| ends[j])..ends[i]],
        }
    }

    /// Adds one of another list of the same kind.
    pub fn push_from(&mut self, other: &Self, i: usize) {
        match (self, other) {
            (Self::Whole(ids), Self::Whole(from)) => ids.push(from[i]),
            (Self::Text { text, ends }, other) => {
                match other {
                    Self::Whole(from) => text.push_str(&from[i].to_string()),
                    Self::Text { .. } => text.push_str(other.slice(i)),
                }
                ends.push(text.len());
            }
            (Self::Whole(ids), other) => ids.push(other.slice(i).parse().unwrap_or_default()),
        }
    }

    /// Returns the ids as an array of type `kind`, each `times` times.
    ///
    /// # Errors
    /// [`EngineError::Arrow`] when they do not fit the type.
    pub fn array(&self, kind: &DataType, times: usize) -> Result<ArrayRef, EngineError> {
        let array: ArrayRef = match self {
            Self::Whole(ids) => Arc::new(Int64Array::from_iter_values(
                ids.iter().flat_map(|id| std::iter::repeat_n(*id, times)),
            )),
            Self::Text { text, .. } => {
                let bytes = text.len() * times;
                let mut column = StringBuilder::with_capacity(self.len() * times, bytes);
                for i in 0..self.len() {
                    (0..times).for_each(|_| column.append_value(self.slice(i)));
                }
                Arc::new(column.finish())
            }
        };
        Ok(cast(&array, kind)?)
    }
}

/// The id column of one batch, read without making text of every row.
enum IdColumn {
    Whole(Int64Array),
    Text(StringArray),
}

impl IdColumn {
    fn of(array: &ArrayRef) -> Result<Self, EngineError> {
        if array.data_type().is_integer() {
            Ok(Self::Whole(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()))
        } else {
            Ok(Self::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()))
        }
    }

    fn is_last_of(&self, ids: &Ids, row: usize) -> bool {
        match (self, ids) {
            (Self::Whole(column), Ids::Whole(ids)) => ids.last() == Some(&column.value(row)),
            (Self::Text(column), Ids::Text { .. }) => {
                !ids.is_empty() && ids.slice(ids.len() - 1) == column.value(row)
            }
            _ => false,
        }
    }

    fn push(&self, ids: &mut Ids, row: usize) {
        match (self, ids) {
            (Self::Whole(column), Ids::Whole(ids)) => ids.push(column.value(row)),
            (Self::Text(column), Ids::Text { text, ends }) => {
                text.push_str(column.value(row));
                ends.push(text.len());
            }
            _ => {}
        }
    }
}

/// Rows as columns, in runs of one series each.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The id of each run; an id may have several runs until [`Rows::gather`].
    pub ids: Ids,
    /// Where each run ends in the columns.
    pub ends: Vec<usize>,
    /// The stamp of each row, [`NO_STAMP`] where missing.
    pub stamps: Vec<i64>,
    /// The value of each row, NaN where missing.
    pub y: Vec<f64>,
    /// The exogenous columns, each as long as `y`.
    pub exogenous: Vec<Vec<f64>>,
}

impl Rows {
    /// Returns no rows of this layout.
    #[must_use]
    pub fn none(layout: &Layout) -> Self {
        Self {
            ids: Ids::none(&layout.id),
            ends: Vec::new(),
            stamps: Vec::new(),
            y: Vec::new(),
            exogenous: vec![Vec::new(); layout.exogenous.len()],
        }
    }

    /// Returns the rows of run `i`.
    #[must_use]
    pub fn run(&self, i: usize) -> std::ops::Range<usize> {
        i.checked_sub(1).map_or(0, |j| self.ends[j])..self.ends[i]
    }

    /// Adds the rows of a batch. A missing column `y` (a file of future covariates) is all missing.
    ///
    /// # Errors
    /// [`EngineError`] when a column is missing or cannot be read.
    pub fn push(&mut self, layout: &Layout, batch: &RecordBatch) -> Result<(), EngineError> {
        let given = || {
            let schema = batch.schema();
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            names.join(", ")
        };
        let column = |name: &'static str| {
            batch.column_by_name(name).ok_or_else(|| EngineError::Column { name, given: given() })
        };
        push_stamps(&mut self.stamps, column(DS)?)?;
        match batch.column_by_name(Y) {
            Some(y) => push_numbers(&mut self.y, y)?,
            None => self.y.resize(self.stamps.len(), f64::NAN),
        }
        for (name, into) in layout.exogenous.iter().zip(&mut self.exogenous) {
            match batch.column_by_name(name) {
                Some(x) => push_numbers(into, x)?,
                None => into.resize(self.stamps.len(), f64::NAN),
            }
        }
        let ids = IdColumn::of(column(ID)?)?;
        let before = self.stamps.len() - batch.num_rows();
        for row in 0..batch.num_rows() {
            if ids.is_last_of(&self.ids, row) {
                if let Some(end) = self.ends.last_mut() {
                    *end += 1;
                }
            } else {
                ids.push(&mut self.ids, row);
                self.ends.push(before + row + 1);
            }
        }
        Ok(())
    }

    /// Takes away all runs but the last, which may go on in the next batch.
    #[must_use]
    pub fn take_whole(&mut self) -> Self {
        let runs = self.ends.len();
        let from = if runs < 2 { 0 } else { self.ends[runs - 2] };
        let mut rest = Self {
            ids: self.ids.none_like(),
            ends: Vec::new(),
            stamps: self.stamps.split_off(from),
            y: self.y.split_off(from),
            exogenous: self.exogenous.iter_mut().map(|x| x.split_off(from)).collect(),
        };
        if runs > 0 {
            rest.ids.push_from(&self.ids, runs - 1);
            rest.ends.push(rest.y.len());
            self.ends.pop();
            match &mut self.ids {
                Ids::Whole(ids) => drop(ids.pop()),
                Ids::Text { text, ends } => {
                    ends.pop();
                    text.truncate(ends.last().copied().unwrap_or(0));
                }
            }
        }
        std::mem::replace(self, rest)
    }

    /// Cuts gathered rows into parts of whole series, each of at least `rows` rows but the last.
    #[must_use]
    pub fn into_parts(self, rows: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        let (mut first, mut from) = (0, 0);
        for run in 0..self.ends.len() {
            let to = self.ends[run];
            if to - from < rows && run + 1 < self.ends.len() {
                continue;
            }
            let mut ids = self.ids.none_like();
            (first..=run).for_each(|i| ids.push_from(&self.ids, i));
            parts.push(Self {
                ids,
                ends: self.ends[first..=run].iter().map(|end| end - from).collect(),
                stamps: self.stamps[from..to].to_vec(),
                y: self.y[from..to].to_vec(),
                exogenous: self.exogenous.iter().map(|x| x[from..to].to_vec()).collect(),
            });
            (first, from) = (run + 1, to);
        }
        parts
    }

    /// Returns the rows with one run a series, series in the order of their first rows.
    ///
    /// Costs nothing when they stand so already.
    #[must_use]
    pub fn gather(self) -> Self {
        if self.ids.ascend() {
            return self;
        }
        let mut first: HashMap<String, usize> = HashMap::with_capacity(self.ids.len());
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for run in 0..self.ids.len() {
            let next = runs.len();
            let at = *first.entry(self.ids.text(run)).or_insert(next);
            if at == next {
                runs.push(Vec::new());
            }
            runs[at].push(run);
        }
        if runs.len() == self.ids.len() {
            return self;
        }
        let mut ids = self.ids.none_like();
        let (mut ends, mut total) = (Vec::new(), 0);
        for series in &runs {
            ids.push_from(&self.ids, series[0]);
            total += series.iter().map(|run| self.run(*run).len()).sum::<usize>();
            ends.push(total);
        }
        let order = || runs.iter().flatten().map(|run| self.run(*run));
        let pick = |x: &[f64]| order().flat_map(|run| x[run].iter().copied()).collect();
        Self {
            ids,
            ends,
            stamps: order().flat_map(|run| self.stamps[run].iter().copied()).collect(),
            y: pick(&self.y),
            exogenous: self.exogenous.iter().map(|x| pick(x)).collect(),
        }
    }
}

fn push_stamps(into: &mut Vec<i64>, array: &ArrayRef) -> Result<(), EngineError> {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    if array.data_type().is_integer() {
        let array = cast(array, &DataType::Int64)?;
        let array = array.as_primitive::<Int64Type>();
        into.extend(array.iter().map(|s| s.unwrap_or(NO_STAMP)));
    } else {
        let zone = match array.data_type() {
            DataType::Timestamp(_, Some(zone)) => {
                DataType::Timestamp(TimeUnit::Microsecond, Some(zone.clone()))
            }
            _ => micros,
        };
        let array = cast(array, &zone)?;
        let array = array.as_primitive::<TimestampMicrosecondType>();
        if array.null_count() == 0 {
            into.extend_from_slice(array.values());
        } else {
            into.extend(array.iter().map(|s| s.unwrap_or(NO_STAMP)));
        }
    }
    Ok(())
}

fn push_numbers(into: &mut Vec<f64>, array: &ArrayRef) -> Result<(), EngineError> {
    let array = cast(array, &DataType::Float64)?;
    let array = array.as_primitive::<Float64Type>();
    if array.null_count() == 0 {
        into.extend_from_slice(array.values());
    } else {
        into.extend(array.iter().map(|y| y.unwrap_or(f64::NAN)));
    }
    Ok(())
}

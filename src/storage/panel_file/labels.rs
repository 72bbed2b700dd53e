//! The text a panel file carries beside its numbers: labels of series, and small tables of cells.

use std::collections::HashMap;
use std::path::Path;

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::error::PanelFileError;
use super::{Kind, parquet_batches, parquet_of, read_csv};

/// The column that names the series.
const ID: &str = "unique_id";

/// The first line of a table, and the lines after it.
pub type Table = (Vec<String>, Vec<Vec<String>>);

/// Returns every series of a panel file with its labels in `columns`, in the order of their first
/// rows. An empty cell says nothing; a series without a label has an empty one.
///
/// # Errors
/// [`PanelFileError::Column`] for a column that is not there, [`PanelFileError::Labels`] for a
/// series with two labels in one column, and what reading gives.
pub fn read_labels(
    path: &Path,
    columns: &[String],
) -> Result<Vec<(String, Vec<String>)>, PanelFileError> {
    let mut labels = Labels { path, columns, series: Vec::new(), places: HashMap::new() };
    let names: Vec<&str> = std::iter::once(ID).chain(columns.iter().map(String::as_str)).collect();
    match Kind::of(path)? {
        Kind::Csv => {
            let mut reader = read_csv::open(path)?;
            let failed = |e| PanelFileError::csv(path, e);
            let header = reader.headers().map_err(failed)?.clone();
            let places = places(path, &names, &header.iter().collect::<Vec<_>>())?;
            for row in reader.records() {
                let row = row.map_err(failed)?;
                labels.add(|k| row.get(places[k]).unwrap_or_default())?;
            }
        }
        Kind::Parquet => {
            let builder = parquet_of(path)?;
            let fields = builder.schema().fields().clone();
            let given: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
            places(path, &names, &given)?;
            for batch in parquet_batches(path, builder, &names)? {
                labels.add_batch(&batch?, &names)?;
            }
        }
    }
    Ok(labels.series)
}

/// Reads a CSV file of any columns as text.
///
/// # Errors
/// [`PanelFileError`] when it cannot be read.
pub fn read_table(path: &Path) -> Result<Table, PanelFileError> {
    let mut reader = read_csv::open(path)?;
    let failed = |e| PanelFileError::csv(path, e);
    let text = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = text(reader.headers().map_err(failed)?);
    let rows = reader.records().map(|row| Ok(text(&row.map_err(failed)?)));
    Ok((header, rows.collect::<Result<_, PanelFileError>>()?))
}

fn places(path: &Path, names: &[&str], given: &[&str]) -> Result<Vec<usize>, PanelFileError> {
    let place = |name: &&str| {
        given.iter().position(|g| g == name).ok_or_else(|| PanelFileError::Column {
            path: path.to_owned(),
            column: (*name).to_owned(),
            given: given.join(", "),
        })
    };
    names.iter().map(place).collect()
}

struct Labels<'a> {
    path: &'a Path,
    columns: &'a [String],
    series: Vec<(String, Vec<String>)>,
    places: HashMap<String, usize>,
}

impl Labels<'_> {
    /// Takes up a row of which `cell(0)` is the id and `cell(1 + k)` the label of column `k`.
    fn add<'c>(&mut self, cell: impl Fn(usize) -> &'c str) -> Result<(), PanelFileError> {
        let id = cell(0);
        let same = self.series.last().is_some_and(|(last, _)| last == id);
        let place = if same { Some(self.series.len() - 1) } else { self.places.get(id).copied() };
        let place = place.unwrap_or_else(|| {
            let none = vec![String::new(); self.columns.len()];
            self.series.push((id.to_owned(), none));
            self.places.insert(id.to_owned(), self.series.len() - 1);
            self.series.len() - 1
        });
        for (k, known) in self.series[place].1.iter_mut().enumerate() {
            let label = cell(1 + k);
            if known.is_empty() {
                label.clone_into(known);
            } else if !label.is_empty() && label != known {
                return Err(PanelFileError::Labels {
                    path: self.path.to_owned(),
                    id: id.to_owned(),
                    column: self.columns[k].clone(),
                    labels: format!("{known:?} and {label:?}"),
                });
            }
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &RecordBatch, names: &[&str]) -> Result<(), PanelFileError> {
        let failed = |e: arrow::error::ArrowError| PanelFileError::parquet(self.path, &e);
        let mut texts = Vec::with_capacity(names.len());
        for column in names.iter().filter_map(|name| batch.column_by_name(name)) {
            texts.push(cast(column, &DataType::Utf8).map_err(failed)?);
        }
        let texts: Vec<_> = texts.iter().map(|array| array.as_string::<i32>()).collect();
        for row in 0..batch.num_rows() {
            self.add(|k| if texts[k].is_null(row) { "" } else { texts[k].value(row) })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_once_a_series_and_two_of_one_column_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.csv");
        let text =
            "unique_id,ds,y,region,code\na,1,2,north,7\na,2,3,,7\nb,1,2,south,8\na,3,1,north,7\n";
        std::fs::write(&path, text).unwrap();
        let columns = ["code".to_owned(), "region".to_owned()];
        let labels = read_labels(&path, &columns).unwrap();
        let wanted = [("a", ["7", "north"]), ("b", ["8", "south"])];
        for ((id, labels), (wanted_id, wanted)) in labels.iter().zip(wanted) {
            assert_eq!(
                (id.as_str(), labels.as_slice()),
                (wanted_id, wanted.map(String::from).as_slice())
            );
        }
        let error = read_labels(&path, &["regoin".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("regoin") && error.contains("region"), "{error}");
        std::fs::write(&path, "unique_id,ds,y,region\na,1,2,north\na,2,3,south\n").unwrap();
        let error = read_labels(&path, &["region".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("\"north\" and \"south\""), "{error}");
        let (header, rows) = read_table(&path).unwrap();
        assert_eq!((header.len(), rows.len(), rows[1][3].as_str()), (4, 2, "south"));
    }
}

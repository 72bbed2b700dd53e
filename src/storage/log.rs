//! A table's log: summed up now and then, so that opening a table costs next year what it does today.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use deltalake::checkpoints::{cleanup_metadata, create_checkpoint};

use super::lake::failed;
use super::{Lake, StorageError};
use crate::frames::TableSpec;

const DAY: Duration = Duration::from_hours(24);

impl Lake {
    /// Sums the log up, deletes what no version that is kept needs, and of the sums of each day but
    /// the newest all but the last: a stream makes a hundred a day, each as large as the table has files.
    ///
    /// Every version stays readable: the commits between two sums are kept.
    ///
    /// # Errors
    /// [`StorageError::Lake`] or [`StorageError::Path`]; the table is as it was then.
    pub async fn sum_up_log(&self, spec: &'static TableSpec) -> Result<(), StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(()) };
        let folder = self.log_folder(spec);
        let newest = table.version().unwrap_or_default();
        if !folder.join(format!("{newest:020}{SUM}")).exists() {
            create_checkpoint(&table, None).await.map_err(failed(spec, "sum up its log"))?;
        }
        cleanup_metadata(&table, None).await.map_err(failed(spec, "clean its log"))?;
        let at =
            |source| StorageError::Path { doing: "thin the log in", path: folder.clone(), source };
        for file in surplus(&folder).map_err(at)? {
            std::fs::remove_file(&file).map_err(at)?;
        }
        Ok(())
    }
}

/// How the file of a sum ends (Delta protocol, "Classic checkpoint").
const SUM: &str = ".checkpoint.parquet";

/// Returns the sums made more than a day before the newest that are not the last of their day.
fn surplus(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut sums = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(SUM) {
            let made = entry.metadata()?.modified()?.duration_since(SystemTime::UNIX_EPOCH);
            sums.push((made.unwrap_or_default(), entry.path()));
        }
    }
    // The names begin with the version, in twenty digits.
    sums.sort_by(|(_, a), (_, b)| a.cmp(b));
    let newest = sums.last().map(|(made, _)| *made).unwrap_or_default();
    let day = |made: &Duration| made.as_secs() / DAY.as_secs();
    let last_of_day: BTreeMap<u64, &PathBuf> =
        sums.iter().map(|(made, sum)| (day(made), sum)).collect();
    let may_go =
        |(made, sum): &&(Duration, PathBuf)| *made + DAY < newest && last_of_day[&day(made)] != sum;
    Ok(sums.iter().filter(may_go).map(|(_, sum)| sum.clone()).collect())
}

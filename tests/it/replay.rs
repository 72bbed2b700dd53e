//! A past morning is what it could have been known to be: an archive that ends that morning and
//! one that goes on for years give the same bytes.

use std::path::Path;

use serde_json::Value;

use crate::command::{muavu, said};
use crate::support::shared;

/// Copies a CSV of the shared archive into `folder`, keeping rows whose date (in the column of this
/// position) is before `end`.
fn copy_until(folder: &Path, relative: &str, date_column: usize, end: &str) -> Option<()> {
    let text = std::fs::read_to_string(shared("data")?.join(relative)).unwrap();
    let mut lines = text.lines();
    let mut kept = vec![lines.next().unwrap()];
    kept.extend(lines.filter(|line| line.split(',').nth(date_column).unwrap() < end));
    let path = folder.join(relative);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, kept.join("\n") + "\n").unwrap();
    Some(())
}

fn archive(folder: &Path, end: &str) -> Option<()> {
    copy_until(folder, "salinity/daily.csv", 1, end)?;
    copy_until(folder, "hydrology/discharge_stungtreng.csv", 0, end)?;
    copy_until(folder, "hydrology/waterlevel_daily.csv", 0, end)
}

fn morning(archive: &Path) -> String {
    let home = tempfile::tempdir().unwrap();
    let imported = said(muavu(home.path()).arg("import").arg(archive));
    assert_eq!(imported.code, 0, "{}", imported.err);
    let run = ["run", "--as-of", "2010-03-15", "--format", "json"];
    let first = said(muavu(home.path()).args(run));
    assert_eq!(first.code, 0, "{}", first.err);
    let again = said(muavu(home.path()).args(run));
    assert_eq!(again.out, first.out, "the same bytes each time");
    first.out
}

#[test]
fn a_morning_of_2010_is_the_same_with_and_without_the_years_after_it() {
    let (short, long) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if archive(short.path(), "2010-03-15").is_none() || archive(long.path(), "9999").is_none() {
        return;
    }
    let then = morning(short.path());
    assert_eq!(then, morning(long.path()), "later years leaked into a past morning");
    let report: Value = serde_json::from_str(&then).unwrap();
    assert_eq!(report["sample"], false);
    let forecast = report["stations"].as_array().unwrap().iter().filter(|s| s["forecast"] == true);
    assert!(forecast.count() >= 3, "stations 37, 19 and 11 reported then");
}

//! The lake: atomic, repeatable, readable by others, and not to be hurt by `kill -9`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use muavu::domain::{QcFlags, Variables};
use muavu::frames::Observation;
use muavu::frames::observations::{OBSERVATION, period_of};
use muavu::storage::{Filter, Lake, MergeCounts};

const DAY_S: i64 = 86_400;

fn observation(day: i64, value: f64) -> Observation {
    let catalogue = Variables::shipped().unwrap();
    let variable = catalogue.get("salinity_max_g_l").unwrap();
    let valid_time = Timestamp::from_second(day * DAY_S - 7 * 3600).unwrap();
    Observation {
        variable: variable.name.clone(),
        period: period_of(variable, valid_time),
        place: "salinity:37".parse().unwrap(),
        valid_time,
        source: "test.made".into(),
        value,
        unit: variable.unit.clone(),
        qc: QcFlags::NONE,
        available_at: Timestamp::from_second((day + 1) * DAY_S).unwrap(),
        ingested_at: Timestamp::from_second((day + 1) * DAY_S).unwrap(),
        revision: 0,
    }
}

async fn values(lake: &Lake) -> BTreeMap<(Timestamp, i64), f64> {
    let rows: Vec<Observation> = lake.rows(&OBSERVATION, &Filter::all()).await.unwrap();
    let count = rows.len();
    let map: BTreeMap<_, _> =
        rows.into_iter().map(|r| ((r.valid_time, r.revision), r.value)).collect();
    assert_eq!(map.len(), count, "a row is there twice");
    map
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_again_changes_nothing_and_a_correction_is_a_new_revision() {
    let home = tempfile::tempdir().unwrap();
    let lake = Lake::open(home.path()).unwrap();
    let rows: Vec<_> = (14_000..14_500).map(|d| observation(d, 1.5)).collect();
    let first = lake.merge_observations(rows.clone()).await.unwrap();
    assert_eq!(first, MergeCounts { new: 500, revised: 0, unchanged: 0 });
    let version = lake.versions().await.unwrap();

    let again = lake.merge_observations(rows.clone()).await.unwrap();
    assert_eq!(again, MergeCounts { new: 0, revised: 0, unchanged: 500 });
    assert_eq!(lake.versions().await.unwrap(), version, "nothing new makes no commit");

    let mut corrected = observation(14_100, 2.5);
    corrected.ingested_at = Timestamp::from_second(15_000 * DAY_S).unwrap();
    let third = lake.merge_observations(vec![corrected.clone()]).await.unwrap();
    assert_eq!(third, MergeCounts { new: 0, revised: 1, unchanged: 0 });
    let all = values(&lake).await;
    assert_eq!(all[&(corrected.valid_time, 0)], 1.5, "the first value is kept");
    assert_eq!(all[&(corrected.valid_time, 1)], 2.5);
    let rows: Vec<Observation> = lake.rows(&OBSERVATION, &Filter::all()).await.unwrap();
    let newest = rows.iter().find(|r| r.revision == 1).unwrap();
    assert_eq!(newest.available_at, corrected.ingested_at, "nobody knew it before it came in");

    let then = lake.pinned(version);
    assert_eq!(values(&then).await.len(), 500, "a pinned lake stands still");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_wanted_partitions_are_read() {
    let home = tempfile::tempdir().unwrap();
    let lake = Lake::open(home.path()).unwrap();
    // 2008-05-01 to 2009-09-12: two local years.
    let rows: Vec<_> = (14_000..14_500).map(|d| observation(d, 1.0)).collect();
    lake.append(&OBSERVATION, &rows).await.unwrap();
    let filter = Filter::all().and("variable", ["salinity_max_g_l"]).and("period", ["2009"]);
    let read: Vec<Observation> = lake.rows(&OBSERVATION, &filter).await.unwrap();
    assert!(!read.is_empty() && read.iter().all(|r| &*r.period == "2009"));
    let none = Filter::all().and("variable", ["rain_mm"]);
    assert!(lake.rows::<Observation>(&OBSERVATION, &none).await.unwrap().is_empty());
}

async fn of_forty_small_files(home: &Path) -> Lake {
    let lake = Lake::open(home).unwrap();
    for day in 14_300..14_340 {
        lake.append(&OBSERVATION, &[observation(day, day as f64 / 1000.0)]).await.unwrap();
    }
    lake
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_do_not_notice_when_small_files_are_joined_and_old_ones_deleted() {
    let home = tempfile::tempdir().unwrap();
    let lake = of_forty_small_files(home.path()).await;
    let before = values(&lake).await;
    let reader = {
        let lake = lake.clone();
        let expected = before.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                assert_eq!(values(&lake).await, expected);
            }
        })
    };
    let joined = lake.compact(&OBSERVATION, 8, EVERY_SIZE).await.unwrap();
    assert_eq!((joined.joined, joined.written), (40, 1));
    reader.await.unwrap();
    assert_eq!(values(&lake).await, before);
    let deleted = lake.vacuum(&OBSERVATION, chrono::Duration::zero()).await.unwrap();
    assert_eq!(deleted, 40);
    assert_eq!(values(&lake).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_takes_no_more_files_at_once_than_make_one_that_is_not_small() {
    let home = tempfile::tempdir().unwrap();
    let lake = of_forty_small_files(home.path()).await;
    let before = values(&lake).await;
    let smallest = parquet_sizes(home.path()).into_iter().min().unwrap();
    let joined = lake.compact(&OBSERVATION, 8, smallest * 5).await.unwrap();
    assert_eq!((joined.joined, joined.written), (40, 8), "eight times five");
    let joined = lake.compact(&OBSERVATION, 9, i64::MAX).await.unwrap();
    assert_eq!((joined.joined, joined.written), (0, 0), "eight are not many");
    assert_eq!(values(&lake).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_summed_up_old_sums_are_thinned_and_every_version_stays_readable() {
    let home = tempfile::tempdir().unwrap();
    let lake = of_forty_small_files(home.path()).await;
    // Version 0 made the table.
    assert_eq!(sums(home.path()), [19, 39]);
    for version in sums(home.path()) {
        let sum = log(home.path()).join(format!("{version:020}.checkpoint.parquet"));
        let sum = File::options().append(true).open(sum).unwrap();
        let made = sum.metadata().unwrap().modified().unwrap();
        sum.set_modified(made - Duration::from_hours(49)).unwrap();
    }
    lake.sum_up_log(&OBSERVATION).await.unwrap();
    assert_eq!(sums(home.path()), [39, 40], "the last of its day, and now");
    lake.sum_up_log(&OBSERVATION).await.unwrap();
    assert_eq!(sums(home.path()), [39, 40]);
    for version in [1_u64, 7, 19, 25, 40] {
        let then = lake.pinned(BTreeMap::from([("observation".to_owned(), version)]));
        assert_eq!(values(&then).await.len() as u64, version);
    }
}

fn log(home: &Path) -> PathBuf {
    home.join("observation/_delta_log")
}

/// Returns the versions at which the log is summed up.
fn sums(home: &Path) -> Vec<u64> {
    let names = std::fs::read_dir(log(home)).unwrap().map(|entry| entry.unwrap().file_name());
    let version = |name: OsString| name.to_str()?.strip_suffix(".checkpoint.parquet")?.parse().ok();
    let mut versions: Vec<u64> = names.filter_map(version).collect();
    versions.sort_unstable();
    versions
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stream_stores_twice_or_under_one_key_is_there_once() {
    let home = tempfile::tempdir().unwrap();
    let lake = Lake::open(home.path()).unwrap();
    let rows: Vec<_> =
        (0..20_000).map(|n| (n as u64 + 1, observation(n % 19_000, n as f64))).collect();
    let stored = lake.append_through(&OBSERVATION, "test", &rows, 20_000).await.unwrap();
    assert_eq!(stored, 19_000, "of rows with one key the first");
    assert_eq!(lake.append_through(&OBSERVATION, "test", &rows, 20_000).await.unwrap(), 0);
    let kept: Vec<Observation> = lake.rows(&OBSERVATION, &Filter::all()).await.unwrap();
    let highest = kept.iter().map(|row| row.value).fold(0.0, f64::max);
    assert_eq!((kept.len(), highest), (19_000, 18_999.0));
}

/// No file is large.
const EVERY_SIZE: i64 = i64::MAX;

fn parquet_sizes(folder: &Path) -> Vec<i64> {
    let mut sizes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sizes.extend(parquet_sizes(&path));
        } else if path.extension().is_some_and(|e| e == "parquet") {
            sizes.push(i64::try_from(path.metadata().unwrap().len()).unwrap());
        }
    }
    sizes
}

/// How often the writer is killed: enough to hit every stage of a commit several times.
const KILLS: u32 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_killed_at_any_instant_loses_nothing_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut begun = BTreeSet::new();
    for kill in 0..KILLS {
        let (done, last_begun) = write_until_killed(home.path(), kill);
        acknowledged.extend(done);
        begun.extend(last_begun);
        let lake = Lake::open(home.path()).unwrap();
        let there: BTreeSet<i64> =
            values(&lake).await.keys().map(|(t, _)| (t.as_second() + 7 * 3600) / DAY_S).collect();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "kill {kill}: acknowledged but lost: {lost:?}");
        // A commit holds two days: both are there or none.
        for batch in &begun {
            let pair = [there.contains(batch), there.contains(&(batch + 1))];
            assert!(pair[0] == pair[1], "kill {kill}: half of commit {batch} is visible");
        }
    }
    assert!(acknowledged.len() > KILLS as usize, "the writer hardly wrote: {acknowledged:?}");
}

/// Starts a writer process, kills it with SIGKILL after a while that differs each time, and
/// returns the days it acknowledged and the commits it had begun.
fn write_until_killed(home: &Path, kill: u32) -> (Vec<i64>, Vec<i64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lake::writer_that_is_killed", "--ignored", "--nocapture"])
        .env("MUAVU_TEST_LAKE", home)
        .env("MUAVU_TEST_FIRST_DAY", (14_300 + i64::from(kill) * 10_000).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut done, mut begun) = (Vec::new(), Vec::new());
    let mut started = None;
    // The timer starts with the first to fourth commit, so that there is something to lose.
    let commits_before = kill as usize % 4;
    // Stages of a commit last from under one to some ten milliseconds.
    let patience = std::time::Duration::from_micros(u64::from(kill) * 2_713 % 60_000);
    for line in lines {
        let line = line.unwrap();
        let day = |prefix: &str| line.split(prefix).nth(1).and_then(|d| d.trim().parse().ok());
        if let Some(day) = day("begin ") {
            begun.push(day);
            if begun.len() > commits_before {
                started.get_or_insert_with(|| {
                    let pid = child.id().to_string();
                    std::thread::spawn(move || {
                        std::thread::sleep(patience);
                        Command::new("kill").args(["-9", &pid]).status().unwrap();
                    })
                });
            }
        }
        if let Some(day) = day("done ") {
            done.extend([day, day + 1]);
        }
    }
    child.wait().unwrap();
    if let Some(thread) = started {
        thread.join().unwrap();
    }
    (done, begun)
}

#[test]
#[ignore = "the child process of the kill test"]
fn writer_that_is_killed() {
    let Some(home) = std::env::var_os("MUAVU_TEST_LAKE") else { return };
    let first: i64 = std::env::var("MUAVU_TEST_FIRST_DAY").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let lake = Lake::open(Path::new(&home)).unwrap();
        for day in (first..first + 2_000).step_by(2) {
            println!("begin {day}");
            let rows = [observation(day, 1.0), observation(day + 1, 2.0)];
            lake.append(&OBSERVATION, &rows).await.unwrap();
            println!("done {day}");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn other_engines_read_the_lake_unchanged() {
    let Some(python) = crate::support::python("import duckdb, deltalake, pandas, polars") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let lake = Lake::open(home.path()).unwrap();
    let rows: Vec<_> = (14_000..14_500).map(|d| observation(d, 1.0)).collect();
    lake.append(&OBSERVATION, &rows).await.unwrap();
    // Enough for a log that is summed up, and goes on after it.
    for day in 14_600..14_625 {
        lake.append(&OBSERVATION, &[observation(day, 7.0)]).await.unwrap();
    }
    assert!(!sums(home.path()).is_empty());
    lake.compact(&OBSERVATION, 2, EVERY_SIZE).await.unwrap();
    let script = r"
import sys, deltalake, duckdb, pandas, polars
path = sys.argv[1]
table = deltalake.DeltaTable(path)
frame = polars.read_delta(path)
pandas_frame = table.to_pandas()
files = table.file_uris()
query = f'select count(*), sum(value) from read_parquet({files})'
duck = duckdb.sql(query).fetchall()[0]
for name, n, total in [
    ('polars', frame.height, frame['value'].sum()),
    ('pandas', len(pandas_frame), pandas_frame['value'].sum()),
    ('duckdb', *duck),
]:
    assert (n, total) == (525, 675.0), (name, n, total)
assert frame['place'].unique().to_list() == ['salinity:37']
assert str(frame.schema['valid_time']).startswith('Datetime'), frame.schema
";
    let out = Command::new(python)
        .args(["-c", script])
        .arg(home.path().join("observation"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

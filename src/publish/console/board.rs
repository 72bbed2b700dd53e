//! What lies on the table beside a draft: our forecasts with their baselines, what was measured, what
//! others say, how good we were. Read once a morning and target, not once a draft.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::domain::PlaceId;
use crate::domain::time::{add_days, local_date};
use crate::frames::forecasts::{FORECAST, MONTH, SCORE};
use crate::frames::observations::{GUIDANCE, OBSERVATION};
use crate::frames::{Advisory, Evidence, Forecast, Guidance, Observation, Score};
use crate::storage::{Filter, Lake, StorageError};

/// Forecast of salt at a commune's intake.
pub const COMMUNES: &str = "salinity_commune";
/// Forecast of salt at the stations that it rests on.
pub const STATIONS: &str = "salinity_station";
/// What others forecast that bears on water and work in the field.
const OTHERS: [&str; 3] = ["rain_mm", "temp_max_c", "discharge_m3_s"];

/// What is measured of a target, and how many days of it are shown before the forecast: three weeks of
/// days, a year of months. A target that is not here is reckoned and never measured.
pub const MEASURED: [(&str, &str, i64); 9] = [
    (STATIONS, "salinity_max_g_l", 21),
    ("rain_amount", "rain_mm", 21),
    ("water_level", "water_level_m", 21),
    ("tmax", "temp_max_c", 21),
    ("tmin", "temp_min_c", 21),
    ("humidity", "humidity_mean_pct", 21),
    ("wind", "wind_mean_m_s", 21),
    ("wind_max", "wind_max_m_s", 21),
    ("rice_price_wholesale", "price_month_vnd_kg", 400),
];

/// Days of our own earlier forecasts held against what happened.
const DAYS_HELD: i64 = 10;
/// Others' forecasts older than this say nothing of this morning.
const GUIDANCE_DAYS: i64 = 3;

/// What was read is read again after so long: a late station, a backtest kept meanwhile.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// One target on one morning.
#[derive(Debug, Default)]
pub struct Series {
    /// Every model's forecast of this morning at each place.
    pub rows: BTreeMap<PlaceId, Vec<Forecast>>,
    /// The published forecasts of the days before, at each place.
    pub earlier: BTreeMap<PlaceId, Vec<Forecast>>,
    /// What was measured at each place, by day, known this morning.
    pub measured: BTreeMap<PlaceId, BTreeMap<Date, f64>>,
    /// The newest backtest.
    pub scores: Vec<Score>,
}

/// What is known beside a draft.
#[derive(Debug, Default)]
pub struct Board {
    /// What its evidence was read from, by target.
    pub series: BTreeMap<String, Arc<Series>>,
    /// What others said last, by variable.
    pub guidance: Arc<Vec<Guidance>>,
}

impl Board {
    /// Returns the rows of a target at a place.
    pub fn rows(&self, target: &str, place: &PlaceId) -> Option<&[Forecast]> {
        Some(self.series.get(target)?.rows.get(place)?)
    }
}

/// Returns all that an advisory rests on: its own evidence and that of its week's work.
pub fn evidence(advisory: &Advisory) -> impl Iterator<Item = &Evidence> {
    let work = advisory.plan.work.iter().flat_map(|work| &work.evidence);
    advisory.evidence.iter().chain(work)
}

/// What was read last.
#[derive(Debug, Clone, Default)]
pub struct Boards(Arc<Mutex<Shelves>>);

/// By morning, and by morning and target.
#[derive(Debug, Default)]
struct Shelves {
    guidance: BTreeMap<Timestamp, ReadAt<Vec<Guidance>>>,
    series: BTreeMap<(Timestamp, String), ReadAt<Series>>,
}

/// When something was read, and what.
type ReadAt<T> = (Timestamp, Arc<T>);

/// Mornings kept: today's and, near midnight or after a late run, yesterday's.
const KEPT: usize = 4;

impl Boards {
    /// Returns the board of an advisory.
    ///
    /// # Errors
    /// [`StorageError`] when the lake cannot be read.
    pub async fn of(
        &self,
        lake: &Lake,
        advisory: &Advisory,
        now: Timestamp,
    ) -> Result<Board, StorageError> {
        let issued_at = advisory.issued_at;
        let read_from = evidence(advisory).filter_map(|e| e.read_from.as_ref());
        let mut targets: BTreeSet<&str> = read_from.map(|from| from.target.as_str()).collect();
        if advisory.hazard == "salt" {
            targets.extend([COMMUNES, STATIONS]);
        }
        let mut shelves = self.0.lock().await;
        let mut board = Board::default();
        for target in targets {
            let key = (issued_at, target.to_owned());
            let known = match fresh(shelves.series.get(&key), now) {
                Some(known) => known,
                None => {
                    let read = Arc::new(series(lake, issued_at, target).await?);
                    shelves.series.insert(key, (now, Arc::clone(&read)));
                    read
                }
            };
            board.series.insert(target.to_owned(), known);
        }
        board.guidance = match fresh(shelves.guidance.get(&issued_at), now) {
            Some(known) => known,
            None => {
                let read = Arc::new(guidance(lake, issued_at).await?);
                shelves.guidance.insert(issued_at, (now, Arc::clone(&read)));
                read
            }
        };
        while shelves.guidance.len() > KEPT {
            if let Some((oldest, _)) = shelves.guidance.pop_first() {
                shelves.series.retain(|(issued_at, _), _| *issued_at != oldest);
            }
        }
        Ok(board)
    }
}

fn fresh<T>(known: Option<&ReadAt<T>>, now: Timestamp) -> Option<Arc<T>> {
    let (read_at, what) = known?;
    (now.duration_since(*read_at) < FRESH).then(|| Arc::clone(what))
}

async fn series(lake: &Lake, issued_at: Timestamp, target: &str) -> Result<Series, StorageError> {
    let today = local_date(issued_at);
    let mut years = vec![add_days(today, -DAYS_HELD).year(), today.year()];
    years.dedup();
    let mut series = Series::default();
    let wanted = Filter::all().and("target", [target]).and("period", years);
    let since = issued_at - SignedDuration::from_hours(24 * DAYS_HELD);
    for row in lake.rows::<Forecast>(&FORECAST, &wanted).await? {
        let before = row.published && (since..issued_at).contains(&row.issued_at);
        let shelf = match (row.issued_at == issued_at, before) {
            (true, _) => &mut series.rows,
            (false, true) => &mut series.earlier,
            (false, false) => continue,
        };
        shelf.entry(row.place.clone()).or_default().push(row);
    }
    for shelf in [&mut series.rows, &mut series.earlier] {
        shelf.values_mut().for_each(last_run);
    }
    if let Some((_, variable, days_back)) = MEASURED.iter().find(|(of, ..)| *of == target) {
        series.measured = measured(lake, issued_at, variable, *days_back).await?;
    }
    series.scores = scores(lake, target).await?;
    Ok(series)
}

async fn measured(
    lake: &Lake,
    issued_at: Timestamp,
    variable: &str,
    days_back: i64,
) -> Result<BTreeMap<PlaceId, BTreeMap<Date, f64>>, StorageError> {
    let today = local_date(issued_at);
    let first = add_days(today, -days_back);
    // What is told by the month is stored for all years in one.
    let periods = [first.year().to_string(), today.year().to_string(), "all".to_owned()];
    let periods: BTreeSet<String> = periods.into();
    let wanted = Filter::all().and("variable", [variable]).and("period", periods);
    let mut rows: Vec<Observation> = lake.rows(&OBSERVATION, &wanted).await?;
    // The last revision known this morning stands.
    rows.sort_by_key(|row| row.revision);
    let mut measured: BTreeMap<PlaceId, BTreeMap<Date, f64>> = BTreeMap::new();
    for row in rows {
        let day = local_date(row.valid_time);
        if row.available_at <= issued_at && day >= first && !row.qc.is_barred() {
            measured.entry(row.place).or_default().insert(day, row.value);
        }
    }
    Ok(measured)
}

/// Keeps, of several runs of one morning, the one that has read most, by model and lead.
fn last_run(rows: &mut Vec<Forecast>) {
    let key = |r: &Forecast| (r.issued_at, r.model.clone(), r.published, r.horizon);
    rows.sort_by(|a, b| {
        (key(a), a.data_cut, &a.run_id).cmp(&(key(b), b.data_cut, &b.run_id)).reverse()
    });
    rows.dedup_by(|a, b| key(a) == key(b));
    rows.reverse();
}

/// Returns the scores of the newest backtest that was kept, months apart left out.
async fn scores(lake: &Lake, target: &str) -> Result<Vec<Score>, StorageError> {
    let mut scores: Vec<Score> = lake.rows(&SCORE, &Filter::all().and("target", [target])).await?;
    let newest = scores.iter().map(|s| s.run_id.clone()).max();
    scores.retain(|s| Some(&s.run_id) == newest.as_ref() && !s.window.contains(MONTH));
    Ok(scores)
}

/// Returns what others issued last before this morning ended.
async fn guidance(lake: &Lake, issued_at: Timestamp) -> Result<Vec<Guidance>, StorageError> {
    let today = local_date(issued_at);
    let wanted = Filter::all()
        .and("variable", OTHERS)
        .and("period", [add_days(today, -GUIDANCE_DAYS).year(), today.year()]);
    let mut rows: Vec<Guidance> = lake.rows(&GUIDANCE, &wanted).await?;
    let since = issued_at - SignedDuration::from_hours(24 * GUIDANCE_DAYS);
    rows.retain(|r| r.available_at <= issued_at && r.issued_at >= since && r.value.is_some());
    let mut newest: BTreeMap<(Arc<str>, Arc<str>), Timestamp> = BTreeMap::new();
    for row in &rows {
        let entry =
            newest.entry((row.variable.clone(), row.source.clone())).or_insert(row.issued_at);
        *entry = row.issued_at.max(*entry);
    }
    rows.retain(|r| newest.get(&(r.variable.clone(), r.source.clone())) == Some(&r.issued_at));
    Ok(rows)
}

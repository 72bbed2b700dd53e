//! What lies on the table beside the drafts of one morning: our forecasts with their baselines, what
//! was measured, what others say, how good we were. Read once a morning, not once a draft.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::domain::PlaceId;
use crate::domain::time::{add_days, local_date};
use crate::frames::forecasts::{FORECAST, MONTH, SCORE};
use crate::frames::observations::{GUIDANCE, OBSERVATION};
use crate::frames::{Forecast, Guidance, Observation, Score};
use crate::storage::{Filter, Lake, StorageError};

/// Forecast of salt at a commune's intake, and at the stations it rests on.
const COMMUNES: &str = "salinity_commune";
const STATIONS: &str = "salinity_station";
/// What the stations measure.
const MEASURED: &str = "salinity_max_g_l";
/// What others forecast that bears on water and work in the field.
const OTHERS: [&str; 3] = ["rain_mm", "temp_max_c", "discharge_m3_s"];

/// Days of measurements shown before the forecast.
const DAYS_BACK: i64 = 21;
/// Days of our own earlier forecasts held against what happened.
const DAYS_HELD: i64 = 10;
/// Others' forecasts older than this say nothing of this morning.
const GUIDANCE_DAYS: i64 = 3;

/// A board is read again after so long: a late station, a backtest kept meanwhile.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What is known beside the drafts of one morning.
#[derive(Debug, Default)]
pub struct Board {
    /// The newest published forecast of each commune, by lead.
    pub communes: BTreeMap<PlaceId, Vec<Forecast>>,
    /// Every model's forecast of this morning at each station.
    pub stations: BTreeMap<PlaceId, Vec<Forecast>>,
    /// The published forecasts of the days before, at each station.
    pub earlier: BTreeMap<PlaceId, Vec<Forecast>>,
    /// What was measured at each station, by day, known this morning.
    pub measured: BTreeMap<PlaceId, BTreeMap<Date, f64>>,
    /// The newest backtest of the stations' forecast.
    pub scores: Vec<Score>,
    /// What others said last, by variable.
    pub guidance: Vec<Guidance>,
}

/// The boards read last.
#[derive(Debug, Clone, Default)]
pub struct Boards(Arc<Mutex<BTreeMap<Timestamp, ReadAt>>>);

/// When a board was read, and the board.
type ReadAt = (Timestamp, Arc<Board>);

/// Mornings kept: today's and, near midnight or after a late run, yesterday's.
const KEPT: usize = 4;

impl Boards {
    /// Returns the board of the morning issued at `issued_at`.
    ///
    /// # Errors
    /// [`StorageError`] when the lake cannot be read.
    pub async fn of(
        &self,
        lake: &Lake,
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<Arc<Board>, StorageError> {
        let mut boards = self.0.lock().await;
        if let Some((read_at, board)) = boards.get(&issued_at)
            && now.duration_since(*read_at) < FRESH
        {
            return Ok(Arc::clone(board));
        }
        let board = Arc::new(read(lake, issued_at).await?);
        boards.insert(issued_at, (now, Arc::clone(&board)));
        while boards.len() > KEPT {
            boards.pop_first();
        }
        Ok(board)
    }
}

async fn read(lake: &Lake, issued_at: Timestamp) -> Result<Board, StorageError> {
    let today = local_date(issued_at);
    let years = |days: i64| {
        let mut years = vec![add_days(today, -days).year(), today.year()];
        years.dedup();
        years
    };
    let mut board = Board::default();
    let wanted = Filter::all().and("target", [COMMUNES, STATIONS]).and("period", years(DAYS_HELD));
    let since = issued_at - SignedDuration::from_hours(24 * DAYS_HELD);
    for row in lake.rows::<Forecast>(&FORECAST, &wanted).await? {
        let at_hand = row.issued_at <= issued_at && row.issued_at >= since;
        let shelf = match (&*row.target, row.issued_at == issued_at) {
            _ if !at_hand => continue,
            (STATIONS, true) => &mut board.stations,
            (STATIONS, false) if row.published => &mut board.earlier,
            (COMMUNES, true) if row.published => &mut board.communes,
            _ => continue,
        };
        shelf.entry(row.place.clone()).or_default().push(row);
    }
    for shelf in [&mut board.communes, &mut board.stations, &mut board.earlier] {
        shelf.values_mut().for_each(last_run);
    }
    let wanted = Filter::all().and("variable", [MEASURED]).and("period", years(DAYS_BACK));
    let first = add_days(today, -DAYS_BACK);
    let mut rows: Vec<Observation> = lake.rows(&OBSERVATION, &wanted).await?;
    // The last revision known this morning stands.
    rows.sort_by_key(|row| row.revision);
    for row in rows {
        let day = local_date(row.valid_time);
        if row.available_at <= issued_at && day >= first && !row.qc.is_barred() {
            board.measured.entry(row.place).or_default().insert(day, row.value);
        }
    }
    board.scores = scores(lake).await?;
    board.guidance = guidance(lake, issued_at).await?;
    Ok(board)
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
async fn scores(lake: &Lake) -> Result<Vec<Score>, StorageError> {
    let mut scores: Vec<Score> =
        lake.rows(&SCORE, &Filter::all().and("target", [STATIONS])).await?;
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

//! How often we were right: the newest stored backtest, at the station nearest to a commune; beside it,
//! and never mixed into it, what farmers said.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::geography::{Commune, CommuneWater};
use crate::domain::{CommuneCode, Geography};
use crate::frames::Score;
use crate::frames::forecasts::MONTH;
use crate::storage::Verdicts;

/// What a farmer is told of our past: one day ahead, what was published.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRecord {
    /// The station's name; `None` when all stations are taken together.
    pub station: Option<String>,
    /// Share of days whose highest salinity lay inside the interval that should hold 8 of 10.
    pub inside: f64,
    /// Mean absolute error, g/L.
    pub error_g_l: Option<f64>,
    /// Days scored.
    pub days: i64,
    /// First and last issue date, `2008-04-20..2014-06-30`.
    pub window: Arc<str>,
}

/// What farmers said of our advice: those of the commune, or of the whole province where too few of
/// the commune spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FarmersSaid {
    /// Whether it is of the commune alone.
    pub here: bool,
    /// Their words.
    pub verdicts: Verdicts,
}

/// Words by commune, those of everybody under the empty name.
pub type SaidByCommune = BTreeMap<String, Verdicts>;

/// Returns what farmers said, nearest first; `None` where too few of the whole province spoke.
#[must_use]
pub fn said(by_commune: &SaidByCommune, commune: &CommuneCode) -> Option<FarmersSaid> {
    let of = |name: &str, here| {
        by_commune.get(name).map(|verdicts| FarmersSaid { here, verdicts: *verdicts })
    };
    of(commune.as_str(), true).or_else(|| of("", false))
}

/// The scores that tell it: of the newest backtest that was kept, of what was published, a day
/// ahead, over the whole window.
#[must_use]
pub fn newest(scores: Vec<Score>) -> Vec<Score> {
    let run = scores.iter().map(|s| s.run_id.clone()).max();
    let wanted = |s: &Score| {
        Some(&s.run_id) == run.as_ref()
            && &*s.model == "published"
            && s.horizon == 1
            && !s.window.contains(MONTH)
    };
    scores.into_iter().filter(wanted).collect()
}

/// Returns the record of the scored station nearest along the commune's river; of all stations
/// together where none on it was scored; `None` without any backtest.
#[must_use]
pub fn here(geography: &Geography, commune: &Commune, scores: &[Score]) -> Option<TrackRecord> {
    let water = geography.water.get(&commune.code);
    let nearest = water.and_then(|water| nearest_scored(geography, water, scores));
    match nearest {
        Some(place) => told(scores, &place, Some(geography.station_name(&place).to_owned())),
        None => told(scores, &"all:all".parse().ok()?, None),
    }
}

fn nearest_scored(
    geography: &Geography,
    water: &CommuneWater,
    scores: &[Score],
) -> Option<crate::domain::PlaceId> {
    let km = water.km_from_mouth?;
    let away = |s: &crate::domain::geography::Station| s.km_from_mouth.map(|at| (at - km).abs());
    let on_branch = geography.stations.values().filter(|s| s.branch == water.branch);
    let scored = on_branch.filter(|s| scores.iter().any(|score| score.place == s.place));
    let nearest = scored.filter_map(|s| Some((away(s)?, &s.place)));
    nearest.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place)| place.clone())
}

fn told(
    scores: &[Score],
    place: &crate::domain::PlaceId,
    station: Option<String>,
) -> Option<TrackRecord> {
    let of = |metric: &str| scores.iter().find(|s| s.place == *place && &*s.metric == metric);
    let inside = of("coverage_80")?;
    Some(TrackRecord {
        station,
        inside: inside.value,
        error_g_l: of("mae").map(|s| s.value),
        days: inside.n,
        window: Arc::clone(&inside.window),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(place: &str, metric: &str, value: f64, run: &str) -> Score {
        Score {
            target: "salinity_station".into(),
            place: place.parse().unwrap(),
            horizon: 1,
            window: "2008-04-20..2014-06-30".into(),
            model: "published".into(),
            metric: metric.into(),
            value,
            n: 300,
            run_id: run.into(),
        }
    }

    #[test]
    fn the_nearest_scored_station_speaks_else_all_together_else_nobody() {
        let geography = Geography::shipped().unwrap();
        let far = geography.communes.iter().find(|c| geography.water[&c.code].value == "none");
        let on_river = geography.communes.iter().find(|c| {
            let water = &geography.water[&c.code];
            water.value == "river" && geography.stations.values().any(|s| s.branch == water.branch)
        });
        let (far, on_river) = (far.unwrap(), on_river.unwrap());
        let branch = &geography.water[&on_river.code].branch;
        let mut placed = geography.stations.values().filter(|s| s.km_from_mouth.is_some());
        let station = placed.find(|s| s.branch == *branch).unwrap();
        let place = station.place.to_string();
        let scores = newest(vec![
            score(&place, "coverage_80", 0.5, "older"),
            score(&place, "coverage_80", 0.82, "run-2"),
            score(&place, "mae", 0.6, "run-2"),
            score("all:all", "coverage_80", 0.79, "run-2"),
        ]);
        let record = here(&geography, on_river, &scores).unwrap();
        assert_eq!((record.inside, record.error_g_l), (0.82, Some(0.6)));
        assert_eq!(record.station.as_deref(), Some(station.name.as_str()));
        if geography.water[&far.code].km_from_mouth.is_none() {
            assert_eq!(here(&geography, far, &scores).unwrap().station, None);
        }
        assert_eq!(here(&geography, on_river, &[]), None);
    }
}

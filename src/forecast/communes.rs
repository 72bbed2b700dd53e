//! From stations to communes: salinity along each river branch, for every commune that can have a
//! value, and a plain statement for the others.

use std::collections::BTreeMap;

use super::ForecastError;
use crate::agronomy::river_profile::{BranchParams, BranchProfile, ProfileShape, StationOnBranch};
use crate::domain::geography::{Branch, CommuneWater, Geography};
use crate::domain::{CommuneCode, PlaceId, Quantiles};

/// Station forecasts of one morning: horizon by horizon, for every station that has one.
pub type StationDays = BTreeMap<PlaceId, BTreeMap<u8, Quantiles>>;

/// What can be said of one commune's water.
#[derive(Debug, Clone, PartialEq)]
pub enum CommuneOutlook {
    /// Salinity quantiles by horizon, g/L, with what they rest on.
    Known {
        /// By horizon.
        days: BTreeMap<u8, Quantiles>,
        /// The stations whose forecasts were used, nearest first.
        stations: Vec<PlaceId>,
        /// Whether the stations lie on another branch and stand in for it.
        borrowed: bool,
    },
    /// No value can be given, and why.
    Unknown {
        /// A stable word.
        reason: &'static str,
    },
}

/// Returns the outlook of every commune, in the order of their codes.
///
/// A commune between two rivers gets, day by day, the saltier of the two. A branch without a
/// station of its own today borrows those of its lender, at the same distance from the mouth, with
/// the wider spread measured for that.
///
/// # Errors
/// [`ForecastError::Profile`] when a shipped table of the branches is broken.
pub fn outlooks(
    geography: &Geography,
    stations: &StationDays,
) -> Result<BTreeMap<CommuneCode, CommuneOutlook>, ForecastError> {
    let mut rivers = BTreeMap::new();
    for (key, branch) in &geography.branches {
        if let Some(river) = River::of(geography, branch, stations)? {
            rivers.insert(key.as_str(), river);
        }
    }
    geography
        .communes
        .iter()
        .map(|commune| {
            let outlook = match geography.water.get(&commune.code) {
                Some(water) => of_commune(water, &rivers)?,
                None => CommuneOutlook::Unknown { reason: "no_intake_known" },
            };
            Ok((commune.code.clone(), outlook))
        })
        .collect()
}

fn of_commune(
    water: &CommuneWater,
    rivers: &BTreeMap<&str, River>,
) -> Result<CommuneOutlook, ForecastError> {
    if water.value == "none" {
        return Ok(CommuneOutlook::Unknown { reason: reason(&water.why_none) });
    }
    let intakes = [(&water.branch, water.km_from_mouth), (&water.second_branch, water.second_km)];
    let mut best: Option<CommuneOutlook> = None;
    for (branch, km) in intakes {
        let (Some(river), Some(km)) = (rivers.get(branch.as_str()), km) else { continue };
        let here = river.at(km)?;
        best = Some(match best {
            None => here,
            Some(other) => saltier(other, here),
        });
    }
    Ok(best.unwrap_or(CommuneOutlook::Unknown { reason: "stations_silent" }))
}

/// Returns the day-by-day saltier (by the median) of two rivers' outlooks; the stations of the one
/// that decides the first day are named.
fn saltier(a: CommuneOutlook, b: CommuneOutlook) -> CommuneOutlook {
    let (
        CommuneOutlook::Known { days: mut merged, stations, borrowed },
        CommuneOutlook::Known { days: others, stations: other_stations, borrowed: other_borrowed },
    ) = (a, b)
    else {
        return CommuneOutlook::Unknown { reason: "stations_silent" };
    };
    let mut first_is_other = None;
    for (horizon, other) in others {
        let ours = merged.get(&horizon).map(Quantiles::median);
        let wins = ours.is_none_or(|ours| other.median() > ours);
        first_is_other.get_or_insert(wins);
        if wins {
            merged.insert(horizon, other);
        }
    }
    if first_is_other == Some(true) {
        CommuneOutlook::Known { days: merged, stations: other_stations, borrowed: other_borrowed }
    } else {
        CommuneOutlook::Known { days: merged, stations, borrowed }
    }
}

fn reason(word: &str) -> &'static str {
    const WORDS: [&str; 5] = [
        "beyond_recorded_reach",
        "no_intake_known",
        "no_station_near",
        "sea_water",
        "no_station_on_branch",
    ];
    WORDS.into_iter().find(|w| *w == word).unwrap_or("no_intake_known")
}

/// One branch with its profiles of the day, by horizon.
struct River {
    profiles: BTreeMap<u8, BranchProfile>,
    stations: Vec<(f64, PlaceId)>,
    length_km: f64,
    borrowed: bool,
}

impl River {
    fn of(
        geography: &Geography,
        branch: &Branch,
        forecasts: &StationDays,
    ) -> Result<Option<Self>, ForecastError> {
        if branch.salt_route != "open" {
            return Ok(None);
        }
        let own = std::iter::once(branch.branch.as_str());
        let lenders = branch.lenders.split(';').filter(|l| !l.is_empty());
        for (rank, key) in own.chain(lenders).enumerate() {
            let stations: Vec<(f64, PlaceId)> = geography
                .stations
                .values()
                .filter(|s| s.branch == key && forecasts.contains_key(&s.place))
                .filter_map(|s| Some((s.km_from_mouth?, s.place.clone())))
                .filter(|(km, _)| *km <= branch.length_km)
                .collect();
            if !stations.is_empty() {
                return Self::with(branch, stations, forecasts, rank > 0).map(Some);
            }
        }
        Ok(None)
    }

    fn with(
        branch: &Branch,
        stations: Vec<(f64, PlaceId)>,
        forecasts: &StationDays,
        borrowed: bool,
    ) -> Result<Self, ForecastError> {
        let shape = if borrowed { ProfileShape::borrowed() } else { ProfileShape::default() };
        let params = BranchParams::new(branch.length_km, branch.decay_per_km, shape)?;
        let mut by_horizon: BTreeMap<u8, Vec<StationOnBranch>> = BTreeMap::new();
        for (km, place) in &stations {
            for (horizon, quantiles) in &forecasts[place] {
                by_horizon
                    .entry(*horizon)
                    .or_default()
                    .push(StationOnBranch { km: *km, quantiles_g_l: quantiles.values() });
            }
        }
        let profiles = by_horizon
            .into_iter()
            .map(|(horizon, stations)| Ok((horizon, BranchProfile::new(&stations, &params)?)))
            .collect::<Result<_, ForecastError>>()?;
        Ok(Self { profiles, stations, length_km: branch.length_km, borrowed })
    }

    fn at(&self, km: f64) -> Result<CommuneOutlook, ForecastError> {
        let km = km.clamp(0.0, self.length_km);
        let mut days = BTreeMap::new();
        for (horizon, profile) in &self.profiles {
            days.insert(*horizon, Quantiles::rearranged(profile.at(km)?.quantiles_g_l)?);
        }
        let mut stations = self.stations.clone();
        stations.sort_by(|a, b| (a.0 - km).abs().total_cmp(&(b.0 - km).abs()));
        let stations = stations.into_iter().take(2).map(|(_, place)| place).collect();
        Ok(CommuneOutlook::Known { days, stations, borrowed: self.borrowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(median: f64) -> BTreeMap<u8, Quantiles> {
        let q = [0.5, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8].map(|f| f * median);
        (1..=14).map(|h| (h, Quantiles::new(q).unwrap())).collect()
    }

    #[test]
    fn every_commune_has_a_value_or_a_statement() {
        let geography = Geography::shipped().unwrap();
        let mut stations = StationDays::new();
        for (id, median) in [("37", 12.0), ("11", 4.0), ("19", 9.0)] {
            stations.insert(format!("salinity:{id}").parse().unwrap(), station(median));
        }
        let all = outlooks(&geography, &stations).unwrap();
        assert_eq!(all.len(), 124);
        let known = all.values().filter(|o| matches!(o, CommuneOutlook::Known { .. })).count();
        assert_eq!(known, 91, "communes with a value (data/reference/commune_water.csv)");
        let borrowed =
            all.values().filter(|o| matches!(o, CommuneOutlook::Known { borrowed: true, .. }));
        assert!(borrowed.count() > 0, "Hàm Luông and Cửa Đại have no station here");
    }

    #[test]
    fn without_any_station_nobody_gets_a_number() {
        let all = outlooks(&Geography::shipped().unwrap(), &StationDays::new()).unwrap();
        assert!(all.values().all(|o| matches!(o, CommuneOutlook::Unknown { .. })));
    }
}

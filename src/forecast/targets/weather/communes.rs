//! Where the weather forecast of a commune is looked up: no product tells of communes, and the same
//! numbers stored 124 times would be no news.
//!
//! The province's mean comes first, for it is of today; then the nearest of the province's three old
//! towns, for the years before. Both say how far they are, and are widened by what two points so far
//! apart differ.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::kind::Kind;
use crate::domain::geography::distance_km;
use crate::domain::{Geography, PlaceId, StandIn};

/// The middle of the province as its product gives it, degrees north and east
/// (shared/data/weather/openmeteo_daily_34prov.csv).
const PROVINCE: (&str, &str, (f64, f64)) = ("province:vinh_long", "Vĩnh Long", (10.14, 106.22));

/// The towns that the cities' product has, each with the commune it lies in now, whose point
/// (data/reference/communes.csv) is taken for the town's.
const TOWNS: [(&str, &str, &str); 3] = [
    ("city:vinh_long", "Vĩnh Long", "29551"),
    ("city:ben_tre", "Bến Tre", "28777"),
    ("city:tra_vinh", "Trà Vinh", "29242"),
];

/// The communes' points, degrees north and east; empty were the shipped table broken, which a test
/// rules out.
static POINTS: LazyLock<BTreeMap<PlaceId, (f64, f64)>> = LazyLock::new(|| {
    let communes = Geography::shipped().map(|geography| geography.communes).unwrap_or_default();
    communes.into_iter().map(|c| (c.code.place(), (c.lat, c.lon))).collect()
});

/// Returns where the forecast of a commune is looked up, the best first; nowhere for another place.
pub(super) fn stand_ins(kind: Kind, place: &PlaceId) -> Vec<StandIn> {
    let Some(here) = POINTS.get(place) else { return Vec::new() };
    let stand_in = |id: &str, km: f64, en: String, vi: String| {
        Some(StandIn {
            place: id.parse().ok()?,
            km,
            differ: kind.differs_per_root_km() * km.sqrt(),
            range: kind.range(),
            says_en: en,
            says_vi: vi,
        })
    };
    let (id, name, point) = PROVINCE;
    let km = distance_km(*here, point);
    let province = stand_in(
        id,
        km,
        format!("the mean over the province {name}, whose middle is {km:.0} km away"),
        format!("trung bình toàn tỉnh {name}, tâm tỉnh cách {km:.0} km"),
    );
    let towns = TOWNS.iter().filter_map(|(id, name, code)| {
        let town: PlaceId = PlaceId::new("commune", code).ok()?;
        Some((id, name, distance_km(*here, *POINTS.get(&town)?)))
    });
    let nearest = towns.min_by(|a, b| a.2.total_cmp(&b.2)).and_then(|(id, name, km)| {
        stand_in(
            id,
            km,
            format!("the town of {name}, {km:.0} km away (a product that ended in 2018)"),
            format!("thành phố {name} cũ, cách {km:.0} km (nguồn số liệu dừng năm 2018)"),
        )
    });
    province.into_iter().chain(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commune_is_told_which_point_and_how_far() {
        assert_eq!(POINTS.len(), 124);
        for place in POINTS.keys() {
            let all = stand_ins(Kind::HighestTemperature, place);
            let names: Vec<&str> = all.iter().map(|s| s.place.kind()).collect();
            assert_eq!(names, ["province", "city"], "{place}");
            assert!(all.iter().all(|s| s.km < 90.0 && s.differ < 1.0), "{all:?}");
            assert!(all[0].says_en.contains("km") && all[0].says_vi.contains("km"));
        }
        let an_hoi: PlaceId = "commune:28777".parse().unwrap();
        let town = &stand_ins(Kind::LowestTemperature, &an_hoi)[1];
        assert_eq!((town.place.as_str(), town.km), ("city:ben_tre", 0.0));
        assert!(stand_ins(Kind::Radiation, &"city:can_tho".parse().unwrap()).is_empty());
    }

    #[test]
    fn distances_are_those_of_the_map() {
        // Vĩnh Long to Trà Vinh: 58 km as the crow flies.
        let km = distance_km((10.254131, 105.945768), (9.912785, 106.342533));
        assert!((km - 57.7).abs() < 0.5, "{km}");
    }
}

//! Tests of the along-river profile: shape, order, spread, measured pairs and refusals.

use proptest::prelude::*;

use super::*;

/// Returns a station whose quantiles are `median` times fixed factors.
fn station(km: f64, median_g_l: f64) -> StationOnBranch {
    let factors = [0.5, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0];
    StationOnBranch { km, quantiles_g_l: factors.map(|f| f * median_g_l) }
}

/// Returns the parameters of the Hậu (`river_branches.csv`).
fn hau() -> BranchParams {
    BranchParams::new(96.7, 0.0529, ProfileShape::default()).unwrap()
}

/// Returns a shape of this curvature and spread, without differences between sites.
fn shape(curvature_per_km: f64, spread_per_sqrt_km: f64) -> ProfileShape {
    ProfileShape { curvature_per_km, spread_per_sqrt_km, site_sd: 0.0 }
}

/// Returns the Hậu with a spatial spread but without differences between sites.
fn hau_without_sites() -> BranchParams {
    BranchParams::new(96.7, 0.0529, shape(CURVATURE_PER_KM, 0.14)).unwrap()
}

fn median_at(profile: &BranchProfile, km: f64) -> f64 {
    profile.at(km).unwrap().quantiles_g_l[MEDIAN]
}

#[test]
fn a_station_keeps_its_own_quantiles_when_sites_do_not_differ() {
    let stations = [station(12.1, 8.0), station(33.1, 3.0)];
    let profile = BranchProfile::new(&stations, &hau_without_sites()).unwrap();
    for given in stations {
        let value = profile.at(given.km).unwrap();
        assert_eq!(value.nearest_station_km, 0.0);
        for (got, want) in value.quantiles_g_l.iter().zip(given.quantiles_g_l) {
            assert!((got / want - 1.0).abs() < 1e-9, "{got} is not {want}");
        }
    }
}

#[test]
fn without_curvature_the_middle_is_the_geometric_mean() {
    let params = BranchParams::new(60.0, 0.06, shape(0.0, 0.14)).unwrap();
    let profile = BranchProfile::new(&[station(10.0, 16.0), station(30.0, 4.0)], &params).unwrap();
    assert!((median_at(&profile, 20.0) - 8.0).abs() < 1e-9);
}

#[test]
fn extrapolation_follows_the_decay_law_both_ways() {
    let params = BranchParams::new(60.0, 0.06, shape(0.02, 0.0)).unwrap();
    let profile = BranchProfile::new(&[station(30.0, 5.0)], &params).unwrap();
    // u(x) = r/c + (u0 - r/c)·exp(c·(x - x0)), the solution of du/dx = -r + c·u.
    let closed_form = |km: f64| {
        let (ratio, u0) = (0.06 / 0.02, (5.0_f64 / 10.0).ln());
        10.0 * (ratio + (u0 - ratio) * (0.02 * (km - 30.0)).exp()).exp()
    };
    for km in [12.0, 25.0, 30.0, 41.0, 55.0] {
        let (got, want) = (median_at(&profile, km), closed_form(km));
        assert!((got / want - 1.0).abs() < 1e-6, "at {km} km {got} is not {want}");
    }
}

#[test]
fn tra_kha_alone_gives_the_measured_cau_quan() {
    // Medians of 1,583 common days, January to May 1996-2014: Trà Kha 9.9, Cầu Quan 3.3 g/L
    // (southern hydromet network), 21 km apart.
    let profile = BranchProfile::new(&[station(12.1, 9.9)], &hau()).unwrap();
    let value = profile.at(33.1).unwrap();
    let median = value.quantiles_g_l[MEDIAN];
    assert!((2.3..4.3).contains(&median), "{median} is far from 3.3 g/L");
    assert!(value.quantiles_g_l[1] < 3.3 && 3.3 < value.quantiles_g_l[5]);
    assert!((value.nearest_station_km - 21.0).abs() < 1e-9 && !value.between_stations);
}

#[test]
fn intervals_widen_away_from_the_only_station() {
    let sure = StationOnBranch { km: 20.0, quantiles_g_l: [6.0; LEVELS] };
    let profile = BranchProfile::new(&[sure], &hau_without_sites()).unwrap();
    let width = |km: f64| {
        let q = profile.at(km).unwrap().quantiles_g_l;
        (q[MEDIAN] / q[0]).ln()
    };
    assert!(width(20.0).abs() < 1e-12);
    assert!(width(25.0) < width(35.0) && width(35.0) < width(50.0));
    // 1.645 standard deviations of a random walk over 16 km with 0.14 per root km.
    assert!((width(36.0) - 1.644_854 * 0.14 * 4.0).abs() < 1e-3);
}

#[test]
fn an_intake_beside_a_sure_station_is_still_uncertain() {
    let sure = StationOnBranch { km: 20.0, quantiles_g_l: [6.0; LEVELS] };
    let q = BranchProfile::new(&[sure], &hau()).unwrap().at(20.0).unwrap().quantiles_g_l;
    assert!((q[MEDIAN] - 6.0).abs() < 1e-9);
    assert!(((q[6] / 6.0).ln() - 1.644_854 * SITE_SD).abs() < 1e-9);
    // The forecast's own spread (95 % at twice the median) and the sites' add as variances.
    let q = BranchProfile::new(&[station(20.0, 6.0)], &hau()).unwrap().at(20.0).unwrap();
    let want = 2.0_f64.ln().hypot(1.644_854 * SITE_SD);
    assert!(((q.quantiles_g_l[6] / 6.0).ln() - want).abs() < 1e-9);
}

#[test]
fn borrowed_stations_leave_the_median_and_widen_the_interval() {
    let at = |shape: ProfileShape| {
        let params = BranchParams::new(96.7, 0.0529, shape).unwrap();
        BranchProfile::new(&[station(20.0, 6.0)], &params).unwrap().at(30.0).unwrap().quantiles_g_l
    };
    let (own, borrowed) = (at(ProfileShape::default()), at(ProfileShape::borrowed()));
    assert!((own[MEDIAN] - borrowed[MEDIAN]).abs() < 1e-12);
    assert!(borrowed[0] < own[0] && borrowed[6] > own[6]);
}

#[test]
fn up_river_cannot_be_saltier_than_the_station_seaward() {
    let sure = StationOnBranch { km: 20.0, quantiles_g_l: [6.0; LEVELS] };
    let profile = BranchProfile::new(&[sure], &hau_without_sites()).unwrap();
    let just_up_river = profile.at(20.5).unwrap().quantiles_g_l;
    assert!(just_up_river[6] <= 6.0 + 1e-9 && just_up_river[0] < 5.9);
}

#[test]
fn stations_in_the_wrong_order_are_pooled() {
    let params = BranchParams::new(60.0, 0.06, shape(0.0, 0.0)).unwrap();
    let stations = [station(30.0, 8.0), station(10.0, 2.0), station(50.0, 1.0)];
    let profile = BranchProfile::new(&stations, &params).unwrap();
    assert!(
        (median_at(&profile, 10.0) - 4.0).abs() < 1e-9,
        "pooled to the geometric mean of 2 and 8"
    );
    assert!((median_at(&profile, 30.0) - 4.0).abs() < 1e-9);
    assert!((median_at(&profile, 50.0) - 1.0).abs() < 1e-9);
}

#[test]
fn two_arms_at_one_distance_are_one_place() {
    let profile = BranchProfile::new(&[station(33.1, 4.0), station(33.8, 1.0)], &hau()).unwrap();
    assert!((median_at(&profile, 33.45) - 2.0).abs() < 1e-9);
}

#[test]
fn values_stay_between_the_floor_and_sea_water() {
    let profile = BranchProfile::new(&[station(10.0, 29.0)], &hau()).unwrap();
    assert!(profile.at(0.0).unwrap().quantiles_g_l.iter().all(|v| *v <= SEA_G_L));
    let fresh = StationOnBranch { km: 40.0, quantiles_g_l: [0.0; LEVELS] };
    let profile = BranchProfile::new(&[fresh], &hau()).unwrap();
    assert!(profile.at(96.0).unwrap().quantiles_g_l.iter().all(|v| *v >= FLOOR_G_L));
}

#[test]
fn bad_stations_places_and_parameters_are_refused() {
    let params = hau();
    assert_eq!(BranchProfile::new(&[], &params).unwrap_err(), ProfileError::NoStation);
    for km in [-1.0, 97.5, f64::NAN] {
        let error = BranchProfile::new(&[station(km, 3.0)], &params).unwrap_err();
        assert!(matches!(error, ProfileError::Distance { .. }), "{error}");
    }
    for quantiles_g_l in [[f64::NAN; 7], [-0.1; 7], [3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]] {
        let error = BranchProfile::new(&[StationOnBranch { km: 5.0, quantiles_g_l }], &params);
        assert!(matches!(error, Err(ProfileError::Quantiles { .. })));
    }
    let profile = BranchProfile::new(&[station(5.0, 3.0)], &params).unwrap();
    assert!(
        profile.at(f64::NAN).is_err() && profile.at(-0.1).is_err() && profile.at(102.0).is_err()
    );
    for (length, decay, curvature, spread) in [
        (0.0, 0.05, 0.01, 0.1),
        (50.0, 0.0, 0.0, 0.1),
        (50.0, f64::NAN, 0.01, 0.1),
        (50.0, 0.05, -0.01, 0.1),
        (50.0, 0.05, 0.01, -0.1),
        // Would rise up-river at 32 g/L: 0.05 × ln 3.2 = 0.058 > 0.05.
        (50.0, 0.05, 0.05, 0.1),
    ] {
        let built = BranchParams::new(length, decay, shape(curvature, spread));
        assert!(matches!(built, Err(ProfileError::Parameter { .. })), "{built:?}");
    }
}

/// Returns any set of ordered, non-negative quantiles.
fn quantiles() -> impl Strategy<Value = [f64; LEVELS]> {
    prop::array::uniform7(0.0..40.0_f64).prop_map(|mut values| {
        values.sort_by(f64::total_cmp);
        values
    })
}

fn stations() -> impl Strategy<Value = Vec<StationOnBranch>> {
    let one = (0.0..90.0_f64, quantiles())
        .prop_map(|(km, quantiles_g_l)| StationOnBranch { km, quantiles_g_l });
    prop::collection::vec(one, 1..6)
}

fn params() -> impl Strategy<Value = BranchParams> {
    let free = (0.0..0.04_f64, 0.001..0.1_f64, 0.0..0.5_f64, 0.0..1.0_f64);
    free.prop_map(|(curvature_per_km, extra, spread_per_sqrt_km, site_sd)| {
        let decay = curvature_per_km * (SEA_G_L / REFERENCE_G_L).ln() + extra;
        let shape = ProfileShape { curvature_per_km, spread_per_sqrt_km, site_sd };
        BranchParams::new(90.0, decay, shape).unwrap()
    })
}

proptest! {
    #[test]
    fn no_quantile_ever_rises_up_river(stations in stations(), params in params()) {
        let profile = BranchProfile::new(&stations, &params).unwrap();
        let mut before = [f64::INFINITY; LEVELS];
        for step in 0..=600 {
            let now = profile.at(f64::from(step) * 0.15).unwrap().quantiles_g_l;
            for q in 0..LEVELS {
                prop_assert!(now[q] <= before[q] * (1.0 + 1e-12), "level {q} rose at step {step}");
            }
            before = now;
        }
    }

    #[test]
    fn quantiles_are_ordered_and_bounded_everywhere(
        stations in stations(), params in params(), km in 0.0..90.0_f64,
    ) {
        let value = BranchProfile::new(&stations, &params).unwrap().at(km).unwrap();
        let q = value.quantiles_g_l;
        prop_assert!(q.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-12)), "{q:?}");
        prop_assert!(q.iter().all(|v| (FLOOR_G_L..=SEA_G_L).contains(v)), "{q:?}");
        prop_assert!(value.nearest_station_km >= 0.0);
    }

    #[test]
    fn the_order_of_the_stations_does_not_matter(mut stations in stations(), params in params()) {
        let one = BranchProfile::new(&stations, &params).unwrap().at(33.3).unwrap();
        stations.reverse();
        let other = BranchProfile::new(&stations, &params).unwrap().at(33.3).unwrap();
        for (a, b) in one.quantiles_g_l.iter().zip(other.quantiles_g_l) {
            prop_assert!((a / b - 1.0).abs() < 1e-9);
        }
    }
}

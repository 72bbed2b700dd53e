//! Salinity along one river branch: from quantiles at stations to quantiles at any distance.
//!
//! Work is done in `u = ln(S / 10 g/L)`, where the measured profile obeys `du/dx = -decay + c·u`:
//! water that is already fresh loses salt faster per kilometre than water near the sea. So
//! `u` is linear in `exp(c·x)`; with curvature `c = 0` this is plain log-linear interpolation.
//!
//! 1. Stations are sorted, near twins merged, and made non-increasing up-river (pool adjacent
//!    violators, per quantile).
//! 2. Every node of a fixed grid is interpolated between its two stations, or extrapolated with the
//!    branch's decay, and kept between the network's floor and sea water.
//! 3. Spatial variance is added around the median: a random walk in kilometres, pinned at stations.
//! 4. Salinity itself never rises up-river, so an upper quantile cannot exceed the one seaward of
//!    it and a lower quantile cannot fall under the one up-river of it: both envelopes are applied.
//! 5. The variance between sites at one distance (other bank, other arm, the gauge itself) is added
//!    everywhere: a value is for an intake on the river, never for the station itself.
//!
//! Distances, decays and their derivation: `data/reference/river_branches.csv` and its README.

use thiserror::Error;

mod shape;

/// Number of quantiles carried at each place.
const LEVELS: usize = 7;
/// Index of the 50 % quantile.
const MEDIAN: usize = 3;

/// Salinity (g/L) at which `decay_per_km` is stated; every `u` is relative to it.
const REFERENCE_G_L: f64 = 10.0;
/// Lowest salinity (g/L) told apart: half of 0.1 g/L, where the southern network censors.
pub const FLOOR_G_L: f64 = 0.05;
/// Sea water (g/L) off the mouths: the highest daily maximum at a river-mouth station of the
/// province was 30.4 g/L (1995-2014), the open coast reached 34.8; 32 lies between.
pub const SEA_G_L: f64 = 32.0;
/// Relative decay (1/km) at 10 g/L, mean of four branches, January to May 1996-2014.
pub const POOLED_DECAY_PER_KM: f64 = 0.0554;
/// Gain of the decay (1/km) per unit of `ln S` lost, the value with the least error when a whole
/// branch is left out (mean RMSE of `ln S` 0.68 against 0.72 without it) and close to the least for
/// interpolation (0.36 against 0.41).
pub const CURVATURE_PER_KM: f64 = 0.015;
/// Standard deviation of `ln S` per square root of a kilometre from the nearest stations; found
/// together with [`SITE_SD`].
pub const SPREAD_PER_SQRT_KM: f64 = 0.12;
/// Standard deviation of `ln S` between two sites at the same distance from the mouth: stations
/// under 6 km apart, on two arms, differ by 0.2 to 0.7. With both constants the 80 and 90 %
/// intervals cover 84 and 90 % when each of 13 stations is left out in turn (January to May
/// 1996-2014, mean of 17 situations; 87 and 92 % of all station days). A spread of 0.14 alone
/// covered only 70 and 76 %.
pub const SITE_SD: f64 = 0.35;
/// The same when a branch has no live station and those of another branch stand in at equal
/// distance: 0.6 then covers 83 and 90 % (mean of 36 pairs of branch and station, January to May
/// 1996-2014).
pub const BORROWED_SITE_SD: f64 = 0.6;
/// Grid step (km): the profile changes by under 4 % a step even at the floor, where it decays
/// fastest.
const STEP_KM: f64 = 0.25;
/// Longest branch (km) accepted: the tide-affected Mekong reaches about 200 km inland.
const LENGTH_KM_MAX: f64 = 250.0;

/// Errors of the along-river salinity profile.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ProfileError {
    /// No station lies on the branch.
    #[error("no station on the branch, at least 1 is needed")]
    NoStation,
    /// A branch parameter is not usable.
    #[error("branch parameter {name} is {value}, allowed is {allowed}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// Value given.
        value: f64,
        /// Values allowed.
        allowed: &'static str,
    },
    /// A distance is outside the branch.
    #[error("distance from the mouth is {km} km, allowed is 0 to {length_km} km")]
    Distance {
        /// Distance given, km.
        km: f64,
        /// Length of the branch, km.
        length_km: f64,
    },
    /// Station quantiles are negative, not finite or not ordered.
    #[error(
        "quantiles {quantiles_g_l:?} g/L of the station at {km} km, \
         allowed are 7 finite, non-negative, non-decreasing values"
    )]
    Quantiles {
        /// Distance of the station from the mouth, km.
        km: f64,
        /// Values given, g/L.
        quantiles_g_l: [f64; LEVELS],
    },
}

/// How salinity varies along any branch; the default holds the measured constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileShape {
    /// Gain of the decay (1/km) per unit of `ln S` lost; 0 is log-linear.
    pub curvature_per_km: f64,
    /// Standard deviation of `ln S` per √km away from the stations.
    pub spread_per_sqrt_km: f64,
    /// Standard deviation of `ln S` between two sites at the same distance.
    pub site_sd: f64,
}

impl Default for ProfileShape {
    fn default() -> Self {
        Self {
            curvature_per_km: CURVATURE_PER_KM,
            spread_per_sqrt_km: SPREAD_PER_SQRT_KM,
            site_sd: SITE_SD,
        }
    }
}

impl ProfileShape {
    /// Returns the shape for stations borrowed from another branch (`lenders` in
    /// `river_branches.csv`).
    #[must_use]
    pub fn borrowed() -> Self {
        Self { site_sd: BORROWED_SITE_SD, ..Self::default() }
    }
}

/// Checked properties of one river branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BranchParams {
    length_km: f64,
    decay_per_km: f64,
    shape: ProfileShape,
}

impl BranchParams {
    /// Builds the parameters of a branch of `length_km` (km, 0 is the mouth) whose salinity decays
    /// by `decay_per_km` (1/km at 10 g/L).
    ///
    /// # Errors
    /// [`ProfileError::Parameter`] when a value is not finite or out of range, or when the profile
    /// would rise up-river somewhere below sea water.
    pub fn new(
        length_km: f64,
        decay_per_km: f64,
        shape: ProfileShape,
    ) -> Result<Self, ProfileError> {
        let check = |name, value: f64, min: f64, max: f64, allowed| {
            let ok = value.is_finite() && value >= min && value <= max;
            if ok { Ok(()) } else { Err(ProfileError::Parameter { name, value, allowed }) }
        };
        check("length_km", length_km, STEP_KM, LENGTH_KM_MAX, "0.25 to 250 km")?;
        check("curvature_per_km", shape.curvature_per_km, 0.0, 0.1, "0 to 0.1 per km")?;
        check("spread_per_sqrt_km", shape.spread_per_sqrt_km, 0.0, 2.0, "0 to 2")?;
        check("site_sd", shape.site_sd, 0.0, 2.0, "0 to 2")?;
        let at_sea = shape.curvature_per_km * (SEA_G_L / REFERENCE_G_L).ln();
        let allowed = "0 to 1 per km, above curvature × ln(sea/10)";
        check("decay_per_km", decay_per_km, at_sea.max(f64::MIN_POSITIVE), 1.0, allowed)?;
        Ok(Self { length_km, decay_per_km, shape })
    }

    /// Returns the length of the branch, km.
    #[must_use]
    pub fn length_km(&self) -> f64 {
        self.length_km
    }

    /// Carries `u` over `distance_km` (positive is up-river) by the decay law.
    fn carry(&self, u: f64, distance_km: f64) -> f64 {
        let c = self.shape.curvature_per_km;
        // (exp(c·d) - 1) / c, which tends to d when the curvature vanishes.
        let stretch = if c == 0.0 { distance_km } else { (c * distance_km).exp_m1() / c };
        u + stretch * (c * u - self.decay_per_km)
    }

    /// Returns the share (0 to 1) of the way from `from_km` to `to_km` at `km` in the bent
    /// coordinate.
    fn share(&self, from_km: f64, to_km: f64, km: f64) -> f64 {
        let c = self.shape.curvature_per_km;
        if c == 0.0 {
            (km - from_km) / (to_km - from_km)
        } else {
            (c * (km - from_km)).exp_m1() / (c * (to_km - from_km)).exp_m1()
        }
    }
}

/// Forecast quantiles of one station on the branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationOnBranch {
    /// Distance from the mouth along the branch, km.
    pub km: f64,
    /// Salinity (g/L) at 5, 10, 25, 50, 75, 90 and 95 %.
    pub quantiles_g_l: [f64; LEVELS],
}

/// Salinity at one distance along a branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileValue {
    /// Salinity (g/L) at 5, 10, 25, 50, 75, 90 and 95 %, non-decreasing.
    pub quantiles_g_l: [f64; LEVELS],
    /// Distance along the branch to the nearest station, km.
    pub nearest_station_km: f64,
    /// Whether a station lies on both sides (interpolated) or only on one (extrapolated).
    pub between_stations: bool,
}

/// Place with its quantiles as `u = ln(S / 10 g/L)`.
#[derive(Debug, Clone, Copy)]
struct Node {
    km: f64,
    u: [f64; LEVELS],
}

/// Salinity quantiles along one branch, non-increasing with distance from the mouth.
#[derive(Debug, Clone)]
pub struct BranchProfile {
    params: BranchParams,
    stations: Vec<Node>,
    nodes: Vec<Node>,
}

impl BranchProfile {
    /// Builds the profile of one branch from its stations, given in any order.
    ///
    /// # Errors
    /// [`ProfileError`] when there is no station, a station lies outside the branch, or its
    /// quantiles are negative, not finite or not ordered.
    pub fn new(stations: &[StationOnBranch], params: &BranchParams) -> Result<Self, ProfileError> {
        let mut places = stations
            .iter()
            .map(|station| checked_node(station, params))
            .collect::<Result<Vec<_>, _>>()?;
        if places.is_empty() {
            return Err(ProfileError::NoStation);
        }
        places.sort_by(|a, b| a.km.total_cmp(&b.km));
        let mut places = shape::merge_twins(&places);
        shape::make_non_increasing(&mut places);
        let mut nodes: Vec<Node> = shape::node_distances(&places, params.length_km)
            .into_iter()
            .map(|km| Node { km, u: shape::spread_at(&places, params, km) })
            .collect();
        shape::apply_envelopes(&mut nodes);
        for node in &mut nodes {
            node.u = shape::widened(node.u, params.shape.site_sd);
        }
        Ok(Self { params: *params, stations: places, nodes })
    }

    /// Returns the salinity at `km` from the mouth.
    ///
    /// # Errors
    /// [`ProfileError::Distance`] when `km` is not within the branch.
    pub fn at(&self, km: f64) -> Result<ProfileValue, ProfileError> {
        check_distance(km, self.params.length_km)?;
        let upper = self.nodes.partition_point(|node| node.km < km).clamp(1, self.nodes.len() - 1);
        let (a, b) = (&self.nodes[upper - 1], &self.nodes[upper]);
        let share = (km - a.km) / (b.km - a.km);
        let quantiles_g_l = std::array::from_fn(|q| salinity(a.u[q] + share * (b.u[q] - a.u[q])));
        let nearest_station_km =
            self.stations.iter().map(|s| (s.km - km).abs()).fold(f64::INFINITY, f64::min);
        let between_stations =
            self.stations.iter().any(|s| s.km <= km) && self.stations.iter().any(|s| s.km >= km);
        Ok(ProfileValue { quantiles_g_l, nearest_station_km, between_stations })
    }
}

/// Returns `ln(S / 10)` with S kept between the floor and sea water.
fn log_ratio(salinity_g_l: f64) -> f64 {
    (salinity_g_l.clamp(FLOOR_G_L, SEA_G_L) / REFERENCE_G_L).ln()
}

/// Returns the salinity (g/L) of `u`.
fn salinity(u: f64) -> f64 {
    (u.exp() * REFERENCE_G_L).clamp(FLOOR_G_L, SEA_G_L)
}

/// Returns `u` kept between the floor and sea water.
fn bounded(u: f64) -> f64 {
    u.clamp((FLOOR_G_L / REFERENCE_G_L).ln(), (SEA_G_L / REFERENCE_G_L).ln())
}

fn check_distance(km: f64, length_km: f64) -> Result<(), ProfileError> {
    if (0.0..=length_km).contains(&km) {
        Ok(())
    } else {
        Err(ProfileError::Distance { km, length_km })
    }
}

fn checked_node(station: &StationOnBranch, params: &BranchParams) -> Result<Node, ProfileError> {
    let StationOnBranch { km, quantiles_g_l } = *station;
    check_distance(km, params.length_km)?;
    let usable =
        quantiles_g_l.iter().all(|v| v.is_finite() && *v >= 0.0) && quantiles_g_l.is_sorted();
    if usable {
        Ok(Node { km, u: quantiles_g_l.map(log_ratio) })
    } else {
        Err(ProfileError::Quantiles { km, quantiles_g_l })
    }
}

#[cfg(test)]
mod tests;

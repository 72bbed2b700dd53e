//! What is known on one morning at one gauge: its own past, its neighbours, the river above.

use std::sync::LazyLock;

use crate::domain::PlaceId;
use crate::features::Known;
use crate::features::known::KnownSeries;
use crate::forecast::recipe::Column;

/// What is forecast, and the levels upstream.
pub(super) const LEVEL: &str = "water_level_m";
/// Flow into the delta.
pub(super) const DISCHARGE: &str = "discharge_m3_s";

/// The gauges of the delta (`in_delta` of shared/data/hydrology/waterlevel_stations.csv).
pub(super) const DELTA: [&str; 5] = ["can_tho", "chau_doc", "my_thuan", "tan_chau", "vam_nao"];

/// Gauges above the delta from near to far: water takes a day from Phnom Penh, four from Kratie,
/// a week from Pakse, two from Vientiane.
const UPSTREAM: [&str; 9] = [
    "phnom_penh_port",
    "chaktomuk",
    "kompong_cham",
    "kratie",
    "stung_treng",
    "pakse",
    "mukdahan",
    "nakhon_phanom",
    "vientiane_km4",
];

/// Gauges of the flow.
const FLOW: [&str; 2] = ["kratie", "stung_treng"];

/// Days back of the gauge's own past, and of its means.
const OWN_BACK: usize = 15;
const OWN_MEANS: [usize; 3] = [7, 15, 30];
/// Days back of neighbours and of the river above.
const NEIGHBOUR_BACK: [i64; 3] = [1, 2, 4];
const UPSTREAM_BACK: [i64; 9] = [1, 2, 3, 4, 5, 6, 8, 10, 13];
/// Days the flow is late, and those over which its change is taken.
const FLOW_LATE_DAYS: i64 = 4;
const FLOW_CHANGE_DAYS: i64 = 10;
/// How much older than wanted a value may be before it counts as missing (days).
const PATIENCE_DAYS: i64 = 3;

/// Gauges whose changes count by how high the river stands.
const ROUTED: [&str; 5] = ["phnom_penh_port", "chaktomuk", "kompong_cham", "kratie", "stung_treng"];
const ROUTED_BACK: [i64; 4] = [1, 3, 6, 10];

/// Place of the newest level among the columns, and of the week's mean less it.
const OWN: usize = 0;
const WEEK: usize = 1 + OWN_BACK;

#[expect(clippy::expect_used, reason = "constant names of the right shape, read by every test")]
static GAUGES: LazyLock<[Vec<PlaceId>; 3]> = LazyLock::new(|| {
    let gauge = |id: &&str| PlaceId::new("river", id).expect("a constant of the right shape");
    let all = |ids: &[&str]| ids.iter().map(gauge).collect();
    [all(&DELTA), all(&UPSTREAM), all(&FLOW)]
});

/// Returns the columns that [`read`] fills.
pub(super) fn columns() -> Vec<Column> {
    let own = "own history";
    let mut columns = vec![Column::all(own, "own")];
    columns.extend((1..=OWN_BACK).map(|k| Column::all(own, format!("own {k} back"))));
    columns.extend(OWN_MEANS.map(|n| Column::all(own, format!("own mean of {n}"))));
    for gauge in DELTA {
        columns.push(Column::trees("neighbours", format!("{gauge} less own")));
        let back = |k| Column::all("neighbours", format!("{gauge} change over {k}"));
        columns.extend(NEIGHBOUR_BACK.map(back));
    }
    for gauge in UPSTREAM {
        columns.push(Column::all("upstream levels", gauge));
        let back = |k| Column::all("upstream levels", format!("{gauge} change over {k}"));
        columns.extend(UPSTREAM_BACK.map(back));
    }
    for name in ["own 1", "own 3", "own 7"].into_iter().chain(ROUTED) {
        let times = if name.starts_with("own") { &ROUTED_BACK[..1] } else { &ROUTED_BACK[..] };
        columns.extend(
            times.iter().map(|k| {
                Column::linear("river by level", format!("{name} change over {k} by level"))
            }),
        );
    }
    for gauge in FLOW {
        columns.push(Column::trees("flow", format!("flow {gauge}")));
        columns.push(Column::trees("flow", format!("flow {gauge} change")));
    }
    columns
}

/// Reads the columns of one morning, all in m (flows as logarithms).
pub(super) fn read(known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
    let day = known.today() - 1;
    let [delta, upstream, flow] = &*GAUGES;
    let past: [f64; 30] = known.series(LEVEL, place).window(day);
    let own = past[0];
    let first = out.len();
    out.push(own);
    out.extend(past[1..=OWN_BACK].iter().map(|v| v - own));
    out.extend(OWN_MEANS.map(|n| mean(&past[..n]) - own));
    for gauge in delta {
        // A gauge is no neighbour of itself.
        let series = (gauge != place).then(|| known.series(LEVEL, gauge));
        let at = |day| series.as_ref().map_or(f64::NAN, |s| near(s, day));
        let newest = at(day);
        out.push(newest - own);
        out.extend(NEIGHBOUR_BACK.map(|k| newest - at(day - k)));
    }
    for gauge in upstream {
        let series = known.series(LEVEL, gauge);
        let newest = near(&series, day);
        out.push(newest);
        out.extend(UPSTREAM_BACK.map(|k| newest - near(&series, day - k)));
    }
    let state = state(&out[first..]);
    out.extend([1, 3, 7].map(|k| state * -(past[k] - own)));
    for gauge in &upstream[..ROUTED.len()] {
        let series = known.series(LEVEL, gauge);
        let newest = near(&series, day);
        out.extend(ROUTED_BACK.map(|k| state * (newest - near(&series, day - k))));
    }
    for gauge in flow {
        let series = known.series(DISCHARGE, gauge);
        let at = |day| near(&series, day).max(1.0).ln();
        let newest = day - FLOW_LATE_DAYS;
        out.extend([at(newest), at(newest) - at(newest - FLOW_CHANGE_DAYS)]);
    }
}

/// Returns how high the river stands (mean of a week, m): the tide shows less in it the higher.
pub(super) fn state(origin: &[f64]) -> f64 {
    let week = origin[OWN] + origin[WEEK];
    if week.is_finite() { week } else { origin[OWN] }
}

fn near(series: &KnownSeries<'_>, day: i64) -> f64 {
    series.last(day, PATIENCE_DAYS).map_or(f64::NAN, |(_, value)| value)
}

/// Returns the mean of the known values when at least half of them are known.
fn mean(values: &[f64]) -> f64 {
    let known = values.iter().filter(|v| v.is_finite());
    let (sum, n) = known.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    if 2 * n >= values.len() { sum / n as f64 } else { f64::NAN }
}

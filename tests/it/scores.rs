//! Scores against `properscoring` 0.1 and `scores` 2.7 (shared/reference/scores, rel 1e-12).

use muavu::forecast::scores::{
    Contingency, bias, brier, coverage, crps_ensemble, mae, pinball, rmse,
};
use serde_json::Value;

use crate::support::shared;

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn near(ours: f64, theirs: f64) {
    let allowed = 1e-12 * theirs.abs().max(1.0);
    assert!((ours - theirs).abs() <= allowed, "ours {ours}, theirs {theirs}");
}

#[test]
fn scores_equal_those_of_two_python_packages() {
    let Some(path) = shared("reference/scores/expected_scores.json") else { return };
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let observed = list(&all["inputs"]["obs"]);
    let members: Vec<Vec<f64>> =
        all["inputs"]["ens"].as_array().unwrap().iter().map(list).collect();

    for ((members, y), theirs) in
        members.iter().zip(&observed).zip(list(&all["crps_ensemble_ecdf"]))
    {
        near(crps_ensemble(members, *y), theirs);
    }
    for level in ["0.1", "0.5", "0.9"] {
        let alpha: f64 = level.parse().unwrap();
        let forecasts = list(&all["pinball"][level]["forecast_type7"]);
        let theirs = list(&all["pinball"][level]["pinball"]);
        for ((forecast, y), theirs) in forecasts.iter().zip(&observed).zip(theirs) {
            near(pinball(alpha, *forecast, *y), theirs);
        }
    }
    let events: Vec<(f64, bool)> = list(&all["brier"]["prob"])
        .into_iter()
        .zip(list(&all["brier"]["event_obs"]))
        .map(|(p, o)| (p, o > 0.5))
        .collect();
    near(brier(&events), all["brier"]["bs"].as_f64().unwrap());

    let pairs: Vec<(f64, f64)> =
        list(&all["det"]["forecast"]).into_iter().zip(observed.iter().copied()).collect();
    near(mae(&pairs), all["det"]["mae"].as_f64().unwrap());
    near(rmse(&pairs), all["det"]["rmse"].as_f64().unwrap());
    near(bias(&pairs), all["det"]["bias"].as_f64().unwrap());

    let low = list(&all["pinball"]["0.1"]["forecast_type7"]);
    let high = list(&all["pinball"]["0.9"]["forecast_type7"]);
    let inside: Vec<(f64, f64, f64)> =
        low.into_iter().zip(high).zip(&observed).map(|((l, h), y)| (l, h, *y)).collect();
    near(coverage(&inside), all["coverage_80"].as_f64().unwrap());

    let table = Contingency::of(pairs.iter().map(|(f, y)| (*f >= 10.0, *y >= 10.0)));
    let theirs = &all["contingency_ge10"];
    near(table.pod(), theirs["pod"].as_f64().unwrap());
    near(table.far(), theirs["far"].as_f64().unwrap());
    near(table.csi(), theirs["csi"].as_f64().unwrap());
}

//! Explanations add up to the forecasts they explain, and change none of them.

use super::*;
use crate::forecast::engine::auto::Plan;
use crate::forecast::engine::clock::Freq;
use crate::forecast::engine::mix::LinearMix;

/// A bumpy series of days with a week and a drift; `k` of many.
fn series(n: usize, k: usize, drift: f64) -> Vec<f64> {
    let noise = |t: usize| (t as f64 * 0.618_033_988_749_895 * (k + 1) as f64).fract() - 0.5;
    let week = |t: usize| if t % 7 == k % 7 { 5.0 } else { 0.0 };
    (0..n).map(|t| 40.0 + k as f64 + drift * t as f64 + week(t) + 4.0 * noise(t)).collect()
}

fn ask(horizon: usize) -> Ask {
    let freq = Freq::parse("D").unwrap();
    Ask { horizon, seasons: vec![7], levels: vec![80.0], freq }
}

fn largest_gap(path: &Path) -> f64 {
    let gap = |h: usize| path.parts.iter().map(|part| part.values[h]).sum::<f64>() - path.point[h];
    let size = path.point.iter().fold(1e-300_f64, |size, y| size.max(y.abs()));
    (0..path.point.len()).map(|h| gap(h).abs() / size).fold(0.0, f64::max)
}

fn check(strategy: &impl Explain, regular: &Regular<'_>, ask: &Ask) -> Path {
    let explained = strategy.explained(regular, ask).unwrap();
    let plain = strategy.forecast(regular, ask).unwrap();
    assert!(plain.parts.is_empty(), "nothing is explained unasked");
    let bare = Path { parts: Vec::new(), ..explained.clone() };
    assert_eq!(format!("{plain:?}"), format!("{bare:?}"), "the forecast is the same, NaN included");
    assert!(largest_gap(&explained) < 1e-9, "{}: {:?}", explained.model, explained.parts);
    explained
}

#[test]
fn the_parts_of_both_modes_add_up_to_the_forecast() {
    let ask = ask(14);
    for (n, drift) in [(730, 0.0), (120, 0.4), (40, -0.3), (15, 0.0), (3, 1.0), (1, 0.0)] {
        let all: Vec<Vec<f64>> = (0..12).map(|k| series(n, k, drift)).collect();
        let known: Vec<f64> =
            (0..n + ask.horizon).map(|t| f64::from(u8::from(t % 11 == 0))).collect();
        let of = |y| Regular { y, start: 19_000, known: vec![&known] };
        let regular: Vec<Regular<'_>> = all.iter().map(|y| of(y.as_slice())).collect();
        let plan = Plan::learn(&regular, &ask);
        // Without a pilot every member of the family stands in the mix, logarithms included.
        let mix = LinearMix::prepare(&[], &ask);
        for regular in &regular {
            let fast = check(&mix, regular, &ask);
            assert!(
                fast.parts.iter().all(|part| part.weight.is_nan()
                    == (part.source != Source::Model(fast.model.clone())))
            );
            let auto = check(&plan, regular, &ask);
            let total: f64 = auto.parts.iter().map(|part| part.weight).sum();
            assert!((total - 1.0).abs() < 1e-12, "weights of the models: {total}");
        }
    }
}

#[test]
fn a_covariate_that_drives_a_series_is_seen_in_its_part() {
    let ask = ask(7);
    let n = 200;
    let rain: Vec<f64> = (0..n + 7).map(|t| f64::from(u8::from((t * 5) % 13 < 4))).collect();
    let y: Vec<f64> = series(n, 3, 0.0).iter().zip(&rain).map(|(y, x)| y + 20.0 * x).collect();
    let regular = Regular { y: &y, start: 0, known: vec![&rain] };
    let mix = LinearMix::prepare(&[], &ask);
    let path = check(&mix, &regular, &ask);
    let part = path.parts.iter().find(|part| part.source == Source::Covariate(0)).unwrap();
    let (wet, dry): (Vec<usize>, Vec<usize>) = (0..7).partition(|h| rain[n + h] > 0.0);
    let mean =
        |steps: &[usize]| steps.iter().map(|h| part.values[*h]).sum::<f64>() / steps.len() as f64;
    assert!(mean(&wet) - mean(&dry) > 10.0, "{part:?}");
}

#[test]
fn a_path_that_was_held_back_says_so() {
    // Doubling every step: differences of logarithms run away, and the range holds them.
    let y: Vec<f64> = (0..40).map(|t| 2.0_f64.powi(t)).collect();
    let regular = Regular { y: &y, start: 0, known: Vec::new() };
    let ask = Ask { seasons: Vec::new(), ..ask(30) };
    let path = check(&LinearMix::prepare(&[], &ask), &regular, &ask);
    assert!(path.parts.iter().any(|part| part.source == Source::Group(Group::Limits)));
}

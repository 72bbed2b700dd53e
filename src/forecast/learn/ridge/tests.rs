//! The ridge against its closed form, against refits, and against itself on repeated rows.

use linfa::prelude::*;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, Axis, array, concatenate};
use proptest::prelude::*;

use super::*;
use crate::forecast::learn::Regressor;

/// Rows of three features and two targets that follow a rule with some noise, from a seed.
fn rows(n: usize, seed: u64) -> (Array2<f64>, Array2<f64>) {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 31) - 0.5
    };
    let x = Array2::from_shape_fn((n, 3), |(_, j)| {
        [100.0, 0.0, -3.0][j] + [1.0, 0.01, 40.0][j] * next()
    });
    let y = Array2::from_shape_fn((n, 2), |(i, t)| {
        let z = [x[[i, 0]] - 100.0, x[[i, 1]] * 100.0, (x[[i, 2]] + 3.0) / 40.0];
        5.0 + 2.0 * z[0] - z[1] * [1.0, 0.0][t] + 0.5 * z[2] + 0.3 * next()
    });
    (x, y)
}

fn fixed(penalty: f64) -> RidgeValidParams {
    RidgeParams::new(Penalty::Fixed(penalty)).check().unwrap()
}

fn close(a: &Array1<f64>, b: &Array1<f64>, tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
}

#[test]
fn no_penalty_finds_an_exact_line_far_from_the_origin() {
    let x = Array2::from_shape_fn((50, 1), |(i, _)| 100.0 + i as f64 / 49.0);
    let y = x.column(0).mapv(|x| 5.0 + 2.0 * x);
    let model: LinearModel = fixed(0.0).fit(&Dataset::new(x, y)).unwrap();
    assert!((model.coefficients()[0] - 2.0).abs() < 1e-10);
    assert!((model.intercept() - 5.0).abs() < 1e-8);
}

#[test]
fn one_feature_is_shrunk_by_the_textbook_factor() {
    let x = array![[-1.0], [1.0], [-1.0], [1.0]];
    let y = array![0.0, 4.0, 0.0, 4.0];
    let model: LinearModel = fixed(12.0).fit(&Dataset::new(x, y)).unwrap();
    assert!((model.coefficients()[0] - 2.0 * 4.0 / (4.0 + 12.0)).abs() < 1e-14);
    assert!((model.level() - 2.0).abs() < 1e-14, "the level is not penalised");
}

#[test]
fn coefficients_agree_with_normal_equations_solved_by_hand() {
    let x = array![[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0]];
    let y = array![1.0, 2.0, 4.0, 3.0];
    let model: LinearModel = fixed(1.0).fit(&Dataset::new(x.clone(), y)).unwrap();
    // Means 2.5, 2.75; variances 1.25, 2.1875; covariance 0.875; with y 1.0 and 1.375.
    let (sx, sz): (f64, f64) = (1.25_f64.sqrt(), 2.1875_f64.sqrt());
    let (a, b, d) = (4.0 + 1.0, 4.0 * 0.875 / (sx * sz), 4.0 + 1.0);
    let (p, q) = (4.0 / sx, 4.0 * 1.375 / sz);
    let det = a * d - b * b;
    let expected = array![(d * p - b * q) / det / sx, (a * q - b * p) / det / sz];
    assert!(close(&model.coefficients().to_owned(), &expected, 1e-13));
}

#[test]
fn constant_features_get_zero_and_twins_are_named_without_a_penalty() {
    let (x, y) = rows(30, 1);
    let twin = concatenate![
        Axis(1),
        x,
        Array2::from_elem((30, 1), 0.1),
        x.slice(ndarray::s![.., ..1]).mapv(|v| 2.0 * v)
    ];
    let names = vec!["a", "b", "c", "flat", "twice_a"];
    let dataset = Dataset::new(twin, y.column(0).to_owned()).with_feature_names(names);
    let text = Fit::<_, Array1<f64>, _>::fit(&fixed(0.0), &dataset).unwrap_err().to_string();
    assert_eq!(text, "feature \"twice_a\" is a linear combination of other features");
    let model: LinearModel = fixed(0.1).fit(&dataset).unwrap();
    assert_eq!(model.coefficients()[3], 0.0);
    assert!((model.coefficients()[0] - 2.0 * model.coefficients()[4]).abs() < 1e-9);
}

#[test]
fn one_row_gives_its_own_value() {
    let model: LinearModel = fixed(1.0).fit(&Dataset::new(array![[3.0]], array![7.0])).unwrap();
    assert_eq!(Regressor::forecast(&model, array![[50.0]].view()).unwrap(), array![7.0]);
}

#[test]
fn many_targets_give_the_models_that_each_gives_alone() {
    let (x, y) = rows(60, 2);
    let candidates = vec![1e-3, 1.0, 1e3];
    let params = RidgeParams::new(Penalty::TimeBlocks { candidates, blocks: 5 }).check().unwrap();
    let LinearModels(together) = params.fit(&Dataset::new(x.clone(), y.clone())).unwrap();
    for (model, column) in together.iter().zip(y.columns()) {
        let alone: LinearModel = params.fit(&Dataset::new(x.clone(), column.to_owned())).unwrap();
        assert_eq!(*model, alone);
    }
}

#[test]
fn left_out_residuals_are_those_of_refits_without_the_row() {
    let (x, y) = rows(25, 3);
    let weights = Array1::from_shape_fn(25, |i| [1.0_f32, 0.5, 3.0][i % 3]);
    let dataset = Dataset::new(x.clone(), y.clone()).with_weights(weights.clone());
    let quick = fixed(2.0).leave_one_out(&dataset).unwrap();
    // A refit standardises anew, so the penalty goes by coefficient through extra rows instead:
    // ridge is least squares with a row sqrt(penalty) / deviation for each feature, of no level.
    let sample = Sample::of(&dataset, dataset.targets.view(), Missing::Refused).unwrap();
    let standard =
        crate::forecast::learn::standard::Standard::of(x.view(), sample.weights.as_ref());
    let deviations = standard.per_unit(&[1.0; 3]).into_iter().map(|s| 1.0 / s);
    let penalties: Vec<f64> = deviations.map(|d: f64| 2.0 * d * d).collect();
    for left_out in [0, 1, 2, 13, 24] {
        let keep: Vec<usize> = (0..25).filter(|i| *i != left_out).collect();
        let w: Array1<f64> = keep.iter().map(|&i| f64::from(weights[i])).collect();
        let (xs, ys) = (x.select(Axis(0), &keep), y.select(Axis(0), &keep));
        let means = w.dot(&xs) / w.sum();
        let levels = w.dot(&ys) / w.sum();
        let (xc, yc) = (&xs - &means, &ys - &levels);
        let xw = &xc * &w.view().insert_axis(Axis(1));
        let mut gram = xw.t().dot(&xc);
        (0..3).for_each(|j| gram[[j, j]] += penalties[j]);
        let factor = crate::forecast::learn::cholesky::Cholesky::factor(gram).unwrap();
        for target in 0..2 {
            let beta = Array1::from(factor.solve(xw.t().dot(&yc.column(target)).view()));
            let forecast = levels[target] + (&x.row(left_out) - &means).dot(&beta);
            let slow = y[[left_out, target]] - forecast;
            assert!((slow - quick[[left_out, target]]).abs() < 1e-9, "row {left_out}");
        }
    }
}

#[test]
fn noise_is_shrunk_hard_and_a_clear_signal_hardly() {
    let (x, y) = rows(80, 4);
    let noise = rows(80, 99).1.mapv(|v| (v * 1e4).fract());
    let candidates = vec![1e-2, 1.0, 1e2, 1e4];
    let blocks = (0..80).map(|row| row / 20).collect();
    for penalty in [
        Penalty::LeaveOneOut(candidates.clone()),
        Penalty::Generalised(candidates.clone()),
        Penalty::TimeBlocks { candidates: candidates.clone(), blocks: 4 },
        Penalty::GivenBlocks { candidates: candidates.clone(), block_of_row: blocks },
    ] {
        let params = RidgeParams::new(penalty.clone()).check().unwrap();
        let chosen = |target: Array1<f64>| {
            let model: LinearModel = params.fit(&Dataset::new(x.clone(), target)).unwrap();
            match model.method() {
                LinearMethod::Ridge(chosen) => chosen,
                other => panic!("{other:?}"),
            }
        };
        let (signal, noise) = (chosen(y.column(0).to_owned()), chosen(noise.column(0).to_owned()));
        assert!(signal <= 1.0 && noise >= 1e2, "{penalty:?}: {signal} and {noise}");
    }
}

#[test]
fn held_out_errors_are_those_of_refits_without_the_block() {
    let (x, y) = rows(40, 5);
    let dataset = Dataset::new(x, y);
    let sample = Sample::of(&dataset, dataset.targets.view(), Missing::Refused).unwrap();
    let system = System::new(&sample);
    let blocks = [(0..13).collect::<Vec<usize>>(), (13..40).collect()];
    let quick = choose::held_out(&[3.0], &system, &blocks);
    let mut slow = Array1::<f64>::zeros(2);
    for block in &blocks {
        let rest: Vec<usize> = (0..40).filter(|row| !block.contains(row)).collect();
        let (z, y) = (system.z.select(Axis(0), &rest), system.y.select(Axis(0), &rest));
        let (z_means, y_means) = (z.mean_axis(Axis(0)).unwrap(), y.mean_axis(Axis(0)).unwrap());
        let (zc, yc) = (&z - &z_means, &y - &y_means);
        let products = system::Products { gram: zc.t().dot(&zc), cross: zc.t().dot(&yc) };
        let factor = products.factor(3.0).unwrap();
        for target in 0..2 {
            let beta = products.solve(&factor, target);
            for &row in block {
                let forecast = y_means[target] + (&system.z.row(row) - &z_means).dot(&beta);
                slow[target] += (system.y[[row, target]] - forecast).powi(2);
            }
        }
    }
    assert!(close(&quick.row(0).to_owned(), &slow, 1e-10), "{quick} against {slow}");
}

proptest! {
    #[test]
    fn weights_count_as_repeated_rows(
        counts in prop::collection::vec(0_u8..4, 12), penalty in 0.01..10.0_f64, seed in 0_u64..1000,
    ) {
        prop_assume!(counts.iter().filter(|c| **c > 0).count() > 4);
        let (x, y) = rows(12, seed);
        let y = y.column(0).to_owned();
        let repeat: Vec<usize> =
            counts.iter().enumerate().flat_map(|(row, &c)| vec![row; c.into()]).collect();
        let repeated = Dataset::new(x.select(Axis(0), &repeat), y.select(Axis(0), &repeat));
        let weights = counts.iter().map(|&c| f32::from(c)).collect();
        let weighted = Dataset::new(x.clone(), y).with_weights(weights);
        let (a, b): (LinearModel, LinearModel) =
            (fixed(penalty).fit(&weighted).unwrap(), fixed(penalty).fit(&repeated).unwrap());
        let forecast = |m: &LinearModel| Regressor::forecast(m, x.view()).unwrap();
        prop_assert!(close(&forecast(&a), &forecast(&b), 1e-9));
    }

    #[test]
    fn forecasts_do_not_depend_on_the_features_units(
        scale in prop::sample::select(vec![1e-6, 0.1, 1e6]), shift in -1e3..1e3_f64,
    ) {
        let (x, y) = rows(30, 6);
        let other = x.mapv(|v| v * scale + shift * scale);
        let y = y.column(0).to_owned();
        let a: LinearModel = fixed(1.0).fit(&Dataset::new(x.clone(), y.clone())).unwrap();
        let b: LinearModel = fixed(1.0).fit(&Dataset::new(other.clone(), y)).unwrap();
        let (a, b) = (Regressor::forecast(&a, x.view()).unwrap(), Regressor::forecast(&b, other.view()).unwrap());
        prop_assert!(close(&a, &b, 1e-7));
    }
}

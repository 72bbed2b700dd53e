//! Reconciliation by hand, as properties, and hierarchies that are none.

use arrow::datatypes::DataType;
use proptest::prelude::{Just, ProptestConfig, Strategy as _, prop, prop_assert, proptest};

use super::*;
use crate::forecast::engine::table::{Ids, Layout, NO_STAMP, Rows};

fn reconciled(structure: &Structure, method: Method, errors: &PastErrors, y: &[f64]) -> Vec<f64> {
    let mut y = y.to_vec();
    Projection::new(structure, method, errors).unwrap().apply_all(&mut y, 1).unwrap();
    y
}

fn close(given: &[f64], wanted: &[f64]) -> bool {
    given.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12)
}

fn text(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn said<T: std::fmt::Debug>(found: Result<T, EngineError>) -> String {
    found.unwrap_err().to_string()
}

#[test]
fn least_squares_is_as_worked_out_by_hand() {
    // One sum of two: the gap of 3 is shared equally, y = (10, 4, 3) becomes (9, 5, 4).
    let pair = Structure::new(vec![vec![0, 1]], 2).unwrap();
    let none = PastErrors::default();
    let y = [10.0, 4.0, 3.0];
    assert!(close(&reconciled(&pair, Method::Ols, &none, &y), &[9.0, 5.0, 4.0]));
    // The total may move twice as much as each part: it takes half the gap.
    assert!(close(&reconciled(&pair, Method::WlsStruct, &none, &y), &[8.5, 4.75, 3.75]));
    assert!(close(&reconciled(&pair, Method::BottomUp, &none, &y), &[7.0, 4.0, 3.0]));
    // Mean squares 1, 4 and 1: the second node takes two thirds of the gap.
    let errors = PastErrors::of_rows(vec![1.0, 2.0, -1.0, -1.0, -2.0, 1.0], 3);
    assert!(close(&reconciled(&pair, Method::WlsVar, &errors, &y), &[9.5, 6.0, 3.5]));
}

#[test]
fn methods_that_lack_errors_and_forecasts_that_are_none_are_refused() {
    let pair = Structure::new(vec![vec![0, 1]], 2).unwrap();
    let one = PastErrors::of_rows(vec![1.0, 2.0, -1.0], 3);
    let error = said(Projection::new(&pair, Method::MintShrink, &one));
    assert!(error.contains("2 origins") && error.contains("wls_struct"), "{error}");
    assert!(Projection::new(&pair, Method::WlsVar, &PastErrors::default()).is_err());
    assert!(Projection::new(&pair, Method::WlsVar, &PastErrors::of_rows(vec![1.0], 1)).is_err());
    let projection = Projection::new(&pair, Method::Ols, &PastErrors::default()).unwrap();
    assert!(projection.apply_all(&mut [1.0; 4], 1).is_err());
    let error = said(projection.apply_all(&mut [1.0, f64::NAN, 1.0], 1));
    assert!(error.contains("node 1"), "{error}");
    assert!(Structure::new(vec![vec![0, 0]], 2).is_err());
    assert!(Structure::new(vec![vec![2]], 2).is_err());
    assert!(Structure::new(vec![vec![]], 2).is_err());
}

/// Random sums over 1 to 8 bottom nodes, values of all nodes, and 5 past errors of each; some nodes
/// never err.
fn cases() -> impl proptest::prelude::Strategy<Value = (Structure, Vec<f64>, Vec<f64>)> {
    (1..9_usize).prop_flat_map(|bottoms| {
        let sum = prop::collection::btree_set(0..bottoms, 1..=bottoms);
        (prop::collection::vec(sum, 1..6), Just(bottoms)).prop_flat_map(|(sums, bottoms)| {
            let members = sums.into_iter().map(|set| set.into_iter().collect()).collect();
            let structure = Structure::new(members, bottoms).unwrap();
            let nodes = structure.len();
            let error = proptest::prop_oneof![4 => -1e3..1e3_f64, 1 => Just(0.0)];
            let values = prop::collection::vec(-1e4..1e4_f64, nodes);
            (Just(structure), values, prop::collection::vec(error, 5 * nodes))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_method_adds_up_and_leaves_alone_what_did((structure, y, errors) in cases()) {
        let errors = PastErrors::of_rows(errors, structure.len());
        let size = y.iter().fold(1.0_f64, |size, y| size.max(y.abs()));
        for method in Method::ALL {
            let first = reconciled(&structure, method, &errors, &y);
            let mut summed = first.clone();
            structure.sum_up(&mut summed);
            let apart = |a: &[f64], b: &[f64]| {
                a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
            };
            prop_assert!(apart(&first, &summed) <= 1e-9 * size, "{method:?} does not add up");
            let again = reconciled(&structure, method, &errors, &first);
            prop_assert!(apart(&first, &again) <= 1e-9 * size, "{method:?} moves what agrees");
        }
    }
}

#[test]
fn columns_make_levels_and_a_level_of_single_series_is_the_bottom() {
    let series: Vec<(String, Vec<String>)> =
        [("a", "n", "rice"), ("b", "n", "fish"), ("c", "s", "rice")]
            .map(|(id, region, crop)| (id.to_owned(), text(&[crop, region])))
            .to_vec();
    let columns = text(&["crop", "region"]);
    let found = levels("total, region,region/crop").unwrap();
    let hierarchy = Hierarchy::from_levels(&found, &columns, &series).unwrap();
    assert_eq!(hierarchy.aggregates, ["total", "n", "s"]);
    assert_eq!(
        hierarchy.structure,
        Structure::new(vec![vec![0, 1, 2], vec![0, 1], vec![2]], 3).unwrap()
    );
    for (spec, word) in [
        ("region,,total", "\"\""),
        ("region/", "region/"),
        ("region,region", "twice"),
        ("region/region", "twice"),
    ] {
        let error = said(levels(spec));
        assert!(error.contains(word), "{spec}: {error}");
    }
    let unknown = levels("province").unwrap();
    let error = said(Hierarchy::from_levels(&unknown, &columns, &series));
    assert!(error.contains("province") && error.contains("crop, region"), "{error}");
    let mut bare = series.clone();
    bare[1].1[1].clear();
    let error = said(Hierarchy::from_levels(&found, &columns, &bare));
    assert!(error.contains("\"b\" has no region"), "{error}");
    let mut twins = series;
    twins[0].0 = "s".to_owned();
    let error = said(Hierarchy::from_levels(&found, &columns, &twins));
    assert!(error.contains("\"s\" stands there twice"), "{error}");
}

#[test]
fn a_matrix_says_what_contains_what_and_a_wrong_cell_is_named() {
    let header = text(&["unique_id", "a", "b"]);
    let row = |name: &str, a: &str, b: &str| text(&[name, a, b]);
    let rows = [row("all", "1.0", "1"), row("a", "1", "0"), row("b", "0", "1")];
    let hierarchy = from_matrix(&header, &rows).unwrap();
    assert_eq!((hierarchy.aggregates, hierarchy.bottoms), (text(&["all"]), text(&["a", "b"])));
    for (rows, word) in [
        (vec![row("all", "1", "0.5")], "line 2, column \"b\" is \"0.5\""),
        (vec![row("all", "1", "")], "line 2, column \"b\" is \"\""),
        (vec![row("none", "0", "0")], "\"none\" is the sum of nothing"),
        (vec![row("a", "1", "1")], "\"a\" must contain itself alone"),
        (vec![row("all", "1", "1"), row("all", "1", "0")], "\"all\" stands there twice"),
        (vec![text(&["all", "1"])], "2 cells"),
    ] {
        let error = said(from_matrix(&header, &rows));
        assert!(error.contains(word), "{error}");
    }
    assert!(from_matrix(&text(&["unique_id"]), &[]).is_err());
    assert!(said(from_matrix(&text(&["id", "a", "a"]), &[])).contains("twice"));
}

#[test]
fn pairs_make_a_tree_and_a_cycle_is_walked_through() {
    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(parent, child)| ((*parent).to_owned(), (*child).to_owned()));
        from_edges(&pairs.collect::<Vec<_>>())
    };
    let tree = pairs(&[("n", "a"), ("all", "n"), ("n", "b"), ("all", "c")]).unwrap();
    assert_eq!(tree.aggregates, ["n", "all"]);
    assert_eq!(tree.bottoms, ["a", "b", "c"]);
    assert_eq!(tree.structure, Structure::new(vec![vec![0, 1], vec![0, 1, 2]], 3).unwrap());
    let error = said(pairs(&[("all", "n"), ("n", "m"), ("m", "n"), ("m", "a")]));
    assert!(error.contains("n > m > n"), "{error}");
    assert!(said(pairs(&[("a", "a")])).contains("a > a"));
    assert!(said(pairs(&[("n", "a"), ("n", "a")])).contains("stands there twice"));
    assert!(said(pairs(&[("n", "")])).contains("names no node"));
    let diamond = [("all", "n"), ("all", "rice"), ("n", "a"), ("rice", "a")];
    let error = said(pairs(&diamond));
    assert!(error.contains("\"all\" counts \"a\" twice"), "{error}");
}

/// Two series of whole numbers: `a` from step 1, `b` from step 3 with a gap at 4; step 6 is to come.
fn ragged() -> (Rows, Layout) {
    let layout = Layout { id: DataType::Int64, ds: DataType::Int64, exogenous: text(&["x"]) };
    let nan = f64::NAN;
    let rows = Rows {
        ids: Ids::Whole(vec![1, 2]),
        ends: vec![6, 10],
        stamps: vec![1, 2, 3, 4, 5, 6, 3, 5, 6, NO_STAMP],
        y: vec![1.0, 2.0, 3.0, 4.0, 5.0, nan, 30.0, 50.0, nan, 9.0],
        exogenous: vec![vec![0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 4.0, nan, 8.0, 0.0]],
    };
    (rows, layout)
}

#[test]
fn sums_begin_with_their_first_series_and_are_known_where_all_are() {
    let (rows, mut layout) = ragged();
    let hierarchy = from_edges(&[("all".into(), "1".into()), ("all".into(), "2".into())]).unwrap();
    let (all, summed) = with_sums(rows, &mut layout, &hierarchy).unwrap();
    assert_eq!((summed, &layout.id), (1, &DataType::Utf8));
    assert_eq!((0..3).map(|i| all.ids.text(i)).collect::<Vec<_>>(), ["all", "1", "2"]);
    assert_eq!(all.stamps[all.run(0)], [1, 2, 3, 4, 5, 6]);
    let same = |a: &[f64], b: &[f64]| format!("{a:?}") == format!("{b:?}");
    let nan = f64::NAN;
    assert!(same(&all.y[all.run(0)], &[1.0, 2.0, 33.0, nan, 55.0, nan]), "{:?}", all.y);
    assert!(same(&all.exogenous[0][all.run(0)], &[0.0, 0.0, 3.0, 2.0, 2.0, 5.0]), "{all:?}");
    assert_eq!(all.run(2), 12..16, "the parts keep their rows");
}

#[test]
fn a_panel_that_is_not_the_hierarchys_is_refused_by_name() {
    let (rows, layout) = ragged();
    let with = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(parent, child)| ((*parent).to_owned(), (*child).to_owned()));
        let hierarchy = from_edges(&pairs.collect::<Vec<_>>()).unwrap();
        with_sums(rows.clone(), &mut layout.clone(), &hierarchy)
    };
    let error = said(with(&[("all", "1"), ("all", "2"), ("all", "3")]));
    assert!(error.contains("\"3\" of the hierarchy is not in the panel"), "{error}");
    let error = said(with(&[("all", "1")]));
    assert!(error.contains("\"2\" of the panel is not in the hierarchy"), "{error}");
    // A sum that the panel holds keeps its own rows.
    let (all, summed) = with(&[("2", "1")]).unwrap();
    assert_eq!((summed, all.run(0)), (0, 0..4));
}

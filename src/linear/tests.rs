use ndarray::{Array2, ShapeBuilder};

use super::SparseVector;
use super::dense::{CONVERGED, fit};
use super::evaluate::evaluate;
use super::lbfgs::minimise;
use super::measure::{at_thresholds, intervals, rank_correlation, reliability};
use super::online;
use super::sparse::{self, Options, Stop};
use super::weights::{from_bytes, to_bytes};
use crate::text::hash::{hash64_seeded, unit};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn a_label_between_is_a_row_of_both_classes() {
    let (rows, labels) = rows(3000);
    let tight = Options { penalty: 1e-3, max_iterations: 500, tolerance: 1e-12, ..Options::default() };
    let soft: Vec<f64> = labels.iter().enumerate().map(|(row, label)| if row % 5 == 0 { 0.25 } else { f64::from(*label) }).collect();
    let between = sparse::fit(rows.clone(), 50, &soft, &[1.0; 3000], &Options { standardises: false, ..tight.clone() }).unwrap();
    // The same as two rows with a share of the weight each.
    let (twice, classes): (Vec<_>, Vec<_>) = rows.iter().flat_map(|row| [(row.clone(), true), (row.clone(), false)]).unzip();
    let weights: Vec<f64> = soft.iter().flat_map(|label| [*label, 1.0 - label]).collect();
    let both = sparse::fit(twice, 50, &classes, &weights, &Options { standardises: false, ..tight }).unwrap();
    let off = between.weights.iter().zip(&both.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off < 1e-6 && (between.intercept - both.intercept).abs() < 1e-6, "{off}");
}

#[test]
fn figures_agree_with_those_worked_by_hand() {
    // Scores .9+ .8- .7+ .4- .4+ : pairs won by positives: .9 beats both (2), .7 beats one (1), .4 ties one (.5): 3.5 of 6.
    let metrics = evaluate(&[(0.9, true), (0.8, false), (0.7, true), (0.4, false), (0.4, true)]);
    assert!(near(metrics.auc, 3.5 / 6.0), "{}", metrics.auc);
    // Precision at the positives: 1/1, 2/3, and 3/5 for the tie.
    assert!(near(metrics.average_precision, (1.0 + 2.0 / 3.0 + 0.6) / 3.0));
    assert!(near(metrics.brier, (0.01 + 0.09 + 0.36) / 6.0 + (0.64 + 0.16) / 4.0));
    assert!(near(metrics.log_loss, -(0.9_f64.ln() + 0.7_f64.ln() + 0.4_f64.ln()) / 6.0 - (0.2_f64.ln() + 0.6_f64.ln()) / 4.0));
    assert!(near(metrics.balanced_accuracy, 2.0 / 6.0 + 1.0 / 4.0));
}

#[test]
fn perfect_scores_are_perfect_and_one_class_gives_nothing() {
    let perfect = evaluate(&[(1.0, true), (0.0, false)]);
    assert!(
        near(perfect.auc, 1.0)
            && near(perfect.average_precision, 1.0)
            && near(perfect.calibration_error, 0.0)
            && near(perfect.log_loss, 0.0)
    );
    assert!(near(evaluate(&[(0.5, true)]).auc, 0.0));
}

fn examples(n: usize, share_true: f64) -> (Array2<f32>, Vec<bool>) {
    let draw = |what: u64, row: usize| unit(hash64_seeded(&[what.to_le_bytes(), (row as u64).to_le_bytes()].concat(), 5));
    let labels: Vec<bool> = (0..n).map(|row| draw(0, row) < share_true).collect();
    let mut columns = Array2::zeros((n, 2).f());
    for row in 0..n {
        columns[[row, 0]] = draw(1, row) as f32 + if labels[row] { 0.7 } else { 0.0 };
        columns[[row, 1]] = draw(2, row) as f32;
    }
    (columns, labels)
}

#[test]
fn the_weights_are_of_the_class_true_whichever_is_more_frequent() {
    for share in [0.2, 0.8] {
        let (columns, labels) = examples(2000, share);
        let fit = fit(columns, &labels, 1.0, 100).unwrap();
        assert!(1.0 < fit.weights[0], "{share}: {:?}", fit.weights);
        assert!(fit.weights[1].abs() < 0.6, "{:?}", fit.weights);
        assert!(fit.gradient_norm < CONVERGED, "{}", fit.gradient_norm);
    }
}

#[test]
fn bad_examples_are_errors_with_counts() {
    let (columns, _) = examples(10, 0.5);
    assert!(fit(columns.clone(), &[true; 10], 1.0, 10).unwrap_err().to_string().contains("10 of 10"));
    let mut broken = columns;
    broken[[3, 1]] = f32::NAN;
    assert!(fit(broken, &[true, false, true, false, true, false, true, false, true, false], 1.0, 10).is_err());
}

#[test]
fn separable_examples_give_finite_weights() {
    let mut columns = Array2::zeros((40, 1).f());
    let labels: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
    for row in 0..40 {
        columns[[row, 0]] = if labels[row] { 1.0 } else { -1.0 };
    }
    let fit = fit(columns, &labels, 1.0, 100).unwrap();
    assert!(0.5 < fit.weights[0] && fit.weights[0] < 20.0, "{:?}", fit.weights);
}

#[test]
fn weights_come_back_and_any_changed_byte_is_refused() {
    let arrays: [&[f32]; 2] = [&[1.0, -2.5], &[]];
    let bytes = to_bytes(3, &("header".to_owned(), 7), &arrays);
    let (header, back): ((String, u32), _) = from_bytes("m", 3, &bytes).unwrap();
    assert_eq!((header.0.as_str(), header.1), ("header", 7));
    assert_eq!(back, [vec![1.0, -2.5], vec![]]);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(from_bytes::<(String, u32)>("m", 3, &changed).is_err(), "byte {at}");
        assert!(from_bytes::<(String, u32)>("m", 3, &bytes[..at]).is_err(), "cut at {at}");
    }
    assert!(from_bytes::<(String, u32)>("models/a", 4, &bytes).unwrap_err().to_string().contains("models/a"));
}

#[test]
fn thresholds_and_bins_agree_with_those_worked_by_hand() {
    let scored = [(0.95, true), (0.55, true), (0.55, false), (0.05, false)];
    let at = |threshold: f64| at_thresholds(&scored).into_iter().find(|at| near(at.threshold, threshold)).unwrap();
    assert!(near(at(0.5).positives_kept, 1.0) && near(at(0.5).negatives_kept, 0.5) && near(at(0.5).precision, 2.0 / 3.0));
    assert!(near(at(0.9).positives_kept, 0.5) && near(at(0.9).precision, 1.0));
    assert!(near(at(0.99).precision, 0.0));
    let bins = reliability(&scored);
    assert_eq!(bins.iter().map(|bin| bin.documents).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(near(bins[1].positives, 0.5) && near(bins[1].score, 0.55));
}

#[test]
fn intervals_are_wide_where_documents_are_copies_of_each_other() {
    let draw = |n: u64, what: u64| unit(hash64_seeded(&n.to_le_bytes(), what));
    let document = |n: u64| (0.5 * draw(n, 1) + if n.is_multiple_of(2) { 0.25 } else { 0.0 }, n.is_multiple_of(2));
    // The same 2,000 scores: each document for itself, or twenty documents a hundred times each.
    let apart: Vec<Vec<(f64, bool)>> = (0..2000).map(|n| vec![document(n)]).collect();
    let copies: Vec<Vec<(f64, bool)>> = (0..20).map(|n| vec![document(n); 100]).collect();
    let (narrow, wide) = (intervals(&apart, 1).unwrap().auc, intervals(&copies, 1).unwrap().auc);
    let auc = evaluate(&apart.concat()).auc;
    assert!(narrow.0 < auc && auc < narrow.1 && narrow.1 - narrow.0 < 0.05, "{narrow:?}");
    assert!(3.0 * (narrow.1 - narrow.0) < wide.1 - wide.0, "{narrow:?} {wide:?}");
    assert_eq!(intervals(&apart, 1), intervals(&apart, 1));
    assert_eq!(intervals(&[vec![(0.5, true)]], 1), None);
    // One domain a class: every draw that holds both is the same, which is no certainty.
    assert_eq!(intervals(&[vec![(0.9, true); 50], vec![(0.1, false); 50]], 1), None);
    assert_eq!(intervals(&[], 1), None);
}

#[test]
fn a_path_of_penalties_ends_where_each_alone_does() {
    let (rows, labels) = rows(3000);
    let weights = [1.0; 3000];
    let tight = Options { tolerance: 1e-10, max_iterations: 1000, ..Options::default() };
    let penalties = [1.0, 0.1, 0.01, 0.001];
    let path = sparse::fit_path(rows.clone(), 50, &labels, &weights, &penalties, &tight).unwrap();
    let mut steps = [0, 0];
    for (of_path, penalty) in path.iter().zip(penalties) {
        let alone = sparse::fit(rows.clone(), 50, &labels, &weights, &Options { penalty, ..tight.clone() }).unwrap();
        let apart = of_path.weights.iter().zip(&alone.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-5, "penalty {penalty}: {apart}");
        steps[0] += of_path.losses.len();
        steps[1] += alone.losses.len();
    }
    assert!(steps[0] < steps[1], "{steps:?}");
    let strength = |fit: &sparse::Fit| fit.weights.iter().map(|weight| weight * weight).sum::<f64>();
    assert!(path.windows(2).all(|pair| strength(&pair[0]) < strength(&pair[1])));
}

#[test]
fn rank_correlation_is_spearmans() {
    assert!(near(rank_correlation(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]), 1.0));
    assert!(near(rank_correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0));
    // Ranks 1 2.5 2.5 4 against 1 2 3 4: 1 - 6 x .5 / 60 corrected for the tie = sqrt(.9).
    assert!(near(rank_correlation(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0, 3.0, 4.0]), 0.9_f64.sqrt()));
    assert!(near(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0) && near(rank_correlation(&[], &[]), 0.0));
}

#[test]
fn the_minimiser_finds_the_bottom_of_a_curved_valley() {
    // Rosenbrock's function, of minimum 0 at (1, 1).
    let valley = |x: &[f64]| {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        (a * a + 100.0 * b * b, vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
    };
    let minimum = minimise(valley, vec![-1.2, 1.0], 100, 1e-9);
    assert_eq!(minimum.stop, Stop::Gradient);
    assert!(minimum.point.x.iter().all(|x| (x - 1.0).abs() < 1e-6), "{minimum:?}");
    assert!(minimum.values.windows(2).all(|pair| pair[1] < pair[0]), "{:?}", minimum.values);
    let stopped = minimise(valley, vec![-1.2, 1.0], 3, 1e-9);
    assert_eq!((stopped.stop, stopped.values.len()), (Stop::Iterations, 4));
}

/// Rows of three of 50 columns; the first ten are likelier in the class `true`.
fn rows(n: usize) -> (Vec<SparseVector>, Vec<bool>) {
    let draw = |what: usize, row: usize| hash64_seeded(&[what.to_le_bytes(), row.to_le_bytes()].concat(), 9);
    let labels: Vec<bool> = (0..n).map(|row| draw(0, row) % 3 == 0).collect();
    let row = |row: usize| {
        let first = draw(1, row) as u32 % if labels[row] && draw(4, row) % 2 == 0 { 10 } else { 30 };
        let values = (1..4).map(|k| (draw(k, row) % 4 + 1) as f32).collect();
        SparseVector { indices: vec![first, 30 + draw(2, row) as u32 % 10, 40 + draw(3, row) as u32 % 10], values }
    };
    ((0..n).map(row).collect(), labels)
}

#[test]
fn rows_taken_one_by_one_teach_what_all_together_do() {
    let (rows, labels) = rows(6000);
    let soft: Vec<f64> = labels.iter().map(|label| if *label { 0.9 } else { 0.1 }).collect();
    let fit = |options: &online::Options| {
        let rows: Vec<online::Row<'_>> = rows.iter().zip(&soft).map(|(row, label)| (row, *label, 1.0)).collect();
        online::fit(&rows, 50, options).unwrap()
    };
    let together = sparse::fit(rows.clone(), 50, &soft, &[1.0; 6000], &Options { standardises: false, ..Options::default() }).unwrap();
    let loss = |weights: &[f64], intercept: f64| {
        let margin = |row: &SparseVector| {
            intercept + row.indices.iter().zip(&row.values).map(|(i, x)| weights[*i as usize] * f64::from(*x)).sum::<f64>()
        };
        rows.iter().zip(&soft).map(|(row, label)| margin(row).exp().ln_1p() - label * margin(row)).sum::<f64>() / 6000.0
    };
    let least = loss(&together.weights, together.intercept);
    let few = fit(&online::Options::default());
    let many = fit(&online::Options { epochs: 12, rate: 0.1, ..online::Options::default() });
    assert!(
        least <= loss(&many.weights, many.intercept) && loss(&many.weights, many.intercept) < least + 0.005,
        "{least} {}",
        loss(&many.weights, many.intercept)
    );
    assert!(loss(&few.weights, few.intercept) < loss(&[0.0; 50], 0.0));
    assert_eq!(few, fit(&online::Options::default()));
    // A row that does not count teaches nothing.
    let one = |rows: &[online::Row<'_>]| online::fit(rows, 50, &online::Options { orders: 1, ..online::Options::default() }).unwrap();
    assert_eq!(one(&[(&rows[0], 1.0, 1.0), (&rows[1], 0.0, 0.0)]), one(&[(&rows[0], 1.0, 1.0)]));
    for faulty in [vec![(&rows[0], 1.5, 1.0)], vec![(&rows[0], 0.5, -1.0)], vec![(&rows[0], 0.5, 0.0)], vec![]] {
        assert!(online::fit(&faulty, 50, &online::Options::default()).is_err());
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (rows, labels) = rows(5000);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sparse::fit(rows.clone(), 50, &labels, &[1.0; 5000], &Options::default()).unwrap())
    };
    let one = with(1);
    assert!(one.gradient_norm < 1e-6 && !one.is_separated, "{one:?}");
    assert!(one.weights[..10].iter().all(|weight| one.weights[20] < *weight), "{:?}", one.weights);
    assert_eq!(one, with(3));
}

#[test]
fn a_row_of_weight_two_counts_as_two_rows_and_one_of_weight_zero_not_at_all() {
    let (rows, labels) = rows(3000);
    let tight = Options { tolerance: 1e-12, max_iterations: 1000, ..Options::default() };
    let weight = |row: usize| [0.0, 1.0, 2.0][row % 3];
    let weighted = sparse::fit(rows.clone(), 50, &labels, &(0..3000).map(weight).collect::<Vec<_>>(), &tight).unwrap();
    let times = |row: usize| std::iter::repeat_n(row, weight(row) as usize);
    let repeated: Vec<SparseVector> = (0..3000).flat_map(times).map(|row| rows[row].clone()).collect();
    let their_labels: Vec<bool> = (0..3000).flat_map(times).map(|row| labels[row]).collect();
    let repeated = sparse::fit(repeated, 50, &their_labels, &[1.0; 3000], &tight).unwrap();
    for (a, b) in weighted.weights.iter().zip(&repeated.weights) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn rows_that_cannot_be_learnt_from_are_errors_with_counts() {
    let (mut rows, labels) = rows(40);
    let message = |rows: &[SparseVector], labels: &[bool], weights: &[f64]| {
        sparse::fit(rows.to_vec(), 50, labels, weights, &Options::default()).unwrap_err().to_string()
    };
    assert!(message(&[], &[], &[]).contains("0 of 0 examples are positive"));
    assert!(message(&rows, &[true; 40], &[1.0; 40]).contains("40 of 40"));
    assert!(message(&rows, &labels, &[0.0; 40]).contains("0 of 0"));
    assert!(message(&rows, &labels, &[f64::NAN; 40]).contains("weight"));
    assert!(message(&rows, &labels, &[1.0; 39]).contains("39 weights"));
    let same = vec![rows[0].clone(); 40];
    assert!(message(&same, &labels, &[1.0; 40]).contains("learnt nothing from 40 examples"));
    rows[7].values[1] = f32::INFINITY;
    rows[8].values[0] = f32::NAN;
    assert!(message(&rows, &labels, &[1.0; 40]).contains("2 of 40 training examples"));
}

#[test]
fn rows_that_are_separable_end_finite_and_say_so() {
    let labels: Vec<bool> = (0..60).map(|row| row % 2 == 0).collect();
    let rows: Vec<SparseVector> = (0..60).map(|row| SparseVector { indices: vec![row % 2, 2 + row], values: vec![1e6, 1.0] }).collect();
    let fit = sparse::fit(rows, 62, &labels, &[1.0; 60], &Options::default()).unwrap();
    assert!(fit.is_separated && fit.weights.iter().all(|weight| weight.is_finite()), "{fit:?}");
    assert!(fit.losses.last().unwrap() < &1e-3, "{:?}", fit.losses);
}

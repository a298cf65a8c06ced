use ndarray::{Array2, ShapeBuilder};

use super::dense::{CONVERGED, fit};
use super::evaluate::evaluate;
use super::measure::{at_thresholds, intervals, rank_correlation, reliability};
use super::weights::{from_bytes, to_bytes};
use crate::text::hash::{hash64_seeded, unit};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
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
    let document = |n: u64| (0.5 * draw(n, 1) + if n % 2 == 0 { 0.25 } else { 0.0 }, n % 2 == 0);
    // The same 2,000 scores: each document for itself, or twenty documents a hundred times each.
    let apart: Vec<Vec<(f64, bool)>> = (0..2000).map(|n| vec![document(n)]).collect();
    let copies: Vec<Vec<(f64, bool)>> = (0..20).map(|n| vec![document(n); 100]).collect();
    let (narrow, wide) = (intervals(&apart, 1).unwrap().auc, intervals(&copies, 1).unwrap().auc);
    let auc = evaluate(&apart.concat()).auc;
    assert!(narrow.0 < auc && auc < narrow.1 && narrow.1 - narrow.0 < 0.05, "{narrow:?}");
    assert!(3.0 * (narrow.1 - narrow.0) < wide.1 - wide.0, "{narrow:?} {wide:?}");
    assert_eq!(intervals(&apart, 1), intervals(&apart, 1));
    assert_eq!(intervals(&[vec![(0.5, true)]], 1), None);
    assert_eq!(intervals(&[], 1), None);
}

#[test]
fn rank_correlation_is_spearmans() {
    assert!(near(rank_correlation(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]), 1.0));
    assert!(near(rank_correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0));
    // Ranks 1 2.5 2.5 4 against 1 2 3 4: 1 - 6 x .5 / 60 corrected for the tie = sqrt(.9).
    assert!(near(rank_correlation(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0, 3.0, 4.0]), 0.9_f64.sqrt()));
    assert!(near(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0) && near(rank_correlation(&[], &[]), 0.0));
}

use crate::linear::evaluate::evaluate;
use crate::linear::sparse::{Options, fit};
use crate::linear::{SparseVector, sigmoid};

use super::super::spark::hashing_tf;
use super::super::tests::learn;
use super::super::{Example, Features, Fittable, Model, TrainOptions};
use crate::document::Key;

#[derive(serde::Deserialize)]
struct Case {
    /// Label, weight, text.
    taught: Vec<(u8, f64, String)>,
    held_out: Vec<(u8, f64, String)>,
    losses: Vec<f64>,
    intercept: f64,
    coefficients: Vec<(usize, f64)>,
    probabilities: Vec<f64>,
    auc: f64,
}

const DIMENSIONS: usize = 1 << 18;

/// Values that Spark itself gave; `fixtures/spark/logistic.py` made them.
#[test]
fn coefficients_and_probabilities_are_those_of_sparks_logistic_regression() {
    let cases: std::collections::BTreeMap<String, Case> =
        serde_json::from_str(include_str!("../../../fixtures/spark/logistic.json")).unwrap();
    assert_eq!(cases.keys().collect::<Vec<_>>(), ["noisy", "penalised", "separable"]);
    for (name, case) in cases {
        let rows: Vec<SparseVector> = case.taught.iter().map(|(.., text)| hashing_tf(text, DIMENSIONS as u32)).collect();
        let labels: Vec<bool> = case.taught.iter().map(|(label, ..)| *label == 1).collect();
        let is_penalised = name == "penalised";
        let weights: Vec<f64> = case.taught.iter().map(|(_, weight, _)| if is_penalised { *weight } else { 1.0 }).collect();
        let options = Options { penalty: if is_penalised { 0.01 } else { 0.0 }, ..Options::default() };
        let fit = fit(rows, DIMENSIONS, &labels, &weights, &options).unwrap();
        // The same steps, not only the same end: where classes are separable the end is where the rule stops.
        assert_eq!(fit.losses.len(), case.losses.len(), "{name}");
        for (ours, sparks) in fit.losses.iter().zip(&case.losses) {
            assert!((ours - sparks).abs() < 1e-9, "{name}: {ours} {sparks}");
        }
        assert!((fit.intercept - case.intercept).abs() < 1e-6, "{name}: {} {}", fit.intercept, case.intercept);
        assert_eq!(fit.weights.iter().filter(|weight| **weight != 0.0).count(), case.coefficients.len(), "{name}");
        for (index, coefficient) in &case.coefficients {
            assert!((fit.weights[*index] - coefficient).abs() < 1e-6, "{name}, {index}: {} {coefficient}", fit.weights[*index]);
        }
        assert_eq!(fit.is_separated, name == "separable", "{name}");
        let mut scored = Vec::new();
        for ((label, _, text), probability) in case.held_out.iter().zip(&case.probabilities) {
            let vector = hashing_tf(text, DIMENSIONS as u32);
            let terms: f64 =
                vector.indices.iter().zip(&vector.values).map(|(index, value)| f64::from(*value) * fit.weights[*index as usize]).sum();
            let score = sigmoid(fit.intercept + terms);
            assert!((score - probability).abs() < 1e-6, "{name}: {score} {probability}");
            scored.push((score, *label == 1));
        }
        assert!((evaluate(&scored).auc - case.auc).abs() < 1e-3, "{name}: {:?} {}", evaluate(&scored), case.auc);
    }
}

fn options() -> TrainOptions {
    TrainOptions { features: Features::Spark, ..TrainOptions::default() }
}

/// Documents of two classes over 20 domains; one word in four tells them apart.
fn examples(text: impl Fn(bool, u32) -> String) -> Vec<Example> {
    let example = |n: u32| Example {
        key: Key(u128::from(n)),
        text: text(n.is_multiple_of(2), n),
        positive: n.is_multiple_of(2),
        domain: format!("{}{}.example", n % 2, n / 2 % 10),
        source: "test".to_owned(),
        language: String::new(),
    };
    (0..120).map(example).collect()
}

fn english(positive: bool, n: u32) -> String {
    let telling = if positive { "Essay" } else { "Offer" };
    format!("the  of {telling}{} w{} and w{}", n / 20 % 5, n % 7, n % 11)
}

#[test]
fn sparks_mode_learns_scores_all_tokens_and_comes_back_from_its_file() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| learn(examples(english), &options(), 3).unwrap())
    };
    let (model, card) = with(1);
    let (again, same) = with(2);
    assert_eq!(model.to_bytes(), again.to_bytes());
    assert_eq!(card, same);
    assert!(0.99 < card.held_out.raw.auc, "{:?}", card.held_out);
    assert!(card.warnings.iter().any(|warning| warning.contains("no weight is the best")), "{:?}", card.warnings);
    assert!(!card.warnings.iter().any(|warning| warning.contains("without spaces")), "{:?}", card.warnings);
    assert!(card.trainer.contains("linfa-logistic is dense"), "{}", card.trainer);
    assert!(card.strongest_for[..5].iter().all(|(word, _)| word.starts_with("essay")), "{:?}", card.strongest_for);
    let back = Model::from_bytes("m", &model.to_bytes()).unwrap();
    for text in ["", "  ", "Essay1  essay1 OFFER2", "unseen"] {
        let vector = hashing_tf(text, 1 << 18);
        let terms: f64 = vector
            .indices
            .iter()
            .zip(&vector.values)
            .map(|(index, value)| f64::from(*value) * f64::from(model.table[*index as usize]))
            .sum();
        assert_eq!(back.score(text).to_bits(), sigmoid(model.head.intercept + terms).to_bits(), "{text:?}");
    }
}

#[test]
fn sparks_mode_warns_of_scripts_without_spaces() {
    let mixed = |positive: bool, n: u32| {
        if n.is_multiple_of(7) { format!("{}天気{}", english(positive, n), "語".repeat(30)) } else { english(positive, n) }
    };
    let (_, card) = learn(examples(mixed), &options(), 3).unwrap();
    assert!(card.warnings.iter().any(|warning| warning.contains("scripts without spaces")), "{:?}", card.warnings);
}

#[test]
fn sparks_mode_refuses_a_penalty_and_a_number_of_iterations() {
    for options in [TrainOptions { penalty: Fittable::Fixed(2.0), ..options() }, TrainOptions { max_iterations: 20, ..options() }] {
        let error = options.check().unwrap_err();
        assert!(error.exit_code() == 2 && error.to_string().contains("leave penalty and max-iterations out"), "{error}");
    }
}

/// Two classes whose telling words are few: the fewer words a text has of them, the stronger the penalty should be.
#[test]
fn the_penalty_is_chosen_on_domains_that_were_left_out() {
    let noise = |positive: bool, n: u32| {
        let word = |k: u32| format!("w{}", crate::text::hash::hash64_seeded(&[n.to_le_bytes(), k.to_le_bytes()].concat(), 3) % 200);
        let telling = if positive == (n % 20 < 13) { "essay" } else { "offer" };
        (0..30).map(word).chain([telling.to_owned()]).collect::<Vec<_>>().join(" ")
    };
    let clear = |positive: bool, n: u32| english(positive, n);
    let chosen = |text: &dyn Fn(bool, u32) -> String| {
        let (_, card) = learn(
            examples(text),
            &TrainOptions { features: Features::HashingTf { dimensions: 1 << 14, selected: 200 }, ..TrainOptions::default() },
            3,
        )
        .unwrap();
        let penalty = card.trainer.split("L2 penalty ").nth(1).unwrap().split(',').next().unwrap().parse::<f64>().unwrap();
        assert!(card.trainer.contains("5-fold cross-validation"), "{}", card.trainer);
        penalty
    };
    assert!(chosen(&clear) < chosen(&noise), "{} {}", chosen(&clear), chosen(&noise));
}

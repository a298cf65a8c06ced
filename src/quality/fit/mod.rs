//! What learns: training documents in, a model out. `train` tells the story around it.

mod penalty;
mod selected;
mod spark;

use rayon::prelude::*;

use crate::error::Result;
use crate::text::hash::draw_bits;

use self::penalty::Validated;
use super::model::{Model, Scorer};
use super::options::{Features, Penalty, TrainOptions};
use super::split::fold;
use super::train::Example;
use super::words::Holders;

/// A model, and what its card says of the fit.
pub struct Fitted {
    pub model: Model,
    /// Score and truth of sampled training documents, each by a model that was taught without its domain.
    pub out_of_fold: Vec<(f64, bool)>,
    /// Which training documents hold each term.
    pub holders: Holders,
    /// L2 penalty on the summed loss, as given or chosen.
    pub penalty: Option<f64>,
    /// What was fitted by what.
    pub trainer: String,
    /// What a document counts, and a class.
    pub weighting: &'static str,
    /// Norm of the gradient of the mean loss at the end.
    pub gradient_norm: f64,
    /// Weights of the text statistics, per standard deviation.
    pub statistics: Vec<f64>,
    pub warnings: Vec<String>,
}

/// Folds of domains: of the naive-Bayes column, and of what chooses the penalty.
const FOLDS: u64 = 5;

/// Documents that cross-validation looks at.
const SAMPLE: usize = 5000;

/// Fits a model to training documents of two classes. The order of the documents is part of the input: sums run in it.
///
/// # Errors
/// What the solver refuses.
pub fn fit(training: &[&Example], options: &TrainOptions, seed: u64) -> Result<Fitted> {
    match options.features {
        Features::HashingTf { dimensions, selected } => {
            let given = if let Penalty::Fixed(penalty) = options.penalty { Some(penalty) } else { None };
            let Validated { penalty, how, out_of_fold } = penalty::validate(training, dimensions, selected, given, seed)?;
            let mut fitted = selected::fit(training, dimensions, selected, penalty, options.max_iterations, seed)?;
            fitted.trainer.push_str(&how);
            Ok(Fitted { out_of_fold, ..fitted })
        }
        Features::Spark => {
            let mut out_of_fold = Vec::new();
            for (taught, judged) in folds(&sampled(training, seed), seed) {
                let model = spark::fit(&taught)?.model;
                let score = |scorer: &mut Scorer<'_>, example: &&Example| (scorer.score(&example.text), example.positive);
                out_of_fold.extend(judged.par_iter().map_init(|| model.scorer(), score).collect::<Vec<_>>());
            }
            Ok(Fitted { out_of_fold, ..spark::fit(training)? })
        }
    }
}

/// A keyed sample of training documents, in their order.
fn sampled<'e>(training: &[&'e Example], seed: u64) -> Vec<&'e Example> {
    let mut sample = training.to_vec();
    sample.sort_by_key(|example| (draw_bits(seed, "cross-validation", example.key), example.key));
    sample.truncate(SAMPLE);
    sample.sort_by_key(|example| example.key);
    sample
}

/// Documents to teach and documents to judge, for each fold of domains that leaves both classes on both sides.
fn folds<'e>(sample: &[&'e Example], seed: u64) -> Vec<(Vec<&'e Example>, Vec<&'e Example>)> {
    let of = |number: usize| sample.iter().partition(|example| fold(&example.domain, FOLDS, seed) != number);
    let has_both = |examples: &[&Example]| examples.iter().any(|e| e.positive) && examples.iter().any(|e| !e.positive);
    (0..FOLDS as usize).map(of).filter(|(taught, judged): &(Vec<&Example>, Vec<&Example>)| has_both(taught) && has_both(judged)).collect()
}

/// The log of the ratio of classes. Taken from the intercept, it makes the score that of classes of equal weight (King and Zeng 2001).
fn prior(labels: &[bool]) -> f64 {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    libm::log(positives / (labels.len() as f64 - positives))
}

#[cfg(test)]
mod tests;

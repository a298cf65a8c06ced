//! What learns: training documents in, a model out. `train` tells the story around it.

mod penalty;
mod selected;
mod spark;

use rayon::prelude::*;

use crate::error::Result;
use crate::text::hash::draw_bits;

use self::penalty::Validated;
use self::selected::Counted;
use super::Fittable;
use super::model::{Model, Scorer};
use super::options::{Features, TrainOptions};
use super::split::fold;
use super::train::Example;
use super::words::Holders;

/// A model, and what its card says of the fit.
pub struct Fitted {
    pub model: Model,
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

/// Documents that cross-validation looks at. On three tasks 1,500 chose the penalty that 5,000 did, on two of them the one that 40,000 did; with more documents a stronger one can be
/// better.
const SAMPLE: usize = 5000;

/// Score and truth of sampled training documents, each by a model that was taught without its domain.
pub type OutOfFold = Vec<(f64, bool)>;

/// Fits a model to training documents of two classes, and gives what calibration is fitted to. The order of the documents is part of the input: sums run in it.
///
/// # Errors
/// What the solver refuses.
pub fn fit(training: &[&Example], options: &TrainOptions, seed: u64) -> Result<(Fitted, OutOfFold)> {
    match options.features {
        Features::HashingTf { dimensions, selected } => {
            let given = if let Fittable::Fixed(penalty) = options.penalty { Some(penalty) } else { None };
            let counted = Counted::of(training, dimensions);
            let shape = (dimensions, selected);
            let Validated { penalty, how, out_of_fold } = penalty::validate(training, &counted, shape, given, seed)?;
            let mut fitted = selected::fit(training, &counted, shape, penalty, options.max_iterations, seed)?;
            fitted.trainer.push_str(&how);
            Ok((fitted, out_of_fold))
        }
        Features::Spark => {
            let mut out_of_fold = Vec::new();
            for (taught, judged) in folds(training, &sampled(training, seed), seed) {
                let model = spark::fit(&taught.iter().map(|&at| training[at]).collect::<Vec<_>>())?.model;
                let score = |scorer: &mut Scorer<'_>, &at: &usize| (scorer.score(&training[at].text), training[at].positive);
                out_of_fold.extend(judged.par_iter().map_init(|| model.scorer(), score).collect::<Vec<_>>());
            }
            Ok((spark::fit(training)?, out_of_fold))
        }
    }
}

/// A model with the default options of its mode, without what only calibration needs.
pub fn taught(training: &[&Example], features: Features, seed: u64) -> Result<Model> {
    let options = TrainOptions { features, ..TrainOptions::default() };
    Ok(match features {
        Features::Spark => spark::fit(training)?.model,
        Features::HashingTf { .. } => fit(training, &options, seed)?.0.model,
    })
}

/// Places of a keyed sample of training documents, in their order.
fn sampled(training: &[&Example], seed: u64) -> Vec<usize> {
    let mut sample: Vec<usize> = (0..training.len()).collect();
    sample.sort_by_key(|&at| (draw_bits(seed, "cross-validation", training[at].key), training[at].key));
    sample.truncate(SAMPLE);
    sample.sort_unstable();
    sample
}

/// Places of documents to teach and of documents to judge, for each fold of domains that leaves both classes on both sides.
fn folds(training: &[&Example], sample: &[usize], seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
    let of = |number: usize| sample.iter().partition(|&&at| fold(&training[at].domain, FOLDS, seed) != number);
    let has_both = |places: &[usize]| [true, false].iter().all(|class| places.iter().any(|&at| training[at].positive == *class));
    (0..FOLDS as usize).map(of).filter(|(taught, judged): &(Vec<usize>, Vec<usize>)| has_both(taught) && has_both(judged)).collect()
}

/// The log of the ratio of classes. Taken from the intercept, it makes the score that of classes of equal weight (King and Zeng 2001).
fn prior(labels: &[bool]) -> f64 {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    libm::log(positives / (labels.len() as f64 - positives))
}

#[cfg(test)]
mod tests;

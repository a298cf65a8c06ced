//! What learns: training documents in, a model out. `train` tells the story around it.

mod selected;
mod spark;

use crate::error::Result;

use super::model::Model;
use super::options::{Features, TrainOptions};
use super::train::Example;
use super::words::Holders;

/// A model, and what its card says of the fit.
pub struct Fitted {
    pub model: Model,
    /// Which training documents hold each term.
    pub holders: Holders,
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

/// Fits a model to training documents of two classes. The order of the documents is part of the input: sums run in it.
///
/// # Errors
/// What the solver refuses.
pub fn fit(training: &[&Example], options: &TrainOptions, seed: u64) -> Result<Fitted> {
    match options.features {
        Features::HashingTf { dimensions, selected } => selected::fit(training, dimensions, selected, options, seed),
        Features::Spark => spark::fit(training),
    }
}

/// The log of the ratio of classes. Taken from the intercept, it makes the score that of classes of equal weight (King and Zeng 2001).
fn prior(labels: &[bool]) -> f64 {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    libm::log(positives / (labels.len() as f64 - positives))
}

#[cfg(test)]
mod tests;

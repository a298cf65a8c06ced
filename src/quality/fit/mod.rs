//! What learns: training documents in, a model out. `train` tells the story around it.

mod selected;

use crate::error::Result;
use crate::linear::SparseVector;

use super::model::Model;
use super::options::TrainOptions;
use super::train::Example;

/// A model, and what its card says of the fit.
pub struct Fitted {
    pub model: Model,
    /// Terms of the training documents, in their order, valued as the model was taught them.
    pub terms: Vec<SparseVector>,
    /// Norm of the gradient of the mean loss at the end.
    pub gradient_norm: f64,
    /// Weights of the text statistics, per standard deviation.
    pub statistics: Vec<f64>,
}

/// Fits a model to training documents of two classes. The order of the documents is part of the input: sums run in it.
///
/// # Errors
/// What the solver refuses.
pub fn fit(training: &[&Example], options: &TrainOptions, seed: u64) -> Result<Fitted> {
    selected::fit(training, options, seed)
}

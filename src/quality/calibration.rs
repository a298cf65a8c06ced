//! What a raw score means as a probability: Platt's sigmoid over its log-odds (Platt 1999), fitted to scores of documents that their models had not seen. Keep rules do not use
//! it: they act on the raw score.

use ndarray::{Array2, ShapeBuilder};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::linear::{dense, sigmoid};

/// P(good) = sigmoid(slope x log-odds of the score + intercept), were both classes equally frequent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    pub slope: f64,
    pub intercept: f64,
}

impl Default for Calibration {
    /// The score itself.
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0 }
    }
}

/// Next to nothing: two weights over thousands of scores need no penalty, but separable ones would have no finite slope.
const PENALTY: f32 = 1e-3;
const MAX_ITERATIONS: u64 = 200;

impl Calibration {
    /// Fits scores in 0..=1 to truth, classes weighted alike.
    ///
    /// # Errors
    /// One class only, scores that say nothing, or a solver that does not get there.
    pub fn fit(scored: &[(f64, bool)]) -> Result<Self> {
        let labels: Vec<bool> = scored.iter().map(|(_, truth)| *truth).collect();
        let columns = Array2::from_shape_fn((scored.len(), 1).f(), |(row, _)| log_odds(scored[row].0) as f32);
        let fit = dense::fit(columns, &labels, PENALTY, MAX_ITERATIONS)?;
        if dense::CONVERGED < fit.gradient_norm {
            return Err(Error::new(format!("the solver did not converge (gradient {:.1e})", fit.gradient_norm)));
        }
        let positives = labels.iter().filter(|truth| **truth).count() as f64;
        let prior = libm::log(positives / (labels.len() as f64 - positives));
        Ok(Self { slope: fit.weights[0], intercept: fit.intercept - prior })
    }

    /// The probability that a score stands for, in 0..=1.
    pub fn probability(&self, score: f64) -> f64 {
        sigmoid(self.slope * log_odds(score) + self.intercept)
    }
}

/// Finite also for 0 and 1.
fn log_odds(score: f64) -> f64 {
    let score = score.clamp(1e-15, 1.0 - 1e-15);
    libm::log(score) - libm::log1p(-score)
}

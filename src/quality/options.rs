//! The options of a training, their defaults and their ranges.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a classifier is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct TrainOptions {
    /// Hashed terms: GPT-3's 2^18.
    pub dimensions: u32,
    /// Terms with a weight of their own, chosen by chi-square; the others speak through naive Bayes.
    pub selected: usize,
    /// Most documents of one registered domain in each class.
    pub max_per_domain: usize,
    /// Most documents of each class; 100,000 in all are 0.8 GB while training.
    pub max_per_class: usize,
    /// Share of each class's domains that is held out, in (0, 1).
    pub held_out: f64,
    /// L2 penalty on the summed loss (linfa's alpha, 1 / C).
    pub penalty: f32,
    pub max_iterations: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            dimensions: 1 << 18,
            selected: 2048,
            max_per_domain: 50,
            max_per_class: 50_000,
            held_out: 0.2,
            penalty: 1.0,
            max_iterations: 200,
        }
    }
}

impl TrainOptions {
    /// # Errors
    /// When a number cannot hold.
    pub fn check(&self) -> Result<()> {
        if !(1 << 10..=1 << 24).contains(&self.dimensions) {
            return Err(Error::recipe(format!("dimensions is 1024 to 16777216, not {}", self.dimensions)));
        }
        if self.selected == 0 || self.max_per_domain == 0 || self.max_per_class == 0 || self.max_iterations == 0 {
            return Err(Error::recipe("selected, max-per-domain, max-per-class and max-iterations are at least 1"));
        }
        if !(0.0 < self.held_out && self.held_out < 1.0) {
            return Err(Error::recipe(format!("held-out is a share above 0 and below 1, not {}", self.held_out)));
        }
        if !self.penalty.is_finite() || self.penalty <= 0.0 {
            return Err(Error::recipe(format!(
                "penalty is above 0, not {}; without one, separable classes have no finite weights",
                self.penalty
            )));
        }
        Ok(())
    }
}

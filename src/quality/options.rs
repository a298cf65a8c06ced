//! The options of a training, their defaults and their ranges.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::Fittable;

/// What a classifier sees of a text, and with it how it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Features {
    /// Spark's hashed terms without empty tokens, sublinear; `selected` of them, chosen by chi-square, get a weight of their own, the others speak through naive
    /// Bayes; and statistics of the text.
    HashingTf {
        /// 2^10 to 2^24; GPT-3's 2^18.
        #[serde(default = "default_dimensions")]
        dimensions: u32,
        #[serde(default = "default_selected")]
        selected: usize,
    },
    /// GPT-3 as published: counts of Spark's Tokenizer and HashingTF at 2^18, all of them in one regression without a penalty, by the rules of Spark's
    /// `LogisticRegression`.
    Spark,
}

/// GPT-3's, and Spark's default.
const DIMENSIONS: u32 = 1 << 18;

fn default_dimensions() -> u32 {
    DIMENSIONS
}

fn default_selected() -> usize {
    2048
}

impl Default for Features {
    fn default() -> Self {
        Features::HashingTf { dimensions: default_dimensions(), selected: default_selected() }
    }
}

impl Features {
    /// Number of hashed terms.
    pub fn dimensions(self) -> u32 {
        match self {
            Features::HashingTf { dimensions, .. } => dimensions,
            Features::Spark => DIMENSIONS,
        }
    }
}

/// How a classifier is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct TrainOptions {
    pub features: Features,
    /// Most documents of one registered domain in each class.
    pub max_per_domain: usize,
    /// Most documents of each class; 100,000 in all, of 5 kB each, are 1.5 GB while training.
    pub max_per_class: usize,
    /// Share of each class's domains that is held out, in (0, 1).
    pub held_out: f64,
    /// L2 penalty on the summed loss (1 / C); not in Spark's mode.
    pub penalty: Fittable,
    /// Not in Spark's mode.
    pub max_iterations: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            features: Features::default(),
            max_per_domain: 50,
            max_per_class: 50_000,
            held_out: 0.2,
            penalty: Fittable::Fit,
            max_iterations: 500,
        }
    }
}

impl TrainOptions {
    /// # Errors
    /// When a number cannot hold.
    pub fn check(&self) -> Result<()> {
        let Self { penalty, max_iterations, .. } = Self::default();
        match self.features {
            Features::HashingTf { dimensions, .. } if !(1 << 10..=1 << 24).contains(&dimensions) => {
                return Err(Error::recipe(format!("dimensions is 1024 to 16777216, not {dimensions}")));
            }
            Features::HashingTf { selected: 0, .. } => return Err(Error::recipe("selected is at least 1")),
            Features::Spark if (self.penalty, self.max_iterations) != (penalty, max_iterations) => {
                return Err(Error::recipe(
                    "features = \"spark\" learns as Spark does by default, without a penalty and for at most 100 iterations; leave penalty and max-iterations out",
                ));
            }
            _ => {}
        }
        if self.max_per_domain == 0 || self.max_per_class == 0 || self.max_iterations == 0 {
            return Err(Error::recipe("max-per-domain, max-per-class and max-iterations are at least 1"));
        }
        if !(0.0 < self.held_out && self.held_out < 1.0) {
            return Err(Error::recipe(format!("held-out is a share above 0 and below 1, not {}", self.held_out)));
        }
        if let Fittable::Fixed(penalty) = self.penalty
            && !(penalty.is_finite() && 0.0 < penalty)
        {
            return Err(Error::recipe(format!(
                "penalty is \"fit\" or a number above 0, not {penalty}; without one, separable classes have no finite weights"
            )));
        }
        Ok(())
    }
}

//! The quality classifier: logistic regression over hashed words, trained on good documents against the recipe's low-quality class, with GPT-3's keep rules.
//!
//! Features follow GPT-3's appendix A (Spark's Tokenizer and HashingTF); what goes beyond is said in the model card: sublinear counts, a naive-Bayes column, text statistics.

pub mod compare;
pub mod keep;
pub mod spark;

mod calibration;
mod card;
mod features;
mod fit;
mod fittable;
mod held_out;
mod model;
mod options;
mod split;
mod statistics;
mod tokenizer;
mod train;
mod words;

pub use calibration::Calibration;
pub use card::{Card, ClassCounts};
pub use fittable::Fittable;
pub use held_out::{HeldOut, Shown};
pub use model::{Model, Scorer};
pub use options::{Features, TrainOptions};
pub use train::{Example, Rival, Split, split, train};

#[cfg(test)]
mod tests;

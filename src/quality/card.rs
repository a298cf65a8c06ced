//! The model card: what a model learnt from, how, and how well, for people and programs. The same run gives the same bytes.

use serde::{Deserialize, Serialize};

use crate::linear::evaluate::Metrics;

use super::options::TrainOptions;

/// Everything that is known of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Card {
    pub name: String,
    /// The good class, in words.
    pub positives: String,
    /// The low-quality class, in words.
    pub negatives: String,
    pub warnings: Vec<String>,
    /// On registered domains that nothing was learnt from.
    pub held_out: Metrics,
    pub positive_class: ClassCounts,
    pub negative_class: ClassCounts,
    pub options: TrainOptions,
    pub seed: u64,
    /// XXH3-128 over the sorted keys and labels of the training documents.
    pub training_set: String,
    /// How domains and classes are weighted.
    pub weighting: String,
    /// Norm of the gradient of the mean loss at the end.
    pub gradient_norm: f64,
    pub trained_on: String,
    /// Terms that speak most for quality, with their weights.
    pub strongest_for: Vec<(String, f64)>,
    /// Terms that speak most against it.
    pub strongest_against: Vec<(String, f64)>,
    /// Weights of the text statistics, per standard deviation.
    pub statistics: Vec<(String, f64)>,
    /// Sorted scores of held-out positives, at most 10,000: what alpha is fitted to.
    pub held_out_positive_scores: Vec<f64>,
}

/// One class from what was offered to what was used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ClassCounts {
    pub offered: u64,
    /// After the cap on documents of one registered domain.
    pub after_cap: u64,
    pub training: u64,
    pub held_out: u64,
    /// Registered domains after the cap.
    pub domains: u64,
    /// exp of the entropy of documents over domains: how many equal domains the class is worth.
    pub effective_domains: f64,
}

impl Card {
    /// The figures that a report shows, in order.
    pub fn figures(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let class = |class: &ClassCounts| {
            format!("{} of {} documents, {:.1} effective domains", class.after_cap, class.offered, class.effective_domains)
        };
        let held_out = &self.held_out;
        vec![
            pair("good", class(&self.positive_class)),
            pair("against", class(&self.negative_class)),
            pair("held out", format!("{} + {}", held_out.positives, held_out.negatives)),
            pair("AUC", format!("{:.4}", held_out.auc)),
            pair("average precision", format!("{:.4}", held_out.average_precision)),
            pair("log-loss", format!("{:.4}", held_out.log_loss)),
            pair("calibration error", format!("{:.4}", held_out.calibration_error)),
            pair("balanced accuracy", format!("{:.4}", held_out.balanced_accuracy)),
        ]
    }
}

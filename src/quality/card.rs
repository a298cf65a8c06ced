//! The model card: what a model learnt from, how, and how well, for people and programs. The same run gives the same bytes.

use serde::{Deserialize, Serialize};

use crate::linear::evaluate::Metrics;

use super::calibration::Calibration;
use super::held_out::HeldOut;
use super::options::TrainOptions;

/// Everything that is known of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Card {
    pub name: String,
    /// The good class, in words.
    pub positives: String,
    /// The low-quality class, in words.
    pub negatives: String,
    pub warnings: Vec<String>,
    /// On registered domains that nothing was learnt from.
    pub held_out: HeldOut,
    /// Raw figures of other models on the same documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comparison: Vec<(String, Metrics)>,
    /// From raw scores to probabilities; none where it could not be fitted.
    pub calibration: Option<Calibration>,
    /// Training documents that it was fitted to, each scored by a model that had not seen its domain.
    pub calibrated_on: u64,
    /// Training documents that were taken out because they are near-duplicates of held-out ones.
    pub leaks: u64,
    pub positive_class: ClassCounts,
    pub negative_class: ClassCounts,
    pub options: TrainOptions,
    pub seed: u64,
    /// XXH3-128 over the sorted keys and labels of the training documents.
    pub training_set: String,
    /// L2 penalty on the summed loss, as given or chosen; none in Spark's mode.
    pub penalty: Option<f64>,
    /// What was fitted by what.
    pub trainer: String,
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
    /// What the figures do not say.
    pub limits: Vec<String>,
    /// Name and version of the program.
    pub trained_by: String,
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
        let held_out = &self.held_out.raw;
        vec![
            pair("good", class(&self.positive_class)),
            pair("against", class(&self.negative_class)),
            pair("held out", format!("{} + {}", held_out.positives, held_out.negatives)),
            pair(
                "AUC",
                self.held_out.intervals.as_ref().map_or_else(
                    || format!("{:.4}", held_out.auc),
                    |ends| format!("{:.4} ({:.4} to {:.4})", held_out.auc, ends.auc.0, ends.auc.1),
                ),
            ),
            pair("average precision", format!("{:.4}", held_out.average_precision)),
            pair("log-loss", format!("{:.4}", held_out.log_loss)),
            pair(
                "calibration error",
                format!("{:.4}, calibrated {:.4}", held_out.calibration_error, self.held_out.calibrated.calibration_error),
            ),
            pair("balanced accuracy", format!("{:.4}", held_out.balanced_accuracy)),
            pair("alpha 9 keeps of the class against", format!("{:.2} %", 100.0 * self.held_out.alpha.kept_by_default)),
        ]
    }
}

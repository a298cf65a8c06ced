//! How good scores are: ranking (AUC, average precision), probabilities (log-loss, Brier, calibration error), and plain accuracy. Sums run in the order given.

use serde::{Deserialize, Serialize};

/// Figures on documents that nothing was learnt from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    pub positives: u64,
    pub negatives: u64,
    /// Probability that a positive scores above a negative; ties count half.
    pub auc: f64,
    /// Mean precision at each positive, by falling score.
    pub average_precision: f64,
    /// Mean of -ln p(truth), classes weighted alike.
    pub log_loss: f64,
    /// Mean squared distance of score and truth, classes weighted alike.
    pub brier: f64,
    /// Expected calibration error over ten equal bins, classes weighted alike.
    pub calibration_error: f64,
    /// Share judged rightly at .5, classes weighted alike.
    pub balanced_accuracy: f64,
}

/// Evaluates scores in 0..=1 against truth. Classes are weighted alike, because the model is trained so and its score means that.
/// Zeros where a class is missing.
pub fn evaluate(scored: &[(f64, bool)]) -> Metrics {
    let positives = scored.iter().filter(|(_, truth)| *truth).count();
    let negatives = scored.len() - positives;
    let mut metrics = Metrics { positives: positives as u64, negatives: negatives as u64, ..Metrics::default() };
    if positives == 0 || negatives == 0 {
        return metrics;
    }
    let weight = |truth: bool| 0.5 / if truth { positives } else { negatives } as f64;
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for &(score, truth) in scored {
        let w = weight(truth);
        let target = f64::from(u8::from(truth));
        // A score of exactly 0 or 1 costs 34.5 at most, not infinity.
        let right = if truth { score } else { 1.0 - score }.max(1e-15);
        metrics.log_loss -= w * libm::log(right);
        metrics.brier += w * (score - target) * (score - target);
        metrics.balanced_accuracy += w * f64::from(u8::from((0.5 <= score) == truth));
        let bin = &mut bins[((score * 10.0) as usize).min(9)];
        *bin = (bin.0 + w, bin.1 + w * score, bin.2 + w * target);
    }
    metrics.calibration_error = bins.iter().map(|(_, score, target)| (score - target).abs()).sum();
    let mut order: Vec<&(f64, bool)> = scored.iter().collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut above_positives, mut above_all, mut pairs, mut precision) = (0_usize, 0_usize, 0.0, 0.0);
    for tie in order.chunk_by(|a, b| a.0 == b.0) {
        let here = tie.iter().filter(|(_, truth)| *truth).count();
        let others = tie.len() - here;
        pairs += others as f64 * (above_positives as f64 + here as f64 / 2.0);
        above_positives += here;
        above_all += tie.len();
        precision += here as f64 * above_positives as f64 / above_all as f64;
    }
    metrics.auc = pairs / (positives as f64 * negatives as f64);
    metrics.average_precision = precision / positives as f64;
    metrics
}

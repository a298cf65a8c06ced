//! Two models over the same documents: how alike their scores rank them, what each would keep, and which documents changed sides.

use serde::Serialize;

use crate::linear::measure::rank_correlation;

use super::keep::{GPT3_ALPHA, keep_probability};

/// What two models make of the same documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Agreement {
    pub documents: u64,
    /// Spearman's, of the scores, in -1..=1.
    pub rank_correlation: f64,
    pub mean_scores: [f64; 2],
    pub threshold: f64,
    /// Documents that each would keep at the threshold.
    pub kept: [u64; 2],
    pub kept_by_both: u64,
    /// Kept by both over kept by either, in 0..=1; 1 where neither keeps any.
    pub overlap: f64,
    /// Documents that the Pareto draw with alpha 9 is expected to keep by each model's score.
    pub pareto_kept: [f64; 2],
    /// The same draw acts on both scores, so this many are expected to be kept by both.
    pub pareto_kept_by_both: f64,
}

/// Compares scores of the same documents in the same order, `[first, second]` each; sides are told by the threshold.
pub fn agreement(scores: &[[f64; 2]], threshold: f64) -> Agreement {
    let of = |model: usize| scores.iter().map(move |pair| pair[model]);
    let n = scores.len().max(1) as f64;
    let kept = |model: usize| of(model).filter(|score| threshold <= *score).count() as u64;
    let both = scores.iter().filter(|pair| pair.iter().all(|score| threshold <= *score)).count() as u64;
    let either = kept(0) + kept(1) - both;
    let pareto = |score: f64| keep_probability(score, GPT3_ALPHA);
    Agreement {
        documents: scores.len() as u64,
        rank_correlation: rank_correlation(&of(0).collect::<Vec<_>>(), &of(1).collect::<Vec<_>>()),
        mean_scores: [0, 1].map(|model| of(model).sum::<f64>() / n),
        threshold,
        kept: [0, 1].map(kept),
        kept_by_both: both,
        overlap: if either == 0 { 1.0 } else { both as f64 / either as f64 },
        pareto_kept: [0, 1].map(|model| of(model).map(pareto).sum()),
        pareto_kept_by_both: scores.iter().map(|pair| pareto(pair[0].min(pair[1]))).sum(),
    }
}

/// True when the threshold keeps the document by one model's score only.
pub fn changed_sides(pair: [f64; 2], threshold: f64) -> bool {
    (threshold <= pair[0]) != (threshold <= pair[1])
}

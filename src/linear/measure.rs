//! What figures of [`evaluate`](super::evaluate) leave open: what each threshold would do, how well scores tell probabilities, and how far the figures would move on other
//! documents of the same kind.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::text::hash::hash64_seeded;

use super::evaluate::{Metrics, evaluate};

/// What keeping all that scores at or above a threshold would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AtThreshold {
    pub threshold: f64,
    /// Share of positives that are kept (recall), in 0..=1.
    pub positives_kept: f64,
    /// Share of negatives that are kept, in 0..=1.
    pub negatives_kept: f64,
    /// Share of positives among what is kept, were both classes equally frequent; 0 where nothing is kept.
    pub precision: f64,
}

/// Thresholds of the table.
const THRESHOLDS: [f64; 11] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/// The table of thresholds over scores in 0..=1 and truth.
pub fn at_thresholds(scored: &[(f64, bool)]) -> Vec<AtThreshold> {
    let share = |truth: bool, least: f64| {
        let of = || scored.iter().filter(move |(_, is)| *is == truth);
        let kept = of().filter(|(score, _)| least <= *score).count();
        kept as f64 / of().count().max(1) as f64
    };
    let row = |threshold: f64| {
        let (positives_kept, negatives_kept) = (share(true, threshold), share(false, threshold));
        let kept = positives_kept + negatives_kept;
        AtThreshold { threshold, positives_kept, negatives_kept, precision: if kept == 0.0 { 0.0 } else { positives_kept / kept } }
    };
    THRESHOLDS.map(row).to_vec()
}

/// Documents whose score lies in one tenth of 0..=1, classes weighted alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Bin {
    pub documents: u64,
    /// Mean score.
    pub score: f64,
    /// Weighted share of positives.
    pub positives: f64,
}

/// The reliability diagram: ten bins of scores, those without a document left out.
pub fn reliability(scored: &[(f64, bool)]) -> Vec<Bin> {
    let positives = scored.iter().filter(|(_, truth)| *truth).count();
    let weight = |truth: bool| 1.0 / if truth { positives } else { scored.len() - positives } as f64;
    let mut bins = [(0_u64, 0.0, 0.0, 0.0); 10];
    for &(score, truth) in scored {
        let w = weight(truth);
        let (documents, weights, sum, of_positives) = &mut bins[((score * 10.0) as usize).min(9)];
        *documents += 1;
        *weights += w;
        *sum += w * score;
        *of_positives += if truth { w } else { 0.0 };
    }
    let filled = bins.into_iter().filter(|(documents, ..)| *documents != 0);
    filled.map(|(documents, weights, sum, positives)| Bin { documents, score: sum / weights, positives: positives / weights }).collect()
}

/// Ends of 95 % intervals, lower and upper.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Intervals {
    pub auc: (f64, f64),
    pub average_precision: (f64, f64),
    pub log_loss: (f64, f64),
    pub brier: (f64, f64),
    pub calibration_error: (f64, f64),
    pub balanced_accuracy: (f64, f64),
}

/// Groups of each class below which draws of them say nothing of other ones.
const LEAST_GROUPS: usize = 10;
/// Samples that are drawn for an interval.
const RESAMPLES: u64 = 200;

/// Percentile bootstrap (Efron 1979) over groups, such as all documents of one domain: documents of a group resemble each other, so they are drawn together or not at all.
/// Draws are keyed, so the same groups in the same order give the same intervals. `None` where fewer than ten groups hold a class, for one would take their sameness for certainty.
pub fn intervals(groups: &[Vec<(f64, bool)>], seed: u64) -> Option<Intervals> {
    let of = |class: bool| groups.iter().filter(|group| group.iter().any(|(_, truth)| *truth == class)).count();
    if of(true).min(of(false)) < LEAST_GROUPS {
        return None;
    }
    let draw = |sample: u64, nth: usize| {
        let bits = hash64_seeded(&[sample.to_le_bytes(), (nth as u64).to_le_bytes()].concat(), seed ^ 0x626f_6f74);
        ((u128::from(bits) * groups.len() as u128) >> 64) as usize
    };
    let resample = |sample: u64| {
        let drawn: Vec<(f64, bool)> = (0..groups.len()).flat_map(|nth| &groups[draw(sample, nth)]).copied().collect();
        let metrics = evaluate(&drawn);
        (metrics.positives != 0 && metrics.negatives != 0).then_some(metrics)
    };
    let samples: Vec<Metrics> = (0..RESAMPLES).into_par_iter().filter_map(resample).collect();
    if samples.is_empty() {
        return None;
    }
    let ends = |of: fn(&Metrics) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        (at(0.025), at(0.975))
    };
    Some(Intervals {
        auc: ends(|metrics| metrics.auc),
        average_precision: ends(|metrics| metrics.average_precision),
        log_loss: ends(|metrics| metrics.log_loss),
        brier: ends(|metrics| metrics.brier),
        calibration_error: ends(|metrics| metrics.calibration_error),
        balanced_accuracy: ends(|metrics| metrics.balanced_accuracy),
    })
}

/// Spearman's rank correlation of two lists of one length, ties by their mean rank, in -1..=1; 0 where a list has one value only.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    let scale = (dot(&a, &a) * dot(&b, &b)).sqrt();
    if scale == 0.0 { 0.0 } else { dot(&a, &b) / scale }
}

/// From 1; equal values have their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tie in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let rank = below as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|&at| ranks[at] = rank);
        below += tie.len();
    }
    ranks
}

//! What a model makes of documents that it learnt nothing from, in figures and in examples.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::linear::evaluate::{Metrics, evaluate};
use crate::linear::measure::{AtThreshold, Bin, Intervals, at_thresholds, intervals, reliability};

use super::keep::{self, AlphaOutlook};
use super::model::Model;
use super::train::Example;

/// Figures on the held-out documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HeldOut {
    /// Of raw scores.
    pub raw: Metrics,
    /// Of calibrated probabilities.
    pub calibrated: Metrics,
    /// Of the raw figures, over draws of registered domains; none where there are too few.
    pub intervals: Option<Intervals>,
    pub thresholds: Vec<AtThreshold>,
    pub reliability: Vec<Bin>,
    pub reliability_calibrated: Vec<Bin>,
    /// Raw figures by "language", "length" and "source", each by its values; those without both classes have no ranking.
    pub groups: BTreeMap<String, Vec<(String, Metrics)>>,
    /// Documents by score: lower end of a bucket, positives, negatives.
    pub scores: Vec<(f64, u64, u64)>,
    /// What the Pareto draw would keep of documents like the negatives.
    pub alpha: AlphaOutlook,
    /// Documents of either class at quantiles of its scores.
    pub examples: Vec<Shown>,
    /// Sorted raw scores of positives, at most 10,000: what alpha is fitted to in a build.
    pub positive_scores: Vec<f64>,
}

/// A document to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    pub positive: bool,
    /// Share of its class's scores below it.
    pub quantile: f64,
    pub score: f64,
    /// 32 hexadecimal digits; `gristmill explain` takes it.
    pub key: String,
    pub domain: String,
    pub source: String,
    /// The first characters of its text.
    pub text: String,
}

/// Scores with truth, by the values of one grouping; values stand in the order of a number, then by name.
type Grouped = BTreeMap<(usize, String), Vec<(f64, bool)>>;

const BUCKETS: usize = 50;
const STORED_SCORES: usize = 10_000;
const QUANTILES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
const SHOWN_CHARACTERS: usize = 300;
/// Characters from which a document counts as longer.
const LENGTHS: [usize; 4] = [500, 2_000, 8_000, 32_000];

impl HeldOut {
    /// Scores the documents and measures. `Example::language` is what the groups go by.
    pub fn measure(model: &Model, documents: &[Example], seed: u64) -> Self {
        let scored = score(model, documents);
        let scores: Vec<f64> = scored.iter().map(|(score, _)| *score).collect();
        let calibrated: Vec<(f64, bool)> = scored.iter().map(|(score, truth)| (model.probability(*score), *truth)).collect();
        let of = |truth: bool| {
            let mut of: Vec<f64> = scored.iter().filter(|(_, is)| *is == truth).map(|(score, _)| *score).collect();
            of.sort_by(f64::total_cmp);
            of
        };
        let (positives, negatives) = (of(true), of(false));
        let mut domains: BTreeMap<&str, Vec<(f64, bool)>> = BTreeMap::new();
        let mut groups: BTreeMap<&str, Grouped> = BTreeMap::new();
        for (scored, example) in scored.iter().zip(documents) {
            domains.entry(&example.domain).or_default().push(*scored);
            let values =
                [("language", (0, example.language.clone())), ("length", length(&example.text)), ("source", (0, example.source.clone()))];
            for (by, value) in values {
                groups.entry(by).or_default().entry(value).or_default().push(*scored);
            }
        }
        let mut buckets = vec![(0, 0); BUCKETS];
        for (score, truth) in &scored {
            let bucket = &mut buckets[((score * BUCKETS as f64) as usize).min(BUCKETS - 1)];
            *(if *truth { &mut bucket.0 } else { &mut bucket.1 }) += 1;
        }
        let evaluated = |(by, values): (&str, Grouped)| {
            (by.to_owned(), values.into_iter().map(|((_, value), scored)| (value, evaluate(&scored))).collect())
        };
        Self {
            raw: evaluate(&scored),
            calibrated: evaluate(&calibrated),
            intervals: intervals(&domains.into_values().collect::<Vec<_>>(), seed),
            thresholds: at_thresholds(&scored),
            reliability: reliability(&scored),
            reliability_calibrated: reliability(&calibrated),
            groups: groups.into_iter().map(evaluated).collect(),
            scores: buckets.into_iter().zip(0..).map(|((good, bad), n)| (f64::from(n) / BUCKETS as f64, good, bad)).collect(),
            alpha: keep::outlook(&negatives, &positives),
            examples: [true, false].into_iter().flat_map(|positive| examples(documents, &scores, positive)).collect(),
            positive_scores: {
                let step = positives.len().div_ceil(STORED_SCORES).max(1);
                positives.into_iter().step_by(step).collect()
            },
        }
    }
}

fn score(model: &Model, documents: &[Example]) -> Vec<(f64, bool)> {
    documents.par_iter().map_init(|| model.scorer(), |scorer, example| (scorer.score(&example.text), example.positive)).collect()
}

/// The figures of raw scores alone.
pub fn raw_metrics(model: &Model, documents: &[Example]) -> Metrics {
    evaluate(&score(model, documents))
}

/// The documents of a class at the quantiles of its scores; ties by key.
fn examples(documents: &[Example], scores: &[f64], positive: bool) -> Vec<Shown> {
    let mut order: Vec<usize> = (0..documents.len()).filter(|&at| documents[at].positive == positive).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(documents[a].key.cmp(&documents[b].key)));
    let mut places: Vec<usize> =
        QUANTILES.iter().map(|quantile| (order.len().saturating_sub(1) as f64 * quantile).round() as usize).collect();
    places.dedup();
    let show = |place: usize| {
        let at = *order.get(place)?;
        let Example { key, text, domain, source, .. } = &documents[at];
        Some(Shown {
            positive,
            quantile: place as f64 / order.len().saturating_sub(1).max(1) as f64,
            score: scores[at],
            key: key.to_string(),
            domain: domain.clone(),
            source: source.clone(),
            text: text.chars().take(SHOWN_CHARACTERS).collect(),
        })
    };
    places.into_iter().filter_map(show).collect()
}

/// The number and name of the class of lengths that a text is in.
fn length(text: &str) -> (usize, String) {
    let characters = text.chars().count();
    let class = LENGTHS.iter().position(|&least| characters < least).unwrap_or(LENGTHS.len());
    let name = match class {
        0 => format!("below {} characters", LENGTHS[0]),
        n if n < LENGTHS.len() => format!("{} to {} characters", LENGTHS[n - 1], LENGTHS[n]),
        n => format!("{} characters and more", LENGTHS[n - 1]),
    };
    (class, name)
}

//! A trained model: one sparse table over all hashed terms, so that scoring is a single pass in f64 with a fixed order of sums.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::linear::{sigmoid, weights};
use crate::text::hash::hash128;

use super::calibration::Calibration;
use super::features::Extractor;
use super::options::Features;
use super::statistics::N_STATISTICS;

/// Numbers of a model are finite and below this, so that no sum of theirs is not.
const LARGEST: f64 = 1e30;
/// Raised when stored models of before cannot be scored by this code.
const VERSION: u32 = 2;

/// The classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) head: Head,
    /// Inverse document frequency of each hashed term, `[dimensions]`; empty in Spark's mode.
    pub(super) idf: Vec<f32>,
    /// What a hashed term adds to the margin, `[dimensions]`: its weight (in Spark's mode), or its weight times its idf, with naive Bayes folded in.
    pub(super) table: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Head {
    pub features: Features,
    /// For classes of equal weight.
    pub intercept: f64,
    /// From raw scores to probabilities.
    pub calibration: Calibration,
    /// Mean and factor of each statistic: it adds factor x (value - mean). None in Spark's mode.
    pub statistics: Vec<(f64, f64)>,
}

impl Model {
    /// The model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        weights::to_bytes(VERSION, &self.head, &[&self.idf, &self.table])
    }

    /// Reads a model file; `name` stands for it in messages.
    ///
    /// # Errors
    /// When any byte was changed or is missing, or it is of another version.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self> {
        let (head, arrays): (Head, Vec<Vec<f32>>) = weights::from_bytes(name, VERSION, bytes)?;
        let damaged = || Error::new(format!("the model {name} cannot be used: its parts do not fit together; train it again"));
        let [idf, table]: [Vec<f32>; 2] = arrays.try_into().map_err(|_| damaged())?;
        let n = head.features.dimensions() as usize;
        let (n_idf, n_statistics) = match head.features {
            Features::HashingTf { .. } => (n, N_STATISTICS),
            Features::Spark => (0, 0),
        };
        let is_sound = |value: f64| value.abs() < LARGEST;
        let Head { intercept, statistics, calibration, .. } = &head;
        let numbers =
            statistics.iter().flat_map(|(mean, factor)| [*mean, *factor]).chain([*intercept, calibration.slope, calibration.intercept]);
        if !numbers.chain(idf.iter().chain(&table).map(|value| f64::from(*value))).all(is_sound) {
            return Err(damaged());
        }
        let fits = n != 0 && table.len() == n && idf.len() == n_idf && head.statistics.len() == n_statistics;
        if fits { Ok(Self { head, idf, table }) } else { Err(damaged()) }
    }

    /// XXH3-128 of the model file.
    pub fn hash(&self) -> u128 {
        hash128(&self.to_bytes())
    }

    /// The calibrated probability that a document with this raw score is good, were both classes equally frequent.
    pub fn probability(&self, score: f64) -> f64 {
        self.head.calibration.probability(score)
    }

    /// A scorer with buffers of its own; make one a thread.
    pub fn scorer(&self) -> Scorer<'_> {
        Scorer { model: self, extractor: Extractor::new(self.head.features.dimensions()) }
    }

    /// Scores one text; see [`Scorer::score`].
    pub fn score(&self, text: &str) -> f64 {
        self.scorer().score(text)
    }
}

/// Scores texts with one model.
pub struct Scorer<'m> {
    model: &'m Model,
    extractor: Extractor,
}

impl Scorer<'_> {
    /// The raw score in 0..=1: the probability of the good class if both classes were equally frequent.
    pub fn score(&mut self, text: &str) -> f64 {
        match self.model.head.features {
            Features::HashingTf { .. } => self.score_weighed(text),
            Features::Spark => self.score_counts(text),
        }
    }

    fn score_counts(&mut self, text: &str) -> f64 {
        let Model { head, table, .. } = self.model;
        self.extractor.read_spark(text);
        let terms: f64 = self.extractor.terms().map(|(index, count)| f64::from(count) * f64::from(table[index as usize])).sum();
        sigmoid(head.intercept + terms)
    }

    fn score_weighed(&mut self, text: &str) -> f64 {
        let Model { head, idf, table } = self.model;
        let statistics = self.extractor.read(text);
        let (mut dot, mut squares) = (0.0_f64, 0.0_f64);
        for (index, count) in self.extractor.terms() {
            let tf = log_count(count);
            let weight = tf * f64::from(idf[index as usize]);
            squares += weight * weight;
            dot += tf * f64::from(table[index as usize]);
        }
        // A text without terms is judged by its statistics alone.
        let terms = if 0.0 < squares { dot / squares.sqrt() } else { 0.0 };
        let measures: f64 = head.statistics.iter().zip(&statistics).map(|((mean, factor), value)| factor * (value - mean)).sum();
        sigmoid(head.intercept + terms + measures)
    }
}

/// ln(1 + n); the smallest counts are nearly all of them.
pub(super) fn log_count(count: u32) -> f64 {
    match count {
        1 => std::f64::consts::LN_2,
        _ => libm::log1p(f64::from(count)),
    }
}

//! The default mode: one logistic regression over 2,048 terms chosen by chi-square, a naive-Bayes column over all terms (found out of fold, by domain), and text
//! statistics; its weights unfold into one table over all terms. Documents count by the weight of their domain in all of it, which `linfa-logistic` cannot do.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::error::Result;
use crate::linear::SparseVector;
use crate::linear::sparse::{self, Options, Stop};

use super::super::calibration::Calibration;
use super::super::features::Extractor;
use super::super::model::{Head, Model, log_count};
use super::super::options::Features;
use super::super::split::{domain_weights, fold};
use super::super::statistics::N_STATISTICS;
use super::super::train::Example;
use super::super::words::Holders;
use super::{FOLDS, Fitted, prior};

/// Added to each term's weight in naive Bayes. Terms weigh tf-idf of unit-length documents, so .1 is about one document's rare word.
const SMOOTHING: f64 = 0.1;
/// Statistics are standardised and then shrunk, so that the penalty holds them to a hint (measured in the design: DEPENDENCIES, section 3).
const STATISTIC_SCALE: f64 = 0.1;
/// The solver stops when twenty iterations have brought less than this share of the first loss. On 152,000 documents that is where held-out figures stop to move.
const TOLERANCE: f64 = 1e-5;

/// What is read of a document, whatever it is taught with: it is done once, for all folds.
pub struct Counted {
    /// Counts of its terms.
    terms: SparseVector,
    statistics: [f64; N_STATISTICS],
}

impl Counted {
    pub fn of(documents: &[&Example], dimensions: u32) -> Vec<Self> {
        let count = |extractor: &mut Extractor, example: &&Example| {
            let statistics = extractor.read(&example.text);
            Self { terms: SparseVector::from(&*extractor), statistics }
        };
        documents.par_iter().map_init(|| Extractor::new(dimensions), count).collect()
    }
}

/// Weighted terms and statistics of the training documents, in their order.
struct Read {
    /// tf-idf of unit length.
    terms: Vec<SparseVector>,
    idf: Vec<f32>,
    holders: Holders,
    /// `[n_documents][N_STATISTICS]`
    statistics: Vec<[f64; N_STATISTICS]>,
    /// Mean, and scale over standard deviation, of each.
    standards: Vec<(f64, f64)>,
    /// What each document counts in sums over terms.
    weights: Vec<f64>,
}

impl Read {
    fn of(training: &[&Example], counted: &[&Counted], dimensions: u32) -> Self {
        let (mut terms, statistics): (Vec<SparseVector>, Vec<[f64; N_STATISTICS]>) =
            counted.iter().map(|counted| (counted.terms.clone(), counted.statistics)).unzip();
        let holders = Holders::of(&terms, dimensions);
        // Smoothed as usual, so that a term that no training document holds has the largest weight, not an infinite one.
        let n = training.len() as f64;
        let idf: Vec<f32> = holders.frequency.iter().map(|df| (libm::log((1.0 + n) / (1.0 + f64::from(*df))) + 1.0) as f32).collect();
        terms.par_iter_mut().for_each(|vector| weigh(vector, &idf));
        let standards: Vec<(f64, f64)> = (0..N_STATISTICS).map(|s| standard(statistics.iter().map(|values| values[s]))).collect();
        Self { terms, idf, holders, statistics, standards, weights: domain_weights(training) }
    }

    /// Sums of each term's weights over some documents, each counted by its domain's weight.
    fn sums(&self, of: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut sums = vec![0.0; self.idf.len()];
        for (document, vector) in self.terms.iter().enumerate().filter(|(document, _)| of(*document)) {
            for (index, value) in vector.indices.iter().zip(&vector.values) {
                sums[*index as usize] += f64::from(*value) * self.weights[document];
            }
        }
        sums
    }
}

/// The sum of some vectors of one length, in their order.
fn add_up<'a>(vectors: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let mut sum: Vec<f64> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    sum
}

/// Mean, and shrunk scale over standard deviation (0 for a constant).
fn standard(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let deviation = (values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt();
    (mean, if 1e-9 < deviation { STATISTIC_SCALE / deviation } else { 0.0 })
}

/// Turns counts into tf-idf of unit length.
fn weigh(vector: &mut SparseVector, idf: &[f32]) {
    let weigh = |(index, count): (&u32, &f32)| log_count(*count as u32) * f64::from(idf[*index as usize]);
    let weights: Vec<f64> = vector.indices.iter().zip(&vector.values).map(weigh).collect();
    let norm = weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    vector.values.iter_mut().zip(&weights).for_each(|(value, weight)| *value = (weight / norm) as f32);
}

/// All that is known before the regression: its rows, and what made them.
pub struct Prepared {
    idf: Vec<f32>,
    holders: Holders,
    standards: Vec<(f64, f64)>,
    selected: Vec<u32>,
    /// The column of each selected term.
    place: HashMap<u32, u32>,
    log_odds: Vec<f64>,
    /// Mean and scale of the naive-Bayes column.
    bayes: (f64, f64),
    rows: Vec<SparseVector>,
    labels: Vec<bool>,
    weights: Vec<f64>,
}

impl Prepared {
    /// `counted` is of the training documents, in their order.
    pub fn of(training: &[&Example], counted: &[&Counted], dimensions: u32, n_selected: usize, seed: u64) -> Self {
        let mut read = Read::of(training, counted, dimensions);
        let labels: Vec<bool> = training.iter().map(|example| example.positive).collect();
        let folds = Folds::of(training, &read, &labels, seed);
        let (good, bad) = (add_up(folds.good.iter()), add_up(folds.bad.iter()));
        let selected = select(&good, &bad, &labels, n_selected);
        let bayes = folds.naive_bayes(&read);
        let terms = std::mem::take(&mut read.terms);
        let mut prepared = Self {
            idf: read.idf,
            holders: read.holders,
            standards: read.standards,
            place: selected.iter().enumerate().map(|(column, index)| (*index, column as u32)).collect(),
            selected,
            log_odds: log_odds(&good, &bad),
            bayes: standard(bayes.iter().copied()),
            rows: Vec::new(),
            labels,
            weights: read.weights,
        };
        let row = |((terms, bayes), statistics): ((SparseVector, f64), &[f64; N_STATISTICS])| prepared.row(&terms, bayes, statistics);
        prepared.rows = terms.into_iter().zip(bayes).zip(&read.statistics).map(row).collect();
        prepared
    }

    /// Columns of the regression: selected terms, naive Bayes, statistics.
    fn row(&self, terms: &SparseVector, bayes: f64, statistics: &[f64; N_STATISTICS]) -> SparseVector {
        let chosen = terms.indices.iter().zip(&terms.values).filter_map(|(index, value)| Some((*self.place.get(index)?, *value)));
        let (mut indices, mut values): (Vec<u32>, Vec<f32>) = chosen.unzip();
        let n_terms = self.selected.len() as u32;
        indices.extend(n_terms..n_terms + 1 + N_STATISTICS as u32);
        // The column is as strong as ten statistics: it sums up all terms.
        values.push(((bayes - self.bayes.0) * self.bayes.1 / STATISTIC_SCALE) as f32);
        values.extend(statistics.iter().zip(&self.standards).map(|(value, (mean, scale))| ((value - mean) * scale) as f32));
        SparseVector { indices, values }
    }

    /// The row of a document that was not taught.
    pub fn row_of(&self, counted: &Counted) -> SparseVector {
        let mut terms = counted.terms.clone();
        weigh(&mut terms, &self.idf);
        let bayes = terms.indices.iter().zip(&terms.values).map(|(index, value)| f64::from(*value) * self.log_odds[*index as usize]).sum();
        self.row(&terms, bayes, &counted.statistics)
    }

    /// The regression on its rows at each of some penalties, best from the strongest to the weakest; half of one times the squared weights is added to the summed loss.
    /// The rows are then gone.
    pub fn regress(&mut self, penalties: &[f64], max_iterations: u64, tolerance: f64) -> Result<Vec<sparse::Fit>> {
        let total: f64 = self.weights.iter().sum();
        let options = Options { standardises: false, penalty: 0.0, max_iterations: max_iterations as usize, tolerance };
        let penalties: Vec<f64> = penalties.iter().map(|penalty| penalty / total).collect();
        let n_columns = self.selected.len() + 1 + N_STATISTICS;
        sparse::fit_path(std::mem::take(&mut self.rows), n_columns, &self.labels, &self.weights, &penalties, &options)
    }

    /// The log of the ratio of classes.
    pub fn prior(&self) -> f64 {
        prior(&self.labels)
    }
}

/// Fits what was [`Counted`] of the training documents.
pub fn fit(
    training: &[&Example],
    counted: &[Counted],
    (dimensions, n_selected): (u32, usize),
    penalty: f64,
    max_iterations: u64,
    seed: u64,
) -> Result<Fitted> {
    let mut prepared = Prepared::of(training, &counted.iter().collect::<Vec<_>>(), dimensions, n_selected, seed);
    let fit = prepared.regress(&[penalty], max_iterations, TOLERANCE)?.swap_remove(0);
    let Prepared { selected, log_odds, idf, standards, bayes, .. } = &prepared;
    let n_terms = selected.len();
    let bayes_weight = fit.weights[n_terms] * bayes.1 / STATISTIC_SCALE;
    let mut table: Vec<f64> = log_odds.iter().map(|odds| bayes_weight * odds).collect();
    for (index, weight) in selected.iter().zip(&fit.weights) {
        table[*index as usize] += weight;
    }
    let statistics = &fit.weights[n_terms + 1..];
    let head = Head {
        features: Features::HashingTf { dimensions, selected: n_selected },
        intercept: fit.intercept - prepared.prior() - bayes_weight * bayes.0,
        calibration: Calibration::default(),
        statistics: standards.iter().zip(statistics).map(|((mean, scale), weight)| (*mean, scale * weight)).collect(),
    };
    let table = table.iter().zip(idf).map(|(weight, idf)| (weight * f64::from(*idf)) as f32).collect();
    let mut warnings = Vec::new();
    if fit.stop == Stop::Iterations {
        warnings.push(format!("the solver stopped early (gradient {:.1e}); raise max-iterations", fit.gradient_norm));
    }
    Ok(Fitted {
        penalty: Some(penalty),
        trainer: format!(
            "logistic regression (this program's sparse trainer) on {n_terms} terms chosen by chi-square of {dimensions} hashed ones (tf-idf), a naive-Bayes column \
             over all of them and {N_STATISTICS} statistics of the text; L2 penalty {penalty}"
        ),
        weighting: "after the cap, a document counts 1 / sqrt(documents of its class and registered domain), mean 1, in the regression and in what chooses and \
                    weighs terms (chi-square, naive Bayes); the larger class is thinned to at most four times the smaller by keyed draw, and the intercept is then \
                    set for classes of equal weight",
        gradient_norm: fit.gradient_norm,
        statistics: statistics.iter().map(|weight| weight * STATISTIC_SCALE).collect(),
        warnings,
        model: Model { head, idf: prepared.idf, table },
        holders: prepared.holders,
    })
}

/// The terms with the largest chi-square of their weights against the classes; ties by index.
fn select(good: &[f64], bad: &[f64], labels: &[bool], n: usize) -> Vec<u32> {
    let share = labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64;
    let chi_square = |index: usize| {
        let all = good[index] + bad[index];
        let part = |seen: f64, expected: f64| if expected == 0.0 { 0.0 } else { (seen - expected) * (seen - expected) / expected };
        part(good[index], all * share) + part(bad[index], all * (1.0 - share))
    };
    let mut ranked: Vec<(f64, u32)> =
        (0..good.len()).map(|index| (chi_square(index), index as u32)).filter(|(chi, _)| 0.0 < *chi).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(n);
    let mut selected: Vec<u32> = ranked.into_iter().map(|(_, index)| index).collect();
    selected.sort_unstable();
    selected
}

/// Smoothed log-odds of each term between the classes.
fn log_odds(good: &[f64], bad: &[f64]) -> Vec<f64> {
    let total = |class: &[f64]| class.iter().sum::<f64>() + SMOOTHING * class.len() as f64;
    let base = libm::log(total(bad)) - libm::log(total(good));
    good.iter().zip(bad).map(|(good, bad)| libm::log(good + SMOOTHING) - libm::log(bad + SMOOTHING) + base).collect()
}

/// Sums of each term's weights by class, apart for each fold of domains.
struct Folds {
    /// The fold of each training document.
    of: Vec<usize>,
    /// `[FOLDS][dimensions]`.
    good: Vec<Vec<f64>>,
    bad: Vec<Vec<f64>>,
}

impl Folds {
    fn of(training: &[&Example], features: &Read, labels: &[bool], seed: u64) -> Self {
        let of: Vec<usize> = training.iter().map(|example| fold(&example.domain, FOLDS, seed)).collect();
        let class = |positive: bool| -> Vec<Vec<f64>> {
            let folds = (0..FOLDS as usize).into_par_iter();
            folds.map(|fold| features.sums(|document| labels[document] == positive && of[document] == fold)).collect()
        };
        let (good, bad) = (class(true), class(false));
        Self { of, good, bad }
    }

    /// The naive-Bayes value of each training document, found without the documents of its domain's fold.
    fn naive_bayes(&self, features: &Read) -> Vec<f64> {
        let others = |class: &[Vec<f64>], left_out: usize| {
            add_up(class.iter().enumerate().filter(|(fold, _)| *fold != left_out).map(|(_, sums)| sums))
        };
        let odds: Vec<Vec<f64>> = (0..FOLDS as usize)
            .into_par_iter()
            .map(|left_out| log_odds(&others(&self.good, left_out), &others(&self.bad, left_out)))
            .collect();
        let value = |(vector, fold): (&SparseVector, &usize)| {
            vector.indices.iter().zip(&vector.values).map(|(index, value)| f64::from(*value) * odds[*fold][*index as usize]).sum()
        };
        features.terms.iter().zip(&self.of).map(value).collect()
    }
}

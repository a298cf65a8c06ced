//! Training. One `linfa-logistic` regression over 2,048 terms chosen by chi-square, a naive-Bayes column over all terms (found out of fold, by domain), and text statistics; its weights
//! unfold into one table over all terms. What was learnt is measured on registered domains that were held out.

use std::collections::{BTreeMap, HashMap};

use ndarray::{Array2, ShapeBuilder};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::document::Key;
use crate::error::{Error, Result};
use crate::linear::SparseVector;
use crate::linear::dense::{self, CONVERGED};
use crate::linear::evaluate::evaluate;

use super::card::{Card, ClassCounts};
use super::features::{Extractor, each_term};
use super::model::{Head, Model, log_count};
use super::options::TrainOptions;
use super::split::{cap_domains, domain_weights, effective_domains, fold, held_out_domains, set_hash};
use super::statistics::{N_STATISTICS, NAMES};

/// A document of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub key: Key,
    pub text: String,
    pub positive: bool,
    /// Registered domain, or what stands for one.
    pub domain: String,
    pub source: String,
}

/// Documents of each class below which nothing that is learnt means anything.
const LEAST_DOCUMENTS: usize = 10;
/// Domains of each class below which there is no split.
const LEAST_DOMAINS: u64 = 4;
/// Effective domains below which the card warns: a model of seven software manuals is not a quality model.
const FEW_DOMAINS: f64 = 200.0;
/// Folds of the naive-Bayes column.
const FOLDS: u64 = 5;
/// Added to each term's weight in naive Bayes. Terms weigh tf-idf of unit-length documents, so .1 is about one document's rare word.
const SMOOTHING: f64 = 0.1;
/// Statistics are standardised and then shrunk, so that the penalty holds them to a hint (measured in the design: DEPENDENCIES, section 3).
const STATISTIC_SCALE: f64 = 0.1;
/// Most documents of the larger class for each of the smaller.
const BALANCE: usize = 4;
/// Scores of held-out positives in the card.
const CARD_SCORES: usize = 10_000;
/// Terms shown in the card each way.
const CARD_TERMS: usize = 30;
/// Documents that are read to find the word behind a hashed term.
const NAMING_DOCUMENTS: usize = 20;

/// Trains a classifier on examples of two classes. Memory: the texts, their sparse features, and 4 bytes for each document and selected term.
///
/// # Errors
/// Too few documents or domains of a class, one class only, or classes of the same texts; the message has the counts.
pub fn train(examples: Vec<Example>, options: &TrainOptions, seed: u64) -> Result<(Model, Card)> {
    options.check()?;
    let mut card = Card { options: options.clone(), seed, ..Card::default() };
    let offered = |positive: bool| examples.iter().filter(|example| example.positive == positive).count() as u64;
    (card.positive_class.offered, card.negative_class.offered) = (offered(true), offered(false));
    let examples = cap_domains(examples, options.max_per_domain, seed);
    describe(&examples, &mut card)?;
    let held_out = held_out_domains(&examples, options, seed);
    let (test, training): (Vec<Example>, Vec<Example>) = examples.into_iter().partition(|example| held_out.contains(&example.domain));
    let training = balance(training, seed);
    count_split(&training, &test, &mut card)?;
    card.training_set = set_hash(&training);
    let features = Features::of(&training, options);
    let (model, fit) = fit_model(&training, &features, options, seed)?;
    card.gradient_norm = fit.gradient_norm;
    if CONVERGED < fit.gradient_norm {
        card.warnings.push(format!("the solver stopped early (gradient {:.1e}); raise max-iterations", fit.gradient_norm));
    }
    let scored: Vec<(f64, bool)> =
        test.par_iter().map_init(|| model.scorer(), |scorer, example| (scorer.score(&example.text), example.positive)).collect();
    card.held_out = evaluate(&scored);
    let mut scores: Vec<f64> = scored.iter().filter(|(_, positive)| *positive).map(|(score, _)| *score).collect();
    scores.sort_by(f64::total_cmp);
    let step = scores.len().div_ceil(CARD_SCORES).max(1);
    card.held_out_positive_scores = scores.into_iter().step_by(step).collect();
    name_terms(&training, &model, &features, &mut card);
    card.statistics = NAMES.iter().zip(&fit.statistics).map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
    card.weighting =
        "after the cap, a document counts 1 / sqrt(documents of its class and registered domain), mean 1, in what chooses and weighs terms (chi-square, naive \
         Bayes); in the regression documents count alike, for linfa takes no weights; the larger class is thinned to at most four times the smaller by \
         keyed draw, and the intercept is then set for classes of equal weight"
            .to_owned();
    card.trained_on = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
    Ok((model, card))
}

fn class_of(card: &mut Card, positive: bool) -> &mut ClassCounts {
    if positive { &mut card.positive_class } else { &mut card.negative_class }
}

/// Counts classes and domains after the cap; refuses what cannot be learnt from.
fn describe(examples: &[Example], card: &mut Card) -> Result<()> {
    for positive in [true, false] {
        let class = || examples.iter().filter(move |example| example.positive == positive);
        let (domains, effective) = effective_domains(class().map(|example| example.domain.as_str()));
        let counts = class_of(card, positive);
        counts.after_cap = class().count() as u64;
        (counts.domains, counts.effective_domains) = (domains, effective);
        if 0.0 < effective && effective < FEW_DOMAINS {
            let name = if positive { "good" } else { "low-quality" };
            card.warnings.push(format!(
                "the {name} class is worth {effective:.1} domains ({domains} in all); below {FEW_DOMAINS} the model learns those sites, not quality"
            ));
        }
    }
    let (good, bad) = (&card.positive_class, &card.negative_class);
    let few = |class: &ClassCounts| class.after_cap < LEAST_DOCUMENTS as u64 || class.domains < LEAST_DOMAINS;
    if few(good) || few(bad) {
        return Err(Error::new(format!(
            "too little to learn from: {} good documents of {} domains against {} of {}; each class needs {LEAST_DOCUMENTS} documents of {LEAST_DOMAINS} domains; \
             look at the funnel of the sources in `positives` and `negatives`, or lower min-karma",
            good.after_cap, good.domains, bad.after_cap, bad.domains
        )));
    }
    Ok(())
}

/// Thins the larger class by keyed draw.
fn balance(mut training: Vec<Example>, seed: u64) -> Vec<Example> {
    let positives = training.iter().filter(|example| example.positive).count();
    let least = positives.min(training.len() - positives);
    training.sort_by_key(|example| (crate::text::hash::draw_bits(seed, "balance", example.key), example.key));
    let mut taken = [0_usize; 2];
    training.retain(|example| {
        let n = &mut taken[usize::from(example.positive)];
        *n += 1;
        *n <= BALANCE * least
    });
    training.sort_by_key(|example| example.key);
    training
}

fn count_split(training: &[Example], test: &[Example], card: &mut Card) -> Result<()> {
    for positive in [true, false] {
        let n = |examples: &[Example]| examples.iter().filter(|example| example.positive == positive).count() as u64;
        let (in_training, in_test) = (n(training), n(test));
        let class = class_of(card, positive);
        (class.training, class.held_out) = (in_training, in_test);
    }
    let (good, bad) = (&card.positive_class, &card.negative_class);
    if good.training == 0 || bad.training == 0 || good.held_out == 0 || bad.held_out == 0 {
        return Err(Error::new(format!(
            "no split by domain leaves both classes on both sides: {} good and {} low-quality documents to learn from, {} and {} held out; \
             the classes need domains of their own",
            good.training, bad.training, good.held_out, bad.held_out
        )));
    }
    Ok(())
}

/// Weighted terms and statistics of the training documents, in their order.
struct Features {
    /// tf-idf of unit length.
    terms: Vec<SparseVector>,
    idf: Vec<f32>,
    /// Standardised and shrunk, `[n_documents][N_STATISTICS]`.
    statistics: Vec<[f64; N_STATISTICS]>,
    /// Mean, and scale over standard deviation, of each.
    standards: Vec<(f64, f64)>,
    /// What each document counts in sums over terms.
    weights: Vec<f64>,
}

impl Features {
    fn of(training: &[Example], options: &TrainOptions) -> Self {
        let read = |extractor: &mut Extractor, example: &Example| {
            let statistics = extractor.read(&example.text);
            let (indices, counts): (Vec<u32>, Vec<u32>) = extractor.terms().unzip();
            (indices, counts, statistics)
        };
        let raw: Vec<_> = training.par_iter().map_init(|| Extractor::new(options.dimensions), read).collect();
        let mut frequency = vec![0_u32; options.dimensions as usize];
        for index in raw.iter().flat_map(|(indices, ..)| indices) {
            frequency[*index as usize] += 1;
        }
        // Smoothed as usual, so that a term that no training document holds has the largest weight, not an infinite one.
        let n = training.len() as f64;
        let idf: Vec<f32> = frequency.iter().map(|df| (libm::log((1.0 + n) / (1.0 + f64::from(*df))) + 1.0) as f32).collect();
        let weigh = |(indices, counts, _): &(Vec<u32>, Vec<u32>, [f64; N_STATISTICS])| {
            let weights: Vec<f64> =
                indices.iter().zip(counts).map(|(index, count)| log_count(*count) * f64::from(idf[*index as usize])).collect();
            let norm = weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            SparseVector { indices: indices.clone(), values: weights.iter().map(|weight| (weight / norm) as f32).collect() }
        };
        let terms = raw.iter().map(weigh).collect();
        let standards: Vec<(f64, f64)> = (0..N_STATISTICS).map(|s| standard(raw.iter().map(|(_, _, values)| values[s]))).collect();
        let shrink = |values: &[f64; N_STATISTICS]| std::array::from_fn(|s| (values[s] - standards[s].0) * standards[s].1);
        let statistics = raw.iter().map(|(_, _, values)| shrink(values)).collect();
        Self { terms, idf, statistics, standards, weights: domain_weights(training) }
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

/// What the card needs of a fit.
struct Fitted {
    gradient_norm: f64,
    statistics: Vec<f64>,
}

fn fit_model(training: &[Example], features: &Features, options: &TrainOptions, seed: u64) -> Result<(Model, Fitted)> {
    let labels: Vec<bool> = training.iter().map(|example| example.positive).collect();
    let folds = Folds::of(training, features, &labels, seed);
    let (good, bad) = (add_up(folds.good.iter()), add_up(folds.bad.iter()));
    let selected = select(&good, &bad, &labels, options.selected);
    let place: HashMap<u32, usize> = selected.iter().enumerate().map(|(column, index)| (*index, column)).collect();
    let log_odds = log_odds(&good, &bad);
    let bayes = folds.naive_bayes(features);
    let (bayes_mean, bayes_scale) = standard(bayes.iter().copied());
    let n_terms = selected.len();
    let mut columns = Array2::<f32>::zeros((training.len(), n_terms + 1 + N_STATISTICS).f());
    for (row, vector) in features.terms.iter().enumerate() {
        for (index, value) in vector.indices.iter().zip(&vector.values) {
            if let Some(column) = place.get(index) {
                columns[[row, *column]] = *value;
            }
        }
        // The column is as strong as ten statistics: it sums up all terms.
        columns[[row, n_terms]] = ((bayes[row] - bayes_mean) * bayes_scale / STATISTIC_SCALE) as f32;
        for (s, value) in features.statistics[row].iter().enumerate() {
            columns[[row, n_terms + 1 + s]] = *value as f32;
        }
    }
    let fit = dense::fit(columns, &labels, options.penalty, options.max_iterations)?;
    let bayes_weight = fit.weights[n_terms] * bayes_scale / STATISTIC_SCALE;
    let mut table: Vec<f64> = log_odds.iter().map(|odds| bayes_weight * odds).collect();
    for (index, weight) in selected.iter().zip(&fit.weights) {
        table[*index as usize] += weight;
    }
    let table = table.iter().zip(&features.idf).map(|(weight, idf)| (weight * f64::from(*idf)) as f32).collect();
    let statistics = fit.weights[n_terms + 1..].to_vec();
    // For classes of equal weight (King and Zeng 2001): the log of the ratio of classes leaves the intercept.
    let positives = labels.iter().filter(|label| **label).count() as f64;
    let prior = libm::log(positives / (labels.len() as f64 - positives));
    let head = Head {
        dimensions: options.dimensions,
        intercept: fit.intercept - prior - bayes_weight * bayes_mean,
        statistics: features.standards.iter().zip(&statistics).map(|((mean, scale), weight)| (*mean, scale * weight)).collect(),
    };
    let model = Model { head, idf: features.idf.clone(), table };
    let per_deviation = statistics.iter().map(|weight| weight * STATISTIC_SCALE).collect();
    Ok((model, Fitted { gradient_norm: fit.gradient_norm, statistics: per_deviation }))
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
    fn of(training: &[Example], features: &Features, labels: &[bool], seed: u64) -> Self {
        let of: Vec<usize> = training.iter().map(|example| fold(&example.domain, FOLDS, seed)).collect();
        let class = |positive: bool| -> Vec<Vec<f64>> {
            let folds = (0..FOLDS as usize).into_par_iter();
            folds.map(|fold| features.sums(|document| labels[document] == positive && of[document] == fold)).collect()
        };
        let (good, bad) = (class(true), class(false));
        Self { of, good, bad }
    }

    /// The naive-Bayes value of each training document, found without the documents of its domain's fold.
    fn naive_bayes(&self, features: &Features) -> Vec<f64> {
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

/// The strongest terms as words: the most frequent word behind each hashed index, in the first training documents that hold it.
fn name_terms(training: &[Example], model: &Model, features: &Features, card: &mut Card) {
    let mut frequency: BTreeMap<u32, u32> = BTreeMap::new();
    for index in features.terms.iter().flat_map(|vector| &vector.indices) {
        *frequency.entry(*index).or_default() += 1;
    }
    // A term of one or two documents says something of them, not of quality.
    let least = 3;
    let mut ranked: Vec<(f64, u32)> =
        frequency.iter().filter(|(_, n)| least <= **n).map(|(index, _)| (f64::from(model.table[*index as usize]), *index)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let best: Vec<(f64, u32)> = ranked.iter().take(CARD_TERMS).copied().collect();
    let worst: Vec<(f64, u32)> = ranked.iter().rev().take(CARD_TERMS).copied().collect();
    let mut words: BTreeMap<u32, BTreeMap<String, u32>> = best.iter().chain(&worst).map(|(_, index)| (*index, BTreeMap::new())).collect();
    let mut wanted: BTreeMap<u32, usize> = words.keys().map(|index| (*index, NAMING_DOCUMENTS)).collect();
    for (example, vector) in training.iter().zip(&features.terms) {
        let mut is_telling = false;
        wanted.retain(|index, left| {
            let holds = vector.indices.binary_search(index).is_ok();
            is_telling |= holds;
            *left -= usize::from(holds);
            0 < *left
        });
        if !is_telling {
            continue;
        }
        for token in example.text.split_whitespace() {
            each_term(&token.to_lowercase(), &mut |term| {
                if let Some(seen) = words.get_mut(&super::spark::index(term.as_bytes(), model.head.dimensions)) {
                    *seen.entry(term.to_owned()).or_default() += 1;
                }
            });
        }
    }
    let name = |(weight, index): (f64, u32)| {
        let word = words[&index].iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map_or_else(String::new, |(word, _)| word.clone());
        (word, weight)
    };
    card.strongest_for = best.into_iter().map(name).collect();
    card.strongest_against = worst.into_iter().map(name).collect();
}

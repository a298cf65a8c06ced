//! The story of a training: cap each domain, describe the classes, split by registered domain, balance, fit, measure on the domains that were held out, write the card.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::document::Key;
use crate::error::{Error, Result};
use crate::linear::dense::CONVERGED;
use crate::linear::evaluate::evaluate;

use super::card::{Card, ClassCounts};
use super::fit::fit;
use super::model::Model;
use super::options::TrainOptions;
use super::split::{cap_domains, effective_domains, held_out_domains, set_hash};
use super::statistics::NAMES;
use super::words::name_terms;

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
/// Most documents of the larger class for each of the smaller.
const BALANCE: usize = 4;
/// Scores of held-out positives in the card.
const CARD_SCORES: usize = 10_000;

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
    let (test, training): (Vec<&Example>, Vec<&Example>) = examples.iter().partition(|example| held_out.contains(&example.domain));
    let training = balance(training, seed);
    count_split(&training, &test, &mut card)?;
    card.training_set = set_hash(&training);
    let fitted = fit(&training, options, seed)?;
    let model = fitted.model;
    card.gradient_norm = fitted.gradient_norm;
    if CONVERGED < fitted.gradient_norm {
        card.warnings.push(format!("the solver stopped early (gradient {:.1e}); raise max-iterations", fitted.gradient_norm));
    }
    let scored: Vec<(f64, bool)> =
        test.par_iter().map_init(|| model.scorer(), |scorer, example| (scorer.score(&example.text), example.positive)).collect();
    card.held_out = evaluate(&scored);
    let mut scores: Vec<f64> = scored.iter().filter(|(_, positive)| *positive).map(|(score, _)| *score).collect();
    scores.sort_by(f64::total_cmp);
    let step = scores.len().div_ceil(CARD_SCORES).max(1);
    card.held_out_positive_scores = scores.into_iter().step_by(step).collect();
    name_terms(&training, &model, &fitted.terms, &mut card);
    card.statistics = NAMES.iter().zip(&fitted.statistics).map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
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
fn balance(mut training: Vec<&Example>, seed: u64) -> Vec<&Example> {
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

fn count_split(training: &[&Example], test: &[&Example], card: &mut Card) -> Result<()> {
    for positive in [true, false] {
        let n = |examples: &[&Example]| examples.iter().filter(|example| example.positive == positive).count() as u64;
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

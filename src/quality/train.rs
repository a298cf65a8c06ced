//! The story of a training: cap each domain, describe the classes, split by registered domain; then balance, fit, calibrate, measure on the domains that were held out, write the card.

use crate::document::Key;
use crate::error::{Error, Result};
use crate::text::hash::draw_bits;

use super::calibration::Calibration;
use super::card::{Card, ClassCounts};
use super::fit::{fit, taught};
use super::held_out::{self, HeldOut};
use super::model::Model;
use super::options::{Features, TrainOptions};
use super::split::{cap_domains, effective_domains, held_out_domains, set_hash};
use super::statistics::NAMES;
use super::words::name_terms;

/// A document of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub key: Key,
    pub text: String,
    pub positive: bool,
    /// Registered domain, or what stands for one.
    pub domain: String,
    pub source: String,
    /// Code of its language, for the figures of held-out documents; may be empty.
    pub language: String,
}

/// Documents of each class below which nothing that is learnt means anything.
const LEAST_DOCUMENTS: usize = 10;
/// Domains of each class below which there is no split.
const LEAST_DOMAINS: u64 = 4;
/// Effective domains below which the card warns: a model of seven software manuals is not a quality model.
const FEW_DOMAINS: f64 = 200.0;
/// Most documents of the larger class for each of the smaller.
const BALANCE: usize = 4;

/// Another model that is measured on the same held-out documents.
pub enum Rival {
    /// Taught the same documents in another way.
    Taught(Features),
    /// Of an earlier training, which may have seen documents that are held out here.
    Given(Box<Model>),
}

/// Documents to learn from and documents to measure on, apart by registered domain.
pub struct Split {
    /// In the order of their keys.
    pub training: Vec<Example>,
    pub held_out: Vec<Example>,
    /// What is known of the classes so far.
    card: Card,
}

impl Split {
    /// Takes training documents out that would tell what is held out: `leaks` says which.
    pub fn take_out(&mut self, leaks: &[bool]) {
        let mut leaks = leaks.iter();
        let before = self.training.len();
        self.training.retain(|_| leaks.next() != Some(&true));
        self.card.leaks += (before - self.training.len()) as u64;
    }
}

/// Caps each domain, describes the classes and holds domains out.
///
/// # Errors
/// Too few documents or domains of a class, or one class only; the message has the counts.
pub fn split(examples: Vec<Example>, options: &TrainOptions, seed: u64) -> Result<Split> {
    options.check()?;
    let mut card = Card { options: options.clone(), seed, ..Card::default() };
    let offered = |positive: bool| examples.iter().filter(|example| example.positive == positive).count() as u64;
    (card.positive_class.offered, card.negative_class.offered) = (offered(true), offered(false));
    let examples = cap_domains(examples, options.max_per_domain, seed);
    describe(&examples, &mut card)?;
    let held_out = held_out_domains(&examples, options, seed);
    let (held_out, training) = examples.into_iter().partition(|example| held_out.contains(&example.domain));
    Ok(Split { training, held_out, card })
}

/// Trains a classifier. Memory: the texts, and 8 bytes for each document and distinct term of its text, twice while folds are judged.
///
/// # Errors
/// A side of the split without one of the classes, or classes of the same texts; the message has the counts.
pub fn train(split: &Split, options: &TrainOptions, seed: u64, rivals: &[(String, Rival)]) -> Result<(Model, Card)> {
    let mut card = split.card.clone();
    let training = balance(split.training.iter().collect(), seed);
    count_split(&training, &split.held_out, &mut card)?;
    card.training_set = set_hash(&training);
    let (fitted, out_of_fold) = fit(&training, options, seed)?;
    let mut model = fitted.model;
    card.gradient_norm = fitted.gradient_norm;
    card.warnings.extend(fitted.warnings);
    card.penalty = fitted.penalty;
    card.trainer = fitted.trainer;
    card.weighting = fitted.weighting.to_owned();
    card.calibrated_on = out_of_fold.len() as u64;
    match Calibration::fit(&out_of_fold) {
        Ok(calibration) if calibration.slope <= 0.0 => card.warnings.push(
            "on domains that it has not seen, a higher score does not mean a better document: the model learnt its sites; scores are not calibrated"
                .to_owned(),
        ),
        Ok(calibration) => (model.head.calibration, card.calibration) = (calibration, Some(calibration)),
        Err(error) => card.warnings.push(format!("scores could not be calibrated: {}", error.chain())),
    }
    card.held_out = HeldOut::measure(&model, &split.held_out, seed);
    let HeldOut { raw, calibrated, .. } = &card.held_out;
    if raw.log_loss < calibrated.log_loss {
        card.warnings.push(format!(
            "calibration makes held-out probabilities worse (log-loss {:.4}, raw {:.4}): it was fitted to models of fewer documents",
            calibrated.log_loss, raw.log_loss
        ));
    }
    for (name, rival) in rivals {
        let model = match rival {
            Rival::Taught(features) => &taught(&training, *features, seed)?,
            Rival::Given(model) => model.as_ref(),
        };
        card.comparison.push((name.clone(), held_out::raw_metrics(model, &split.held_out)));
    }
    card.warnings.extend(card.held_out.alpha.bunched.clone());
    name_terms(&training, &model, &fitted.holders, &mut card);
    card.statistics = NAMES.iter().zip(&fitted.statistics).map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
    card.limits = LIMITS.map(str::to_owned).to_vec();
    card.trained_by = format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    card.trained_on = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
    Ok((model, card))
}

const LIMITS: [&str; 5] = [
    "Quality means resemblance to the good class: what its sites do not write about, or in which languages they do not write, scores low.",
    "Scores and probabilities are for classes of equal weight; in a crawl good documents are rarer, so the share of good ones among what is kept is lower than the table says.",
    "Low-quality documents drawn from unfiltered crawl hold good ones too, so no figure can reach its best value.",
    "Short texts have few terms, and texts in languages that the training documents hardly hold have few known ones; their scores lie near the middle.",
    "The last bits of the weights may differ between kinds of processors; a build is the same given its model file.",
];

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
    training.sort_by_key(|example| (draw_bits(seed, "balance", example.key), example.key));
    let mut taken = [0_usize; 2];
    training.retain(|example| {
        let n = &mut taken[usize::from(example.positive)];
        *n += 1;
        *n <= BALANCE * least
    });
    training.sort_by_key(|example| example.key);
    training
}

fn count_split(training: &[&Example], test: &[Example], card: &mut Card) -> Result<()> {
    for positive in [true, false] {
        let in_training = training.iter().filter(|example| example.positive == positive).count() as u64;
        let in_test = test.iter().filter(|example| example.positive == positive).count() as u64;
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

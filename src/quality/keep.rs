//! Keep rules on the raw score of the balanced model: a threshold, or GPT-3's Pareto draw, P(keep | s) = (2 - s)^-alpha (appendix A: `np.random.pareto(alpha) > 1 - score`).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::Fittable;

/// Alpha of GPT-3, chosen there to match the scores of WebText. A larger one keeps fewer documents of low score.
pub const GPT3_ALPHA: f64 = 9.0;
/// Where `fit` looks.
pub const ALPHA_BOUNDS: (f64, f64) = (0.05, 50.0);
/// Scores that either side needs before a fit means anything.
const LEAST_SCORES: usize = 20;

/// Which documents stay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Keep what scores at least this: .5 keeps what is predicted positive.
    Threshold(f64),
    /// Keep by a draw that falls with the score.
    Pareto {
        #[serde(default = "gpt3_alpha")]
        alpha: Fittable,
    },
}

fn gpt3_alpha() -> Fittable {
    Fittable::Fixed(GPT3_ALPHA)
}

impl Default for Rule {
    fn default() -> Self {
        Rule::Pareto { alpha: gpt3_alpha() }
    }
}

impl Rule {
    /// # Errors
    /// When its number cannot hold.
    pub fn check(&self) -> Result<()> {
        match *self {
            Rule::Threshold(least) if !(0.0..=1.0).contains(&least) => {
                Err(Error::recipe(format!("a threshold is a score in 0..=1, not {least}")))
            }
            Rule::Pareto { alpha: Fittable::Fixed(alpha) } if !alpha.is_finite() || alpha <= 0.0 => {
                Err(Error::recipe(format!("alpha is above 0, not {alpha}")))
            }
            _ => Ok(()),
        }
    }
}

/// Probability that the Pareto draw keeps a document of this score in 0..=1.
pub fn keep_probability(score: f64, alpha: f64) -> f64 {
    libm::pow(2.0 - score, -alpha)
}

/// Applies a rule with a settled alpha; `u` is the document's keyed draw in (0, 1).
pub fn keeps(rule: Rule, score: f64, u: f64) -> bool {
    match rule {
        Rule::Threshold(least) => least <= score,
        Rule::Pareto { alpha } => {
            let alpha = if let Fittable::Fixed(alpha) = alpha { alpha } else { GPT3_ALPHA };
            u < keep_probability(score, alpha)
        }
    }
}

/// A fitted alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub alpha: f64,
    /// Kolmogorov-Smirnov distance that is left, in 0..=1.
    pub distance: f64,
}

/// The alpha under which the crawl's kept scores are distributed most like the positives' (least Kolmogorov-Smirnov distance), in expectation over draws: a search over 400 steps of equal
/// ratio within [`ALPHA_BOUNDS`], then a narrower one.
///
/// # Errors
/// Too few scores, or a best alpha at a bound: then no alpha matches, and the recipe must give one.
pub fn fit_alpha(crawl: &[f64], positives: &[f64]) -> Result<Fit> {
    if crawl.len() < LEAST_SCORES || positives.len() < LEAST_SCORES {
        return Err(Error::new(format!(
            "alpha cannot be fitted to {} scores of the crawl and {} of held-out positives; each needs {LEAST_SCORES}; give a number instead, 9 is GPT-3's",
            crawl.len(),
            positives.len()
        )));
    }
    let (mut crawl, mut positives) = (crawl.to_vec(), positives.to_vec());
    crawl.sort_by(f64::total_cmp);
    positives.sort_by(f64::total_cmp);
    let search = |low: f64, high: f64| {
        let steps = (0..=400).map(|step| low * libm::pow(high / low, f64::from(step) / 400.0));
        let fits = steps.map(|alpha| Fit { alpha, distance: distance(&crawl, &positives, alpha) });
        fits.min_by(|a, b| a.distance.total_cmp(&b.distance)).expect("there are 401 steps")
    };
    let (low, high) = ALPHA_BOUNDS;
    let coarse = search(low, high);
    let step = libm::pow(high / low, 1.0 / 400.0);
    let at_bound = coarse.alpha <= low * step || high / step <= coarse.alpha;
    if at_bound {
        return Err(Error::new(format!(
            "no alpha in {low}..{high} makes the kept scores match the positives' (distance {:.3} at {:.2}); give a number instead, 9 is GPT-3's",
            coarse.distance, coarse.alpha
        )));
    }
    Ok(search(coarse.alpha / step, coarse.alpha * step))
}

/// What the Pareto draw would keep, told before any build from held-out documents of both classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlphaOutlook {
    /// Expected share of documents like the negatives that alpha 9, GPT-3's, keeps.
    pub kept_by_default: f64,
    /// The alpha under which what is kept scores most like the positives; none where none does.
    pub fitted: Option<FittedAlpha>,
    /// Why there is none.
    pub fault: Option<String>,
    /// That scores are so bunched that alpha means little.
    pub bunched: Option<String>,
    /// For fiftieths of the score, from 0 to 1: it, and which shares of negatives, of positives, of negatives that alpha 9 keeps, and of negatives that the fitted alpha keeps, score at most that.
    pub distributions: Vec<[f64; 5]>,
}

/// A fitted alpha and what it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FittedAlpha {
    pub alpha: f64,
    /// Kolmogorov-Smirnov distance that is left, in 0..=1.
    pub distance: f64,
    /// Expected share of documents like the negatives that it keeps.
    pub kept: f64,
}

/// Width of the middle nine tenths of scores below which a draw by score hardly tells documents apart: over .1 of score at .5, alpha 9 keeps twice as many.
const BUNCHED: f64 = 0.1;
/// Points of [`AlphaOutlook::distributions`].
const POINTS: u32 = 50;

/// What the draw would do to documents that score as these negatives; both lists ascending.
pub fn outlook(negatives: &[f64], positives: &[f64]) -> AlphaOutlook {
    let kept = |alpha: f64| negatives.iter().map(|score| keep_probability(*score, alpha)).sum::<f64>() / negatives.len().max(1) as f64;
    let (fitted, fault) = match fit_alpha(negatives, positives) {
        Ok(Fit { alpha, distance }) => (Some(FittedAlpha { alpha, distance, kept: kept(alpha) }), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let below = |scores: &[f64], at: f64, weight: &dyn Fn(f64) -> f64| {
        let (mut under, mut all) = (0.0, 0.0);
        for &score in scores {
            all += weight(score);
            under += if score <= at { weight(score) } else { 0.0 };
        }
        if all == 0.0 { 0.0 } else { under / all }
    };
    let distributions = (0..=POINTS).map(|point| f64::from(point) / f64::from(POINTS)).map(|at| {
        let alike = |_| 1.0;
        let drawn = |alpha: f64| move |score: f64| keep_probability(score, alpha);
        let by_fit = fitted.map_or(0.0, |fitted| below(negatives, at, &drawn(fitted.alpha)));
        [at, below(negatives, at, &alike), below(positives, at, &alike), below(negatives, at, &drawn(GPT3_ALPHA)), by_fit]
    });
    AlphaOutlook { kept_by_default: kept(GPT3_ALPHA), distributions: distributions.collect(), fitted, fault, bunched: bunched(negatives) }
}

/// Says that scores, ascending, lie so close together that alpha means little.
pub fn bunched(scores: &[f64]) -> Option<String> {
    let at = |share: f64| scores.get(((scores.len().saturating_sub(1)) as f64 * share).round() as usize).copied();
    let (low, high) = (at(0.05)?, at(0.95)?);
    (high - low < BUNCHED).then(|| {
        format!("nine in ten scores lie between {low:.3} and {high:.3}: the Pareto draw keeps nearly the same share of all of them, whatever alpha is")
    })
}

/// Largest distance between the two distribution functions; both lists are sorted.
fn distance(crawl: &[f64], positives: &[f64], alpha: f64) -> f64 {
    let weights: Vec<f64> = crawl.iter().map(|score| keep_probability(*score, alpha)).collect();
    let total: f64 = weights.iter().sum();
    let (mut i, mut j, mut kept, mut worst) = (0, 0, 0.0, 0.0_f64);
    while i < crawl.len() || j < positives.len() {
        let next_crawl = crawl.get(i).copied().unwrap_or(f64::INFINITY);
        let next_positive = positives.get(j).copied().unwrap_or(f64::INFINITY);
        let at = next_crawl.min(next_positive);
        while i < crawl.len() && crawl[i] <= at {
            kept += weights[i];
            i += 1;
        }
        while j < positives.len() && positives[j] <= at {
            j += 1;
        }
        worst = worst.max((kept / total - j as f64 / positives.len() as f64).abs());
    }
    worst
}

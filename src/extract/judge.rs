//! Says which blocks are the page's own words: a logistic model over the features, cues and words of each block, a second over what the first said around it, then the choice that promises
//! the best F1.
//!
//! The score of a block is a sum of weights and nothing else (`weights`): one curve per feature, one weight per cue of the path, per word, per flag.

use std::sync::{Arc, OnceLock};

use crate::error::Result;
use crate::extract::blocks::Blocks;
use crate::extract::era;
use crate::extract::features::Features;
use crate::extract::flags::{self, PageView, View};
use crate::extract::head::Kind;
use crate::extract::lexicon::Lexicon;
use crate::extract::path::Path;
use crate::extract::second::Second;
use crate::extract::topics;
use crate::extract::weights::{BUILT_IN, Weights};
use crate::linear::sigmoid;

/// The judge: weights laid out for use, and what was computed for elements seen before.
#[derive(Clone, Debug)]
pub struct Judge {
    weights: Arc<Weights>,
    /// Counts what words a block has.
    listens: bool,
    path: Path,
    views: Vec<View>,
    second: Second,
    /// What the curves say of each block.
    curves: Vec<f32>,
    /// What the first pass said of each block.
    pub logits: Vec<f32>,
}

impl Judge {
    /// The judge that comes with the program.
    pub fn built_in() -> Result<Self> {
        static PARSED: OnceLock<Arc<Weights>> = OnceLock::new();
        let weights = match PARSED.get() {
            Some(weights) => Arc::clone(weights),
            None => {
                let weights = Arc::new(Weights::parse(BUILT_IN, "built-in weights")?);
                Arc::clone(PARSED.get_or_init(|| weights))
            }
        };
        Ok(Self::new(weights))
    }

    /// One that says which blocks are comments of readers; `None` where the weights know none. It does not listen to words.
    pub fn of_comments(&self) -> Option<Self> {
        Some(Self { listens: false, ..Self::new(Arc::clone(self.weights.comments.as_ref()?)) })
    }

    /// What an input adds to the first pass's word, by its name in the weights file.
    pub fn weight_of(&self, input: &str) -> f32 {
        self.weights.of_name(input)
    }

    pub fn new(weights: Arc<Weights>) -> Self {
        Self {
            listens: true,
            path: Path::default(),
            views: Vec::new(),
            second: Second::default(),
            curves: Vec::new(),
            logits: Vec::new(),
            weights,
        }
    }

    /// What it knows of words.
    pub fn lexicon(&self) -> Arc<Lexicon> {
        Arc::clone(&self.weights.lexicon)
    }

    /// Gives back what was remembered of pages.
    pub fn forget(&mut self) {
        *self = Self { listens: self.listens, ..Self::new(Arc::clone(&self.weights)) };
    }

    /// Says of each block how likely it is main text, as a logit.
    pub fn judge(&mut self, page: &Blocks, features: &Features, kind: Kind, url: &str, source: &str, verdict: &mut Vec<f32>) {
        let of_cues = self.weights.of_cues(era::is_middle(&page.head, source));
        self.path.read(page, source, &self.weights, of_cues);
        views(page, features, &mut self.views);
        let page_view = page_view(features, kind);
        let mut of_page = [0.0; topics::LENGTHS];
        topics::each(&page.head, url, source, |name| {
            let weights = self.weights.topic(name);
            of_page.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        });
        let (curves, weights) = (&mut self.curves, &self.weights);
        curves.clear();
        features.each_tile(page, |tile, n| curves.extend_from_slice(&weights.first.of_tile(tile)[..n]));
        self.logits.clear();
        for (index, block) in page.blocks.iter().enumerate() {
            let chars = features.measures[index].chars;
            let mut score = self.weights.bias + self.curves[index] + self.path.score(page, block.element, of_cues);
            flags::each(page_view, &self.views, index, |flag| score += self.weights.flags[flag]);
            score += of_page[topics::length(chars)] + if self.listens { features.measures[index].said } else { 0.0 };
            self.logits.push(score);
        }
        verdict.clear();
        if self.weights.second.is_empty() {
            verdict.extend_from_slice(&self.logits);
            return;
        }
        let (curves, weights) = (&mut self.curves, &self.weights);
        curves.clear();
        self.second.compute(page, features, &self.logits, |tile, n| curves.extend_from_slice(&weights.second.of_tile(tile)[..n]));
        let second = self.curves.iter().map(|curves| self.weights.second_bias + curves);
        verdict.extend(self.logits.iter().zip(second).map(|(&first, second)| mean(first, second)));
    }
}

/// The verdict of both passes, from the logit of each.
pub fn mean(first: f32, second: f32) -> f32 {
    /// What the first pass counts; chosen out of fold, with little between .5 and .8.
    const FIRST: f32 = 0.75;
    FIRST * first + (1.0 - FIRST) * second
}

/// What flags are drawn from of a page.
pub fn page_view(features: &Features, kind: Kind) -> PageView {
    let [_, links, good, ..] = features.of_page();
    PageView { kind: kind as usize, good, links }
}

/// What flags are drawn from of its blocks.
pub fn views(page: &Blocks, features: &Features, views: &mut Vec<View>) {
    views.clear();
    views.extend(page.blocks.iter().enumerate().map(|(i, block)| View {
        chars: features.measures[i].chars,
        link_density: features.link_density(i),
        in_half: features.is_in_half(i),
        in_best: features.is_in_best(i),
        is_hidden: block.hidden,
        tags: features.tag_kinds(page, block),
        inner: page.elements[block.element as usize].name.tag_kind(),
    }));
}

/// A block's logit, its weight, and how much of that is main text on a page of either kind.
pub type Likely = (f32, f64, [f64; 2]);

/// Marks the blocks to keep, from the logit of each: the likeliest, as many as promise the best F1; gives the probability from which on they are kept. `words` is the length of a block.
///
/// For blocks that are right or wrong each by itself, that is the choice of Lipton, Elkan and Naryanaswamy (2014), a threshold of half the best F1. But people who say what a page's main text is are more or
/// less generous to a whole page, with all of its reviews or none, so that the F1 that counts is the mean of two: on a page where the logits are `SHIFT` higher than the judge says, and where they are lower. Given
/// the kind of page they are surer, by `SURER`. Both were chosen out of fold.
///
/// A `factor` of .5 takes that choice, another moves the threshold, which lies between the last block taken and the first one not, in proportion. It stays between a fifth of the factor and .8, for pages without any text of their own.
pub fn choose(logits: &[f32], factor: f64, words: impl Fn(usize) -> f32, blocks: &mut Vec<Likely>, kept: &mut Vec<bool>) -> f64 {
    const SHIFT: f64 = 3.0;
    const SURER: f64 = 1.8;
    let odds = [libm::exp(SHIFT), libm::exp(-SHIFT)];
    blocks.clear();
    blocks.extend(logits.iter().enumerate().map(|(i, &logit)| {
        let against = libm::exp(-SURER * f64::from(logit));
        let weight = f64::from(words(i)) + 0.01;
        (logit, weight, odds.map(|odds| weight * odds / (odds + against)))
    }));
    blocks.sort_by(|a, b| b.0.total_cmp(&a.0));
    let expected = blocks.iter().fold([0.0; 2], |sums, (_, _, main)| [sums[0] + main[0], sums[1] + main[1]]);
    let (mut gained, mut taken) = ([0.0; 2], 0.0);
    let (mut best, mut n_best) = (0.0, 0);
    for (at, (_, weight, main)) in blocks.iter().enumerate() {
        taken += weight;
        gained = [gained[0] + main[0], gained[1] + main[1]];
        let f1 = gained[0] / (taken + expected[0]) + gained[1] / (taken + expected[1]);
        if best < f1 {
            (best, n_best) = (f1, at + 1);
        }
    }
    let probability = |at: usize| blocks.get(at).map_or(0.0, |(logit, ..)| sigmoid(f64::from(*logit)));
    let between = if n_best == 0 { 1.0 } else { 0.5 * (probability(n_best - 1) + probability(n_best)) };
    let threshold = (between * factor / 0.5).clamp(0.2 * factor, 0.8);
    kept.clear();
    kept.extend(logits.iter().map(|&logit| threshold <= sigmoid(f64::from(logit))));
    threshold
}

//! Says which blocks are the page's own words: a logistic model over the features, cues and words of each block, a second over what the first said around it, then the choice that promises
//! the best F1.
//!
//! The score of a block is a sum of weights and nothing else (`weights`): one curve per feature, one weight per cue of the path, per word, per flag.

use std::sync::{Arc, OnceLock};

use crate::error::Result;
use crate::extract::blocks::Blocks;
use crate::extract::features::{CHARS, Features, LINK_DENSITY};
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

    pub fn new(weights: Arc<Weights>) -> Self {
        Self { path: Path::default(), views: Vec::new(), second: Second::default(), curves: Vec::new(), logits: Vec::new(), weights }
    }

    /// What it knows of words.
    pub fn lexicon(&self) -> Arc<Lexicon> {
        Arc::clone(&self.weights.lexicon)
    }

    /// Gives back what was remembered of pages.
    pub fn forget(&mut self) {
        *self = Self::new(Arc::clone(&self.weights));
    }

    /// The probability of each block, in `0..=1`, that it is main text.
    pub fn judge(&mut self, page: &Blocks, features: &Features, kind: Kind, url: &str, source: &str, probabilities: &mut Vec<f32>) {
        self.path.read(page, source, &self.weights);
        views(page, features, &mut self.views);
        let page_view = page_view(features, kind);
        let mut of_page = [0.0; topics::LENGTHS];
        topics::each(&page.head, url, source, |name| {
            let weights = self.weights.topic(name);
            of_page.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        });
        self.weights.first.of_rows(&features.rows, &mut self.curves);
        self.logits.clear();
        for (index, row) in features.rows.iter().enumerate() {
            let block = &page.blocks[index];
            let chars = row[CHARS];
            let mut score = self.weights.bias + self.curves[index] + self.path.score(page, block.element, &self.weights);
            flags::each(page_view, &self.views, index, |flag| score += self.weights.flags[flag]);
            score += features.measures[index].said + of_page[topics::length(chars)];
            self.logits.push(score);
        }
        probabilities.clear();
        let probability = |score: f32| sigmoid(f64::from(score)) as f32;
        if self.weights.second.is_empty() {
            probabilities.extend(self.logits.iter().map(|&score| probability(score)));
            return;
        }
        self.second.compute(page, features, &self.logits);
        self.weights.second.of_rows(&self.second.rows, &mut self.curves);
        let second = self.curves.iter().zip(&self.logits);
        probabilities.extend(second.map(|(curves, first)| probability(0.5 * (first + self.weights.second_bias + curves))));
    }
}

/// What flags are drawn from of a page.
pub fn page_view(features: &Features, kind: Kind) -> PageView {
    let row = features.rows.first();
    let column = |at: usize| row.map_or(0.0, |row| row[Features::PAGE + at]);
    PageView { kind: kind as usize, good: column(2), links: column(1) }
}

/// What flags are drawn from of its blocks.
pub fn views(page: &Blocks, features: &Features, views: &mut Vec<View>) {
    views.clear();
    views.extend(page.blocks.iter().zip(&features.rows).map(|(block, row)| View {
        chars: row[CHARS],
        link_density: row[LINK_DENSITY],
        in_half: 0.0 < row[Features::IN_HALF],
        in_best: 0.0 < row[Features::IN_BEST],
        is_hidden: block.hidden,
        tags: features.tag_kinds(page, block),
        inner: page.elements[block.element as usize].name.tag_kind(),
    }));
}

/// Marks the blocks to keep: those whose probability is above half the best F1 that can be expected, which is the best choice there is for that measure
/// (Lipton, Elkan and Naryanaswamy 2014); another `factor` than .5 asks more or less of them. `words` is the length of a block. The threshold stays between a fifth of the factor and .8, for
/// pages without any text of their own.
pub fn choose(probabilities: &[f32], factor: f64, words: impl Fn(usize) -> f32, kept: &mut Vec<bool>) {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    let weight = |i: usize| f64::from(words(i)) + 0.01;
    let expected: f64 = order.iter().map(|&i| f64::from(probabilities[i]) * weight(i)).sum();
    let (mut gained, mut taken, mut best) = (0.0, 0.0, 0.0_f64);
    for &i in &order {
        gained += f64::from(probabilities[i]) * weight(i);
        taken += weight(i);
        best = best.max(2.0 * gained / (taken + expected));
    }
    let threshold = (best * factor).clamp(0.2 * factor, 0.8);
    kept.clear();
    kept.extend(probabilities.iter().map(|&p| threshold < f64::from(p)));
}

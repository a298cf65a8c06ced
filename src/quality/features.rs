//! The features of the classifier: Spark's hashed terms of a text, white-space words where there are any and character n-grams where a script puts no spaces, and
//! a few measures of the text as a whole.
//!
//! Empty tokens are left out here, but not in Spark's mode: blank lines tell books from pages by their format, not by their quality.

use crate::linear::SparseVector;
use crate::text::is_spaceless;

use super::options::Features;
use super::spark;
use super::statistics::{N_STATISTICS, Statistics};
use super::tokenizer::is_space;

/// Term counts of one text, and buffers that the next text uses again. Memory: 4 bytes a dimension.
pub struct Extractor {
    dimensions: u32,
    counts: Vec<u32>,
    touched: Vec<u32>,
    lower: String,
}

impl Extractor {
    pub fn new(dimensions: u32) -> Self {
        Self { dimensions, counts: vec![0; dimensions as usize], touched: Vec::new(), lower: String::new() }
    }

    fn clear(&mut self) {
        for index in self.touched.drain(..) {
            self.counts[index as usize] = 0;
        }
    }

    /// Counts the terms of a text as Spark does, empty tokens too; `terms` then gives what [`spark::hashing_tf`] gives.
    pub fn read_spark(&mut self, text: &str) {
        self.clear();
        for token in spark::tokenizer(text) {
            self.count(&token);
        }
        self.touched.sort_unstable();
    }

    /// Counts the terms of a text; `terms` then gives them. Also its statistics.
    pub fn read(&mut self, text: &str) -> [f64; N_STATISTICS] {
        self.clear();
        let mut statistics = Statistics::default();
        for token in tokens(text) {
            statistics.add(token);
            self.lower.clear();
            if token.is_ascii() {
                self.lower.push_str(token);
                self.lower.make_ascii_lowercase();
            } else {
                self.lower.push_str(&token.to_lowercase());
            }
            statistics.add_lower(&self.lower);
            let lower = std::mem::take(&mut self.lower);
            each_term(&lower, &mut |term| self.count(term));
            self.lower = lower;
        }
        self.touched.sort_unstable();
        statistics.finish(self.touched.len())
    }

    fn count(&mut self, term: &str) {
        let index = spark::index(term.as_bytes(), self.dimensions);
        let count = &mut self.counts[index as usize];
        if *count == 0 {
            self.touched.push(index);
        }
        *count += 1;
    }

    /// Index and count of each term of the text that was read last, by index.
    pub fn terms(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.touched.iter().map(|&index| (index, self.counts[index as usize]))
    }
}

/// The counted terms of a text, as a vector.
impl From<&Extractor> for SparseVector {
    fn from(extractor: &Extractor) -> Self {
        let (indices, values) = extractor.terms().map(|(index, count)| (index, count as f32)).unzip();
        Self { indices, values }
    }
}

/// Each term of a text, as often as it stands there, as the extractor counts it.
pub fn each_term_of(text: &str, features: Features, each: &mut dyn FnMut(&str)) {
    match features {
        Features::HashingTf { .. } => {
            for token in tokens(text) {
                each_term(&token.to_lowercase(), each);
            }
        }
        Features::Spark => spark::tokenizer(text).for_each(|token| each(&token)),
    }
}

/// The stretches between white space. White space is ASCII, so bytes tell it.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = &text.as_bytes()[at..];
        let start = at + bytes.iter().position(|byte| !is_space(char::from(*byte)))?;
        let length = text.as_bytes()[start..].iter().position(|byte| is_space(char::from(*byte)));
        at = length.map_or(text.len(), |length| start + length);
        Some(&text[start..at])
    })
}

/// The terms of one lower-cased token: itself, or the two- and three-character runs of its parts without spaces.
fn each_term(token: &str, each: &mut dyn FnMut(&str)) {
    if token.is_ascii() || !token.chars().any(is_spaceless) {
        return each(token);
    }
    let bounds: Vec<usize> = token.char_indices().map(|(at, _)| at).chain(std::iter::once(token.len())).collect();
    if bounds.len() < 4 {
        return each(token);
    }
    for n in [2, 3] {
        for window in bounds.windows(n + 1) {
            each(&token[window[0]..window[n]]);
        }
    }
}

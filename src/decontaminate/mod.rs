//! Benchmark text out of training text, as GPT-3's appendix C does it: n-grams of lower-cased words that a benchmark and a document share are cut out with a
//! window of characters on each side; n-grams in many documents are ignored; a document in too many pieces goes whole.
//!
//! Words are delimited by white space and stripped of punctuation (Unicode category P); a word of punctuation only is none. Runs of words are looked up
//! in a Bloom filter (`probabilistic-collections`), and what it lets pass is compared word by word, so there are no false collisions.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::{Reason, Rule};
use crate::error::{Error, Result};

mod benchmark;
mod cut;
mod grams;
mod words;

pub use benchmark::{BenchmarkItem, read_items};
pub use grams::{GramRef, Grams, Scratch};

/// By which rules a document with collisions is dropped whole.
pub const RULES: &[Rule] = &[
    Rule::new("too-many-pieces", "pieces", "split by its cuts into more pieces than max-pieces"),
    Rule::new("nothing-left", "pieces", "no piece between its cuts has min-piece characters (the limit)"),
];

/// METHOD, appendix C of GPT-3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Options {
    /// Words of an n-gram.
    pub n: usize,
    /// Characters (Unicode scalars) cut on each side of a collision.
    pub window: usize,
    /// Pieces with fewer characters are dropped.
    pub min_piece: usize,
    /// A document that splits into more pieces than this, short ones counted, is dropped whole; books are exempt.
    pub max_pieces: usize,
    /// N-grams in more documents than this are ignored: licences, templates.
    pub max_documents: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { n: 13, window: 200, min_piece: 200, max_pieces: 10, max_documents: 10 }
    }
}

impl Options {
    /// # Errors
    /// When a number cannot hold.
    pub fn check(&self) -> Result<()> {
        if self.n == 0 || 64 < self.n {
            return Err(Error::recipe(format!("n is 1 to 64 words, not {}", self.n)));
        }
        if self.max_pieces == 0 {
            return Err(Error::recipe("max-pieces is at least 1"));
        }
        Ok(())
    }
}

/// Calls `emit` once for each n-gram of the set that the text holds: what the count over the corpus adds up.
pub fn count(grams: &Grams, text: &str, scratch: &mut Scratch, emit: &mut dyn FnMut(u32)) {
    let mut seen = Vec::new();
    grams.scan(text, scratch, |number, _| seen.push(number));
    seen.sort_unstable();
    seen.dedup();
    seen.into_iter().for_each(emit);
}

/// N-grams that too many documents hold.
pub struct Ignored {
    flags: Vec<bool>,
}

impl Ignored {
    /// The numbers of the ignored n-grams, of `n_grams` in all.
    pub fn new(numbers: impl IntoIterator<Item = u32>, n_grams: usize) -> Self {
        let mut flags = vec![false; n_grams];
        for number in numbers {
            if let Some(flag) = flags.get_mut(number as usize) {
                *flag = true;
            }
        }
        Self { flags }
    }
}

/// A stretch that was cut out, and one n-gram in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    pub range: Range<usize>,
    pub gram: u32,
}

/// What becomes of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// No collision; the text is not touched, however short.
    Clean,
    /// These byte ranges stay.
    Cut { pieces: Vec<Range<usize>>, cuts: Vec<Cut> },
    /// Nothing stays.
    Drop { reason: Reason, cuts: Vec<Cut> },
}

/// Cuts collisions out of one text. For a book the rule on too many pieces does not hold: a hundred thousand words collide somewhere.
pub fn decontaminate(grams: &Grams, ignored: &Ignored, text: &str, options: &Options, is_book: bool, scratch: &mut Scratch) -> Outcome {
    let mut hits: Vec<(Range<usize>, u32)> = Vec::new();
    grams.scan(text, scratch, |number, range| {
        if !ignored.flags[number as usize] {
            hits.push((range, number));
        }
    });
    if hits.is_empty() {
        return Outcome::Clean;
    }
    cut::cut(text, &hits, options, is_book)
}

#[cfg(test)]
mod tests;

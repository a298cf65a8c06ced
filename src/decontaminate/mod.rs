//! Benchmark text out of training text, as GPT-3's appendix C does it: n-grams of lower-cased words that a benchmark and a document share are cut out with a
//! window of characters on each side; n-grams in many documents are ignored; a document in too many pieces goes whole.
//!
//! Words are delimited by white space and stripped of punctuation (Unicode category P); a word of punctuation only is none. Runs of words are looked up
//! in a Bloom filter, and what it lets pass is compared word by word, so there are no false collisions.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::{Reason, Rule};
use crate::error::{Error, Result};

mod benchmark;
mod cut;
mod fields;
mod grams;
mod hosts;
mod overlap;
mod scan;
mod self_test;
mod table;
mod words;

pub use benchmark::{BenchmarkItem, read_items, read_lines};
pub use grams::{GramRef, Grams};
pub use overlap::{Benchmark, Overlap, dirty, lost};
pub use scan::Scratch;
pub use self_test::{Disturbed, Protection, SelfTest, self_test};

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

/// Calls `emit` once for each n-gram of the set that the text holds, measured ones too ([`Grams::n_all`]): what the count over the corpus adds up. It holds 8 bytes for each
/// of them at most, however often the text repeats them.
pub fn count(grams: &Grams, text: &str, scratch: &mut Scratch, emit: &mut dyn FnMut(u32)) {
    let mut seen = std::mem::take(&mut scratch.seen);
    let mut limit = SEEN;
    let distinct = |seen: &mut Vec<u32>| {
        seen.sort_unstable();
        seen.dedup();
    };
    scan::scan(grams, grams.all_lengths(), text, scratch, |number, _| {
        if seen.len() == limit {
            distinct(&mut seen);
            limit = SEEN.max(2 * seen.len());
        }
        seen.push(number);
    });
    distinct(&mut seen);
    seen.drain(..).for_each(emit);
    scratch.seen = seen;
}

/// Hits that are held before repeated ones are taken out.
const SEEN: usize = 1 << 14;

/// The n-grams that are ignored, with the documents that hold them: those of more than `max-documents`. `documents` is by number.
pub fn too_common(documents: &[u64], options: &Options) -> impl Iterator<Item = (u32, u64)> {
    (0..).zip(documents.iter().copied()).filter(|(_, n)| options.max_documents < *n)
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

/// A stretch that was cut out, and one n-gram in it, the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    pub range: Range<usize>,
    pub gram: u32,
    /// Places in it at which an n-gram begins that is not ignored.
    pub hits: u64,
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

/// Cuts collisions out of one text. For a book the rule on too many pieces does not hold: a hundred thousand words collide somewhere. Memory is that of the cuts, not of
/// the hits in them: of a text that is a benchmark, an n-gram begins at each word. `hit` is called with each.
pub fn decontaminate(
    grams: &Grams,
    ignored: &Ignored,
    text: &str,
    options: &Options,
    is_book: bool,
    scratch: &mut Scratch,
    hit: &mut dyn FnMut(u32),
) -> Outcome {
    let mut cutter = cut::Cutter::new(text, options);
    scan::scan(grams, grams.cut_length(), text, scratch, |number, range| {
        if !ignored.flags[number as usize] {
            hit(number);
            cutter.hit(range, number);
        }
    });
    cutter.finish(is_book)
}

#[cfg(test)]
mod tests;

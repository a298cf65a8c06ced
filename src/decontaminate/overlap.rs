//! How much of a benchmark stands in a text set, as GPT-3's table C.1 says it: a measurement beside the cuts.
//!
//! Of each benchmark N is the 5th percentile of its examples' lengths in words, at least 8 and at most 13. An example is dirty when one of its N-grams is in the
//! texts; one none of whose fields has N words is dirty when all of its fields are in them. N-grams never span two fields.
//! Where documents are masked, a field is in the texts as it is or as masking leaves it; lengths are those of the fields as they are.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::grams::Item;
use super::{Grams, Scratch, count};

/// METHOD, appendix C of GPT-3: the share of examples that may be shorter than N, and the bounds of N.
const PERCENTILE: usize = 5;
const BOUNDS: (usize, usize) = (8, 13);

/// A benchmark file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Benchmark {
    pub name: String,
    /// N: words of the n-grams by which its overlap is measured.
    pub n: usize,
    pub examples: u64,
    /// Examples of which nothing is cut, because no field has as many words as an n-gram that is.
    pub unprotected: u64,
}

impl Benchmark {
    /// What is said of it when so many examples are dirty.
    pub fn overlap(&self, dirty: u64, dirty_after: u64) -> Overlap {
        let Self { name, n, examples, unprotected } = self;
        Overlap { benchmark: name.clone(), n: *n as u64, examples: *examples, unprotected: *unprotected, dirty, dirty_after }
    }
}

/// How much of a benchmark stands in the texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    pub benchmark: String,
    /// Words of the n-grams.
    pub n: u64,
    /// Examples in all.
    pub examples: u64,
    /// Examples that are too short for an n-gram that is cut.
    pub unprotected: u64,
    /// Examples with an n-gram in the texts before the cuts.
    pub dirty: u64,
    /// Those that still have one in what the cuts leave.
    pub dirty_after: u64,
}

/// Runs of `n` words of an item that are looked for: all of them, or the item whole.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub item: u32,
    pub n: usize,
}

/// Fills in what the items say of the benchmarks; `n_cut` words are cut.
pub(super) fn describe(benchmarks: &mut [Benchmark], items: &[Item], n_cut: usize) {
    let mut lengths: Vec<Vec<usize>> = vec![Vec::new(); benchmarks.len()];
    for example in items.chunk_by(|a, b| a.example == b.example) {
        let benchmark = example[0].benchmark as usize;
        lengths[benchmark].push(unmasked(example).map(|item| item.n_words).sum());
        benchmarks[benchmark].examples += 1;
        benchmarks[benchmark].unprotected += u64::from(is_short(example, n_cut));
    }
    for (benchmark, mut lengths) in benchmarks.iter_mut().zip(lengths) {
        lengths.sort_unstable();
        // The nearest rank: the least length that 5 of 100 examples do not exceed.
        let rank = (lengths.len() * PERCENTILE).div_ceil(100).max(1);
        benchmark.n = lengths.get(rank - 1).map_or(BOUNDS.0, |&length| length.clamp(BOUNDS.0, BOUNDS.1));
    }
}

/// What is looked for of the items, in their order.
pub(super) fn units(items: &[Item], benchmarks: &[Benchmark]) -> Vec<Unit> {
    examples(items).flat_map(|(example, first)| units_of(example, first, benchmarks)).collect()
}

/// The examples, each with the number of its first item.
fn examples(items: &[Item]) -> impl Iterator<Item = (&[Item], u32)> {
    items.chunk_by(|a, b| a.example == b.example).scan(0, |first, example| {
        let at = *first;
        *first += u32::try_from(example.len()).expect("items are counted in 32 bits");
        Some((example, at))
    })
}

fn units_of(example: &[Item], first: u32, benchmarks: &[Benchmark]) -> Vec<Unit> {
    let n = benchmarks[example[0].benchmark as usize].n;
    let is_short = is_short(example, n);
    let wanted = |item: &&Item| if is_short { item.n_words != 0 } else { n <= item.n_words };
    let numbered = (first..).zip(example).filter(|(_, item)| wanted(item));
    numbered.map(|(index, item)| Unit { item: index, n: if is_short { item.n_words } else { n } }).collect()
}

/// No field has an n-gram.
fn is_short(example: &[Item], n: usize) -> bool {
    unmasked(example).all(|item| item.n_words < n)
}

/// The fields as the benchmark has them.
fn unmasked(example: &[Item]) -> impl Iterator<Item = &Item> {
    example.iter().filter(|item| !item.is_masked)
}

/// Calls `emit` once for each n-gram that a text holds and no piece of it that is left.
pub fn lost(grams: &Grams, text: &str, left: &[Range<usize>], scratch: &mut Scratch, emit: &mut dyn FnMut(u32)) {
    let mut before = Vec::new();
    count(grams, text, scratch, &mut |gram| before.push(gram));
    let mut after = Vec::new();
    for piece in left {
        count(grams, &text[piece.clone()], scratch, &mut |gram| after.push(gram));
        after.sort_unstable();
        after.dedup();
    }
    before.into_iter().filter(|gram| after.binary_search(gram).is_err()).for_each(emit);
}

/// For each benchmark the number of examples that are in texts of which `is_found` says whether they hold a gram, by its number.
pub fn dirty(grams: &Grams, is_found: impl Fn(u32) -> bool) -> Vec<u64> {
    let mut dirty = vec![0; grams.benchmarks().len()];
    for (example, first) in examples(grams.items()) {
        let benchmark = example[0].benchmark as usize;
        let units = units_of(example, first, grams.benchmarks());
        let is_there = |unit: &Unit| {
            let mut any = false;
            grams.of_unit(*unit, |gram| any |= is_found(gram));
            any
        };
        let is_dirty = if is_short(example, grams.benchmarks()[benchmark].n) {
            // Of each field either form.
            let mut fields = units.chunk_by(|_, next| grams.items()[next.item as usize].is_masked);
            !units.is_empty() && fields.all(|forms| forms.iter().any(is_there))
        } else {
            units.iter().any(is_there)
        };
        dirty[benchmark] += u64::from(is_dirty);
    }
    dirty
}

//! The n-grams of benchmark text: those that are cut, and those by which the overlap is measured ([`super::overlap`]), numbered in one row, the former first.
//! The search for them is in [`super::scan`].

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::ops::Range;

use crate::error::{Error, Result};

use super::overlap::{self, Benchmark, Unit};
use super::scan::{Anchors, Identity, combine};
use super::words::{WordHash, next_word};
use super::{BenchmarkItem, Options};

/// End of a chain of grams with equal hashes.
const NO_GRAM: u32 = u32::MAX;

/// The distinct n-grams of all items. Memory: the items' words once, 24 bytes for each gram, and about 25 more in table and filter.
pub struct Grams {
    n: usize,
    items: Vec<Item>,
    benchmarks: Vec<Benchmark>,
    /// The normalised words of all items, each with one space after it.
    words: Vec<u8>,
    grams: Vec<Gram>,
    /// Grams before this number are cut.
    n_cut: usize,
    /// From the hash of a gram to the last gram that has it.
    table: HashMap<u64, u32, BuildHasherDefault<Identity>>,
    /// The length that is cut, then others that are measured.
    lengths: Vec<Anchors>,
    n_short_items: usize,
}

/// An n-gram and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GramRef<'a> {
    /// Its words, joined by spaces.
    pub words: &'a str,
    pub benchmark: &'a str,
    /// Number of the benchmark in [`Grams::benchmarks`].
    pub benchmark_index: usize,
    pub item: &'a str,
}

/// A text of a benchmark by its words.
pub(super) struct Item {
    pub benchmark: u32,
    /// Number of the example that it belongs to, counted over all benchmarks.
    pub example: u32,
    name: String,
    pub n_words: usize,
    /// It is the item before it, as documents hold that one where they are masked: it is looked for, and counts for nothing.
    pub is_masked: bool,
    /// Where its words stand.
    words: Range<usize>,
}

struct Gram {
    item: u32,
    length: u32,
    start: usize,
    /// Another gram with the same hash, or `NO_GRAM`.
    next: u32,
}

impl Grams {
    /// Of items with fewer than `n` words nothing is cut; they are counted ([`Self::n_short_items`]). A gram that several items hold belongs to the first.
    /// Items of one example stand together, as do the examples of a benchmark.
    ///
    /// # Errors
    /// When there are none at all: the benchmarks would protect nothing.
    pub fn new(items: &[BenchmarkItem], options: &Options) -> Result<Self> {
        let mut grams = Self {
            n: options.n.max(1),
            items: Vec::with_capacity(items.len()),
            benchmarks: Vec::new(),
            words: Vec::new(),
            grams: Vec::new(),
            n_cut: 0,
            table: HashMap::default(),
            lengths: Vec::new(),
            n_short_items: 0,
        };
        let mut anchors = BTreeMap::from([(grams.n, Vec::new())]);
        let mut last: Option<&BenchmarkItem> = None;
        let mut example = 0;
        for item in items {
            let is_new = last.is_none_or(|last| last.benchmark != item.benchmark);
            if is_new {
                grams.benchmarks.push(Benchmark { name: item.benchmark.clone(), ..Benchmark::default() });
            }
            example += u32::from(last.is_some_and(|last| is_new || last.example != item.example));
            grams.add_item(item, example, false, &mut anchors);
            if item.masked.is_some() {
                grams.add_item(item, example, true, &mut anchors);
            }
            last = Some(item);
        }
        if grams.grams.is_empty() {
            return Err(Error::new(format!(
                "none of the {} benchmark items has {} words, so there is nothing to look for",
                items.len(),
                options.n
            )));
        }
        grams.n_cut = grams.grams.len();
        overlap::describe(&mut grams.benchmarks, &grams.items, grams.n);
        grams.add_measured(&mut anchors);
        let cut = anchors.remove(&grams.n).map(|hashes| Anchors::new(grams.n, hashes));
        grams.lengths = cut.into_iter().chain(anchors.into_iter().map(|(n, hashes)| Anchors::new(n, hashes))).collect();
        Ok(grams)
    }

    /// The number of distinct grams that are cut; their numbers are `0..len`.
    pub fn len(&self) -> usize {
        self.n_cut
    }

    /// Never true: a set without grams is refused.
    pub fn is_empty(&self) -> bool {
        self.n_cut == 0
    }

    /// The number of all grams: those that are cut, and from [`Self::len`] on those that only the overlap is measured by.
    pub fn n_all(&self) -> usize {
        self.grams.len()
    }

    /// Items too short to have one gram: the report says that they were not looked for.
    pub fn n_short_items(&self) -> usize {
        self.n_short_items
    }

    /// The benchmarks in order.
    pub fn benchmarks(&self) -> &[Benchmark] {
        &self.benchmarks
    }

    /// A gram and where it comes from. Panics when there is no such gram.
    pub fn gram(&self, gram: u32) -> GramRef<'_> {
        let found = &self.grams[gram as usize];
        let item = &self.items[found.item as usize];
        let benchmark_index = item.benchmark as usize;
        let words = std::str::from_utf8(self.spelling(found)).expect("normalised words are whole characters").trim_end();
        GramRef { words, benchmark: &self.benchmarks[benchmark_index].name, benchmark_index, item: &item.name }
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The length that is cut.
    pub(super) fn cut_length(&self) -> &[Anchors] {
        &self.lengths[..1]
    }

    /// All lengths.
    pub(super) fn all_lengths(&self) -> &[Anchors] {
        &self.lengths
    }

    fn spelling(&self, gram: &Gram) -> &[u8] {
        &self.words[gram.start..gram.start + gram.length as usize]
    }

    fn add_item(&mut self, item: &BenchmarkItem, example: u32, is_masked: bool, anchors: &mut BTreeMap<usize, Vec<u64>>) {
        let text = if is_masked { item.masked.as_deref().unwrap_or_default() } else { &item.text };
        let item_index = u32::try_from(self.items.len()).expect("items come from files of bounded lines and fit memory");
        let begin = self.words.len();
        let mut at = 0;
        while next_word(text, &mut at, |byte| self.words.push(byte)).is_some() {
            self.words.push(b' ');
        }
        let words = begin..self.words.len();
        let (hashes, starts) = self.hashed(words.clone());
        let benchmark = u32::try_from(self.benchmarks.len() - 1).expect("files of a recipe");
        self.items.push(Item { benchmark, example, name: item.item.clone(), n_words: hashes.len(), is_masked, words });
        if hashes.len() < self.n {
            self.n_short_items += usize::from(!is_masked);
            return;
        }
        anchors.entry(self.n).or_default().extend(Anchors::of(self.n, &hashes));
        for (index, gram) in hashes.windows(self.n).enumerate() {
            self.add_gram(item_index, combine(gram), starts[index]..starts[index + self.n]);
        }
    }

    /// Adds what the overlap is measured by, where it is not cut anyway.
    fn add_measured(&mut self, anchors: &mut BTreeMap<usize, Vec<u64>>) {
        for unit in overlap::units(&self.items, &self.benchmarks) {
            if unit.n == self.n {
                continue;
            }
            let (hashes, starts) = self.hashed(self.items[unit.item as usize].words.clone());
            anchors.entry(unit.n).or_default().extend(Anchors::of(unit.n, &hashes));
            for (index, gram) in hashes.windows(unit.n).enumerate() {
                self.add_gram(unit.item, combine(gram), starts[index]..starts[index + unit.n]);
            }
        }
    }

    /// The hashes of words that stand somewhere, and where each begins; the end comes last.
    fn hashed(&self, words: Range<usize>) -> (Vec<u64>, Vec<usize>) {
        let (mut hashes, mut starts) = (Vec::new(), vec![words.start]);
        let mut hash = WordHash::default();
        for (index, &byte) in words.clone().zip(&self.words[words]) {
            if byte == b' ' {
                hashes.push(std::mem::take(&mut hash).finish());
                starts.push(index + 1);
            } else {
                hash.push(byte);
            }
        }
        (hashes, starts)
    }

    fn add_gram(&mut self, item: u32, hash: u64, words: Range<usize>) {
        let length = u32::try_from(words.len()).expect("a gram lies within one item, which is one bounded line");
        let gram = Gram { item, length, start: words.start, next: self.table.get(&hash).copied().unwrap_or(NO_GRAM) };
        let is_known = self.chain(gram.next).any(|known| self.spelling(&self.grams[known as usize]) == self.spelling(&gram));
        if !is_known && self.grams.len() < NO_GRAM as usize {
            self.table.insert(hash, self.grams.len() as u32);
            self.grams.push(gram);
        }
    }

    fn chain(&self, first: u32) -> impl Iterator<Item = u32> {
        std::iter::successors((first != NO_GRAM).then_some(first), |&gram| {
            Some(self.grams[gram as usize].next).filter(|&next| next != NO_GRAM)
        })
    }

    /// The gram with this hash whose words a text spells; `spelled` is a buffer.
    pub(super) fn find(&self, hash: u64, text: &str, spelled: &mut Vec<u8>) -> Option<u32> {
        let &first = self.table.get(&hash)?;
        spell(text, spelled);
        self.chain(first).find(|&gram| self.spelling(&self.grams[gram as usize]) == spelled)
    }

    /// Calls `each` with the number of each gram of a unit.
    pub(super) fn of_unit(&self, unit: Unit, mut each: impl FnMut(u32)) {
        let (hashes, starts) = self.hashed(self.items[unit.item as usize].words.clone());
        for (index, words) in hashes.windows(unit.n).enumerate() {
            let spelling = &self.words[starts[index]..starts[index + unit.n]];
            let first = self.table.get(&combine(words)).copied().unwrap_or(NO_GRAM);
            self.chain(first).find(|&gram| self.spelling(&self.grams[gram as usize]) == spelling).into_iter().for_each(&mut each);
        }
    }
}

/// Writes the normalised words of a text, each with one space after it.
fn spell(text: &str, into: &mut Vec<u8>) {
    into.clear();
    let mut at = 0;
    while next_word(text, &mut at, |byte| into.push(byte)).is_some() {
        into.push(b' ');
    }
}

//! The n-grams of benchmark text and the search for them, exact and at the speed of cutting words.
//!
//! Looking up every 13-gram of a text costs a cache miss a word. But wherever 13 words match, so do the 8 words from one of any six places in a row: it is
//! enough to look up the 8 words from every sixth word ([`anchor_words`]). The Bloom filter holds the benchmarks' runs of 8; where it says yes, the six
//! 13-grams around are looked up in the table and compared word by word. Looking up each gram itself ran at 60 MB/s against 20 million grams.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;

use probabilistic_collections::bloom::BloomFilter;

use crate::error::{Error, Result};

use super::words::{WordHash, next_word};
use super::{BenchmarkItem, Options};

/// Odd, with well-mixed bits: the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of the Bloom filter for each anchor, and the number of its probes. At this density 15 of 16 strange anchors end at the first probe, and .4 % pass.
const BLOOM_BITS_PER_ANCHOR: usize = 32;
const BLOOM_PROBES: usize = 2;

/// Words that are cut before their anchors are looked up together, so that the processor overlaps the cache misses.
const BLOCK_WORDS: usize = 1024;

/// End of a chain of grams with equal hashes.
const NO_GRAM: u32 = u32::MAX;

/// The distinct n-grams of all items. Memory: the items' words once, 24 bytes for each gram, and about 25 more in table and filter.
pub struct Grams {
    n: usize,
    items: Vec<(String, String)>,
    /// The normalised words of all items, each with one space after it.
    words: Vec<u8>,
    grams: Vec<Gram>,
    /// From the hash of a gram to the last gram that has it.
    table: HashMap<u64, u32, BuildHasherDefault<Identity>>,
    anchors: BloomFilter<u64, Rotated>,
    n_short_items: usize,
}

/// An n-gram and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GramRef<'a> {
    /// Its words, joined by spaces.
    pub words: &'a str,
    pub benchmark: &'a str,
    pub item: &'a str,
}

struct Gram {
    item: u32,
    length: u32,
    start: usize,
    /// Another gram with the same hash, or `NO_GRAM`.
    next: u32,
}

/// Buffers that a thread uses again for each document.
#[derive(Default)]
pub struct Scratch {
    /// Hashes and places of the words in work.
    hashes: Vec<u64>,
    places: Vec<Range<usize>>,
    spelled: Vec<u8>,
}

impl Grams {
    /// Of items with fewer than `n` words nothing can be found; they are counted ([`Self::n_short_items`]). A gram that several items hold belongs to the first.
    ///
    /// # Errors
    /// When there are none at all: the benchmarks would protect nothing.
    pub fn new(items: &[BenchmarkItem], options: &Options) -> Result<Self> {
        let mut grams = Self {
            n: options.n.max(1),
            items: Vec::with_capacity(items.len()),
            words: Vec::new(),
            grams: Vec::new(),
            table: HashMap::default(),
            anchors: bloom(0),
            n_short_items: 0,
        };
        let mut anchors = Vec::new();
        items.iter().for_each(|item| grams.add(item, &mut anchors));
        if grams.grams.is_empty() {
            return Err(Error::new(format!(
                "none of the {} benchmark items has {} words, so there is nothing to look for",
                items.len(),
                options.n
            )));
        }
        anchors.sort_unstable();
        anchors.dedup();
        grams.anchors = bloom(anchors.len());
        anchors.iter().for_each(|anchor| grams.anchors.insert(anchor));
        Ok(grams)
    }

    /// The number of distinct grams; their numbers are `0..len`.
    pub fn len(&self) -> usize {
        self.grams.len()
    }

    /// Never true: a set without grams is refused.
    pub fn is_empty(&self) -> bool {
        self.grams.is_empty()
    }

    /// Items too short to have one gram: the report says that they were not looked for.
    pub fn n_short_items(&self) -> usize {
        self.n_short_items
    }

    /// A gram and where it comes from. Panics when there is no such gram.
    pub fn gram(&self, gram: u32) -> GramRef<'_> {
        let found = &self.grams[gram as usize];
        let (benchmark, item) = &self.items[found.item as usize];
        let words = std::str::from_utf8(self.spelling(found)).expect("normalised words are whole characters").trim_end();
        GramRef { words, benchmark, item }
    }

    fn spelling(&self, gram: &Gram) -> &[u8] {
        &self.words[gram.start..gram.start + gram.length as usize]
    }

    fn add(&mut self, item: &BenchmarkItem, anchors: &mut Vec<u64>) {
        let item_index = u32::try_from(self.items.len()).expect("items come from files of bounded lines and fit memory");
        self.items.push((item.benchmark.clone(), item.item.clone()));
        let (mut hashes, mut starts) = (Vec::new(), vec![self.words.len()]);
        let mut at = 0;
        loop {
            let mut hash = WordHash::default();
            let word = next_word(&item.text, &mut at, |byte| {
                hash.push(byte);
                self.words.push(byte);
            });
            if word.is_none() {
                break;
            }
            self.words.push(b' ');
            hashes.push(hash.finish());
            starts.push(self.words.len());
        }
        if hashes.len() < self.n {
            self.n_short_items += 1;
            return;
        }
        anchors.extend(hashes.windows(anchor_words(self.n)).map(combine));
        for (index, gram) in hashes.windows(self.n).enumerate() {
            self.add_gram(item_index, combine(gram), starts[index]..starts[index + self.n]);
        }
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

    /// Calls `found` with each gram in the text and its bytes there, in order.
    pub(super) fn scan(&self, text: &str, scratch: &mut Scratch, mut found: impl FnMut(u32, Range<usize>)) {
        let Scratch { hashes, places, spelled } = scratch;
        hashes.clear();
        places.clear();
        let n_anchor_words = anchor_words(self.n);
        let step = self.n - n_anchor_words + 1;
        let (mut at, mut anchor, mut is_end) = (0, 0, false);
        while !is_end {
            while hashes.len() < BLOCK_WORDS && !is_end {
                let mut hash = WordHash::default();
                match next_word(text, &mut at, |byte| hash.push(byte)) {
                    Some(place) => {
                        hashes.push(hash.finish());
                        places.push(place);
                    }
                    None => is_end = true,
                }
            }
            // The gram that begins at the anchor must be whole, except at the end of the text, where only earlier ones can be.
            let n_needed = if is_end { n_anchor_words } else { self.n };
            while anchor + n_needed <= hashes.len() {
                if self.anchors.contains(&combine(&hashes[anchor..anchor + n_anchor_words])) {
                    let last = anchor.min(hashes.len().saturating_sub(self.n));
                    for first in (anchor + 1).saturating_sub(step)..=last {
                        let Some(gram_hashes) = hashes.get(first..first + self.n) else { break };
                        let place = places[first].start..places[first + self.n - 1].end;
                        if let Some(gram) = self.find(combine(gram_hashes), &text[place.clone()], spelled) {
                            found(gram, place);
                        }
                    }
                }
                anchor += step;
            }
            let n_done = (anchor + 1).saturating_sub(step);
            hashes.drain(..n_done.min(hashes.len()));
            places.drain(..n_done.min(places.len()));
            anchor -= n_done;
        }
    }

    fn find(&self, hash: u64, text: &str, spelled: &mut Vec<u8>) -> Option<u32> {
        let &first = self.table.get(&hash)?;
        spell(text, spelled);
        self.chain(first).find(|&gram| self.spelling(&self.grams[gram as usize]) == spelled)
    }
}

/// Words of the runs in the filter: 8 for n = 13. Longer ones are rarer by chance, shorter ones are looked up less often, every n - anchor + 1 words.
fn anchor_words(n: usize) -> usize {
    n.min(n / 2 + 2)
}

/// The hash of a run of words: a polynomial, its bits spread.
#[inline]
fn combine(words: &[u64]) -> u64 {
    let sum = words.iter().fold(0_u64, |sum, word| sum.wrapping_mul(FACTOR).wrapping_add(*word));
    let spread = (sum ^ (sum >> 29)).wrapping_mul(FACTOR);
    spread ^ (spread >> 32)
}

/// Writes the normalised words of a text, each with one space after it.
fn spell(text: &str, into: &mut Vec<u8>) {
    into.clear();
    let mut at = 0;
    while next_word(text, &mut at, |byte| into.push(byte)).is_some() {
        into.push(b' ');
    }
}

fn bloom(n_anchors: usize) -> BloomFilter<u64, Rotated> {
    let n_bits = BLOOM_BITS_PER_ANCHOR * n_anchors.max(1);
    // The crate derives the probes from bits per item x ln 2, rounded up; this asks for BLOOM_PROBES of them.
    BloomFilter::from_item_count_with_hashers(n_bits, n_bits / BLOOM_PROBES, [Rotated(0), Rotated(32)])
}

/// The hashes above are spread already; the filter's two hashers only turn them. Fixed, so that the filter is the same in every run.
struct Rotated(u32);

impl BuildHasher for Rotated {
    type Hasher = Identity;

    fn build_hasher(&self) -> Identity {
        Identity { value: 0, rotation: self.0 }
    }
}

/// A hasher for one u64, which it hands through.
#[derive(Default)]
struct Identity {
    value: u64,
    rotation: u32,
}

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        self.value = bytes.iter().fold(self.value, |value, &byte| value.wrapping_mul(FACTOR) ^ u64::from(byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.value = value.rotate_left(self.rotation);
    }

    fn finish(&self) -> u64 {
        self.value
    }
}

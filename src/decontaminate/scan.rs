//! The search for n-grams in a text, at the speed of cutting words.
//!
//! Looking up every 13-gram of a text costs a cache miss a word. But wherever 13 words match, so do the 8 words from one of any six places in a row: it is
//! enough to look up the 8 words from every sixth word ([`anchor_words`]). The Bloom filter holds the benchmarks' runs of 8; where it says yes, the six
//! 13-grams around are looked up in the table and compared word by word. Looking up each gram itself ran at 60 MB/s against 20 million grams.
//!
//! What a scan holds of a text is one block of words, however long the text is.

use std::hash::Hasher;
use std::ops::Range;

use super::grams::Grams;
use super::words::next_hash;

/// Odd, with well-mixed bits: the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of the filter for each anchor, at least; less than twice as many. At this density .4 % of strange anchors pass.
const BITS_PER_ANCHOR: usize = 32;

/// Words that are cut before their anchors are looked up together, so that the processor overlaps the cache misses.
const BLOCK_WORDS: usize = 1024;

/// Buffers that a thread uses again for each document.
#[derive(Default)]
pub struct Scratch {
    /// Hashes and places of the words in work.
    hashes: Vec<u64>,
    places: Vec<Range<usize>>,
    /// For each length that is looked for, the word in work at which its next anchor begins.
    next_anchors: Vec<usize>,
    /// Hashes of the anchors in work, and the numbers of those that the filter may hold.
    anchors: Vec<u64>,
    possible: Vec<usize>,
    pub(super) spelled: Vec<u8>,
    /// Numbers of the grams found in a text.
    pub(super) seen: Vec<u32>,
}

/// The anchors of all grams of one length.
pub struct Anchors {
    /// Words of a gram.
    pub n: usize,
    /// A Bloom filter whose probes of an anchor are two bits of one word, so that it costs one cache miss. `probabilistic-collections`, with its probes anywhere and a division
    /// for each, took a third of the time of a scan.
    filter: Vec<u64>,
}

impl Anchors {
    /// Of the hashes of the anchors of grams of `n` words, repeated ones and all.
    pub fn new(n: usize, mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        let n_words = (BITS_PER_ANCHOR * hashes.len()).div_ceil(64).next_power_of_two();
        let mut anchors = Self { n, filter: vec![0; n_words] };
        for hash in hashes {
            let (word, bits) = anchors.probe(hash);
            anchors.filter[word] |= bits;
        }
        anchors
    }

    #[inline]
    fn probe(&self, hash: u64) -> (usize, u64) {
        // The number of words is a power of two.
        ((hash >> 12) as usize & (self.filter.len() - 1), 1 << (hash & 63) | 1 << (hash >> 6 & 63))
    }

    /// Which of some anchors the filter may hold. A loop of its own, without a branch: the processor then waits for ten words of the filter at once, which are in no cache.
    fn filter(&self, anchors: &[u64], possible: &mut Vec<usize>) {
        possible.clear();
        possible.resize(anchors.len(), 0);
        let mut n = 0;
        for (index, &hash) in anchors.iter().enumerate() {
            let (word, bits) = self.probe(hash);
            possible[n] = index;
            n += usize::from(self.filter[word] & bits == bits);
        }
        possible.truncate(n);
    }

    /// The anchors in a run of words.
    pub fn of(n: usize, words: &[u64]) -> impl Iterator<Item = u64> {
        words.windows(anchor_words(n)).map(combine)
    }
}

/// Words of the runs in the filter: 8 for n = 13. Longer ones are rarer by chance, shorter ones are looked up less often, every n - anchor + 1 words.
fn anchor_words(n: usize) -> usize {
    n.min(n / 2 + 2)
}

/// The hash of a run of words: a polynomial, its bits spread.
#[inline]
pub fn combine(words: &[u64]) -> u64 {
    let sum = words.iter().fold(0_u64, |sum, word| sum.wrapping_mul(FACTOR).wrapping_add(*word));
    let spread = (sum ^ (sum >> 29)).wrapping_mul(FACTOR);
    spread ^ (spread >> 32)
}

/// Calls `found` with each gram of these lengths in the text and its bytes there; those of one length in order.
pub fn scan(grams: &Grams, lengths: &[Anchors], text: &str, scratch: &mut Scratch, mut found: impl FnMut(u32, Range<usize>)) {
    let Scratch { hashes, places, next_anchors, anchors, possible, spelled, .. } = scratch;
    hashes.clear();
    places.clear();
    next_anchors.clear();
    next_anchors.resize(lengths.len(), 0);
    let (mut at, mut is_end) = (0, false);
    while !is_end {
        while hashes.len() < BLOCK_WORDS && !is_end {
            match next_hash(text, &mut at) {
                Some((hash, place)) => {
                    hashes.push(hash);
                    places.push(place);
                }
                None => is_end = true,
            }
        }
        let mut n_done = hashes.len();
        for (length, anchor) in lengths.iter().zip(next_anchors.iter_mut()) {
            let n = length.n;
            let n_anchor_words = anchor_words(n);
            let step = n - n_anchor_words + 1;
            // The gram that begins at the anchor must be whole, except at the end of the text, where only earlier ones can be.
            let n_needed = if is_end { n_anchor_words } else { n };
            let begin = *anchor;
            anchors.clear();
            while *anchor + n_needed <= hashes.len() {
                anchors.push(combine(&hashes[*anchor..*anchor + n_anchor_words]));
                *anchor += step;
            }
            length.filter(anchors, possible);
            for index in possible.iter() {
                let at = begin + index * step;
                let last = at.min(hashes.len().saturating_sub(n));
                for first in (at + 1).saturating_sub(step)..=last {
                    let Some(gram_hashes) = hashes.get(first..first + n) else { break };
                    let place = places[first].start..places[first + n - 1].end;
                    if let Some(gram) = grams.find(combine(gram_hashes), &text[place.clone()], spelled) {
                        found(gram, place);
                    }
                }
            }
            // Words that a gram of this length may still begin with stay.
            n_done = n_done.min((*anchor + 1).saturating_sub(step));
        }
        hashes.drain(..n_done);
        places.drain(..n_done);
        next_anchors.iter_mut().for_each(|anchor| *anchor -= n_done);
    }
}

/// A hasher for one u64 whose bits are spread already: it hands it through.
#[derive(Default)]
pub struct Identity {
    value: u64,
}

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        self.value = bytes.iter().fold(self.value, |value, &byte| value.wrapping_mul(FACTOR) ^ u64::from(byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.value = value;
    }

    fn finish(&self) -> u64 {
        self.value
    }
}

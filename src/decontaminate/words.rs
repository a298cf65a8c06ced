//! N-grams of a text by a rolling hash of normalised words.

use std::ops::Range;

use probabilistic_collections::bloom::BloomFilter;
use unicode_general_category::{GeneralCategory, get_general_category};

use crate::text::hash::hash64;

/// Multiplier of the rolling polynomial over 2^64; odd, from the golden ratio (Knuth, TAOCP 3, 6.4).
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Buffers that are used again for the next text.
#[derive(Default)]
pub struct Scratch {
    word: String,
    /// The last n words: hash and byte range.
    ring: Vec<(u64, Range<usize>)>,
}

/// Walks the n-grams of a text in order. Memory: n words.
pub struct NGrams<'t, 's> {
    text: &'t str,
    n: usize,
    /// BASE to the power n.
    top: u64,
    at: usize,
    rolling: u64,
    /// Words seen so far.
    seen: usize,
    scratch: &'s mut Scratch,
}

impl<'t, 's> NGrams<'t, 's> {
    pub fn new(text: &'t str, n: usize, scratch: &'s mut Scratch) -> Self {
        scratch.ring.clear();
        scratch.ring.resize(n, (0, 0..0));
        let top = (0..n).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        Self { text, n, top, at: 0, rolling: 0, seen: 0, scratch }
    }

    /// Hash of the next n-gram; its place is then [`NGrams::range`].
    pub fn next(&mut self) -> Option<u64> {
        loop {
            let range = next_word(self.text, self.at)?;
            self.at = range.end;
            self.scratch.word.clear();
            normalise(&self.text[range.clone()], &mut self.scratch.word);
            if self.scratch.word.is_empty() {
                continue;
            }
            let hash = hash64(self.scratch.word.as_bytes());
            let slot = &mut self.scratch.ring[self.seen % self.n];
            let old = if self.seen < self.n { 0 } else { slot.0 };
            *slot = (hash, range);
            self.rolling = self.rolling.wrapping_mul(BASE).wrapping_add(hash).wrapping_sub(old.wrapping_mul(self.top));
            self.seen += 1;
            if self.n <= self.seen {
                return Some(self.rolling);
            }
        }
    }

    /// Byte range of the n-gram, from its first word to its last.
    pub fn range(&self) -> Range<usize> {
        let first = &self.scratch.ring[self.seen % self.n].1;
        let last = &self.scratch.ring[(self.seen + self.n - 1) % self.n].1;
        first.start..last.end
    }

    /// Its words as they are compared, joined by spaces.
    pub fn words(&self) -> String {
        let mut out = String::new();
        for index in 0..self.n {
            let range = self.scratch.ring[(self.seen + index) % self.n].1.clone();
            if !out.is_empty() {
                out.push(' ');
            }
            normalise(&self.text[range], &mut out);
        }
        out
    }
}

/// The next run without white space at or after a byte.
fn next_word(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = at;
    loop {
        let byte = *bytes.get(start)?;
        if byte < 0x80 {
            if !byte.is_ascii_whitespace() && byte != 0x0b {
                break;
            }
            start += 1;
        } else {
            let c = text[start..].chars().next()?;
            if !c.is_whitespace() {
                break;
            }
            start += c.len_utf8();
        }
    }
    let mut end = start;
    while let Some(&byte) = bytes.get(end) {
        if byte < 0x80 {
            if byte.is_ascii_whitespace() || byte == 0x0b {
                break;
            }
            end += 1;
        } else {
            let c = text[end..].chars().next().expect("a byte that is not ASCII begins a character here");
            if c.is_whitespace() {
                break;
            }
            end += c.len_utf8();
        }
    }
    Some(start..end)
}

/// Lower case without punctuation.
fn normalise(word: &str, out: &mut String) {
    if word.is_ascii() {
        out.extend(word.bytes().filter(|b| !is_ascii_punctuation(*b)).map(|b| char::from(b.to_ascii_lowercase())));
    } else {
        out.extend(word.chars().filter(|c| !is_punctuation(*c)).flat_map(char::to_lowercase));
    }
}

/// ASCII of category P; `$ + < = > ^ ` | ~` are symbols and stay.
fn is_ascii_punctuation(b: u8) -> bool {
    matches!(b, b'!'..=b'#' | b'%'..=b'*' | b','..=b'/' | b':' | b';' | b'?' | b'@' | b'['..=b']' | b'_' | b'{' | b'}')
}

fn is_punctuation(c: char) -> bool {
    use GeneralCategory as G;
    if c.is_ascii() {
        return is_ascii_punctuation(c as u8);
    }
    matches!(
        get_general_category(c),
        G::ConnectorPunctuation
            | G::DashPunctuation
            | G::OpenPunctuation
            | G::ClosePunctuation
            | G::InitialPunctuation
            | G::FinalPunctuation
            | G::OtherPunctuation
    )
}

/// Answers "surely not" for nearly every n-gram without a look at the table.
pub struct Prefilter {
    filter: BloomFilter<u64, crate::text::hash::Mix>,
}

impl Prefilter {
    pub fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        // One in a thousand false alarms: 14 bits an n-gram, so a million n-grams stay in a second-level cache.
        let mut filter = BloomFilter::with_hashers(hashes.len().max(64), 0.001, crate::text::hash::Mix::pair());
        for hash in hashes {
            filter.insert(&hash);
        }
        Self { filter }
    }

    pub fn may_hold(&self, hash: u64) -> bool {
        self.filter.contains(&hash)
    }
}

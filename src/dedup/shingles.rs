//! Shingle sets and their exact similarity.

use crate::text::hash::{hash64, hash64_seeded, hash128};
use crate::text::{mostly_spaceless, words};

use super::{Options, SPACELESS_CHARACTERS, Shingles};

/// The hash under which texts are exact duplicates: of the text in lower case with white space folded.
pub fn exact_hash(text: &str) -> u128 {
    hash128(fold(text).as_bytes())
}

/// Lower case, white space folded.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        push_lower(&mut folded, word);
    }
    folded
}

fn push_lower(out: &mut String, word: &str) {
    if word.is_ascii() {
        let start = out.len();
        out.push_str(word);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// The set of a text's shingles, each as a 64-bit hash: sorted and unique. Two sets of 10,000 shingles confuse a pair with probability 10^-11.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShingleSet {
    hashes: Vec<u64>,
}

/// How alike two sets are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Shared over distinct, in 0..=1; 0 where either is empty.
    pub jaccard: f64,
    /// Shared over the smaller set, in 0..=1.
    pub containment: f64,
    pub shared: u64,
    /// Shingles in either.
    pub distinct: u64,
}

impl ShingleSet {
    /// The shingles of a text. A text with fewer words than a shingle is one shingle of all it has; an empty text has none and never matches.
    pub fn of(text: &str, options: &Options) -> Self {
        let mut hashes = match options.shingles {
            Shingles::Characters(n) => of_characters(text, n),
            Shingles::Words(_) if mostly_spaceless(text) => of_characters(text, SPACELESS_CHARACTERS),
            Shingles::Words(n) => of_words(text, n),
        };
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes }
    }

    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hashes, ascending.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Compares two sets exactly.
    pub fn evidence(&self, other: &Self) -> Evidence {
        let (mut a, mut b) = (self.hashes.as_slice(), other.hashes.as_slice());
        let mut shared = 0_u64;
        while let (Some(x), Some(y)) = (a.first(), b.first()) {
            shared += u64::from(x == y);
            let (step_a, step_b) = (x <= y, y <= x);
            a = &a[usize::from(step_a)..];
            b = &b[usize::from(step_b)..];
        }
        let (n, m) = (self.hashes.len() as u64, other.hashes.len() as u64);
        let distinct = n + m - shared;
        if n == 0 || m == 0 {
            return Evidence { distinct, ..Evidence::default() };
        }
        Evidence { jaccard: shared as f64 / distinct as f64, containment: shared as f64 / n.min(m) as f64, shared, distinct }
    }
}

/// Each word is hashed once; a shingle is the hash of its words' hashes.
fn of_words(text: &str, n: usize) -> Vec<u64> {
    let mut lower = String::new();
    let hashes: Vec<u64> = words(text)
        .map(|word| {
            lower.clear();
            push_lower(&mut lower, word);
            hash64(lower.as_bytes())
        })
        .collect();
    if hashes.is_empty() {
        return hashes;
    }
    let mut bytes = Vec::with_capacity(8 * n);
    hashes
        .windows(n.min(hashes.len()))
        .map(|window| {
            bytes.clear();
            bytes.extend(window.iter().flat_map(|hash| hash.to_le_bytes()));
            hash64(&bytes)
        })
        .collect()
}

fn of_characters(text: &str, n: usize) -> Vec<u64> {
    let folded = fold(text);
    let starts: Vec<usize> = folded.char_indices().map(|(at, _)| at).chain(std::iter::once(folded.len())).collect();
    let n_characters = starts.len() - 1;
    if n_characters == 0 {
        return Vec::new();
    }
    let n = n.min(n_characters);
    // A seed of their own keeps character shingles apart from word shingles of the same bytes.
    (0..=n_characters - n).map(|at| hash64_seeded(&folded.as_bytes()[starts[at]..starts[at + n]], 1)).collect()
}

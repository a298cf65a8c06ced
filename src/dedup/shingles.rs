//! Shingle sets and their exact similarity.

use crate::text::hash::{hash64, hash64_seeded, hash128};
use crate::text::mostly_spaceless;

use super::{Options, SPACELESS_CHARACTERS, Shingles};

/// The set of a text's shingles, each as its XXH3-64: sorted and unique. Two sets of 10,000 shingles confuse a pair with probability 10^-11.
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
            Shingles::Words(_) if !text.is_ascii() && mostly_spaceless(text) => of_characters(text, SPACELESS_CHARACTERS),
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

    /// Compares two sets exactly, in time linear in their lengths.
    pub fn evidence(&self, other: &Self) -> Evidence {
        let (a, b) = (self.hashes.as_slice(), other.hashes.as_slice());
        let (mut i, mut j, mut shared) = (0, 0, 0_u64);
        while i < a.len() && j < b.len() {
            // Hashes are in random order between the sets, so that a branch here would be guessed wrong half of the time.
            let (x, y) = (a[i], b[j]);
            shared += u64::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        let (n, m) = (a.len() as u64, b.len() as u64);
        let distinct = n + m - shared;
        if n == 0 || m == 0 {
            return Evidence { distinct, ..Evidence::default() };
        }
        Evidence { jaccard: shared as f64 / distinct as f64, containment: shared as f64 / n.min(m) as f64, shared, distinct }
    }
}

/// The hash under which texts are exact duplicates: of the text in lower case with white space folded.
pub fn exact_hash(text: &str) -> u128 {
    hash128(fold(text).as_bytes())
}

/// The text in lower case, each run of white space as one space, none at the ends.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        if word.is_ascii() {
            let start = folded.len();
            folded.push_str(word);
            folded[start..].make_ascii_lowercase();
        } else {
            folded.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    folded
}

/// Shingles of `n` lower-cased words joined by one space.
fn of_words(text: &str, n: usize) -> Vec<u64> {
    let (folded, ends) = fold_words(text);
    let n = n.min(ends.len());
    if n == 0 {
        return Vec::new();
    }
    let mut start = 0;
    let shingle = |(first, &end): (usize, &usize)| {
        let hash = hash64(&folded.as_bytes()[start..end]);
        // The next shingle starts after the first word of this one.
        start = ends[first] + 1;
        hash
    };
    ends[n - 1..].iter().enumerate().map(shingle).collect()
}

/// What an ASCII byte is in a word: itself in lower case, or 0 when it ends one; [`WIDE`] for a byte of a longer character.
const FOLD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => byte.to_ascii_lowercase(),
            0x80.. => WIDE,
            _ => 0,
        };
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};
const WIDE: u8 = 0xFF;

/// The words of a text (`text::words`) in lower case, joined by one space, and where each ends.
/// One pass with a table for ASCII: splitting by characters and lowering word by word took half as long again.
fn fold_words(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len() + 1);
    let mut ends = Vec::with_capacity(text.len() / 5);
    let mut rest = text;
    while let Some(&byte) = rest.as_bytes().first() {
        match FOLD[usize::from(byte)] {
            0 => {
                close(&mut folded, &mut ends);
                rest = &rest[1..];
            }
            WIDE => {
                let wide = rest.chars().next().expect("the text is not at its end");
                if wide.is_alphanumeric() {
                    folded.extend(wide.to_lowercase());
                } else {
                    close(&mut folded, &mut ends);
                }
                rest = &rest[wide.len_utf8()..];
            }
            _ => {
                let n = rest.bytes().take_while(|&byte| !matches!(FOLD[usize::from(byte)], 0 | WIDE)).count();
                let start = folded.len();
                folded.push_str(&rest[..n]);
                folded[start..].make_ascii_lowercase();
                rest = &rest[n..];
            }
        }
    }
    close(&mut folded, &mut ends);
    (folded, ends)
}

/// Ends a word where one is open.
fn close(folded: &mut String, ends: &mut Vec<usize>) {
    let start = ends.last().map_or(0, |end| end + 1);
    if start < folded.len() {
        ends.push(folded.len());
        folded.push(' ');
    }
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

#[cfg(test)]
mod tests;
